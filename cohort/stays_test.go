package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// stay marks the columns of a table in the shape of hospital admissions, with what the journal lacks: two
// dates in a row, wide columns of codes and numbers that stand for "not known".
type stay struct{}

var (
	staySchema = cohort.EventTable[stay](cohort.TableInfo{
		Name: "stays", Row: "hospital stay", Order: []string{"ADMIDATE", "KEY"},
		Columns: []cohort.ColumnInfo{
			{Name: "ADMIDATE", Kind: cohort.DateKind, Unknowns: []string{"1800-01-01"}},
			{Name: "DISDATE", Kind: cohort.DateKind, Unknowns: []string{"1800-01-01"}},
			{Name: "KEY", Kind: cohort.TextKind},
			{Name: "DIAG", Kind: cohort.CodesKind, System: codelist.ICD10, Sources: []string{"DIAG_01", "DIAG_02", "DIAG_03"}, Unknowns: []string{"R69X"}},
			{Name: "OPERTN", Kind: cohort.CodesKind, System: codelist.OPCS4, Sources: []string{"OPERTN_01", "OPERTN_02"}, Unknowns: []string{"-", "&"}},
			{Name: "DAYS", Kind: cohort.NumberKind, Unknowns: []string{"999"}},
		},
	})
	stays      = cohort.RowsOf(staySchema)
	admitted   = staySchema.Date("ADMIDATE")
	discharged = staySchema.Date("DISDATE")
	stayKey    = staySchema.Text("KEY")
	diagnoses  = staySchema.Codes("DIAG")
	operations = staySchema.Codes("OPERTN")
	stayDays   = staySchema.Number("DAYS")
)

const (
	strokeCode   = "I639"
	diabetesCode = "E119"
	faintCode    = "R55X"
)

func icd(tb testing.TB, id string, codes ...string) *codelist.List {
	tb.Helper()
	l, err := codelist.New(codelist.Info{ID: id, Version: "1", System: codelist.ICD10, Source: "written for this test"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// stayOf is one row with two dates, which may be missing, and other cells.
func stayOf(r *cohort.Record, from, to string, cells ...cohort.Cell[cohort.RowPred[stay]]) {
	cohort.Append(r, admitted.Of(date(from)), append(cells, discharged.Of(date(to)))...)
}
