package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// CervicalChoices are what changed in cervical screening.
type CervicalChoices struct {
	// FiveYears invites people under 50 again after five years, not three, when their latest test found no
	// human papillomavirus and was on or after 1 July 2025.
	FiveYears bool
}

// CervicalScreening is the cohort that is due cervical screening: women from six months before the 25th
// birthday up to the 65th, without a total hysterectomy, who have no test in the last three years (up to 49)
// or five (from 50). A test three or five years ago to the day is in the interval.
//
// The source is the intervals as published before July 2025. Partial: that England has since moved to five
// years is general knowledge of which only a part was seen in public, so it is a choice; people with a cervix
// who are recorded as male, and earlier recall after a result, cannot be told from the data.
func CervicalScreening(choices CervicalChoices, lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	age := person.AgeOn(cohort.Index)
	tests := []string{"SMEAR_COD", "hpv-negative"}
	screened := []cohort.Criterion{
		cohort.All(age.AtMost(49), c.within(cohort.Years(3), tests...).Exists()),
		cohort.All(age.AtLeast(50), c.within(cohort.Years(5), tests...).Exists()),
	}
	if choices.FiveYears {
		negative := c.within(cohort.Years(5), "hpv-negative").Where(gpes.Date.NotBefore(cohort.MustDate("2025-07-01")))
		screened = append(screened, cohort.IsYes(cohort.Max(negative, gpes.Date).NotBefore(c.last(tests...))))
	}
	return invite("cervical-screening",
		female(),
		cohort.Include("aged 24 and a half to 64", cohort.All(
			person.AgeInMonthsOn(cohort.Index).AtLeast(24*12+6), age.AtMost(64))).IfUnknown(cohort.Refer),
		cohort.Exclude("total hysterectomy", c.ever("total-hysterectomy")),
		cohort.Exclude("screened within the interval", cohort.Any(screened...)).IfUnknown(cohort.TreatAsNo))
}
