package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// meanings are criteria that differ from one another in one thing that changes an answer.
func meanings(tb testing.TB) map[string]cohort.Criterion {
	tb.Helper()
	recent := stays.Where(admitted.NotBefore(cohort.MustDate("2025-01-01")))
	return map[string]cohort.Criterion{
		"count":                      stays.Count().AtLeast(2),
		"episodes":                   stays.Episodes(cohort.Days(30)).AtLeast(2),
		"episodes, other gap":        stays.Episodes(cohort.Days(31)).AtLeast(2),
		"episodes, gap in months":    stays.Episodes(cohort.Months(1)).AtLeast(2),
		"episodes, other rows":       recent.Episodes(cohort.Days(30)).AtLeast(2),
		"episodes, other table":      gpes.Journal.Episodes(cohort.Days(30)).AtLeast(2),
		"distinct days":              cohort.CountDistinct(stays, admitted).AtLeast(2),
		"distinct other days":        cohort.CountDistinct(stays, discharged).AtLeast(2),
		"distinct codes":             cohort.CountDistinct(stays, diagnoses).AtLeast(2),
		"distinct days, other rows":  cohort.CountDistinct(recent, admitted).AtLeast(2),
		"latest":                     cohort.Latest(stays, stayDays).AtLeast(2),
		"min":                        cohort.Min(stays, stayDays).AtLeast(2),
		"max":                        cohort.Max(stays, stayDays).AtLeast(2),
		"sum":                        cohort.Sum(stays, stayDays).AtLeast(2),
		"sum, other rows":            cohort.Sum(recent, stayDays).AtLeast(2),
		"mean":                       cohort.Mean(stays, stayDays).AtLeast(2),
		"first day":                  cohort.Min(stays, admitted).Before(index),
		"last day":                   cohort.Max(stays, admitted).Before(index),
		"day of the earliest":        cohort.Earliest(stays, admitted).Before(index),
		"last other day":             cohort.Max(stays, discharged).Before(index),
		"last other day, other rows": cohort.Max(recent, discharged).Before(index),
	}
}

// TestMeanings checks that no two of them share a hash, a document or a text.
func TestMeanings(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, criterion := range meanings(t) {
		plan := planOf(t, criterion)
		for _, form := range []string{plan.Hash(), plan.DocumentHash(), plan.English()} {
			if other, ok := seen[form]; ok {
				t.Errorf("%s reads as %s:\n%s", name, other, form)
			}
			seen[form] = name
		}
	}
}
