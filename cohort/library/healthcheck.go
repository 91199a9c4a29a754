package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// HealthCheckChoices are what the published rules of the NHS Health Check leave open. The zero value takes
// them as they are written.
type HealthCheckChoices struct {
	// InviteResolvedHypertension invites people whose hypertension is coded as resolved since, by the rule of
	// CVDPREVENT. The rules speak of a diagnosis and not of its end: without this it counts for good.
	InviteResolvedHypertension bool
	// EvenIfChecked keeps people who had a check in the last five years: the eligible population, as
	// programmes count it, rather than those who are due.
	EvenIfChecked bool
}

// HealthCheck is the cohort that is due an NHS Health Check: aged 40 to 74, registered and alive, without
// any of the conditions that have care of their own, not on statins, not found at a risk of 20% or more
// before, and without a completed check in the last five years.
//
// The source is the national rules as the programme's site and practices publish them. They do not say when
// somebody is on statins; a published local rule, a prescription in the last 12 months, is used. A risk of
// 20% or more is one recorded at any time before. A check five years ago to the day is one in the last five
// years.
//
// Partial: checks done elsewhere, of which the practice has no entry, are not seen.
func HealthCheck(choices HealthCheckChoices, lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	hypertension := c.ever("HYP_COD")
	if choices.InviteResolvedHypertension {
		hypertension = c.Hypertension()
	}
	steps := []cohort.Step{
		aged("aged 40 to 74", 40, 74),
		cohort.Exclude("coronary heart disease", c.ever("CHD_COD")),
		cohort.Exclude("chronic kidney disease, stages 3 to 5", c.ever("CKD_COD")),
		cohort.Exclude("diabetes", c.ever("DM_COD")),
		cohort.Exclude("hypertension", hypertension),
		cohort.Exclude("atrial fibrillation", c.ever("AFIB_COD")),
		cohort.Exclude("transient ischaemic attack", c.ever("TIA_COD")),
		cohort.Exclude("familial hypercholesterolaemia", c.ever("FHYP_COD")),
		cohort.Exclude("heart failure", c.ever("HF_COD")),
		cohort.Exclude("peripheral arterial disease", c.ever("PAD_COD")),
		cohort.Exclude("stroke", c.ever("STRK_COD")),
		cohort.Exclude("statin in the last 12 months", c.issued(cohort.Months(12), "STAT_COD").Exists()),
		cohort.Exclude("found at a 10-year risk of 20% or more",
			c.entries("QRISKSCORE_COD").Where(gpes.Value1.AtLeast(20)).Exists()),
	}
	if !choices.EvenIfChecked {
		steps = append(steps, cohort.Exclude("NHS Health Check in the last 5 years",
			c.within(cohort.Years(5), "health-check-completed").Exists()))
	}
	return invite("nhs-health-check", steps...)
}
