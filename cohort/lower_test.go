package cohort_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// What the tree means is tested by the engines that read it; here, that it is whole.
func TestTreeIsWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		definition, err := cohort.New("drawn", "1", registered(), cohort.Include("asked", drawCriterion(t, 3)).IfUnknown(cohort.Refer))
		if err != nil {
			t.Skip("not a definition")
		}
		plan, err := definition.Bind(index.Is(day))
		if err != nil {
			if plan, err = definition.Bind(); err != nil {
				t.Skip("not a plan")
			}
		}
		lowered := plan.Tree()
		if lowered.Hash != plan.Hash() || len(lowered.Steps) != 2 || lowered.Steps[1].Unknown != tree.Refers && lowered.Steps[1].Unknown != tree.Fails {
			t.Fatalf("steps %v", lowered.Steps)
		}
		check := treeCheck{t: t, plan: lowered, rows: -1}
		for i, rows := range lowered.Rows {
			if rows.Index != i || rows.Table.PerPerson {
				t.Fatalf("rows %d say they are %d", i, rows.Index)
			}
			check.rows = i
			check.of(reflect.ValueOf(rows.Where))
		}
		check.rows = len(lowered.Rows)
		for _, step := range lowered.Steps {
			check.of(reflect.ValueOf(step.Criterion))
		}
	})
}

// treeCheck finds what is nil, what lies outside the tables, and rows that are used before they come.
type treeCheck struct {
	t    *rapid.T
	plan *tree.Plan
	rows int
}

func (c treeCheck) of(v reflect.Value) {
	switch part := v.Interface().(type) {
	case *tree.Rows:
		if part.Index >= c.rows {
			c.t.Fatalf("rows %d ask about rows %d", c.rows, part.Index)
		}
		return
	case tree.Field:
		c.column(part.Table, part.Column, true)
	case tree.Cell:
		c.column(part.Table, part.Column, false)
	case tree.Pick:
		if len(part.Rows.Table.Order) == 0 {
			c.t.Fatal("rows without an order are picked from")
		}
		c.column(part.Rows.Table, part.Column, false)
	case tree.Summary:
		c.column(part.Rows.Table, part.Column, false)
	case tree.Episodes:
		c.column(part.Rows.Table, part.Rows.Table.Dated, false)
	case tree.Table, *tree.Table:
		return
	}
	switch v.Kind() { //nolint:exhaustive // the kinds that trees are made of
	case reflect.Interface:
		c.of(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			c.of(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			optional := v.Type().Field(i).Name == "Otherwise"
			if field.Kind() == reflect.Interface && field.IsNil() {
				if !optional {
					c.t.Fatalf("%v has no %s", v.Type(), v.Type().Field(i).Name)
				}
				continue
			}
			c.of(field)
		}
	}
	if value, ok := reflect.TypeAssert[tree.Value](v); ok && tree.KindOf(value) == 0 {
		c.t.Fatalf("%T has no kind", value)
	}
}

func (c treeCheck) column(table *tree.Table, at int, perPerson bool) {
	if at < 0 || at >= len(table.Columns) || table.PerPerson != perPerson {
		c.t.Fatalf("column %d of table %s, which has %d", at, table.Name, len(table.Columns))
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
