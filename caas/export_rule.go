package caas

import (
	"math"
	"regexp"
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
			x.note(s.place, Assumed, "special case "+name, "a special case is held by its name only: say in the texts what it asks")
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
	for _, t := range e.tables {
		r.Datasets = append(r.Datasets, Dataset{ID: t.acronym, Acronym: new(t.acronym)})
		x.note(s.place, Assumed, "table "+t.name, t.name+" is the data set "+t.acronym)
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
	inner := bare(n.Of[0])
	ways := []treeNode{inner}
	if inner.Op == "any" {
		ways = inner.Of
	}
	for i := range rules {
		var lists []*codelist.List
		ok := true
		for _, way := range ways {
			found, is := x.resolvedBy(way, counted[i].rows)
			ok = ok && is
			lists = append(lists, found...)
		}
		if !ok {
			continue
		}
		for _, l := range lists {
			rules[i].Resolving = append(rules[i].Resolving, codeList(l))
		}
		x.note(n.place, Expressed, "a later entry takes a person out", "resolving codes of a rule")
		return true
	}
	return false
}

// resolvedBy reads: there is a resolving entry, and its last day is after that of the
// entries that count.
func (x *exporter) resolvedBy(n treeNode, counted []*treeRows) ([]*codelist.List, bool) {
	if n.Op != "all" || len(n.Of) != 1+len(counted) || len(counted) == 0 || n.Of[0].Op != "exists" {
		return nil, false
	}
	rows := n.Of[0].Rows
	resolving, ok := x.entries(rows)
	if !ok || resolving.open || resolving.dates != (EventDateConstraint{}) {
		return nil, false
	}
	lastDay := func(v *treeValue, of *treeRows) bool {
		t, ok := tableNamed(of.Table)
		return ok && v != nil && (v.Is == "max" || v.Is == "latest") && v.Column == t.date && same(v.Rows, of)
	}
	for i, c := range counted {
		later := n.Of[1+i]
		if len(counted) > 1 {
			none := treeNode{Op: "not", Of: []treeNode{{Op: "exists", Rows: c}}}
			if later.Op != "any" || len(later.Of) != 2 || !same(later.Of[0], none) {
				return nil, false
			}
			later = later.Of[1]
		}
		if later.Op != ">" || !lastDay(later.Value, rows) || !lastDay(later.To, c) {
			return nil, false
		}
	}
	return resolving.lists, true
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
	case n.Op == "any":
		var all eventsTree
		for i, part := range n.Of {
			e, ok := x.events(part)
			if !ok || e.count != 1 || i > 0 && (!same(e.dates, all.dates) || e.open != all.open) {
				return eventsTree{}, false
			}
			all = eventsTree{
				append(all.rows, e.rows...), append(all.lists, e.lists...), append(all.tables, e.tables...), e.dates, all.fixed || e.fixed, e.open, 1,
			}
		}
		all.lists, all.tables = distinct(all.lists), slices.CompactFunc(all.tables, func(a, b table) bool { return a.name == b.name })
		return all, len(n.Of) > 0
	default:
		return eventsTree{}, false
	}
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
		if p.Op != "inCodes" || !slices.ContainsFunc(t.codes, func(c string) bool { return p.Value.column(t.name, c) }) {
			return nil, false
		}
		list, ok := x.lists[p.List]
		if !ok || !t.records(list.System()) {
			return nil, false
		}
		out = append(out, list)
	}
	return distinct(out), len(out) > 0
}

// cluster is the name of a list that is one of the primary care reference sets.
var cluster = regexp.MustCompile(`^(?:.*/)?([A-Za-z0-9]+_(?i:cod))( \(\d+\))?$`)

// codeList writes a list in the published form.
func codeList(l *codelist.List) CodeList {
	system := CodeSystem{ID: string(l.System()), Name: map[codelist.System]string{codelist.SNOMEDCT: "SNOMED", codelist.OPCS4: "OPCS"}[l.System()]}
	if system.Name == "" {
		system.Name = string(l.System())
	}
	out := CodeList{ID: l.ID() + " " + l.Version(), ShortDescription: l.ID(), CodeSystem: &system}
	if found := cluster.FindStringSubmatch(l.ID()); found != nil {
		out.ClusterName = new(strings.ToUpper(found[1]))
	}
	for code := range l.Codes() {
		out.Codes = append(out.Codes, Code{ID: code, Value: code, CodeSystem: system})
	}
	return out
}

// distinct drops lists that hold the same codes as one before.
func distinct(lists []*codelist.List) []*codelist.List {
	var out []*codelist.List
	for _, l := range lists {
		if !slices.ContainsFunc(out, func(o *codelist.List) bool { return o.Hash() == l.Hash() }) {
			out = append(out, l)
		}
	}
	return out
}
