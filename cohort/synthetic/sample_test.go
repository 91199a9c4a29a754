package synthetic_test

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// sample is the files of a population, read column by column.
type sample struct {
	dir     string
	columns map[[2]string][]string // by table and column
}

func newSample(t *testing.T, people int, rows synthetic.Rows) *sample {
	t.Helper()
	config := synthetic.Config{Seed: 3, People: people, On: on(), Rows: rows}
	return &sample{written(t, config, synthetic.Files{Parts: 1}), make(map[[2]string][]string)}
}

// rows returns how many rows a table has.
func (s *sample) rows(t *testing.T, table string) int {
	t.Helper()
	for _, of := range catalogue() {
		if of.Name() == table {
			return len(s.column(t, table, of.Info().PersonKeys[0]))
		}
	}
	return 0
}

// column returns the cells of a column.
func (s *sample) column(t *testing.T, table, name string) (cells []string) {
	t.Helper()
	id := [2]string{table, name}
	if cells, ok := s.columns[id]; ok {
		return cells
	}
	file, err := os.Open(filepath.Join(s.dir, table, "part-0000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	leaf, ok := f.Schema().Lookup(name)
	if !ok {
		t.Fatalf("%s has no column %s", table, name)
	}
	for _, group := range f.RowGroups() {
		cells = append(cells, chunk(t, group.ColumnChunks()[leaf.ColumnIndex])...)
	}
	s.columns[id] = cells
	return cells
}

func chunk(t *testing.T, of parquet.ColumnChunk) (cells []string) {
	t.Helper()
	pages := of.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return cells
		}
		if err != nil {
			t.Fatal(err)
		}
		values := make([]parquet.Value, page.NumValues())
		if n, err := page.Values().ReadValues(values); n < len(values) {
			t.Fatal(err)
		}
		for _, v := range values {
			cell := v.String()
			switch {
			case v.IsNull():
				cell = ""
			case v.Kind() == parquet.Int32:
				cell = time.Unix(0, 0).UTC().AddDate(0, 0, int(v.Int32())).Format(time.DateOnly)
			}
			cells = append(cells, cell)
		}
	}
}

// cells returns a cell of a row by the name of its column.
type cells func(column string) string

// figure is one of the tables: in how many percent of the rows of a table something is so, or of some of them.
type figure struct {
	table   string
	what    string
	percent float64
	is      func(c cells) bool
	among   func(c cells) bool // all if nil
}

// check compares a figure with the rows.
func (f figure) check(t *testing.T, s *sample) {
	t.Helper()
	at, count, of := 0, 0, 0
	row := func(column string) string { return s.column(t, f.table, column)[at] }
	for rows := s.rows(t, f.table); at < rows; at++ {
		if f.among != nil && !f.among(row) {
			continue
		}
		of++
		if f.is(row) {
			count++
		}
	}
	closeTo(t, f.table+", "+f.what, f.percent, count, of)
}

// closeTo compares a count with what it should be in percent, within what the number of rows allows: three standard
// deviations, as the seed is always the same, and a fiftieth, as rows of one person are not drawn apart from each other.
func closeTo(t *testing.T, what string, percent float64, count, of int) {
	t.Helper()
	p := percent / 100
	within := 3*math.Sqrt(p*(1-p)/float64(of)) + min(p, 1-p)/50
	if got := float64(count) / float64(of); !(math.Abs(got-p) <= within) {
		t.Errorf("%s: %.3f%% of %d, want %.3f%% within %.3f", what, 100*got, of, percent, 100*within)
	}
}
