package cohort

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// binder copies a tree, filling in parameters and fixing calendar bounds. Without bindings it only fixes
// the bounds.
type binder map[string]any

//nolint:ireturn // a tree is a sum type
func (b binder) node(n node) node {
	switch n := n.(type) {
	case allNode:
		return allNode{b.nodes(n.of)}
	case anyNode:
		return anyNode{b.nodes(n.of)}
	case atLeastNode:
		return atLeastNode{n.n, b.nodes(n.of)}
	case notNode:
		return notNode{b.node(n.of)}
	case namedNode:
		n.of = b.node(n.of)
		return n
	case compareNode:
		return compareNode{b.value(n.left), n.op, b.value(n.right)}
	case betweenNode:
		return betweenNode{b.value(n.value), b.value(n.low), b.value(n.high)}
	case inCodesNode:
		n.value = b.value(n.value)
		if list, ok := b[n.param].(*codelist.List); ok {
			n.list = list
		}
		return n
	case inTextsNode:
		n.value = b.value(n.value)
		if texts, ok := b[n.param].([]string); ok {
			n.texts = sortedSet(texts)
		}
		return n
	case isYesNode:
		return isYesNode{b.node(n.of)}
	case isUnknownNode:
		return isUnknownNode{b.node(n.of)}
	case knownNode:
		return knownNode{b.value(n.value)}
	case existsNode:
		return existsNode{b.rows(n.rows)}
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (b binder) nodes(nodes []node) []node {
	out := make([]node, len(nodes))
	for i, n := range nodes {
		out[i] = b.node(n)
	}
	return out
}

//nolint:ireturn // a tree is a sum type
func (b binder) value(v value) value {
	switch v := v.(type) {
	case constant:
		switch given := b[v.param].(type) {
		case Date:
			v.datum = dateDatum(given)
		case float64:
			v.datum = numberDatum(given)
		case eachValue:
			return given
		}
		return v
	case columnValue:
		return v
	case pickValue:
		v.rows = b.rows(v.rows)
		return v
	case countValue:
		return countValue{b.rows(v.rows)}
	case summaryValue:
		v.rows = b.rows(v.rows)
		return v
	case episodesValue:
		return episodesValue{b.rows(v.rows), v.gap}
	case spanValue:
		v.from, v.to = b.value(v.from), b.value(v.to)
		return v
	case shiftValue:
		v.of = b.value(v.of)
		if of, ok := fixed(v.of); ok {
			v.fixed = v.day(of.date)
		}
		return v
	case edgeValue:
		v.of = b.value(v.of)
		if of, ok := fixed(v.of); ok {
			v.fixed = v.day(of.date)
		}
		return v
	case eachValue:
		v.of = b.value(v.of)
		return v
	case caseValue:
		return b.branches(v)
	case chosenValue:
		v.of = b.values(v.of)
		return v
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (b binder) rows(r rows) rows { return rows{r.table, b.nodes(r.where)} }

func (b binder) values(values []value) []value {
	out := make([]value, len(values))
	for i, v := range values {
		out[i] = b.value(v)
	}
	return out
}

func (b binder) branches(v caseValue) caseValue {
	out := make([]branch, len(v.branches))
	for i, each := range v.branches {
		out[i] = branch{b.node(each.when), b.value(each.then)}
	}
	if v.otherwise != nil {
		v.otherwise = b.value(v.otherwise)
	}
	return caseValue{out, v.otherwise}
}
