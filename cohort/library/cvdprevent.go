package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// preventVersion is the version of the criteria of CVDPREVENT below.
const preventVersion = "1.0.0"

// CVDEstablished is the cohort CVDPCX002 of CVDPREVENT: people with cardiovascular disease on or before the
// index date, the end of the reporting period, who have not dissented from national audit.
//
// The source is NHS England's CVDPREVENT tool; it is complete. Its people are those of the GP extract, for
// which this library asks that they are registered and alive.
func CVDEstablished(lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	return invite("cvdprevent-cvdpcx002",
		cohort.Exclude("dissents from national audit", c.dissents()),
		cohort.Include("cardiovascular disease", c.CardiovascularDisease()))
}

// CVDHighRisk is the cohort CVDPCX001 of CVDPREVENT: people without cardiovascular disease who have a
// condition that leads to it. Diabetes of type 1 or 2, non-diabetic hyperglycaemia, and familial
// hypercholesterolaemia and other hyperlipidaemias count at any age; hypertension, chronic kidney disease of
// stages 3 to 5 and atrial fibrillation from 16. The steps are in the order of the source.
//
// The source is NHS England's CVDPREVENT tool; it is complete. Of the conditions, hypertension, kidney
// disease and atrial fibrillation have codes that they are resolved. Its people are those of the GP extract,
// for which this library asks that they are registered and alive.
func CVDHighRisk(lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	anyAge := cohort.Define("cvdprevent.high-risk-at-any-age", preventVersion, cohort.Any(
		c.ever("DMTYPE1AUDIT_COD", "DMTYPE2AUDIT_COD"),
		c.ever("NDH_COD", "IGT_COD", "PRD_COD"),
		c.ever("hyperlipidaemia", "DULIPID_COD", "SBROOME_COD")))
	from16 := cohort.Define("cvdprevent.high-risk-from-16", preventVersion, cohort.Any(
		c.Hypertension(),
		c.unlessLater("CKD_COD", "CKDRES_COD"),
		c.unlessLater("AFIB_COD", "AFIBRES_COD")))
	return invite("cvdprevent-cvdpcx001",
		cohort.Exclude("dissents from national audit", c.dissents()),
		cohort.Exclude("cardiovascular disease", c.CardiovascularDisease()),
		cohort.Include("a condition of high risk", cohort.Any(anyAge, from16)),
		cohort.Include("old enough for it to count",
			cohort.Any(anyAge, person.AgeOn(cohort.Index).AtLeast(16))).IfUnknown(cohort.Refer))
}

// CardiovascularDisease asks for stroke or transient ischaemic attack, coronary heart disease, heart
// failure, abdominal aortic aneurysm or peripheral arterial disease, ever, as CVDPREVENT does.
func (c Criteria) CardiovascularDisease() cohort.Criterion {
	return cohort.Define("cvdprevent.cardiovascular-disease", preventVersion, cohort.Any(
		c.ever("STRK_COD", "TIA_COD"), c.ever("CHD_COD"), c.ever("HF_COD"), c.ever("AAA_COD"), c.ever("PAD_COD")))
}

// Hypertension asks for hypertension that is not resolved, as CVDPREVENT does. Resolved on the day of its
// latest code it still counts.
func (c Criteria) Hypertension() cohort.Criterion {
	return cohort.Define("cvdprevent.hypertension", preventVersion, c.unlessLater("HYP_COD", "HYPRES_COD"))
}

// dissents asks for dissent from national audit without consent since.
func (c Criteria) dissents() cohort.Criterion { return c.unlessLater("audit-dissent", "audit-consent") }
