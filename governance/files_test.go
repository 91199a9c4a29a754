package governance_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// recorded is a directory with a log, two checkpoints, and files of which all but one are recorded.
func recorded(t *testing.T) (a *audited, dir string) {
	t.Helper()
	dir = t.TempDir()
	storage := must(governance.OpenFile(filepath.Join(dir, governance.LogFile)))
	t.Cleanup(func() { _ = storage.Close() })
	a = newAudited(t, storage)
	a.story()
	put(t, dir, "report.html", "evidence/summary.md", "evidence/more/fhir.json", "keys.txt")
	a.keep(dir)
	a.record(dir, "report.html", "evidence")
	return a, dir
}

// keep keeps the checkpoints so far in a directory.
func (a *audited) keep(dir string) {
	a.Helper()
	for _, signed := range a.kept {
		if err := governance.KeepCheckpoint(dir, signed); err != nil {
			a.Fatal(err)
		}
	}
}

// record records places, and has the witness see that.
func (a *audited) record(dir string, places ...string) {
	a.Helper()
	for _, place := range places {
		if err := a.authority.RecordFiles(a.Context(), dir, place); err != nil {
			a.Fatal(err)
		}
	}
	a.cosign()
	a.keep(dir)
}

func put(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("this is "+name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAuditOfFiles changes, takes away and adds files.
func TestAuditOfFiles(t *testing.T) {
	t.Parallel()
	a, dir := recorded(t)
	audit := func() string {
		t.Helper()
		return must(governance.AuditDirectory(t.Context(), dir, a.keys())).String()
	}
	const proved, all = "example.test/log: PROVED\n", "  5 files were recorded beside the log, and 5 of them are as they were recorded\n"
	if text := audit(); !strings.HasPrefix(text, proved) || !strings.Contains(text, all) {
		t.Fatal(text)
	}
	first := filepath.Base(must(filepath.Glob(filepath.Join(dir, "checkpoint-*")))[0])
	for _, name := range []string{"report.html", "evidence/summary.md", "evidence/more/fhir.json", first} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		content := must(os.ReadFile(path))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if text := audit(); !strings.Contains(text, "NOT PROVED") || !strings.Contains(text, ": a file is gone: "+name+"\n") {
			t.Errorf("without %s:\n%s", name, text)
		}
		for i := 0; i < len(content); i += 1 + len(content)/20 {
			edited := slices.Clone(content)
			edited[i] ^= 1
			if err := os.WriteFile(path, edited, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := governance.AuditDirectory(t.Context(), dir, a.keys())
			if err == nil && (r.Proved() || !strings.Contains(r.String(), ": a file is not what was recorded: "+name+"\n")) {
				t.Errorf("byte %d of %s changed:\n%s", i, name, r)
			}
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"evidence/extra.md", "evidence/more/9990000018", "evidence/deep/er/x"} {
		put(t, dir, name)
		text := audit()
		if !strings.Contains(text, "NOT PROVED") || !strings.Contains(text, ": a file was not recorded: "+strings.ReplaceAll(name, "9990000018", "[redacted]")+"\n") {
			t.Errorf("with %s:\n%s", name, text)
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "beside the report.txt")
	if text := audit(); !strings.HasPrefix(text, proved) {
		t.Errorf("with a file where none is recorded:\n%s", text)
	}
	if err := os.RemoveAll(filepath.Join(dir, "evidence")); err != nil {
		t.Fatal(err)
	}
	if text := audit(); strings.Count(text, "a file is gone: evidence/") != 2 {
		t.Errorf("without the evidence:\n%s", text)
	}
	r := must(governance.Audit(t.Context(), a.storage, a.kept, a.keys()))
	if !r.Proved() || r.Recorded != 5 || r.Unchanged != 0 {
		t.Errorf("without looking at files:\n%s", r)
	}
}

// TestFilesAgain writes files again: the last record of a place counts.
func TestFilesAgain(t *testing.T) {
	t.Parallel()
	a, dir := recorded(t)
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, "evidence")), os.WriteFile(filepath.Join(dir, "report.html"), []byte("new"), 0o600)); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "evidence/summary.json")
	a.record(dir, "evidence")
	r := must(governance.AuditDirectory(t.Context(), dir, a.keys()))
	if len(r.Findings) != 1 || !strings.Contains(r.String(), "a file is not what was recorded: report.html") {
		t.Errorf("the report was not recorded again:\n%s", r)
	}
	a.record(dir, "report.html")
	r = must(governance.AuditDirectory(t.Context(), dir, a.keys()))
	if !r.Proved() || r.Recorded != 6 || r.Unchanged != 6 { // four checkpoints, all but the last
		t.Errorf("got\n%s", r)
	}
	if err := os.Symlink("summary.json", filepath.Join(dir, "evidence", "link")); err != nil {
		t.Skip(err)
	}
	if r := must(governance.AuditDirectory(t.Context(), dir, a.keys())); r.Proved() {
		t.Error("a link was added and nothing noticed")
	}
}

