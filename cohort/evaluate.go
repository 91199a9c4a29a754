package cohort

import (
	"fmt"
	"slices"
	"strconv"
)

// Outcome is what a definition decides about a person.
type Outcome uint8

// The outcomes.
const (
	NotMember Outcome = iota // at least one step fails
	Member                   // every step passes
	Referred                 // no step fails, but at least one asks for a decision
)

// String returns "not a member", "a member" or "referred".
func (o Outcome) String() string {
	switch o {
	case Member:
		return "a member"
	case Referred:
		return "referred"
	case NotMember:
		return "not a member"
	default:
		return "outcome " + strconv.Itoa(int(o))
	}
}

// MarshalText writes the outcome as String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Effect is what one step does with a person.
type Effect uint8

// The effects.
const (
	Fails Effect = iota
	Passes
	Refers
)

// String returns "fails", "passes" or "refers".
func (e Effect) String() string {
	switch e {
	case Passes:
		return "passes"
	case Refers:
		return "refers"
	case Fails:
		return "fails"
	default:
		return "effect " + strconv.Itoa(int(e))
	}
}

// MarshalText writes the effect as String does.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Result is the decision about one person.
type Result struct {
	// Outcome is the decision.
	Outcome Outcome
	// Steps holds the answer of every step, in order. All steps are always answered.
	Steps []StepResult
}

// StepResult is the answer of one step for one person.
type StepResult struct {
	// Verdict is the answer of the step's criterion.
	Verdict Verdict
	// Effect is what the step makes of it, after its direction and its policy for unknown.
	Effect Effect
}

// Evaluate decides about one person. It is the reference that every faster engine is checked against: it
// reads the whole tree, in order, and never takes a short cut.
func (p *Plan) Evaluate(record *Record) Result { return evaluateSteps(p.steps, record) }

func evaluateSteps(steps []Step, record *Record) Result {
	result := Result{Steps: make([]StepResult, len(steps))}
	for i, step := range steps {
		v := evaluator{record: record}.verdict(step.criterion, row{})
		result.Steps[i] = StepResult{v, step.effect(v)}
	}
	result.Outcome = outcomeOf(result.Steps)
	return result
}

func outcomeOf(steps []StepResult) Outcome {
	outcome := Member
	for _, step := range steps {
		switch step.Effect {
		case Fails:
			return NotMember
		case Refers:
			outcome = Referred
		case Passes:
		}
	}
	return outcome
}

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
		code := e.value(n.value, r)
		switch {
		case !code.known():
			return Unknown
		case code.kind == CodesKind:
			return VerdictOf(slices.ContainsFunc(code.codes, n.list.Contains))
		default:
			return VerdictOf(n.list.Contains(code.text))
		}
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

func (e evaluator) value(v value, r row) datum {
	switch v := v.(type) {
	case constant:
		return v.datum
	case columnValue:
		return e.column(v, r)
	case pickValue:
		return e.pick(v)
	case countValue:
		m := e.matching(v.rows)
		e.note(v.rows, m.yes, m)
		return numberDatum(float64(len(m.yes)))
	case ageValue:
		born, on := e.value(v.born, r), e.value(v.on, r)
		if !born.known() || !on.known() {
			return missing(NumberKind)
		}
		if v.unit == inMonths {
			return numberDatum(float64(born.date.AgeInMonths(on.date)))
		}
		return numberDatum(float64(born.date.Age(on.date)))
	case beforeValue:
		if !v.fixed.IsZero() {
			return dateDatum(v.fixed)
		}
		of := e.value(v.of, r)
		return dateDatum(v.by.before(of.date))
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

// column reads the row in hand or, for a table with one row per person, that row.
func (e evaluator) column(v columnValue, r row) datum {
	if !v.table.perPerson() {
		return r.frame.at(r.at, v.column)
	}
	d := missing(v.info().Kind)
	if f := e.record.find(v.table); f != nil {
		d = f.at(0, v.column)
	}
	if e.finding != nil {
		e.finding.Evidence = append(e.finding.Evidence, fieldEvidence(v, d))
	}
	return d
}

// pick reads a column of the first matching row in the total order of the table.
func (e evaluator) pick(v pickValue) datum {
	m := e.matching(v.rows)
	if len(m.yes) == 0 {
		e.note(v.rows, nil, m)
		return missing(kindOf(v))
	}
	order := append(slices.Clone(v.rows.table.order), v.column)
	best := m.yes[0]
	for _, at := range m.yes[1:] {
		if m.frame.precedes(at, best, order, v.latest) {
			best = at
		}
	}
	e.note(v.rows, []int{best}, m, v.column)
	return m.frame.at(best, v.column)
}

// matches are the positions of a person's rows for which every predicate is yes, and of those for which
// that is unknown. The frame is nil when the person has no row of the table.
type matches struct {
	frame          *frame
	yes, undecided []int
}

func (e evaluator) matching(r rows) matches {
	m := matches{frame: e.record.find(r.table)}
	if m.frame == nil {
		return m
	}
	quiet := evaluator{record: e.record} // rows are noted as evidence, not question by question
	for at := range m.frame.n {
		switch quiet.verdict(allNode{r.where}, row{m.frame, at}) {
		case Yes:
			m.yes = append(m.yes, at)
		case Unknown:
			m.undecided = append(m.undecided, at)
		case No:
		}
	}
	return m
}

// precedes reports whether row a comes before row b when the latest, or the earliest, row comes first.
// Missing values come last either way.
func (f *frame) precedes(a, b int, order []int, latest bool) bool {
	for _, column := range order {
		x, y := f.at(a, column), f.at(b, column)
		if x.known() != y.known() {
			return x.known()
		}
		if !x.known() {
			continue
		}
		if sign := x.compare(y); sign != 0 {
			return (sign > 0) == latest
		}
	}
	return false
}
