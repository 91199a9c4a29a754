package columnar

import (
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// parts returns the questions and values that a question or a value is made of. Rows are not entered.
func parts(of any) (out []any) {
	add := func(parts ...any) { out = append(out, parts...) }
	nodes := func(of []tree.Node) {
		for _, n := range of {
			add(n)
		}
	}
	switch n := of.(type) {
	case tree.All:
		nodes(n.Of)
	case tree.Any:
		nodes(n.Of)
	case tree.AtLeast:
		nodes(n.Of)
	case tree.Not:
		add(n.Of)
	case tree.IsYes:
		add(n.Of)
	case tree.IsUnknown:
		add(n.Of)
	case tree.Compare:
		add(n.Left, n.Right)
	case tree.Between:
		add(n.Value, n.Low, n.High)
	case tree.InCodes:
		add(n.Value)
	case tree.InTexts:
		add(n.Value)
	case tree.Known:
		add(n.Value)
	case tree.Span:
		add(n.From, n.To)
	case tree.Shift:
		add(n.Of)
	case tree.Edge:
		add(n.Of)
	case tree.Case:
		for _, b := range n.Branches {
			add(b.When, b.Then)
		}
		if n.Otherwise != nil {
			add(n.Otherwise)
		}
	case tree.Choice:
		for _, v := range n.Of {
			add(v)
		}
	}
	return out
}

// usesCells reports whether a question or a value is about the row in hand.
func usesCells(of any) bool {
	if _, ok := of.(tree.Cell); ok {
		return true
	}
	return slices.ContainsFunc(parts(of), usesCells)
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
	for _, part := range parts(of) {
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
