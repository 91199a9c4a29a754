package cohort

import (
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// Tree returns the plan in the form that engines read. Its type is internal: programs hand the plan to an
// engine, such as cohort/columnar or cohort/sqlengine.
func (p *Plan) Tree() *tree.Plan {
	l := lowering{plan: &tree.Plan{ID: p.id, Version: p.version, Hash: p.Hash()}, rows: map[string]*tree.Rows{}}
	for _, facts := range p.tables() {
		l.tables = append(l.tables, facts.table)
		l.plan.Tables = append(l.plan.Tables, lowerTable(facts, p.earliest(facts.table)))
	}
	for _, step := range p.steps {
		l.plan.Steps = append(l.plan.Steps, tree.Step{
			Label: step.label, Criterion: l.node(step.criterion),
			Unknown: tree.Effect(step.effect(Unknown)), No: tree.Effect(step.effect(No)), Yes: tree.Effect(step.effect(Yes)),
		})
	}
	return l.plan
}

// lowering translates the tree of one plan.
type lowering struct {
	plan   *tree.Plan
	tables []*Table              // as in plan
	rows   map[string]*tree.Rows // by meaning
}

func lowerTable(facts tableFacts, earliest Date) *tree.Table {
	info := facts.table.info
	t := &tree.Table{
		Name: info.Name, PersonKeys: slices.Clone(info.PersonKeys), PerPerson: facts.table.perPerson(),
		Earliest: earliest.number, Dated: -1,
	}
	for _, column := range info.Columns {
		if len(column.Sources) == 0 {
			t.Published = append(t.Published, column.Name)
		}
		t.Published = append(t.Published, column.Sources...)
	}
	position := map[string]int{}
	for i, column := range facts.Columns {
		position[column.Name] = i
		at := facts.table.index(column.Name)
		unknown := facts.table.unknowns[at]
		c := tree.Column{
			Name: column.Name, Kind: tree.Kind(info.Columns[at].Kind), Sources: slices.Clone(info.Columns[at].Sources),
			Texts: unknown.texts, Numbers: unknown.numbers,
		}
		if len(c.Sources) == 0 {
			c.Sources = []string{c.Name}
		}
		for _, day := range unknown.dates {
			c.Days = append(c.Days, day.number)
		}
		t.Columns = append(t.Columns, c)
	}
	for _, name := range facts.Order {
		t.Order = append(t.Order, position[name])
	}
	if len(info.Order) > 0 {
		t.Date = info.Order[0]
		if at, ok := position[t.Date]; ok {
			t.Dated = at
		}
	}
	return t
}

//nolint:ireturn // a tree is a sum type
func (l *lowering) node(n node) tree.Node {
	switch n := n.(type) {
	case allNode:
		return tree.All{Of: l.nodes(n.of)}
	case anyNode:
		return tree.Any{Of: l.nodes(n.of)}
	case atLeastNode:
		return tree.AtLeast{N: n.n, Of: l.nodes(n.of)}
	case notNode:
		return tree.Not{Of: l.node(n.of)}
	case isYesNode:
		return tree.IsYes{Of: l.node(n.of)}
	case isUnknownNode:
		return tree.IsUnknown{Of: l.node(n.of)}
	case namedNode:
		return l.node(n.of)
	case compareNode:
		return tree.Compare{Left: l.value(n.left), Op: lowerOperator(n.op), Right: l.value(n.right)}
	case betweenNode:
		return tree.Between{Value: l.value(n.value), Low: l.value(n.low), High: l.value(n.high)}
	case inCodesNode:
		return tree.InCodes{Value: l.value(n.value), List: n.list}
	case inTextsNode:
		return tree.InTexts{Value: l.value(n.value), Texts: slices.Clone(n.texts)}
	case knownNode:
		return tree.Known{Value: l.value(n.value)}
	case existsNode:
		return tree.Exists{Rows: l.rowsOf(n.rows)}
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (l *lowering) nodes(nodes []node) []tree.Node {
	out := make([]tree.Node, len(nodes))
	for i, n := range nodes {
		out[i] = l.node(n)
	}
	return out
}

//nolint:ireturn // a tree is a sum type
func (l *lowering) value(v value) tree.Value {
	if d, ok := fixed(v); ok {
		v = constant{datum: d}
	}
	switch v := v.(type) {
	case constant:
		return tree.Constant{Of: tree.Kind(v.datum.kind), Text: v.datum.text, Number: v.datum.number, Day: v.datum.date.number}
	case columnValue:
		table, column := l.column(v.table, v.column)
		if table.PerPerson {
			return tree.Field{Table: table, Column: column}
		}
		return tree.Cell{Table: table, Column: column}
	case pickValue:
		_, column := l.column(v.rows.table, v.column)
		return tree.Pick{Rows: l.rowsOf(v.rows), Column: column, Latest: v.latest}
	case countValue:
		return tree.Count{Rows: l.rowsOf(v.rows)}
	case summaryValue:
		_, column := l.column(v.rows.table, v.column)
		return tree.Summary{Rows: l.rowsOf(v.rows), Column: column, How: lowerSummary(v.how)}
	case episodesValue:
		return tree.Episodes{Rows: l.rowsOf(v.rows), Months: v.gap.months, Days: v.gap.days}
	case spanValue:
		return tree.Span{From: l.value(v.from), To: l.value(v.to), Unit: lowerUnit(v.unit)}
	case shiftValue:
		if v.later {
			return tree.Shift{Of: l.value(v.of), Months: v.by.months, Days: v.by.days}
		}
		return tree.Shift{Of: l.value(v.of), Months: -v.by.months, Days: -v.by.days}
	case edgeValue:
		return tree.Edge{Of: l.value(v.of), Month: int(v.year.firstMonth()), End: v.end}
	case eachValue:
		return l.value(v.of)
	case caseValue:
		return l.cases(v)
	case chosenValue:
		c := tree.Choice{How: map[choice]tree.Chosen{firstKnown: tree.FirstKnown, least: tree.Least, greatest: tree.Greatest}[v.how]}
		for _, each := range v.of {
			c.Of = append(c.Of, l.value(each))
		}
		return c
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (l *lowering) cases(v caseValue) tree.Case {
	var c tree.Case
	for _, b := range v.branches {
		c.Branches = append(c.Branches, tree.Branch{When: l.node(b.when), Then: l.value(b.then)})
	}
	if v.otherwise != nil {
		c.Otherwise = l.value(v.otherwise)
	}
	return c
}

// rowsOf returns the one tree.Rows of rows with this meaning.
func (l *lowering) rowsOf(r rows) *tree.Rows {
	meaning := string(marshal(encoder{meaning: true}.rows(r)))
	if known, ok := l.rows[meaning]; ok {
		return known
	}
	table, _ := l.column(r.table, -1)
	lowered := &tree.Rows{Table: table, Where: l.nodes(r.where)}
	lowered.Index = len(l.plan.Rows) // after those that the predicates ask about
	l.rows[meaning] = lowered
	l.plan.Rows = append(l.plan.Rows, lowered)
	return lowered
}

// column returns the place of a column, if any, in what the plan reads.
func (l *lowering) column(t *Table, column int) (table *tree.Table, at int) {
	table = l.plan.Tables[slices.Index(l.tables, t)]
	if column < 0 {
		return table, -1
	}
	name := t.info.Columns[column].Name
	return table, slices.IndexFunc(table.Columns, func(c tree.Column) bool { return c.Name == name })
}

func lowerOperator(op operator) tree.Op {
	return map[operator]tree.Op{
		less: tree.Less, atMost: tree.AtMost, equal: tree.Equal, atLeast: tree.AtLeastAs, greater: tree.Greater,
	}[op]
}

func lowerSummary(how summary) tree.How {
	return map[summary]tree.How{
		distinct: tree.Distinct, minimum: tree.Min, maximum: tree.Max, sum: tree.Sum, mean: tree.Mean,
	}[how]
}

func lowerUnit(unit spanUnit) tree.Unit {
	return map[spanUnit]tree.Unit{inDays: tree.InDays, inMonths: tree.InMonths, inYears: tree.InYears}[unit]
}
