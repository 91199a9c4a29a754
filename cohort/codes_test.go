package cohort_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestWideCodes(t *testing.T) {
	t.Parallel()
	coded := func(rows ...[]string) *cohort.Record {
		r := record()
		for i, codes := range rows {
			stayOf(r, date("2025-01-01").AddDays(i).String(), "", diagnoses.Of(codes...))
		}
		return r
	}
	stroke := diagnoses.AnyIn(icd(t, "stroke", strokeCode, "I64X"))
	latest := cohort.Latest(stays, diagnoses)
	const inList cohort.Param[*codelist.List] = "list"
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"only code", stays.Where(stroke).Exists(), coded([]string{strokeCode}), yes},
		{"last of several", stays.Where(stroke).Exists(), coded([]string{diabetesCode, faintCode, strokeCode}), yes},
		{"other codes", stays.Where(stroke).Exists(), coded([]string{diabetesCode, faintCode}), no},
		{"codes of two rows are not mixed", stays.Where(stroke, diagnoses.AnyIn(icd(t, "diabetes", diabetesCode))).Exists(), coded([]string{strokeCode}, []string{diabetesCode}), no},
		{"not the code", stays.Where(cohort.Not(stroke)).Exists(), coded([]string{diabetesCode}), yes},
		{"no code is unknown, so not counted either way", stays.Where(cohort.Not(stroke)).Exists(), coded(nil), no},
		{"only codes for not known", stays.Where(cohort.Not(stroke)).Exists(), coded([]string{"R69X", ""}), no},
		{"not known beside the code", stays.Where(stroke).Exists(), coded([]string{"R69X", strokeCode}), yes},
		{"not known beside another code", stays.Where(cohort.Not(stroke)).Exists(), coded([]string{"R69X", diabetesCode}), yes},
		{"known", stays.Where(diagnoses.Known()).Exists(), coded([]string{"", faintCode}), yes},
		{"not known", stays.Where(diagnoses.Known()).Exists(), coded([]string{"R69X"}), no},
		{"no operation is not known", stays.Where(operations.Known()).Exists(), func() *cohort.Record {
			r := record()
			cohort.Append(r, operations.Of("-", "&"))
			return r
		}(), no},
		{"codes of the latest", latest.AnyIn(icd(t, "stroke", strokeCode)), coded([]string{strokeCode}, []string{diabetesCode}), no},
		{"codes of the latest, of several", latest.AnyIn(icd(t, "stroke", strokeCode)), coded([]string{diabetesCode}, []string{faintCode, strokeCode}), yes},
		{"codes of the latest, not known", latest.AnyIn(icd(t, "stroke", strokeCode)), coded([]string{strokeCode}, []string{"R69X"}), unknown},
		{"codes of none", latest.AnyIn(icd(t, "stroke", strokeCode)), record(), unknown},
		{"known of none", latest.Known(), record(), no},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	// Rows of one day and one key: the codes themselves settle which is the latest.
	for rows := range permutations([][]string{{strokeCode}, {diabetesCode, strokeCode}, {faintCode, diabetesCode}}) {
		r := record()
		for _, codes := range rows {
			stayOf(r, "2025-01-01", "", diagnoses.Of(codes...))
		}
		if got := ask(t, cohort.Not(latest.AnyIn(icd(t, "other", diabetesCode, faintCode))), r); got != yes {
			t.Errorf("the latest of %v is not the last in order", rows)
		}
	}

	definition, err := cohort.New("open", "1", cohort.Include("x", stays.Where(diagnoses.AnyInParam(inList)).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(inList.Is(icd(t, "stroke", strokeCode)))
	if err != nil {
		t.Fatal(err)
	}
	if got := plan.Evaluate(coded([]string{diabetesCode, strokeCode})).Outcome; got != cohort.Member {
		t.Errorf("with a bound list: %v", got)
	}
}

// TestWideCodesAreRead checks text, document, uses and explanation.
func TestWideCodesAreRead(t *testing.T) {
	t.Parallel()
	plan := bind(t, registered(), cohort.Include("stroke", stays.Where(diagnoses.AnyIn(icd(t, "stroke", strokeCode))).Exists()))
	for _, want := range []string{
		"There is a hospital stay where any of the DIAG is in code list stroke 1 (1 code, ",
		"   DIAG: the codes of DIAG_01, DIAG_02, DIAG_03.\n",
	} {
		if !strings.Contains(plan.English(), want) {
			t.Errorf("the text lacks %q:\n%s", want, plan.English())
		}
	}
	decoded, err := cohort.Decode(plan.JSON(), staySchema.Table(), person.Table())
	if err != nil {
		t.Fatal(err)
	}
	if decoded.DocumentHash() != plan.DocumentHash() || decoded.English() != plan.English() {
		t.Error("decoding changed the plan")
	}
	use := plan.Uses().Tables[1]
	want := cohort.TableUse{Table: "stays", Columns: []string{"DIAG"}, Sources: []string{"DIAG_01", "DIAG_02", "DIAG_03"}}
	if diff := cmp.Diff(want, use, cmpopts.EquateComparable(cohort.Date{})); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	if columns := plan.Uses().Tables[0]; !slices.Equal(columns.Sources, columns.Columns) {
		t.Errorf("the sources of plain columns %v are %v", columns.Columns, columns.Sources)
	}
	r := record()
	stayOf(r, "2025-01-01", "2025-01-03", diagnoses.Of(strokeCode, diabetesCode, "R69X", strokeCode))
	why, err := plan.Explain(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if text := why.Text(); !strings.Contains(text, "- stays row 1: ADMIDATE 2025-01-01, DIAG E119, I639\n") {
		t.Errorf("the explanation does not show the codes:\n%s", text)
	}
}

// TestSourcesAreMeaning changes what a column of codes stands for.
func TestSourcesAreMeaning(t *testing.T) {
	t.Parallel()
	build := func(sources ...string) *cohort.Plan {
		schema := cohort.EventTable[stay](cohort.TableInfo{Name: "t", Row: "event", Order: []string{"D"}, Columns: []cohort.ColumnInfo{
			{Name: "D", Kind: cohort.DateKind}, {Name: "C", Kind: cohort.CodesKind, System: codelist.ICD10, Sources: sources},
		}})
		return bind(t, cohort.Include("x", cohort.RowsOf(schema).Where(schema.Codes("C").Known()).Exists()))
	}
	first := build("C1", "C2")
	if other := build("C1", "C2", "C3"); other.Hash() == first.Hash() || other.English() == first.English() {
		t.Error("another source does not change the hash and the text")
	}
	if other := build("C2", "C1"); other.DocumentHash() != first.DocumentHash() || other.English() != first.English() {
		t.Error("the order of sources changes the document or the text")
	}
}
