package columnar

import (
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// compiler makes a program.
type compiler struct {
	program *program
	lists   map[*group][]*codelist.List // of each set of rows of the group
	rows    *rowSet                     // whose predicates are compiled, or nil
}

// question compiles a question about the items of a scope. What a predicate about rows asks about the person alone is
// asked of the person.
//
//nolint:ireturn // one of many
func (c *compiler) question(n tree.Node, s *scope) question {
	if s.table != nil && !usesCells(n) {
		return c.hoist(&hoist{question: c.question(n, &c.program.people)})
	}
	switch n := n.(type) {
	case tree.All:
		return &combined{of: c.questions(n.Of, s)}
	case tree.Any:
		return &combined{or: true, of: c.questions(n.Of, s)}
	case tree.Not:
		return notOf{c.question(n.Of, s)}
	case tree.AtLeast:
		return &someOf{n: n.N, of: c.questions(n.Of, s)}
	case tree.IsYes:
		return &certain{of: c.question(n.Of, s)}
	case tree.IsUnknown:
		return &certain{of: c.question(n.Of, s), unknown: true}
	case tree.Compare:
		if r, ok := rangeOf(n.Left, n.Op, n.Right); ok {
			return r.question(c.series(r.of, s))
		}
		return &comparison{left: c.series(n.Left, s), op: n.Op, right: c.series(n.Right, s)}
	case tree.Between:
		low, ok := rangeOf(n.Value, tree.AtLeastAs, n.Low)
		high, also := rangeOf(n.Value, tree.AtMost, n.High)
		if _, fixed := n.Value.(tree.Constant); ok && also && !fixed {
			return low.and(high).question(c.series(low.of, s))
		}
		return c.question(tree.All{Of: []tree.Node{
			tree.Compare{Left: n.Value, Op: tree.AtLeastAs, Right: n.Low},
			tree.Compare{Left: n.Value, Op: tree.AtMost, Right: n.High},
		}}, s)
	case tree.InCodes:
		return &textQuestion{of: c.series(n.Value, s), is: isInList(n.List)}
	case tree.InTexts:
		return &textQuestion{of: c.series(n.Value, s), is: isInTexts(n.Texts)}
	case tree.Known:
		if kind := tree.KindOf(n.Value); kind == tree.Text || kind == tree.Code {
			return &textQuestion{of: c.series(n.Value, s), is: func(string) bool { return true }, settled: true}
		}
		return &isKnown{of: c.series(n.Value, s)}
	case tree.Exists:
		return &exists{of: c.ask(n.Rows, tree.Exists{}, func() gatherer { return &present{} })}
	default:
		panic(fmt.Sprintf("columnar: node %T", n))
	}
}

// questions compiles parts of which the order does not matter, the cheap ones first.
func (c *compiler) questions(nodes []tree.Node, s *scope) []question {
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b tree.Node) int { return cost(a) - cost(b) })
	out := make([]question, len(nodes))
	for i, n := range nodes {
		out[i] = c.question(n, s)
	}
	return out
}

//nolint:ireturn // one of many
func (c *compiler) series(v tree.Value, s *scope) series {
	if _, ok := v.(tree.Constant); s.table != nil && !ok && !usesCells(v) {
		return c.hoist(&hoist{value: c.series(v, &c.program.people)})
	}
	switch v := v.(type) {
	case tree.Constant:
		return &constant{Constant: v, scope: s}
	case tree.Field:
		return c.program.fieldOf(v)
	case tree.Cell:
		return cell{s, v.Column}
	case tree.Pick:
		return c.ask(v.Rows, tree.Pick{Column: v.Column, Latest: v.Latest}, func() gatherer {
			return newPick(v.Rows.Table, append(slices.Clone(v.Rows.Table.Order), v.Column), v.Latest)
		})
	case tree.Count:
		return c.ask(v.Rows, tree.Count{}, func() gatherer { return &counted{} })
	case tree.Summary:
		return c.ask(v.Rows, tree.Summary{Column: v.Column, How: v.How}, func() gatherer {
			if v.How == tree.Min || v.How == tree.Max {
				return newPick(v.Rows.Table, []int{v.Column}, v.How == tree.Max)
			}
			return newFold(v.How, v.Rows.Table.Columns[v.Column].Kind, v.Column)
		})
	case tree.Episodes:
		return c.ask(v.Rows, tree.Episodes{Months: v.Months, Days: v.Days}, func() gatherer {
			return newEpisodes(v, v.Rows.Table.Dated)
		})
	case tree.Span:
		return &span{scope: s, from: c.series(v.From, s), to: c.series(v.To, s), unit: v.Unit}
	case tree.Shift:
		return &moved{scope: s, of: c.series(v.Of, s), by: v.Apply}
	case tree.Edge:
		return &moved{scope: s, of: c.series(v.Of, s), by: v.Apply}
	case tree.Case:
		out := &byCase{scope: s, kind: tree.KindOf(v)}
		for _, b := range v.Branches {
			out.when, out.then = append(out.when, c.question(b.When, s)), append(out.then, c.series(b.Then, s))
		}
		if v.Otherwise != nil {
			out.otherwise = c.series(v.Otherwise, s)
		}
		return out
	case tree.Choice:
		out := &choice{scope: s, kind: tree.KindOf(v), how: v.How}
		for _, each := range v.Of {
			out.of = append(out.of, c.series(each, s))
		}
		return out
	default:
		panic(fmt.Sprintf("columnar: value %T", v))
	}
}

