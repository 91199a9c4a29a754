package cohort

import (
	"fmt"
	"iter"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
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
		case ageValue:
			ok = walkValues(yield, v.born, v.on)
		case beforeValue:
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

// canBeUnknown infers from the tree alone whether a question about a person can be unknown.
func canBeUnknown(n node) bool {
	switch n := n.(type) {
	case allNode:
		return slices.ContainsFunc(n.of, canBeUnknown)
	case anyNode:
		return slices.ContainsFunc(n.of, canBeUnknown)
	case atLeastNode:
		return slices.ContainsFunc(n.of, canBeUnknown)
	case notNode:
		return canBeUnknown(n.of)
	case namedNode:
		return canBeUnknown(n.of)
	case compareNode:
		return canBeMissing(n.left) || canBeMissing(n.right)
	case betweenNode:
		return canBeMissing(n.value) || canBeMissing(n.low) || canBeMissing(n.high)
	case inCodesNode:
		return canBeMissing(n.value)
	case inTextsNode:
		return canBeMissing(n.value)
	case knownNode, existsNode:
		return false
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func canBeMissing(v value) bool {
	switch v := v.(type) {
	case constant, countValue:
		return false // a parameter has a value by the time anyone is asked about
	case columnValue, pickValue:
		return true
	case ageValue:
		return canBeMissing(v.born) || canBeMissing(v.on)
	case beforeValue:
		return canBeMissing(v.of)
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func kindOf(v value) Kind {
	switch v := v.(type) {
	case constant:
		return v.datum.kind
	case columnValue:
		return v.info().Kind
	case pickValue:
		return v.rows.table.info.Columns[v.column].Kind
	case countValue, ageValue:
		return NumberKind
	case beforeValue:
		return DateKind
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

// systemOf returns the coding system of the column a value comes from.
func systemOf(v value) codelist.System {
	switch v := v.(type) {
	case columnValue:
		return v.info().System
	case pickValue:
		return v.rows.table.info.Columns[v.column].System
	default:
		return ""
	}
}

// fixed returns the datum of a value that is the same for everybody, once it is bound.
func fixed(v value) (datum, bool) {
	switch v := v.(type) {
	case constant:
		return v.datum, v.datum.known()
	case beforeValue:
		return dateDatum(v.fixed), !v.fixed.IsZero()
	default:
		return datum{}, false
	}
}

// openParam reports whether a part of a tree is a parameter without a value.
func openParam(part any) (name string, open bool) {
	switch part := part.(type) {
	case constant:
		return part.param, !part.datum.known()
	case inTextsNode:
		return part.param, len(part.texts) == 0
	case inCodesNode:
		return part.param, part.list == nil
	default:
		return "", false
	}
}
