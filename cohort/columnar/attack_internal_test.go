package columnar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// target is a store that is attacked.
type target struct {
	dir    string
	plan   *cohort.Plan
	tables []*cohort.Table
}

// newTarget stores some hundred people with a practice, and entries with a day, a code and a value.
func newTarget(t *testing.T, layout flatfile.Layout, numberKeys, index bool) target {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	people := storedTable{
		name: "person", key: "nhs_number", files: 2, numberKeys: numberKeys, layout: layout,
		columns: []tree.Column{{Name: "primary_care_provider", Kind: tree.Text}},
	}
	journal := storedTable{
		name: "gpes.journal", key: "NHS_NUMBER", files: 2, numberKeys: numberKeys, layout: layout,
		columns: []tree.Column{{Name: "DATE", Kind: tree.Date}, {Name: "CODE", Kind: tree.Code}, {Name: "VALUE1_CONDITION", Kind: tree.Number}},
	}
	for i := range 300 {
		key := strconv.Itoa(9_990_000_000 + 7*i)
		practice := map[string]any{"primary_care_provider": fmt.Sprintf("A%05d", r.IntN(40))}
		if i%9 == 0 {
			practice = nil
		}
		people.rows = append(people.rows, storedRow{key, practice})
		for range r.IntN(8) {
			cells := map[string]any{"DATE": calendar.Of(2000+r.IntN(25), 6, 1+r.IntN(28)), "CODE": []string{"271649006", "38341003", "195967001"}[r.IntN(3)]}
			if r.IntN(3) > 0 {
				cells["VALUE1_CONDITION"] = float64(100 + r.IntN(80))
			}
			journal.rows = append(journal.rows, storedRow{key, cells})
		}
	}
	dir := t.TempDir()
	people.write(t, dir)
	journal.write(t, dir)
	target := target{dir: dir, plan: attacked(t), tables: []*cohort.Table{person.Table(), gpes.Table()}}
	if index {
		s, err := Open(dir, small(100, 20))
		if err != nil {
			t.Fatal(err)
		}
		if err := indexTables(t.Context(), hasty{}, s, target.tables, nil); err != nil {
			t.Fatal(err)
		}
	}
	return target
}

