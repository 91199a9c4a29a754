package columnar_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Where files may not grow beyond so many bytes, as where the disk is full, there is an error and nothing else: no file under
// the name, and none beside it. What was there before is there still.
func TestFilesThatMayNotGrow(t *testing.T) {
	t.Parallel()
	if room := os.Getenv("COLUMNAR_ROOM"); room != "" {
		withoutRoom(t, os.Getenv("COLUMNAR_DIR"), room)
		return
	}
	for _, room := range []string{"0", "1", "300", "5000"} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run", "^TestFilesThatMayNotGrow$", "-test.v")
		cmd.Env = append(os.Environ(), "COLUMNAR_ROOM="+room, "COLUMNAR_DIR="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "all three failed") {
			t.Errorf("with room for %s bytes: %v\n%s", room, err, out)
		}
		if content, err := os.ReadFile(filepath.Join(dir, "members.parquet")); err != nil || string(content) != "before" {
			t.Errorf("with room for %s bytes: the file holds %q, %v", room, content, err)
		}
		if left := filesIn(t, dir); left != "members.parquet store/gpes.journal/part-00000.parquet store/person/part-00000.parquet unsorted/gpes.journal/a.csv unsorted/person/a.csv" {
			t.Errorf("with room for %s bytes there are %s", room, left)
		}
	}
}

func filesIn(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && (!e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "_")) {
			path, err = filepath.Rel(dir, path)
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// withoutRoom makes a store, and then tries to write with no more room.
func withoutRoom(t *testing.T, dir, room string) {
	t.Helper()
	unsorted, sorted := filepath.Join(dir, "unsorted"), filepath.Join(dir, "store")
	var people, entries strings.Builder
	people.WriteString("nhs_number,primary_care_provider\n")
	entries.WriteString("NHS_NUMBER,DATE,CODE,VALUE1_CONDITION\n")
	for i := range 3000 {
		key := fmt.Sprintf("999%07d", i*7919%3000)
		fmt.Fprintf(&people, "%s,A81001\n", key)
		fmt.Fprintf(&entries, "%s,2025-06-01,27164%04d,%d\n", key, i, 100+i%80)
	}
	for name, text := range map[string]string{"person": people.String(), "gpes.journal": entries.String()} {
		if err := os.MkdirAll(filepath.Join(unsorted, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(unsorted, name, "a.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tables := []*cohort.Table{person.Table(), gpes.Table()}
	if _, err := columnar.Sort(t.Context(), sorted, unsorted, tables); err != nil {
		t.Fatal(err)
	}
	store, err := columnar.Open(sorted)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "members.parquet")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if _, err := fmt.Sscan(room, &limit.Cur); err != nil {
		t.Fatal(err)
	}
	limit.Max = limit.Cur
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip(err)
	}
	_, members := columnar.WriteMembers(t.Context(), practices(t), store, path)
	_, sort := columnar.Sort(t.Context(), filepath.Join(dir, "again"), unsorted, tables)
	index := columnar.Index(t.Context(), store, tables)
	for name, err := range map[string]error{"WriteMembers": members, "Sort": sort, "Index": index} {
		if !errors.Is(err, syscall.EFBIG) || strings.Contains(err.Error(), "9990") {
			t.Errorf("%s: %v", name, err)
		}
	}
	fmt.Println("all three failed") // for the test that has started this one
}
