package parity_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// dress is how a database may hold the same rows in another way, and what the query is told of it.
type dress struct {
	days       sqlengine.DayForm
	late       bool   // days have a time of day
	numberKeys string // "all" people have numbers for keys, or those of "some" tables, which are compared as texts
	absent     bool   // a column of each table is not there
	population string // "all" who have any row, those of the "last" table that the plan reads, or everybody in the person table
	options    []sqlengine.Option
}

func dresses() []dress {
	return []dress{
		{late: true, numberKeys: "all", absent: true, options: []sqlengine.Option{sqlengine.Literals()}},
		{days: sqlengine.ISOTexts, numberKeys: "some", population: "all", options: []sqlengine.Option{sqlengine.TextKeys()}},
		{days: sqlengine.CompactTexts, absent: true, population: "last", options: []sqlengine.Option{sqlengine.Unique()}},
		{days: sqlengine.ISOTexts, late: true, population: "all", numberKeys: "all", options: []sqlengine.Option{sqlengine.Literals(), sqlengine.Unique()}},
	}
}

// noDays are texts that are no days.
func noDays() []string {
	return []string{"", "2025-02-29", "20250229", "0000-01-01", "00000101", "2025-6-01", "2025061", "2025-06-01T00", "2025-06-01\n", "20250601 ", "٢٠٢٥-06-01", "2025-13-01", "infinity"}
}

