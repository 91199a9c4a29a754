package cohort

import "strconv"

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
	Outcome Outcome `json:"outcome"`
	// Steps holds the answer of every step, in order. All steps are always answered.
	Steps []StepResult `json:"steps"`
}

// StepResult is the answer of one step for one person.
type StepResult struct {
	// Verdict is the answer of the step's criterion.
	Verdict Verdict `json:"verdict"`
	// Effect is what the step makes of it, after its direction and its policy for unknown.
	Effect Effect `json:"effect"`
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
