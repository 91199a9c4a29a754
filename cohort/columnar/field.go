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
	// whole is the segment with a row for every person, one after the other, if there is one; then there are no parts.
	whole *segment
	found candidates
}

func (t *personal) reset() { t.known = false }

// rows finds the rows of everybody, once.
func (t *personal) rows() []piece {
	if t.known {
		return t.parts
	}
	t.known, t.parts = true, t.parts[:0]
	people, used := &t.program.people, 0
	segments := t.program.block.tables[t.at]
	if t.whole = nil; len(segments) == 1 && segments[0].each(people.n) {
		t.whole = segments[0]
		return nil
	}
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

// each reports whether there is a row for each of so many people, who have at most one, one after the other.
func (seg *segment) each(people int) bool {
	return len(seg.starts) == people+1 && seg.first == 0 && seg.size() == people
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
	if seg := f.of.whole; seg != nil {
		f.rows.takeAll(seg, seg.starts[0], seg.starts[people.n])
		return f.rows.cell(f.at)
	}
	f.out.fit(f.of.table.Columns[f.at].Kind, people.n)
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
