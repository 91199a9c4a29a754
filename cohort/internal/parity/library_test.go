package parity_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// published are the plans of all cohorts of cohort/library.
func published(tb testing.TB) []*cohort.Plan {
	tb.Helper()
	var plans []*cohort.Plan
	for _, entry := range library.Catalogue() {
		plan, err := entry.Plan(cohort.MustDate("2025-10-01"))
		if err != nil {
			tb.Fatal(err)
		}
		plans = append(plans, plan)
	}
	return plans
}

// inhabitants are synthetic people, and those who were made up for either side of every step of the plans.
func inhabitants(tb testing.TB, n int, plans ...*cohort.Plan) []drawing.Person {
	tb.Helper()
	var everybody []drawing.Person
	add := func(record *cohort.Record) {
		everybody = append(everybody, rowsOf(fmt.Sprintf("999%07d", len(everybody)), record))
	}
	for _, plan := range plans {
		for _, step := range plan.Witnesses().Steps {
			for _, witness := range step.Witnesses {
				add(witness.Record)
			}
		}
	}
	made, err := synthetic.New(synthetic.Config{People: n})
	if err != nil {
		tb.Fatal(err)
	}
	for record, err := range made.Records(context.Background()) {
		if err != nil {
			tb.Fatal(err)
		}
		add(record)
	}
	return everybody
}

// rowsOf is a record as its sources would hold it.
func rowsOf(key string, record *cohort.Record) drawing.Person {
	someone := drawing.Person{Key: key}
	for table, row := range record.Rows() {
		cells := map[string]any{}
		for _, c := range table.Info().Columns {
			switch value := row[c.Name].(type) {
			case []string:
				for i, code := range value {
					cells[c.Sources[i]] = code
				}
			case cohort.Date:
				if !value.IsZero() {
					cells[c.Name] = calendar.Of(value.Civil())
				}
			case nil:
			default:
				cells[c.Name] = value
			}
		}
		someone.Rows = append(someone.Rows, drawing.Row{Table: table, Cells: cells})
	}
	return someone
}

// compareLibrary asks an engine every published cohort.
func compareLibrary(t *testing.T, e engine, n int) string {
	t.Helper()
	plans := published(t)
	p := layOut(inhabitants(t, n, plans...), plans...)
	if err := e.load(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for _, plan := range plans {
		want, err := reference(plan, p.people)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.ask(t.Context(), plan)
		if err != nil {
			return plan.ID() + ": " + err.Error()
		}
		if difference := got.difference(want); difference != "" {
			return plan.ID() + ": " + difference
		}
		t.Logf("%s: %d of %d", plan.ID(), want.counts.Members, want.counts.People)
	}
	return ""
}

func TestLibraryInMemory(t *testing.T) {
	t.Parallel()
	if difference := compareLibrary(t, &memoryEngine{}, 1000); difference != "" {
		t.Error(difference)
	}
}
