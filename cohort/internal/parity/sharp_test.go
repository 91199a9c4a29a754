package parity_test

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

//nolint:gochecknoglobals // what is made once for all tests
var sharp = sync.OnceValues(sharpened)

// sharpened is a trial of rules that drawn people seldom hang on: sums are those of decimals, rows that are alike go by
// what is left, all their codes in order included, and months end early.
func sharpened() ([]trial, error) {
	var people []drawing.Person
	someone := func(rows ...drawing.Row) {
		people = append(people, drawing.Person{Key: fmt.Sprintf("999%07d", len(people)), Rows: rows})
	}
	entry := func(value float64) drawing.Row {
		return drawing.Row{Table: gpes.Table(), Cells: map[string]any{"VALUE1_CONDITION": value}}
	}
	someone(entry(0.1), entry(0.2))
	someone(entry(0.1), entry(0.1), entry(0.1))
	someone(entry(0.1), entry(0.7), entry(-0.5))
	someone(entry(900_000_000_000_000), entry(0.3), entry(-900_000_000_000_000))
	someone(entry(0.3))
	on := func(day, recorded any, value, second float64) drawing.Row {
		return drawing.Row{Table: gpes.Table(), Cells: map[string]any{"DATE": day, "RECORD_DATE": recorded, "VALUE1_CONDITION": value, "VALUE2_CONDITION": second}}
	}
	january, february := calendar.Of(2025, 1, 31), calendar.Of(2025, 2, 28)
	someone(on(january, february, 9, 1), on(january, nil, 3, 2))
	someone(on(january, january, 9, 1), on(january, february, 3, 2))
	someone(on(nil, february, 9, 2), on(february, nil, 3, 1))
	someone(on(january, nil, math.Copysign(0, -1), 2), on(january, nil, 0, 1))
	someone(on(calendar.Of(1800, 1, 1), nil, 9, 2))
	stay := func(codes ...any) drawing.Row {
		cells := map[string]any{"EPISTART": calendar.Of(2025, 1, 31)}
		for i, code := range codes {
			cells[fmt.Sprintf("DIAG_4_%02d", i+1)] = code
		}
		return drawing.Row{Table: hes.APC.Table, Cells: cells}
	}
	someone(stay("A000", "C000"), stay("B000"))
	someone(stay("C000", "A000"), stay(nil, "B000"))
	someone(stay("B000", nil, "B000"), stay("B000", "A000"))
	someone(stay("B000", "C000", "B000"), stay("", "B000", "R69X"))
	someone(stay(nil, "C000"), stay("D000", "B000"))
	someone(stay("A000", "D000"), stay("A000", "C000", "D000"))

	var steps []cohort.Step
	ask := func(criterion cohort.Criterion) {
		steps = append(steps, cohort.Include(fmt.Sprintf("question %d", len(steps)+1), criterion).IfUnknown(cohort.Refer))
	}
	ask(cohort.Any(gpes.Journal.Exists(), hes.APC.Rows.Exists()))
	ask(cohort.IsYes(cohort.Sum(gpes.Journal, gpes.Value1).Above(0)))
	ask(cohort.Sum(gpes.Journal, gpes.Value1).Is(0.3))
	ask(cohort.Sum(gpes.Journal, gpes.Value1).AtMost(0.3))
	ask(cohort.Mean(gpes.Journal, gpes.Value1).Is(0.1))
	ask(cohort.Mean(gpes.Journal, gpes.Value1).Is(0.15))
	ask(cohort.Latest(gpes.Journal, gpes.Value1).Above(5))
	ask(cohort.Latest(gpes.Journal, gpes.Value2).Above(1))
	ask(cohort.Earliest(gpes.Journal, gpes.Value1).Above(5))
	ask(cohort.Earliest(gpes.Journal, gpes.Value2).Above(1))
	ask(cohort.Latest(gpes.Journal, gpes.Date).Plus(cohort.Months(1)).NotAfter(cohort.Max(gpes.Journal, gpes.RecordDate)))
	ask(cohort.Earliest(gpes.Journal, gpes.Date).Before(cohort.MustDate("2000-01-01")))
	for _, code := range []string{"A000", "B000", "C000", "D000"} {
		list, err := codelist.New(codelist.Info{ID: code, Version: "1", System: codelist.ICD10, Source: "one"}, code)
		if err != nil {
			return nil, err
		}
		ask(cohort.Latest(hes.APC.Rows, hes.APC.Diagnosis).AnyIn(list))
		ask(cohort.Earliest(hes.APC.Rows, hes.APC.Diagnosis).AnyIn(list))
	}
	definition, err := cohort.New("sharp", "1", steps...)
	if err != nil {
		return nil, err
	}
	plan, err := definition.Bind()
	if err != nil {
		return nil, err
	}
	t, err := newTrial(layOut(people, plan), []*cohort.Plan{plan})
	return []trial{t}, err
}

func TestSharp(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) engine{
		"memory":     func(*testing.T) engine { return &memoryEngine{} },
		"store":      func(t *testing.T) engine { return &storeEngine{dir: t.TempDir()} },
		"indexed":    func(t *testing.T) engine { return &storeEngine{dir: t.TempDir(), indexed: true} },
		"DuckDB":     func(t *testing.T) engine { return openSQL(t, sqlengine.DuckDB) },
		"PostgreSQL": func(t *testing.T) engine { return openSQL(t, sqlengine.PostgreSQL) },
		"Spark":      func(t *testing.T) engine { return openSQL(t, sqlengine.Spark) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agree(t, open(t), sharp)
		})
	}
}

// before puts trials in front of others.
func before(first, others func() ([]trial, error)) func() ([]trial, error) {
	return func() ([]trial, error) {
		some, err := first()
		if err != nil {
			return nil, err
		}
		more, err := others()
		return append(some[:len(some):len(some)], more...), err
	}
}
