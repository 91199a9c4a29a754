package columnar

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// rowsOfKeys are rows with a code each.
func rowsOfKeys(keys ...string) (rows []storedRow) {
	for i, key := range keys {
		rows = append(rows, storedRow{key, map[string]any{"CODE": strconv.Itoa(i)}})
	}
	return rows
}

func journalOf(files int, keys ...string) storedTable {
	return storedTable{name: "gpes.journal", key: "NHS_NUMBER", files: files, rows: rowsOfKeys(keys...), columns: []tree.Column{{Name: "CODE", Kind: tree.Code}}}
}

func peopleOf(files int, keys ...string) storedTable {
	return storedTable{name: "person", key: "nhs_number", files: files, rows: rowsOfKeys(keys...)}
}

// readRecords reads everything of a store.
func readRecords(ctx context.Context, dir string, tables []*cohort.Table, options ...OpenOption) (n int, err error) {
	s, err := Open(dir, options...)
	if err != nil {
		return 0, err
	}
	for _, err := range s.Records(ctx, tables...) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// What is out of order, or there twice, is an error that says where, however the rows are split; a key never is in one.
func TestOrder(t *testing.T) {
	t.Parallel()
	const a, b, c, d = "9990000018", "9990000026", "9990000034", "9990000042"
	both := []*cohort.Table{person.Table(), gpes.Table()}
	for name, test := range map[string]struct {
		people, journal storedTable
		want            string // in the error; "" for none
	}{
		"in order":               {peopleOf(1, a, b, c), journalOf(1, a, a, b, c, c), ""},
		"over files":             {peopleOf(3, a, b, c), journalOf(4, a, a, b, c, c), ""},
		"rows without a person":  {peopleOf(1, a, "", b), journalOf(1, "", a, "", a, b, ""), ""},
		"people without rows":    {peopleOf(1, a, b, c, d), journalOf(1, c), ""},
		"the journal backwards":  {peopleOf(1, a, b), journalOf(1, a, b, a), "table gpes.journal, file gpes.journal/part-0.parquet, row 3: the rows are not in order of person: sort them with columnar.Sort"},
		"backwards over files":   {peopleOf(1, a, b), journalOf(2, b, b, a, a), "table gpes.journal, file gpes.journal/part-1.parquet, row 1: the rows are not in order"},
		"people backwards":       {peopleOf(1, b, a), journalOf(1, a), "table person, file person/part-0.parquet, row 2: the rows are not in order"},
		"somebody twice":         {peopleOf(1, a, b, b), journalOf(1, a), "table person, file person/part-0.parquet, row 3: the person has a row before this one"},
		"somebody in two files":  {peopleOf(2, a, b, b, c), journalOf(1, a), "table person, file person/part-1.parquet, row 1: the person has a row before this one"},
		"longer before shorter":  {peopleOf(1, a, b), journalOf(1, "99900000180", "9990000026"), "row 2: the rows are not in order"},
		"a text among numbers":   {peopleOf(1, a, b), journalOf(1, "999000001A", "9990000018"), "row 2: the rows are not in order"},
		"strangers out of order": {peopleOf(1, a), journalOf(1, d, c), "row 2: the rows are not in order"},
	} {
		for _, numbers := range []bool{false, true} {
			for _, page := range []int{1, 2, 1000} {
				if numbers && strings.Contains(name, "text") {
					continue
				}
				dir := t.TempDir()
				for _, table := range []storedTable{test.people, test.journal} {
					table.numberKeys, table.layout = numbers, flatfile.Layout{PageRows: page, GroupRows: 2 * page, Codec: format.Snappy}
					table.write(t, dir)
				}
				_, err := readRecords(t.Context(), dir, both)
				if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "99900000")) {
					t.Errorf("%s, pages of %d rows: got %v, want %q", name, page, err, test.want)
				}
				s, err := Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				plan, err := s.everything(both)
				if err != nil {
					t.Fatal(err)
				}
				for about := 2; about < 6; about++ {
					var read Reading
					shards, err := s.shards(t.Context(), plan, about)
					if err == nil {
						_, _, err = drainShards(t, plan, shards, &read)
					}
					if (err == nil) != (test.want == "") {
						t.Errorf("%s, pages of %d rows, %d shards: got %v", name, page, about, err)
					}
				}
			}
		}
	}
}

