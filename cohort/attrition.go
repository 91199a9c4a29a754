package cohort

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Attrition counts how a plan narrows a population, step by step. The counts are of people and can
// disclose who they are: an Attrition does not print them. [Attrition.Publish] applies a disclosure
// policy; [Attrition.Raw] gives the exact numbers. [Plan.Run] makes one, and [Plan.Attrition] makes one of
// counts from elsewhere.
type Attrition struct {
	counts Counts
	// treats says, step by step, what becomes of people for whom the criterion is unknown. It stands in
	// the definition, so whoever reads a publication knows it, too.
	treats []treatment
}

// treatment is what a step does with people for whom its criterion is unknown.
type treatment uint8

const (
	unknownNever treatment = iota // the criterion never is
	unknownFails
	unknownPasses
	unknownRefers
)

// Counts are exact numbers of people, for use inside the secure environment only.
//
// People = Members + Referred + the Excluded of every step. Each step's Remaining is the one before it, or
// People, less its Excluded; after the last step it is Members + Referred. Nothing fails after the last
// step, so its OnlyThis is its Excluded.
type Counts struct {
	// People is everyone considered.
	People int
	// Members, Referred: the outcomes. The others are not members.
	Members, Referred int
	// Steps counts each step, in order.
	Steps []StepCounts
}

// StepCounts counts what one step does with the people who failed none before it.
type StepCounts struct {
	// Label is the label of the step.
	Label string
	// Excluded is those who fail this step, and none before it.
	Excluded int
	// Remaining is those who fail neither this step nor any before it.
	Remaining int
	// Unknown is those, of the people who failed none before, for whom the criterion is unknown: they are
	// among Excluded, or among Remaining, as the step treats unknown.
	Unknown int
	// Refers is those, of the same people, whom the step refers: all of Unknown, or nobody.
	Refers int
	// OnlyThis is those who fail this step and no other: without the step they would remain.
	OnlyThis int
}

// Attrition makes the attrition of the plan out of counts that an engine has made, so that they too leave
// only through a disclosure policy. Counts that no population can have, or with other labels than the
// plan's steps, are refused: the engine is wrong. The error says which, and tells no count.
func (p *Plan) Attrition(counts Counts) (*Attrition, error) {
	a := newAttrition(p)
	if err := a.check(counts); err != nil {
		return nil, fmt.Errorf("cohort: Attrition: %w", err)
	}
	a.counts = counts
	a.counts = a.Raw()
	return a, nil
}

// Raw returns the exact counts. They must not leave the secure environment; see [Attrition.Publish].
func (a *Attrition) Raw() Counts {
	counts := a.counts
	counts.Steps = slices.Clone(counts.Steps)
	return counts
}

// Format writes no counts, for any verb.
func (a *Attrition) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "attrition (counts are hidden until a disclosure policy is applied)")
}

// LogValue gives structured logs no counts.
func (a *Attrition) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(a)) }

func newAttrition(p *Plan) *Attrition {
	a := &Attrition{}
	for _, step := range p.steps {
		a.counts.Steps = append(a.counts.Steps, StepCounts{Label: step.label})
		a.treats = append(a.treats, step.treatment())
	}
	return a
}

func (s Step) treatment() treatment {
	if s.policy == noPolicy {
		return unknownNever
	}
	switch s.effect(Unknown) {
	case Refers:
		return unknownRefers
	case Passes:
		return unknownPasses
	case Fails:
	}
	return unknownFails
}

// check reports what no run of the plan can have counted.
func (a *Attrition) check(counts Counts) error {
	if len(counts.Steps) != len(a.treats) {
		return fmt.Errorf("%d steps are counted and the plan has %d", len(counts.Steps), len(a.treats))
	}
	if counts.People < 0 || counts.Members < 0 || counts.Referred < 0 {
		return errors.New("a count is negative")
	}
	remaining, refers := counts.People, 0
	for i, step := range counts.Steps {
		remaining -= step.Excluded
		refers += step.Refers
		if problem := a.checkStep(i, step, remaining, counts.Members); problem != "" {
			return fmt.Errorf("step %d %q: %s", i+1, a.counts.Steps[i].Label, problem)
		}
	}
	switch {
	case remaining != counts.Members+counts.Referred:
		return errors.New("after the last step, not Members and Referred remain")
	case counts.Referred > refers:
		return errors.New("more are Referred than the steps refer")
	default:
		return nil
	}
}

func (a *Attrition) checkStep(i int, step StepCounts, remaining, members int) string {
	most := [...]int{unknownNever: 0, unknownFails: step.Excluded, unknownPasses: step.Remaining, unknownRefers: step.Remaining - members}
	refers := 0
	if a.treats[i] == unknownRefers {
		refers = step.Unknown
	}
	last := i == len(a.treats)-1
	switch {
	case step.Label != a.counts.Steps[i].Label:
		return fmt.Sprintf("it is counted as %q", step.Label)
	case step.Excluded < 0 || step.Remaining < 0 || step.Unknown < 0 || step.OnlyThis < 0:
		return "a count is negative"
	case step.Remaining != remaining:
		return "Remaining is not what remained before less Excluded"
	case step.Unknown > most[a.treats[i]]:
		return "Unknown is more than it can be, as the step treats unknown"
	case step.Refers != refers:
		return "Refers is neither all of Unknown, where the step refers, nor else nobody"
	case step.OnlyThis > step.Excluded || last && step.OnlyThis != step.Excluded:
		return "OnlyThis is not among Excluded or, for the last step, not all of it"
	default:
		return ""
	}
}

// add counts one person.
func (a *Attrition) add(result Result) {
	a.counts.People++
	switch result.Outcome {
	case Member:
		a.counts.Members++
	case Referred:
		a.counts.Referred++
	case NotMember:
	}
	failed := 0
	for i, step := range result.Steps {
		counts := &a.counts.Steps[i]
		if failed == 0 {
			if step.Verdict == Unknown {
				counts.Unknown++
			}
			switch step.Effect {
			case Fails:
				counts.Excluded++
			case Refers:
				counts.Refers++
				counts.Remaining++
			case Passes:
				counts.Remaining++
			}
		}
		if step.Effect == Fails {
			failed++
		}
	}
	if failed == 1 {
		only := slices.IndexFunc(result.Steps, func(s StepResult) bool { return s.Effect == Fails })
		a.counts.Steps[only].OnlyThis++
	}
}
