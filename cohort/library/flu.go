package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Flu2025 is the cohort that the flu vaccination of 2025 to 2026 is for, on the index date. From 1 September
// 2025: pregnant people; children who are 2 or 3 on 31 August 2025; school children from Reception to Year
// 11; and children from six months of age in a clinical risk group. From 1 October 2025 also: people who are
// 65 by 31 March 2026; adults in a clinical risk group; residents of care homes; carers; and people who live
// with somebody immunosuppressed.
//
// The source is what practices and suppliers published of the national letter. It names the clinical risk
// groups without rules, so that those of COVID-19 are used, see [Criteria.ClinicalRisk]. That 65 is reached
// by 31 March 2026 was not confirmed.
//
// Partial: staff in social care are not in the data, and those who have had the vaccine are not taken out.
func Flu2025(lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	age, months := person.AgeOn(cohort.Index), person.AgeInMonthsOn(cohort.Index)
	before := person.AgeOn(cohort.MustDate("2025-08-31")) // the school year
	september := cohort.Day(cohort.Index).NotBefore(cohort.MustDate("2025-09-01"))
	october := cohort.Day(cohort.Index).NotBefore(cohort.MustDate("2025-10-01"))
	return invite("flu-2025-26",
		cohort.Include("in a group that is invited by now", cohort.Any(
			cohort.All(september, cohort.Any(
				c.Pregnant(),
				cohort.Define("flu.aged-2-or-3", fluVersion, before.Between(2, 3)),
				cohort.Define("flu.school-age", fluVersion, before.Between(4, 15)))),
			cohort.All(october, cohort.Any(
				cohort.Define("flu.65-or-over", fluVersion, person.AgeOn(cohort.MustDate("2026-03-31")).AtLeast(65)),
				c.InCareHome(),
				c.Carer(),
				c.ever("HHLD_IMDEF_COD"))),
			cohort.All(
				cohort.Any(
					cohort.All(september, months.AtLeast(6), age.Below(18)),
					cohort.All(october, age.Between(18, 64))),
				c.ClinicalRisk()),
		)).IfUnknown(cohort.Refer))
}

// fluVersion is the version of the criteria of the flu programme of 2025 to 2026.
const fluVersion = "2025.1"

// ClinicalRisk asks whether somebody is in a clinical risk group for flu: chronic respiratory disease, or
// asthma that needs steroids; chronic heart, kidney (stages 3 to 5), liver or neurological disease, with
// stroke and transient ischaemic attack; diabetes; immunosuppression; asplenia; a body mass index of 40 or
// more; or a learning disability. The parts are those of [Criteria.AtRisk], of which severe mental illness
// is left out; give the flu programme's own lists under their names.
func (c Criteria) ClinicalRisk() cohort.Criterion {
	return cohort.Define("flu.clinical-risk", fluVersion, cohort.Any(
		c.RespiratoryDisease(),
		c.ever("CHD_COV_COD"),
		c.KidneyDisease(),
		c.ever("CLD_COD"),
		c.ever("CNS_COV_COD"),
		c.DiabetesAtRisk(),
		c.Immunosuppressed(),
		c.ever("SPLN_COV_COD"),
		c.SevereObesity(),
		c.ever("LEARNDIS_COD"),
	))
}
