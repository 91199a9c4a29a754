package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// CancerTreatmentChoices are which data are asked.
type CancerTreatmentChoices struct {
	// SACTOnly asks for chemotherapy in the data set of systemic anti-cancer therapy alone; without it the
	// procedures of hospital episodes and the radiotherapy data set are asked too, which are less behind.
	SACTOnly bool
}

// CancerTreatment is the cohort of people who are immunosuppressed by treatment for cancer: registered and
// alive, with chemotherapy or radiotherapy in the last six months.
//
// The six months are those of the COVID-19 vaccination specification, see [Criteria.Immunosuppressed], which
// looks for the treatment in the GP journal. To look where it was given is this library's own idea. Which
// regimens are chemotherapy, and the procedures that are, are those of published code of the national cancer
// registry.
//
// Chemotherapy in the last six months is a regimen that began in them; or any drug given in them while the
// latest regimen that began is chemotherapy. Partial: the drugs cannot be tied to their regimen in the
// language, so that with two regimens at a time the drug may be of the other. SACT arrives months late, and
// who had treatment lately may not be in it yet.
func CancerTreatment(choices CancerTreatmentChoices, lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	treated := c.Chemotherapy()
	if !choices.SACTOnly {
		procedures := hes.APC.Where(
			hes.APC.Procedure.AnyIn(c.list("chemotherapy-procedures")),
			hes.APC.EpisodeStart.Within(cohort.Months(6), cohort.Index))
		radiotherapy := rtds.Exposures.Where(rtds.Exposures.Date.Within(cohort.Months(6), cohort.Index))
		treated = cohort.Any(treated, procedures.Exists(), radiotherapy.Exists())
	}
	return invite("immunosuppressed-by-cancer-treatment",
		cohort.Include("treated in the last 6 months", treated))
}

// Chemotherapy asks the data set of systemic anti-cancer therapy for chemotherapy in the last six months; see
// [CancerTreatment].
func (c Criteria) Chemotherapy() cohort.Criterion {
	begun := sact.Regimens.Where(sact.Regimens.StartDate.NotAfter(cohort.Index))
	chemotherapy := begun.Where(sact.Regimens.Chemotherapy())
	return cohort.Define("sact.chemotherapy", "1.0.0", cohort.Any(
		chemotherapy.Where(sact.Regimens.StartDate.Within(cohort.Months(6), cohort.Index)).Exists(),
		cohort.All(
			cohort.IsYes(cohort.Max(chemotherapy, sact.Regimens.StartDate).NotBefore(cohort.Max(begun, sact.Regimens.StartDate))),
			sact.Drugs.Where(sact.Drugs.Date.Within(cohort.Months(6), cohort.Index)).Exists())))
}
