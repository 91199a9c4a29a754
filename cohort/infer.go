package cohort

import (
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

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
	case isYesNode, isUnknownNode, knownNode, existsNode:
		return false
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func canBeMissing(v value) bool {
	switch v := v.(type) {
	case constant, countValue, episodesValue:
		return false // a parameter has a value by the time anyone is asked about
	case columnValue, pickValue:
		return true
	case summaryValue:
		return v.how != distinct
	case spanValue:
		return canBeMissing(v.from) || canBeMissing(v.to)
	case shiftValue:
		return canBeMissing(v.of)
	case edgeValue:
		return canBeMissing(v.of)
	case eachValue:
		return canBeMissing(v.of)
	case caseValue:
		return v.otherwise == nil || canBeMissing(v.otherwise) || slices.ContainsFunc(v.branches, func(b branch) bool {
			return canBeUnknown(b.when) || canBeMissing(b.then)
		})
	case chosenValue:
		return !slices.ContainsFunc(v.of, func(v value) bool { return !canBeMissing(v) })
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

// kindOf returns the kind of a value, or 0 for one that is not complete.
func kindOf(v value) Kind {
	switch v := v.(type) {
	case nil:
		return 0
	case constant:
		return v.datum.kind
	case columnValue:
		return v.info().Kind
	case pickValue:
		return v.rows.table.info.Columns[v.column].Kind
	case summaryValue:
		if v.how == minimum || v.how == maximum {
			return v.rows.table.info.Columns[v.column].Kind
		}
		return NumberKind
	case countValue, episodesValue, spanValue:
		return NumberKind
	case shiftValue, edgeValue:
		return DateKind
	case eachValue:
		return kindOf(v.of)
	case caseValue:
		if len(v.branches) == 0 {
			return 0
		}
		return kindOf(v.branches[0].then)
	case chosenValue:
		if len(v.of) == 0 {
			return 0
		}
		return kindOf(v.of[0])
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

// systemOf returns the coding system of the column a value comes from. All that a value is chosen from are
// of one.
func systemOf(v value) codelist.System {
	switch v := v.(type) {
	case columnValue:
		return v.info().System
	case pickValue:
		return v.rows.table.info.Columns[v.column].System
	case caseValue:
		if len(v.branches) > 0 {
			return systemOf(v.branches[0].then)
		}
	case chosenValue:
		if len(v.of) > 0 {
			return systemOf(v.of[0])
		}
	default:
	}
	return ""
}

// fixed returns the datum of a value that is the same for everybody, once it is bound.
func fixed(v value) (datum, bool) {
	switch v := v.(type) {
	case constant:
		return v.datum, v.datum.known()
	case shiftValue:
		return dateDatum(v.fixed), !v.fixed.IsZero()
	case edgeValue:
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
