package cohort

import "slices"

// maker makes people up for whom a question has a wanted answer. It works from the tree: for each kind of
// question it knows which values lead to the answer and which fields or rows bring them. What it proposes
// is tried with the reference evaluator, and only what holds is kept, so a shortcut here can cost a witness
// but never make a false one.
type maker struct {
	plan *Plan
	// ref is a day that the plan is about, for days that can be any.
	ref Date
	// decimal is the smallest difference between measured numbers: one decimal place finer than any bound.
	decimal float64
	// left bounds the work; each question asked costs one.
	left int
}

const (
	maxProposals = 12   // kept for one question
	maxQuestions = 2000 // for one way to pass, fail or be unknown
	rounds       = 3    // of mending what a later part has broken
)

// questions makes people for whom the answer is the wanted one: first the person as given, if it already
// is, then others near.
func (m *maker) question(n node, want Verdict, d draft, at spot) []draft {
	if m.left--; m.left < 0 {
		return nil
	}
	var found []draft
	if d.ask(n, at) == want {
		found = append(found, d)
	}
	for _, proposal := range m.propose(n, want, d, at) {
		if len(found) == maxProposals {
			break
		}
		if proposal.ask(n, at) == want {
			found = append(found, proposal)
		}
	}
	return found
}

func (m *maker) propose(n node, want Verdict, d draft, at spot) []draft {
	switch n := n.(type) {
	case allNode, anyNode, atLeastNode:
		return m.combination(n, want, d, at)
	case notNode:
		return m.question(n.of, want.Not(), d, at)
	case namedNode:
		return m.question(n.of, want, d, at)
	case isYesNode:
		return m.certainty(n.of, want, d, at, []Verdict{Yes}, []Verdict{No, Unknown})
	case isUnknownNode:
		return m.certainty(n.of, want, d, at, []Verdict{Unknown}, []Verdict{Yes, No})
	case compareNode:
		return m.comparison(n, want, d, at)
	case betweenNode:
		return m.between(n, want, d, at)
	case inCodesNode:
		return m.choice(n.value, want, m.codes(n, want), d, at)
	case inTextsNode:
		return m.choice(n.value, want, m.texts(n, want), d, at)
	case knownNode:
		if want == No {
			return m.assign(n.value, missing(kindOf(n.value)), d, at)
		}
		return m.assign(n.value, m.plausible(n.value), d, at)
	case existsNode:
		if want == No {
			return []draft{d.remove(n.rows.table, d.matching(n.rows)...)}
		}
		return m.addRow(n.rows, d)
	}
	return nil
}

func (m *maker) certainty(of node, want Verdict, d draft, at spot, ifYes, ifNo []Verdict) (out []draft) {
	answers := ifNo
	if want == Yes {
		answers = ifYes
	}
	for _, answer := range answers {
		out = append(out, m.question(of, answer, d, at)...)
	}
	return out
}

// combination tries the ways in which the answers of the parts make the wanted one. In each way but the
// plainest one part alone decides.
func (m *maker) combination(n node, want Verdict, d draft, at spot) (out []draft) {
	_, parts := compound(n)
	ways := waysTo(n, len(parts), want)
	for _, way := range ways {
		// Every part can itself be brought about in several ways: vary the one that decides, or each if all do.
		for i, part := range parts {
			if len(ways) > 1 && !way.decides(i) {
				continue
			}
			for _, proposal := range m.question(part, way.want[i], d, at) {
				if mended, ok := m.every(parts, way.want, proposal, at); ok {
					out = append(out, mended)
				} else if len(ways) > 1 {
					out = append(out, proposal)
				}
			}
		}
	}
	return out
}

// way is an answer for each of several parts.
type way struct {
	want  []Verdict
	pivot []int
}

func (w way) decides(i int) bool { return slices.Contains(w.pivot, i) }

// waysTo lists the ways to the wanted answer in which as few parts as possible decide.
func waysTo(n node, parts int, want Verdict) []way {
	need := 1 // how many yes make it yes
	if _, all := n.(allNode); all {
		need = parts
	} else if some, ok := n.(atLeastNode); ok {
		need = some.n
	}
	most, rest := need, No // how many parts are not rest
	pivot := want
	switch want {
	case Yes:
	case No:
		most, rest, pivot = parts-need+1, Yes, No
	case Unknown:
		most = 1
	}
	var ways []way
	for first := range parts {
		w := way{want: slices.Repeat([]Verdict{rest}, parts)}
		for i := range most {
			at := (first + i) % parts
			w.want[at], w.pivot = pivot, append(w.pivot, at)
		}
		if want == Unknown {
			for i := range need - 1 {
				w.want[(first+1+i)%parts] = Yes
			}
		}
		ways = append(ways, w)
		if most == parts {
			break
		}
	}
	return ways
}

