package durable_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/internal/durable"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	for _, want := range []string{"first", "2nd"} {
		if err := durable.WriteFile(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Fatalf("the file holds %q, %v; want %q", got, err, want)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want that only its owner reads it", info.Mode(), err)
	}
}

func TestWriteFileFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := durable.WriteFile(path, text("kept")); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("no more space")
	err := durable.WriteFile(path, func(w io.Writer) error {
		return errors.Join(text("half")(w), fault)
	})
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want the fault", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "kept" {
		t.Errorf("the file holds %q, %v; want what it held before", got, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = durable.WriteFile(path, func(io.Writer) error { panic("out of order") })
	}()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind after a panic: %v, %v", entries, err)
	}
	if err := durable.WriteFile(filepath.Join(dir, "none", "file"), text("")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the directory: %v", err)
	}
}

// Several write one file at a time: each finds its own whole, and nothing is left beside it.
func TestWriteFileAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			line := strings.Repeat(strconv.Itoa(i), 10_000)
			if err := durable.WriteFile(path, func(w io.Writer) error {
				return errors.Join(text(line)(w), text(line)(w))
			}); err != nil {
				t.Error(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || len(got) != 20_000 || strings.Trim(string(got), string(got[:1])) != "" {
				t.Errorf("read %d bytes, %v: not what one of them wrote", len(got), err)
			}
		})
	}
	writers.Wait()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// What stands where the file is to be made first is neither followed nor taken over.
func TestWriteFileIsNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path+".new", []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path+".new", 0o666); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(path, text("ours")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want that only its owner reads it", info.Mode(), err)
	}
	if got, err := os.ReadFile(path + ".new"); err != nil || string(got) != "somebody else's" {
		t.Errorf("the other file holds %q, %v", got, err)
	}
}

func TestSyncDir(t *testing.T) {
	t.Parallel()
	if err := durable.SyncDir(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := durable.SyncDir(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the directory: %v", err)
	}
}
