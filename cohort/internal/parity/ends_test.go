package parity_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// hand makes views of few rows by hand.
func (e *sqlEngine) hand(tb testing.TB, views map[string]string) {
	tb.Helper()
	for name, query := range views {
		if err := e.run(tb.Context(), "CREATE OR REPLACE TEMPORARY VIEW "+name+" AS "+query); err != nil {
			tb.Fatal(err)
		}
	}
}

func dialects() []sqlengine.Dialect {
	return []sqlengine.Dialect{sqlengine.DuckDB, sqlengine.PostgreSQL, sqlengine.Spark}
}

func planOf(tb testing.TB, steps ...cohort.Step) *cohort.Plan {
	tb.Helper()
	definition, err := cohort.New("tested", "1", steps...)
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(questionIndex()))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// TestRepeated: every question ends with an error, though it be that nobody is in the population or among the members.
func TestRepeated(t *testing.T) {
	t.Parallel()
	plan := planOf(t,
		cohort.Include("adult", person.AgeOn(cohort.Index).AtLeast(18)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("entry", gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index)).Exists()))
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			e := openSQL(t, dialect)
			e.hand(t, map[string]string{
				"twice": "SELECT 'a' AS nhs_number, DATE '2020-01-01' AS date_of_birth UNION ALL SELECT 'a', DATE '2020-01-01'",
				"once":  "SELECT 'a' AS nhs_number, DATE '2020-01-01' AS date_of_birth",
				"empty": "SELECT 'a' AS NHS_NUMBER, DATE '2020-01-01' AS DATE WHERE 1 = 0",
			})
			key := "NHS_NUMBER"
			columns := map[string]string{}
			if dialect == sqlengine.PostgreSQL {
				key, columns["DATE"] = "nhs_number", "date"
			}
			journal := sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"empty"}, Key: key, Columns: columns})
			for _, population := range []string{"person", "gpes.journal"} {
				for table, want := range map[string]error{"twice": sqlengine.ErrRepeated, "once": nil} {
					query, err := sqlengine.Compile(plan, dialect, journal, sqlengine.Population(population),
						sqlengine.Table("person", sqlengine.Source{Name: []string{table}}))
					if err != nil {
						t.Fatal(err)
					}
					_, err = query.Run(t.Context(), e)
					if !errors.Is(err, want) {
						t.Errorf("Run, %s of %s: %v", table, population, err)
					}
					if err := last(query.Members(t.Context(), e)); !errors.Is(err, want) {
						t.Errorf("Members, %s of %s: %v", table, population, err)
					}
					if err := last(query.Verdicts(t.Context(), e)); !errors.Is(err, want) {
						t.Errorf("Verdicts, %s of %s: %v", table, population, err)
					}
				}
			}
		})
	}
}

// last is the error that ends a sequence.
func last[T any](all func(func(T, error) bool)) (err error) {
	all(func(_ T, e error) bool {
		err = e
		return true
	})
	return err
}

// TestReadingEnds: a reader who has enough, or is told to stop, leaves the connection free and nothing running.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	plan := planOf(t, cohort.Include("born", person.DateOfBirth.NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	numbers := map[sqlengine.Dialect]string{
		sqlengine.DuckDB:     "SELECT range AS nhs_number, DATE '2000-01-01' AS date_of_birth FROM range(300000)",
		sqlengine.PostgreSQL: "SELECT n AS nhs_number, DATE '2000-01-01' AS date_of_birth FROM generate_series(1, 300000) AS t(n)",
		sqlengine.Spark:      "SELECT id AS nhs_number, DATE '2000-01-01' AS date_of_birth FROM range(300000)",
	}
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			e := openSQL(t, dialect)
			e.hand(t, map[string]string{"crowd": numbers[dialect]})
			query, err := sqlengine.Compile(plan, dialect, sqlengine.Table("person", sqlengine.Source{Name: []string{"crowd"}}))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, err := range query.Members(t.Context(), e) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == 3 {
					break
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n, err = 0, nil
			for _, e := range query.Verdicts(ctx, e) {
				if err = e; err == nil {
					n++
					cancel()
				}
			}
			if !errors.Is(err, context.Canceled) || n == 300_000 {
				t.Errorf("after %d people: %v", n, err)
			}
			if dialect != sqlengine.DuckDB {
				return
			}
			// The driver of PostgreSQL gives a connection up whose context has ended.
			attrition, err := query.Run(t.Context(), e)
			if err != nil || attrition.Raw().Members != 300_000 {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestNothingIsLeftRunning counts goroutines, and so runs by itself.
func TestNothingIsLeftRunning(t *testing.T) {
	plan := planOf(t, cohort.Include("born", person.DateOfBirth.NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	query, err := sqlengine.Compile(plan, sqlengine.DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	db := engines.DuckDB(t)
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE person AS SELECT range AS nhs_number, DATE '2000-01-01' AS date_of_birth FROM range(300000)"); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		for range query.Members(ctx, db) {
			break
		}
		for range query.Verdicts(ctx, db) {
			cancel()
		}
		cancel()
	}
	if err := db.PingContext(t.Context()); err != nil || db.Stats().InUse != 0 {
		t.Errorf("%d connections are in use: %v", db.Stats().InUse, err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestErrorsTellNobody: what an engine cannot cast it quotes, and the error does not.
func TestErrorsTellNobody(t *testing.T) {
	t.Parallel()
	plan := planOf(t,
		cohort.Include("born", person.DateOfBirth.NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("high", cohort.Max(gpes.Journal, gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo))
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			e := openSQL(t, dialect)
			e.hand(t, map[string]string{
				"badly_born": "SELECT 'a' AS nhs_number, 'Ann O''Brien of 12 \"Elm\" Road' AS date_of_birth",
				"born":       "SELECT 'a' AS nhs_number, DATE '2000-01-01' AS date_of_birth",
				"measured":   "SELECT 'a' AS n, 'Ann O''Brien of 12 \"Elm\" Road' AS v",
			})
			for _, table := range []string{"badly_born", "born"} {
				query, err := sqlengine.Compile(plan, dialect, sqlengine.Table("person", sqlengine.Source{Name: []string{table}}),
					sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"measured"}, Key: "n", Columns: map[string]string{"VALUE1_CONDITION": "v"}}))
				if err != nil {
					t.Fatal(err)
				}
				_, err = query.Run(t.Context(), e)
				if err == nil {
					t.Fatal("a name is a day or a number")
				}
				for _, secret := range []string{"Ann", "Brien", "Elm", "Road"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error tells %q: %v", secret, err)
						break
					}
				}
			}
		})
	}
}
