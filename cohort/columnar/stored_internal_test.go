package columnar

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// fataler is what tests and rapid's checks have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(text string, args ...any)
}

// folder makes a folder, which the caller removes.
func folder(t fataler) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// storedRow is a row for a file: whose it is, and its cells by column.
type storedRow struct {
	key   string
	cells map[string]any // string, float64, calendar.Day or nil
}

// storedTable is a table for files.
type storedTable struct {
	name, key  string
	rows       []storedRow
	numberKeys bool
	whole      map[string]bool // columns of texts that are all whole numbers, and written as such
	days       dayForm
	columns    []tree.Column // one source each
	layout     flatfile.Layout
	files      int
}

// dayForm is how a file has days.
type dayForm int

const (
	asDate dayForm = iota
	asMillis
	asISO
	asCompact
)

// write writes the table into its folder of a store.
func (s storedTable) write(t fataler, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, s.name), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range s.files {
		from, to := len(s.rows)*i/s.files, len(s.rows)*(i+1)/s.files
		f, err := os.Create(filepath.Join(dir, s.name, fmt.Sprintf("part-%d.parquet", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.writeRows(f, s.rows[from:to]); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func (s storedTable) writeRows(out io.Writer, rows []storedRow) error {
	text := flatfile.Column{Type: format.ByteArray, Logical: new(format.StringType), Optional: true}
	key := text
	if s.numberKeys {
		key = flatfile.Column{Type: format.Int64, Optional: true}
	}
	key.Name = s.key
	columns := []flatfile.Column{key}
	for _, c := range s.columns {
		of := text
		switch {
		case s.whole[c.Name]:
			of = flatfile.Column{Type: format.Int64, Optional: true}
		case c.Kind == tree.Number:
			of = flatfile.Column{Type: format.Double, Optional: true}
		case c.Kind == tree.Date && s.days == asDate:
			of = flatfile.Column{Type: format.Int32, Logical: new(format.DateType), Optional: true}
		case c.Kind == tree.Date && s.days == asMillis:
			of = flatfile.Column{Type: format.Int64, Logical: &format.TimestampType{Unit: format.TimeUnit{Value: new(format.MilliSeconds)}}, Optional: true}
		}
		of.Name = c.Name
		columns = append(columns, of)
	}
	w, err := flatfile.NewColumnWriter(out, columns, s.layout)
	if err != nil {
		return err
	}
	for _, row := range rows {
		null := []bool{row.key == ""}
		if s.numberKeys {
			n, _ := strconv.ParseInt(row.key, 10, 64)
			w.Columns[0].Integers([]int64{n}, null)
		} else {
			w.Columns[0].Texts([]string{row.key}, null)
		}
		for i, c := range s.columns {
			s.writeCell(w.Columns[i+1], c, row.cells[c.Name])
		}
		if err := w.EndBatch(1); err != nil {
			return err
		}
	}
	return w.Close()
}

func (s storedTable) writeCell(a *flatfile.Appender, c tree.Column, cell any) {
	null := []bool{cell == nil}
	switch c.Kind {
	case tree.Number:
		x, _ := cell.(float64)
		a.Doubles([]float64{x}, null)
	case tree.Date:
		day, _ := cell.(calendar.Day)
		since := int64(day) - int64(calendar.Epoch)
		switch s.days {
		case asDate:
			a.Integers([]int64{since}, null)
		case asMillis:
			a.Integers([]int64{since*86_400_000 + 3_600_000}, null)
		case asISO, asCompact:
			year, month, of := day.Civil()
			text := fmt.Sprintf("%04d-%02d-%02d", year, month, of)
			if s.days == asCompact {
				text = strings.ReplaceAll(text, "-", "")
			}
			a.Texts([]string{text}, null)
		}
	case tree.Text, tree.Code, tree.Codes:
		text, _ := cell.(string)
		if s.whole[c.Name] {
			n, _ := wholeNumber(text)
			a.Integers([]int64{n}, null)
			return
		}
		a.Texts([]string{text}, null)
	}
}

// mayBeWhole reports whether all that a column holds are whole numbers.
func (s storedTable) mayBeWhole(column string) bool {
	return !slices.ContainsFunc(s.rows, func(r storedRow) bool {
		cell := r.cells[column]
		text, ok := cell.(string)
		_, whole := wholeNumber(text)
		return cell != nil && (!ok || !whole)
	})
}

// storedTables lays out the rows of people, as a plan reads them, in some way.
func storedTables(t *rapid.T, plan *tree.Plan, people []drawing.Person, beyond bool) []storedTable {
	var tables []storedTable
	for _, of := range plan.Tables {
		s := storedTable{
			name: of.Name, key: of.PersonKeys[0], files: rapid.IntRange(1, 3).Draw(t, "files"),
			numberKeys: rapid.Bool().Draw(t, "number keys"), days: dayForm(rapid.IntRange(0, 3).Draw(t, "days")),
			layout: flatfile.Layout{
				PageRows:  rapid.SampledFrom([]int{1, 3, 10, 1000}).Draw(t, "page"),
				GroupRows: rapid.SampledFrom([]int{1, 7, 30, 10000}).Draw(t, "group"),
				Codec:     rapid.SampledFrom([]format.CompressionCodec{format.Uncompressed, format.Snappy, format.Zstd}).Draw(t, "codec"),
			},
		}
		if beyond && s.days > asMillis {
			s.days = asDate
		}
		for _, c := range of.Columns {
			for _, source := range c.Sources {
				stored := c
				stored.Name = source
				if !slices.ContainsFunc(s.columns, func(c tree.Column) bool { return c.Name == source }) {
					s.columns = append(s.columns, stored)
				}
			}
		}
		for _, person := range people {
			if person.Stranger && of.PerPerson {
				continue
			}
			for _, row := range person.Rows {
				if row.Table.Name() == of.Name {
					s.rows = append(s.rows, storedRow{person.Key, row.Cells})
				}
			}
		}
		s.whole = map[string]bool{}
		for _, c := range s.columns {
			if (c.Kind == tree.Text || c.Kind == tree.Code || c.Kind == tree.Codes) && s.mayBeWhole(c.Name) {
				s.whole[c.Name] = rapid.Bool().Draw(t, "whole numbers")
			}
		}
		tables = append(tables, s)
	}
	return tables
}
