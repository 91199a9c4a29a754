package caas

import (
	"math"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// rules lays out what must all hold: a rule for each question about entries, and the
// rest on the first of them. Nothing comes back when nothing of it can be held; that is
// accounted for.
func (x *exporter) rules(s spot) []Rule {
	var out []Rule
	parts := x.apart(func() { out = x.conjunction(s) })
	if len(out) == 0 {
		x.unheld(s, MissesPeople)
		return nil
	}
	x.parts = append(x.parts, parts...)
	return out
}

func (x *exporter) conjunction(s spot) []Rule {
	var out []Rule
	rest := Rule{}
	var counted []eventsTree
	var later []spot
	var ages []band
	var sort func(spot)
	sort = func(s spot) {
		if inner, _ := s.unnamed("rule"); inner.place.path != s.place.path {
			own := x.conjunction(inner)
			out = append(out, own...)
			counted = append(counted, make([]eventsTree, len(own))...)
			return
		}
		s = s.bare()
		events, isEvents := x.events(s.treeNode)
		bands, isAge := x.bands(s.treeNode)
		switch {
		case isEvents:
			out = append(out, x.eventRule(s, events))
			counted = append(counted, events)
		case isAge && ages == nil:
			ages = bands
			x.note(s.place, Expressed, "the age", "age bands of a rule")
		case s.Op == "named" && strings.HasPrefix(s.ID, specialCase):
			name := strings.TrimPrefix(s.ID, specialCase)
			rest.PreCoordinated = append(rest.PreCoordinated, PreCoordinatedConstraint{
				ID: name, Type: PreCoordinatedConstraintType{ID: name, Name: name, RulesetText: "see the texts"},
			})
			x.lost(s.place, SpecialCase, "what special case "+name+" asks: it is held by its name only", "say it in the texts", "", []Remedy{LeaveOut})
		case s.Op == "not":
			later = append(later, s)
		case s.Op == "all":
			for i := range s.Of {
				sort(s.part(i))
			}
		default:
			x.unheld(s, AddsPeople)
		}
	}
	sort(s)
	for _, n := range later {
		if !x.resolving(n, out, counted) {
			x.unheld(n, AddsPeople)
		}
	}
	for _, b := range ages {
		rest.PatientAgeConstraints = append(rest.PatientAgeConstraints, b.constraint())
	}
	if len(rest.PatientAgeConstraints)+len(rest.PreCoordinated) == 0 {
		return out
	}
	if len(out) == 0 {
		out = []Rule{{}}
	}
	out[0].PatientAgeConstraints = append(out[0].PatientAgeConstraints, rest.PatientAgeConstraints...)
	out[0].PreCoordinated = append(out[0].PreCoordinated, rest.PreCoordinated...)
	return out
}

// eventsTree is a question about entries, read from a tree.
type eventsTree struct {
	rows   []*treeRows // as asked, of one table or several
	lists  []*codelist.List
	tables []table
	dates  EventDateConstraint
	fixed  bool // ends that depend on a parameter were fixed
	open   bool // entries after the reference count
	count  int
}

// eventRule writes a question about entries as a rule.
func (x *exporter) eventRule(s spot, e eventsTree) Rule {
	var r Rule
	var names []string
	for _, l := range e.lists {
		r.Inclusions = append(r.Inclusions, codeList(l))
		names = append(names, l.ID())
	}
	for _, d := range e.datasets() {
		x.note(s.place, Assumed, "data set "+d, "tables are those of the data set "+d)
		r.Datasets = append(r.Datasets, Dataset{ID: d, Acronym: new(d)})
	}
	if e.narrow(e.datasets()) {
		x.lost(s.place, UnheldPart, "the choice of tables: data sets stand for all their tables", "say it in the texts", AddsPeople, []Remedy{LeaveOut})
	}
	if e.dates != (EventDateConstraint{}) {
		r.EventDateConstraint = &e.dates
	}
	if e.count > 1 {
		r.EventCountConstraint = &EventCountConstraint{Count: e.count}
	}
	if e.fixed {
		x.note(s.place, Assumed, "days that depend on a parameter or on the reference",
			"days that depend on a parameter or on the reference are fixed as the plan is bound")
	}
	if e.open {
		x.lost(s.place, OpenEnd, "entries after the reference", "ask for entries up to the reference", MissesPeople, []Remedy{LeaveOut})
	}
	x.note(s.place, Expressed, "entries with a code of "+strings.Join(names, " or "), "a rule; names and versions of its lists go with their codes")
	return r
}

// resolving adds resolving lists to the rule whose entries they resolve.
func (x *exporter) resolving(n spot, rules []Rule, counted []eventsTree) bool {
	for i := range rules {
		resolving, ok := x.resolvedBy(bare(n.Of[0]), counted[i])
		if !ok || len(rules[i].Resolving) > 0 {
			continue
		}
		for _, l := range resolving.lists {
			rules[i].Resolving = append(rules[i].Resolving, codeList(l))
		}
		for _, d := range resolving.datasets() {
			if !slices.ContainsFunc(rules[i].Datasets, func(o Dataset) bool { return o.ID == d }) {
				rules[i].Datasets = append(rules[i].Datasets, Dataset{ID: d, Acronym: new(d)})
			}
		}
		x.note(n.place, Expressed, "a later entry takes a person out", "resolving codes of a rule")
		return true
	}
	return false
}

// resolvedBy reads: there is a resolving entry, and the last such day is after the last
// of the entries that count. One rule has both in the same data sets.
func (x *exporter) resolvedBy(n treeNode, counted eventsTree) (eventsTree, bool) {
	if n.Op != "all" || len(n.Of) != 2 || n.Of[1].Op != ">" || len(counted.rows) == 0 {
		return eventsTree{}, false
	}
	resolving, ok := x.events(n.Of[0])
	if !ok || resolving.count != 1 || resolving.open || resolving.dates != (EventDateConstraint{}) ||
		!lastDay(n.Of[1].Value, resolving) || !lastDay(n.Of[1].To, counted) {
		return eventsTree{}, false
	}
	both := append(counted.datasets(), resolving.datasets()...)
	return resolving, !resolving.narrow(both) && !counted.narrow(both)
}

// lastDay reports whether a value is the last day of entries, in all their tables.
func lastDay(v *treeValue, of eventsTree) bool {
	if v == nil {
		return false
	}
	days := []*treeValue{v}
	if v.Is == "greatest" {
		days = v.Values
	}
	if len(days) != len(of.rows) {
		return false
	}
	for i, d := range days {
		if d.Is != "max" && d.Is != "latest" || d.Column != of.tables[i].date || !same(d.Rows, of.rows[i]) {
			return false
		}
	}
	return true
}

// events reads a question about entries: there is one, in one table or in any of
// several, or there are so many.
func (x *exporter) events(n treeNode) (eventsTree, bool) {
	switch {
	case n.Op == "exists":
		e, ok := x.entries(n.Rows)
		e.count = 1
		return e, ok
	case (n.Op == ">=" || n.Op == ">") && n.Value != nil && n.Value.Is == "count" && n.To != nil && n.To.Number != nil:
		e, ok := x.entries(n.Value.Rows)
		count := math.Ceil(*n.To.Number)
		if n.Op == ">" {
			count = math.Floor(*n.To.Number) + 1
		}
		e.count = int(min(count, math.MaxInt32))
		return e, ok && e.count >= 1
	case n.Op == "any" && len(n.Of) > 1 && n.Of[0].Op == ">=":
		return x.shared(n)
	case n.Op == "any":
		var all eventsTree
		for i, part := range n.Of {
			e, ok := x.events(part)
			if !ok || e.count != 1 || i > 0 && (!same(e.dates, all.dates) || e.open != all.open) {
				return eventsTree{}, false
			}
			all = all.with(e)
		}
		return all, len(n.Of) > 0 && all.alike()
	default:
		return eventsTree{}, false
	}
}

// with joins entries of one table or several.
func (e eventsTree) with(other eventsTree) eventsTree {
	e.rows, e.tables = append(e.rows, other.rows...), append(e.tables, other.tables...)
	e.lists = distinct(append(e.lists, other.lists...))
	e.dates, e.fixed, e.open, e.count = other.dates, e.fixed || other.fixed, other.open, other.count
	return e
}

// alike reports whether every table asks for all lists that it records, and the tables
// are different: then one rule can ask for all. Several questions about one table are
// as good as one.
func (e eventsTree) alike() bool {
	names := map[string]bool{}
	for _, t := range e.tables {
		names[t.name] = true
	}
	if len(names) == 1 {
		return true
	}
	if len(names) < len(e.tables) {
		return false
	}
	for i, r := range e.rows {
		for _, l := range e.lists {
			if e.tables[i].records(l.System()) && !r.asks(l) {
				return false
			}
		}
	}
	return true
}

// narrow reports whether one of the data sets has a table that records a list and is
// not asked.
func (e eventsTree) narrow(datasets []string) bool {
	for _, t := range tables() {
		asked := func(o table) bool { return o.name == t.name }
		if slices.ContainsFunc(e.tables, asked) || !slices.Contains(datasets, t.dataset) {
			continue
		}
		for _, l := range e.lists {
			if t.records(l.System()) {
				return true
			}
		}
	}
	return false
}

// datasets are those of the tables, each once.
func (e eventsTree) datasets() []string {
	var out []string
	for _, t := range e.tables {
		if !slices.Contains(out, t.dataset) {
			out = append(out, t.dataset)
		}
	}
	return out
}

// shared reads a number of entries that several tables make up together, as atLeast
// asks for it.
func (x *exporter) shared(n treeNode) (eventsTree, bool) {
	var rows []*treeRows
	first, count := n, 0.0
	for first.Op == "any" && len(first.Of) > 1 {
		c := first.Of[0]
		if c.Op != ">=" || c.Value == nil || c.Value.Is != "count" || c.To == nil || c.To.Number == nil {
			return eventsTree{}, false
		}
		rows, count = append(rows, c.Value.Rows), *c.To.Number
		first = first.Of[1]
	}
	if first.Op != ">=" || first.Value == nil || first.Value.Is != "count" || count < 2 || count > mostShared {
		return eventsTree{}, false
	}
	rows = append(rows, first.Value.Rows)
	var all eventsTree
	for i, r := range rows {
		e, ok := x.entries(r)
		if !ok || i > 0 && (!same(e.dates, all.dates) || e.open != all.open) {
			return eventsTree{}, false
		}
		e.count = int(count)
		all = all.with(e)
	}
	return all, all.alike() && same(n, sharedCount(int(count), rows))
}

// sharedCount is the tree of atLeast.
func sharedCount(n int, rows []*treeRows) treeNode {
	count := func(n int, r *treeRows) treeNode {
		x := float64(n)
		return treeNode{Op: ">=", Value: &treeValue{Is: "count", Rows: r}, To: &treeValue{Is: "number", Number: &x}}
	}
	switch {
	case n == 1:
		some := make([]treeNode, len(rows))
		for i, r := range rows {
			some[i] = treeNode{Op: "exists", Rows: r}
		}
		if len(some) == 1 {
			return some[0]
		}
		return treeNode{Op: "any", Of: some}
	case len(rows) == 1:
		return count(n, rows[0])
	}
	ways := []treeNode{count(n, rows[0]), sharedCount(n, rows[1:])}
	for here := 1; here < n; here++ {
		ways = append(ways, treeNode{Op: "all", Of: []treeNode{count(here, rows[0]), sharedCount(n-here, rows[1:])}})
	}
	return treeNode{Op: "any", Of: ways}
}

// entries reads the rows of a table, narrowed to codes and days.
func (x *exporter) entries(r *treeRows) (eventsTree, bool) {
	t, ok := tableNamed(r.Table)
	if !ok {
		return eventsTree{}, false
	}
	e := eventsTree{rows: []*treeRows{r}, tables: []table{t}, open: true}
	var where []treeNode
	for _, n := range r.Where {
		if n.Op == "all" {
			where = append(where, n.Of...)
		} else {
			where = append(where, n)
		}
	}
	for _, n := range where {
		lists, isCodes := x.codes(n, t)
		switch {
		case isCodes && e.lists == nil:
			e.lists = lists
		case x.limit(n, t, &e):
		default:
			return eventsTree{}, false
		}
	}
	return e, len(e.lists) > 0
}

// codes reads whether a code of the table is in a list, or in any of several.
func (x *exporter) codes(n treeNode, t table) ([]*codelist.List, bool) {
	parts := []treeNode{n}
	if n.Op == "any" {
		parts = n.Of
	}
	var out []*codelist.List
	for _, p := range parts {
		list, ok := x.lists[p.List]
		if p.Op != "inCodes" || !ok {
			return nil, false
		}
		if _, ok := publishedCodes(list); !ok || !slices.ContainsFunc(t.columns, func(c codeColumn) bool {
			return c.system == list.System() && p.Value.column(t.name, c.name)
		}) {
			return nil, false
		}
		out = append(out, list)
	}
	return distinct(out), len(out) > 0
}
