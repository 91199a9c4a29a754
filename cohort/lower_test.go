package cohort_test

import (
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// What the tree means is tested beside what draws definitions; here, that its rows come in order, and each once.
func TestTreeIsInOrder(t *testing.T) {
	t.Parallel()
	for number := range 200 {
		plan := drawing.Definition(number, drawing.Size{})
		lowered := plan.Tree()
		if lowered.Hash != plan.Hash() {
			t.Fatalf("definition %d: the tree is of another plan", number)
		}
		for i, rows := range lowered.Rows {
			if rows.Index != i || rows.Table.PerPerson || !slices.Contains(lowered.Tables, rows.Table) {
				t.Fatalf("definition %d: rows %d say they are %d of %s", number, i, rows.Index, rows.Table.Name)
			}
			for part := range drawing.Parts(rows.Where...) {
				if other, ok := part.(*tree.Rows); ok && other.Index >= i {
					t.Fatalf("definition %d: rows %d ask about rows %d", number, i, other.Index)
				}
			}
		}
		for _, step := range lowered.Steps {
			for part := range drawing.Parts(step.Criterion) {
				if rows, ok := part.(*tree.Rows); ok && lowered.Rows[rows.Index] != rows {
					t.Fatalf("definition %d: rows that are not the plan's", number)
				}
			}
		}
	}
}

func TestTreeOfTables(t *testing.T) {
	t.Parallel()
	entries := gpes.Journal.Where(gpes.Code.In(list(t, "asthma", asthmaCode)), gpes.Date.Within(cohort.Years(1), index))
	plan := planOf(t, cohort.All(entries.Exists(), entries.Count().AtLeast(2), cohort.Min(stays, admitted).Known())).Tree()
	if len(plan.Rows) != 2 {
		t.Errorf("%d sets of rows, want 2: the same ones are shared", len(plan.Rows))
	}
	journal := plan.Tables[0]
	if journal.Name != "gpes.journal" || journal.PerPerson || len(journal.Order) > 0 || journal.Date != "DATE" || journal.Dated != 0 || len(journal.Columns) != 2 {
		t.Errorf("journal is read as %+v", journal)
	}
	if journal.Earliest != calendar.Of(2024, 6, 1) {
		t.Errorf("journal is read from day %d", journal.Earliest)
	}
}
