package parity_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
)

// probe is one question in the SQL of each engine. An empty text means the one before it.
type probe struct {
	name                    string
	duckDB, postgres, spark string
	args                    []any
	want                    string
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestProbes(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *sql.DB{"duckdb": engines.DuckDB, "postgres": engines.PostgreSQL, "spark": engines.Spark} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			for _, p := range probes() {
				t.Run(p.name, func(t *testing.T) {
					query := p.duckDB
					if name != "duckdb" && p.postgres != "" {
						query = p.postgres
					}
					if name == "spark" && p.spark != "" {
						query = p.spark
					}
					start := time.Now()
					got, err := answer(db, query, p.args)
					if err != nil {
						t.Errorf("%s: %v", query, err)
					} else if got != p.want {
						t.Errorf("%s\n%s, want %s", query, got, p.want)
					}
					t.Log(time.Since(start))
				})
			}
		})
	}
}

// answer prints the rows of a query, a comma between values and a semicolon between rows.
func answer(db *sql.DB, query string, args []any) (string, error) {
	rows, err := db.Query(query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var lines []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = fmt.Sprint(v)
			switch v := v.(type) {
			case nil:
				texts[i] = "null"
			case time.Time:
				texts[i] = v.Format(time.DateOnly)
			}
		}
		lines = append(lines, strings.Join(texts, ","))
	}
	return strings.Join(lines, ";"), rows.Err()
}
