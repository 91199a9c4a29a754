package sqlengine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// largest is the largest number.
const largest = math.MaxFloat64

// scope says what a question is about: a person, or the row that a reader has in hand.
type scope struct {
	*compiler
	row   *reader // nil for a person
	joins *[]string
}

// cell returns the position of a column that the reader has in hand.
func (s scope) cell(v tree.Value) (at int, ok bool) {
	switch v := v.(type) {
	case tree.Cell:
		return v.Column, true
	case tree.Field:
		return v.Column, s.row != nil && s.row.table == v.Table
	default:
		return 0, false
	}
}

// exact answers a question with TRUE, FALSE or, when that is unknown, NULL.
func (s scope) exact(n tree.Node) string {
	return s.bounded(func() string { return s.answer(n) })
}

func (s scope) answer(n tree.Node) string {
	if of, when, ok := tree.DaysOf(n); ok {
		return "(" + between(s.value(of), when) + ")"
	}
	switch n := n.(type) {
	case tree.All:
		return s.each(n.Of, s.exact, " AND ", "TRUE")
	case tree.Any:
		return s.each(n.Of, s.exact, " OR ", "FALSE")
	case tree.Not:
		return "(NOT " + s.exact(n.Of) + ")"
	case tree.AtLeast:
		possible := s.count(n.Of, func(part tree.Node) string { return s.exact(part) + " IS NOT FALSE" })
		return fmt.Sprintf("CASE WHEN %s >= %d THEN TRUE WHEN %s < %d THEN FALSE END", s.count(n.Of, s.yes), n.N, possible, n.N)
	case tree.IsYes:
		return "((" + s.yes(n.Of) + ") IS TRUE)"
	case tree.IsUnknown:
		return "(" + s.exact(n.Of) + " IS NULL)"
	case tree.Compare:
		return "(" + s.value(n.Left) + operator(n.Op) + s.value(n.Right) + ")"
	case tree.Between:
		return "(" + s.exact(tree.Compare{Left: n.Value, Op: tree.AtLeastAs, Right: n.Low}) + " AND " +
			s.exact(tree.Compare{Left: n.Value, Op: tree.AtMost, Right: n.High}) + ")"
	case tree.InCodes:
		return s.inCodes(n)
	case tree.InTexts:
		return s.inTexts(n)
	case tree.Known:
		if at, ok := s.cell(n.Value); ok {
			return "coalesce(" + s.row.anyKnown(at) + ", FALSE)"
		}
		return "(" + s.value(n.Value) + " IS NOT NULL)"
	case tree.Exists:
		return s.exists(n.Rows)
	default:
		panic(fmt.Sprintf("sqlengine: node %T", n))
	}
}

// yes is true when the answer is yes, and otherwise false or NULL. It asks a column of the row in hand as its source
// holds it, so that the engine can look it up.
func (s scope) yes(n tree.Node) string {
	switch n := n.(type) {
	case tree.All:
		return s.all(n)
	case tree.Any:
		return s.each(n.Of, s.yes, " OR ", "FALSE")
	case tree.Not:
		return s.no(n.Of)
	case tree.IsYes:
		return s.yes(n.Of)
	case tree.Compare, tree.Between:
		return s.all(tree.All{Of: []tree.Node{n}})
	case tree.InCodes:
		if at, ok := s.cell(n.Value); ok {
			return s.row.in(at, n.List)
		}
	case tree.InTexts:
		if at, ok := s.cell(n.Value); ok {
			unknown := s.row.table.Columns[at].Texts
			texts := slices.DeleteFunc(slices.Clone(n.Texts), func(text string) bool { return text == "" || slices.Contains(unknown, text) })
			if len(texts) > 0 {
				return s.oneOf(s.row.raw(at, 0), texts)
			}
			return "FALSE"
		}
	case tree.Known:
		if at, ok := s.cell(n.Value); ok {
			return s.row.anyKnown(at)
		}
	case tree.AtLeast, tree.IsUnknown, tree.Exists:
	}
	return s.exact(n)
}

// no is true when the answer is no, and otherwise false or NULL.
func (s scope) no(n tree.Node) string {
	switch n := n.(type) {
	case tree.All:
		return s.each(n.Of, s.no, " OR ", "FALSE")
	case tree.Any:
		return s.each(n.Of, s.no, " AND ", "TRUE")
	case tree.Not:
		return s.yes(n.Of)
	case tree.InCodes:
		if at, ok := s.cell(n.Value); ok {
			return "((" + s.row.in(at, n.List) + ") IS NOT TRUE AND " + s.row.anyKnown(at) + ")"
		}
	case tree.IsYes:
		return "((" + s.yes(n.Of) + ") IS NOT TRUE)"
	case tree.Known:
		if at, ok := s.cell(n.Value); ok {
			return "((" + s.row.anyKnown(at) + ") IS NOT TRUE)"
		}
	case tree.AtLeast, tree.Compare, tree.Between, tree.InTexts, tree.IsUnknown, tree.Exists:
	}
	return "(NOT " + s.exact(n) + ")"
}

// all is true when every part is yes. What is asked about one day of the row is asked as one window.
func (s scope) all(n tree.All) string {
	windows := map[int]tree.Interval{}
	var conditions []string
	var order []int
	for _, part := range flatten(n) {
		if of, when, ok := tree.DaysOf(part); ok {
			if at, ok := s.cell(of); ok {
				if known, ok := windows[at]; ok {
					when = when.And(known)
				} else {
					order = append(order, at)
				}
				windows[at] = when
				continue
			}
		}
		conditions = append(conditions, s.plain(part))
	}
	for _, at := range order {
		conditions = append(conditions, s.row.inDays(at, windows[at]))
	}
	if len(conditions) == 0 {
		return "TRUE"
	}
	return join(conditions, " AND ")
}

