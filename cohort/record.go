package cohort

import (
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math"
	"strings"
)

// Record is what is known about one person: fields, and rows of event tables. It is what the reference
// evaluator reads. A Record prints as a mask, because everything in it is personal data; it is not safe
// for use by several goroutines while it is being filled.
type Record struct {
	key    Key
	frames []frame
}

// frame holds one person's rows of one table, column by column.
type frame struct {
	table   *Table
	n       int
	columns []cells
}

// cells is one column; only the slice of the column's kind is used. It may be shorter than the frame:
// the values beyond its end are missing.
type cells struct {
	dates   []Date
	numbers []float64
	texts   []string
}

// Cell is a value for one column, made by the Of method of that column. P keeps the cells of different
// tables apart.
type Cell[P any] struct {
	at    columnValue
	datum datum
}

// Of makes a cell. A NaN, an infinity, or a number that the catalogue declares to mean "not known", is
// missing. Like
// the Of of the other kinds it panics on a value that is not a column of the catalogue.
func (v NumberValue[P]) Of(x float64) Cell[P] { return newCell[P](v.value, numberDatum(x)) }

// Of makes a cell. The zero Date, or a day that the catalogue declares to mean "not known", is missing.
func (v DateValue[P]) Of(d Date) Cell[P] { return newCell[P](v.value, dateDatum(d)) }

// Of makes a cell. An empty text, or one that the catalogue declares to mean "not known", is missing.
func (v TextValue[P]) Of(text string) Cell[P] { return newCell[P](v.value, textDatum(TextKind, text)) }

// Of makes a cell. An empty code, or one that the catalogue declares to mean "not known", is missing.
func (v CodeValue[P]) Of(code string) Cell[P] { return newCell[P](v.value, textDatum(CodeKind, code)) }

// Of makes a cell of any number of codes: in any order, with repeats, one or more for each source column.
// An empty code, or one that the catalogue declares to mean "not known", is left out; when none is left,
// the cell is missing.
func (v CodesValue[P]) Of(codes ...string) Cell[P] {
	return newCell[P](v.value, codesDatum(sortedSet(codes)))
}

// NewRecord starts the record of the person with the given key, usually an NHS number.
func NewRecord(key string, fields ...Cell[Criterion]) *Record {
	r := &Record{key: NewKey(key)}
	r.Set(fields...)
	return r
}

// Key returns the person's key.
func (r *Record) Key() Key { return r.key }

// Set fills fields of tables with one row per person, replacing what was there.
func (r *Record) Set(fields ...Cell[Criterion]) {
	for _, cell := range fields {
		f := r.frame(cell.at.table)
		f.n = 1
		f.put(cell.at.column, cell.datum)
	}
}

// Append adds one row to an event table. Columns without a cell are missing; the order of rows does not
// matter. It panics when two tables were made with the same E and their cells are mixed.
func Append[E any](r *Record, first Cell[RowPred[E]], rest ...Cell[RowPred[E]]) {
	f := r.frame(first.at.table)
	f.n++
	f.put(first.at.column, first.datum)
	for _, cell := range rest {
		if cell.at.table != f.table {
			panic("cohort: Append: cells of two tables: each table needs a type of its own")
		}
		f.put(cell.at.column, cell.datum)
	}
}

// Put adds a row of a table whose columns are known by name only, as a reader of files has it; a row of a table
// with one row per person replaces the one there was. Values are a string for texts and codes, a []string for
// several codes, a float64 for numbers, a [Date] for days, or nil for what is missing; declared "not known"
// values become missing as in a [Cell]. Nothing is added when a column is not in the table or a value is of
// another type, and the error names the column.
func (r *Record) Put(t *Table, row map[string]any) error {
	data := make(map[int]datum, len(row))
	for name, given := range row {
		at := t.index(name)
		if at < 0 {
			return fmt.Errorf("cohort: Put: table %s has no column %q", t.Name(), name)
		}
		d, ok := datumOf(t.info.Columns[at].Kind, given)
		if !ok {
			return fmt.Errorf("cohort: Put: table %s, column %q: a %T is not a value for a %v", t.Name(), name, given, t.info.Columns[at].Kind)
		}
		data[at] = t.clean(at, d)
	}
	f := r.frame(t)
	if t.perPerson() {
		*f = frame{table: t, columns: make([]cells, len(t.info.Columns))}
	}
	f.n++
	for at, d := range data {
		f.put(at, d)
	}
	return nil
}

