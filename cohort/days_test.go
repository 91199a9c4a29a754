package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// TestDays asks about the date of death, and about days worked out from it and from others.
func TestDays(t *testing.T) {
	t.Parallel()
	died := func(text string) *cohort.Record { return record(person.DateOfDeath.Of(date(text))) }
	lived := func(from, to string) *cohort.Record {
		return record(person.DateOfBirth.Of(date(from)), person.DateOfDeath.Of(date(to)))
	}
	death, today := person.DateOfDeath, cohort.Day(index)
	on := cohort.MustDate
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"between, first day", death.Between(on("2025-01-01"), index), died("2025-01-01"), yes},
		{"between, last day", death.Between(on("2025-01-01"), index), died("2025-06-01"), yes},
		{"between, day before", death.Between(on("2025-01-01"), index), died("2024-12-31"), no},
		{"between, day after", death.Between(on("2025-01-01"), index), died("2025-06-02"), no},
		{"between, not known", death.Between(on("2025-01-01"), index), record(), unknown},
		{"between, one day", death.Between(index, index), died("2025-06-01"), yes},
		{"between days of the person, beginning not known", death.Between(person.DateOfBirth, index), died("2025-06-01"), unknown},
		{"between days of the person, settled by the end", death.Between(person.DateOfBirth, index), died("2025-06-02"), no},
		{"between days of the person, in no order", death.Between(person.DateOfBirth, index), lived("2025-06-02", "2025-06-01"), no},
		{"within after, first day", death.WithinAfter(cohort.Days(30), index), died("2025-06-01"), yes},
		{"within after, day before", death.WithinAfter(cohort.Days(30), index), died("2025-05-31"), no},
		{"within after, last day", death.WithinAfter(cohort.Days(30), index), died("2025-07-01"), yes},
		{"within after, day after", death.WithinAfter(cohort.Days(30), index), died("2025-07-02"), no},
		{"within after a short month, last day", death.WithinAfter(cohort.Months(1), on("2025-01-31")), died("2025-02-28"), yes},
		{"within after a short month, day after", death.WithinAfter(cohort.Months(1), on("2025-01-31")), died("2025-03-01"), no},
		{"within after a day not known", death.WithinAfter(cohort.Days(30), person.DateOfBirth), died("2025-06-01"), unknown},

		{"plus", death.Plus(cohort.Months(1)).On(on("2025-02-28")), died("2025-01-31"), yes},
		{"plus a year to a leap day", death.Plus(cohort.Years(1)).On(on("2025-02-28")), died("2024-02-29"), yes},
		{"minus", death.Minus(cohort.Days(31)).On(on("2024-12-31")), died("2025-01-31"), yes},
		{"minus of an index", death.NotBefore(today.Minus(cohort.Days(210))), died("2024-11-03"), yes},
		{"minus of an index, day before", death.NotBefore(today.Minus(cohort.Days(210))), died("2024-11-02"), no},
		{"plus of nothing", death.Plus(cohort.Days(1)).Known(), record(), no},
		{"minus and plus", death.Minus(cohort.Months(1)).Plus(cohort.Months(1)).On(on("2025-03-28")), died("2025-03-31"), yes},
		{"a window that ended before the index", death.Within(cohort.Days(244), today.Minus(cohort.Days(211))), died("2024-11-02"), yes},

		{"start of the calendar year", death.StartOf(cohort.CalendarYear).On(on("2025-01-01")), died("2025-12-31"), yes},
		{"end of the calendar year", death.EndOf(cohort.CalendarYear).On(on("2024-12-31")), died("2024-01-01"), yes},
		{"start of the financial year, last day", death.StartOf(cohort.FinancialYear).On(on("2024-04-01")), died("2025-03-31"), yes},
		{"start of the financial year, first day", death.StartOf(cohort.FinancialYear).On(on("2025-04-01")), died("2025-04-01"), yes},
		{"end of the financial year", death.EndOf(cohort.FinancialYear).On(on("2026-03-31")), died("2025-04-01"), yes},
		{"start of the school year", death.StartOf(cohort.AcademicYear).On(on("2024-09-01")), died("2025-08-31"), yes},
		{"end of the school year", death.EndOf(cohort.AcademicYear).On(on("2026-08-31")), died("2025-09-01"), yes},
		{"year of no day", death.EndOf(cohort.AcademicYear).Known(), record(), no},
		{"in the financial year of the index", death.Between(today.StartOf(cohort.FinancialYear), today.EndOf(cohort.FinancialYear)), died("2026-03-31"), yes},

		{"days", cohort.DaysBetween(person.DateOfBirth, death).Is(366), lived("2024-01-01", "2025-01-01"), yes},
		{"days the other way", cohort.DaysBetween(death, person.DateOfBirth).Is(-366), lived("2024-01-01", "2025-01-01"), yes},
		{"no days", cohort.DaysBetween(death, death).Is(0), died("2025-01-01"), yes},
		{"days from nowhere", cohort.DaysBetween(person.DateOfBirth, death).AtLeast(0), died("2025-01-01"), unknown},
		{"days to nowhere", cohort.DaysBetween(death, person.DateOfBirth).Known(), died("2025-01-01"), no},
		{"months", cohort.MonthsBetween(person.DateOfBirth, death).Is(1), lived("2025-01-31", "2025-03-01"), yes},
		{"months, day before", cohort.MonthsBetween(person.DateOfBirth, death).Is(0), lived("2025-01-31", "2025-02-28"), yes},
		{"months the other way", cohort.MonthsBetween(person.DateOfBirth, death).Is(-1), lived("2025-03-01", "2025-02-28"), yes},
		{"years", cohort.YearsBetween(person.DateOfBirth, death).Is(1), lived("2024-02-29", "2025-03-01"), yes},
		{"years, day before", cohort.YearsBetween(person.DateOfBirth, death).Is(0), lived("2024-02-29", "2025-02-28"), yes},
		{"days to the index", cohort.DaysBetween(death, cohort.Day(index)).Is(31), died("2025-05-01"), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestDaysOfRows compares days of one row with each other and with days of the person.
func TestDaysOfRows(t *testing.T) {
	t.Parallel()
	stayed := func(from, to string) *cohort.Record {
		r := record(person.DateOfBirth.Of(date("2006-02-28")))
		stayOf(r, from, to)
		return r
	}
	days := cohort.DaysBetween(admitted, discharged)
	inOrder := cohort.InOrder(admitted, discharged)
	age := cohort.AgeAt(person.DateOfBirth, admitted)
	tests := []struct {
		name   string
		row    cohort.RowPred[stay]
		record *cohort.Record
		want   cohort.Verdict
	}{
		{"in order", inOrder, stayed("2025-01-01", "2025-01-02"), yes},
		{"one day", inOrder, stayed("2025-01-01", "2025-01-01"), yes},
		{"out of order", inOrder, stayed("2025-01-02", "2025-01-01"), no},
		{"out of order, asked so", cohort.Not(inOrder), stayed("2025-01-02", "2025-01-01"), yes},
		{"not discharged", inOrder, stayed("2025-01-01", ""), no},
		{"not discharged, asked so", cohort.Not(inOrder), stayed("2025-01-01", "1800-01-01"), no},
		{"a week", days.AtLeast(7), stayed("2025-02-25", "2025-03-04"), yes},
		{"six days", days.AtLeast(7), stayed("2025-02-25", "2025-03-03"), no},
		{"over a leap day", days.AtLeast(7), stayed("2024-02-26", "2024-03-04"), yes},
		{"overnight, turned round", days.Below(0), stayed("2025-02-25", "2025-02-24"), yes},
		{"months", cohort.MonthsBetween(admitted, discharged).Is(1), stayed("2025-01-31", "2025-03-01"), yes},
		{"years", cohort.YearsBetween(admitted, discharged).Is(0), stayed("2024-02-29", "2025-02-28"), yes},
		{"discharged within 30 days of admission", discharged.Plus(cohort.Days(30)).NotBefore(index), stayed("2025-01-01", "2025-05-02"), yes},
		{"18 at admission", age.AtLeast(18), stayed("2024-02-28", ""), yes},
		{"17 at admission", age.AtLeast(18), stayed("2024-02-27", ""), no},
		{"age at no admission", cohort.Not(age.AtLeast(18)), stayed("", ""), no},
		{"months at admission", person.AgeInMonthsAt(admitted).Is(216), stayed("2024-02-28", ""), yes},
		{"in the year", admitted.Between(cohort.Day(index).StartOf(cohort.FinancialYear), cohort.Day(index).EndOf(cohort.FinancialYear)), stayed("2025-04-01", ""), yes},
		{"before the year", admitted.Between(cohort.Day(index).StartOf(cohort.FinancialYear), cohort.Day(index).EndOf(cohort.FinancialYear)), stayed("2025-03-31", ""), no},
		{"before the 18th birthday", admitted.Before(person.DateOfBirth.Plus(cohort.Years(18))), stayed("2024-02-27", ""), yes},
		{"on the 18th birthday", admitted.Before(person.DateOfBirth.Plus(cohort.Years(18))), stayed("2024-02-28", ""), no},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, stays.Where(test.row).Exists(), test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	readings := func(values ...float64) *cohort.Record {
		var entries []entry
		for i, value := range values {
			entries = append(entries, entry{date: date("2025-01-01").AddDays(i).String(), value: value})
		}
		return journal(entries...)
	}
	first, last := cohort.Earliest(gpes.Journal, gpes.Value1), cohort.Latest(gpes.Journal, gpes.Value1)
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"above", last.AboveValue(first), readings(140, 141), yes},
		{"not above", last.AboveValue(first), readings(140, 140), no},
		{"at least", last.AtLeastValue(first), readings(140, 140), yes},
		{"not at least", last.AtLeastValue(first), readings(141, 140), no},
		{"at most", last.AtMostValue(first), readings(140, 140), yes},
		{"not at most", last.AtMostValue(first), readings(140, 141), no},
		{"below", last.BelowValue(first), readings(141, 140), yes},
		{"not below", last.BelowValue(first), readings(140, 140), no},
		{"is", last.IsValue(first), readings(140, 150, 140), yes},
		{"is not", last.IsValue(first), readings(140, 150), no},
		{"nothing to compare", last.IsValue(first), record(), unknown},
		{"one missing", person.AgeOn(index).BelowValue(last), readings(140), unknown},
		{"between", cohort.Mean(gpes.Journal, gpes.Value1).BetweenValues(first, last), readings(130, 140), yes},
		{"not between", cohort.Mean(gpes.Journal, gpes.Value1).BetweenValues(first, last), readings(140, 130), no},
		{"between, one end settles it", last.BetweenValues(person.AgeOn(index), gpes.Journal.Count()), readings(140), no},
		{"between, one end does not", last.BetweenValues(gpes.Journal.Count(), person.AgeOn(index)), readings(140), unknown},
		{"rows above the person's mean", gpes.Journal.Where(gpes.Value1.AboveValue(cohort.Mean(gpes.Journal, gpes.Value1))).Count().Is(1), readings(120, 130, 160), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNumberParam(t *testing.T) {
	t.Parallel()
	const threshold cohort.Param[float64] = "threshold"
	definition, err := cohort.New("open", "1", registered(),
		cohort.Include("high", gpes.Journal.Where(gpes.Value1.AtLeastValue(threshold)).Exists()),
		cohort.Include("few", gpes.Journal.Count().BetweenValues(cohort.Param[float64]("fewest"), cohort.Param[float64]("most"))))
	if err != nil {
		t.Fatal(err)
	}
	few := []cohort.Binding{cohort.Param[float64]("fewest").Is(1), cohort.Param[float64]("most").Is(2)}
	for x, want := range map[float64]cohort.Outcome{140: cohort.Member, 140.5: cohort.NotMember, -1: cohort.Member} {
		plan, err := definition.Bind(append(few, threshold.Is(x))...)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(journal(entry{value: 140})).Outcome; got != want {
			t.Errorf("with %v: %v, want %v", x, got, want)
		}
		decoded, err := cohort.Decode(plan.JSON(), tables()...)
		if err != nil {
			t.Fatal(err)
		}
		if decoded.DocumentHash() != plan.DocumentHash() || decoded.English() != plan.English() {
			t.Error("decoding changed the plan")
		}
	}
}