func (c *compiler) hoist(h *hoist) *hoist {
	h.rows = c.rows
	c.rows.hoists = append(c.rows.hoists, h)
	c.program.states = append(c.program.states, h)
	return h
}

// ask returns the one ask of its kind of a set of rows.
func (c *compiler) ask(of *tree.Rows, key any, gatherer func() gatherer) *ask {
	rows := c.program.rows[of.Index]
	for _, a := range rows.asks {
		if a.key == key {
			return a
		}
	}
	a := &ask{rows: rows, key: key, gatherer: gatherer()}
	rows.asks = append(rows.asks, a)
	c.program.states = append(c.program.states, a)
	return a
}

// rowSet compiles a set of rows; those that it asks about have been compiled.
func (c *compiler) rowSet(of *tree.Rows) {
	r := &rowSet{program: c.program, scope: scope{program: c.program, table: of.Table}}
	c.rows = r
	c.program.rows = append(c.program.rows, r)
	c.program.states = append(c.program.states, r)
	where := conjuncts(of.Where)
	slices.SortStableFunc(where, func(a, b tree.Node) int { return cost(a) - cost(b) })
	lead := slices.IndexFunc(where, func(n tree.Node) bool {
		in, ok := n.(tree.InCodes)
		if ok {
			_, ok = in.Value.(tree.Cell)
		}
		return ok
	})
	if lead < 0 {
		c.join(r, of.Table, -1, nil)
	} else {
		in := where[lead].(tree.InCodes)                          //nolint:forcetypeassert // as found
		c.join(r, of.Table, in.Value.(tree.Cell).Column, in.List) //nolint:forcetypeassert // as found
		where = slices.Delete(where, lead, lead+1)
	}
	for _, n := range where {
		before := len(r.hoists)
		q := c.question(n, &r.scope)
		switch _, ranged := q.(*dayRange); {
		case len(r.hoists) > before:
			r.owned = append(r.owned, q)
		case ranged:
			r.fixed = slices.Insert(r.fixed, 0, q) // which is the quickest
		default:
			r.fixed = append(r.fixed, q)
		}
	}
}

// join makes a set of rows one of the group that finds candidates by a column of codes, or of that which takes all
// rows.
func (c *compiler) join(r *rowSet, table *tree.Table, column int, list *codelist.List) {
	const most = 64 // bits of a mask
	for _, g := range c.program.groups {
		if g.table == table && g.column == column && len(c.lists[g]) < most {
			r.group = g
		}
	}
	if r.group == nil {
		r.group = &group{program: c.program, table: table, at: slices.Index(c.program.plan.Tables, table), column: column}
		c.program.groups = append(c.program.groups, r.group)
		c.program.states = append(c.program.states, r.group)
	}
	r.bit = len(c.lists[r.group])
	c.lists[r.group] = append(c.lists[r.group], list)
}

// conjuncts are the questions that must all be yes.
func conjuncts(nodes []tree.Node) (out []tree.Node) {
	for _, n := range nodes {
		if all, ok := n.(tree.All); ok {
			out = append(out, conjuncts(all.Of)...)
		} else {
			out = append(out, n)
		}
	}
	return out
}
