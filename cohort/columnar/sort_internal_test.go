package columnar

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// writeCSV writes the table as comma-separated values.
func (s storedTable) writeCSV(t fataler, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, s.name), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, s.name, "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	line := []string{s.key}
	for _, c := range s.columns {
		line = append(line, c.Name)
	}
	_ = w.Write(line)
	for _, row := range s.rows {
		line := []string{row.key}
		for _, c := range s.columns {
			cell := ""
			switch v := row.cells[c.Name].(type) {
			case string:
				cell = v
			case float64:
				cell = strconv.FormatFloat(v, 'g', -1, 64)
			case calendar.Day:
				year, month, day := v.Civil()
				cell = fmt.Sprintf("%04d-%02d-%02d", year, month, day)
			}
			line = append(line, cell)
		}
		_ = w.Write(line)
	}
	w.Flush()
	if err := errors.Join(w.Error(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func tiny(bytes int64) OpenOption {
	return func(s *Store) error {
		s.memory = bytes
		return nil
	}
}

// drawUnsorted draws a plan and people, and stores their rows in any order.
func drawUnsorted(t *rapid.T) (*cohort.Plan, []drawing.Person, string, []*cohort.Table) {
	t.Helper()
	bound := drawing.Plan(t, drawing.Size{Steps: 4})
	plan := bound.Tree()
	people := drawing.People(t, rapid.IntRange(1, 20).Draw(t, "people"), drawing.Dirt{Strangers: true, Many: 30}, bound)
	people = slices.DeleteFunc(people, func(p drawing.Person) bool { return !inPopulation(plan, p) })
	dir, err := os.MkdirTemp("", "unsorted")
	if err != nil {
		t.Fatal(err)
	}
	var tables []*cohort.Table
	for _, s := range storedTables(t, plan, people, false) {
		s.rows = rapid.Permutation(s.rows).Draw(t, "order")
		if rapid.Bool().Draw(t, "csv") {
			s.writeCSV(t, dir)
		} else {
			s.write(t, dir)
		}
		at := slices.IndexFunc(drawing.Tables(), func(table *cohort.Table) bool { return table.Name() == s.name })
		tables = append(tables, drawing.Tables()[at])
	}
	return bound, people, dir, tables
}

// Rows in any order, in Parquet or CSV, make a store with the answers of the reference evaluator.
func TestSort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan, people, dir, tables := drawUnsorted(t)
		defer os.RemoveAll(dir)
		dst := filepath.Join(dir, "sorted")
		memory := tiny(rapid.SampledFrom([]int64{1, 3000, 1 << 20}).Draw(t, "memory"))
		if _, err := sortTables(t.Context(), hasty{}, dst, dir, tables, []OpenOption{memory}); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dst)
		if err != nil {
			t.Fatal(err)
		}
		checkAnswers(t, plan, s, people)
		checkRecords(t, plan, s, people)
	})
}

// hasty does not wait for the disk.
type hasty struct{}

//nolint:ireturn // as the interface has it
func (hasty) create(path string) (sink, error) {
	f, err := os.Create(path)
	return hastyFile{f}, err
}

type hastyFile struct{ *os.File }

func (hastyFile) Sync() error { return nil }

// brokenDisk fails at the so-manieth write.
type brokenDisk struct{ left atomic.Int64 }

//nolint:ireturn // as the interface has it
func (d *brokenDisk) create(path string) (sink, error) {
	if d.left.Add(-1) < 0 {
		return nil, syscall.ENOSPC
	}
	f, err := os.Create(path)
	return &brokenFile{f, d}, err
}

type brokenFile struct {
	*os.File
	disk *brokenDisk
}

