package sqlengine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// everybody names the common table of everybody, and returns those that make it when none of the plan's does.
func (c *compiler) everybody() []common {
	c.people = c.names.of("people")
	if c.population == "" {
		var keys []string
		for _, t := range c.plan.Tables {
			keys = append(keys, c.keys(c.sourceOf(t)))
		}
		return []common{{name: c.people, query: strings.Join(keys, "\n  UNION\n  ")}}
	}
	for _, t := range c.plan.Tables {
		if t.Name != c.population {
			continue
		}
		if t.PerPerson {
			c.fields = append(c.fields, c.reader(t, c.people))
			return nil
		}
		return []common{{name: c.people, query: c.keys(c.sourceOf(t))}}
	}
	t := &tree.Table{Name: c.population}
	if c.population == person.Table().Name() {
		t.PersonKeys = person.Table().Info().PersonKeys
	}
	c.at = "the population"
	return []common{{name: c.people, query: c.keys(c.sourceOf(t))}}
}

// keys asks for everybody in a table, once.
func (c *compiler) keys(s Source) string {
	return "SELECT DISTINCT " + c.person(s.Key) + " AS id\n  FROM " + c.path(s.Name) + " AS t\n  WHERE " + c.someone(s.Key)
}

// prune leaves out of the population, before any rows are read, those who fail a step by their fields alone. Only the
// question for members allows it.
func (c *compiler) prune() {
	if c.ask != Members || len(c.fields) == 0 {
		return
	}
	f := c.fields[0] // the table of everybody
	s := scope{compiler: c, row: f}
	for i, step := range c.plan.Steps {
		u := usesOf(step.Criterion)
		if len(u.rows) > 0 || slices.ContainsFunc(u.fields, func(t *tree.Table) bool { return t != f.table }) {
			continue
		}
		c.step(i)
		n := step.Criterion
		yes, no, unknown := tree.IsYes{Of: n}, tree.IsYes{Of: tree.Not{Of: n}}, tree.IsUnknown{Of: n}
		condition := told(step, remains, [...]string{s.yes(n), s.exact(no), s.exact(unknown)}, [...]string{s.no(yes), s.no(no), s.no(unknown)})
		f.where, c.pruned = append(f.where, condition), true
		c.settled[i] = true
	}
}

// answers asks every step of everybody.
func (c *compiler) answers() string {
	var joins []string
	s := scope{compiler: c, joins: &joins}
	columns := []string{c.people + ".id"}
	for i, step := range c.plan.Steps {
		if c.settled[i] && answered(step, i, refers) == "FALSE" {
			continue // nobody asks
		}
		c.step(i)
		columns = append(columns, s.exact(step.Criterion)+" AS "+stepName(i))
	}
	var from strings.Builder
	from.WriteString(c.people)
	for _, other := range joins {
		if other != c.people {
			fmt.Fprintf(&from, "\n  LEFT JOIN %s ON %s.id = %s.id", other, other, c.people)
		}
	}
	return "SELECT " + strings.Join(columns, ",\n    ") + "\n  FROM " + from.String()
}

func (c *compiler) step(i int) { c.at = fmt.Sprintf("step %d %q", i+1, c.plan.Steps[i].Label) }

func stepName(i int) string { return fmt.Sprintf("step_%d", i+1) }

// told is true for the answers of a step that have a certain effect. The conditions are true when the answer is yes, no and
// unknown, and when it is not.
func told(step tree.Step, effect func(tree.Effect) bool, is, isNot [3]string) string {
	var conditions []string
	other := 0
	for i, e := range []tree.Effect{step.Yes, step.No, step.Unknown} {
		if effect(e) {
			conditions = append(conditions, is[i])
		} else {
			other = i
		}
	}
	switch len(conditions) {
	case 0:
		return "FALSE"
	case 1:
		return conditions[0]
	case 2:
		return isNot[other]
	}
	return "TRUE"
}

func fails(e tree.Effect) bool   { return e == tree.Fails }
func refers(e tree.Effect) bool  { return e == tree.Refers }
func remains(e tree.Effect) bool { return e != tree.Fails }

