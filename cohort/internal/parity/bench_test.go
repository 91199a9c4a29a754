package parity_test

import (
	"database/sql"
	"testing"
)

// BenchmarkSQL compares the SQL that is made of the reference question with SQL that is written by hand for DuckDB, on
// the same files.
func BenchmarkSQL(b *testing.B) {
	dir := questionStore(b, *peopleInBenchmarks)
	db := questionViews(b, dir)
	forms := handWritten()
	var contenders []contender
	for _, name := range []string{"exists", "filtered", "literal"} {
		contenders = append(contenders, contender{name, count(db, forms[name])})
	}
	medians := race(b, contenders...)
	hand := best(medians, "filtered", "literal")
	b.ReportMetric(float64(medians["exists"])/float64(hand), "exists/hand")
}

// questionViews opens the store in DuckDB.
func questionViews(b *testing.B, dir string) *sql.DB {
	b.Helper()
	db := engines.DuckDB(b)
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range layOut(nil, question(b)).sheets {
		if _, err := conn.ExecContext(b.Context(), duckDBView(s, s.file(dir))); err != nil {
			b.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		b.Fatal(err)
	}
	return db
}

func count(db *sql.DB, query string, args ...any) func(*testing.B) int {
	return func(b *testing.B) (n int) {
		b.Helper()
		if err := db.QueryRowContext(b.Context(), query, args...).Scan(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
}

func duckDBView(s *sheet, file string) string {
	return "CREATE OR REPLACE TEMP VIEW " + s.name + " AS SELECT * FROM read_parquet('" + file + "')"
}
