package columnar

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// postings are the rows of a table in order of code, and of each code in order of person.
type postings struct {
	column string
	ids    map[string]uint32 // of the codes
	starts []int32           // of each code, and one more
	people []int32
	rows   []int32 // which they are in the table
}

// Index lays the rows of a table out by a column of codes as well. A plan of which every question about event rows asks
// for codes of such a column then looks at the rows with these codes only. It takes 8 bytes a row, and as much again as
// the columns that plans read.
func (m *Memory) Index(table *cohort.Table, column string) error {
	t, ok := m.tables[table.Name()]
	if !ok || len(t.columns[column]) != 1 || t.columns[column][0].coded == nil {
		return fmt.Errorf("columnar: Index: table %s, column %s: it is no column of codes that is in memory", table.Name(), column)
	}
	c := t.columns[column][0]
	p := &postings{column: column, ids: make(map[string]uint32, c.coded.size), starts: make([]int32, c.coded.size+1)}
	for id, text := range c.coded.texts {
		if _, twice := p.ids[text]; twice && text != "" {
			return fmt.Errorf("columnar: Index: table %s, column %s: the values of a Coded column must all be different", table.Name(), column)
		}
		p.ids[text] = uint32(id)
	}
	for _, id := range c.positions {
		p.starts[id+1]++
	}
	for id := range c.coded.size {
		p.starts[id+1] += p.starts[id]
	}
	p.people, p.rows = make([]int32, len(c.positions)), make([]int32, len(c.positions))
	next := slices.Clone(p.starts)
	for person := range m.keys {
		for row := t.starts[person]; row < t.starts[person+1]; row++ {
			at := &next[c.positions[row]]
			p.people[*at], p.rows[*at] = int32(person), row
			*at++
		}
	}
	t.index = p
	return nil
}

// wanted returns the codes that are in any of the lists.
func (p *postings) wanted(lists []*codelist.List) (ids []uint32) {
	for _, list := range lists {
		for code := range list.Exact() {
			if id, ok := p.ids[code]; ok {
				ids = append(ids, id)
			}
		}
		for range list.Ranges() {
			for code, id := range p.ids {
				if list.Contains(code) {
					ids = append(ids, id)
				}
			}
			break
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// byCode returns the columns of a table in order of code, and which codes a plan asks for; nil if it asks for rows of
// any code.
func (m *Memory) byCode(plan *tree.Plan, of *tree.Table, columns [][]memoryColumn) *codedTable {
	t := m.tables[of.Name]
	if t == nil || t.index == nil {
		return nil
	}
	lists := demanded(plan, of, t.index.column)
	if lists == nil {
		return nil
	}
	c := &codedTable{postings: t.index, wanted: t.index.wanted(lists)}
	for i, column := range of.Columns {
		c.columns = append(c.columns, m.inOrder(columnName{of.Name, column.Name}, columns[i], t.index.rows))
		if column.Name == t.index.column {
			c.code = i
		}
	}
	return c
}

// inOrder returns the rows of a column in another order, once.
func (m *Memory) inOrder(name columnName, columns []memoryColumn, rows []int32) []memoryColumn {
	m.lock.Lock()
	defer m.lock.Unlock()
	if known, ok := m.ordered[name]; ok {
		return known
	}
	var out []memoryColumn
	for _, c := range columns {
		out = append(out, memoryColumn{c.coded, reordered(c.positions, rows), reordered(c.allDays, rows), reordered(c.allNumbers, rows)})
	}
	if m.ordered == nil {
		m.ordered = map[columnName][]memoryColumn{}
	}
	m.ordered[name] = out
	return out
}

func reordered[T any](values []T, rows []int32) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}

// codedTable is what a plan reads of a table that is laid out by code.
type codedTable struct {
	*postings
	wanted  []uint32
	columns [][]memoryColumn
	code    int // the column of the codes

	lock sync.Mutex
	free [][]*segment // of wanted codes, those that no shard uses
}

// take and give lend segments to a shard.

func (c *codedTable) take() []*segment {
	c.lock.Lock()
	defer c.lock.Unlock()
	n := len(c.free)
	if n == 0 {
		return make([]*segment, len(c.wanted))
	}
	segments := c.free[n-1]
	c.free = c.free[:n-1]
	return segments
}

func (c *codedTable) give(segments []*segment) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.free = append(c.free, segments)
}

// peopleByCode is how many people a block has whose rows are laid out by code: many, for there are many codes.
const peopleByCode = 1 << 17

// codedShard is like memoryShard, with event tables laid out by code.
type codedShard struct {
	memoryShard
	coded []*codedTable // nil for a table with one row a person
	pools [][]*segment
	given [][]*segment
	after [][]int // of each code, the first row that has not been handed out; -1 before any has
}

func (s *codedShard) close() error {
	for i, pool := range s.pools {
		if pool != nil {
			s.coded[i].give(pool)
			s.pools[i] = nil
		}
	}
	return nil
}

func (s *codedShard) next(_ context.Context, b *block) error {
	if s.at == s.end {
		return io.EOF
	}
	first := s.advance(b, peopleByCode)
	for i, coded := range s.coded {
		if coded != nil {
			b.tables[i] = s.segments(i, first, s.at)
		}
	}
	return nil
}

// segments are the rows of some people, one segment for each code.
func (s *codedShard) segments(table, first, end int) []*segment {
	coded := s.coded[table]
	s.given[table] = s.given[table][:0]
	if s.pools[table] == nil {
		s.pools[table], s.after[table] = coded.take(), slices.Repeat([]int{-1}, len(coded.wanted))
	}
	for i, id := range coded.wanted {
		people := coded.people[coded.starts[id]:coded.starts[id+1]]
		from := s.after[table][i]
		if from < 0 {
			from = sort.Search(len(people), func(i int) bool { return int(people[i]) >= first })
		}
		to := from
		if to < len(people) && int(people[to]) < end {
			to += sort.Search(len(people)-from, func(i int) bool { return int(people[from+i]) >= end })
		}
		s.after[table][i] = to
		if from == to {
			continue
		}
		if s.pools[table][i] == nil {
			s.pools[table][i] = coded.segment(id)
		}
		seg := s.pools[table][i]
		seg.first, seg.rows, seg.people = -first, to-from, people[from:to]
		start := int(coded.starts[id])
		for c, vectors := range seg.columns {
			for v, vector := range vectors {
				if part, ok := vector.(*codedVector); ok {
					part.cut(coded.columns[c][v], start+from, start+to)
				}
			}
		}
		s.given[table] = append(s.given[table], seg)
	}
	return s.given[table]
}

func (c *codedTable) segment(id uint32) *segment {
	seg := &segment{columns: make([][]vector, len(c.columns))}
	for i, columns := range c.columns {
		for range columns {
			v := &codedVector{}
			if i == c.code {
				v.code = columns[0].coded.texts[id]
			}
			seg.columns[i] = append(seg.columns[i], v)
		}
		if len(columns) == 0 {
			seg.columns[i] = []vector{&nothing{of: seg}}
		}
	}
	return seg
}

// codedVector is a part of a column in order of code.
type codedVector struct {
	memoryVector
	code string // of every row; empty if this is another column
}

func (v *codedVector) same() (string, bool) { return v.code, v.code != "" }

func (v *codedVector) cut(c memoryColumn, from, to int) {
	v.coded = c.coded
	if c.positions != nil {
		v.positions = c.positions[from:to]
	}
	if c.allDays != nil {
		v.allDays = c.allDays[from:to]
	}
	if c.allNumbers != nil {
		v.allNumbers = c.allNumbers[from:to]
	}
}