// What is missing is named, all of it.
func TestMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journalOf(2, "9990000018", "9990000026").write(t, dir)
	storedTable{name: "person", key: "other", files: 1}.write(t, dir)
	if _, err := readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()}); err == nil || !strings.Contains(err.Error(), `person/part-0.parquet: there is no column that says whose a row is; it would be one of ["nhs_number"]`) {
		t.Errorf("no key: %v", err)
	}
	if _, err := readRecords(t.Context(), dir, []*cohort.Table{person.Deaths.Table}); err == nil || !strings.Contains(err.Error(), "there is no table "+person.Deaths.Table.Name()) {
		t.Errorf("no table: %v", err)
	}
	s, err := Open(dir, Table("person", Place{Key: "other", Files: []string{"person/*.parquet"}}))
	if err != nil {
		t.Fatal(err)
	}
	plan := &tree.Plan{Tables: []*tree.Table{{Name: "gpes.journal", PersonKeys: []string{"NHS_NUMBER"}, Columns: []tree.Column{
		{Name: "DATE", Kind: tree.Date, Sources: []string{"DATE"}}, {Name: "X", Kind: tree.Codes, Sources: []string{"CODE", "X2"}},
	}}}}
	_, err = s.shards(t.Context(), plan, 1)
	for _, want := range []string{`part-0.parquet: there is no column "DATE"`, `part-1.parquet: there is no column "DATE"`, `part-0.parquet: there is no column "X2"`, `part-1.parquet: there is no column "X2"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := Open(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there")
	}
	for name, option := range map[string]OpenOption{
		"no name": Table("", Place{}), "events": Population(gpes.Table()), "nobody": Population(nil), "little": Budget(5), "nowhere": Zone(nil),
		"a pattern": Table("x", Place{Files: []string{"["}}),
	} {
		if _, err := Open(dir, option); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A place gives tables and columns other names.
func TestPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := journalOf(1, "9990000018", "9990000026")
	table.name, table.key, table.columns[0].Name = "extract", "Person", "concept"
	for i := range table.rows {
		table.rows[i].cells = map[string]any{"concept": "271649006"}
	}
	table.write(t, dir)
	peopleOf(1, "9990000018").write(t, dir)
	s, err := Open(dir, Table("gpes.journal", Place{Files: []string{"extract/*.parquet"}, Key: "Person", Columns: map[string]string{"CODE": "concept"}}))
	if err != nil {
		t.Fatal(err)
	}
	record, err := s.Record(t.Context(), "9990000018", gpes.Table())
	if err != nil || record.Len() != 1 {
		t.Errorf("got %v, %v", record, err)
	}
}

// Somebody with more rows than there is memory for is an error that says where they are.
func TestTooManyRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := []string{"9990000018"}
	for range 3000 {
		keys = append(keys, "9990000026")
	}
	journalOf(1, keys...).write(t, dir)
	_, err := readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()}, tiny(200<<10))
	if err == nil || !strings.Contains(err.Error(), "table gpes.journal, file gpes.journal/part-0.parquet, row 2: one person has more than the 1828 rows that fit in memory") || strings.Contains(err.Error(), "999000") {
		t.Errorf("got %v", err)
	}
	if n, err := readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()}); err != nil || n != 2 {
		t.Errorf("with more memory: %d people, %v", n, err)
	}
}

// A damaged store is an error or reads as something else, and nothing else happens.
func TestDamagedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journalOf(1, "9990000018", "9990000018", "9990000026").write(t, dir)
	path := filepath.Join(dir, "gpes.journal", "part-0.parquet")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for n := range content {
		put(content[:n])
		if _, err := readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()}); err == nil || !strings.Contains(err.Error(), "gpes.journal/part-0.parquet") {
			t.Fatalf("%d of %d bytes: %v", n, len(content), err)
		}
	}
	for i := range content {
		damaged := bytes.Clone(content)
		damaged[i] ^= 0xff
		put(damaged)
		_, _ = readRecords(t.Context(), dir, []*cohort.Table{gpes.Table()})
	}
	put(content)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	put(append(content, 0))
	if _, err := s.Record(t.Context(), "9990000018", gpes.Table()); err == nil || !strings.Contains(err.Error(), "it has changed since it was opened first") {
		t.Errorf("another size: %v", err)
	}
}

// A run that is cancelled ends with the cause.
func TestCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journalOf(1, "9990000018", "9990000026").write(t, dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := readRecords(ctx, dir, []*cohort.Table{gpes.Table()}); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

// Profile counts what is read as missing in all columns.
func TestProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := peopleOf(2, "9990000018", "9990000026", "")
	table.columns = []tree.Column{{Name: "gender", Kind: tree.Text}}
	for i, gender := range []string{"0", "1", "9"} {
		table.rows[i].cells["gender"] = gender
	}
	table.write(t, dir)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.Profile(t.Context(), person.Table())
	if err != nil || read.Rows != 2 || read.NoKey != 1 || len(read.Columns) != 1 || read.Columns[0] != (ColumnReading{Table: "person", Column: "gender", Unknown: 2}) {
		t.Errorf("got %+v, %v", read, err)
	}
	if _, err := s.Profile(t.Context(), gpes.Table()); err == nil {
		t.Error("a table that is not there")
	}
}

// However hostile a file is, reading it does not fail in any other way than with an error, nor take much memory.
func FuzzStore(f *testing.F) {
	for _, page := range []int{1, 100} {
		for _, numbers := range []bool{false, true} {
			var out bytes.Buffer
			table := journalOf(1, "9990000018", "9990000018", "9990000026")
			table.layout, table.numberKeys = flatfile.Layout{PageRows: page}, numbers
			if err := table.writeRows(&out, table.rows); err != nil {
				f.Fatal(err)
			}
			f.Add(out.Bytes())
		}
	}
	for _, content := range foreignFiles(f) {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "gpes.journal"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "gpes.journal", "a.parquet"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir)
		if err != nil || s.tables["gpes.journal"].rows > 1<<16 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		people := 0
		for _, err := range s.Records(t.Context(), gpes.Table()) {
			if err != nil {
				break
			}
			people++
		}
		runtime.ReadMemStats(&after)
		if held := int64(after.HeapSys) - int64(before.HeapSys); held > 512<<20 || people > 1<<16 {
			t.Errorf("%d people, %d bytes", people, held)
		}
	})
}
