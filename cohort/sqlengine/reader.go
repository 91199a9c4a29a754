package sqlengine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// reader reads a table of the database, under the name t.
type reader struct {
	*compiler
	table   *tree.Table
	source  Source
	name    string            // of the common table that it makes
	where   []string          // what else is asked of its rows
	columns []string          // that it makes
	aliases map[string]string // of the columns, by expression
	taken   namer
	pivots  []*pivot
	joins   []string // common tables of people
}

// pivot looks the codes of one column up in all the lists that are asked about it.
type pivot struct {
	alias string
	code  string // the column, as its source holds it
	lists []string
	inner bool // without a code in any of the lists, a row does not matter
}

func (c *compiler) reader(t *tree.Table, name string) *reader {
	return &reader{compiler: c, table: t, source: c.sourceOf(t), name: name, aliases: map[string]string{}, taken: namer{"id": true}}
}

// key is whose row it is.
func (r *reader) key() string { return r.person(r.source.Key) }

// person reads a column of keys of table t.
func (c *compiler) person(key string) string {
	x := "t." + c.quote(key)
	if c.textKeys {
		return c.asText(x)
	}
	return x
}

// someone reports whether a row is anybody's.
func (c *compiler) someone(key string) string {
	if c.textKeys {
		return c.person(key) + " <> ''"
	}
	return c.person(key) + " IS NOT NULL"
}

// out makes a column of an expression, and returns its name.
func (r *reader) out(want, expression string) string {
	if alias, ok := r.aliases[expression]; ok {
		return alias
	}
	alias := r.taken.of(want)
	r.aliases[expression] = alias
	r.columns = append(r.columns, expression+" AS "+alias)
	return alias
}

// column makes a column of one that is read, and returns its name; of several codes it is the set.
func (r *reader) column(at int) string {
	column := r.table.Columns[at]
	codes := make([]string, len(column.Sources))
	for source := range column.Sources {
		codes[source] = r.clean(at, source)
	}
	if column.Kind == tree.Codes {
		return r.out(column.Name, "CASE WHEN "+r.anyKnown(at)+" THEN "+r.set(codes)+" END")
	}
	return r.out(column.Name, codes[0])
}

// raw reads a column as its source holds it; of several codes one.
func (r *reader) raw(at, source int) string {
	published := r.table.Columns[at].Sources[source]
	name, ok := r.source.Columns[published]
	if !ok {
		name = published
	}
	x := "t." + r.quote(name)
	if slices.Contains(r.source.Absent, published) {
		x = "NULL"
	}
	switch r.table.Columns[at].Kind {
	case tree.Date:
		return r.asDay(x, r.source.Days)
	case tree.Number:
		return r.asNumber(x)
	case tree.Text, tree.Code, tree.Codes:
	}
	return r.asText(x)
}

// clean reads a column; what means "not known" is missing.
func (r *reader) clean(at, source int) string {
	return "CASE WHEN " + r.known(at, source) + " THEN " + r.raw(at, source) + " END"
}

// known is true when a column holds what is known, and otherwise false or NULL.
func (r *reader) known(at, source int) string {
	switch r.table.Columns[at].Kind {
	case tree.Date:
		return r.inDays(at, tree.AllDays())
	case tree.Number:
		return r.inNumbers(at, r.raw(at, source)+" BETWEEN "+r.number(-largest)+" AND "+r.number(largest), func(float64) bool { return true })
	case tree.Text, tree.Code, tree.Codes:
	}
	unknown := r.bindAll(r.table.Columns[at].Texts)
	if len(unknown) == 0 {
		return r.raw(at, source) + " <> ''"
	}
	return r.raw(at, source) + " NOT IN ('', " + strings.Join(unknown, ", ") + ")"
}

// absent reports whether a column is missing in every row.
func (r *reader) absent(at int) bool {
	return !slices.ContainsFunc(r.table.Columns[at].Sources, func(source string) bool { return !slices.Contains(r.source.Absent, source) })
}

// anyKnown is true when any of several codes is known.
func (r *reader) anyKnown(at int) string {
	known := make([]string, len(r.table.Columns[at].Sources))
	for source := range known {
		known[source] = r.known(at, source)
	}
	return join(known, " OR ")
}

// inDays is true when a day is known and one of those given.
func (r *reader) inDays(at int, when tree.Interval) string {
	x := r.raw(at, 0)
	conditions := []string{between(x, when)}
	var unknown []string
	for _, d := range r.table.Columns[at].Days {
		if when.First <= d && d <= when.Last {
			unknown = append(unknown, day(d))
		}
	}
	if len(unknown) > 0 {
		conditions = append(conditions, x+" NOT IN ("+strings.Join(unknown, ", ")+")")
	}
	return join(conditions, " AND ")
}

