package synthetic

import (
	"math/bits"
	"strconv"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// sheet is rows of one table on their way into a file or a record, column by column, as the source has them.
type sheet struct {
	table   *cohort.Table
	info    cohort.TableInfo
	mean    float64      // rows a person
	from    calendar.Day // of the data set
	until   calendar.Day
	key     string // the column that says whose row it is
	fields  []*field
	columns []*column // of all fields, without the key
	byName  map[string]*column
	people  []people
	rows    int
	counted int // of the rows, those of people
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

	// The values of the rows that have one.
	places  []uint32
	texts   []byte // one after the other
	ends    []int  // of each
	numbers []float64
	days    []int32  // from 1970-01-01
	present []uint64 // a bit for each row, set when it has a value; rows beyond have none
	before  []int    // how many values there are before each 64 rows

	// Of a column that is filled person by person: for how many rows each value is, and how many rows they have.
	runs []run
	done int
}

// run is some rows with the same value, or with none.
type run struct {
	rows int
	none bool
}

// newSheet lays out a table. A column that two fields share is there once.
func newSheet(table *cohort.Table, key string) *sheet {
	s := &sheet{table: table, info: table.Info(), key: key}
	s.byName = make(map[string]*column)
	s.from, s.until = dayOf(s.info.From), dayOf(s.info.Until)
	if s.until == 0 {
		s.until = calendar.Of(9999, 12, 31) // it goes on
	}
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

// end counts the rows that were added last as those of a person.
func (s *sheet) end(key int64) {
	if s.rows > s.counted {
		s.people = append(s.people, people{key, s.rows - s.counted})
		s.counted = s.rows
	}
}

// reset empties the sheet.
func (s *sheet) reset() {
	s.people, s.rows, s.counted = s.people[:0], 0, 0
	for _, c := range s.columns {
		c.empty()
		c.runs, c.done = c.runs[:0], 0
	}
}

// empty takes all values out.
func (c *column) empty() {
	c.places, c.texts, c.ends, c.numbers, c.days = c.places[:0], c.texts[:0], c.ends[:0], c.numbers[:0], c.days[:0]
	c.present = c.present[:0]
}

// mark says that a row has a value.
func (c *column) mark(row int) {
	for row>>6 >= len(c.present) {
		c.present = append(c.present, 0)
	}
	c.present[row>>6] |= 1 << (row & 63)
}

// word puts one of the column's words in the row in hand.
func (c *column) word(place int) {
	c.mark(c.sheet.rows)
	c.places = append(c.places, uint32(place)) //nolint:gosec // a place in a short list
}

// number puts a number there.
func (c *column) number(x float64) {
	c.mark(c.sheet.rows)
	c.numbers = append(c.numbers, x)
}

// day puts a day there; no day is none.
func (c *column) day(d calendar.Day) {
	if d != 0 {
		c.mark(c.sheet.rows)
		c.days = append(c.days, int32(d-calendar.Epoch))
	}
}

// text puts a text there; an empty one is none.
func (c *column) text(b []byte) {
	if len(b) > 0 {
		c.mark(c.sheet.rows)
		c.texts = append(c.texts, b...)
		c.ends = append(c.ends, len(c.texts))
	}
}

// textAt returns one of the texts.
func (c *column) textAt(i int) []byte {
	start := 0
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.texts[start:c.ends[i]]
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
		c.runs = append(c.runs, run{from - c.done, true})
	}
	c.runs = append(c.runs, run{c.sheet.rows - from, false})
	c.done = c.sheet.rows
}

// index makes the values of all rows ready for [column.at].
func (s *sheet) index() {
	for _, c := range s.columns {
		c.expand()
		c.before = c.before[:0]
		n := 0
		for _, word := range c.present {
			c.before = append(c.before, n)
			n += bits.OnesCount64(word)
		}
	}
}

// at returns where the value of a row is, false if it has none.
func (c *column) at(row int) (i int, ok bool) {
	word, bit := row>>6, uint64(1)<<(row&63)
	if word >= len(c.present) || c.present[word]&bit == 0 {
		return 0, false
	}
	return c.before[word] + bits.OnesCount64(c.present[word]&(bit-1)), true
}

// expand gives every row of a column that is filled person by person a value of its own.
func (c *column) expand() {
	if len(c.runs) == 0 {
		return
	}
	runs, values := c.runs, *c
	c.places, c.numbers, c.days, c.runs = nil, nil, nil, nil
	row, i := 0, 0
	for _, r := range runs {
		for range r.rows {
			if !r.none {
				c.mark(row)
				c.take(&values, i)
			}
			row++
		}
		i += 1 - boolean(r.none)
	}
}

// take adds a value of another column of its kind.
func (c *column) take(from *column, i int) {
	switch {
	case c.words != nil:
		c.places = append(c.places, from.places[i])
	case c.kind == cohort.NumberKind:
		c.numbers = append(c.numbers, from.numbers[i])
	case c.kind == cohort.DateKind:
		c.days = append(c.days, from.days[i])
	default:
		c.texts = append(c.texts, from.textAt(i)...)
		c.ends = append(c.ends, len(c.texts))
	}
}

// appendCell writes the value of a row as a CSV file has it, nothing for none.
func (c *column) appendCell(dst []byte, row int) []byte {
	i, ok := c.at(row)
	switch {
	case !ok:
		return dst
	case c.words != nil:
		return appendQuoted(dst, c.words[c.places[i]])
	case c.kind == cohort.NumberKind:
		return strconv.AppendFloat(dst, c.numbers[i], 'f', -1, 64)
	case c.kind == cohort.DateKind:
		return appendDay(dst, calendar.Day(c.days[i])+calendar.Epoch)
	default:
		return appendQuoted(dst, c.textAt(i))
	}
}

// value returns the value of a row as [cohort.Record.Put] wants it, nil for none.
func (c *column) value(row int) any {
	i, ok := c.at(row)
	switch {
	case !ok:
		return nil
	case c.words != nil:
		return c.words[c.places[i]]
	case c.kind == cohort.NumberKind:
		return c.numbers[i]
	case c.kind == cohort.DateKind:
		return dateOf(calendar.Day(c.days[i]) + calendar.Epoch)
	default:
		return string(c.textAt(i))
	}
}

// put adds the rows to a record.
func (s *sheet) put(record *cohort.Record) error {
	s.index()
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
