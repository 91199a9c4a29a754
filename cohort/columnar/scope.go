package columnar

import (
	"github.com/personalised-prevention/nhs/internal/tree"
)

// scope is what questions are asked about: the people of a block, or some rows of a segment.
type scope struct {
	program *program
	table   *tree.Table // nil for people
	n       int
	all     words

	segment  *segment // of the rows
	rows     []int32  // in order; nil for all from one up to another
	from, to int32    // these
	people   []int32  // whose they are

	cells []cells // by column of the table
	kept  []int32
	ids   []uint32
}

// cells are a column of the rows in hand, when it has been read.
type cells struct {
	read bool
	column
	texts []string // a buffer for texts
}

// take makes the scope that of some rows.
func (s *scope) take(seg *segment, rows, people []int32) {
	s.segment, s.rows, s.people = seg, rows, people
	s.size(len(rows))
}

// takeAll makes the scope that of the rows of a segment from one up to another.
func (s *scope) takeAll(seg *segment, from, to int32) {
	s.segment, s.rows, s.people, s.from, s.to = seg, nil, nil, from, to
	s.size(int(to - from))
}

func (s *scope) size(n int) {
	s.n, s.all = n, s.all.full(n)
	if s.table != nil && s.cells == nil {
		s.cells = make([]cells, len(s.table.Columns))
	}
	for i := range s.cells {
		s.cells[i].read = false
	}
}

// keep keeps the rows for which yes is.
func (s *scope) keep(yes words) {
	s.kept = extend(s.kept, s.n)
	k := 0
	for i := range yes.each {
		s.kept[k] = int32(i) //nolint:gosec // there are fewer
		k++
	}
	s.narrow(s.kept[:k])
}

// keepDays keeps the rows whose days are from low to high.
func (s *scope) keepDays(days []tree.Day, low, high tree.Day) {
	s.kept = extend(s.kept, s.n)
	k, width := 0, uint32(high-low) //nolint:gosec // not negative
	for i, day := range days {
		s.kept[k] = int32(i)
		k += one(uint32(day-low) <= width) //nolint:gosec // what lies before low wraps round
	}
	s.narrow(s.kept[:k])
}

// narrow makes the scope that of some of its rows, given by their places. Days and numbers that have been read stay.
func (s *scope) narrow(kept []int32) {
	if len(kept) == s.n {
		return
	}
	s.rows, s.people = only(s.rows, kept), only(s.people, kept)
	s.n, s.all = len(kept), s.all.full(len(kept))
	for i := range s.cells {
		if c := &s.cells[i]; c.read {
			c.read = c.kind == tree.Date || c.kind == tree.Number
			c.days, c.numbers = only(c.days, kept), only(c.numbers, kept)
		}
	}
}

// only keeps some values, given by their places in order.
func only[T any](values []T, kept []int32) []T {
	if len(values) == 0 {
		return values
	}
	for k, i := range kept {
		values[k] = values[i]
	}
	return values[:len(kept)]
}

// cell reads a column.
func (s *scope) cell(at int) *column {
	c := &s.cells[at]
	if c.read {
		return &c.column
	}
	c.read, c.kind = true, s.table.Columns[at].Kind
	vectors := s.segment.columns[at]
	var err error
	switch c.kind {
	case tree.Date:
		c.days, err = vectors[0].days(s.rows)
		if s.rows == nil && err == nil {
			c.days = c.days[s.from:s.to]
		}
	case tree.Number:
		c.numbers, err = vectors[0].numbers(s.rows)
		if s.rows == nil && err == nil {
			c.numbers = c.numbers[s.from:s.to]
		}
	case tree.Text, tree.Code:
		c.texts = extend(c.texts, s.n)
		c.column.texts = c.texts
		err = s.textsOf(vectors[0], func(i int, text string) { c.texts[i] = text })
	case tree.Codes:
		c.texts = extend(c.texts, s.n)
		c.column.texts = c.texts
		err = s.joined(c.texts, vectors)
	}
	if err != nil {
		s.program.fail(err)
		c.days, c.numbers, c.column.texts = make([]tree.Day, s.n), make([]float64, s.n), make([]string, s.n)
	}
	return &c.column
}

// joined makes one text of the several codes of each row.
func (s *scope) joined(texts []string, vectors []vector) error {
	all := make([]string, len(vectors)*s.n)
	for v, vector := range vectors {
		if err := s.textsOf(vector, func(i int, text string) { all[i*len(vectors)+v] = text }); err != nil {
			return err
		}
	}
	for i := range texts {
		texts[i] = joined(all[i*len(vectors) : (i+1)*len(vectors)])
	}
	return nil
}

// textsOf gives the text of every row to put.
func (s *scope) textsOf(v vector, put func(i int, text string)) error {
	d := v.dictionary()
	if d == nil {
		texts, err := v.texts(s.rows)
		if err != nil {
			return err
		}
		if s.rows == nil {
			texts = texts[s.from:s.to]
		}
		for i, text := range texts {
			put(i, text)
		}
		return nil
	}
	ids, err := v.ids()
	if err != nil {
		return err
	}
	texts := d.spelled()
	if s.rows == nil {
		for i, id := range ids[s.from:s.to] {
			put(i, texts[id])
		}
		return nil
	}
	for i, row := range s.rows {
		put(i, texts[ids[row]])
	}
	return nil
}

// fail notes the first thing that went wrong: the answers since mean nothing.
func (p *program) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}
