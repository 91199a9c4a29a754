package cohort

import (
	"math"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// assumptions are what is taken to be so of values, by what the values mean.
type assumptions map[string]domain

// atom reads a question about one value and what is the same for everybody: what the value must be for the
// answer. ok is false for every other question.
//
//nolint:ireturn // a tree is a sum type
func atom(n node, want Verdict) (of value, d domain, ok bool) {
	yes := want == Yes
	switch n := n.(type) {
	case compareNode:
		bound, same := fixed(n.right)
		of, op := n.left, n.op
		if !same {
			if bound, same = fixed(n.left); !same {
				return nil, d, false
			}
			of, op = n.right, turned(op)
		}
		return of, domain{known: true, ranges: rangesOf(of, op, position(bound), yes)}, true
	case betweenNode:
		low, same1 := fixed(n.low)
		high, same2 := fixed(n.high)
		if !same1 || !same2 {
			return nil, d, false
		}
		d.known = true
		if yes {
			d.ranges = []interval{{low: position(low), high: position(high)}}
		} else {
			d.ranges = append(rangesOf(n.value, less, position(low), true), rangesOf(n.value, greater, position(high), true)...)
		}
		return n.value, d, true
	case inTextsNode:
		d.known = true
		if d.not = n.texts; yes {
			d.texts, d.not = n.texts, nil
		}
		return n.value, d, true
	case inCodesNode:
		if kindOf(n.value) == CodesKind {
			return nil, d, false // some can be in and others not
		}
		d.known = true
		if yes {
			d.in = []*codelist.List{n.list}
		} else {
			d.out = []*codelist.List{n.list}
		}
		return n.value, d, true
	case knownNode:
		return n.value, domain{known: yes, absent: !yes}, true
	default:
		return nil, d, false
	}
}

// turned exchanges the two sides of a comparison.
func turned(op operator) operator {
	switch op {
	case less:
		return greater
	case atMost:
		return atLeast
	case atLeast:
		return atMost
	case greater:
		return less
	case equal:
	}
	return equal
}

func position(d datum) float64 {
	if d.kind == DateKind {
		return float64(d.date.number)
	}
	return d.number
}

// rangesOf are the numbers for which a comparison has the wanted answer.
func rangesOf(v value, op operator, bound float64, want bool) []interval {
	below, above := everything(), everything()
	below.high, above.low = bound, bound
	below.highOpen, above.lowOpen = op == less || op == atLeast || op == equal, op == greater || op == atMost || op == equal
	var ranges []interval
	switch {
	case op == equal && want:
		ranges = []interval{{low: bound, high: bound}}
	case op == equal:
		ranges = []interval{below, above}
	case (op == less || op == atMost) == want:
		ranges = []interval{below}
	default:
		ranges = []interval{above}
	}
	if counted(v) {
		for i := range ranges {
			ranges[i] = ranges[i].whole()
		}
	}
	return ranges
}

// counted reports whether a value moves in whole steps.
func counted(v value) bool {
	switch v := v.(type) {
	case countValue, episodesValue, spanValue:
		return true
	case summaryValue:
		return v.how == distinct || kindOf(v) == DateKind
	default:
		return kindOf(v) == DateKind
	}
}

// natural is what a value can be by what it is.
func natural(v value) domain {
	d := domain{known: !canBeMissing(v)}
	none := interval{low: 0, high: math.Inf(1)}
	switch v := v.(type) {
	case constant:
		switch v.datum.kind {
		case NumberKind, DateKind:
			d.ranges = []interval{{low: position(v.datum), high: position(v.datum)}}
		case TextKind:
			d.texts = []string{v.datum.text}
		case CodeKind, CodesKind:
		}
	case shiftValue, edgeValue:
		if day, same := fixed(v); same {
			d.ranges = []interval{{low: position(day), high: position(day)}}
		}
	case countValue:
		if !canMatch(v.rows) {
			none.high = 0
		}
		d.ranges = []interval{none}
	case episodesValue:
		d.ranges = []interval{none}
	case chosenValue:
		return d.and(bounded(v))
	case summaryValue:
		if v.how == distinct {
			d.ranges = []interval{none}
		}
	default:
	}
	return d
}

// bounded is what the smallest or largest of several can be when some are the same for everybody.
func bounded(v chosenValue) (d domain) {
	for _, of := range v.of {
		same, ok := fixed(of)
		if !ok || v.how == firstKnown {
			continue
		}
		side := everything()
		if v.how == least {
			side.high = position(same)
		} else {
			side.low = position(same)
		}
		d = d.and(domain{ranges: []interval{side}})
	}
	return d
}

func canMatch(r rows) bool { return can(allNode{r.where}, Yes, assumptions{}) }

func subject(v value) string { return string(marshal(encoder{meaning: true}.value(v))) }

// of returns what a value can be.
func (a assumptions) of(v value) domain {
	return natural(v).and(a[subject(v)])
}

// orMissing lets every value be missing again.
func (a assumptions) orMissing() assumptions {
	open := assumptions{}
	for key, d := range a {
		d.known = false
		open[key] = d
	}
	return open
}

// settle reports whether a question cannot be unknown under the assumptions.
func (a assumptions) settle(n node) bool {
	if parts := partsOf(n); len(parts) > 0 {
		return !slices.ContainsFunc(parts, func(part node) bool { return !a.settle(part) })
	}
	v, _, ok := atom(n, Yes)
	return !canBeUnknown(n) || ok && a.of(v).known
}

// assume adds that a question has an answer, as far as that says something about single values.
func (a assumptions) assume(n node, want Verdict) assumptions {
	switch n := n.(type) {
	case allNode:
		if want == Yes {
			return a.assumeAll(n.of, want)
		}
	case anyNode:
		if want == No {
			return a.assumeAll(n.of, want)
		}
	case notNode:
		return a.assume(n.of, want.Not())
	case namedNode:
		return a.assume(n.of, want)
	case isYesNode:
		if want == Yes {
			return a.assume(n.of, Yes)
		}
	case compareNode, betweenNode, inCodesNode, inTextsNode, knownNode:
		if v, d, ok := atom(n, want); ok {
			next := assumptions{subject(v): a.of(v).and(d)}
			for key, other := range a {
				if _, mine := next[key]; !mine {
					next[key] = other
				}
			}
			return next
		}
	case atLeastNode, isUnknownNode, existsNode:
	}
	return a
}

func (a assumptions) assumeAll(parts []node, want Verdict) assumptions {
	for _, part := range parts {
		a = a.assume(part, want)
	}
	return a
}

// can reports whether a question can have the answer, yes or no. When in doubt it can.
func can(n node, want Verdict, a assumptions) bool {
	switch n := n.(type) {
	case allNode:
		return canEach(n.of, want, Yes, a)
	case anyNode:
		return canEach(n.of, want, No, a)
	case atLeastNode:
		able := 0
		for _, part := range n.of {
			if can(part, want, a) {
				able++
			}
		}
		if want == Yes {
			return able >= n.n
		}
		return able > len(n.of)-n.n
	case notNode:
		return can(n.of, want.Not(), a)
	case namedNode:
		return can(n.of, want, a)
	case isYesNode:
		return can(n.of, want, a) || want == No && canBeUnknown(n.of)
	case isUnknownNode:
		return want == No || canBeUnknown(n.of)
	case existsNode:
		return want == No || canMatch(n.rows)
	case compareNode, betweenNode, inCodesNode, inTextsNode, knownNode:
		if v, d, ok := atom(n, want); ok {
			return !a.of(v).and(d).empty()
		}
		return true
	default:
		return true
	}
}

// canEach is for parts that must all have the answer when it is the one given, and otherwise at least one.
func canEach(parts []node, want, all Verdict, a assumptions) bool {
	if want != all {
		return slices.ContainsFunc(parts, func(part node) bool { return can(part, want, a) })
	}
	a = a.assumeAll(parts, want)
	return !slices.ContainsFunc(parts, func(part node) bool { return !can(part, want, a) })
}
