package synthetic_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func some(people int) synthetic.Config {
	return synthetic.Config{Seed: 7, People: people, On: on(), Rows: synthetic.National().Times(0.1)}
}

// Every column of every catalogue is there, under its published name, and holds something, but for those that only newer
// feeds have.
func TestEveryTableAndColumn(t *testing.T) {
	t.Parallel()
	config := some(8000)
	dir := written(t, config, synthetic.Files{})
	newer := []string{"uom", "uom_ucum", "comparator", "range_lower", "range_upper", "deletion_flag"}
	for _, table := range catalogue() {
		t.Run(table.Name(), func(t *testing.T) {
			t.Parallel()
			info := table.Info()
			g := readTable(t, dir, table.Name())
			if g[0][0] != info.PersonKeys[0] {
				t.Errorf("the key is %s", g[0][0])
			}
			held := make([]bool, len(g[0]))
			for _, row := range g[1:] {
				for c, cell := range row {
					held[c] = held[c] || cell != ""
				}
			}
			want := []string{info.PersonKeys[0]}
			for _, c := range info.Columns {
				for i, name := range append(slices.Clone(c.Sources), c.Name) {
					if i == len(c.Sources) && i > 0 || slices.Contains(want, name) {
						continue // a field of several columns, or a column that fields share
					}
					want = append(want, name)
					if at := g.column(name); i == 0 && at >= 0 && !held[at] && !slices.Contains(newer, name) {
						t.Errorf("%s holds nothing in %d rows", name, len(g)-1)
					}
				}
			}
			for _, name := range []string{"EPIKEY", "ATTENDKEY", "ECDSKEY", "HES_RECORD_ID", "MERGED_DRUG_DETAIL_ID"} {
				if at := g.column(name); at >= 0 && !distinct(g, at, table.Name() == "hes.ae") {
					t.Errorf("%s is the same in two rows", name)
				}
			}
			if d := cmp.Diff(want, g[0]); d != "" {
				t.Errorf("columns (-want +got)\n%s", d)
			}
		})
	}
}

// distinct reports whether no two rows have the same in a column, where it may be empty if so said.
func distinct(g grid, at int, empty bool) bool {
	seen := make(map[string]bool)
	for _, row := range g[1:] {
		if seen[row[at]] && (row[at] != "" || !empty) {
			return false
		}
		seen[row[at]] = true
	}
	return true
}

// Files are sorted by person, parts come one after the other and have the same people, and the keys are numbers of the
// block for test people.
func TestFilesAreSorted(t *testing.T) {
	t.Parallel()
	config := some(3000)
	dir := written(t, config, synthetic.Files{Parts: 4})
	var ends []string // the last key of each part
	for _, name := range parts(t, dir, "person") {
		g := readPart(t, name)
		ends = append(ends, g[len(g)-1][0])
	}
	if len(ends) != 4 || !slices.IsSorted(ends) {
		t.Fatalf("the parts end with %d keys", len(ends))
	}
	for _, table := range catalogue() {
		for part, name := range parts(t, dir, table.Name()) {
			last := ""
			for _, row := range readPart(t, name)[1:] {
				key := row[0]
				if key < last || table.Name() == "person" && key == last {
					t.Fatalf("%s, part %d: not in order", table.Name(), part)
				}
				if key > ends[part] || part > 0 && key <= ends[part-1] {
					t.Fatalf("%s, part %d: a person of another part", table.Name(), part)
				}
				if number, err := nhs.ParseNumber(key); key != last && (err != nil || !number.IsTest()) {
					t.Fatalf("%s, part %d: a key that is no number for test people", table.Name(), part)
				}
				last = key
			}
		}
	}
}

