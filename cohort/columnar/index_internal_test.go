package columnar

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// small makes parts and pages of an index small.
func small(people, page int) OpenOption {
	return func(s *Store) error {
		s.partPeople, s.indexPage = people, page
		return nil
	}
}

// With an index everybody has the answers that they have without it.
func TestIndex(t *testing.T) {
	t.Parallel()
	var used atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		bound := drawing.Plan(t, drawing.Size{Steps: 4, Parts: rapid.SampledFrom([]int{4, 40}).Draw(t, "parts")})
		plan := bound.Tree()
		people := drawing.People(t, rapid.IntRange(1, 30).Draw(t, "people"), drawing.Dirt{Strangers: true, Many: 30}, bound)
		dir := folder(t)
		defer os.RemoveAll(dir)
		var kept []drawing.Person
		for _, p := range people {
			if inPopulation(plan, p) {
				kept = append(kept, p)
			}
		}
		var tables []*cohort.Table
		for _, s := range storedTables(t, plan, kept, false) {
			s.write(t, dir)
			for _, table := range drawing.Tables() {
				if table.Name() == s.name {
					tables = append(tables, table)
				}
			}
		}
		s, err := Open(dir, small(rapid.IntRange(1, 9).Draw(t, "part"), rapid.SampledFrom([]int{1, 4, 100}).Draw(t, "page")))
		if err != nil {
			t.Fatal(err)
		}
		if err := indexTables(t.Context(), hasty{}, s, tables, nil); err != nil {
			t.Skip("no index: ", err)
		}
		block := rapid.SampledFrom([]int{2, blockPeople}).Draw(t, "block")
		if s, err = Open(dir, func(s *Store) error { s.blockPeople = block; return nil }); err != nil {
			t.Fatal(err)
		}
		if p, err := s.resolve(plan); err != nil {
			t.Fatal(err)
		} else if p.parts != nil {
			used.Add(1)
		}
		checkAnswers(t, bound, s, kept)
		checkCounts(t, bound, s, kept)
		checkRecords(t, bound, s, kept)
	})
	if used.Load() == 0 && !testing.Short() { // which draws few
		t.Error("no index was used")
	}
}

// checkCounts makes sure that a run counts whom the reference evaluator finds, whether it asks all steps or not.
func checkCounts(t *rapid.T, plan *cohort.Plan, s *Store, people []drawing.Person) {
	t.Helper()
	want := map[cohort.Outcome]int{}
	for _, person := range people {
		if !person.Stranger {
			want[plan.Evaluate(person.Record()).Outcome]++
		}
	}
	for name, options := range map[string][]Option{"all": nil, "outcomes only": {OutcomesOnly()}} {
		got, err := Run(t.Context(), plan, s, options...)
		if err != nil {
			t.Fatal(err)
		}
		if got.Members() != want[cohort.Member] || got.Referred() != want[cohort.Referred] ||
			got.People() != want[cohort.Member]+want[cohort.Referred]+want[cohort.NotMember] {
			t.Fatalf("%s: %d members, %d referred of %d, want %v\n%s", name, got.Members(), got.Referred(), got.People(), want, plan.English())
		}
	}
}

// indexed returns a store of two people with two codes, without its index.
func indexed(t *testing.T) (dir string, s *Store) {
	t.Helper()
	dir = t.TempDir()
	storedTable{name: "person", key: "nhs_number", files: 1, rows: []storedRow{{key: "9990000018"}, {key: "9990000026"}}}.write(t, dir)
	storedTable{
		name: "gpes.journal", key: "NHS_NUMBER", files: 1, columns: []tree.Column{{Name: "CODE", Kind: tree.Code}},
		rows: []storedRow{{"9990000018", map[string]any{"CODE": "195967001"}}, {"9990000026", map[string]any{"CODE": "271649006"}}},
	}.write(t, dir)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, s
}

// An index that is not of the store's files is an error, however it comes.
func TestIndexOfOtherFiles(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dir, folder string){
		"another table": func(t *testing.T, dir, _ string) {
			t.Helper()
			storedTable{name: "gpes.journal", key: "NHS_NUMBER", files: 1, rows: []storedRow{{key: "9990000018"}}}.write(t, dir)
		},
		"other people": func(t *testing.T, dir, _ string) {
			t.Helper()
			storedTable{name: "person", key: "nhs_number", files: 1, rows: []storedRow{{key: "9990000018"}}}.write(t, dir)
		},
		"no rows":  func(t *testing.T, _, folder string) { t.Helper(); os.Remove(filepath.Join(folder, rowsName(0))) },
		"no codes": func(t *testing.T, _, folder string) { t.Helper(); os.Remove(filepath.Join(folder, codesName(0))) },
		"no document": func(t *testing.T, _, folder string) {
			t.Helper()
			os.WriteFile(filepath.Join(folder, manifestName), []byte("{"), 0o644)
		},
		"no parts": func(t *testing.T, _, folder string) { t.Helper(); edit(t, folder, func(m *manifest) { m.Parts = nil }) },
		"other rows": func(t *testing.T, _, folder string) {
			t.Helper()
			edit(t, folder, func(m *manifest) { m.Parts[0].Rows++ })
		},
		"another form": func(t *testing.T, _, folder string) { t.Helper(); edit(t, folder, func(m *manifest) { m.Version++ }) },
		"parts that begin nowhere": func(t *testing.T, _, folder string) {
			t.Helper()
			edit(t, folder, func(m *manifest) { m.Parts = append(m.Parts, m.Parts[0]) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, s := indexed(t)
			if err := Index(t.Context(), s, []*cohort.Table{gpes.Table()}); err != nil {
				t.Fatal(err)
			}
			if s, err := Open(dir); err != nil || s.tables["gpes.journal"].index == nil {
				t.Fatalf("the index is not found: %v", err)
			}
			spoil(t, dir, filepath.Join(dir, "gpes.journal", indexFolder))
			if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "table gpes.journal: its index") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func edit(t *testing.T, folder string, change func(*manifest)) {
	t.Helper()
	m, err := readManifest(filepath.Join(folder, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	change(&m)
	content, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, manifestName), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// When the disk is full, no index is left.
func TestIndexWithFullDisk(t *testing.T) {
	t.Parallel()
	dir, s := indexed(t)
	for n := int64(0); ; n++ {
		disk := new(brokenDisk)
		disk.left.Store(n)
		err := indexTables(t.Context(), disk, s, []*cohort.Table{gpes.Table()}, nil)
		if err == nil {
			break
		}
		left, _ := os.ReadDir(filepath.Join(dir, "gpes.journal"))
		if !errors.Is(err, syscall.ENOSPC) || len(left) != 1 {
			t.Fatalf("after %d writes: %v, and there is %v", n, err, left)
		}
	}
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}
