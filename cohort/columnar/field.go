package columnar

import (
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// personal is a table with one row a person: the rows of everybody in the block.
type personal struct {
	program *program
	table   *tree.Table
	at      int // the table in the plan
	known   bool
	parts   []piece
	// whole is the segments if they have a row for every person, one after the other; then there are no parts.
	whole []*segment
	found candidates
}

func (t *personal) reset() { t.known = false }

// rows finds the rows of everybody, once.
func (t *personal) rows() []piece {
	if t.known {
		return t.parts
	}
	t.known, t.parts, t.whole = true, t.parts[:0], t.whole[:0]
	people, used := &t.program.people, 0
	segments, next := t.program.block.tables[t.at], 0
	for _, seg := range segments {
		if seg.first != next || !seg.each() {
			break
		}
		next += seg.size()
		t.whole = append(t.whole, seg)
	}
	if next == people.n {
		return nil
	}
	t.whole = t.whole[:0]
	for _, seg := range segments {
		t.found.segment = seg
		t.found.rows, t.found.masks = extend(t.found.rows, seg.size()+1), extend(t.found.masks, seg.size()+1)
		t.found.all(people.all)
		if len(t.found.rows) == 0 {
			continue
		}
		if used == cap(t.parts) {
			t.parts = append(t.parts[:used], piece{})
		}
		t.parts = t.parts[:used+1]
		t.parts[used].segment = seg
		t.parts[used].split(t.found.rows)
		used++
	}
	return t.parts
}

// each reports whether there is one row for each person from the first of the segment on, who have at most one.
func (seg *segment) each() bool {
	return len(seg.starts) > 0 && seg.size() == len(seg.starts)-1
}

// field is a column of such a table, read once for every block.
type field struct {
	of    *personal
	rows  scope
	at    int
	known *column
	out   column
	ids   []uint32
}

func (f *field) reset() { f.known = nil }

func (f *field) read(words) *column {
	if f.known == nil {
		f.known = f.find()
	}
	return f.known
}

func (f *field) find() *column {
	people := &f.of.program.people
	parts := f.of.rows()
	whole := f.of.whole
	if len(whole) == 1 {
		return f.all(whole[0])
	}
	f.out.fit(f.of.table.Columns[f.at].Kind, people.n)
	for _, seg := range whole {
		f.out.copyAt(seg.first, f.all(seg))
	}
	if len(whole) > 0 {
		return &f.out
	}
	f.out.clear(people.all)
	for _, p := range parts {
		f.rows.take(p.segment, p.rows, p.people)
		values := f.rows.cell(f.at)
		for i, person := range p.people {
			f.out.set(int(person), values, i)
		}
	}
	return &f.out
}

// all reads all rows of a segment.
func (f *field) all(seg *segment) *column {
	f.rows.takeAll(seg, seg.starts[0], seg.starts[len(seg.starts)-1])
	return f.rows.cell(f.at)
}

// fieldOf returns the one field of a column.
func (p *program) fieldOf(v tree.Field) *field {
	for _, f := range p.fields {
		if f.of.table == v.Table && f.at == v.Column {
			return f
		}
	}
	f := &field{of: p.personalOf(v.Table), rows: scope{program: p, table: v.Table}, at: v.Column}
	p.fields, p.states = append(p.fields, f), append(p.states, f)
	return f
}

func (p *program) personalOf(table *tree.Table) *personal {
	for _, f := range p.fields {
		if f.of.table == table {
			return f.of
		}
	}
	t := &personal{program: p, table: table, at: slices.Index(p.plan.Tables, table)}
	p.states = append(p.states, t)
	return t
}
