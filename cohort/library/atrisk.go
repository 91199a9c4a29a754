package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// What puts people at risk from COVID-19: the rules of the vaccination uptake specification of UKHSA and
// PRIMIS, version 2.5, as OpenSAFELY's study of the vaccination history applies them.

// primisVersion is the version of the criteria below.
const primisVersion = "2.5"

// AtRisk asks whether somebody is in a clinical risk group for COVID-19: for any of the groups below, for
// chronic liver, neurological or heart disease, asplenia, or a learning disability. Pregnancy and living in a
// care home are groups of their own in the source and are not in it.
func (c Criteria) AtRisk() cohort.Criterion {
	return cohort.Define("covid.at-risk", primisVersion, cohort.Any(
		c.Immunosuppressed(),
		c.KidneyDisease(),
		c.RespiratoryDisease(),
		c.DiabetesAtRisk(),
		c.ever("CLD_COD"),
		c.ever("CNS_COV_COD"),
		c.ever("CHD_COV_COD"),
		c.ever("SPLN_COV_COD"),
		c.ever("LEARNDIS_COD"),
		c.SevereMentalIllness(),
		c.SevereObesity(),
	))
}

// Asthma asks for asthma that needs steroids: an admission for it in the last two years; or the diagnosis,
// an inhaled medicine in the last year and at least two prescriptions of steroids in the last two.
func (c Criteria) Asthma() cohort.Criterion {
	return cohort.Define("covid.asthma", primisVersion, cohort.Any(
		c.within(cohort.Years(2), "ASTADM_COD").Exists(),
		cohort.All(
			c.ever("AST_COD"),
			c.issued(cohort.Years(1), "ASTRXM1_COD").Exists(),
			c.issued(cohort.Years(2), "ASTRXM2_COD").Count().AtLeast(2))))
}

// RespiratoryDisease asks for chronic respiratory disease, or asthma that needs steroids.
func (c Criteria) RespiratoryDisease() cohort.Criterion {
	return cohort.Define("covid.respiratory-disease", primisVersion, cohort.Any(c.ever("RESP_COV_COD"), c.Asthma()))
}

// KidneyDisease asks for chronic kidney disease that counts whatever its stage, or of which the newest stage
// is 3 to 5. Of two stages on one day the higher counts.
func (c Criteria) KidneyDisease() cohort.Criterion {
	return cohort.Define("covid.kidney-disease", primisVersion, cohort.Any(
		c.ever("CKD_COV_COD"),
		cohort.IsYes(c.last("CKD35_COD").NotBefore(c.last("CKD15_COD")))))
}

// SevereObesity asks whether an adult of 18 or over has a body mass index of 40 or more, by the latest of
// value and code. Values of 4 or less and of 200 or more are not read. Of several values on the latest day
// the largest counts.
func (c Criteria) SevereObesity() cohort.Criterion {
	valid := c.entries("BMI_COD").Where(gpes.Value1.Above(4), gpes.Value1.Below(200))
	taken := cohort.Max(valid, gpes.Date)
	value := cohort.Max(valid.Where(gpes.Date.On(taken)), gpes.Value1)
	return cohort.Define("covid.severe-obesity", primisVersion, cohort.All(
		person.AgeOn(cohort.Index).AtLeast(18),
		cohort.Any(
			cohort.IsYes(c.last("SEV_OBESITY_COD").After(taken)),
			cohort.All(c.ever("SEV_OBESITY_COD"), cohort.Not(valid.Exists())),
			cohort.All(
				cohort.IsYes(value.AtLeast(40)),
				cohort.Any(
					cohort.IsYes(taken.NotBefore(c.last("BMI_STAGE_COD"))),
					cohort.Not(c.ever("BMI_STAGE_COD")))))))
}

// DiabetesAtRisk asks for diabetes that is not resolved, Addison's disease, or gestational diabetes, ever, of
// somebody who is pregnant. Diabetes resolved on the day of its latest code is resolved.
func (c Criteria) DiabetesAtRisk() cohort.Criterion {
	return cohort.Define("covid.diabetes", primisVersion, cohort.Any(
		c.newer("DIAB_COD", "DMRES_COD"),
		c.ever("ADDIS_COD"),
		cohort.All(c.ever("GDIAB_COD"), c.Pregnant())))
}

// Pregnant asks for a pregnancy code in the last 210 days; or, from 455 to 211 days ago, for one that is
// newer than the latest delivery code of that time. Without such a delivery code the older pregnancy does
// not count.
func (c Criteria) Pregnant() cohort.Criterion {
	today := cohort.Day(cohort.Index)
	earlier := gpes.Date.Between(today.Minus(cohort.Days(455)), today.Minus(cohort.Days(211)))
	last := func(id string) cohort.DateSeries {
		return cohort.Max(gpes.Journal.Where(c.in(id), earlier), gpes.Date)
	}
	return cohort.Define("covid.pregnant", primisVersion, cohort.Any(
		c.within(cohort.Days(210), "PREG_COD").Exists(),
		cohort.IsYes(last("PREG_COD").After(last("PREGDEL_COD")))))
}

// Immunosuppressed asks for a condition that suppresses immunity, ever; a medicine that does in the last six
// months; an entry that says so in the last three years; or chemotherapy or radiotherapy in the last six
// months, all as the GP journal has them. [CancerTreatment] reads the treatment itself.
func (c Criteria) Immunosuppressed() cohort.Criterion {
	return cohort.Define("covid.immunosuppressed", primisVersion, cohort.Any(
		c.ever("IMMDX_COV_COD"),
		c.issued(cohort.Months(6), "IMMRX_COD").Exists(),
		c.within(cohort.Years(3), "IMMADM_COD").Exists(),
		c.within(cohort.Months(6), "DXT_CHEMO_COD").Exists()))
}

// SevereMentalIllness asks for severe mental illness that is not in remission. Remission on the day of the
// latest code is remission.
func (c Criteria) SevereMentalIllness() cohort.Criterion {
	return cohort.Define("covid.severe-mental-illness", primisVersion, c.newer("SEV_MENTAL_COD", "SMHRES_COD"))
}

// InCareHome asks whether somebody lives in a nursing or residential home, and no entry says since that they
// live elsewhere. Of two entries on one day the home counts. The source of [Criteria.AtRisk] lets any such
// entry count, however old; that a later one ends it is the rule of published code for the flu programme.
func (c Criteria) InCareHome() cohort.Criterion {
	return cohort.Define("ukhsa.care-home", "1.0.0", c.unlessLater("LONGRES_COD", "RESIDE_COD"))
}

// Carer asks whether somebody is a carer and not, on that day or since, no longer one: the rule of published
// code for the flu programme.
func (c Criteria) Carer() cohort.Criterion {
	return cohort.Define("ukhsa.carer", "1.0.0", c.newer("CARER_COD", "NOTCARER_COD"))
}
