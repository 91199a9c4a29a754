package governance_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// TestAuditDirectory tampers with the files of a directory.
func TestAuditDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, governance.LogFile)
	file := must(governance.OpenFile(log))
	a := newAudited(t, file)
	a.story()
	for _, signed := range append(a.kept, a.kept[0]) {
		if err := governance.KeepCheckpoint(dir, signed); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	audit := func() error {
		r, err := governance.AuditDirectory(t.Context(), dir, a.keys())
		if err == nil && !r.Proved() {
			err = errors.New(r.String())
		}
		return err
	}
	if err := audit(); err != nil {
		t.Fatal(err)
	}
	files := must(os.ReadDir(dir))
	if len(files) != 3 {
		t.Fatalf("%d files, want the log and two checkpoints", len(files))
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		data := must(os.ReadFile(path))
		for name, edited := range map[string][]byte{
			"a byte": append(append(slices.Clone(data[:len(data)/2]), data[len(data)/2]^1), data[len(data)/2+1:]...),
			"a cut":  data[:len(data)-10],
			"a line": append(slices.Clone(data), data[len(data)-20:]...),
		} {
			if err := os.WriteFile(path, edited, 0o600); err != nil {
				t.Fatal(err)
			}
			if audit() == nil {
				t.Errorf("%s of %s changed and nothing noticed", name, f.Name())
			}
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, second := filepath.Join(dir, files[1].Name()), filepath.Join(dir, files[2].Name())
	kept := must(os.ReadFile(first))
	for i := range kept {
		edited := slices.Clone(kept)
		edited[i] ^= 2 // which the end of a line of base64 may not notice
		if err := os.WriteFile(first, edited, 0o600); err != nil {
			t.Fatal(err)
		}
		if audit() == nil {
			t.Errorf("a bit of byte %d of a checkpoint changed and nothing noticed", i)
		}
	}
	if err := os.WriteFile(first, must(os.ReadFile(second)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := audit(); err == nil || !strings.Contains(err.Error(), files[1].Name()+" is the checkpoint of") {
		t.Errorf("one checkpoint in the place of another: %v", err)
	}
	if err := os.WriteFile(first, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	if err := audit(); err == nil || !strings.Contains(err.Error(), "after the last checkpoint") {
		t.Errorf("without the last checkpoint: %v", err)
	}
	// Everything is put back to the day of the first checkpoint.
	whole := must(os.ReadFile(filepath.Join(dir, files[0].Name())))
	size := must(governance.OpenCheckpoint(kept, "example.test/log", a.operator.VerifierKey())).Size
	lines := bytes.SplitAfter(whole, []byte("\n"))
	if err := os.WriteFile(filepath.Join(dir, files[0].Name()), bytes.Join(lines[:size], nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := audit(); err != nil {
		t.Errorf("an earlier day: %v", err)
	}
	if _, err := governance.AuditDirectory(t.Context(), dir, a.keys(), a.kept[1]); !errors.Is(err, governance.ErrTruncated) {
		t.Errorf("an earlier day than the witness has seen: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, files[0].Name()), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	forked := must(governance.Checkpoint{Origin: "example.test/log", Size: a.witness.Seen().Size, Root: digest("fork")}.Sign(a.operator))
	if err := errors.Join(governance.KeepCheckpoint(dir, a.kept[1]), governance.KeepCheckpoint(dir, forked)); !errors.Is(err, governance.ErrTampered) {
		t.Errorf("a fork was kept: %v", err)
	}
	if _, err := governance.AuditDirectory(t.Context(), t.TempDir(), a.keys()); err == nil {
		t.Error("audited an empty directory")
	}
}
