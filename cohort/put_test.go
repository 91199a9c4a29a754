package cohort_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestPut(t *testing.T) {
	t.Parallel()
	put := cohort.NewRecord(nhsNumber)
	for _, row := range []struct {
		table *cohort.Table
		cells map[string]any
	}{
		{person.Table(), map[string]any{"gender": "1", "lsoa": "E01000001"}},
		{person.Table(), map[string]any{"primary_care_provider": "A81001", "gender": person.Female, "lsoa": nil}},
		{gpes.Table(), map[string]any{"DATE": day, "CODE": asthmaCode}},
		{gpes.Table(), map[string]any{"DATE": cohort.MustDate("1800-01-01"), "CODE": pressureCode, "VALUE1_CONDITION": 140.5}},
		{staySchema.Table(), map[string]any{"DIAG": []string{strokeCode, faintCode}}},
	} {
		if err := put.Put(row.table, row.cells); err != nil {
			t.Fatal(err)
		}
	}
	if put.Len() != 3 {
		t.Errorf("%d event rows, want 3", put.Len())
	}
	for name, criterion := range map[string]cohort.Criterion{
		"second row of the person": cohort.All(person.Gender.Is(person.Female), cohort.Not(person.LSOA.Known())),
		"text and day":             gpes.Journal.Where(gpes.Code.In(list(t, "asthma", asthmaCode)), gpes.Date.On(day)).Exists(),
		"number":                   gpes.Journal.Where(gpes.Value1.Is(140.5), gpes.Code.In(list(t, "pressure", pressureCode))).Exists(),
		"codes":                    stays.Where(diagnoses.AnyIn(icdList(t, faintCode))).Exists(),
	} {
		if got := ask(t, criterion, put); got != yes {
			t.Errorf("%s: %v, want yes", name, got)
		}
	}
}

// TestRecordRows: what one record hands out makes another that is the same.
func TestRecordRows(t *testing.T) {
	t.Parallel()
	someone := record(person.Gender.Of(person.Female))
	cohort.Append(someone, gpes.Date.Of(day), gpes.Code.Of(asthmaCode))
	cohort.Append(someone, gpes.Value1.Of(140.5))
	cohort.Append(someone, diagnoses.Of(strokeCode, faintCode))
	copied := cohort.NewRecord(nhsNumber)
	for table, row := range someone.Rows() {
		if err := copied.Put(table, row); err != nil {
			t.Fatal(err)
		}
	}
	var rows [2][]any
	for i, r := range []*cohort.Record{someone, copied} {
		for table, row := range r.Rows() {
			rows[i] = append(rows[i], table.Name(), row)
		}
	}
	if diff := cmp.Diff(rows[0], rows[1], cmp.Comparer(func(a, b cohort.Date) bool { return a == b })); len(rows[0]) != 8 || diff != "" {
		t.Errorf("the copy has other rows (-first +copy):\n%s", diff)
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	for name, cells := range map[string]map[string]any{
		"no such column": {"DATUM": day},
		"a text as day":  {"DATE": "2025-06-01"},
		"a day as text":  {"CODE": day},
		"a whole number": {"VALUE1_CONDITION": 140},
		"codes as code":  {"CODE": []string{asthmaCode}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			someone := record()
			cells["PRACTICE"] = nhsNumber
			err := someone.Put(gpes.Table(), cells)
			if err == nil || strings.Contains(err.Error(), nhsNumber) || !strings.Contains(err.Error(), "gpes.journal") {
				t.Errorf("error %v does not name the table, or tells a value", err)
			}
			if someone.Len() != 0 {
				t.Error("a row was added")
			}
		})
	}
}

func icdList(tb testing.TB, codes ...string) *codelist.List {
	tb.Helper()
	l, err := codelist.New(codelist.Info{ID: "icd", Version: "1", System: codelist.ICD10, Source: "written for this test"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}
