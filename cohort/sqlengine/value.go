package sqlengine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// value is a value, NULL when it is missing.
func (s scope) value(v tree.Value) string {
	return s.bounded(func() string { return s.worth(v) })
}

func (s scope) worth(v tree.Value) string {
	if at, ok := s.cell(v); ok {
		return "(" + s.row.clean(at, 0) + ")"
	}
	switch v := v.(type) {
	case tree.Cell: // which the reader has in hand
	case tree.Constant:
		switch v.Of {
		case tree.Date:
			return day(v.Day)
		case tree.Number:
			return s.number(v.Number)
		case tree.Text, tree.Code, tree.Codes:
		}
		return s.bind(v.Text)
	case tree.Field:
		f := s.fieldsOf(v.Table)
		s.join(f.name)
		return f.name + "." + f.column(v.Column)
	case tree.Pick:
		return s.pick(v)
	case tree.Count:
		return "coalesce(" + s.fact(v.Rows, "count", func(_ *pass, rows string) string { return "count(*) FILTER (WHERE " + rows + ")" }) + ", 0)"
	case tree.Summary:
		return s.summary(v)
	case tree.Episodes:
		p := s.passOf(v.Rows)
		name := p.episodes(v)
		s.join(name)
		return "coalesce(" + name + ".n, 0)"
	case tree.Span:
		return s.span(s.value(v.From), s.value(v.To), v.Unit)
	case tree.Shift:
		return "(" + s.shift(s.value(v.Of), v.Months, v.Days) + ")"
	case tree.Edge:
		return "(" + s.edge(s.value(v.Of), v.Month, v.End) + ")"
	case tree.Case:
		return "(" + s.cases(v, s.value) + ")"
	case tree.Choice:
		of := make([]string, len(v.Of))
		for i, each := range v.Of {
			of[i] = s.value(each)
		}
		how := map[tree.Chosen]string{tree.FirstKnown: "coalesce", tree.Least: "least", tree.Greatest: "greatest"}[v.How]
		if len(of) == 1 {
			return of[0]
		}
		return how + "(" + strings.Join(of, ", ") + ")" // all pass missing values over
	}
	panic(fmt.Sprintf("sqlengine: value %T", v))
}

// cases says something of the value of the branch that applies.
func (s scope) cases(v tree.Case, say func(tree.Value) string) string {
	var text strings.Builder
	text.WriteString("CASE")
	for _, b := range v.Branches {
		when := s.exact(b.When)
		text.WriteString(" WHEN " + when + " THEN " + say(b.Then) + " WHEN (" + when + ") IS NULL THEN NULL")
	}
	if v.Otherwise != nil {
		text.WriteString(" ELSE " + say(v.Otherwise))
	}
	return text.String() + " END"
}

// join makes a common table of people known in the scope.
func (s scope) join(name string) {
	if !slices.Contains(*s.joins, name) {
		*s.joins = append(*s.joins, name)
	}
}

// fieldsOf returns the reader of a table with one row a person.
func (c *compiler) fieldsOf(t *tree.Table) *reader {
	for _, f := range c.fields {
		if f.table == t {
			return f
		}
	}
	f := c.reader(t, c.names.of(t.Name+"_fields"))
	c.fields = append(c.fields, f)
	return f
}