// TestPlaces refuses places that cannot be recorded, and logs nothing.
func TestPlaces(t *testing.T) {
	t.Parallel()
	a, dir := recorded(t)
	size := a.log.Size()
	put(t, dir, "personal/999-000-0018.txt")
	if err := os.MkdirAll(filepath.Join(dir, "empty", "still"), 0o700); err != nil {
		t.Fatal(err)
	}
	places := []string{"", ".", "..", "../x", "/etc", "a//b", governance.LogFile, "nothing", "empty", "personal"}
	put(t, dir, "linked/to")
	if os.Symlink("to", filepath.Join(dir, "linked", "from")) == nil {
		places = append(places, "linked")
	}
	for _, place := range places {
		err := a.authority.RecordFiles(t.Context(), dir, place)
		if err == nil || strings.Contains(err.Error(), "999") {
			t.Errorf("%q: %v", place, err)
		}
		if _, ok := errors.AsType[*governance.FieldError](err); !ok && place != "nothing" {
			t.Errorf("%q: %v", place, err)
		}
	}
	if err := a.authority.RecordFiles(t.Context(), filepath.Join(dir, "nowhere"), "evidence"); err == nil {
		t.Error("recorded a directory that is not there")
	}
	if a.log.Size() != size {
		t.Error("something was logged")
	}
}

// TestForgedFiles has the log say of files what RecordFiles never would.
func TestForgedFiles(t *testing.T) {
	t.Parallel()
	a, _ := recorded(t)
	for name, edit := range map[string]func(*governance.FilesEntry){
		"outside":        func(f *governance.FilesEntry) { f.Files[0].Name = "../x" },
		"another place":  func(f *governance.FilesEntry) { f.Files[0].Name = "keys.txt" },
		"no digest":      func(f *governance.FilesEntry) { f.Files[0].Digest = governance.Digest{} },
		"none":           func(f *governance.FilesEntry) { f.Files = nil },
		"twice":          func(f *governance.FilesEntry) { f.Files = append(f.Files, f.Files[0]) },
		"personal":       func(f *governance.FilesEntry) { f.Place, f.Files[0].Name = "999 000 0018", "999 000 0018" },
		"no checkpoint":  func(f *governance.FilesEntry) { f.Checkpoints[0].Name = "keys.txt" },
		"checkpoint/dir": func(f *governance.FilesEntry) { f.Checkpoints[0].Name = "checkpoint-1/x.note" },
	} {
		stored, kept := a.forge(func(entries []governance.Entry) []governance.Entry {
			i := slices.IndexFunc(entries, func(e governance.Entry) bool { return e.Kind == governance.EntryFiles })
			edit(entries[i].Files)
			return entries
		})
		if _, err := governance.Audit(t.Context(), stored, kept, a.keys()); !errors.Is(err, governance.ErrTampered) || strings.Contains(err.Error(), "000") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
