package synthetic_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// BenchmarkRecords reports how many journal rows, and people with their journals, one core invents.
func BenchmarkRecords(b *testing.B) {
	pop, err := synthetic.New(synthetic.Config{Seed: 7, People: 20000})
	if err != nil {
		b.Fatal(err)
	}
	rows, people := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		for record, err := range pop.Records(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			rows += record.Len()
			people++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(people)/b.Elapsed().Seconds(), "people/s")
}
