package columnar

import (
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// usesCells reports whether a question or a value is about the row in hand.
func usesCells(of any) bool {
	switch of.(type) {
	case tree.Cell:
		return true
	case *tree.Rows: // whose cells are those of its own rows
		return false
	}
	return slices.ContainsFunc(tree.Parts(of), usesCells)
}

// rowsCost is what it costs at least to ask about rows.
const rowsCost = 1000

// cost says about how much work a question or a value is.
func cost(of any) int {
	total := 1
	switch n := of.(type) {
	case tree.Exists:
		return rowsCost + len(n.Rows.Where)
	case tree.Pick:
		return 2 * rowsCost
	case tree.Count:
		return rowsCost + len(n.Rows.Where)
	case tree.Summary:
		return 2 * rowsCost
	case tree.Episodes:
		return 2 * rowsCost
	case tree.Field:
		total = kindCost(tree.KindOf(n))
	case tree.Cell:
		total = kindCost(tree.KindOf(n))
	}
	for _, part := range tree.Parts(of) {
		total += cost(part)
	}
	return total
}

// kindCost favours days and numbers.
func kindCost(kind tree.Kind) int {
	switch kind {
	case tree.Date, tree.Number:
		return 2
	case tree.Text, tree.Code:
		return 10
	case tree.Codes:
	}
	return 30
}
