package cohort

import (
	"fmt"
	"iter"
)

// walk yields every node, every value and every rows below and including n, outermost first.
func walk(n node) iter.Seq[any] {
	return func(yield func(any) bool) { walkNode(n, yield) }
}

func walkNode(n node, yield func(any) bool) bool {
	if !yield(n) {
		return false
	}
	switch n := n.(type) {
	case allNode:
		return walkNodes(n.of, yield)
	case anyNode:
		return walkNodes(n.of, yield)
	case atLeastNode:
		return walkNodes(n.of, yield)
	case notNode:
		return walkNode(n.of, yield)
	case namedNode:
		return walkNode(n.of, yield)
	case compareNode:
		return walkValues(yield, n.left, n.right)
	case betweenNode:
		return walkValues(yield, n.value, n.low, n.high)
	case inCodesNode:
		return walkValues(yield, n.value)
	case inTextsNode:
		return walkValues(yield, n.value)
	case knownNode:
		return walkValues(yield, n.value)
	case existsNode:
		return walkRows(n.rows, yield)
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func walkNodes(nodes []node, yield func(any) bool) bool {
	for _, n := range nodes {
		if !walkNode(n, yield) {
			return false
		}
	}
	return true
}

func walkValues(yield func(any) bool, values ...value) bool {
	for _, v := range values {
		if !yield(v) {
			return false
		}
		ok := true
		switch v := v.(type) {
		case constant, columnValue:
		case pickValue:
			ok = walkRows(v.rows, yield)
		case countValue:
			ok = walkRows(v.rows, yield)
		case summaryValue:
			ok = walkRows(v.rows, yield)
		case episodesValue:
			ok = walkRows(v.rows, yield)
		case spanValue:
			ok = walkValues(yield, v.from, v.to)
		case shiftValue:
			ok = walkValues(yield, v.of)
		case edgeValue:
			ok = walkValues(yield, v.of)
		default:
			panic(fmt.Sprintf("cohort: value %T", v))
		}
		if !ok {
			return false
		}
	}
	return true
}

func walkRows(r rows, yield func(any) bool) bool {
	return yield(r) && walkNodes(r.where, yield)
}
