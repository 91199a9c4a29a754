package sact_test

import (
	_ "embed"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

var (
	//go:embed testdata/columns.txt
	columns string
	//go:embed testdata/published.txt
	published string
)

func TestColumns(t *testing.T) {
	t.Parallel()
	got, err := cataloguetest.Columns(
		cataloguetest.Variable{Name: "Administrations", Value: sact.Administrations},
		cataloguetest.Variable{Name: "Regimens", Value: sact.Regimens},
		cataloguetest.Variable{Name: "Cycles", Value: sact.Cycles},
		cataloguetest.Variable{Name: "Drugs", Value: sact.Drugs},
		cataloguetest.Variable{Name: "Outcomes", Value: sact.Outcomes},
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Errorf("testdata/columns.txt differs:\n%s", diff)
	}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	for _, fault := range cataloguetest.Published(sact.Tables(), published) {
		t.Error(fault)
	}
}

// ask answers a criterion that is never unknown for one person on 2025-06-01.
func ask(t *testing.T, criterion cohort.Criterion, record *cohort.Record) bool {
	t.Helper()
	definition, err := cohort.New("asked", "1", cohort.Include("asked", criterion))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		if plan, err = definition.Bind(); err != nil { // not every question has an index date
			t.Fatal(err)
		}
	}
	return plan.Evaluate(record).Outcome == cohort.Member
}

func TestRecentTreatment(t *testing.T) {
	t.Parallel()
	a := sact.Administrations
	breast, err := codelist.New(codelist.Info{ID: "breast", Version: "1", System: codelist.ICD10, Source: "written for this test"}, "C509")
	if err != nil {
		t.Fatal(err)
	}
	recent := a.Where(a.PrimaryDiagnosis.In(breast), a.Date.Within(cohort.Months(6), cohort.Index)).Exists()
	for name, test := range map[string]struct {
		code, date string
		want       bool
	}{
		"first day":      {"C509", "2024-12-01", true},
		"day before":     {"C509", "2024-11-30", false},
		"another cancer": {"C61X", "2025-03-01", false},
	} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, a.Date.Of(cohort.MustDate(test.date)), a.PrimaryDiagnosis.Of(test.code), a.Drug.Of("epirubicin"))
		if got := ask(t, recent, record); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestChemotherapy(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]bool{
		"FEC": true, "NOT CHEMO": false, "HORMONES": false, "ZOLEDRONIC ACID": false, "PAMIDRONATE": false,
		"DENOSUMAB": false, "RADIUM 223": false, "LUTETIUM-177": false, "YTTRIUM-90": false, "": false,
	} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, sact.Regimens.StartDate.Of(cohort.MustDate("2025-03-01")), sact.Regimens.BenchmarkGroup.Of(group))
		if got := ask(t, sact.Regimens.Where(sact.Regimens.Chemotherapy()).Exists(), record); got != want {
			t.Errorf("group %q: got %v", group, got)
		}
	}
}

// TestLatestCycle has two cycles that start on one day: the number decides.
func TestLatestCycle(t *testing.T) {
	t.Parallel()
	c := sact.Cycles
	fit := c.Where(c.PerformanceStatus.AtMost(1)).Exists()
	last := cohort.Define("last", "1", cohort.All(fit, cohort.Latest(c.Rows, c.Number).Is(3)))
	for _, numbers := range [][]float64{{2, 3}, {3, 2}} {
		record := cohort.NewRecord("9990000018")
		for _, n := range numbers {
			cohort.Append(record, c.StartDate.Of(cohort.MustDate("2025-03-01")), c.Number.Of(n), c.PerformanceStatus.Of(n-2), c.Key.Of("k"))
		}
		definition, err := cohort.New("last", "1", cohort.Include("any", c.Exists()), cohort.Include("last", last).IfUnknown(cohort.Refer))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(record).Outcome; got != cohort.Member {
			t.Errorf("%v: %v", numbers, got)
		}
	}
	record := cohort.NewRecord("9990000018")
	cohort.Append(record, c.StartDate.Of(cohort.MustDate("2025-03-01")), c.PerformanceStatus.Of(9))
	if ask(t, c.Where(c.PerformanceStatus.Above(2)).Exists(), record) {
		t.Error("a performance status that was not recorded counts as a bad one")
	}
}
