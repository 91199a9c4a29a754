package columnar_test

import (
	"flag"
	"runtime/metrics"
	"strconv"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

var largest = flag.Int("people", 1_000_000, "the largest population of BenchmarkGrowth")

// BenchmarkGrowth counts the cohort of the NHS Health Check, with attrition, over files of ten thousand people and ten
// times as many again and again, with nineteen journal entries each.
func BenchmarkGrowth(b *testing.B) {
	day := cohort.MustDate("2026-11-01")
	var plan *cohort.Plan
	for _, entry := range library.Catalogue() {
		if entry.ID == "nhs-health-check" {
			var err error
			if plan, err = entry.Plan(day); err != nil {
				b.Fatal(err)
			}
		}
	}
	for people := 10_000; people <= *largest; people *= 10 {
		b.Run(strconv.Itoa(people), func(b *testing.B) {
			population, err := synthetic.New(synthetic.Config{
				Seed: 7, People: people, On: day, Rows: synthetic.Rows{"person": 1, "gpes.journal": 19},
			})
			if err != nil {
				b.Fatal(err)
			}
			dir := b.TempDir()
			if _, err := population.Write(b.Context(), dir, synthetic.Files{}); err != nil {
				b.Fatal(err)
			}
			store, err := columnar.Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			var most uint64
			rows := int64(0)
			for b.Loop() {
				result, err := columnar.Run(b.Context(), plan, store, columnar.OnProgress(func(columnar.Progress) {
					most = max(most, heap())
				}))
				if err != nil {
					b.Fatal(err)
				}
				if result.People() != people || result.Members() == 0 {
					b.Fatalf("%d members of %d people", result.Members(), result.People())
				}
				rows = result.Reading().Rows
			}
			perRun := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(perRun/float64(people), "ns/person")
			b.ReportMetric(float64(rows)/perRun*1e3, "Mrows/s")
			b.ReportMetric(float64(most)/1e6, "MB-most")
		})
	}
}

// heap is how many bytes objects take, those that are not collected yet included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
