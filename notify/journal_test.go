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
		{Kind: notify.RecordRun, Reference: "K", Messages: 10, Bytes: 5_000_000},
		{Kind: notify.RecordPlanned, Reference: "B0", Digest: "00ff", Messages: 2, Bytes: 300},
		{Kind: notify.RecordRejected, Reference: "B0", Rejected: []notify.RejectedMessage{{Index: 1, Code: "CM_INVALID_VALUE", Field: "recipient"}}},
		{Kind: notify.RecordPlanned, Round: 1, Reference: "B0-r1", Digest: "01ff", Messages: 1, Bytes: 200},
		{Kind: notify.RecordAccepted, Round: 1, Reference: "B0-r1", BatchID: "id", IDs: []string{"m0"}},
		{Kind: notify.RecordDone, Batch: 1, Messages: 2},
	}
}

func collect(t *testing.T, seq iter.Seq2[notify.Record, error]) []notify.Record {
	t.Helper()
	var records []notify.Record
	for record, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

func openJournal(t *testing.T, path string) *notify.FileJournal {
	t.Helper()
	journal, err := notify.OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = journal.Close() })
	return journal
}

// written returns the bytes of a journal with someRecords.
func written(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	journal := openJournal(t, path)
	for _, record := range someRecords() {
		if err := journal.Append(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(someRecords(), collect(t, journal.Records(t.Context()))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestJournalTornTail cuts the file at every byte: what is whole stays, the rest
// goes, and writing goes on behind it.
func TestJournalTornTail(t *testing.T) {
	t.Parallel()
	content := written(t)
	dir := t.TempDir()
	for cut := range len(content) + 1 {
		path := filepath.Join(dir, "journal")
		if err := os.WriteFile(path, content[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := bytes.Count(content[:cut], []byte("\n"))
		want := someRecords()[:whole]
		journal := openJournal(t, path)
		added := notify.Record{Kind: notify.RecordRefused, Reference: "new"}
		if err := journal.Append(t.Context(), added); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(want, added), collect(t, openJournal(t, path).Records(t.Context()))); diff != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", cut, diff)
		}
	}
}

// TestJournalDamage flips every byte: in the last record that is a torn tail,
// before it a clear refusal.
func TestJournalDamage(t *testing.T) {
	t.Parallel()
	content := written(t)
	last := bytes.LastIndexByte(content[:len(content)-1], '\n') + 1
	dir := t.TempDir()
	for i := range content {
		damaged := bytes.Clone(content)
		damaged[i] ^= 1
		path := filepath.Join(dir, "journal")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		journal, err := notify.OpenJournal(path)
		if i < last {
			if !errors.Is(err, notify.ErrJournalCorrupt) {
				t.Fatalf("byte %d: error is %v", i, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		if got := len(collect(t, journal.Records(t.Context()))); got != 5 {
			t.Errorf("byte %d: %d records", i, got)
		}
		_ = journal.Close()
	}
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
	f.Add([]byte(""))
	f.Add([]byte("00000000 {}\n"))
	f.Add([]byte("4f1ac5a5 {\"kind\":\"run\"}\nx"))
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
		before := collect(t, journal.Records(t.Context()))
		added := notify.Record{Kind: notify.RecordDone, Batch: 1}
		if err := journal.Append(t.Context(), added); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(before, added), collect(t, journal.Records(t.Context()))); diff != "" {
			t.Error(diff)
		}
	})
}
