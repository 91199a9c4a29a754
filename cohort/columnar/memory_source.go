package columnar

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// memoryColumn is a column in memory; what is nil is not there.
type memoryColumn struct {
	coded      *dictionary
	positions  []uint32
	allDays    []tree.Day
	allNumbers []float64
}

// columnName names a column of the catalogue.
type columnName struct{ table, column string }

// peopleInBlock keeps what a block needs close to the processor.
const peopleInBlock = 4096

func (m *Memory) size() int { return len(m.keys) }

func (m *Memory) shards(_ context.Context, plan *tree.Plan, about int) ([]shard, error) {
	tables := make([]memoryTables, len(plan.Tables))
	for i, t := range plan.Tables {
		var err error
		if tables[i], err = m.table(t); err != nil {
			return nil, err
		}
	}
	coded := make([]*codedTable, len(plan.Tables))
	byCode := false
	for i, t := range plan.Tables {
		if t.PerPerson {
			continue
		}
		if coded[i] = m.byCode(plan, t, tables[i].columns); coded[i] == nil {
			byCode = false
			break
		}
		byCode = true
	}
	people := peopleInBlock
	if byCode {
		people = peopleByCode
	}
	blocks := (len(m.keys) + people - 1) / people
	size := (blocks + max(about, 1) - 1) / max(about, 1) * people
	var shards []shard
	for from := 0; from < len(m.keys); from += size {
		s := newMemoryShard(m, tables, from, min(from+size, len(m.keys)))
		if byCode {
			n := len(tables)
			shards = append(shards, &codedShard{memoryShard: *s, coded: coded, pools: make([][]*segment, n), given: make([][]*segment, n), after: make([][]int, n)})
		} else {
			shards = append(shards, s)
		}
	}
	return shards, nil
}

// memoryTables is what a plan reads of a table.
type memoryTables struct {
	starts  []int32
	columns [][]memoryColumn
}

// table finds what a plan reads, cleaned.
func (m *Memory) table(of *tree.Table) (memoryTables, error) {
	t, ok := m.tables[of.Name]
	if !ok && !m.partial {
		return memoryTables{}, fmt.Errorf("the plan reads table %s, which is not in memory: add it with Table", of.Name)
	}
	if !ok {
		return memoryTables{make([]int32, len(m.keys)+1), make([][]memoryColumn, len(of.Columns))}, nil
	}
	out := memoryTables{t.starts, make([][]memoryColumn, len(of.Columns))}
	m.lock.Lock()
	defer m.lock.Unlock()
	for i, c := range of.Columns {
		name := columnName{of.Name, c.Name}
		if cleaned, ok := m.cleaned[name]; ok {
			out.columns[i] = cleaned
			continue
		}
		found, err := m.find(t, c)
		if err != nil {
			return memoryTables{}, fmt.Errorf("the plan reads table %s: %w", of.Name, err)
		}
		for j := range found {
			found[j] = found[j].clean(c)
		}
		if m.cleaned == nil {
			m.cleaned = map[columnName][]memoryColumn{}
		}
		m.cleaned[name], out.columns[i] = found, found
	}
	return out, nil
}

// find returns the column or those that it stands for.
func (m *Memory) find(t *memoryTable, c tree.Column) ([]memoryColumn, error) {
	if own, ok := t.columns[c.Name]; ok && c.Kind == tree.Codes || m.partial {
		return slices.Clone(own), nil
	}
	var found []memoryColumn
	for _, source := range c.Sources {
		each, ok := t.columns[source]
		if !ok {
			return nil, fmt.Errorf("column %s is not in memory: give it to Table", source)
		}
		found = append(found, each...)
	}
	return found, nil
}

// clean makes missing what means "not known".
func (c memoryColumn) clean(of tree.Column) memoryColumn {
	switch of.Kind {
	case tree.Date:
		if slices.ContainsFunc(c.allDays, func(d tree.Day) bool { return slices.Contains(of.Days, d) }) {
			c.allDays = slices.Clone(c.allDays)
			for i, day := range c.allDays {
				if slices.Contains(of.Days, day) {
					c.allDays[i] = 0
				}
			}
		}
	case tree.Number:
		if slices.ContainsFunc(c.allNumbers, func(x float64) bool { return slices.Contains(of.Numbers, x) }) {
			c.allNumbers = slices.Clone(c.allNumbers)
			for i, x := range c.allNumbers {
				if slices.Contains(of.Numbers, x) {
					c.allNumbers[i] = math.NaN()
				}
			}
		}
	case tree.Text, tree.Code, tree.Codes:
		d := *c.coded
		d.texts = slices.Clone(d.texts)
		for i, text := range d.texts {
			if slices.Contains(of.Texts, text) {
				d.texts[i] = ""
			}
		}
		c.coded = &d
	}
	return c
}

