package synthetic

import (
	"strconv"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// sheet is rows of one table on their way into a file or a record, column by column, as the source has them.
type sheet struct {
	table   *cohort.Table
	info    cohort.TableInfo
	key     string // the column that says whose row it is
	fields  []*field
	columns []*column // of all fields, without the key
	byName  map[string]*column
	people  []people
	rows    int
}

// people is a person and a number of rows, one after the other.
type people struct {
	key  int64
	rows int
}

// field is a column as the catalogue describes it: one column of the source, or several of codes.
type field struct {
	cohort.ColumnInfo

	columns []*column
	draw    func(r *row, f *field)
}

// column is a column of the source. Texts are places in words, or, when there are none, themselves.
type column struct {
	sheet *sheet
	name  string
	kind  cohort.Kind // text, number or date
	words []string

	places  []uint32
	texts   [][]byte
	numbers []float64
	days    []int32 // from 1970-01-01
	null    []bool  // as long as the values; rows after them have none
	nulls   int

	// Of a column that is filled person by person: for how many rows each value is, and how many rows they have.
	runs []int
	done int
}

// newSheet lays out a table. A column that two fields share is there once.
func newSheet(table *cohort.Table, key string) *sheet {
	s := &sheet{table: table, info: table.Info(), key: key}
	s.byName = make(map[string]*column)
	for _, info := range s.info.Columns {
		f := &field{ColumnInfo: info}
		sources, kind := info.Sources, info.Kind
		switch kind {
		case cohort.CodesKind, cohort.CodeKind:
			kind = cohort.TextKind
		case cohort.TextKind, cohort.NumberKind, cohort.DateKind:
		}
		if len(sources) == 0 {
			sources = []string{info.Name}
		}
		for _, name := range sources {
			if s.byName[name] == nil {
				s.byName[name] = &column{sheet: s, name: name, kind: kind}
				s.columns = append(s.columns, s.byName[name])
			}
			f.columns = append(f.columns, s.byName[name])
		}
		s.fields = append(s.fields, f)
	}
	return s
}

// column returns a column by name; asking for one that the catalogue does not have is a fault of this package.
func (s *sheet) column(name string) *column {
	if c := s.byName[name]; c != nil {
		return c
	}
	panic("synthetic: " + s.table.Name() + " has no column " + name)
}

// end counts the rows since from as those of a person.
func (s *sheet) end(from int, key int64) {
	if s.rows > from {
		s.people = append(s.people, people{key, s.rows - from})
	}
}

// reset empties the sheet.
func (s *sheet) reset() {
	s.people, s.rows = s.people[:0], 0
	for _, c := range s.columns {
		c.places, c.texts, c.numbers, c.days = c.places[:0], c.texts[:0], c.numbers[:0], c.days[:0]
		c.null, c.nulls = c.null[:0], 0
		c.runs, c.done = c.runs[:0], 0
	}
}

// grow makes room for a value of the row in hand, with nulls for rows before it that have none.
func (c *column) grow() {
	c.upTo(c.sheet.rows)
	c.null = append(c.null, false)
}

// upTo puts nulls in the rows before one that have nothing yet.
func (c *column) upTo(row int) {
	if n := row - len(c.null); n > 0 {
		c.absent(n)
	}
}

// absent adds n nulls.
func (c *column) absent(n int) {
	for range n {
		c.null = append(c.null, true)
	}
	c.nulls += n
	switch {
	case c.words != nil:
		c.places = append(c.places, make([]uint32, n)...)
	case c.kind == cohort.NumberKind:
		c.numbers = append(c.numbers, make([]float64, n)...)
	case c.kind == cohort.DateKind:
		c.days = append(c.days, make([]int32, n)...)
	default:
		c.texts = append(c.texts, make([][]byte, n)...)
	}
}

// word puts one of the column's words in the row in hand.
func (c *column) word(place int) {
	c.grow()
	c.places = append(c.places, uint32(place)) //nolint:gosec // a place in a short list
}

// number puts a number there.
func (c *column) number(x float64) {
	c.grow()
	c.numbers = append(c.numbers, x)
}

// day puts a day there; no day is none.
func (c *column) day(d calendar.Day) {
	if d != 0 {
		c.grow()
		c.days = append(c.days, int32(d-calendar.Epoch))
	}
}

// text puts a text there, which must not change from then on; an empty one is none.
func (c *column) text(b []byte) {
	if len(b) > 0 {
		c.grow()
		c.texts = append(c.texts, b)
	}
}

// same puts one word in all rows since from. A column that is filled so has no other values, but for [column.sameDay]
// and [column.sameNumber].
func (c *column) same(from, place int) {
	c.run(from)
	c.places = append(c.places, uint32(place)) //nolint:gosec // a place in a short list
}

// sameDay puts one day in all rows since from; no day is none.
func (c *column) sameDay(from int, d calendar.Day) {
	if d != 0 {
		c.run(from)
		c.days = append(c.days, int32(d-calendar.Epoch))
	}
}

// sameNumber puts one number in all rows since from.
func (c *column) sameNumber(from int, x float64) {
	c.run(from)
	c.numbers = append(c.numbers, x)
}

// run begins a run from a row to the last there is.
func (c *column) run(from int) {
	if c.done < from {
		c.absent(1)
		c.runs = append(c.runs, from-c.done)
	}
	c.null = append(c.null, false)
	c.runs = append(c.runs, c.sheet.rows-from)
	c.done = c.sheet.rows
}

// expand gives every row of columns that are filled person by person a value of its own.
func (s *sheet) expand() {
	for _, c := range s.columns {
		if len(c.runs) == 0 {
			continue
		}
		c.null, c.places = repeated(c.null, c.runs), repeated(c.places, c.runs)
		c.numbers, c.days = repeated(c.numbers, c.runs), repeated(c.days, c.runs)
		c.runs, c.nulls = c.runs[:0], 0
		for _, null := range c.null {
			c.nulls += boolean(null)
		}
	}
}

// repeated returns each value as often as its run says; there may be none of the kind.
func repeated[T any](values []T, runs []int) (all []T) {
	for i, v := range values {
		for range runs[i] {
			all = append(all, v)
		}
	}
	return all
}

// appendCell writes the value of a row as a CSV file has it, nothing for none.
func (c *column) appendCell(dst []byte, row int) []byte {
	switch {
	case row >= len(c.null) || c.null[row]:
		return dst
	case c.words != nil:
		return appendQuoted(dst, c.words[c.places[row]])
	case c.kind == cohort.NumberKind:
		return strconv.AppendFloat(dst, c.numbers[row], 'f', -1, 64)
	case c.kind == cohort.DateKind:
		return appendDay(dst, calendar.Day(c.days[row])+calendar.Epoch)
	default:
		return appendQuoted(dst, c.texts[row])
	}
}

// value returns the value of a row as [cohort.Record.Put] wants it, nil for none.
func (c *column) value(row int) any {
	switch {
	case row >= len(c.null) || c.null[row]:
		return nil
	case c.words != nil:
		return c.words[c.places[row]]
	case c.kind == cohort.NumberKind:
		return c.numbers[row]
	case c.kind == cohort.DateKind:
		return dateOf(calendar.Day(c.days[row]) + calendar.Epoch)
	default:
		return string(c.texts[row])
	}
}

// put adds the rows to a record.
func (s *sheet) put(record *cohort.Record) error {
	s.expand()
	for at := range s.rows {
		values := make(map[string]any, len(s.fields))
		for _, f := range s.fields {
			if f.Kind != cohort.CodesKind {
				values[f.Name] = f.columns[0].value(at)
				continue
			}
			var codes []string
			for _, c := range f.columns {
				if code, ok := c.value(at).(string); ok {
					codes = append(codes, code)
				}
			}
			values[f.Name] = codes
		}
		if err := record.Put(s.table, values); err != nil {
			return err
		}
	}
	return nil
}

// appendQuoted writes a text, in quotes where CSV needs them.
func appendQuoted[T string | []byte](dst []byte, s T) []byte {
	quote := false
	for i := range len(s) {
		quote = quote || s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r'
	}
	if !quote {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// appendDay writes a day in ISO form.
func appendDay(dst []byte, d calendar.Day) []byte {
	year, month, day := d.Civil()
	return append(dst, decimal[year/1000], decimal[year/100%10], decimal[year/10%10], decimal[year%10], '-',
		decimal[month/10], decimal[month%10], '-', decimal[day/10], decimal[day%10])
}

// dayOf and dateOf are one day in two types: the quick one is what files are made of.
func dayOf(d cohort.Date) calendar.Day {
	if d.IsZero() {
		return 0
	}
	return calendar.Of(d.Civil())
}

func dateOf(d calendar.Day) cohort.Date {
	date, _ := cohort.NewDate(d.Civil()) // no day is no date
	return date
}