// Rows yields every row of every table with its known values, as [Record.Put] takes them: several codes sorted, each
// once. The rows of one table come one after the other.
func (r *Record) Rows() iter.Seq2[*Table, map[string]any] {
	return func(yield func(*Table, map[string]any) bool) {
		for i := range r.frames {
			f := &r.frames[i]
			for row := range f.n {
				if !yield(f.table, f.row(row)) {
					return
				}
			}
		}
	}
}

// Len returns the number of event rows, in all tables together.
func (r *Record) Len() (n int) {
	for i := range r.frames {
		if !r.frames[i].table.perPerson() {
			n += r.frames[i].n
		}
	}
	return n
}

// Format writes a fixed mask for every verb.
func (r *Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "record of "+masked) }

// LogValue gives a fixed mask to structured logs.
func (r *Record) LogValue() slog.Value { return slog.StringValue("record of " + masked) }

// frame returns the frame of a table, adding it when there is none.
func (r *Record) frame(t *Table) *frame {
	if f := r.find(t); f != nil {
		return f
	}
	r.frames = append(r.frames, frame{table: t, columns: make([]cells, len(t.info.Columns))})
	return &r.frames[len(r.frames)-1]
}

// find returns the frame of a table, or nil.
func (r *Record) find(t *Table) *frame {
	for i := range r.frames {
		if r.frames[i].table == t {
			return &r.frames[i]
		}
	}
	return nil
}

// put sets a cell of the last row.
func (f *frame) put(column int, d datum) {
	c := &f.columns[column]
	row := f.n - 1
	switch f.table.info.Columns[column].Kind {
	case DateKind:
		c.dates = place(c.dates, row, d.date, Date{})
	case NumberKind:
		c.numbers = place(c.numbers, row, d.number, math.NaN())
	case TextKind, CodeKind, CodesKind:
		c.texts = place(c.texts, row, d.text, "")
	}
}

// row returns the known values of a row by the names of their columns.
func (f *frame) row(at int) map[string]any {
	row := map[string]any{}
	for i, column := range f.table.info.Columns {
		d := f.at(at, i)
		if !d.known() {
			continue
		}
		switch column.Kind {
		case DateKind:
			row[column.Name] = d.date
		case NumberKind:
			row[column.Name] = d.number
		case TextKind, CodeKind:
			row[column.Name] = d.text
		case CodesKind:
			row[column.Name] = strings.Split(d.text, codeEnd)
		}
	}
	return row
}

// at reads a cell.
func (f *frame) at(row, column int) datum {
	c := &f.columns[column]
	switch kind := f.table.info.Columns[column].Kind; {
	case kind == DateKind && row < len(c.dates):
		return dateDatum(c.dates[row])
	case kind == NumberKind && row < len(c.numbers):
		return numberDatum(c.numbers[row])
	case row < len(c.texts):
		return textDatum(kind, c.texts[row])
	default:
		return missing(kind)
	}
}

// place sets s[i], filling the gap before it.
func place[T any](s []T, i int, x, filler T) []T {
	for len(s) < i {
		s = append(s, filler)
	}
	if i < len(s) {
		s[i] = x
		return s
	}
	return append(s, x)
}

func newCell[P any](v value, d datum) Cell[P] {
	at, ok := v.(columnValue)
	if !ok {
		panic("cohort: Of: not a field or column of the catalogue")
	}
	return Cell[P]{at, at.table.clean(at.column, d)}
}

// datumOf makes a datum of a value whose type is not known until now.
func datumOf(kind Kind, given any) (d datum, ok bool) {
	switch given := given.(type) {
	case nil:
		return missing(kind), true
	case string:
		return textDatum(kind, given), kind == TextKind || kind == CodeKind
	case []string:
		return codesDatum(sortedSet(given)), kind == CodesKind
	case float64:
		return numberDatum(given), kind == NumberKind
	case Date:
		return dateDatum(given), kind == DateKind
	default:
		return datum{}, false
	}
}
