package rtds_test

import (
	_ "embed"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
	"github.com/personalised-prevention/nhs/cohort/rtds"
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
		cataloguetest.Variable{Name: "Attendances", Value: rtds.Attendances},
		cataloguetest.Variable{Name: "Prescriptions", Value: rtds.Prescriptions},
		cataloguetest.Variable{Name: "Exposures", Value: rtds.Exposures},
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
	for _, fault := range cataloguetest.Published(rtds.Tables(), published) {
		t.Error(fault)
	}
}

// member evaluates one question about one person.
func member(t *testing.T, criterion cohort.Criterion, record *cohort.Record) bool {
	t.Helper()
	definition, err := cohort.New("asked", "1", cohort.Include("asked", criterion))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	return plan.Evaluate(record).Outcome == cohort.Member
}

// TestMortalityCohort asks about the visits of a published analysis: radical radiotherapy of a lung cancer
// with a provider of England, begun in two years.
func TestMortalityCohort(t *testing.T) {
	t.Parallel()
	a := rtds.Attendances
	lung, err := codelist.New(codelist.Info{ID: "lung", Version: "1", System: codelist.ICD10, Source: "written for this test"}, "C33", "C33X", "C34", "C341")
	if err != nil {
		t.Fatal(err)
	}
	asked := a.Where(a.Diagnosis.In(lung), a.Radical(), a.InEngland(),
		a.TreatmentStart.NotBefore(cohort.MustDate("2022-04-01")), a.TreatmentStart.NotAfter(cohort.MustDate("2024-03-31"))).Exists()
	for name, test := range map[string]struct {
		code, intent, provider, start string
		want                          bool
	}{
		"first day":        {"C341", "02", "RBV", "2022-04-01", true},
		"last day":         {"C34", "02", "RBV", "2024-03-31", true},
		"day after":        {"C34", "02", "RBV", "2024-04-01", false},
		"palliative":       {"C34", "01", "RBV", "2023-01-01", false},
		"intent not known": {"C34", "", "RBV", "2023-01-01", false},
		"Wales":            {"C34", "02", "7A1", "2023-01-01", false},
		"another cancer":   {"C509", "02", "RBV", "2023-01-01", false},
	} {
		record := cohort.NewRecord("9990000018")
		start := cohort.MustDate(test.start)
		cohort.Append(record, a.Date.Of(start), a.TreatmentStart.Of(start), a.Diagnosis.Of(test.code), a.Intent.Of(test.intent), a.Provider.Of(test.provider))
		if got := member(t, asked, record); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestModality(t *testing.T) {
	t.Parallel()
	p := rtds.Prescriptions
	for modality, want := range map[string][2]bool{"05": {true, false}, "06": {false, true}, "19": {}, "": {}} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, p.Date.Of(cohort.MustDate("2025-03-01")), p.Modality.Of(modality))
		got := [2]bool{member(t, p.Where(p.Teletherapy()).Exists(), record), member(t, p.Where(p.Brachytherapy()).Exists(), record)}
		if got != want {
			t.Errorf("modality %q: got %v, want %v", modality, got, want)
		}
	}
}

// TestLatestExposure has two exposures of one visit: their times decide, however the rows come.
func TestLatestExposure(t *testing.T) {
	t.Parallel()
	e := rtds.Exposures
	energy := cohort.Latest(e.Rows, e.BeamEnergy).Is(10)
	for _, times := range [][]string{{"09:05", "09:10"}, {"09:10", "09:05"}} {
		record := cohort.NewRecord("9990000018")
		for _, at := range times {
			energy := 6.0
			if at == "09:10" {
				energy = 10
			}
			cohort.Append(record, e.Date.Of(cohort.MustDate("2025-03-01")), e.Time.Of(at), e.BeamEnergy.Of(energy))
		}
		definition, err := cohort.New("asked", "1", cohort.Include("any", e.Exists()), cohort.Include("energy", energy).IfUnknown(cohort.Refer))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(record).Outcome; got != cohort.Member {
			t.Errorf("%v: %v", times, got)
		}
	}
}
