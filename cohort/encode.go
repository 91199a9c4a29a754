package cohort

import (
	"bytes"
	"fmt"
	"slices"
)

// encoder turns a tree into its wire form: the document, or the bare meaning.
type encoder struct{ meaning bool }

// encodeNode returns the meaning of a criterion, bound or not.
func encodeNode(n node) []byte { return marshal(encoder{meaning: true}.node(n)) }

func (e encoder) node(n node) wireNode {
	switch n := n.(type) {
	case allNode:
		return wireNode{Op: "all", Of: e.unordered(n.of)}
	case anyNode:
		return wireNode{Op: "any", Of: e.unordered(n.of)}
	case atLeastNode:
		return wireNode{Op: "atLeast", N: n.n, Of: e.unordered(n.of)}
	case notNode:
		return wireNode{Op: "not", Of: []wireNode{e.node(n.of)}}
	case isYesNode:
		return wireNode{Op: "isYes", Of: []wireNode{e.node(n.of)}}
	case isUnknownNode:
		return wireNode{Op: "isUnknown", Of: []wireNode{e.node(n.of)}}
	case namedNode:
		if e.meaning {
			return e.node(n.of)
		}
		return wireNode{Op: "named", ID: n.id, Version: n.version, Of: []wireNode{e.node(n.of)}}
	case compareNode:
		return wireNode{Op: string(n.op), Value: e.value(n.left), To: e.value(n.right)}
	case betweenNode:
		return wireNode{Op: "between", Value: e.value(n.value), Low: e.value(n.low), High: e.value(n.high)}
	case inCodesNode:
		return wireNode{Op: "inCodes", Value: e.value(n.value), List: e.list(n), Param: e.param(n.param, n.list != nil)}
	case inTextsNode:
		return wireNode{Op: "inTexts", Value: e.value(n.value), Texts: n.texts, Param: e.param(n.param, len(n.texts) > 0)}
	case knownNode:
		return wireNode{Op: "known", Value: e.value(n.value)}
	case existsNode:
		return wireNode{Op: "exists", Rows: e.rows(n.rows)}
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

// unordered encodes parts whose order means nothing.
func (e encoder) unordered(parts []node) []wireNode {
	out := make([]wireNode, len(parts))
	for i, part := range parts {
		out[i] = e.node(part)
	}
	if e.meaning {
		sortByBytes(out)
	}
	return out
}

// sortByBytes puts parts whose order means nothing in the order of what they are written as.
func sortByBytes[T any](parts []T) {
	type written struct {
		part T
		as   []byte
	}
	all := make([]written, len(parts))
	for i, part := range parts {
		all[i] = written{part, marshal(part)}
	}
	slices.SortFunc(all, func(a, b written) int { return bytes.Compare(a.as, b.as) })
	for i, w := range all {
		parts[i] = w.part
	}
}

func (e encoder) value(v value) *wireValue {
	switch v := v.(type) {
	case constant:
		w := &wireValue{Is: v.datum.kind.String(), Param: e.param(v.param, v.datum.known())}
		switch {
		case !v.datum.known(): // a parameter without its value
		case v.datum.kind == NumberKind:
			w.Number = &v.datum.number
		case v.datum.kind == TextKind:
			w.Text = v.datum.text
		default:
			w.Date = v.datum.date.String()
		}
		return w
	case columnValue:
		return &wireValue{Is: "column", Table: v.table.Name(), Column: v.info().Name}
	case pickValue:
		which := "earliest"
		if v.latest {
			which = "latest"
		}
		return &wireValue{Is: which, Rows: e.rows(v.rows), Column: v.rows.table.info.Columns[v.column].Name}
	case countValue:
		return &wireValue{Is: "count", Rows: e.rows(v.rows)}
	case summaryValue:
		return &wireValue{Is: string(v.how), Rows: e.rows(v.rows), Column: v.rows.table.info.Columns[v.column].Name}
	case episodesValue:
		return &wireValue{Is: "episodes", Rows: e.rows(v.rows), Months: v.gap.months, Days: v.gap.days}
	case spanValue:
		return e.span(v)
	case shiftValue:
		is := "before"
		if v.later {
			is = "after"
		}
		return &wireValue{Is: is, Of: e.value(v.of), Months: v.by.months, Days: v.by.days}
	case edgeValue:
		is := "startOf"
		if v.end {
			is = "endOf"
		}
		return &wireValue{Is: is, Of: e.value(v.of), Year: v.year.String()}
	case eachValue:
		if e.meaning {
			return e.value(v.of)
		}
		return &wireValue{Is: "each", Param: v.param, Of: e.value(v.of)}
	case caseValue:
		return e.cases(v)
	case chosenValue:
		w := &wireValue{Is: string(v.how)}
		for _, each := range v.of {
			w.Values = append(w.Values, e.value(each))
		}
		if e.meaning && v.how != firstKnown {
			sortByBytes(w.Values)
		}
		return w
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (e encoder) cases(v caseValue) *wireValue {
	w := &wireValue{Is: "case"}
	for _, b := range v.branches {
		w.Cases = append(w.Cases, wireCase{e.node(b.when), e.value(b.then)})
	}
	if v.otherwise != nil {
		w.Otherwise = e.value(v.otherwise)
	}
	return w
}

// span writes completed years and months as ages when that is what they are called, and in the meaning
// always: they are counted alike.
func (e encoder) span(v spanValue) *wireValue {
	from, to := e.value(v.from), e.value(v.to)
	switch {
	case v.unit == inYears && (v.age || e.meaning):
		return &wireValue{Is: "age", Born: from, On: to}
	case v.unit == inMonths && (v.age || e.meaning):
		return &wireValue{Is: "ageInMonths", Born: from, On: to}
	default:
		return &wireValue{Is: string(v.unit) + "Between", From: from, To: to}
	}
}

func (e encoder) rows(r rows) *wireRows {
	return &wireRows{Table: r.table.Name(), Where: e.unordered(r.where)}
}

// list refers to a code list: by name in the document, by content in the meaning.
func (e encoder) list(n inCodesNode) string {
	switch {
	case n.list == nil:
		return ""
	case e.meaning:
		return n.list.Hash()
	default:
		return n.list.ID() + " " + n.list.Version()
	}
}

// prose drops a name from the meaning.
func (e encoder) prose(s string) string {
	if e.meaning {
		return ""
	}
	return s
}

// param drops the name of a parameter from the meaning once its value says it all.
func (e encoder) param(name string, bound bool) string {
	if e.meaning && bound {
		return ""
	}
	return name
}
