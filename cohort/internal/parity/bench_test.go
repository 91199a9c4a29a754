package parity_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// BenchmarkSQL compares the SQL that is made of the reference question with SQL that is written by hand for DuckDB, and
// both with cohort/columnar, on the same files. What is written by hand takes people to be unique.
func BenchmarkSQL(b *testing.B) {
	dir := questionStore(b, *peopleInBenchmarks)
	db := questionViews(b, dir)
	store, err := columnar.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	plan, forms := question(b), handWritten()
	medians := race(b,
		contender{"exists", count(db, forms["exists"])},
		contender{"filtered", count(db, forms["filtered"])},
		contender{"literal", count(db, forms["literal"])},
		contender{"sqlengine", func(b *testing.B) int { return members(b, compiled(b, plan), db) }},
		contender{"sqlengine-unique", func(b *testing.B) int { return members(b, compiled(b, plan, sqlengine.Unique()), db) }},
		contender{"sqlengine-counts", func(b *testing.B) int {
			attrition, err := compiled(b, plan).Run(b.Context(), db)
			if err != nil {
				b.Fatal(err)
			}
			return attrition.Raw().Members
		}},
		contender{"columnar", func(b *testing.B) int {
			result, err := columnar.Run(b.Context(), plan, store, columnar.OutcomesOnly())
			if err != nil {
				b.Fatal(err)
			}
			return result.Members()
		}},
		contender{"columnar-counts", func(b *testing.B) int {
			result, err := columnar.Run(b.Context(), plan, store)
			if err != nil {
				b.Fatal(err)
			}
			return result.Members()
		}})
	hand := best(medians, "filtered", "literal")
	b.ReportMetric(times(medians["sqlengine"], hand), "sqlengine/hand")
	b.ReportMetric(times(medians["sqlengine-unique"], hand), "unique/hand")
	b.ReportMetric(times(medians["sqlengine"], medians["exists"]), "sqlengine/exists")
	b.ReportMetric(times(hand, medians["columnar"]), "hand/columnar")
}

func compiled(b *testing.B, plan *cohort.Plan, options ...sqlengine.Option) *sqlengine.Query {
	b.Helper()
	options = append(options, sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"gpes_journal"}}))
	query, err := sqlengine.Compile(plan, sqlengine.DuckDB, options...)
	if err != nil {
		b.Fatal(err)
	}
	return query
}

func members(b *testing.B, query *sqlengine.Query, db sqlengine.Database) (n int) {
	b.Helper()
	for member, err := range query.Members(b.Context(), db) {
		if err != nil {
			b.Fatal(err)
		}
		if member.Outcome == cohort.Member {
			n++
		}
	}
	return n
}

// questionViews opens the store in DuckDB.
func questionViews(b *testing.B, dir string) *sql.DB {
	b.Helper()
	db := engines.DuckDB(b)
	for _, s := range layOut(nil, question(b)).sheets {
		if _, err := db.ExecContext(b.Context(), "CREATE VIEW "+s.name+" AS SELECT * FROM read_parquet('"+s.file(dir)+"')"); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

func count(db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, query string,
) func(*testing.B) int {
	return func(b *testing.B) (n int) {
		b.Helper()
		if err := db.QueryRowContext(b.Context(), query).Scan(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
}
