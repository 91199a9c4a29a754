package sqlengine

import "github.com/personalised-prevention/nhs/internal/tree"

// uses are what a question rests on beside the row in hand and what is the same for everybody.
type uses struct {
	rows   []*tree.Rows
	fields []*tree.Table
}

// usesOf looks into questions, but not into what the rows that they ask about rest on themselves.
func usesOf(questions ...tree.Node) (u uses) {
	u.nodes(questions)
	return u
}

// level is 0 when the rows rest on nothing else of the person, and otherwise one more than that of any rows they rest
// on.
func level(r *tree.Rows) int {
	u := usesOf(r.Where...)
	deepest := 0
	if len(u.fields) > 0 {
		deepest = 1
	}
	for _, other := range u.rows {
		deepest = max(deepest, level(other)+1)
	}
	return deepest
}

func (u *uses) nodes(of []tree.Node) {
	for _, n := range of {
		u.node(n)
	}
}

func (u *uses) node(n tree.Node) {
	switch n := n.(type) {
	case tree.All:
		u.nodes(n.Of)
	case tree.Any:
		u.nodes(n.Of)
	case tree.AtLeast:
		u.nodes(n.Of)
	case tree.Not:
		u.node(n.Of)
	case tree.IsYes:
		u.node(n.Of)
	case tree.IsUnknown:
		u.node(n.Of)
	case tree.Compare:
		u.values(n.Left, n.Right)
	case tree.Between:
		u.values(n.Value, n.Low, n.High)
	case tree.InCodes:
		u.values(n.Value)
	case tree.InTexts:
		u.values(n.Value)
	case tree.Known:
		u.values(n.Value)
	case tree.Exists:
		u.rows = append(u.rows, n.Rows)
	}
}

func (u *uses) values(of ...tree.Value) {
	for _, v := range of {
		switch v := v.(type) {
		case tree.Constant, tree.Cell:
		case tree.Field:
			u.fields = append(u.fields, v.Table)
		case tree.Pick:
			u.rows = append(u.rows, v.Rows)
		case tree.Count:
			u.rows = append(u.rows, v.Rows)
		case tree.Summary:
			u.rows = append(u.rows, v.Rows)
		case tree.Episodes:
			u.rows = append(u.rows, v.Rows)
		case tree.Span:
			u.values(v.From, v.To)
		case tree.Shift:
			u.values(v.Of)
		case tree.Edge:
			u.values(v.Of)
		case tree.Choice:
			u.values(v.Of...)
		case tree.Case:
			for _, b := range v.Branches {
				u.node(b.When)
				u.values(b.Then)
			}
			if v.Otherwise != nil {
				u.values(v.Otherwise)
			}
		}
	}
}
