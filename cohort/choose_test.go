package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestCertainty(t *testing.T) {
	t.Parallel()
	y, n, u := person.Practice.Known(), person.LSOA.Known(), person.DateOfDeath.NotAfter(index)
	known := gpes.Code.In(list(t, "a", asthmaCode))
	tests := []struct {
		name      string
		criterion cohort.Criterion
		want      cohort.Verdict
	}{
		{"yes is yes", cohort.IsYes(y), yes},
		{"no is not yes", cohort.IsYes(n), no},
		{"unknown is not yes", cohort.IsYes(u), no},
		{"not yes", cohort.Not(cohort.IsYes(u)), yes},
		{"yes is not unknown", cohort.IsUnknown(y), no},
		{"no is not unknown", cohort.IsUnknown(n), no},
		{"unknown is unknown", cohort.IsUnknown(u), yes},
		{"of parts", cohort.IsUnknown(cohort.All(y, u)), yes},
		{"of parts that settle it", cohort.IsUnknown(cohort.All(n, u)), no},
		{"of itself", cohort.IsUnknown(cohort.IsUnknown(u)), no},
		{"of rows, yes", gpes.Journal.Where(cohort.IsYes(known)).Count().Is(1), yes},
		{"of rows, not yes", gpes.Journal.Where(cohort.Not(cohort.IsYes(known))).Count().Is(2), yes},
		{"of rows, unknown", gpes.Journal.Where(cohort.IsUnknown(known)).Count().Is(1), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			someone := journal(entry{code: asthmaCode}, entry{code: hypertensionCode}, entry{})
			if got := ask(t, test.criterion, someone); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	// Neither of them is ever unknown, so a step needs no policy.
	if _, err := cohort.New("certain", "1", registered(), cohort.Include("x", cohort.IsYes(u)), cohort.Exclude("y", cohort.IsUnknown(u))); err != nil {
		t.Error(err)
	}
}

func TestCase(t *testing.T) {
	t.Parallel()
	y, n, u := person.Practice.Known(), person.LSOA.Known(), person.DateOfDeath.NotAfter(index)
	one, two, three := cohort.Number(1), cohort.Number(2), cohort.Number(3)
	none := cohort.Latest(gpes.Journal, gpes.Value1)
	born := person.DateOfBirth
	tests := []struct {
		name      string
		criterion cohort.Criterion
		want      cohort.Verdict
	}{
		{"first yes", cohort.Case(cohort.When(y, one), cohort.When(y, two)).Is(1), yes},
		{"second yes", cohort.Case(cohort.When(n, one), cohort.When(y, two)).Is(2), yes},
		{"otherwise", cohort.Case(cohort.When(n, one), cohort.When(n, two), cohort.Otherwise(three)).Is(3), yes},
		{"no otherwise", cohort.Case(cohort.When(n, one), cohort.When(n, two)).Is(2), unknown},
		{"no otherwise is missing", cohort.Case(cohort.When(n, one)).Known(), no},
		{"unknown first", cohort.Case(cohort.When(u, one), cohort.When(y, two), cohort.Otherwise(three)).Known(), no},
		{"unknown after yes", cohort.Case(cohort.When(y, one), cohort.When(u, two)).Is(1), yes},
		{"unknown after no", cohort.Case(cohort.When(n, one), cohort.When(u, two), cohort.Otherwise(three)).Known(), no},
		{"unknown counted as no", cohort.Case(cohort.When(cohort.IsYes(u), one), cohort.Otherwise(three)).Is(3), yes},
		{"missing value of the branch", cohort.Case(cohort.When(y, none), cohort.Otherwise(three)).Known(), no},
		{"missing value of another branch", cohort.Case(cohort.When(n, none), cohort.Otherwise(three)).Is(3), yes},
		{"in a case", cohort.Case(cohort.When(n, one), cohort.Otherwise(cohort.Case(cohort.When(y, two)))).Is(2), yes},
		{"days", cohort.Case(cohort.When(y, born), cohort.Otherwise(cohort.Day(index))).On(cohort.MustDate("1985-06-01")), yes},
		{"texts", cohort.Case(cohort.When(n, cohort.Text("low")), cohort.Otherwise(cohort.Text("high"))).In("high", "higher"), yes},
		{"texts of fields", cohort.Case(cohort.When(y, person.Practice), cohort.Otherwise(cohort.Text("none"))).Is("A81001"), yes},
		{"codes", cohort.Case(cohort.When(y, cohort.Latest(gpes.Journal, gpes.Code))).In(list(t, "a", asthmaCode)), yes},
		{"as a day to compare rows with", gpes.Journal.Where(gpes.Date.After(cohort.Case(cohort.When(gpes.Journal.Exists(), cohort.Day(cohort.MustDate("2020-01-01")))))).Count().Is(1), yes},
		{"of rows", gpes.Journal.Where(cohort.Case(cohort.When(gpes.Code.In(list(t, "a", asthmaCode)), gpes.RecordDate), cohort.Otherwise(gpes.Date)).Known()).Count().Is(1), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			someone := journal(entry{code: asthmaCode, date: "2020-01-02"}, entry{code: hypertensionCode, date: "2019-01-02"})
			someone.Set(born.Of(cohort.MustDate("1985-06-01")))
			if got := ask(t, test.criterion, someone); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	reading := cohort.Latest(gpes.Journal, gpes.Value1)
	born, died := person.DateOfBirth, person.DateOfDeath
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"first known", cohort.Coalesce(reading, cohort.Number(7)).Is(140), journal(entry{value: 140}), yes},
		{"second known", cohort.Coalesce(reading, cohort.Number(7)).Is(7), record(), yes},
		{"none known", cohort.Coalesce(reading, reading).Known(), record(), no},
		{"one value", cohort.Coalesce(reading).Is(140), journal(entry{value: 140}), yes},
		{"order counts", cohort.Coalesce(cohort.Number(7), reading).Is(7), journal(entry{value: 140}), yes},
		{"first known day", cohort.Coalesce(died, born).On(index), record(born.Of(day)), yes},
		{"texts", cohort.Coalesce(person.Outcode, person.Practice).Is("A81001"), record(), yes},
		{"codes", cohort.Coalesce(cohort.Earliest(gpes.Journal, gpes.Code), cohort.Latest(gpes.Journal, gpes.Code)).In(list(t, "a", asthmaCode)), journal(entry{date: "2020-01-01"}, entry{date: "2021-01-01", code: asthmaCode}), yes},
		{"smallest", cohort.Least(cohort.Number(7), reading, cohort.Number(3)).Is(3), journal(entry{value: 140}), yes},
		{"smallest of those known", cohort.Least(reading, cohort.Number(7)).Is(7), record(), yes},
		{"smallest of none", cohort.Least(reading, reading).Known(), record(), no},
		{"largest", cohort.Greatest(cohort.Number(7), reading).Is(140), journal(entry{value: 140}), yes},
		{"largest of those known", cohort.Greatest(reading, cohort.Number(7)).Is(7), record(), yes},
		{"first day", cohort.Least(died, cohort.Day(index)).On(cohort.MustDate("2025-01-01")), record(died.Of(cohort.MustDate("2025-01-01"))), yes},
		{"last day", cohort.Greatest(died, cohort.Day(index)).On(index), record(died.Of(cohort.MustDate("2025-01-01"))), yes},
		{"days of rows, one known", gpes.Journal.Where(cohort.Coalesce(gpes.Date, gpes.RecordDate).On(index)).Exists(), journal(entry{recorded: "2025-06-01"}), yes},
		{"days of rows, the other", gpes.Journal.Where(cohort.Coalesce(gpes.Date, gpes.RecordDate).On(index)).Exists(), journal(entry{recorded: "2025-06-01", date: "2025-05-01"}), no},
		{"days of rows, the last", stays.Where(cohort.Greatest(admitted, discharged).On(index)).Exists(), func() *cohort.Record {
			r := record()
			stayOf(r, "2025-05-01", "2025-06-01")
			return r
		}(), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	// With a value that is never missing, a step needs no policy.
	if _, err := cohort.New("known", "1", registered(), cohort.Include("x", cohort.All(
		cohort.Coalesce(reading, cohort.Number(0)).AtLeast(1), cohort.Least(reading, cohort.Number(0)).AtLeast(0)))); err != nil {
		t.Error(err)
	}
}

// TestCaseIsExplained checks that every condition and every value shows.
func TestCaseIsExplained(t *testing.T) {
	t.Parallel()
	stage := cohort.Case(
		cohort.When(cohort.Define("old", "2.0.0", person.AgeOn(index).AtLeast(75)), cohort.Number(2)),
		cohort.When(gpes.Journal.Exists(), cohort.Latest(gpes.Journal, gpes.Value1)),
		cohort.Otherwise(cohort.Number(1)))
	why, err := planOf(t, stage.AtLeast(2)).Explain(t.Context(), journal(entry{date: "2025-01-01", value: 3}))
	if err != nil {
		t.Fatal(err)
	}
	finding := why.Steps[1].Finding
	if finding.Verdict != unknown || len(finding.Parts) != 2 || finding.Parts[0].Verdict != unknown || finding.Parts[1].Verdict != yes || len(finding.Evidence) != 1 {
		t.Errorf("got %+v", finding)
	}
	if finding.Parts[0].Question != "the criterion old 2.0.0 holds" {
		t.Errorf("the name is gone: %q", finding.Parts[0].Question)
	}
}
