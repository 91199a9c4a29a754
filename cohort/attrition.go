package cohort

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Attrition counts how a plan narrows a population, step by step. The counts are of people and can
// disclose who they are: an Attrition does not print them. [Attrition.Publish] applies a disclosure
// policy; [Attrition.Raw] gives the exact numbers.
type Attrition struct {
	counts Counts
}

// Counts are exact numbers of people, for use inside the secure environment only.
//
// People = Members + Referred + the Excluded of every step; after the last step Remaining = Members +
// Referred.
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
	// Unknown is those, of the people who failed none before, for whom the criterion is unknown, whatever
	// the step then makes of it.
	Unknown int
	// Refers is those, of the same people, whom the step refers.
	Refers int
	// OnlyThis is those who fail this step and no other: without the step they would remain.
	OnlyThis int
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
	}
	return a
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
