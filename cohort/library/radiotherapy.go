package library

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/rtds"
)

// RadiotherapyMortality is the cohort of the published audit of deaths within 90 days of radical
// radiotherapy: people whose first such treatment of a cancer of the lung, windpipe, head or neck began from
// one day to the other, both included, by external beam. They are not asked to be alive or registered. The
// audit took 2022-04-01 to 2024-03-31.
//
// The source is the published code of the audit. Partial: it counts each person once a financial year, so
// give the days of one year to have its people; it drops episode numbers that two people share and second
// entries of one person, which is for loading; and the sizes of fractions, which it groups by, are quotients,
// which the language does not have. The beam is that of a prescription on the day the treatment began, as the
// language cannot tie the tables closer.
func RadiotherapyMortality(from, to cohort.Date, lists ...Lists) (*cohort.Definition, error) {
	if from.IsZero() || to.IsZero() || from.Compare(to) > 0 {
		return nil, fmt.Errorf("library.RadiotherapyMortality: from %v to %v: want two days, the first one first", from, to)
	}
	attended, prescribed := rtds.Attendances, rtds.Prescriptions
	radical := attended.Where(
		attended.Radical(),
		attended.Diagnosis.In(With(lists...).list("lung-head-and-neck-cancer")),
		cohort.Not(cohort.IsYes(attended.Provider.In("7A1", "7A3", "RQF", "RP6"))),
		attended.TreatmentStart.Between(from, to))
	began := cohort.Min(radical, attended.TreatmentStart)
	return cohort.New("radiotherapy-mortality", "1.0.0",
		cohort.Include("radical radiotherapy begun in the period", radical.Exists()),
		cohort.Include("by external beam", prescribed.Where(prescribed.Teletherapy(), prescribed.Date.On(began)).Exists()))
}
