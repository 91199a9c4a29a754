package cohort_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// meanings are criteria that differ from one another in one thing that changes an answer.
func meanings(tb testing.TB) map[string]cohort.Criterion {
	tb.Helper()
	recent := stays.Where(admitted.NotBefore(cohort.MustDate("2025-01-01")))
	died := person.DateOfDeath
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
		"age":                        cohort.AgeOn(person.DateOfBirth, person.DateOfDeath).AtLeast(2),
		"age in months":              cohort.AgeInMonthsOn(person.DateOfBirth, person.DateOfDeath).AtLeast(2),
		"days between":               cohort.DaysBetween(person.DateOfBirth, person.DateOfDeath).AtLeast(2),
		"days between, exchanged":    cohort.DaysBetween(person.DateOfDeath, person.DateOfBirth).AtLeast(2),
		"age at":                     stays.Where(cohort.AgeAt(person.DateOfBirth, admitted).AtLeast(2)).Exists(),
		"age at in months":           stays.Where(cohort.AgeInMonthsAt(person.DateOfBirth, admitted).AtLeast(2)).Exists(),
		"age at discharge":           stays.Where(cohort.AgeAt(person.DateOfBirth, discharged).AtLeast(2)).Exists(),
		"days of a stay":             stays.Where(cohort.DaysBetween(admitted, discharged).AtLeast(2)).Exists(),
		"in order":                   stays.Where(cohort.InOrder(admitted, discharged)).Exists(),
		"in order, exchanged":        stays.Where(cohort.InOrder(discharged, admitted)).Exists(),
		"on a day":                   died.On(index),
		"on a day of the year":       died.On(cohort.Day(index).StartOf(cohort.CalendarYear)),
		"on the last of the year":    died.On(cohort.Day(index).EndOf(cohort.CalendarYear)),
		"financial year":             died.On(cohort.Day(index).EndOf(cohort.FinancialYear)),
		"school year":                died.On(cohort.Day(index).EndOf(cohort.AcademicYear)),
		"person's year":              died.EndOf(cohort.CalendarYear).On(index),
		"person's financial year":    died.EndOf(cohort.FinancialYear).On(index),
		"start of the person's year": died.StartOf(cohort.FinancialYear).On(index),
		"plus":                       died.Plus(cohort.Years(1)).On(index),
		"minus":                      died.Minus(cohort.Years(1)).On(index),
		"plus days":                  died.Plus(cohort.Days(1)).On(index),
		"on a day plus":              died.On(cohort.Day(index).Plus(cohort.Years(1))),
		"on a day minus":             died.On(cohort.Day(index).Minus(cohort.Years(1))),
		"within":                     died.Within(cohort.Years(1), index),
		"within after":               died.WithinAfter(cohort.Years(1), index),
		"between":                    died.Between(cohort.MustDate("2025-01-01"), index),
		"between, from birth":        died.Between(person.DateOfBirth, index),
		"above":                      cohort.Latest(stays, stayDays).AboveValue(stays.Count()),
		"at least":                   cohort.Latest(stays, stayDays).AtLeastValue(stays.Count()),
		"at most":                    cohort.Latest(stays, stayDays).AtMostValue(stays.Count()),
		"below":                      cohort.Latest(stays, stayDays).BelowValue(stays.Count()),
		"is":                         cohort.Latest(stays, stayDays).IsValue(stays.Count()),
		"between values":             cohort.Latest(stays, stayDays).BetweenValues(stays.Count(), cohort.Max(stays, stayDays)),
		"yes":                        cohort.IsYes(died.Before(index)),
		"unknown":                    cohort.IsUnknown(died.Before(index)),
		"not unknown":                cohort.Not(cohort.IsUnknown(died.Before(index))),
		"not":                        cohort.Not(died.Before(index)),
		"plain":                      died.Before(index),
		"yes of parts":               cohort.IsYes(cohort.All(stays.Exists(), died.Before(index))),
		"unknown of parts":           cohort.IsUnknown(cohort.All(stays.Exists(), died.Before(index))),
		"case":                       cohort.Case(cohort.When(stays.Exists(), cohort.Number(1)), cohort.Otherwise(cohort.Number(2))).AtLeast(2),
		"case, other value":          cohort.Case(cohort.When(stays.Exists(), cohort.Number(2)), cohort.Otherwise(cohort.Number(2))).AtLeast(2),
		"case, other otherwise":      cohort.Case(cohort.When(stays.Exists(), cohort.Number(1)), cohort.Otherwise(cohort.Number(3))).AtLeast(2),
		"case, without otherwise":    cohort.Case(cohort.When(stays.Exists(), cohort.Number(1))).AtLeast(2),
		"case, other condition":      cohort.Case(cohort.When(recent.Exists(), cohort.Number(1)), cohort.Otherwise(cohort.Number(2))).AtLeast(2),
		"case, two branches":         cohort.Case(cohort.When(stays.Exists(), cohort.Number(1)), cohort.When(recent.Exists(), cohort.Number(2))).AtLeast(2),
		"case, two, exchanged":       cohort.Case(cohort.When(recent.Exists(), cohort.Number(2)), cohort.When(stays.Exists(), cohort.Number(1))).AtLeast(2),
		"case of texts":              cohort.Case(cohort.When(stays.Exists(), cohort.Text("a")), cohort.Otherwise(cohort.Text("b"))).Is("a"),
		"case of other texts":        cohort.Case(cohort.When(stays.Exists(), cohort.Text("b")), cohort.Otherwise(cohort.Text("b"))).Is("a"),
		"coalesce":                   cohort.Coalesce(cohort.Max(stays, stayDays), cohort.Min(stays, stayDays), cohort.Number(2)).AtLeast(2),
		"coalesce, exchanged":        cohort.Coalesce(cohort.Min(stays, stayDays), cohort.Max(stays, stayDays), cohort.Number(2)).AtLeast(2),
		"coalesce, shorter":          cohort.Coalesce(cohort.Max(stays, stayDays), cohort.Min(stays, stayDays)).AtLeast(2),
		"least":                      cohort.Least(cohort.Max(stays, stayDays), cohort.Min(stays, stayDays), cohort.Number(2)).AtLeast(2),
		"greatest":                   cohort.Greatest(cohort.Max(stays, stayDays), cohort.Min(stays, stayDays), cohort.Number(2)).AtLeast(2),
		"coalesce of days":           cohort.Coalesce(died, person.DateOfBirth).Before(index),
		"least of days":              cohort.Least(died, person.DateOfBirth).Before(index),
		"greatest of days":           cohort.Greatest(died, person.DateOfBirth).Before(index),
		"row, certain":               stays.Where(cohort.IsYes(discharged.Before(index))).Exists(),
		"row, not certain":           stays.Where(cohort.Not(cohort.IsYes(discharged.Before(index)))).Exists(),
		"row, coalesce":              stays.Where(cohort.Coalesce(discharged, admitted).Before(index)).Exists(),
		"row, coalesce exchanged":    stays.Where(cohort.Coalesce(admitted, discharged).Before(index)).Exists(),
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

// TestSameMeaning checks that what differs in words only has one hash, and texts of its own.
func TestSameMeaning(t *testing.T) {
	t.Parallel()
	born, died := person.DateOfBirth, person.DateOfDeath
	for name, pair := range map[string][2]cohort.Criterion{
		"years":  {cohort.AgeOn(born, died).AtLeast(2), cohort.YearsBetween(born, died).AtLeast(2)},
		"months": {cohort.AgeInMonthsOn(born, died).AtLeast(2), cohort.MonthsBetween(born, died).AtLeast(2)},
	} {
		a, b := planOf(t, pair[0]), planOf(t, pair[1])
		if a.Hash() != b.Hash() || a.DocumentHash() == b.DocumentHash() || a.English() == b.English() {
			t.Errorf("%s: want one hash, two documents and two texts:\n%s\n%s", name, a.English(), b.English())
		}
	}
	// The order of Least and Greatest means nothing.
	x, y := cohort.Max(stays, stayDays), cohort.Number(2)
	if planOf(t, cohort.Least(x, y).AtLeast(2)).Hash() != planOf(t, cohort.Least(y, x).AtLeast(2)).Hash() {
		t.Error("the order of Least changes the hash")
	}
	// A fixed day may be worked out in the definition or by the language; the text says which.
	literal := planOf(t, died.On(day.EndOf(cohort.FinancialYear)))
	worked := planOf(t, died.On(cohort.Day(day).EndOf(cohort.FinancialYear)))
	if literal.English() == worked.English() || literal.Evaluate(record(died.Of(day.EndOf(cohort.FinancialYear)))).Steps[1] != worked.Evaluate(record(died.Of(day.EndOf(cohort.FinancialYear)))).Steps[1] {
		t.Error("the two ways to the end of a year")
	}
}

// TestNamesAreKept gives each of them a name: it shows in the text, the document and the explanation, and
// changes nothing else. It also stands inside every question that is made of others.
func TestNamesAreKept(t *testing.T) {
	t.Parallel()
	someone := stayRecord(stayed{"2025-01-01", 2, []string{strokeCode}})
	check := func(name string, named, plain cohort.Criterion) {
		t.Helper()
		a, b := planOf(t, named), planOf(t, plain)
		if a.Hash() != b.Hash() || a.DocumentHash() == b.DocumentHash() {
			t.Errorf("%s: a name changes the meaning, or does not show in the document", name)
		}
		why, err := a.Explain(t.Context(), someone)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := b.Explain(t.Context(), someone); err != nil || plain.Steps[1].Verdict != why.Steps[1].Verdict {
			t.Errorf("%s: a name changes the answer: %v", name, err)
		}
		for what, text := range map[string]string{"text": a.English(), "explanation": why.Text()} {
			if !strings.Contains(strings.ToLower(text), "the criterion asked-before 1.2.3 holds") {
				t.Errorf("%s: the %s has lost the name:\n%s", name, what, text)
			}
		}
		decoded, err := cohort.Decode(a.JSON(), tables()...)
		if err != nil || decoded.English() != a.English() {
			t.Errorf("%s: decoding loses the name: %v", name, err)
		}
	}
	for name, plain := range meanings(t) {
		check(name, cohort.Define("asked-before", "1.2.3", plain), plain)
	}
	plain := stays.Exists()
	named := cohort.Define("asked-before", "1.2.3", plain)
	within := map[string]func(cohort.Criterion) cohort.Criterion{
		"all":        func(c cohort.Criterion) cohort.Criterion { return cohort.All(c, person.LSOA.Known()) },
		"at least":   func(c cohort.Criterion) cohort.Criterion { return cohort.AtLeast(1, c, person.LSOA.Known()) },
		"not":        cohort.Not[cohort.Criterion],
		"is yes":     cohort.IsYes[cohort.Criterion],
		"is unknown": cohort.IsUnknown[cohort.Criterion],
		"case": func(c cohort.Criterion) cohort.Criterion {
			return cohort.Case(cohort.When(c, cohort.Number(1)), cohort.Otherwise(cohort.Number(2))).AtLeast(2)
		},
		"case of days": func(c cohort.Criterion) cohort.Criterion {
			return stays.Where(admitted.Before(cohort.Case(cohort.When(c, cohort.Day(index))))).Exists()
		},
		"another name": func(c cohort.Criterion) cohort.Criterion { return cohort.Define("outer", "1", c) },
	}
	for name, of := range within {
		check(name, of(named), of(plain))
	}
}