// answered is told of the answer in a column.
func answered(step tree.Step, i int, effect func(tree.Effect) bool) string {
	x := stepName(i)
	return told(step, effect, [...]string{x + " IS TRUE", x + " IS FALSE", x + " IS NULL"},
		[...]string{x + " IS NOT TRUE", x + " IS NOT FALSE", x + " IS NOT NULL"})
}

// repeated counts the rows too many in tables that have one row a person, in a common table of one row. Count is its
// value.
func (c *compiler) repeated() (table []common, count string) {
	if len(c.fields) == 0 || c.unique {
		return nil, "0"
	}
	counts := make([]string, len(c.fields))
	for i, f := range c.fields {
		counts[i] = "(SELECT count(*) - count(DISTINCT " + f.key() + ") FROM " + f.path(f.source.Name) + " AS t WHERE " + f.someone(f.source.Key) + ")"
	}
	name := c.names.of("repeated")
	return []common{{name: name, query: "SELECT " + strings.Join(counts, " + ") + " AS n"}}, "(SELECT n FROM " + name + ")"
}

// nobody adds a row that is nobody's when people are repeated, so that this is known where nobody else has a row.
func nobody(repeated []common, answers int) string {
	if len(repeated) == 0 {
		return ""
	}
	return "\nUNION ALL\nSELECT '', n" + strings.Repeat(", 0", answers) + "\nFROM " + repeated[0].name + "\nWHERE n > 0"
}

// final asks the question of the answers.
func (c *compiler) final(answers string) (more []common, query string) {
	var failed strings.Builder
	failures := make([]string, len(c.plan.Steps))
	var kept, referred []string
	for i, step := range c.plan.Steps {
		condition := answered(step, i, fails)
		fmt.Fprintf(&failed, " WHEN %s THEN %d", condition, i+1)
		failures[i] = "CASE WHEN " + condition + " THEN 1 ELSE 0 END"
		if !c.settled[i] {
			kept = append(kept, answered(step, i, remains))
		}
		if condition := answered(step, i, refers); condition != "FALSE" {
			referred = append(referred, condition)
		}
	}
	isReferred, outcome := "FALSE", "1"
	if len(referred) > 0 {
		isReferred = strings.Join(referred, " OR ")
		outcome = "CASE WHEN " + isReferred + " THEN 2 ELSE 1 END"
	}
	more, repeated := c.repeated()
	switch c.ask {
	case Members:
		query = "SELECT " + c.asText("id") + " AS person,\n  " + repeated + " AS repeated,\n  " + outcome + " AS outcome\nFROM " + answers
		if len(kept) > 0 {
			query += "\nWHERE " + strings.Join(kept, "\n  AND ")
		}
		return more, query + nobody(more, 1)
	case Verdicts:
		columns := []string{c.asText("id") + " AS person", repeated + " AS repeated"}
		for i := range c.plan.Steps {
			columns = append(columns, fmt.Sprintf("CASE WHEN %s THEN 2 WHEN NOT %s THEN 1 ELSE 0 END AS %s", stepName(i), stepName(i), stepName(i)))
		}
		return more, "SELECT " + strings.Join(columns, ",\n  ") + "\nFROM " + answers + nobody(more, len(c.plan.Steps))
	case Counts:
	}
	judged := c.names.of("judged")
	more = append(more, common{name: judged, query: "SELECT " + answers + ".*,\n    CASE" + failed.String() + " ELSE 0 END AS failed,\n    " +
		strings.Join(failures, " + ") + " AS failures,\n    " + isReferred + " AS referred\n  FROM " + answers})
	count := func(condition string) string { return "count(*) FILTER (WHERE " + condition + ")" }
	columns := []string{repeated + " AS repeated", "count(*) AS people", count("failed = 0 AND NOT referred") + " AS members", count("failed = 0 AND referred") + " AS referred"}
	for i := range c.plan.Steps {
		columns = append(columns,
			count(fmt.Sprintf("failed = %d", i+1))+fmt.Sprintf(" AS excluded_%d", i+1),
			count(fmt.Sprintf("(failed = 0 OR failed >= %d) AND %s IS NULL", i+1, stepName(i)))+fmt.Sprintf(" AS unknown_%d", i+1),
			count(fmt.Sprintf("failed = %d AND failures = 1", i+1))+fmt.Sprintf(" AS only_%d", i+1))
	}
	return more, "SELECT " + strings.Join(columns, ",\n  ") + "\nFROM " + judged
}