func (f *brokenFile) Write(p []byte) (int, error) {
	if f.disk.left.Add(-1) < 0 {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func (f *brokenFile) Sync() error {
	if f.disk.left.Add(-1) < 0 {
		return syscall.ENOSPC
	}
	return f.File.Sync()
}

// When the disk is full, wherever that is, nothing is left behind.
func TestSortWithFullDisk(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	people := storedTable{name: "person", key: "nhs_number", columns: []tree.Column{{Name: "gender", Kind: tree.Text}}}
	for i := range 300 {
		people.rows = append(people.rows, storedRow{strconv.Itoa(9990000000 + i*7919%300), map[string]any{"gender": "1"}})
	}
	people.writeCSV(t, src)
	failures := 0
	for n := int64(0); ; n++ {
		parent := t.TempDir()
		disk := new(brokenDisk)
		disk.left.Store(n)
		_, err := sortTables(t.Context(), disk, filepath.Join(parent, "sorted"), src, []*cohort.Table{person.Table()}, []OpenOption{tiny(2000)})
		left, _ := os.ReadDir(parent)
		if err == nil {
			if len(left) != 1 || left[0].Name() != "sorted" {
				t.Errorf("after a success there are %v", left)
			}
			break
		}
		failures++
		if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "999000") {
			t.Errorf("after %d writes: %v", n, err)
		}
		if len(left) > 0 {
			t.Fatalf("after %d writes and an error there is %v", n, left)
		}
	}
	if failures < 20 {
		t.Errorf("failed only %d times", failures)
	}
}

func TestSortRefuses(t *testing.T) {
	t.Parallel()
	tables := []*cohort.Table{gpes.Table()}
	for name, test := range map[string]struct {
		csv, want string
		tables    []*cohort.Table
	}{
		"no tables":        {tables: []*cohort.Table{}, want: "no tables"},
		"no files":         {tables: []*cohort.Table{person.Table()}, want: "no files person/*.parquet"},
		"an empty file":    {csv: "", want: "no line of column names"},
		"no person":        {csv: "DATE,CODE\n2025-01-01,1\n", want: "whose a row is"},
		"ragged lines":     {csv: "NHS_NUMBER,CODE\n9990000018,1\n9990000018\n", want: "row 2"},
		"a quote too much": {csv: "NHS_NUMBER,CODE\n9990000018,\"1\n", want: "row 1"},
		"not UTF-8":        {csv: "NHS_NUMBER,CODE\n9990000018,1\n9990000018,\xff\n", want: `row 2: column "CODE" is not UTF-8`},
		"a long key":       {csv: "NHS_NUMBER,CODE\n" + strings.Repeat("9", 300) + ",1\n", want: "longer than 256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := t.TempDir()
			if err := os.Mkdir(filepath.Join(src, "gpes.journal"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(src, "gpes.journal", "a.csv"), []byte(test.csv), 0o644); err != nil {
				t.Fatal(err)
			}
			if test.tables == nil {
				test.tables = tables
			}
			dst := filepath.Join(src, "sorted")
			_, err := Sort(t.Context(), dst, src, test.tables)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "99900") || strings.Contains(err.Error(), "9999") {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := os.Stat(dst); err == nil {
				t.Error("there is a store")
			}
		})
	}
	there := t.TempDir()
	if _, err := Sort(t.Context(), there, there, tables); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over what is there: %v", err)
	}
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	src := t.TempDir()
	storedTable{name: "gpes.journal", key: "NHS_NUMBER", rows: make([]storedRow, 5000)}.writeCSV(t, src)
	if _, err := Sort(ended, filepath.Join(src, "sorted"), src, tables); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("after the context has ended: %v", err)
	}
}

func TestSortReport(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	if err := os.Mkdir(filepath.Join(src, "gpes.journal"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "\ufeffNHS_NUMBER,DATE,VALUE1_CONDITION,other\n" +
		"9990000026,20250101,1,x\n9990000018,2025-01,y,x\n,2025-01-01,2,x\n9990000018,0000-01-01,inf,x\n9990000018,1800-01-01,-0,x\n"
	if err := os.WriteFile(filepath.Join(src, "gpes.journal", "a.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dst := filepath.Join(src, "sorted")
	read, err := Sort(t.Context(), dst, src, []*cohort.Table{gpes.Table()})
	if err != nil {
		t.Fatal(err)
	}
	want := []ColumnReading{
		{Table: "gpes.journal", Column: "DATE", OutsideCalendar: 1, Unreadable: 1},
		{Table: "gpes.journal", Column: "VALUE1_CONDITION", NotFinite: 1, Unreadable: 1},
	}
	if read.Rows != 4 || read.NoKey != 1 || !slices.Equal(read.Columns, want) {
		t.Errorf("got %+v", read)
	}
}
