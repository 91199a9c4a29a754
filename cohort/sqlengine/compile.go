package sqlengine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Compile makes a query of a plan. It reads no data. What the dialect cannot express is an error that names the step
// and the reason.
func Compile(plan *cohort.Plan, dialect Dialect, options ...Option) (*Query, error) {
	query, err := compile(plan, dialect, options)
	if err != nil {
		return nil, fmt.Errorf("sqlengine: Compile: %w", err)
	}
	return query, nil
}

func compile(plan *cohort.Plan, dialect Dialect, options []Option) (*Query, error) {
	if plan == nil {
		return nil, errors.New("the plan is nil: make one with Definition.Bind")
	}
	if dialect < Spark || dialect > PostgreSQL {
		return nil, fmt.Errorf("there is no %v: use Spark, DuckDB or PostgreSQL", dialect)
	}
	s := settings{tables: map[string]Source{}, population: person.Table().Name()}
	for _, option := range options {
		if err := option(&s); err != nil {
			return nil, err
		}
	}
	q := &Query{plan: plan, dialect: dialect, tree: plan.Tree()}
	for _, ask := range []Ask{Counts, Members, Verdicts} {
		statement, err := assemble(q.tree, dialect, s, ask)
		if err != nil {
			return nil, err
		}
		q.statements[ask] = statement
	}
	return q, nil
}

// compiler makes one statement.
type compiler struct {
	Dialect
	settings
	plan *tree.Plan
	ask  Ask

	at       string // the step in hand, for errors
	problems []error
	endless  bool // an expression has grown beyond mostText
	args     []string
	names    namer  // of common tables
	people   string // the common table of the population
	pruned   bool   // people leaves out those who fail steps that are settled
	settled  map[int]bool
	lists    []common
	codes    []common
	fields   []*reader // of tables with one row a person
	passes   []*pass   // over event tables
}

// common is a common table: a name and a query.
type common struct {
	name, query string
	inline      bool
}

// assemble makes the statement for one question.
func assemble(plan *tree.Plan, dialect Dialect, s settings, ask Ask) (statement, error) {
	c := &compiler{Dialect: dialect, settings: s, plan: plan, ask: ask, names: namer{}, settled: map[int]bool{}}
	for _, t := range plan.Tables {
		c.at = fmt.Sprintf("table %q", t.Name)
		c.checkColumns(t)
		c.names.reserve(c.sourceOf(t).Name...)
	}
	c.names.reserve(s.tables[s.population].Name...)
	c.names.reserve(strings.Split(s.population, ".")...)

	if len(plan.Tables) == 0 && s.population == "" {
		return statement{}, errors.New("the plan reads no table to find everybody in: name one in Population")
	}
	keys := c.everybody()
	c.prune()
	answers := common{name: c.names.of("answers"), query: c.answers()}
	for level := len(plan.Rows); level >= 0; level-- { // reading rows asks for passes of lower levels
		for _, p := range c.passes {
			if p.level == level {
				p.read()
			}
		}
	}
	slices.SortStableFunc(c.passes, func(a, b *pass) int { return a.level - b.level })
	more, final := c.final(answers.name)

	tables := keys
	for _, f := range c.fields {
		tables = append(tables, f.common())
	}
	for _, p := range c.passes {
		tables = append(tables, p.commons()...)
	}
	tables = slices.Concat(c.lists, c.codes, tables, []common{answers}, more)

	texts := make([]string, len(tables))
	for i, t := range tables {
		inline := ""
		if t.inline {
			inline = c.inline()
		}
		texts[i] = t.name + " AS " + inline + "(\n  " + t.query + "\n)"
	}
	if dialect == PostgreSQL && len(c.args) > mostArguments && !s.literals {
		c.at = "the plan"
		c.fail("it has %d lists, texts and ends of ranges, more than the %d arguments that PostgreSQL takes: compile with Literals", len(c.args), mostArguments)
	}
	return statement{text: "WITH " + strings.Join(texts, ",\n") + "\n" + final, args: c.args, literals: s.literals}, errors.Join(c.problems...)
}

// mostArguments is how many PostgreSQL takes.
const mostArguments = 65_535

// mostText is how long an expression may be, in bytes. Codes and texts of a plan are not in it.
const mostText = 1 << 22

// bounded says something unless it gets too long. What is worked out of days or conditions names these several times, so
// that with every level of a tree the text may be twice as long.
func (c *compiler) bounded(say func() string) string {
	if c.endless {
		return "NULL"
	}
	text := say()
	if len(text) > mostText && !c.endless {
		c.endless = true
		c.fail("it is worked out in so many levels that the SQL of it is longer than %d bytes: use fewer", mostText)
		return "NULL"
	}
	return text
}

// fail notes what cannot be said.
func (c *compiler) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %w", c.at, fmt.Errorf(format, args...)))
}
