package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
)

// busy is a person with 40 journal entries.
func busy() *cohort.Record {
	var entries []entry
	for i := range 40 {
		code := []string{pressureCode, asthmaCode, hypertensionCode}[i%3]
		entries = append(entries, entry{date: day.AddDays(-30 * i).String(), recorded: day.String(), code: code, value: float64(120 + i)})
	}
	return journal(entries...)
}

func BenchmarkEvaluate(b *testing.B) {
	plan, someone := sample(b), busy()
	b.ReportAllocs()
	for b.Loop() {
		plan.Evaluate(someone)
	}
}

func BenchmarkExplain(b *testing.B) {
	plan, someone := sample(b), busy()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan.Explain(b.Context(), someone); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	plan := sample(b)
	b.ReportAllocs()
	for b.Loop() {
		plan.Hash()
	}
}
