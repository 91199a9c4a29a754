package sqlengine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// pass reads an event table once, for all sets of its rows that can be told at the same time.
type pass struct {
	*reader
	level int
	rows  []asked
	facts string   // name of the common table that sums the rows up, person by person
	sums  []string // what it makes
	named map[string]string
	extra []common // that need the rows one by one
}

// asked is a set of rows and the step that was the first to ask about it.
type asked struct {
	*tree.Rows
	at string
}

// flag is the name of the column that says whether a row belongs to a set.
func flag(rows *tree.Rows) string { return fmt.Sprintf("rows_%d", rows.Index+1) }

// passOf returns the pass in which rows are told.
func (c *compiler) passOf(rows *tree.Rows) *pass {
	l := level(rows)
	at := slices.IndexFunc(c.passes, func(p *pass) bool { return p.table == rows.Table && p.level == l })
	if at < 0 {
		at = len(c.passes)
		p := &pass{reader: c.reader(rows.Table, c.names.of(rows.Table.Name+"_rows")), level: l, named: map[string]string{}}
		p.facts = c.names.of(rows.Table.Name + "_facts")
		for _, r := range c.plan.Rows {
			p.taken.reserve(flag(r))
		}
		c.passes = append(c.passes, p)
	}
	p := c.passes[at]
	if !slices.ContainsFunc(p.rows, func(a asked) bool { return a.Rows == rows }) {
		p.rows = append(p.rows, asked{rows, c.at})
	}
	return p
}

// fact is something summed up of rows: a column of the pass's facts, missing for people without rows.
func (s scope) fact(rows *tree.Rows, what string, say func(p *pass, rows string) string) string {
	p := s.passOf(rows)
	s.join(p.facts)
	return p.facts + "." + p.sum(rows, what, say(p, "r."+flag(rows)))
}

// sum makes a column of the facts, and returns its name.
func (p *pass) sum(rows *tree.Rows, what, expression string) string {
	if name, ok := p.named[expression]; ok {
		return name
	}
	names := namer{}
	for _, taken := range p.named {
		names.reserve(taken)
	}
	name := names.of(flag(rows) + "_" + what)
	p.named[expression] = name
	p.sums = append(p.sums, expression+" AS "+name)
	return name
}

// exists is whether there are rows.
func (s scope) exists(rows *tree.Rows) string {
	return "coalesce(" + s.fact(rows, "exists", func(_ *pass, rows string) string { return "bool_or(" + rows + ")" }) + ", FALSE)"
}

// pick is a column of the latest or the earliest row. Of several codes it is whether there are any: whether they are in
// a list is asked with pickAnswer.
func (s scope) pick(v tree.Pick) string {
	return s.picked(v, func(p *pass) string {
		if v.Rows.Table.Columns[v.Column].Kind == tree.Codes {
			return p.out("known", "CASE WHEN "+p.anyKnown(v.Column)+" THEN TRUE END")
		}
		return strings.TrimPrefix(p.of(v.Rows, v.Column), "r.")
	})
}

// pickAnswer is what is answered about the code, or the codes, of the latest or the earliest row.
func (s scope) pickAnswer(v tree.Pick, n tree.InCodes) string {
	return s.picked(v, func(p *pass) string { return p.out("in_list", p.inCodes(v.Column, n)) })
}

func (s scope) picked(v tree.Pick, say func(*pass) string) string {
	what := "earliest"
	if v.Latest {
		what = "latest"
	}
	columns := v.Rows.Table.Columns
	return s.fact(v.Rows, what+"_"+columns[v.Column].Name, func(p *pass, rows string) string {
		facts := p.certain(v.Rows)
		var by []rank
		for _, at := range append(slices.Clone(v.Rows.Table.Order), v.Column) {
			if !p.absent(at) && facts[at] != oneValue { // which is the same in all rows
				by = append(by, rank{p.of(v.Rows, at), columns[at].Kind, facts[at] == isKnown})
			}
			if at == v.Column {
				break // rows that are alike up to here have the same answer
			}
		}
		if len(by) == 0 {
			by = []rank{{"r.id", tree.Text, true}} // all rows are alike
		}
		return p.pick("r."+say(p), by, v.Latest, rows)
	})
}

// of is a column of the rows of a set; where it is certain to be known, as its source holds it.
func (p *pass) of(rows *tree.Rows, at int) string {
	if p.table.Columns[at].Kind != tree.Codes && p.certain(rows)[at] != nothing {
		return "r." + p.out(p.table.Columns[at].Name, p.raw(at, 0))
	}
	return "r." + p.column(at)
}

// certainty is what belonging to a set of rows says about a column.
type certainty uint8

const (
	nothing  certainty = iota
	isKnown            // it is known
	oneValue           // it is known, and the same in all rows
)

