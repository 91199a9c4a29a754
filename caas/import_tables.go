package caas

import (
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// table is an event table in which codes are looked for.
type table struct {
	name    string
	date    string   // its column of days
	codes   []string // its columns of codes
	acronym string   // of the data set in published definitions
	also    []string // other acronyms, or how they begin
	systems []codelist.System
	entries func(lists []*codelist.List, w window) entries
}

// tables are those that can be read.
func tables() []table {
	return []table{{
		name: gpes.Table().Name(), date: gpes.Table().Info().Order[0], codes: []string{"CODE"}, acronym: "GDPPR", also: []string{"GPES"},
		systems: []codelist.System{codelist.SNOMEDCT, codelist.DMD},
		entries: func(lists []*codelist.List, w window) entries {
			return entriesIn(gpes.Journal, gpes.Date, gpes.Code.In, lists, w)
		},
	}}
}

// tableNamed finds a table by its name.
func tableNamed(name string) (table, bool) {
	all := tables()
	i := slices.IndexFunc(all, func(t table) bool { return t.name == name })
	if i < 0 {
		return table{}, false
	}
	return all[i], true
}

// stands reports whether the table stands for a data set.
func (t table) stands(dataset string) bool {
	dataset = strings.ToUpper(dataset)
	begins := func(acronym string) bool {
		rest, ok := strings.CutPrefix(dataset, acronym)
		return ok && (rest == "" || rest[0] == ' ')
	}
	return begins(t.acronym) || slices.ContainsFunc(t.also, begins)
}

func (t table) records(system codelist.System) bool { return slices.Contains(t.systems, system) }

// entries are those of one table that a rule looks for.
type entries interface {
	exist() cohort.Criterion
	number() cohort.NumberSeries
	latest() cohort.DateSeries
}

type rows[E any] struct {
	rows cohort.Rows[E]
	date cohort.DateColumn[E]
}

func (r rows[E]) exist() cohort.Criterion     { return r.rows.Exists() }
func (r rows[E]) number() cohort.NumberSeries { return r.rows.Count() }
func (r rows[E]) latest() cohort.DateSeries   { return cohort.Max(r.rows, r.date) }

// entriesIn narrows a table to codes and a window.
func entriesIn[E any](
	of cohort.Rows[E], date cohort.DateColumn[E], in func(*codelist.List) cohort.RowPred[E], lists []*codelist.List, w window,
) rows[E] {
	codes := make([]cohort.RowPred[E], len(lists))
	for i, l := range lists {
		codes[i] = in(l)
	}
	wanted := codes[0]
	if len(codes) > 1 {
		wanted = cohort.Any(codes...)
	}
	return rows[E]{of.Where(append([]cohort.RowPred[E]{wanted}, within(w, date)...)...), date}
}

// entriesOf looks in each table for the lists whose system it records.
func entriesOf(tables []table, lists []listed, w window) []entries {
	var out []entries
	for _, t := range tables {
		var here []*codelist.List
		for _, l := range lists {
			same := func(o *codelist.List) bool { return o.Hash() == l.list.Hash() }
			if t.records(l.list.System()) && !slices.ContainsFunc(here, same) {
				here = append(here, l.list)
			}
		}
		if len(here) > 0 {
			out = append(out, t.entries(here, w))
		}
	}
	return out
}

// atLeast asks for a number of entries in all tables together.
func atLeast(n int, in []entries) cohort.Criterion {
	if n == 1 {
		some := make([]cohort.Criterion, len(in))
		for i, e := range in {
			some[i] = e.exist()
		}
		return anyOf(some)
	}
	if len(in) == 1 {
		return in[0].number().AtLeast(float64(n))
	}
	// The language adds no counts: one of the ways to share the number must hold.
	ways := []cohort.Criterion{in[0].number().AtLeast(float64(n)), atLeast(n, in[1:])}
	for here := 1; here < n; here++ {
		ways = append(ways, cohort.All(in[0].number().AtLeast(float64(here)), atLeast(n-here, in[1:])))
	}
	return cohort.Any(ways...)
}

// resolvedBy asks whether some resolving entry is later than all that count.
func resolvedBy(resolving, counted []entries) cohort.Criterion {
	ways := make([]cohort.Criterion, len(resolving))
	for i, r := range resolving {
		parts := []cohort.Criterion{r.exist()}
		for _, c := range counted {
			later := r.latest().After(c.latest())
			if len(counted) > 1 {
				later = cohort.Any(cohort.Not(c.exist()), later)
			}
			parts = append(parts, later)
		}
		ways[i] = cohort.All(parts...)
	}
	return anyOf(ways)
}
