package cohort

import (
	"errors"
	"fmt"
	"slices"
)

// UnknownPolicy says what a step does with a person for whom its criterion is unknown.
type UnknownPolicy uint8

// The policies. There is no default: a step that can be unknown must name one.
const (
	noPolicy UnknownPolicy = iota
	// TreatAsNo takes an unknown criterion as no: an Include fails, an Exclude passes.
	TreatAsNo
	// TreatAsYes takes an unknown criterion as yes: an Include passes, an Exclude fails.
	TreatAsYes
	// Refer leaves the decision to someone: unless another step fails, the person is neither a member nor
	// not a member, but [Referred].
	Refer
)

// String returns "no", "yes" or "refer".
func (p UnknownPolicy) String() string {
	switch p {
	case TreatAsNo:
		return "no"
	case TreatAsYes:
		return "yes"
	case Refer:
		return "refer"
	case noPolicy:
	}
	return ""
}

// Step is one labelled condition of a definition.
type Step struct {
	label     string
	code      string // empty unless given
	exclude   bool
	criterion node
	policy    UnknownPolicy
}

// Include makes a step that a person passes when the criterion is yes.
func Include(label string, criterion Criterion) Step {
	return Step{label: label, criterion: criterion.node}
}

// Exclude makes a step that a person passes when the criterion is no.
func Exclude(label string, criterion Criterion) Step {
	return Step{label: label, exclude: true, criterion: criterion.node}
}

// IfUnknown says what happens when the criterion is unknown. It has no effect, and is left out of texts
// and hashes, when the criterion never is. A definition that may be asked at each person's own date, see
// [Param.IsEach], does well to say it wherever that date is compared.
func (s Step) IfUnknown(policy UnknownPolicy) Step {
	s.policy = policy
	return s
}

// effect applies the step's direction and policy to the verdict of its criterion.
func (s Step) effect(v Verdict) Effect {
	if v == Unknown && s.policy == Refer {
		return Refers
	}
	if v == Unknown {
		v = VerdictOf(s.policy == TreatAsYes)
	}
	if (v == Yes) != s.exclude {
		return Passes
	}
	return Fails
}

// Definition is a checked cohort definition, perhaps with parameters still open. It is immutable and safe
// for concurrent use.
type Definition struct {
	id, version string
	steps       []Step // with the policies as stated: a plan settles which of them matter
	params      map[string]paramKind
}

// New checks a definition: the members are the people who pass every step. The error lists every fault,
// each with the step it is in and what to do about it. Among the faults:
//
//   - a step that can be unknown has no IfUnknown;
//   - a person with no records at all would be a member or referred;
//   - a code list is of another coding system than the column it is compared with;
//   - a number, day, window or set can never match or is not a value.
func New(id, version string, steps ...Step) (*Definition, error) {
	_, params, err := checkSteps(id, version, steps)
	if err != nil {
		return nil, fmt.Errorf("cohort.New: definition %q: %w", id, err)
	}
	return &Definition{id, version, slices.Clone(steps), params}, nil
}

// ID returns the name of the definition.
func (d *Definition) ID() string { return d.id }

// Version returns the version of the definition.
func (d *Definition) Version() string { return d.version }

// checkSteps validates steps and returns them with their policies settled, and the parameters they have.
func checkSteps(id, version string, steps []Step) (settled []Step, params map[string]paramKind, err error) {
	c := newChecker()
	c.name("the id", id)
	c.name("the version", version)
	if len(steps) == 0 {
		c.fault("no steps", "add at least one Include")
	}
	labels := map[string]bool{}
	for i, step := range steps {
		c.at = fmt.Sprintf("step %d %q", i+1, step.label)
		c.name("the label", step.label)
		if labels[step.label] {
			c.fault("the label is used twice", "give each step a label of its own")
		}
		labels[step.label] = true
		settled = append(settled, c.step(step))
	}
	if len(c.faults) == 0 {
		c.at = "the steps"
		if outcome := evaluateSteps(settled, NewRecord("")).Outcome; outcome != NotMember {
			c.fault(fmt.Sprintf("a person with no records would be %v", outcome),
				"add an Include that is no without records, such as being registered or having an entry")
		}
	}
	return settled, c.params, errors.Join(c.faults...)
}
