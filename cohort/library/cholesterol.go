package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// CholesterolChoices are what the published search for familial hypercholesterolaemia leaves open.
type CholesterolChoices struct {
	// AgeAtReading takes the age on the day of each reading; without it, that on the index date.
	AgeAtReading bool
}

// FamilialHypercholesterolaemia is the cohort to look for familial hypercholesterolaemia in: people with a
// total cholesterol, ever, of more than 7.5 mmol/L who are under 30, or of more than 9 who are 30 or over.
//
// The source is the thresholds as published by Qureshi and others. That people already diagnosed are left
// out is this library's addition. No limits of what is plausible are published, and entries have no unit: a
// reading in mg/dL counts as high.
func FamilialHypercholesterolaemia(choices CholesterolChoices, lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	readings := c.entries("CHOL2_COD")
	age := person.AgeOn(cohort.Index)
	high := cohort.Any(
		cohort.All(age.Below(30), readings.Where(gpes.Value1.Above(7.5)).Exists()),
		cohort.All(age.AtLeast(30), readings.Where(gpes.Value1.Above(9)).Exists()))
	if choices.AgeAtReading {
		then := person.AgeAt(gpes.Date)
		high = readings.Where(cohort.Any(
			cohort.All(then.Below(30), gpes.Value1.Above(7.5)),
			cohort.All(then.AtLeast(30), gpes.Value1.Above(9)))).Exists()
	}
	return invite("familial-hypercholesterolaemia-search",
		cohort.Include("high total cholesterol for the age", high).IfUnknown(cohort.Refer),
		cohort.Exclude("familial hypercholesterolaemia", c.ever("FHYP_COD")))
}
