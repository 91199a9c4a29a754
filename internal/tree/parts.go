package tree

// Parts returns what a question, a value or a [*Rows] is made of: questions, values and [*Rows], in order, and not
// what these are made of themselves.
func Parts(of any) (parts []any) {
	switch of := of.(type) {
	case *Rows:
		return anys(of.Where)
	case All:
		return anys(of.Of)
	case Any:
		return anys(of.Of)
	case AtLeast:
		return anys(of.Of)
	case Not:
		return []any{of.Of}
	case IsYes:
		return []any{of.Of}
	case IsUnknown:
		return []any{of.Of}
	case Compare:
		return []any{of.Left, of.Right}
	case Between:
		return []any{of.Value, of.Low, of.High}
	case InCodes:
		return []any{of.Value}
	case InTexts:
		return []any{of.Value}
	case Known:
		return []any{of.Value}
	case Exists:
		return []any{of.Rows}
	case Pick:
		return []any{of.Rows}
	case Count:
		return []any{of.Rows}
	case Summary:
		return []any{of.Rows}
	case Episodes:
		return []any{of.Rows}
	case Span:
		return []any{of.From, of.To}
	case Shift:
		return []any{of.Of}
	case Edge:
		return []any{of.Of}
	case Choice:
		return anys(of.Of)
	case Case:
		for _, branch := range of.Branches {
			parts = append(parts, branch.When, branch.Then)
		}
		if of.Otherwise != nil {
			parts = append(parts, of.Otherwise)
		}
	}
	return parts
}

func anys[T any](parts []T) (out []any) {
	for _, part := range parts {
		out = append(out, part)
	}
	return out
}