// The bytes depend on the seed alone, not on how many work.
func TestSameSeedSameBytes(t *testing.T) {
	t.Parallel()
	for _, format := range []synthetic.Format{synthetic.ParquetZstd, synthetic.CSV} {
		one := written(t, some(300), synthetic.Files{Format: format, Parts: 3, Workers: 1})
		many := written(t, some(300), synthetic.Files{Format: format, Parts: 3, Workers: 4})
		for _, table := range catalogue() {
			a, b := parts(t, one, table.Name()), parts(t, many, table.Name())
			if len(a) != 3 || len(b) != 3 {
				t.Fatalf("%s has %d and %d parts", table.Name(), len(a), len(b))
			}
			for i := range a {
				x, err := os.ReadFile(a[i])
				y, err2 := os.ReadFile(b[i])
				if err := errors.Join(err, err2); err != nil || !bytes.Equal(x, y) {
					t.Errorf("format %d, %s, part %d differs (%v)", format, table.Name(), i, err)
				}
			}
		}
	}
}

// CSV holds what Parquet holds, and so do records in memory.
func TestFilesAndRecordsAgree(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	config := some(120)
	parquet := written(t, config, synthetic.Files{Parts: 2})
	other := written(t, config, synthetic.Files{Parts: 2, Format: synthetic.CSV})
	records := make(map[string]*cohort.Record)
	for _, table := range catalogue() {
		g := readTable(t, parquet, table.Name())
		if d := cmp.Diff(g, readTable(t, other, table.Name())); d != "" {
			t.Errorf("%s (-Parquet +CSV)\n%.2000s", table.Name(), d)
		}
		for _, row := range g[1:] {
			if records[row[0]] == nil {
				records[row[0]] = cohort.NewRecord(row[0])
			}
			if err := records[row[0]].Put(table, values(t, table, g[0], row)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for record, err := range population(t, config).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(record, records[record.Key().Reveal()], whole()) {
			t.Fatalf("a record of %d events is not what the files have", record.Len())
		}
	}
}

// values returns a row as Put wants it.
func values(t *testing.T, table *cohort.Table, header, row []string) map[string]any {
	t.Helper()
	cell := func(name string) string { return row[slices.Index(header, name)] }
	all := make(map[string]any)
	for _, c := range table.Info().Columns {
		var value any
		text := ""
		if len(c.Sources) == 0 {
			text = cell(c.Name)
		}
		switch c.Kind {
		case cohort.CodesKind:
			var codes []string
			for _, name := range c.Sources {
				if code := cell(name); code != "" {
					codes = append(codes, code)
				}
			}
			value = codes
		case cohort.NumberKind:
			if text != "" {
				x, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
				value = x
			}
		case cohort.DateKind:
			if text != "" {
				value = cohort.MustDate(text)
			}
		case cohort.TextKind, cohort.CodeKind:
			if text != "" {
				value = text
			}
		}
		all[c.Name] = value
	}
	return all
}

// Nobody changes when more people are asked for.
func TestLargerNationBeginsWithSmaller(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	few, many := population(t, some(40)), population(t, some(90_000))
	for i := range 40 {
		if !cmp.Equal(few.Record(i), many.Record(i), whole()) {
			t.Fatalf("person %d differs", i)
		}
	}
}

// Shuffled files hold the same rows in another order.
func TestShuffled(t *testing.T) {
	t.Parallel()
	config := some(2000)
	sorted := written(t, config, synthetic.Files{Parts: 3})
	shuffled := written(t, config, synthetic.Files{Parts: 3, Shuffled: true})
	for _, table := range catalogue() {
		lines := func(dir string) (all []string, ordered bool) {
			g := readTable(t, dir, table.Name())[1:]
			ordered = slices.IsSortedFunc(g, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
			for _, row := range g {
				all = append(all, strings.Join(row, "|"))
			}
			slices.Sort(all)
			return all, ordered
		}
		a, ordered := lines(sorted)
		b, still := lines(shuffled)
		if !slices.Equal(a, b) || !ordered || still {
			t.Errorf("%s: %d rows and %d shuffled; in order: %v and %v", table.Name(), len(a), len(b), ordered, still)
		}
	}
}

func TestFewPeopleAndTables(t *testing.T) {
	t.Parallel()
	for _, people := range []int{1, 2, 100} {
		dir := written(t, some(people), synthetic.Files{Parts: 3})
		if g := readTable(t, dir, "person"); len(g) != people+1 {
			t.Errorf("%d rows for %d people", len(g)-1, people)
		}
	}
	dir := written(t, synthetic.Config{People: 100, On: on()}, synthetic.Files{})
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("without Rows there are %d tables (%v)", len(entries), err)
	}
}

// A population beyond the block of numbers has pseudonyms, and the columns that hold them.
func TestPseudonyms(t *testing.T) {
	t.Parallel()
	config := some(synthetic.MaxNumbers + 1)
	pop, last := population(t, config), ""
	for i := range 500 {
		key := pop.Person(i).Number.Reveal()
		if len(key) < 12 || len(key) == len(last) && key <= last || pop.Record(i).Key().Reveal() != key {
			t.Fatalf("pseudonym %d is short, out of order or not that of the record", i)
		}
		last = key
	}
	for table, want := range map[string]string{
		"person": "nhs_number", "gpes.journal": "NHS_NUMBER_DEID", "hes.apc": "PERSON_ID_DEID", "hes.ecds": "PERSON_ID_DEID",
		"person.deaths": "DEC_CONF_NHS_NUMBER_CLEAN_DEID", "sact.regimens": "ENCORE_PATIENT_ID",
		"rtds.attendances": "PATIENTID", "sact.administrations": "NHS_Number",
	} {
		if got := synthetic.KeyColumns(pop)[table]; got != want {
			t.Errorf("%s has its pseudonyms in %s, want %s", table, got, want)
		}
	}
}

// A run that is stopped says why, and leaves no file that is not whole.
func TestCancelledWrite(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	_, err := population(t, some(20_000)).Write(ctx, dir, synthetic.Files{Parts: 40, Progress: func(done synthetic.Progress) {
		if done.People > 3000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	checkWhole(t, dir)
	if names := parts(t, dir, "person"); len(names) == 40 {
		t.Error("all parts are there")
	}
}

// checkWhole fails if a file is not whole.
func checkWhole(t *testing.T, dir string) {
	t.Helper()
	for _, table := range catalogue() {
		for _, name := range parts(t, dir, table.Name()) {
			if filepath.Ext(name) != ".parquet" {
				t.Fatalf("%s is left", filepath.Base(name))
			}
			readPart(t, name)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	pop := population(t, some(10))
	dir := written(t, some(10), synthetic.Files{})
	if _, err := pop.Write(t.Context(), dir, synthetic.Files{}); err == nil || !strings.Contains(err.Error(), "has parts already") {
		t.Errorf("written twice: %v", err)
	}
	for name, files := range map[string]synthetic.Files{
		"format": {Format: 9}, "parts": {Parts: -1}, "number of parts": {Parts: 10_001}, "workers": {Workers: -1},
	} {
		if _, err := pop.Write(t.Context(), t.TempDir(), files); err == nil {
			t.Errorf("a wrong %s is taken", name)
		}
	}
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pop.Write(t.Context(), file, synthetic.Files{}); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("written into a file: %v", err)
	}
	for name, rows := range map[string]synthetic.Rows{
		"unknown table": {"person": 1, "hes.xyz": 1}, "negative": {"person": 1, "hes.op": -1}, "no people": {"hes.op": 1},
		"no number": {"person": 1, "hes.op": math.NaN()}, "endless": {"person": 1, "hes.op": math.Inf(1)},
	} {
		if _, err := synthetic.New(synthetic.Config{Rows: rows}); err == nil || !strings.Contains(err.Error(), "Config.Rows") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := slices.Sorted(maps.Keys(synthetic.National())); len(got) != len(catalogue()) {
		t.Errorf("National names %d of %d tables", len(got), len(catalogue()))
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var last synthetic.Progress
	done, err := population(t, some(3000)).Write(t.Context(), t.TempDir(), synthetic.Files{
		Parts: 3, Progress: func(now synthetic.Progress) {
			if now.People < last.People || now.Rows < last.Rows {
				t.Errorf("progress from %+v to %+v", last, now)
			}
			last = now
		},
	})
	if err != nil || done != last || done.People != 3000 || done.Rows != done.Events+3000 {
		t.Errorf("%+v, last progress %+v: %v", done, last, err)
	}
}
