package cohort

import (
	"slices"
	"strings"
)

// draft is a person who is being made up for a witness. It never changes: every step of the search makes
// another.
type draft struct {
	sheets []sheet
	made   *made
}

// made is the record of a draft, once it is needed.
type made struct{ record *Record }

// sheet is the rows of one table, each with a value for every column.
type sheet struct {
	table *Table
	rows  [][]datum
}

// spot is the row in hand; without a table the question is about the person.
type spot struct {
	table *Table
	row   int
}

// record makes the person up. Values that the catalogue declares to mean "not known" become missing, as in
// every record.
func (d draft) record(key string) *Record {
	r := NewRecord(key)
	for _, s := range d.sheets {
		f := r.frame(s.table)
		for _, cells := range s.rows {
			f.n++
			for column, x := range cells {
				if x = s.table.clean(column, x); x.known() {
					f.put(column, x)
				}
			}
		}
	}
	return r
}

// anonymous returns the person as a record without a name.
func (d draft) anonymous() *Record {
	if d.made == nil {
		return d.record("")
	}
	if d.made.record == nil {
		d.made.record = d.record("")
	}
	return d.made.record
}

func (d draft) ask(n node, at spot) Verdict {
	r := d.anonymous()
	return evaluator{record: r}.answer(n, at.in(r))
}

func (d draft) read(v value, at spot) datum {
	r := d.anonymous()
	return evaluator{record: r}.value(v, at.in(r))
}

func (s spot) in(r *Record) row {
	if s.table == nil {
		return row{}
	}
	return row{r.find(s.table), s.row}
}

// rows returns the rows of a table.
func (d draft) rows(t *Table) [][]datum {
	for _, s := range d.sheets {
		if s.table == t {
			return s.rows
		}
	}
	return nil
}

// with exchanges the rows of a table.
func (d draft) with(t *Table, rows [][]datum) draft {
	sheets := slices.Clone(d.sheets)
	for i, s := range sheets {
		if s.table == t {
			sheets[i].rows = rows
			return draft{sheets, new(made)}
		}
	}
	return draft{append(sheets, sheet{t, rows}), new(made)}
}

// set exchanges one cell. A field needs no row before that.
func (d draft) set(t *Table, row, column int, x datum) draft {
	rows := slices.Clone(d.rows(t))
	if t.perPerson() && len(rows) == 0 {
		rows = append(rows, emptyRow(t))
	}
	rows[row] = slices.Clone(rows[row])
	rows[row][column] = x
	return d.with(t, rows)
}

// add adds a row, of missing values or a copy.
func (d draft) add(t *Table, cells []datum) (draft, spot) {
	rows := append(slices.Clone(d.rows(t)), cells)
	return d.with(t, rows), spot{t, len(rows) - 1}
}

func (d draft) remove(t *Table, rows ...int) draft {
	var kept [][]datum
	for i, cells := range d.rows(t) {
		if !slices.Contains(rows, i) {
			kept = append(kept, cells)
		}
	}
	return d.with(t, kept)
}

// matching returns the positions of the rows that match.
func (d draft) matching(r rows) []int {
	return evaluator{record: d.anonymous()}.matching(r).yes
}

func emptyRow(t *Table) []datum {
	cells := make([]datum, len(t.info.Columns))
	for i, column := range t.info.Columns {
		cells[i] = missing(column.Kind)
	}
	return cells
}

// facts lists what is known about the person, by table and row.
func (d draft) facts() []Evidence {
	var facts []Evidence
	for _, s := range d.sheets {
		for i, cells := range s.rows {
			e := Evidence{Table: s.table.Name()}
			if !s.table.perPerson() {
				e.Row = i + 1
			}
			for column, x := range cells {
				if x = s.table.clean(column, x); x.known() {
					e.Values = append(e.Values, NamedValue{s.table.info.Columns[column].Name, x.String()})
				}
			}
			if len(e.Values) > 0 || e.Row > 0 {
				facts = append(facts, e)
			}
		}
	}
	slices.SortStableFunc(facts, func(a, b Evidence) int { return strings.Compare(a.Table, b.Table) })
	return facts
}

// fingerprint tells two people apart.
func (d draft) fingerprint() string { return string(marshal(d.facts())) }
