package columnar

import "github.com/personalised-prevention/nhs/internal/tree"

// field is a column of a table with one row a person, read once for every block.
type field struct {
	program *program
	table   int
	rows    scope
	at      int
	done    bool
	out     column
}

func (f *field) reset() { f.done = false }

func (f *field) read(words) *column {
	if f.done {
		return &f.out
	}
	f.done = true
	people := &f.program.people
	f.out.fit(f.rows.table.Columns[f.at].Kind, people.n)
	f.out.clear(people.all)
	for _, seg := range f.program.block.tables[f.table] {
		if seg.rows == 0 {
			continue
		}
		f.rows.rows, f.rows.people = f.rows.rows[:0], f.rows.people[:0]
		seg.each(func(person, row int32) {
			f.rows.rows = append(f.rows.rows, row)
			f.rows.people = append(f.rows.people, person)
		})
		f.rows.take(seg, f.rows.rows, f.rows.people)
		values := f.rows.cell(f.at)
		for i, person := range f.rows.people {
			f.out.set(int(person), values, i)
		}
	}
	return &f.out
}

// each hands out every row with its person.
func (s *segment) each(do func(person, row int32)) {
	if s.starts == nil {
		for row, person := range s.people {
			do(person, int32(row))
		}
		return
	}
	for i := range len(s.starts) - 1 {
		for row := s.starts[i]; row < s.starts[i+1]; row++ {
			do(int32(s.first+i), row) //nolint:gosec // a block has fewer people
		}
	}
}

// fieldOf returns the one field of a column.
func (p *program) fieldOf(v tree.Field) *field {
	for _, f := range p.fields {
		if f.rows.table == v.Table && f.at == v.Column {
			return f
		}
	}
	f := &field{program: p, rows: scope{program: p, table: v.Table}, at: v.Column}
	for i, table := range p.plan.Tables {
		if table == v.Table {
			f.table = i
		}
	}
	p.fields = append(p.fields, f)
	return f
}
