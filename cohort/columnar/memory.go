package columnar

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Memory is a [Source] in memory, for tests, for small populations and for those that are asked again and again. It is
// filled once, with [Collect] or with [NewMemory] and [Memory.Table], and then serves any number of runs at a time.
type Memory struct {
	keys   []string
	tables map[string]*memoryTable
	// partial is whether what is not there is missing, rather than a mistake.
	partial bool

	lock    sync.Mutex
	cleaned map[columnName][]memoryColumn
	ordered map[columnName][]memoryColumn // by code
}

// memoryTable is the rows of everybody.
type memoryTable struct {
	starts  []int32
	columns map[string][]memoryColumn // several of several codes that come without their sources
	index   *postings                 // or nil
}

// Column is a column of a table as it is given to [Memory.Table].
type Column struct {
	name    string
	kind    tree.Kind
	rows    int
	column  memoryColumn
	invalid error
}

// Days is a column of days, each counted from 1970-01-01 as Arrow and Parquet do. A day before year 1 or after year
// 9999, such as math.MinInt32, is missing.
func Days(name string, days []int32) Column {
	c := Column{name: name, kind: tree.Date, rows: len(days), column: memoryColumn{allDays: make([]tree.Day, len(days))}}
	for i, day := range days {
		if day > -int32(calendar.Epoch) && day <= int32(calendar.Last-calendar.Epoch) {
			c.column.allDays[i] = calendar.Epoch + tree.Day(day)
		}
	}
	return c
}

// Numbers is a column of numbers. NaN and infinities are missing.
func Numbers(name string, numbers []float64) Column {
	c := Column{name: name, kind: tree.Number, rows: len(numbers), column: memoryColumn{allNumbers: make([]float64, len(numbers))}}
	for i, x := range numbers {
		if math.IsInf(x, 0) {
			x = math.NaN()
		}
		c.column.allNumbers[i] = x + 0 // minus zero is zero
	}
	return c
}

// Texts is a column of texts or codes. The empty text is missing.
func Texts(name string, texts []string) Column {
	positions := make([]uint32, len(texts))
	var values []string
	known := map[string]uint32{}
	for i, text := range texts {
		at, ok := known[text]
		if !ok {
			at = uint32(len(values)) //nolint:gosec // there are fewer
			known[text] = at
			values = append(values, text)
		}
		positions[i] = at
	}
	return Coded(name, values, positions)
}

// Coded is a column of texts or codes of which each row says the position in values. The empty text is missing. The
// positions are kept, not copied.
func Coded(name string, values []string, positions []uint32) Column {
	d := &dictionary{size: len(values) + 1, texts: append(slices.Clone(values), "")}
	c := Column{name: name, kind: tree.Text, rows: len(positions), column: memoryColumn{coded: d, positions: positions}}
	for i, at := range positions {
		if int(at) >= d.size {
			c.invalid = fmt.Errorf("row %d: position %d of %d values", i+1, at, len(values))
		}
	}
	return c
}

// Missing is a column, of any kind, in which nothing is known.
func Missing(name string) Column { return Column{name: name} }

// NewMemory begins a population of people with these keys, in this order. Its tables are added with [Memory.Table].
func NewMemory(keys []string) *Memory {
	return &Memory{keys: slices.Clone(keys), tables: map[string]*memoryTable{}}
}

// Table adds the rows of a table: those of person i are from starts[i] up to starts[i+1], so that there is one start more
// than people. They are as a source has them: values that the catalogue declares to mean "not known" become
// missing, and of several codes in one row, each source is a column. With nil starts there is one row for every person.
// Starts are kept, not copied.
func (m *Memory) Table(table *cohort.Table, starts []int32, columns ...Column) error {
	info := table.Info()
	if starts == nil {
		starts = make([]int32, len(m.keys)+1)
		for i := range starts {
			starts[i] = int32(i)
		}
	}
	t := &memoryTable{starts: starts, columns: map[string][]memoryColumn{}}
	if err := m.check(info, starts); err != nil {
		return fmt.Errorf("columnar: table %s: %w", info.Name, err)
	}
	for _, c := range columns {
		if err := c.fit(info, int(starts[len(starts)-1])); err != nil {
			return fmt.Errorf("columnar: table %s, column %s: %w", info.Name, c.name, err)
		}
		t.columns[c.name] = nil
		if c.kind != 0 {
			t.columns[c.name] = []memoryColumn{c.column}
		}
	}
	m.tables[info.Name] = t
	return nil
}

func (m *Memory) check(info cohort.TableInfo, starts []int32) error {
	if len(starts) != len(m.keys)+1 || starts[0] != 0 || !slices.IsSorted(starts) {
		return fmt.Errorf("starts must begin with 0, never fall, and be one more than the %d people", len(m.keys))
	}
	for i := range m.keys {
		if len(info.Order) == 0 && starts[i+1]-starts[i] > 1 {
			return fmt.Errorf("row %d: the table has one row a person, and this is another of the same person", starts[i]+2)
		}
	}
	return nil
}

// fit checks a column against the catalogue.
func (c *Column) fit(info cohort.TableInfo, rows int) error {
	at := slices.IndexFunc(info.Columns, func(of cohort.ColumnInfo) bool {
		return of.Name == c.name && len(of.Sources) == 0 || slices.Contains(of.Sources, c.name)
	})
	switch {
	case c.invalid != nil:
		return c.invalid
	case at < 0:
		return errors.New("the table has no such column")
	case c.kind == 0:
		return nil
	case c.rows != rows:
		return fmt.Errorf("%d rows; the table has %d", c.rows, rows)
	}
	kind := info.Columns[at].Kind
	if text := kind != cohort.DateKind && kind != cohort.NumberKind; text != (c.kind == tree.Text) || !text && tree.Kind(kind) != c.kind {
		return fmt.Errorf("it is a column of kind %v", kind)
	}
	return nil
}
