package cohort

import (
	"fmt"
	"slices"
)

// evaluator answers questions about one person. With a finding it also notes why.
type evaluator struct {
	record  *Record
	finding *Finding
}

// row is the event row in hand; the zero row means that the question is about the person.
type row struct {
	frame *frame
	at    int
}

// verdict answers a question and, when asked to explain, notes the answer as a part of the finding.
func (e evaluator) verdict(n node, r row) Verdict {
	if e.finding == nil {
		return e.answer(n, r)
	}
	part := Finding{}
	if part.Question, _ = compound(n); part.Question == "" {
		part.Question = phrase(n)
	}
	part.Verdict = evaluator{e.record, &part}.answer(n, r)
	part.Change = evaluator{record: e.record}.change(n, r, part.Verdict)
	e.finding.Parts = append(e.finding.Parts, part)
	return part.Verdict
}

func (e evaluator) answer(n node, r row) Verdict {
	switch n := n.(type) {
	case allNode:
		verdict := Yes
		for _, part := range n.of {
			verdict = verdict.And(e.verdict(part, r))
		}
		return verdict
	case anyNode:
		verdict := No
		for _, part := range n.of {
			verdict = verdict.Or(e.verdict(part, r))
		}
		return verdict
	case atLeastNode:
		return e.atLeast(n, r)
	case notNode:
		return e.verdict(n.of, r).Not()
	case isYesNode:
		return VerdictOf(e.verdict(n.of, r) == Yes)
	case isUnknownNode:
		return VerdictOf(e.verdict(n.of, r) == Unknown)
	case namedNode:
		return e.verdict(n.of, r)
	case compareNode:
		left, right := e.value(n.left, r), e.value(n.right, r)
		if !left.known() || !right.known() {
			return Unknown
		}
		return VerdictOf(n.op.holds(left.compare(right)))
	case betweenNode:
		return e.between(n, r)
	case inCodesNode:
		codes := e.value(n.value, r)
		if !codes.known() {
			return Unknown
		}
		for code := range codes.each {
			if n.list.Contains(code.text) {
				return Yes
			}
		}
		return No
	case inTextsNode:
		text := e.value(n.value, r)
		if !text.known() {
			return Unknown
		}
		_, in := slices.BinarySearch(n.texts, text.text)
		return VerdictOf(in)
	case knownNode:
		return VerdictOf(e.value(n.value, r).known())
	case existsNode:
		m := e.matching(n.rows)
		e.note(n.rows, m.yes, m)
		return VerdictOf(len(m.yes) > 0)
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (e evaluator) atLeast(n atLeastNode, r row) Verdict {
	var yes, unknown int
	for _, part := range n.of {
		switch e.verdict(part, r) {
		case Yes:
			yes++
		case Unknown:
			unknown++
		case No:
		}
	}
	switch {
	case yes >= n.n:
		return Yes
	case yes+unknown < n.n:
		return No
	default:
		return Unknown
	}
}

// between is the conjunction of two comparisons, so that one known end can settle it.
func (e evaluator) between(n betweenNode, r row) Verdict {
	v, low, high := e.value(n.value, r), e.value(n.low, r), e.value(n.high, r)
	from, to := Unknown, Unknown
	if v.known() && low.known() {
		from = VerdictOf(v.compare(low) >= 0)
	}
	if v.known() && high.known() {
		to = VerdictOf(v.compare(high) <= 0)
	}
	return from.And(to)
}
