package caas

import (
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
)

// table is an event table in which codes are looked for.
type table struct {
	name    string
	date    string       // its column of days
	dataset string       // acronym of the data set in published definitions
	also    []string     // other acronyms, or how they begin
	columns []codeColumn // in which codes are
	entries func(lists []*codelist.List, w window) entries
}

// codeColumn is a column that holds codes of one system.
type codeColumn struct {
	name   string
	system codelist.System
}

// hospital reports whether codes of a system are those of hospital data, which keep four
// characters.
func hospital(system codelist.System) bool {
	return system == codelist.ICD10 || system == codelist.OPCS4
}

// tables are those that can be read.
func tables() []table {
	return []table{
		tableOf("GDPPR", []string{"GPES"}, gpes.Table(), "DATE", gpes.Journal, gpes.Date,
			codesIn[gpes.Entry]{codeColumn{"CODE", codelist.SNOMEDCT}, gpes.Code.In},
			codesIn[gpes.Entry]{codeColumn{"CODE", codelist.DMD}, gpes.Code.In}),
		tableOf("HES", nil, hes.APC.Table, "EPISTART", hes.APC.Rows, hes.APC.EpisodeStart,
			codesIn[hes.Episode]{codeColumn{"DIAG_4", codelist.ICD10}, hes.APC.Diagnosis.AnyIn},
			codesIn[hes.Episode]{codeColumn{"OPERTN_4", codelist.OPCS4}, hes.APC.Procedure.AnyIn}),
		tableOf("HES", nil, hes.OP.Table, "APPTDATE", hes.OP.Rows, hes.OP.Date,
			codesIn[hes.Appointment]{codeColumn{"DIAG_4", codelist.ICD10}, hes.OP.Diagnosis.AnyIn},
			codesIn[hes.Appointment]{codeColumn{"OPERTN_4", codelist.OPCS4}, hes.OP.Procedure.AnyIn}),
	}
}

// codesIn asks a column of table E whether its code, or one of its codes, is in a list.
type codesIn[E any] struct {
	codeColumn

	in func(*codelist.List) cohort.RowPred[E]
}

func tableOf[E any](
	dataset string, also []string, of *cohort.Table, day string, all cohort.Rows[E], date cohort.DateColumn[E], columns ...codesIn[E],
) table {
	t := table{name: of.Name(), date: day, dataset: dataset, also: also}
	for _, c := range columns {
		t.columns = append(t.columns, c.codeColumn)
	}
	t.entries = func(lists []*codelist.List, w window) entries {
		var codes []cohort.RowPred[E]
		for _, l := range lists {
			for _, c := range columns {
				if c.system == l.System() {
					codes = append(codes, c.in(l))
				}
			}
		}
		wanted := codes[0]
		if len(codes) > 1 {
			wanted = cohort.Any(codes...)
		}
		return rows[E]{all.Where(append([]cohort.RowPred[E]{wanted}, within(w, date)...)...), date}
	}
	return t
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

// stands reports whether the table stands for a data set, or is one of several that do.
func (t table) stands(dataset string) bool {
	dataset = strings.ToUpper(dataset)
	begins := func(acronym string) bool {
		rest, ok := strings.CutPrefix(dataset, acronym)
		return ok && (rest == "" || rest[0] == ' ')
	}
	return begins(t.dataset) || slices.ContainsFunc(t.also, begins)
}

// records reports whether the table has a column for codes of a system.
func (t table) records(system codelist.System) bool {
	return slices.ContainsFunc(t.columns, func(c codeColumn) bool { return c.system == system })
}

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

// entriesOf looks in each table for the lists whose system it records.
func entriesOf(tables []table, lists []listed, w window) []entries {
	var out []entries
	for _, t := range tables {
		var here []*codelist.List
		for _, l := range lists {
			if t.records(l.list.System()) {
				here = append(here, l.list)
			}
		}
		if here = distinct(here); len(here) > 0 {
			out = append(out, t.entries(here, w))
		}
	}
	return out
}

// mostShared is the largest number of entries that is counted over several tables.
const mostShared = 12

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

// resolvedBy asks whether the last resolving entry is later than the last that counts.
func resolvedBy(resolving, counted []entries) cohort.Criterion {
	return cohort.All(atLeast(1, resolving), lastOf(resolving).After(lastOf(counted)))
}

func lastOf(in []entries) cohort.DateSeries {
	days := make([]cohort.DateSeries, len(in))
	for i, e := range in {
		days[i] = e.latest()
	}
	if len(days) == 1 {
		return days[0]
	}
	return cohort.Greatest(days[0], days[1:]...)
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
