//go:build duckdb_arrow

package parity_test

import (
	"context"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

// BenchmarkMembersOut compares ways out of DuckDB for a key and an outcome of everybody: row by row through database/sql,
// and in batches of columns, which only the driver itself offers. It needs -tags duckdb_arrow.
func BenchmarkMembersOut(b *testing.B) {
	db := engines.DuckDB(b)
	const query = `SELECT CAST(9990000000 + range AS VARCHAR) AS person, CAST(1 AS TINYINT) AS outcome FROM range(1000000)`
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	medians := race(b,
		contender{"sql", func(b *testing.B) (n int) {
			rows, err := conn.QueryContext(b.Context(), query)
			if err != nil {
				b.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var key string
				var outcome int64
				if err := rows.Scan(&key, &outcome); err != nil {
					b.Fatal(err)
				}
				n++
			}
			if err := rows.Err(); err != nil {
				b.Fatal(err)
			}
			return n
		}},
		contender{"arrow", func(b *testing.B) (n int) {
			err := conn.Raw(func(driver any) error {
				arrow, err := duckdb.NewArrowFromConn(driver.(*duckdb.Conn))
				if err != nil {
					return err
				}
				reader, err := arrow.QueryContext(context.Background(), query)
				if err != nil {
					return err
				}
				defer reader.Release()
				for reader.Next() {
					n += int(reader.RecordBatch().NumRows())
				}
				return reader.Err()
			})
			if err != nil {
				b.Fatal(err)
			}
			return n
		}})
	b.ReportMetric(times(medians["sql"], medians["arrow"]), "sql/arrow")
}