// certain returns what belonging to a set of rows says about the columns, by position.
func (p *pass) certain(rows *tree.Rows) map[int]certainty {
	columns := map[int]certainty{}
	note := func(v tree.Value, c certainty) {
		if cell, ok := v.(tree.Cell); ok {
			columns[cell.Column] = max(columns[cell.Column], c)
		}
	}
	for _, n := range flatten(tree.All{Of: rows.Where}) {
		if of, _, ok := tree.DaysOf(n); ok {
			note(of, isKnown)
			continue
		}
		switch n := n.(type) {
		case tree.Known:
			note(n.Value, isKnown)
		case tree.Compare:
			note(n.Left, isKnown)
			note(n.Right, isKnown)
		case tree.Between:
			note(n.Value, isKnown)
		case tree.InTexts:
			note(n.Value, isKnown)
		case tree.InCodes:
			if c, ok := n.Value.(tree.Cell); ok && n.List.Len() == 1 && p.needs(rows)[p.raw(c.Column, 0)] {
				note(c, oneValue)
			}
			note(n.Value, isKnown)
		default:
		}
	}
	return columns
}

// episodes makes a common table that counts runs of days, and returns its name.
func (p *pass) episodes(v tree.Episodes) string {
	date := p.of(v.Rows, v.Rows.Table.Dated)
	query := fmt.Sprintf("SELECT id, count(*) AS n\n  FROM (SELECT r.id, %s AS day, lag(%s) OVER (PARTITION BY r.id ORDER BY %s) AS before\n"+
		"    FROM %s AS r WHERE r.%s AND %s IS NOT NULL) AS days\n  WHERE before IS NULL OR day > %s\n  GROUP BY id",
		date, date, date, p.name, flag(v.Rows), date, p.shift("before", v.Months, v.Days))
	return p.once(&p.extra, p.table.Name+"_episodes", query)
}

// distinct makes a common table that counts different codes, and returns its name.
func (p *pass) distinct(rows *tree.Rows, at int) string {
	codes := make([]string, len(p.table.Columns[at].Sources))
	for source := range codes {
		codes[source] = "r." + p.out(p.table.Columns[at].Sources[source], p.clean(at, source))
	}
	query := fmt.Sprintf("SELECT id, count(DISTINCT code) AS n\n  FROM (SELECT r.id, %s AS code FROM %s AS r WHERE r.%s) AS codes\n  GROUP BY id",
		p.each(codes), p.name, flag(rows))
	return p.once(&p.extra, p.table.Name+"_codes", query)
}

// read tells which rows belong to which set.
func (p *pass) read() {
	slices.SortFunc(p.rows, func(a, b asked) int { return a.Index - b.Index })
	s := scope{compiler: p.compiler, row: p.reader, joins: &p.joins}
	var flags []string
	needed := make([]map[string]bool, len(p.rows))
	for i, rows := range p.rows {
		p.at = rows.at
		flags = append(flags, s.yes(tree.All{Of: rows.Where})+" AS "+flag(rows.Rows))
		needed[i] = p.needs(rows.Rows)
	}
	for _, look := range p.pivots {
		look.inner = !slices.ContainsFunc(needed, func(codes map[string]bool) bool { return !codes[look.code] })
	}
	p.columns = append(p.columns, flags...)
}

// needs returns the columns of codes, as their source holds them, without a listed one of which no row belongs to a set.
func (p *pass) needs(rows *tree.Rows) map[string]bool {
	codes := map[string]bool{}
	for _, n := range flatten(tree.All{Of: rows.Where}) {
		in, ok := n.(tree.InCodes)
		if !ok {
			continue
		}
		cell, ok := in.Value.(tree.Cell)
		if !ok || p.table.Columns[cell.Column].Kind == tree.Codes {
			continue
		}
		ranges := 0
		for range in.List.Ranges() {
			ranges++
		}
		if ranges == 0 {
			codes[p.raw(cell.Column, 0)] = true
		}
	}
	return codes
}

// commons returns the common tables: the rows that belong to any set, and what they sum up to.
func (p *pass) commons() []common {
	flags := make([]string, len(p.rows))
	for i, rows := range p.rows {
		flags[i] = "r." + flag(rows.Rows)
	}
	if p.pruned && !slices.Contains(p.joins, p.people) {
		p.joins = append(p.joins, p.people)
	}
	columns := append([]string{p.key() + " AS id"}, p.columns...)
	tables := []common{{name: p.name, query: "SELECT " + strings.Join(columns, ",\n    ") + "\n  FROM " + p.from(), inline: true}}
	if len(p.sums) > 0 {
		tables = append(tables, common{name: p.facts, query: "SELECT r.id,\n    " + strings.Join(p.sums, ",\n    ") +
			"\n  FROM " + p.name + " AS r\n  WHERE " + strings.Join(flags, " OR ") + "\n  GROUP BY r.id"})
	}
	return append(tables, p.extra...)
}
