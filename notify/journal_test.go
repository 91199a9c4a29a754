package notify_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

func someRecords() []notify.Record {
	return []notify.Record{
		{Kind: notify.RecordRun, Run: "bp-2026 wave 1", Reference: "K", Messages: 10, Bytes: 5_000_000},
		{Kind: notify.RecordPlanned, Reference: "B0", Digest: "00ff", Messages: 2, Bytes: 300},
		{Kind: notify.RecordRejected, Reference: "B0", Rejected: []notify.RejectedMessage{{Index: 1, Code: "CM_INVALID_VALUE", Field: "recipient"}}},
		{Kind: notify.RecordPlanned, Round: 1, Reference: "B0-r1", Digest: "01ff", Messages: 1, Bytes: 200},
		{Kind: notify.RecordAccepted, Round: 1, Reference: "B0-r1", BatchID: "id", IDs: []string{"m0", "", "m2"}},
		{Kind: notify.RecordAccepted, Batch: 1, Reference: "B1", IDs: []string{"not plain", "m\n\u00e9"}},
		{Kind: notify.RecordAccepted, Batch: 2, Reference: "B2", IDs: []string{""}},
		{Kind: notify.RecordDone, Batch: 3, Messages: 2},
	}
}

func collect(tb testing.TB, seq iter.Seq2[notify.Record, error]) []notify.Record {
	tb.Helper()
	var records []notify.Record
	for record, err := range seq {
		if err != nil {
			tb.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

func openJournal(tb testing.TB, path string) *notify.FileJournal {
	tb.Helper()
	journal, err := notify.OpenJournal(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = journal.Close() })
	return journal
}

// written returns the bytes of a journal with someRecords.
func written(tb testing.TB) []byte {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "journal")
	journal := openJournal(tb, path)
	for _, record := range someRecords() {
		if err := journal.Append(tb.Context(), record); err != nil {
			tb.Fatal(err)
		}
	}
	if diff := cmp.Diff(someRecords(), collect(tb, journal.Records(tb.Context()))); diff != "" {
		tb.Errorf("records (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		tb.Errorf("mode is %v", info.Mode())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestJournalFailures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	journal := openJournal(t, path)
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	if err := journal.Append(t.Context(), notify.Record{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("first: %v", err)
	}
	if err := journal.Append(t.Context(), notify.Record{}); !errors.Is(err, notify.ErrJournalBroken) {
		t.Errorf("second: %v", err)
	}
	if _, err := notify.OpenJournal(t.TempDir()); err == nil {
		t.Error("a directory was opened")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	journal = openJournal(t, path)
	if err := journal.Append(t.Context(), notify.Record{}); err != nil {
		t.Fatal(err)
	}
	for _, err := range journal.Records(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("records: %v", err)
		}
	}
}

// TestJournalInUse starts a second Send on a journal while the first is under way.
func TestJournalInUse(t *testing.T) {
	t.Parallel()
	for _, journal := range []notify.Journal{
		&notify.MemoryJournal{}, openJournal(t, filepath.Join(t.TempDir(), "journal")), openSQL(t, &table{}, notify.SQLOptions{}),
	} {
		client, service := setup(t, notifytest.Options{})
		second := newBulk(t, client, journal, notify.BulkOptions{})
		asked := 0
		first := newBulk(t, client, journal, notify.BulkOptions{MaxMessages: 2, Before: func(ctx context.Context, _ notify.BatchPlan) error {
			asked++
			before := collect(t, journal.Records(ctx))
			if _, err := second.Send(ctx, input(3)); !errors.Is(err, notify.ErrJournalInUse) {
				t.Errorf("%T: error is %v", journal, err)
			}
			if diff := cmp.Diff(before, collect(t, journal.Records(ctx))); diff != "" {
				t.Errorf("%T: the second has written:\n%s", journal, diff)
			}
			return nil
		}})
		for range 2 { // the journal is free again
			if _, err := first.Send(t.Context(), input(3)); err != nil || asked != 2 {
				t.Errorf("%T: asked %d times, error %v", journal, asked, err)
			}
		}
		everyoneOnce(t, service, 3)
	}
}

// TestJournalCompact takes out requests that had no effect, and nothing else.
func TestJournalCompact(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	journal := openJournal(t, path)
	var want []notify.Record
	appendAll := func(keep bool, records ...notify.Record) {
		t.Helper()
		for _, record := range records {
			if err := journal.Append(t.Context(), record); err != nil {
				t.Fatal(err)
			}
			if keep {
				want = append(want, record)
			}
		}
	}
	planned := notify.Record{Kind: notify.RecordPlanned, Reference: "B0", Digest: "00ff"}
	refused := notify.Record{Kind: notify.RecordRefused, Reference: "B0"}
	appendAll(true, someRecords()[0])
	for range 100 {
		appendAll(false, planned, refused)
	}
	appendAll(true, someRecords()[1:3]...)
	appendAll(false, planned, refused)
	appendAll(true, planned)
	before := size(t, path)
	if err := journal.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := size(t, path); after >= before/10 {
		t.Errorf("%d bytes became %d", before, after)
	}
	if diff := cmp.Diff(want, collect(t, journal.Records(t.Context()))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	appendAll(true, someRecords()[3:]...)
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, collect(t, openJournal(t, path).Records(t.Context()))); diff != "" {
		t.Errorf("after opening again (-want +got):\n%s", diff)
	}
	if err := journal.Compact(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: error is %v", err)
	}
	if got := size(t, path); got == 0 {
		t.Error("a failed compaction left nothing")
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestJournalHoldsNothingPersonal looks for people in a journal that has seen
// everything: references of theirs, numbers, words.
func TestJournalHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	client, _ := setup(t, notifytest.Options{})
	path := filepath.Join(t.TempDir(), "journal")
	journal := openJournal(t, path)
	if _, err := newBulk(t, client, journal, notify.BulkOptions{MaxMessages: 2}).Send(t.Context(), input(5)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		for _, secret := range []string{number(i).Reveal(), message(i).Reference, "Please", string(runKey())} {
			if strings.Contains(string(content), secret) {
				t.Errorf("the journal holds %q", secret)
			}
		}
	}
}

// FuzzJournal opens any file: it is refused, or it holds records and takes more.
func FuzzJournal(f *testing.F) {
	content := written(f)
	f.Add([]byte(""))
	f.Add(content[:5])
	f.Add(content)
	f.Add(content[:len(content)-1])
	f.Add(append([]byte("x"), content...))
	f.Add(append(bytes.Clone(content), content[21:]...))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		journal, err := notify.OpenJournal(path)
		if err != nil {
			if !errors.Is(err, notify.ErrJournalCorrupt) {
				t.Fatal(err)
			}
			return
		}
		defer func() { _ = journal.Close() }()
		var before []notify.Record
		for record, err := range journal.Records(t.Context()) {
			if errors.Is(err, notify.ErrJournalCorrupt) {
				return // sound blocks of something else
			}
			if err != nil {
				t.Fatal(err)
			}
			before = append(before, record)
		}
		added := notify.Record{Kind: notify.RecordDone, Batch: 1}
		if err := journal.Append(t.Context(), added); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(before, added), collect(t, journal.Records(t.Context()))); diff != "" {
			t.Error(diff)
		}
	})
}
