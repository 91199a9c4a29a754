package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
)

// event is a journal entry as a hand-written program would hold it.
type event struct {
	date  cohort.Date
	code  string
	value float64
}

// busy returns 40 journal entries, for the language and for a hand-written loop.
func busy() (*cohort.Record, []event) {
	var entries []entry
	var events []event
	for i := range 40 {
		e := event{day.AddDays(-30 * i), []string{pressureCode, asthmaCode, hypertensionCode}[i%3], float64(120 + i)}
		entries = append(entries, entry{date: e.date.String(), recorded: day.String(), code: e.code, value: e.value})
		events = append(events, e)
	}
	return journal(entries...), events
}

// BenchmarkEvaluate compares the reference evaluator, which is plain on purpose,
// with a loop written by hand for the event steps of the same definition.
func BenchmarkEvaluate(b *testing.B) {
	plan := sample(b)
	someone, events := busy()
	b.Run("reference", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plan.Evaluate(someone)
		}
	})
	b.Run("hand-written", func(b *testing.B) {
		from, members := day.AddMonths(-12), 0
		b.ReportAllocs()
		for b.Loop() {
			var latest event
			diagnoses := 0
			for _, e := range events {
				if e.code == hypertensionCode {
					diagnoses++
				}
				if e.code == pressureCode && e.date.Compare(from) >= 0 && e.date.Compare(day) <= 0 && e.date.Compare(latest.date) >= 0 {
					latest = e
				}
			}
			if latest.value >= 140 && diagnoses < 2 {
				members++
			}
		}
		if members > 0 {
			b.Fatal("has two diagnoses")
		}
	})
}

// BenchmarkExplain compares why with whether, for one person.
func BenchmarkExplain(b *testing.B) {
	plan := sample(b)
	someone, _ := busy()
	b.Run("evaluate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plan.Evaluate(someone)
		}
	})
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := plan.Explain(b.Context(), someone); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("explain with text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			why, err := plan.Explain(b.Context(), someone)
			if err != nil {
				b.Fatal(err)
			}
			if why.Text() == "" {
				b.Fatal("no text")
			}
		}
	})
}
