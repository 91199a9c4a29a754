package columnar

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// A row group for every row takes time in proportion to their number.
func TestManyRowGroups(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes tens of thousands of row groups")
	}
	const n = 30_000
	dir := t.TempDir()
	keys := make([]string, n)
	for i := range keys {
		keys[i] = strconv.Itoa(9_990_000_000 + i)
	}
	table := journalOf(1, keys...)
	table.layout, table.numberKeys = flatfile.Layout{GroupRows: 1}, true
	table.write(t, dir)
	start := time.Now()
	read, err := readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()})
	if err != nil || read != n {
		t.Errorf("%d records, %v", read, err)
	}
	t.Logf("%d row groups in %v", n, time.Since(start))
}

// What is no file is an error at once: nobody waits for somebody to write to a pipe, or reads a folder.
func TestNoFiles(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(path string) error{
		"a folder":       func(path string) error { return os.Mkdir(path, 0o755) },
		"a pipe":         func(path string) error { return exec.Command("mkfifo", path).Run() },
		"a link to none": func(path string) error { return os.Symlink("nowhere", path) },
		"nothing":        func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, file := range []string{"b.parquet", "b.csv"} {
				dir := t.TempDir()
				journalOf(1, "9990000018").write(t, dir)
				if err := put(filepath.Join(dir, "gpes.journal", file)); err != nil {
					t.Skip(err)
				}
				_, err := Open(dir)
				if want := "file gpes.journal/" + file; (err != nil) != (file == "b.parquet") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("Open: %v", err)
				}
				if name == "a link to none" && err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Open: %v is not fs.ErrNotExist", err)
				}
				if _, err := Sort(t.Context(), filepath.Join(dir, "sorted"), dir, []*cohort.Table{gpes.Table()}); err == nil || !strings.Contains(err.Error(), "file gpes.journal/"+file) {
					t.Errorf("Sort: %v", err)
				}
				if _, err := os.Stat(filepath.Join(dir, "sorted")); err == nil {
					t.Error("there is a store")
				}
			}
		})
	}
}

// A file that is not as it was when the store was opened is an error, whatever reads it.
func TestChangedFiles(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string, content []byte) error{
		"longer":    func(path string, content []byte) error { return os.WriteFile(path, append(content, 0), 0o600) },
		"shorter":   func(path string, content []byte) error { return os.Truncate(path, int64(len(content)-1)) },
		"empty":     func(path string, _ []byte) error { return os.Truncate(path, 0) },
		"gone":      func(path string, _ []byte) error { return os.Remove(path) },
		"rewritten": func(path string, _ []byte) error { return os.Chtimes(path, time.Now(), time.Now().Add(time.Minute)) },
		"a folder":  func(path string, _ []byte) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, s := indexed(t)
			path := filepath.Join(dir, "gpes.journal", "part-0.parquet")
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := change(path, content); err != nil {
				t.Fatal(err)
			}
			_, record := s.Record(t.Context(), "9990000018", gpes.Table())
			_, profile := s.Profile(t.Context(), gpes.Table())
			for what, err := range map[string]error{"Record": record, "Profile": profile, "Index": Index(t.Context(), s, []*cohort.Table{gpes.Table()})} {
				if err == nil || !strings.Contains(err.Error(), "gpes.journal/part-0.parquet") || strings.Contains(err.Error(), "99900000") {
					t.Errorf("%s: %v", what, err)
				}
				if name == "gone" && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v is not fs.ErrNotExist", what, err)
				}
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 1 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A line without an end is an error before all of it is in memory, wherever it is.
func TestEndlessLine(t *testing.T) { //nolint:paralleltest // it measures memory
	if testing.Short() {
		t.Skip("reads much")
	}
	for name, begins := range map[string]string{"names": "NHS_NUMBER,", "a cell": "NHS_NUMBER,CODE\n9990000018,1\n9990000018,\""} {
		src := t.TempDir()
		if err := os.Mkdir(filepath.Join(src, "gpes.journal"), 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(src, "gpes.journal", "a.csv")
		if err := os.WriteFile(path, []byte(begins), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 2<<30); err != nil { // zeros, which take no room
			t.Skip(err)
		}
		before := allocatedBytes()
		_, err := Sort(t.Context(), filepath.Join(src, "sorted"), src, []*cohort.Table{gpes.Table()})
		if held := allocatedBytes() - before; held > 600<<20 || err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") || !strings.Contains(err.Error(), "gpes.journal/a.csv") {
			t.Errorf("%s: %d MB, %v", name, held>>20, err)
		}
	}
}

// Pages that do not fit in the budget are an error that says what to do.
func TestPagesBeyondBudget(t *testing.T) {
	t.Parallel()
	a := newTarget(t, flatfile.Layout{}, true, false)
	s, err := Open(a.dir, tiny(1000))
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() error{
		"Run":    func() error { _, err := Run(t.Context(), a.plan, s, Workers(1<<30)); return err },
		"Record": func() error { _, err := s.Record(t.Context(), "9990000007", a.tables...); return err },
	} {
		if err := read(); !errors.Is(err, flatfile.ErrMemory) || !strings.Contains(err.Error(), "part-0.parquet, row group 1") || !strings.Contains(err.Error(), "larger Budget") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