// attacked is a plan that asks about days, codes and numbers.
func attacked(t *testing.T) *cohort.Plan {
	t.Helper()
	readings := gpes.Journal.Where(gpes.Code.In(codeList(t, "271649006", "38341003")), gpes.Date.After(cohort.MustDate("2010-01-01")))
	definition, err := cohort.New("attacked", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("measured", readings.Count().AtLeast(2)),
		cohort.Include("high", cohort.Max(readings, gpes.Value1).AtLeast(140)).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func codeList(t *testing.T, codes ...string) *codelist.List {
	t.Helper()
	list, err := codelist.New(codelist.Info{ID: "made-up", Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// readers are all that reads a store, each with what it has read as text.
func (a target) readers() map[string]func(ctx context.Context, s *Store) (string, error) {
	return map[string]func(ctx context.Context, s *Store) (string, error){
		"Run": func(ctx context.Context, s *Store) (string, error) {
			result, err := Run(ctx, a.plan, s, Workers(2))
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%+v", result.counts), nil
		},
		"Members": func(ctx context.Context, s *Store) (string, error) {
			var out strings.Builder
			for m, err := range Members(ctx, a.plan, s, Workers(2)) {
				if err != nil {
					return "", err
				}
				fmt.Fprintln(&out, m.Key.Reveal(), m.Outcome)
			}
			return out.String(), nil
		},
		"WriteMembers": func(ctx context.Context, s *Store) (string, error) {
			path := filepath.Join(a.dir, "members.parquet")
			defer os.Remove(path)
			result, err := WriteMembers(ctx, a.plan, s, path)
			_, missing := os.Stat(path)
			left, _ := filepath.Glob(path + "?*")
			if errors.Is(missing, fs.ErrNotExist) != (err != nil) || len(left) > 0 {
				return "", fmt.Errorf("PARTIAL: %w, and %w; left %v", err, missing, left)
			}
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%+v", result.counts), nil
		},
		"Records": func(ctx context.Context, s *Store) (string, error) {
			var out strings.Builder
			for r, err := range s.Records(ctx, a.tables...) {
				if err != nil {
					return "", err
				}
				fmt.Fprintln(&out, r.Key().Reveal(), r.Len())
			}
			return out.String(), nil
		},
		"Profile": func(ctx context.Context, s *Store) (string, error) {
			read, err := s.Profile(ctx, a.tables...)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(read.Rows, read.NoKey, read.Columns), nil
		},
		"Sort": func(ctx context.Context, s *Store) (string, error) {
			dst := filepath.Join(a.dir, "sorted")
			defer os.RemoveAll(dst)
			read, err := sortTables(ctx, hasty{}, dst, s.dir, a.tables, nil)
			if err != nil {
				if left, _ := filepath.Glob(filepath.Join(a.dir, "*sorted*")); len(left) > 0 {
					return "", fmt.Errorf("PARTIAL: %v", left)
				}
				return "", err
			}
			return fmt.Sprint(read.Rows, read.NoKey, read.Columns), nil
		},
		"Index": func(ctx context.Context, s *Store) (string, error) {
			folder := filepath.Join(s.dir, "gpes.journal", indexFolder)
			old := folder + ".old"
			_ = os.Rename(folder, old)
			defer func() { _ = os.RemoveAll(folder); _ = os.Rename(old, folder) }()
			return "", indexTables(ctx, hasty{}, s, a.tables, nil)
		},
	}
}

// answers are what all readers say of the store, or their errors.
func (a target) answers(ctx context.Context, t *testing.T) (said map[string]string, failed map[string]error) {
	t.Helper()
	said, failed = map[string]string{}, map[string]error{}
	s, err := Open(a.dir)
	if err != nil {
		return nil, map[string]error{"Open": err}
	}
	for name, read := range a.readers() {
		func() {
			defer func() {
				if value := recover(); value != nil {
					t.Fatalf("%s panics: %v", name, value)
				}
			}()
			if said[name], failed[name] = read(ctx, s); failed[name] != nil {
				delete(said, name)
			} else {
				delete(failed, name)
			}
		}()
	}
	return said, failed
}

var nhsNumber = regexp.MustCompile(`999\d{7}`)

// files are those of the store.
func (a target) files(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(a.dir, func(path string, e fs.DirEntry, err error) error {
		if e.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// allocatedBytes is how much has been allocated so far.
func allocatedBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// attack changes a file, reads the store in every way, and puts the file back.
func (a target) attack(t *testing.T, path string, content []byte, change func([]byte) []byte, right map[string]string) (wrong []string) {
	t.Helper()
	if err := os.WriteFile(path, change(bytes.Clone(content)), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	before := allocatedBytes()
	said, failed := a.answers(ctx, t)
	if n := allocatedBytes() - before; n > 1<<30 {
		t.Errorf("%d MB allocated", n>>20)
	}
	for name, err := range failed {
		text := err.Error()
		if nhsNumber.MatchString(text) || strings.Contains(text, "PARTIAL") || errors.Is(err, context.DeadlineExceeded) ||
			!strings.Contains(text, ".parquet") && !strings.Contains(text, "table ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range said {
		if text != right[name] {
			wrong = append(wrong, name)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// Bits that are flipped, and files that end anywhere, are an error or do not matter. Where Parquet has no checksum, in what
// a file says about itself, they may matter; but nothing else happens.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		layout  flatfile.Layout
		numbers bool
		index   bool
	}{
		"numbers, snappy": {flatfile.Layout{PageRows: 50, GroupRows: 400, Codec: format.Snappy}, true, false},
		"texts, zstd":     {flatfile.Layout{PageRows: 100, GroupRows: 1000, Codec: format.Zstd}, false, false},
		"plain":           {flatfile.Layout{PageRows: 30, GroupRows: 90}, false, false},
		"index":           {flatfile.Layout{PageRows: 50, GroupRows: 400, Codec: format.Snappy}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTarget(t, test.layout, test.numbers, test.index)
			right, failed := a.answers(t.Context(), t)
			if len(failed) > 0 {
				t.Fatal(failed)
			}
			r := rand.New(rand.NewPCG(7, 7))
			for _, path := range a.files(t) {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				pages := 0
				if strings.HasSuffix(path, ".parquet") {
					pages = pagesEnd(t, content)
				}
				for range attacks(20) {
					at := r.IntN(len(content))
					wrong := a.attack(t, path, content, func(b []byte) []byte { b[at] ^= 1 << r.IntN(8); return b }, right)
					if len(wrong) > 0 && at < pages {
						t.Errorf("%s, byte %d: %v", path, at, wrong)
					}
				}
				for range attacks(4) {
					n := r.IntN(len(content))
					if wrong := a.attack(t, path, content, func(b []byte) []byte { return b[:n] }, right); len(wrong) > 0 {
						t.Errorf("%s, %d bytes: %v", path, n, wrong)
					}
				}
			}
		})
	}
}

// attacks is how often to attack; ATTACKS is how many times as often.
func attacks(n int) int {
	if times, err := strconv.Atoi(os.Getenv("ATTACKS")); err == nil {
		return n * times
	}
	if testing.Short() {
		return (n + 3) / 4
	}
	return n
}

// Pages without a checksum that hold anything are an error, or an answer, and nothing else happens.
func TestFlippedBitsWithoutChecksums(t *testing.T) {
	t.Parallel()
	for name, content := range foreignFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTarget(t, flatfile.Layout{Codec: format.Snappy}, true, false)
			for _, path := range a.files(t) {
				if strings.Contains(path, "journal") {
					_ = os.Remove(path)
				}
			}
			path := filepath.Join(a.dir, "gpes.journal", "a.parquet")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			right, failed := a.answers(t.Context(), t)
			if len(failed) > 0 {
				t.Fatal(failed)
			}
			r := rand.New(rand.NewPCG(7, 7))
			different := 0
			for range attacks(40) {
				wrong := a.attack(t, path, content, func(b []byte) []byte {
					for range 1 + r.IntN(3) {
						b[r.IntN(len(b))] ^= 1 << r.IntN(8)
					}
					return b
				}, right)
				different += min(1, len(wrong))
			}
			t.Logf("%d answers are different", different)
		})
	}
}
