package parity

import (
	"database/sql"
	"errors"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver duckdb
)

// Engines starts each engine at most once, when first asked for. The zero value is ready; Close it.
type Engines struct {
	postgres, spark server
}

// DuckDB opens an empty database in memory. It is linked in, and so is never missing.
func (*Engines) DuckDB(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// PostgreSQL is a database of a cluster made for these tests, whose collation is that of English, not of bytes.
func (e *Engines) PostgreSQL(tb testing.TB) *sql.DB {
	tb.Helper()
	return e.postgres.get(tb, startPostgres)
}

// Spark is a Thrift server on this machine with two cores, whose dialect is Spark's own (ANSI).
func (e *Engines) Spark(tb testing.TB) *sql.DB {
	tb.Helper()
	return e.spark.get(tb, startSpark)
}

// Close stops what was started.
func (e *Engines) Close() error { return errors.Join(e.postgres.close(), e.spark.close()) }
