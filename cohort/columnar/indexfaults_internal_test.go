package columnar

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// asking returns a plan that asks who has one of some codes, and what else is asked of the row.
func asking(t *testing.T, codes []string, also ...cohort.RowPred[gpes.Entry]) *cohort.Plan {
	t.Helper()
	list, err := codelist.New(codelist.Info{ID: "some", Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
	if err != nil {
		t.Fatal(err)
	}
	rows := gpes.Journal.Where(append(also, gpes.Code.In(list))...)
	definition, err := cohort.New("some-code", "1", cohort.Include("has it", rows.Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// manyCodes returns a store of so many people, each with a code of their own that all before have too, and with its index.
func manyCodes(t *testing.T, people int, texts func(person int) string) (dir string, s *Store) {
	t.Helper()
	dir = t.TempDir()
	persons := storedTable{name: "person", key: "nhs_number", files: 1, numberKeys: true}
	journal := storedTable{
		name: "gpes.journal", key: "NHS_NUMBER", files: 2, numberKeys: true,
		columns: []tree.Column{{Name: "CODE", Kind: tree.Code}, {Name: "EPISODE_CONDITION", Kind: tree.Text}},
	}
	for i := range people {
		key := strconv.Itoa(9990000000 + 8*i)
		persons.rows = append(persons.rows, storedRow{key: key})
		for code := i; code < people; code++ {
			journal.rows = append(journal.rows, storedRow{key, map[string]any{"CODE": codeOf(code), "EPISODE_CONDITION": texts(i)}})
		}
	}
	persons.write(t, dir)
	journal.write(t, dir)
	s, err := Open(dir, small(7, 4))
	if err != nil {
		t.Fatal(err)
	}
	var told []Progress
	if err := Index(t.Context(), s, []*cohort.Table{gpes.Table()}, Workers(1), OnProgress(func(p Progress) { told = append(told, p) })); err != nil {
		t.Fatal(err)
	}
	if n := len(told); n != (people+6)/7 || told[n-1] != (Progress{People: people, Of: people, Rows: len(journal.rows)}) {
		t.Errorf("progress: %v", told)
	}
	if s, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	return dir, s
}

// codeOf is a concept of SNOMED CT, which ends in a check digit. They come in order.
func codeOf(i int) string {
	for digit := 0; ; digit++ {
		if code := fmt.Sprintf("%d00%d", 3000+i, digit); codelist.SNOMEDCT.Check(code) == nil {
			return code
		}
	}
}

// Of an index only the pages are read that have the codes.
func TestIndexReadsPagesOfItsCodes(t *testing.T) {
	t.Parallel()
	_, s := manyCodes(t, 21, func(int) string { return "x" })
	all := make([]string, 21)
	for i := range all {
		all[i] = codeOf(i)
	}
	read := map[int]Reading{}
	for _, n := range []int{1, 21} {
		result, err := Run(t.Context(), asking(t, all[:n]), s)
		if err != nil {
			t.Fatal(err)
		}
		if result.Members() != n || result.People() != 21 {
			t.Errorf("%d of %d people have one of %d codes", result.Members(), result.People(), n)
		}
		read[n] = *result.Reading()
	}
	if one, every := read[1], read[21]; one.Rows != 1 || one.Pages != 1 || one.PrunedPages == 0 || every.Rows != 21*22/2 || every.PrunedPages != 0 {
		t.Errorf("one code: %+v, all: %+v", one, every)
	}
}

// Texts may be so long that pages of theirs end early.
func TestIndexOfLongTexts(t *testing.T) {
	t.Parallel()
	long := func(person int) string { return strings.Repeat(string(rune('a'+person)), 60<<10) }
	dir, _ := manyCodes(t, 9, long)
	s, err := Open(dir, NoIndex(), small(100, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if err := Index(t.Context(), s, []*cohort.Table{gpes.Table()}); err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, options := range [][]OpenOption{nil, {NoIndex()}} {
		s, err := Open(dir, options...)
		if err != nil {
			t.Fatal(err)
		}
		for person := range 9 {
			result, err := Run(t.Context(), asking(t, []string{codeOf(8)}, gpes.EpisodeCondition.In(long(person), "y")), s)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, result.Members())
		}
	}
	if want := slices.Repeat([]int{1}, 18); !slices.Equal(found, want) {
		t.Errorf("found %v", found)
	}
}

// What an index has under a code that is not that of the rows, or is out of order, is an error that says where.
func TestIndexThatIsWrong(t *testing.T) {
	t.Parallel()
	ordered := []string{codeOf(0), codeOf(1)}
	for name, test := range map[string]struct {
		codes  []string
		first  []int64 // row of each code
		second int     // where the rows of the second begin
		people []int32
		want   string
	}{
		"sound":        {ordered, []int64{0, 1}, 1, []int32{0, 0, 1}, ""},
		"another code": {ordered, []int64{0, 1}, 2, []int32{0, 0, 1}, "rows-00000.parquet, row 2: the index: the row has another code"},
		"descending":   {ordered, []int64{0, 1}, 1, []int32{0, 1, 0}, "rows-00000.parquet, row 3: the index: the rows are not in order of person"},
		"nobody":       {ordered, []int64{0, 1}, 1, []int32{0, 0, 2}, "rows-00000.parquet, row 3: the index: the rows are not in order of person"},
		"beyond":       {ordered, []int64{0, 2}, 1, []int32{0, 0, 1}, "codes-00000.parquet: it is not of these files"},
		"twice":        {ordered, []int64{0, 0}, 1, []int32{0, 0, 1}, "codes-00000.parquet: it is not of these files"},
		"reversed":     {[]string{codeOf(1), codeOf(0)}, []int64{0, 1}, 1, []int32{0, 0, 1}, "codes-00000.parquet: it is not of these files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := manyCodes(t, 2, func(int) string { return "x" })
			folder := filepath.Join(dir, "gpes.journal", indexFolder)
			rewrite(t, filepath.Join(folder, rowsName(0)), []flatfile.Column{{Name: "CODE", Type: format.ByteArray}, {Name: personColumn, Type: format.Int32, Plain: true}}, func(w *flatfile.ColumnWriter) {
				w.Columns[0].Text(codeOf(0), test.second)
				w.Columns[0].Text(codeOf(1), 3-test.second)
				w.Columns[1].Int32s(test.people, nil)
			}, 3)
			rewrite(t, filepath.Join(folder, codesName(0)), directoryColumns(), func(w *flatfile.ColumnWriter) {
				w.Columns[0].Texts(test.codes, nil)
				w.Columns[1].Integers(test.first, nil)
				w.Columns[2].Integers([]int64{1, 2}, nil)
			}, 2)
			made := partOf(dir, folder, 0)
			if err := made.outline(); err != nil {
				t.Fatal(err)
			}
			edit(t, folder, func(m *manifest) { m.Parts[0].Rows, m.Parts[0].Footer = 3, made.footer() })
			s, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Run(t.Context(), asking(t, ordered), s)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "99900000") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func rewrite(t *testing.T, path string, columns []flatfile.Column, fill func(*flatfile.ColumnWriter), rows int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := flatfile.NewColumnWriter(f, columns, flatfile.Layout{Codec: format.Snappy})
	if err != nil {
		t.Fatal(err)
	}
	fill(w)
	if err := w.EndBatch(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// An index that cannot be made anew stays as it is, and one that is not of the files does not keep a new one from being made.
func TestIndexIsReplacedWhole(t *testing.T) {
	t.Parallel()
	dir, _ := manyCodes(t, 3, func(int) string { return "x" })
	content := func() (files map[string]string) {
		t.Helper()
		files = map[string]string{}
		for _, entry := range ignore(os.ReadDir(filepath.Join(dir, "gpes.journal", indexFolder))) {
			files[entry.Name()] = string(ignore(os.ReadFile(filepath.Join(dir, "gpes.journal", indexFolder, entry.Name()))))
		}
		return files
	}
	before := content()
	s, err := Open(dir, NoIndex(), small(7, 4))
	if err != nil {
		t.Fatal(err)
	}
	disk := new(brokenDisk)
	if err := indexTables(t.Context(), disk, s, []*cohort.Table{gpes.Table()}, nil); err == nil {
		t.Fatal("the disk is not full")
	}
	if d := cmp.Diff(before, content()); d != "" {
		t.Errorf("(-before +after)\n%s", d)
	}
	edit(t, filepath.Join(dir, "gpes.journal", indexFolder), func(m *manifest) { m.Source = "" })
	if _, err := Open(dir); err == nil {
		t.Error("the index is of the files")
	}
	if err := Index(t.Context(), s, []*cohort.Table{gpes.Table()}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, content()); d != "" {
		t.Errorf("(-before +after)\n%s", d)
	}
	if left := ignore(os.ReadDir(filepath.Join(dir, "gpes.journal"))); len(left) != 3 {
		t.Errorf("there are %v", left)
	}
}

func ignore[T any](value T, _ error) T { return value }

// People of whom a row does not say who they are cannot be numbered.
func TestIndexOfPeopleWithoutKey(t *testing.T) {
	t.Parallel()
	dir, _ := indexed(t)
	storedTable{name: "person", key: "nhs_number", files: 1, rows: []storedRow{{key: "9990000018"}, {}, {key: "9990000026"}}}.write(t, dir)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = Index(t.Context(), s, []*cohort.Table{gpes.Table()})
	if err == nil || !strings.Contains(err.Error(), "person/part-0.parquet, row 2: the row does not say whose it is") {
		t.Errorf("got %v", err)
	}
}
