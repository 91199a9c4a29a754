package cohort

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Change says how far the value that a question read is from the nearest one with another answer.
type Change struct {
	// Value is what was read, in words; "not known" when it is missing.
	Value string `json:"value"`
	// Bound is what it is compared with; empty when that is missing too.
	Bound string `json:"bound,omitempty"`
	// Distance is how far Value lies from Bound, in days or as a number; empty when neither is.
	Distance string `json:"distance,omitempty"`
	// From is the first later day on which the answer would be another, with all else the same. Only a length of time
	// such as an age, up to a day that is the same for everybody, has one.
	From Date `json:"from,omitzero"`
	// Text says in a sentence what would change the answer.
	Text string `json:"text"`
}

// Turn is one answer that by itself would change what a step does.
type Turn struct {
	// Question is the question, as in its [Finding].
	Question string `json:"question"`
	// From is the answer, and To the one that it would have to be.
	From Verdict `json:"from"`
	To   Verdict `json:"to"`
	// Effect is what the step would do then.
	Effect Effect `json:"effect"`
	// Change is what would change the answer; it may lead to other answers than To.
	Change *Change `json:"change,omitempty"`
}

// turns tries for every question inside a step the answers that it does not have.
func (s Step) turns(f Finding) []Turn {
	leaves := leavesOf(s.criterion, f)
	now := s.effect(f.Verdict)
	var turns []Turn
	for i, leaf := range leaves {
		for _, other := range []Verdict{Yes, No} {
			if other == leaf.Verdict {
				continue
			}
			next := 0
			effect := s.effect(combined(s.criterion, func() Verdict {
				next++
				if next-1 == i {
					return other
				}
				return leaves[next-1].Verdict
			}))
			if effect != now {
				turns = append(turns, Turn{leaf.Question, leaf.Verdict, other, effect, leaf.Change})
			}
		}
	}
	return turns
}

