package sqljournal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const table = `CREATE TABLE IF NOT EXISTS notify_journal (
	run    VARCHAR(100) NOT NULL,
	number INTEGER      NOT NULL,
	record TEXT         NOT NULL,
	PRIMARY KEY (run, number)
)`

// database opens a new SQLite file, with one connection: whatever holds on to it
// blocks everybody else.
func database(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", filepath.Join(tb.TempDir(), "journal.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(tb.Context(), table); err != nil {
		tb.Fatal(err)
	}
	return db
}

func open(tb testing.TB, db *sql.DB, run string) *notify.SQLJournal {
	tb.Helper()
	journal, err := notify.OpenSQLJournal(tb.Context(), db, run, notify.SQLOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return journal
}

func read(tb testing.TB, journal *notify.SQLJournal) ([]notify.Record, error) {
	tb.Helper()
	var records []notify.Record
	for record, err := range journal.Records(tb.Context()) {
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
	return records, nil
}

// TestJournal appends in two runs of one table and reads each again.
func TestJournal(t *testing.T) {
	t.Parallel()
	db := database(t)
	a, b := open(t, db, "a"), open(t, db, "b")
	const n = 50
	for i := range n {
		for _, journal := range []*notify.SQLJournal{a, b} {
			if err := journal.Append(t.Context(), notify.Record{Kind: notify.RecordAccepted, Batch: i, IDs: []string{"x", "", "y"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	records, err := read(t, open(t, db, "a"))
	if err != nil || len(records) != n || records[n-1].Batch != n-1 || fmt.Sprint(records[7].IDs) != "[x  y]" {
		t.Errorf("%d records, error %v", len(records), err)
	}
	if _, err := db.ExecContext(t.Context(), "DELETE FROM notify_journal WHERE run = 'a' AND number = 20"); err != nil {
		t.Fatal(err)
	}
	if records, err := read(t, a); !errors.Is(err, notify.ErrJournalCorrupt) || len(records) != 20 {
		t.Errorf("with a gap: %d records, error %v", len(records), err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE notify_journal SET record = '{' WHERE run = 'b' AND number = 1"); err != nil {
		t.Fatal(err)
	}
	if records, err := read(t, b); !errors.Is(err, notify.ErrJournalCorrupt) || len(records) != 1 {
		t.Errorf("with damage: %d records, error %v", len(records), err)
	}
}

// TestTwoProcesses wants the second of two that have opened a run to stop.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	db := database(t)
	first, second := open(t, db, "a"), open(t, db, "a")
	record := notify.Record{Kind: notify.RecordPlanned}
	if err := first.Append(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if err := second.Append(t.Context(), record); err == nil {
		t.Fatal("the second has written, too")
	}
	if err := second.Append(t.Context(), record); !errors.Is(err, notify.ErrJournalBroken) {
		t.Errorf("error is %v", err)
	}
	if err := open(t, db, "a").Append(t.Context(), record); err != nil {
		t.Errorf("after opening again: %v", err)
	}
}

// TestBulk stops a run at random, again and again, while the service loses
// answers: everybody is messaged once. The input comes from the same database, by
// its only connection.
func TestBulk(t *testing.T) {
	t.Parallel()
	const people = 40
	for seed := range uint64(20) {
		db := database(t)
		random := rand.New(rand.NewPCG(seed, 0))
		service := notifytest.New(notifytest.Options{
			Plans:     []notifytest.Plan{{ID: plan, Name: "sms", Channels: []notify.Channel{notify.SMS}}},
			Authorize: func(*http.Request) error { return nil },
			Fault: func(*http.Request) notifytest.Fault {
				return notifytest.Fault{LoseAnswer: random.IntN(3) == 0} // requests come one by one
			},
		})
		server := httptest.NewServer(service)
		client := newClient(t, server.URL)
		var result notify.BulkResult
		err := errStopped
		for starts := 0; err != nil; starts++ {
			if starts > 200 {
				t.Fatal(err)
			}
			left := 1 + random.IntN(10)
			var bulk *notify.Bulk
			bulk, err = client.Bulk(open(t, db, "bp-2026"), notify.BulkOptions{
				Run: "bp-2026", RunKey: []byte("a run key of 32 bytes, kept safe"), MaxMessages: 7,
				Before: func(context.Context, notify.BatchPlan) error {
					if left--; left < 0 {
						return errStopped
					}
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			result, err = bulk.Send(t.Context(), input(t.Context(), db, people))
		}
		server.Close()
		for i := range people {
			if got := service.Accepted(number(i)); got != 1 {
				t.Fatalf("seed %d: person %d has %d messages", seed, i, got)
			}
		}
		if result.Accepted != people {
			t.Errorf("seed %d: result is %+v", seed, result)
		}
	}
}

var errStopped = errors.New("stopped")

const plan = "b838b13c-f98c-4def-93f0-515d4e4f4ee1"

func newClient(tb testing.TB, url string) *notify.Client {
	tb.Helper()
	app, err := nhs.NewApp(nhs.Loopback(url), nhs.Anonymous{},
		nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1e6, Burst: 1000}),
		nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Millisecond}))
	if err != nil {
		tb.Fatal(err)
	}
	client, err := notify.New(app)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// input asks the database for something between any two people.
func input(ctx context.Context, db *sql.DB, n int) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for i := range n {
			var reference string
			err := db.QueryRowContext(ctx, "SELECT 'ref-' || ?", i).Scan(&reference)
			if !yield(notify.Message{Plan: plan, Reference: reference, To: number(i)}, err) {
				return
			}
		}
	}
}

// number returns a valid NHS number of the test range, another one for each i.
func number(i int) nhs.Number {
	for stem := 999_000_001 + 2*i; ; stem++ {
		for check := range 10 {
			if n, err := nhs.ParseNumber(strconv.Itoa(stem*10 + check)); err == nil {
				return n
			}
		}
	}
}
