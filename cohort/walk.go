package cohort

import (
	"fmt"
	"iter"
)

// walk yields every node, every value and every rows below and including n, outermost first.
func walk(n node) iter.Seq[any] {
	return func(yield func(any) bool) { walker{yield: yield}.node(n) }
}

// walkValue does the same from a value.
func walkValue(v value) iter.Seq[any] {
	return func(yield func(any) bool) { walker{yield: yield}.values(v) }
}

// columnsOfRow reports whether a value reads a column of the row in hand, whichever table it is of. Rows of
// their own that it may look at do not count.
func columnsOfRow(v value) (found bool) {
	walker{shallow: true, yield: func(part any) bool {
		column, ok := part.(columnValue)
		found = found || ok && column.table != nil && !column.table.perPerson()
		return !found
	}}.values(v)
	return found
}

// walker hands out the parts of a tree until yield returns false; a shallow one leaves out what is asked
// about the rows it meets.
type walker struct {
	yield   func(any) bool
	shallow bool
}

func (w walker) node(n node) bool {
	if !w.yield(n) {
		return false
	}
	switch n := n.(type) {
	case nil:
		return true // not complete, which the checker says
	case allNode:
		return w.nodes(n.of)
	case anyNode:
		return w.nodes(n.of)
	case atLeastNode:
		return w.nodes(n.of)
	case notNode:
		return w.node(n.of)
	case namedNode:
		return w.node(n.of)
	case compareNode:
		return w.values(n.left, n.right)
	case betweenNode:
		return w.values(n.value, n.low, n.high)
	case inCodesNode:
		return w.values(n.value)
	case inTextsNode:
		return w.values(n.value)
	case isYesNode:
		return w.node(n.of)
	case isUnknownNode:
		return w.node(n.of)
	case knownNode:
		return w.values(n.value)
	case existsNode:
		return w.rows(n.rows)
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (w walker) nodes(nodes []node) bool {
	for _, n := range nodes {
		if !w.node(n) {
			return false
		}
	}
	return true
}

func (w walker) values(values ...value) bool {
	for _, v := range values {
		if !w.yield(v) {
			return false
		}
		ok := true
		switch v := v.(type) {
		case nil, constant, columnValue:
		case pickValue:
			ok = w.rows(v.rows)
		case countValue:
			ok = w.rows(v.rows)
		case summaryValue:
			ok = w.rows(v.rows)
		case episodesValue:
			ok = w.rows(v.rows)
		case spanValue:
			ok = w.values(v.from, v.to)
		case shiftValue:
			ok = w.values(v.of)
		case edgeValue:
			ok = w.values(v.of)
		case eachValue:
			ok = w.values(v.of)
		case caseValue:
			ok = w.branches(v)
		case chosenValue:
			ok = w.values(v.of...)
		default:
			panic(fmt.Sprintf("cohort: value %T", v))
		}
		if !ok {
			return false
		}
	}
	return true
}

func (w walker) rows(r rows) bool {
	return w.yield(r) && (w.shallow || w.nodes(r.where))
}

func (w walker) branches(v caseValue) bool {
	for _, b := range v.branches {
		if !w.node(b.when) || !w.values(b.then) {
			return false
		}
	}
	return v.otherwise == nil || w.values(v.otherwise)
}
