package library

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// TalkingTherapies is the cohort of the Talking Therapies pilot of 2025: people of an age, in a place,
// with at least one of five long-term conditions. It takes the youngest and the oldest age, both
// included, and the place, such as person.Practice.In("A81001") or person.Outcode.In("LS1", "LS2"). The
// index date, [cohort.Index], is left to bind.
//
// The source is the design history of the personalised prevention programme of NHS England, post of
// November 2025. It names the ages and the conditions. That people who had contact with Talking Therapies
// in the year up to the index date are left out is this library's own addition. Conditions coded as resolved
// are not taken back out.
func TalkingTherapies(youngest, oldest int, place cohort.Criterion, lists ...Lists) (*cohort.Definition, error) {
	if youngest < 0 || oldest > 130 || youngest > oldest {
		return nil, fmt.Errorf("library.TalkingTherapies: ages %d to %d: want the youngest first, within 0 to 130", youngest, oldest)
	}
	c := With(lists...)
	return cohort.New("talking-therapies", "1.0.0",
		aged(fmt.Sprintf("aged %d to %d", youngest, oldest), float64(youngest), float64(oldest)),
		cohort.Include("registered with a GP practice", registered()),
		cohort.Include("lives or is registered in the place", place).IfUnknown(cohort.TreatAsNo),
		cohort.Include("has a long-term condition", c.LongTermCondition()),
		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo),
		c.noContact(),
	)
}

// LongTermCondition asks for at least one of the five conditions of the pilot on or before the index date:
// hypertension, osteoarthritis, diabetes, asthma or coronary heart disease.
func (c Criteria) LongTermCondition() cohort.Criterion {
	return cohort.Define("talking-therapies.long-term-condition", "1.0.0", cohort.Any(
		c.ever("HYP_COD"),
		c.ever("osteoarthritis"),
		c.ever("DM_COD"),
		c.ever("AST_COD"),
		c.ever("CHD_COD"),
	))
}

// noContact is the step that leaves out people whom Talking Therapies saw in the last 12 months.
func (c Criteria) noContact() cohort.Step {
	return cohort.Exclude("in contact with Talking Therapies in the last 12 months",
		c.within(cohort.Months(12), "talking-therapies-contact").Exists())
}