// inNumbers adds to a condition of finite numbers that those which mean "not known", and meet it, are none.
func (r *reader) inNumbers(at int, condition string, meets func(float64) bool) string {
	var unknown []string
	for _, x := range r.table.Columns[at].Numbers {
		if meets(x) {
			unknown = append(unknown, r.number(x))
		}
	}
	if len(unknown) == 0 {
		return condition
	}
	return join([]string{condition, r.raw(at, 0) + " NOT IN (" + strings.Join(unknown, ", ") + ")"}, " AND ")
}

// between reports whether a day is one of those given, none included.
func between(x string, when tree.Interval) string {
	if when.First > when.Last {
		when = tree.Interval{First: calendar.First + 1, Last: calendar.First}
	}
	return x + " BETWEEN " + day(when.First) + " AND " + day(when.Last)
}

// in is true when a code, or any of several, is in a list, and otherwise false or NULL.
func (r *reader) in(at int, list *codelist.List) string {
	column := r.table.Columns[at]
	exact := slices.DeleteFunc(slices.Collect(list.Exact()), func(code string) bool { return slices.Contains(column.Texts, code) })
	unknown := slices.DeleteFunc(slices.Clone(column.Texts), func(code string) bool { return !inRanges(list, code) })
	var conditions []string
	for source := range column.Sources {
		x := r.raw(at, source)
		if len(exact) > 0 {
			conditions = append(conditions, r.lookup(x, exact))
		}
		ranges := r.ranges(x, list)
		if len(unknown) > 0 && ranges != "" {
			ranges = join([]string{ranges, x + " NOT IN (" + strings.Join(r.bindAll(unknown), ", ") + ")"}, " AND ")
		}
		if ranges != "" {
			conditions = append(conditions, ranges)
		}
	}
	if len(conditions) == 0 {
		return "FALSE" // the list holds nothing but what means "not known"
	}
	return join(conditions, " OR ")
}

// lookup is true when a code is one of many, and otherwise false or NULL.
func (r *reader) lookup(code string, many []string) string {
	list := r.listOf(many)
	at := slices.IndexFunc(r.pivots, func(p *pivot) bool { return p.code == code })
	if at < 0 {
		at = len(r.pivots)
		r.pivots = append(r.pivots, &pivot{alias: fmt.Sprintf("k%d", at+1), code: code})
	}
	p := r.pivots[at]
	if !slices.Contains(p.lists, list) {
		p.lists = append(p.lists, list)
	}
	return p.alias + "." + list
}

// ranges is true when a code lies in any range of a list. Several are searched by halves.
func (c *compiler) ranges(code string, list *codelist.List) string {
	var bounds []string
	for from, before := range list.Ranges() {
		bounds = append(bounds, from, before)
	}
	var search func(low, high int) string
	search = func(low, high int) string {
		if low == high {
			return [...]string{"FALSE", "TRUE"}[low%2]
		}
		middle := (low + high) / 2
		return "CASE WHEN " + code + " < " + c.bind(bounds[middle]) + " THEN " + search(low, middle) + " ELSE " + search(middle+1, high) + " END"
	}
	switch {
	case len(bounds) == 0:
		return ""
	case len(bounds) <= 8:
		var conditions []string
		for i := 0; i < len(bounds); i += 2 {
			conditions = append(conditions, "("+code+" >= "+c.bind(bounds[i])+" AND "+code+" < "+c.bind(bounds[i+1])+")")
		}
		return join(conditions, " OR ")
	default:
		return "(" + code + " IS NOT NULL AND " + search(0, len(bounds)) + ")"
	}
}

func inRanges(list *codelist.List, code string) bool {
	for from, before := range list.Ranges() {
		if from <= code && code < before {
			return true
		}
	}
	return false
}

// from is where the rows come from, each with what is asked about its codes and its person.
func (r *reader) from() string {
	var text strings.Builder
	text.WriteString(r.path(r.source.Name) + " AS t")
	for _, p := range r.pivots {
		how := "LEFT"
		if p.inner {
			how = "INNER"
		}
		fmt.Fprintf(&text, "\n  %s JOIN %s AS %s ON %s.code = %s", how, r.codesOf(p.lists), p.alias, p.alias, p.code)
	}
	for _, people := range r.joins {
		how := "LEFT"
		if r.pruned && people == r.people {
			how = "INNER"
		}
		fmt.Fprintf(&text, "\n  %s JOIN %s ON %s.id = %s", how, people, people, r.key())
	}
	return text.String()
}

// common makes the common table of a table with one row a person.
func (r *reader) common() common {
	columns := append([]string{r.key() + " AS id"}, r.columns...)
	return common{name: r.name, query: "SELECT " + strings.Join(columns, ",\n    ") + "\n  FROM " + r.from() + "\n  WHERE " +
		strings.Join(append(r.where, r.someone(r.source.Key)), "\n    AND ")}
}

// join puts an operator between conditions, in parentheses when there are several.
func join(conditions []string, operator string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return "(" + strings.Join(conditions, operator) + ")"
}
