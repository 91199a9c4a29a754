package caas_test

import (
	"errors"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

func TestFileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]caas.FileName{
		"20251027100135103118_BEFB67_-_CAAS_BREAST_SCREENING_COHORT.parquet": {
			MessageID: "20251027100135103118_BEFB67", Workflow: "CAAS_BREAST_SCREENING_COHORT", Rows: -1,
		},
		"add_1_-_CAAS_BREAST_SCREENING_COHORT.PARQUET": {MessageID: "add_1", Workflow: "CAAS_BREAST_SCREENING_COHORT", Rows: -1},
		"BSS_20240601121212_n10.parquet":               {Acronym: "BSS", Created: "20240601121212", Rows: 10},
		"F9B292_-_BSS_20241201121212_n0.parquet":       {MessageID: "F9B292", Acronym: "BSS", Created: "20241201121212"},
	} {
		got, err := caas.ParseFileName(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		diff(t, want, got)
	}
	for _, name := range []string{"", "BSS.parquet", "BSS_20240601121212_n10.csv", "BSS_20240601121212_n01.parquet", "x_-_.parquet", "_-_W.parquet"} {
		if got, err := caas.ParseFileName(name); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%q: got %+v, %v", name, got, err)
		}
	}
}

func TestRowCountOfTheName(t *testing.T) {
	t.Parallel()
	f := open(t, file(t, caas.Record{Type: caas.Add, Number: number(0)}))
	for rows, good := range map[int64]bool{-1: true, 1: true, 0: false, 2: false} {
		err := caas.FileName{Rows: rows}.CheckRows(f)
		if good != (err == nil) || (!good && !errors.Is(err, caas.ErrFile)) {
			t.Errorf("%d: %v", rows, err)
		}
	}
}

func FuzzParseFileName(f *testing.F) {
	f.Add("20251027100135103118_BEFB67_-_CAAS_BREAST_SCREENING_COHORT.parquet")
	f.Add("BSS_20240601121212_n10.parquet")
	f.Fuzz(func(t *testing.T, name string) {
		got, err := caas.ParseFileName(name)
		if (err == nil) == (got == caas.FileName{}) {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	})
}
