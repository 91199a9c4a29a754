package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// AAAChoices are the two ways into screening for abdominal aortic aneurysm.
type AAAChoices struct {
	// SelfReferral takes men who turned 65 before the screening year too, who may ask for screening.
	SelfReferral bool
}

// AAAScreening is the cohort of screening for abdominal aortic aneurysm: men who turn 65 in the screening
// year, 1 April to 31 March, that the index date falls in.
//
// The source is the programme as practices publish it; the day on which its year begins was not confirmed.
// Partial: men already screened or known to have an aneurysm are not taken out, as the source does not say
// so. Whoever is recorded as neither male nor female is referred.
func AAAScreening(choices AAAChoices) (*cohort.Definition, error) {
	age := person.AgeReachedIn(cohort.FinancialYear, cohort.Index)
	step := cohort.Include("turns 65 in the screening year", age.Is(65))
	if choices.SelfReferral {
		step = cohort.Include("65 by the end of the screening year", age.AtLeast(65))
	}
	return invite("abdominal-aortic-aneurysm-screening",
		cohort.Include("male", person.Gender.Is(person.Male)).IfUnknown(cohort.Refer),
		step.IfUnknown(cohort.Refer))
}