// memoryShard is the people from at up to end.
type memoryShard struct {
	memory  *Memory
	at, end int
	tables  []memoryTables
	parts   []*segment // one of each table
}

func newMemoryShard(m *Memory, tables []memoryTables, at, end int) *memoryShard {
	s := &memoryShard{memory: m, at: at, end: end, tables: tables}
	for _, t := range tables {
		part := &segment{columns: make([][]vector, len(t.columns))}
		for i, columns := range t.columns {
			for _, c := range columns {
				part.columns[i] = append(part.columns[i], &memoryVector{memoryColumn: c})
			}
			if len(columns) == 0 {
				part.columns[i] = []vector{&nothing{of: part}}
			}
		}
		s.parts = append(s.parts, part)
	}
	return s
}

func (s *memoryShard) next(_ context.Context, b *block) error {
	if s.at == s.end {
		return io.EOF
	}
	s.advance(b, peopleInBlock)
	return nil
}

// advance goes on to the next people, and returns the first.
func (s *memoryShard) advance(b *block, people int) (first int) {
	first = s.at
	s.at = min(first+people, s.end)
	b.people = s.at - first
	b.key = func(person int) string { return s.memory.keys[first+person] }
	b.tables = b.tables[:0]
	for i, part := range s.parts {
		// Rows are counted from the first of the table, so that the columns serve as they are.
		part.starts = s.tables[i].starts[first : s.at+1]
		part.rows = int(part.starts[b.people])
		b.tables = append(b.tables, s.parts[i:i+1])
	}
	return first
}

func (s *memoryShard) close() error { return nil }

func (s *memoryShard) reading() *Reading { return nil }

// memoryVector reads a column for one goroutine.
type memoryVector struct {
	memoryColumn
	someDays    []tree.Day
	someNumbers []float64
	someTexts   []string
}

func (v *memoryVector) dictionary() *dictionary { return v.coded }

func (v *memoryVector) ids() ([]uint32, error) { return v.positions, nil }

func (v *memoryVector) days(rows []int32) ([]tree.Day, error) {
	if rows == nil {
		return v.allDays, nil
	}
	v.someDays = extend(v.someDays, len(rows))
	for i, row := range rows {
		v.someDays[i] = v.allDays[row]
	}
	return v.someDays, nil
}

func (v *memoryVector) numbers(rows []int32) ([]float64, error) {
	if rows == nil {
		return v.allNumbers, nil
	}
	v.someNumbers = extend(v.someNumbers, len(rows))
	for i, row := range rows {
		v.someNumbers[i] = v.allNumbers[row]
	}
	return v.someNumbers, nil
}

func (v *memoryVector) texts(rows []int32) ([]string, error) {
	if rows == nil {
		rows = make([]int32, len(v.positions))
		for i := range rows {
			rows[i] = int32(i)
		}
	}
	v.someTexts = extend(v.someTexts, len(rows))
	for i, row := range rows {
		v.someTexts[i] = v.coded.texts[v.positions[row]]
	}
	return v.someTexts, nil
}

// nothing is a column of which nothing is known.
type nothing struct {
	memoryVector
	of *segment
}

func (v *nothing) size(rows []int32) int {
	if rows == nil {
		return v.of.rows
	}
	return len(rows)
}

func (v *nothing) days(rows []int32) ([]tree.Day, error) {
	v.someDays = extend(v.someDays, v.size(rows))
	clear(v.someDays)
	return v.someDays, nil
}

func (v *nothing) numbers(rows []int32) ([]float64, error) {
	v.someNumbers = extend(v.someNumbers, v.size(rows))
	for i := range v.someNumbers {
		v.someNumbers[i] = math.NaN()
	}
	return v.someNumbers, nil
}

func (v *nothing) texts(rows []int32) ([]string, error) {
	v.someTexts = extend(v.someTexts, v.size(rows))
	clear(v.someTexts)
	return v.someTexts, nil
}
