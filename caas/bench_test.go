package caas_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs/caas"
)

// benchmarkFile is a file of 20,000 people.
func benchmarkFile(b *testing.B) []byte {
	b.Helper()
	people := make([]caas.Record, 20_000)
	for i := range people {
		people[i] = caas.Record{
			Type: caas.Add, Number: number(i), SerialChangeNumber: int64(i), PrimaryCareProvider: "G82650",
			GivenName: "Ann", FamilyName: "Example", BirthDate: day(b, "19600111"), Gender: caas.GenderFemale,
			Postcode: "LS1 6AE", Eligible: new(true),
		}
	}
	return file(b, people...)
}

// BenchmarkRead reads a file of 20,000 people, beside the Parquet library's own
// rows, which are neither checked nor mapped.
func BenchmarkRead(b *testing.B) {
	content := benchmarkFile(b)
	b.Run("Records", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := caas.OpenFile(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				b.Fatal(err)
			}
			rows := 0
			for _, err := range f.Records() {
				if err != nil {
					b.Fatal(err)
				}
				rows++
			}
			if rows != 20_000 {
				b.Fatal(rows)
			}
		}
	})
	b.Run("parquet-go", func(b *testing.B) {
		b.ReportAllocs()
		buffer := make([]parquet.Row, 100)
		for b.Loop() {
			rows, err := readRows(content, buffer)
			if err != nil || rows != 20_000 {
				b.Fatal(rows, err)
			}
		}
	})
}

func readRows(content []byte, buffer []parquet.Row) (total int, err error) {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return 0, err
	}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		for {
			n, err := rows.ReadRows(buffer)
			total += n
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return total, err
			}
		}
		if err := rows.Close(); err != nil {
			return total, err
		}
	}
	return total, nil
}
