package sqljournal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/notify"
)

// BenchmarkJournal compares recording a batch of 10,000 people with a loop that
// inserts rows of the same text with the same driver. It reports people a second.
func BenchmarkJournal(b *testing.B) {
	const people = 10_000
	ids := make([]string, people)
	for i := range ids {
		ids[i] = fmt.Sprintf("%027d", i)
	}
	b.Run("journal", func(b *testing.B) {
		journal := open(b, database(b), "a")
		for b.Loop() {
			if err := journal.Append(b.Context(), notify.Record{Kind: notify.RecordAccepted, Reference: "B", IDs: ids}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*people/b.Elapsed().Seconds(), "people/s")
	})
	b.Run("driver", func(b *testing.B) {
		db, i := database(b), 0
		text := `{"kind":"accepted","batch":0,"reference":"B"}` + "\n" + strings.Join(ids, " ")
		for b.Loop() {
			if _, err := db.ExecContext(b.Context(), "INSERT INTO notify_journal (run, number, record) VALUES (?, ?, ?)", "a", i, text); err != nil {
				b.Fatal(err)
			}
			i++
		}
		b.ReportMetric(float64(b.N)*people/b.Elapsed().Seconds(), "people/s")
	})
}