// partsOf returns the questions that a question combines; none when it asks about values or rows itself.
func partsOf(n node) []node {
	switch n := n.(type) {
	case allNode:
		return n.of
	case anyNode:
		return n.of
	case atLeastNode:
		return n.of
	case notNode:
		return []node{n.of}
	case isYesNode:
		return []node{n.of}
	case isUnknownNode:
		return []node{n.of}
	case namedNode:
		return []node{n.of}
	case compareNode, betweenNode, inCodesNode, inTextsNode, knownNode, existsNode:
		return nil
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

// leavesOf returns the findings of the questions that do not combine others, in order.
func leavesOf(n node, f Finding) (leaves []Finding) {
	parts := partsOf(n)
	if len(parts) == 0 {
		return []Finding{f}
	}
	for i, part := range parts {
		leaves = append(leaves, leavesOf(part, f.Parts[i])...)
	}
	return leaves
}

// combined is the answer of a question for given answers of its leaves, which leaf gives in order.
func combined(n node, leaf func() Verdict) Verdict {
	parts := partsOf(n)
	answers := make([]Verdict, len(parts))
	for i, part := range parts {
		answers[i] = combined(part, leaf)
	}
	switch n := n.(type) {
	case allNode:
		return tallied(answers, len(answers))
	case anyNode:
		return tallied(answers, 1)
	case atLeastNode:
		return tallied(answers, n.n)
	case notNode:
		return answers[0].Not()
	case isYesNode:
		return VerdictOf(answers[0] == Yes)
	case isUnknownNode:
		return VerdictOf(answers[0] == Unknown)
	case namedNode:
		return answers[0]
	default:
		return leaf()
	}
}

// tallied says whether at least need of the answers are yes.
func tallied(answers []Verdict, need int) Verdict {
	yes, open := 0, 0
	for _, v := range answers {
		switch v {
		case Yes:
			yes++
		case Unknown:
			open++
		case No:
		}
	}
	switch {
	case yes >= need:
		return Yes
	case yes+open < need:
		return No
	default:
		return Unknown
	}
}

// change works out what would change an answer; nil for a question that combines others.
func (e evaluator) change(n node, r row, now Verdict) *Change {
	switch n := n.(type) {
	case compareNode:
		return e.changeCompared(n, r, now)
	case betweenNode:
		return e.changeBetween(n, r, now)
	case inCodesNode:
		return changeChosen(e.value(n.value, r), "code list "+n.list.ID()+" "+n.list.Version(), "code", now)
	case inTextsNode:
		return changeChosen(e.value(n.value, r), textsPhrase(n.texts), "text", now)
	case knownNode:
		c := &Change{Value: e.value(n.value, r).String(), Text: "it is not known; any value would make it yes"}
		if now == Yes {
			c.Text = c.Value + " is known; without it the answer would be no"
		}
		return c
	case existsNode:
		m := e.matching(n.rows)
		c := &Change{Value: plural(len(m.yes), "matching row")}
		c.Text = "no row matches; one that does would make it yes"
		if now == Yes {
			c.Text = c.Value + "; with none the answer would be no"
		} else if len(m.undecided) > 0 {
			c.Text = fmt.Sprintf("no row matches for certain, and of %s it is not known; one that does would make it yes", plural(len(m.undecided), "row"))
		}
		return c
	default:
		return nil
	}
}

func changeChosen(x datum, set, what string, now Verdict) *Change {
	c := &Change{Value: x.String(), Bound: set}
	switch now {
	case Yes:
		c.Text = fmt.Sprintf("%s is in; no %s of %s would make it no", c.Value, what, set)
	case No:
		c.Text = fmt.Sprintf("%s is not in; a %s of %s would make it yes", c.Value, what, set)
	case Unknown:
		c.Text = "it is not known; a " + what + " would decide"
	}
	return c
}

func (e evaluator) changeCompared(n compareNode, r row, now Verdict) *Change {
	left, right := e.value(n.left, r), e.value(n.right, r)
	c := &Change{Value: left.String()}
	if !left.known() || !right.known() {
		return c.undecided(left, right)
	}
	op, answer := operatorPhrase(n.op, left.kind), Yes
	if now == Yes {
		answer, op = No, otherPhrase(n.op, left.kind)
	}
	c.against(left, right, answer, op)
	e.later(n.left, r, c, now, func(x datum) Verdict { return VerdictOf(n.op.holds(x.compare(right))) }, right)
	return c
}

func (e evaluator) changeBetween(n betweenNode, r row, now Verdict) *Change {
	x, low, high := e.value(n.value, r), e.value(n.low, r), e.value(n.high, r)
	c := &Change{Value: x.String()}
	if !x.known() || !low.known() || !high.known() {
		return c.undecided(x, low, high)
	}
	below, above := less, greater // what makes it no
	if now == No {
		below, above = atLeast, atMost
	}
	bound, op := low, below
	if distance(x, high).Cmp(distance(x, low)) < 0 {
		bound, op = high, above
	}
	c.against(x, bound, now.Not(), operatorPhrase(op, x.kind))
	e.later(n.value, r, c, now, func(x datum) Verdict { return VerdictOf(x.compare(low) >= 0 && x.compare(high) <= 0) }, low, high)
	return c
}

// undecided says which value is wanting.
func (c *Change) undecided(read datum, others ...datum) *Change {
	c.Text = "it is not known; a value would decide"
	if read.known() {
		c.Text = fmt.Sprintf("it is %v, and what it is compared with is not known", read)
	}
	for _, other := range others {
		if other.known() && c.Bound == "" {
			c.Bound = other.String()
		}
	}
	return c
}

func (c *Change) against(x, bound datum, answer Verdict, op string) {
	c.Bound = bound.String()
	apart := distance(x, bound)
	number, _ := apart.Float64()
	c.Distance = formatNumber(number)
	if x.kind == DateKind {
		c.Distance = plural(int(number), "day")
	}
	where := "exactly " + c.Bound
	switch sign := x.compare(bound); {
	case sign < 0 && x.kind == DateKind:
		where = fmt.Sprintf("%s before %s", c.Distance, c.Bound)
	case sign > 0 && x.kind == DateKind:
		where = fmt.Sprintf("%s after %s", c.Distance, c.Bound)
	case sign < 0:
		where = fmt.Sprintf("%s below %s", c.Distance, c.Bound)
	case sign > 0:
		where = fmt.Sprintf("%s above %s", c.Distance, c.Bound)
	}
	c.Text = fmt.Sprintf("it is %s, %s; %s %s would make it %v", c.Value, where, op, c.Bound, answer)
}

// distance is exact on the decimal numbers that the data hold.
func distance(a, b datum) *big.Rat {
	if a.kind == DateKind {
		return new(big.Rat).Abs(big.NewRat(int64(a.date.number)-int64(b.date.number), 1))
	}
	difference := exactSum([]datum{a, numberDatum(-b.number)})
	return difference.Abs(difference)
}

// later finds the first later day with another answer, for a length of time up to a day that is the same for
// everybody.
func (e evaluator) later(v value, r row, c *Change, now Verdict, answer func(datum) Verdict, bounds ...datum) {
	span, ok := v.(spanValue)
	if !ok {
		return
	}
	to, same := fixed(span.to)
	from := e.value(span.from, r)
	if !same || !from.known() {
		return
	}
	var days []Date
	for _, bound := range bounds {
		for _, n := range []float64{math.Ceil(bound.number), math.Floor(bound.number) + 1} {
			ahead := int(calendar.Last - to.date.number)
			by := sort.Search(ahead, func(by int) bool { return float64(span.count(from.date, to.date.AddDays(by))) >= n })
			if by > 0 && by < ahead {
				days = append(days, to.date.AddDays(by))
			}
		}
	}
	slices.SortFunc(days, Date.Compare)
	for _, day := range days {
		if answer(numberDatum(float64(span.count(from.date, day)))) != now {
			c.From = day
			c.Text += fmt.Sprintf(", as it would be from %v on", day)
			return
		}
	}
}

// otherPhrase says the opposite of a comparison.
func otherPhrase(op operator, kind Kind) string {
	switch op {
	case less:
		op = atLeast
	case atMost:
		op = greater
	case atLeast:
		op = less
	case greater:
		op = atMost
	case equal:
		return "other than"
	}
	return operatorPhrase(op, kind)
}
