package synthetic_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

func catalogue() (tables []*cohort.Table) {
	for _, of := range [][]*cohort.Table{person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables()} {
		tables = append(tables, of...)
	}
	return tables
}

// written writes a population and returns where.
func written(t *testing.T, config synthetic.Config, files synthetic.Files) string {
	t.Helper()
	dir := t.TempDir()
	done, err := population(t, config).Write(t.Context(), dir, files)
	if err != nil {
		t.Fatal(err)
	}
	if done.People != config.People || done.Rows < int64(config.People) {
		t.Fatalf("%+v is written of %d people", done, config.People)
	}
	return dir
}

// parts returns the files of a table in order.
func parts(t *testing.T, dir, table string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, table, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names // sorted
}

// grid is a table as text: a header, and rows with the key first.
type grid [][]string

// column returns where a column is.
func (g grid) column(name string) int { return slices.Index(g[0], name) }

// readTable reads all parts of a table.
func readTable(t *testing.T, dir, table string) (all grid) {
	t.Helper()
	for _, name := range parts(t, dir, table) {
		g := readPart(t, name)
		if all != nil {
			g = g[1:]
		}
		all = append(all, g...)
	}
	return all
}

func readPart(t *testing.T, name string) grid {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) == ".csv" {
		g, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	g := grid{{}}
	for _, c := range f.Columns {
		g[0] = append(g[0], c.Name)
	}
	for s := f.Scan(); ; {
		n, err := s.Next(1000)
		if err != nil {
			t.Fatal(name, err)
		}
		if n == 0 {
			return g
		}
		for i := range n {
			row := make([]string, len(f.Columns))
			for c, v := range s.Columns {
				if !v.Null[i] {
					row[c] = shown(f.Columns[c], v, i)
				}
			}
			g = append(g, row)
		}
	}
}

func shown(c flatfile.Column, v *flatfile.Vector, i int) string {
	switch c.Type {
	case format.Int32:
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(v.Integers[i])).Format(time.DateOnly)
	case format.Int64:
		return strconv.FormatInt(v.Integers[i], 10)
	case format.Double:
		return strconv.FormatFloat(v.Doubles[i], 'f', -1, 64)
	case format.ByteArray:
		return string(v.Texts[i])
	case format.Boolean, format.Int96, format.Float, format.FixedLenByteArray:
	}
	panic("another type")
}
