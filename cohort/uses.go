package cohort

import (
	"maps"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Uses lists what a plan reads, to be compared with what has been approved.
type Uses struct {
	// Tables are the tables and columns read, by name.
	Tables []TableUse
	// CodeLists are the code lists, by id and version.
	CodeLists []*codelist.List
}

// TableUse is what a plan reads of one table.
type TableUse struct {
	// Table is the name of the table.
	Table string
	// Columns are the names of the columns, in the order of the catalogue.
	Columns []string
	// Sources are the published columns that hold them: the same names, except that a column of codes gives
	// way to those it stands for.
	Sources []string
	// Earliest is the first day of which event rows are needed; zero means all of the past, or a table
	// with one row per person.
	Earliest Date
}

// Uses returns the tables, columns, code lists and reach into the past that the plan reads.
func (p *Plan) Uses() Uses {
	var uses Uses
	for _, t := range p.tables() {
		use := TableUse{Table: t.Name, Earliest: p.earliest(t.table)}
		for _, column := range t.Columns {
			use.Columns = append(use.Columns, column.Name)
			use.Sources = appendNew(use.Sources, column.sources()...)
		}
		uses.Tables = append(uses.Tables, use)
	}
	lists := map[string]*codelist.List{}
	for part := range p.parts {
		if n, ok := part.(inCodesNode); ok {
			lists[n.list.ID()+" "+n.list.Version()] = n.list
		}
	}
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		uses.CodeLists = append(uses.CodeLists, lists[key])
	}
	return uses
}

func (u Uses) earliest(table string) Date {
	for _, use := range u.Tables {
		if use.Table == table {
			return use.Earliest
		}
	}
	return Date{}
}

// tableFacts is what the answers of a plan depend on in the catalogue. Its JSON is part of the plan's.
type tableFacts struct {
	table   *Table
	Name    string        `json:"name"`
	Order   []string      `json:"order,omitempty"` // only when a row is picked
	Dated   string        `json:"dated,omitempty"` // the date column, only when episodes are counted
	Columns []columnFacts `json:"columns"`
}

type columnFacts struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Unknowns []string `json:"unknowns,omitempty"`
	Sources  []string `json:"sources,omitempty"` // sorted: their order means nothing
}

// sources returns the published columns behind a column.
func (c columnFacts) sources() []string {
	if len(c.Sources) > 0 {
		return c.Sources
	}
	return []string{c.Name}
}

// appendNew appends the names that are not there yet.
func appendNew(names []string, more ...string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tables returns the facts of every table the plan reads, by name.
func (p *Plan) tables() []tableFacts {
	used := map[*Table][]bool{}
	picked, dated := map[*Table]bool{}, map[*Table]bool{}
	use := func(t *Table, columns ...int) {
		if used[t] == nil {
			used[t] = make([]bool, len(t.info.Columns))
		}
		for _, column := range columns {
			used[t][column] = true
		}
	}
	for part := range p.parts {
		switch part := part.(type) {
		case columnValue:
			use(part.table, part.column)
		case pickValue:
			picked[part.rows.table] = true
			use(part.rows.table, append(slices.Clone(part.rows.table.order), part.column)...)
		case summaryValue:
			use(part.rows.table, part.column)
		case episodesValue:
			dated[part.rows.table] = true
			use(part.rows.table, part.rows.table.order[0])
		case rows:
			use(part.table)
		}
	}
	var facts []tableFacts
	for table, columns := range used {
		f := tableFacts{table: table, Name: table.Name()}
		if picked[table] {
			f.Order = table.info.Order
		}
		if dated[table] {
			f.Dated = table.info.Order[0]
		}
		for i, column := range table.info.Columns {
			if columns[i] {
				f.Columns = append(f.Columns, columnFacts{
					column.Name, column.Kind.String(),
					slices.Sorted(slices.Values(column.Unknowns)), slices.Sorted(slices.Values(column.Sources)),
				})
			}
		}
		facts = append(facts, f)
	}
	slices.SortFunc(facts, func(a, b tableFacts) int { return strings.Compare(a.Name, b.Name) })
	return facts
}

// earliest returns the first day of which rows of an event table are needed, or zero for all.
func (p *Plan) earliest(t *Table) (first Date) {
	for part := range p.parts {
		r, ok := part.(rows)
		if !ok || r.table != t {
			continue
		}
		day := notBefore(r)
		if day.IsZero() {
			return Date{}
		}
		if first.IsZero() || day.Compare(first) < 0 {
			first = day
		}
	}
	return first
}

// notBefore returns a day before which no row can match, or zero. Only what every row must fulfil counts:
// the predicates themselves and the parts of those that demand all their parts.
func notBefore(r rows) (day Date) {
	conjuncts := slices.Clone(r.where)
	for len(conjuncts) > 0 {
		n := conjuncts[0]
		conjuncts = conjuncts[1:]
		if all, ok := n.(allNode); ok {
			conjuncts = append(conjuncts, all.of...)
			continue
		}
		if low := lowerBound(n, r.table); low.Compare(day) > 0 {
			day = low
		}
	}
	return day
}

// lowerBound returns the day that one predicate puts below the date column of a table, or zero.
func lowerBound(n node, t *Table) Date {
	dated := func(v value) bool {
		column, ok := v.(columnValue)
		return ok && column.table == t && column.column == t.order[0]
	}
	if n, ok := n.(betweenNode); ok && dated(n.value) {
		low, _ := fixed(n.low)
		return low.date
	}
	if n, ok := n.(compareNode); ok && dated(n.left) {
		day, _ := fixed(n.right)
		switch n.op {
		case atLeast, equal:
			return day.date
		case greater:
			return day.date.AddDays(1)
		case less, atMost:
		}
	}
	return Date{}
}

// parts yields every part of every step.
func (p *Plan) parts(yield func(any) bool) {
	for _, step := range p.steps {
		for part := range walk(step.criterion) {
			if !yield(part) {
				return
			}
		}
	}
}