// plain is yes of what is no conjunction.
func (s scope) plain(n tree.Node) string {
	switch n := n.(type) {
	case tree.Compare:
		if at, ok := s.cell(n.Left); ok && tree.KindOf(n.Left) == tree.Number {
			if with, ok := n.Right.(tree.Constant); ok {
				return s.compareNumber(at, n.Op, with.Number)
			}
		}
		return s.exact(n)
	case tree.Between:
		low, ok1 := n.Low.(tree.Constant)
		high, ok2 := n.High.(tree.Constant)
		if at, ok := s.cell(n.Value); ok && ok1 && ok2 && tree.KindOf(n.Value) == tree.Number {
			condition := s.row.raw(at, 0) + " BETWEEN " + s.number(low.Number) + " AND " + s.number(high.Number)
			return s.row.inNumbers(at, condition, func(x float64) bool { return low.Number <= x && x <= high.Number })
		}
		return s.exact(n)
	default:
		return s.yes(n)
	}
}

// compareNumber is true when a number of the row is known and compares so. NaN is the greatest of all numbers to an
// engine.
func (s scope) compareNumber(at int, op tree.Op, with float64) string {
	x := s.row.raw(at, 0)
	var condition string
	var meets func(float64) bool
	switch op {
	case tree.Less:
		condition, meets = "("+x+" >= "+s.number(-largest)+" AND "+x+" < "+s.number(with)+")", func(y float64) bool { return y < with }
	case tree.AtMost:
		condition, meets = x+" BETWEEN "+s.number(-largest)+" AND "+s.number(with), func(y float64) bool { return y <= with }
	case tree.Equal:
		condition, meets = x+" = "+s.number(with), func(y float64) bool { return y == with }
	case tree.AtLeastAs:
		condition, meets = x+" BETWEEN "+s.number(with)+" AND "+s.number(largest), func(y float64) bool { return y >= with }
	case tree.Greater:
		condition, meets = "("+x+" > "+s.number(with)+" AND "+x+" <= "+s.number(largest)+")", func(y float64) bool { return y > with }
	}
	return s.row.inNumbers(at, condition, meets)
}

// flatten takes conjunctions apart.
func flatten(n tree.Node) []tree.Node {
	switch n := n.(type) {
	case tree.All:
		var parts []tree.Node
		for _, part := range n.Of {
			parts = append(parts, flatten(part)...)
		}
		return parts
	case tree.IsYes:
		return flatten(n.Of)
	default:
		return []tree.Node{n}
	}
}

func (s scope) each(of []tree.Node, say func(tree.Node) string, operator, none string) string {
	if len(of) == 0 {
		return none
	}
	parts := make([]string, len(of))
	for i, n := range of {
		parts[i] = say(n)
	}
	return join(parts, operator)
}

// count counts the parts for which something is true.
func (s scope) count(of []tree.Node, say func(tree.Node) string) string {
	parts := []string{"0"}
	for _, n := range of {
		parts = append(parts, "CASE WHEN "+say(n)+" THEN 1 ELSE 0 END")
	}
	return "(" + strings.Join(parts, " + ") + ")"
}

// inCodes looks a code up where it comes from, and there the several codes of a row, too.
func (s scope) inCodes(n tree.InCodes) string {
	if at, ok := s.cell(n.Value); ok {
		return s.row.inCodes(at, n)
	}
	switch v := n.Value.(type) {
	case tree.Field:
		f := s.fieldsOf(v.Table)
		s.join(f.name)
		return f.name + "." + f.out("in_list", f.inCodes(v.Column, n))
	case tree.Pick:
		return s.pickAnswer(v, n)
	case tree.Constant:
		return boolean(n.List.Contains(v.Text))
	case tree.Case:
		return s.cases(v, func(v tree.Value) string { return s.inCodes(tree.InCodes{Value: v, List: n.List}) })
	case tree.Choice:
		var text strings.Builder
		text.WriteString("CASE")
		for _, each := range v.Of {
			text.WriteString(" WHEN " + s.exact(tree.Known{Value: each}) + " THEN " + s.inCodes(tree.InCodes{Value: each, List: n.List}))
		}
		return text.String() + " END"
	case tree.Cell, tree.Count, tree.Summary, tree.Episodes, tree.Span, tree.Shift, tree.Edge:
	}
	panic(fmt.Sprintf("sqlengine: codes from %T", n.Value))
}

// inCodes answers whether the codes of the row are in a list.
func (r *reader) inCodes(at int, n tree.InCodes) string {
	return "CASE WHEN " + r.in(at, n.List) + " THEN TRUE WHEN " + r.anyKnown(at) + " THEN FALSE END"
}

// inTexts answers whether a text is in a set.
func (s scope) inTexts(n tree.InTexts) string {
	v := s.value(n.Value)
	texts := slices.DeleteFunc(slices.Clone(n.Texts), func(text string) bool { return text == "" })
	if len(texts) == 0 {
		return "CASE WHEN " + v + " IS NOT NULL THEN FALSE END"
	}
	return s.oneOf(v, texts)
}

// oneOf compares a text with several.
func (s scope) oneOf(x string, texts []string) string {
	return "(" + x + " IN (" + strings.Join(s.bindAll(texts), ", ") + "))"
}

func operator(op tree.Op) string {
	switch op {
	case tree.Less:
		return " < "
	case tree.AtMost:
		return " <= "
	case tree.Equal:
		return " = "
	case tree.AtLeastAs:
		return " >= "
	case tree.Greater:
	}
	return " > "
}

func boolean(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}