// every brings about the wanted answers of several questions at once, mending what one breaks of another.
// Even when that fails it returns how far it came.
func (m *maker) every(parts []node, want []Verdict, d draft, at spot) (draft, bool) {
	return m.mend(parts, want, d, at, func(i int, v Verdict) bool { return v == want[i] })
}

// mend is every for questions of which other answers than the wanted one may do.
func (m *maker) mend(parts []node, want []Verdict, d draft, at spot, does func(i int, v Verdict) bool) (draft, bool) {
	right := func(d draft) (n int) {
		for i, part := range parts {
			if does(i, d.ask(part, at)) {
				n++
			}
		}
		return n
	}
	for range rounds {
		if right(d) == len(parts) {
			return d, true
		}
		for i, part := range parts {
			if does(i, d.ask(part, at)) {
				continue
			}
			best, most := d, -1
			for _, proposal := range m.question(part, want[i], d, at) {
				n := right(proposal)
				if n > most {
					best, most = proposal, n
				}
				if n == len(parts) {
					break
				}
			}
			d = best
		}
	}
	return d, right(d) == len(parts)
}

// addRow adds a row that matches.
func (m *maker) addRow(r rows, d draft) (out []draft) {
	d, at := d.add(r.table, emptyRow(r.table))
	proposals := []draft{d}
	if len(r.where) > 0 {
		proposals = m.question(allNode{r.where}, Yes, d, at)
	}
	for _, proposal := range proposals {
		// A row without a day is no good example, unless it must be one.
		date := r.table.order[0]
		if !proposal.rows(r.table)[at.row][date].known() {
			if dated := proposal.set(r.table, at.row, date, dateDatum(m.ref)); len(r.where) == 0 || dated.ask(allNode{r.where}, at) == Yes {
				proposal = dated
			}
		}
		out = append(out, proposal)
	}
	return out
}

func (m *maker) comparison(n compareNode, want Verdict, d draft, at spot) (out []draft) {
	if want == Unknown {
		return m.absent(d, at, n.left, n.right)
	}
	for _, d := range m.known(n.right, d, at) {
		for _, x := range m.around(n.left, d.read(n.right, at)) {
			if VerdictOf(n.op.holds(x.compare(d.read(n.right, at)))) == want {
				out = append(out, m.assign(n.left, x, d, at)...)
			}
		}
	}
	for _, d := range m.known(n.left, d, at) {
		for _, x := range m.around(n.right, d.read(n.left, at)) {
			if VerdictOf(n.op.holds(d.read(n.left, at).compare(x))) == want {
				out = append(out, m.assign(n.right, x, d, at)...)
			}
		}
	}
	return out
}

func (m *maker) between(n betweenNode, want Verdict, d draft, at spot) (out []draft) {
	if want == Unknown {
		return m.absent(d, at, n.value, n.low, n.high)
	}
	for _, d := range m.known(n.low, d, at) {
		for _, d := range m.known(n.high, d, at) {
			low, high := d.read(n.low, at), d.read(n.high, at)
			for _, x := range append(m.around(n.value, low), m.around(n.value, high)...) {
				if VerdictOf(x.compare(low) >= 0 && x.compare(high) <= 0) == want {
					out = append(out, m.assign(n.value, x, d, at)...)
				}
			}
		}
	}
	return out
}

// choice assigns one of some values or, to leave the question open, none.
func (m *maker) choice(v value, want Verdict, values []datum, d draft, at spot) (out []draft) {
	if want == Unknown {
		return m.absent(d, at, v)
	}
	for _, x := range values {
		out = append(out, m.assign(v, x, d, at)...)
	}
	return out
}

// absent makes one of the values missing.
func (m *maker) absent(d draft, at spot, values ...value) (out []draft) {
	for _, v := range values {
		out = append(out, m.assign(v, missing(kindOf(v)), d, at)...)
	}
	return out
}

// known returns people for whom a value is known: the one given, if it is for that one.
func (m *maker) known(v value, d draft, at spot) []draft {
	if d.read(v, at).known() {
		return []draft{d}
	}
	out := m.assign(v, m.plausible(v), d, at)
	return out[:min(len(out), 2)]
}
