package caas_test

import (
	"bytes"
	"testing"

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

// BenchmarkRead reads a file of 20,000 people.
func BenchmarkRead(b *testing.B) {
	content := benchmarkFile(b)
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
}
