package notify_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/notify"
)

const blockMarker = "\x89NB\n"

// blocks returns where the blocks of a file begin, and its length.
func blocks(content []byte) []int {
	var starts []int
	for at := 0; ; {
		next := bytes.Index(content[at:], []byte(blockMarker))
		if next < 0 {
			return append(starts, len(content))
		}
		starts = append(starts, at+next)
		at += next + 1
	}
}

// TestJournalTornTail cuts the file at every byte, and puts zeros in the place of
// what is missing, as some file systems do: what is whole stays, the rest goes, and
// writing goes on behind it.
func TestJournalTornTail(t *testing.T) {
	t.Parallel()
	content := written(t)
	starts := blocks(content)
	dir := t.TempDir()
	for cut := range len(content) + 1 {
		whole := max(0, len(slices.DeleteFunc(slices.Clone(starts), func(at int) bool { return at > cut }))-1)
		nextBlock := len(content)
		if whole+1 < len(starts) {
			nextBlock = starts[whole+1]
		}
		zeros := []int{0}
		switch {
		case cut == 0:
			zeros = append(zeros, starts[0])
		case cut >= starts[0]:
			zeros = append(zeros, nextBlock-cut)
		}
		for _, rest := range zeros {
			path := filepath.Join(dir, "journal")
			if err := os.WriteFile(path, append(bytes.Clone(content[:cut]), make([]byte, rest)...), 0o600); err != nil {
				t.Fatal(err)
			}
			journal := openJournal(t, path)
			added := notify.Record{Kind: notify.RecordRefused, Reference: "new"}
			if err := journal.Append(t.Context(), added); err != nil {
				t.Fatal(err)
			}
			want := append(slices.Clone(someRecords()[:whole]), added)
			if diff := cmp.Diff(want, collect(t, openJournal(t, path).Records(t.Context()))); diff != "" {
				t.Fatalf("cut at %d, %d zeros (-want +got):\n%s", cut, rest, diff)
			}
			_ = journal.Close()
		}
	}
}

// TestJournalDamage flips every byte: in the last block that is a torn tail,
// before it a clear refusal.
func TestJournalDamage(t *testing.T) {
	t.Parallel()
	content := written(t)
	starts := blocks(content)
	last := starts[len(starts)-2]
	dir := t.TempDir()
	for i := range content {
		damaged := bytes.Clone(content)
		damaged[i] ^= 1 << (i % 8)
		path := filepath.Join(dir, "journal")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		journal, err := notify.OpenJournal(path)
		if i < last {
			if !errors.Is(err, notify.ErrJournalCorrupt) {
				t.Fatalf("byte %d: error is %v", i, err)
			}
			if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, damaged) {
				t.Fatalf("byte %d: the damaged file was changed", i)
			}
			continue
		}
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		if got := len(collect(t, journal.Records(t.Context()))); got != len(someRecords())-1 {
			t.Errorf("byte %d: %d records", i, got)
		}
		_ = journal.Close()
	}
}

// TestJournalLeavesOtherFilesAlone opens what is no journal.
func TestJournalLeavesOtherFilesAlone(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"text":          "nhs_number,name\n",
		"short":         "a",
		"longer zeros":  string(make([]byte, 1000)),
		"another log":   "NHS Notify callbacks 1\n",
		"later version": "NHS Notify journal 2\n",
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := notify.OpenJournal(path); !errors.Is(err, notify.ErrJournalCorrupt) {
			t.Errorf("%s: error is %v", name, err)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// TestJournalTogether appends from many goroutines: every record is there, each
// goroutine's in its order.
func TestJournalTogether(t *testing.T) {
	t.Parallel()
	const writers, each = 32, 20
	path := filepath.Join(t.TempDir(), "journal")
	journal := openJournal(t, path)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := journal.Append(t.Context(), notify.Record{Kind: notify.RecordPlanned, Batch: w, Round: i}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rounds := map[int]int{}
	for _, record := range collect(t, openJournal(t, path).Records(t.Context())) {
		if record.Round != rounds[record.Batch] {
			t.Fatalf("writer %d: record %d comes after %d", record.Batch, record.Round, rounds[record.Batch])
		}
		rounds[record.Batch]++
	}
	if len(rounds) != writers || rounds[0] != each {
		t.Errorf("%d writers, %d of the first", len(rounds), rounds[0])
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// How many share a sync is for the disk to decide: a slow one has many wait.
	t.Logf("%d records in %d blocks", writers*each, len(blocks(content))-1)
}

// TestJournalNoticesAnother wants the second of two users of a file to stop.
func TestJournalNoticesAnother(t *testing.T) {
	t.Parallel()
	record := notify.Record{Kind: notify.RecordPlanned}
	cases := map[string]func(ctx context.Context, path string, other *notify.FileJournal) error{
		"writes": func(ctx context.Context, _ string, other *notify.FileJournal) error {
			return other.Append(ctx, record)
		},
		"compacts": func(ctx context.Context, _ string, other *notify.FileJournal) error {
			return other.Compact(ctx)
		},
		"deletes": func(_ context.Context, path string, _ *notify.FileJournal) error {
			return os.Remove(path)
		},
	}
	for name, interfere := range cases {
		path := filepath.Join(t.TempDir(), "journal")
		journal, other := openJournal(t, path), openJournal(t, path)
		if err := interfere(t.Context(), path, other); err != nil {
			t.Fatal(err)
		}
		if err := journal.Append(t.Context(), record); err == nil {
			t.Errorf("%s: the append went well", name)
		}
		if err := journal.Append(t.Context(), record); !errors.Is(err, notify.ErrJournalBroken) {
			t.Errorf("%s: the next append's error is %v", name, err)
		}
	}
}

// TestCallbackLog keeps callbacks over a restart, and refuses what is too large for
// any.
func TestCallbackLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "callbacks")
	open := func() *notify.CallbackLog {
		log, err := notify.OpenCallbackLog(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = log.Close() })
		return log
	}
	log := open()
	var want []notify.Callback
	for i, body := range []string{signedBody, "", "\xff\x00", `{"data":[]}`} {
		callback := notify.ParseCallback([]byte(body))
		if err := log.Append(t.Context(), callback); err != nil {
			t.Fatalf("callback %d: %v", i, err)
		}
		want = append(want, callback)
	}
	if err := log.Append(t.Context(), notify.Callback{Body: make([]byte, 16<<20)}); err == nil {
		t.Error("an oversized callback was kept")
	}
	_ = log.Close()
	var got []notify.Callback
	for callback, err := range open().All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, callback)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	if err := log.Append(t.Context(), want[0]); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: error is %v", err)
	}
	if _, err := notify.OpenCallbackLog(t.TempDir()); err == nil {
		t.Error("a directory was opened")
	}
}