// TestDressed asks about tables and columns that are not as published.
func TestDressed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dialect     sqlengine.Dialect
		n, together int
	}{{sqlengine.DuckDB, 80, 1}, {sqlengine.PostgreSQL, 80, 1}, {sqlengine.Spark, 4, 1}} {
		t.Run(test.dialect.String(), func(t *testing.T) {
			t.Parallel()
			e := &dressed{sqlEngine: openSQL(t, test.dialect)}
			e.sparing = test.dialect == sqlengine.Spark
			plans := definitions(test.n)
			for at := 0; at < test.n; at += test.together {
				e.dress = dresses()[at/test.together%len(dresses())]
				if difference := e.difference(t.Context(), at, plans[at:min(at+test.together, test.n)]); difference != "" {
					t.Errorf("definition %d: %s", at, difference)
				}
			}
			if err := e.drop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// dressed asks about views of what is loaded.
type dressed struct {
	*sqlEngine
	dress
	views []string
	rest  []sqlengine.Option
}

// difference draws people, and returns the first difference from the reference evaluator in what plans answer about them.
func (e *dressed) difference(ctx context.Context, number int, plans []*cohort.Plan) string {
	dirt := drawing.Dirt{NotFinite: true, BeyondCalendar: true, Strangers: true, Many: 30}
	people := drawing.Population(number, drawnPeople*len(plans), dirt, plans...)
	p := layOut(people, plans...)
	if e.absent {
		for _, s := range p.sheets {
			if len(s.columns) > 0 {
				clear(people, s.table, s.missing())
			}
		}
		p = layOut(people, plans...)
	}
	p.tame(plans...)
	if err := e.load(ctx, p); err != nil {
		return err.Error()
	}
	for _, plan := range plans {
		everybody := *p
		if e.population != "" {
			everybody.people = slices.DeleteFunc(slices.Clone(people), func(someone drawing.Person) bool { return !e.asked(plan, p, someone.Key) })
			for i := range everybody.people {
				if someone := &everybody.people[i]; someone.Stranger {
					someone.Rows = slices.DeleteFunc(slices.Clone(someone.Rows), ofPersons)
				}
			}
		}
		want, err := reference(plan, everybody.people)
		if err != nil {
			return err.Error()
		}
		e.tables = slices.Concat(e.rest, e.options)
		switch tables := plan.Tree().Tables; e.population {
		case "all":
			e.tables = append(e.tables, sqlengine.Everybody())
		case "last":
			e.tables = append(e.tables, sqlengine.Population(tables[len(tables)-1].Name))
		}
		got, err := e.ask(ctx, plan)
		if err != nil {
			return fmt.Sprintf("%+v: %v\n%s", e.dress, err, plan.English())
		}
		if difference := got.difference(want); difference != "" {
			return fmt.Sprintf("%+v: %s\n%s", e.dress, difference, plan.English())
		}
	}
	return ""
}

// asked reports whether somebody is in the population.
func (e *dressed) asked(plan *cohort.Plan, p *population, key string) bool {
	tables := plan.Tree().Tables
	if e.population == "last" {
		tables = tables[len(tables)-1:]
	}
	for _, table := range tables {
		for _, s := range p.sheets {
			if s.table.Name() == table.Name && slices.ContainsFunc(s.rows, func(row sheetRow) bool { return row.person == key }) {
				return true
			}
		}
	}
	return false
}

// missing is the column that a table does not have.
func (s *sheet) missing() string { return s.columns[len(s.rows)%len(s.columns)].name }

func clear(people []drawing.Person, table *cohort.Table, column string) {
	for _, someone := range people {
		for _, row := range someone.Rows {
			if row.Table == table {
				row.Cells[column] = nil
			}
		}
	}
}

// load loads the rows and makes a view of each table.
func (e *dressed) load(ctx context.Context, p *population) error {
	if err := e.drop(ctx); err != nil {
		return err
	}
	if err := e.sqlEngine.load(ctx, p); err != nil {
		return err
	}
	e.rest = nil
	for i, s := range p.sheets {
		source := sqlengine.Source{Name: []string{fmt.Sprintf("the %d\" of `them`; --", i)}, Key: `whose "row"`, Columns: map[string]string{}, Days: e.days}
		key := e.quote(s.key)
		if e.numberKeys == "all" || e.numberKeys == "some" && i%2 == 0 {
			key = "CAST(" + key + " AS BIGINT)"
		}
		columns := []string{key + " AS " + e.quote(source.Key)}
		for j, c := range s.columns {
			if e.absent && c.name == s.missing() {
				source.Absent = append(source.Absent, c.name)
				continue
			}
			source.Columns[c.name] = fmt.Sprintf("%d `'\"$1", j)
			columns = append(columns, e.held(c, j)+" AS "+e.quote(source.Columns[c.name]))
		}
		view := e.quote(source.Name[0])
		query := "SELECT " + strings.Join(columns, ", ") + " FROM " + e.quote(s.name)
		if e.dialect == sqlengine.Spark {
			// Or it would plan what the view works out again wherever the query names a column.
			held := "held_" + s.name
			if err := e.run(ctx, "CREATE OR REPLACE TEMPORARY VIEW "+held+" AS "+query, "CACHE TABLE "+held); err != nil {
				return err
			}
			query = "SELECT * FROM " + held
		}
		if err := e.run(ctx, "CREATE TEMPORARY VIEW "+view+" AS "+query); err != nil {
			return err
		}
		e.views, e.rest = append(e.views, view), append(e.rest, sqlengine.Table(s.table.Name(), source))
	}
	return nil
}

// drop drops the views.
func (e *dressed) drop(ctx context.Context) error {
	for _, view := range e.views {
		if err := e.run(ctx, "DROP VIEW "+view); err != nil {
			return err
		}
	}
	e.views = nil
	return nil
}

func (e *sqlEngine) run(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := e.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// held is a column as the view holds it.
func (e *dressed) held(c sheetColumn, at int) string {
	x := e.quote(c.name)
	switch {
	case c.kind != cohort.DateKind:
		return x
	case e.days == sqlengine.Dates && e.late:
		kind, hour := "TIMESTAMP", "INTERVAL '23 hours 59 minutes'"
		if e.dialect == sqlengine.Spark {
			kind, hour = "TIMESTAMP_NTZ", "INTERVAL '23:59' HOUR TO MINUTE"
		}
		return "CAST(" + x + " AS " + kind + ") + " + hour
	case e.days == sqlengine.Dates:
		return x
	}
	kind := "VARCHAR"
	if e.dialect == sqlengine.Spark {
		kind = "STRING"
	}
	text := "CAST(" + x + " AS " + kind + ")"
	if e.days == sqlengine.CompactTexts {
		text = "replace(" + text + ", '-', '')"
	}
	none := "'" + strings.ReplaceAll(noDays()[at%len(noDays())], "\n", "' || chr(10) || '") + "'"
	return "CASE WHEN " + x + " BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN " + text + " ELSE " + none + " END"
}

func (e *sqlEngine) quote(name string) string {
	mark := `"`
	if e.dialect == sqlengine.Spark {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}
