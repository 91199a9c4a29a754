package sqlengine

import "github.com/personalised-prevention/nhs/internal/tree"

// uses are what a question rests on beside the row in hand and what is the same for everybody.
type uses struct {
	rows   []*tree.Rows
	fields []*tree.Table
}

// usesOf looks into questions, but not into what the rows that they ask about rest on themselves.
func usesOf(questions ...tree.Node) (u uses) {
	for _, question := range questions {
		u.add(question)
	}
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

func (u *uses) add(part any) {
	switch part := part.(type) {
	case *tree.Rows:
		u.rows = append(u.rows, part)
		return
	case tree.Field:
		u.fields = append(u.fields, part.Table)
	}
	for _, inner := range tree.Parts(part) {
		u.add(inner)
	}
}
