package caas_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/caas"
)

// nilReturnFile is a cohort file that says that nothing has changed.
func nilReturnFile(t *testing.T) []byte {
	t.Helper()
	var out strings.Builder
	w := caas.NewWriter(&out)
	if err := errors.Join(w.WriteNilReturn(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return []byte(out.String())
}

// directory is a directory of good files with names.
func directory(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		put(t, filepath.Join(dir, name), file(t, caas.Record{Type: caas.Add, Number: number(0)}))
	}
	return dir
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ids receives from a directory and returns the deliveries in their order.
func ids(t *testing.T, from caas.Directory) (ids []string, err error) {
	t.Helper()
	_, err = receive(t, from, func(_ context.Context, d caas.Delivery) error {
		ids = append(ids, d.ID)
		return nil
	})
	return ids, err
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	const (
		first  = "BSS_20251231235959_n1.parquet"
		second = "20260101100135103118_BEFB67_-_CAAS_BREAST_SCREENING_COHORT.parquet"
		third  = "20260101100135103119_AAAAAA_-_CAAS_BREAST_SCREENING_COHORT.PARQUET"
		fourth = "20260102100135103119_BEFB67_-_BSS_20251101121212_n1.parquet"
	)
	dir := directory(t, third, first, fourth, second)
	put(t, filepath.Join(dir, "20250101_README.txt"), nil)
	put(t, filepath.Join(dir, "BSS_20250101000000_n1.parquet.part"), []byte("half"))
	if err := os.Mkdir(filepath.Join(dir, "old.parquet"), 0o700); err != nil {
		t.Fatal(err)
	}
	var got []string
	found, err := receive(t, caas.Directory{Path: dir}, func(_ context.Context, d caas.Delivery) error {
		got = append(got, d.ID)
		if d.FileName != d.ID || (d.ID == second) != (d.Workflow == "CAAS_BREAST_SCREENING_COHORT" && d.ID != third) {
			t.Errorf("%s: named %s, of %s", d.ID, d.FileName, d.Workflow)
		}
		if records, errs := read(d.File); len(records) != 1 || errs != nil {
			t.Errorf("%s: %v, %v", d.ID, records, errs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []string{first, second, third, fourth}, got)
	diff(t, caas.Received{Deliveries: 4, Latest: time.Date(2026, 1, 2, 10, 1, 35, 0, time.UTC)}, found)
	if left, err := filepath.Glob(filepath.Join(dir, "done", "*")); err != nil || len(left) != 4 {
		t.Errorf("moved: %v, %v", left, err)
	}
	if again, err := ids(t, caas.Directory{Path: dir}); again != nil || err != nil {
		t.Errorf("again: %v, %v", again, err)
	}
	// An acknowledgement whose answer was lost may come again.
	if err := (caas.Directory{Path: dir}).Acknowledge(t.Context(), first); err != nil {
		t.Error(err)
	}
}

// Whatever goes wrong with a file, it and those after it stay where they are.
func TestDirectory_stopsAtAFailure(t *testing.T) {
	t.Parallel()
	const first, bad, last = "BSS_20260101000000_n1.parquet", "BSS_20260102000000_n1.parquet", "BSS_20260103000000_n1.parquet"
	good := file(t, caas.Record{Type: caas.Add, Number: number(0)})
	two := file(t, caas.Record{Type: caas.Add, Number: number(0)}, caas.Record{Type: caas.Add, Number: number(1)})
	for name, tt := range map[string]struct {
		spoil func(dir string) error
		want  string
	}{
		"half written": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, bad), good[:len(good)/2], 0o600)
		}, "not a readable cohort file"},
		"count is wrong": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, bad), two, 0o600)
		}, "its name says 1 rows, it has 2"},
		"handled before": {func(dir string) error {
			done := filepath.Join(dir, "done")
			return errors.Join(os.Mkdir(done, 0o700), os.WriteFile(filepath.Join(done, bad), good, 0o600))
		}, "has been handled before"},
		"gone meanwhile": {func(dir string) error {
			path := filepath.Join(dir, bad)
			return errors.Join(os.Remove(path), os.Symlink("nowhere", path))
		}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := directory(t, first, bad, last)
			if err := tt.spoil(dir); err != nil {
				t.Fatal(err)
			}
			got, err := ids(t, caas.Directory{Path: dir})
			diff(t, []string{first}, got)
			if failure, ok := errors.AsType[*caas.DeliveryError](err); !ok || failure.ID != bad || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(err.Error(), dir) {
				t.Errorf("the error quotes the path: %v", err)
			}
			for name, moved := range map[string]bool{first: true, last: false} {
				if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) != moved {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// Without a time in its name a file has no place among the others, unless the
// caller knows it.
func TestDirectory_order(t *testing.T) {
	t.Parallel()
	dir := directory(t, "add_2_-_COHORT.parquet", "add_1_-_COHORT.parquet", "BSS_20260103000000_n1.parquet")
	source := caas.Directory{Path: dir, Done: "handled"}
	got, err := ids(t, source)
	if failure, ok := errors.AsType[*caas.DeliveryError](err); got != nil || !ok || failure.ID != "add_1_-_COHORT.parquet" {
		t.Errorf("%v, %v", got, err)
	}
	source.Order = strings.Compare
	got, err = ids(t, source)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []string{"BSS_20260103000000_n1.parquet", "add_1_-_COHORT.parquet", "add_2_-_COHORT.parquet"}, got)
}

// Names that look like those of cohort files have no time if it is none; one that
// holds an NHS number is masked.
func TestDirectory_undated(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"BSS_20261399000000_n1.parquet", "2026010112_AB_-_COHORT.parquet", "20260101_-_COHORT.parquet",
		"cohort.parquet", ".parquet", number(0).Reveal() + ".parquet",
	} {
		_, err := ids(t, caas.Directory{Path: directory(t, name)})
		if err == nil || !strings.Contains(err.Error(), "does not tell when it came") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		assertMasked(t, err.Error(), number(0))
	}
}

func TestDirectory_absent(t *testing.T) {
	t.Parallel()
	_, err := ids(t, caas.Directory{Path: filepath.Join(t.TempDir(), "none")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := (caas.Directory{Path: t.TempDir()}).Acknowledge(t.Context(), "gone.parquet"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("acknowledging what is not there: %v", err)
	}
}

// Where handled files cannot be put, none is handled.
func TestDirectory_nowhereToMove(t *testing.T) {
	t.Parallel()
	const name = "BSS_20260101000000_n1.parquet"
	dir := directory(t, name)
	put(t, filepath.Join(dir, "done"), nil)
	got, err := ids(t, caas.Directory{Path: dir})
	if failure, ok := errors.AsType[*caas.DeliveryError](err); got != nil || !ok || failure.ID != name {
		t.Errorf("%v, %v", got, err)
	}
	if err := (caas.Directory{Path: dir}).Acknowledge(t.Context(), name); err == nil {
		t.Error("acknowledged")
	}
}

func TestDirectory_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dir := directory(t, "BSS_20260101000000_n1.parquet", "BSS_20260102000000_n1.parquet")
	found, err := caas.Receive(ctx, caas.Directory{Path: dir}, caas.Handlers{Delivery: func(context.Context, caas.Delivery) error {
		cancel()
		return nil
	}})
	if !errors.Is(err, context.Canceled) || found.Deliveries != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}
