package cohort

import (
	"fmt"
	"strconv"
	"strings"
)

// WitnessKind says on which side of a step a witness stands.
type WitnessKind uint8

// The kinds of witness.
const (
	Inside    WitnessKind = iota + 1 // the step passes, and would fail with the smallest change
	Outside                          // the step fails, and would pass with the smallest change
	Undecided                        // the criterion of the step is unknown
)

// String returns "inside", "outside" or "unknown".
func (k WitnessKind) String() string {
	switch k {
	case Inside:
		return "inside"
	case Outside:
		return "outside"
	case Undecided:
		return "unknown"
	default:
		return "kind " + strconv.Itoa(int(k))
	}
}

// MarshalText writes the kind as String does.
func (k WitnessKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Witness is a made-up person who shows where a step draws its line.
type Witness struct {
	// Name is unique in the pack, such as "step 2 inside 1"; it is also the key of Record.
	Name string `json:"name"`
	// Step is the number of the step, counting from 1.
	Step int `json:"step"`
	// Kind is the side of the step that the person is on.
	Kind WitnessKind `json:"kind"`
	// Twin is the name of a witness of another kind, who differs in one thing.
	Twin string `json:"twin"`
	// Why says what that one thing is.
	Why string `json:"why"`
	// Alone reports whether every other step passes, so that this one alone decides.
	Alone bool `json:"alone"`
	// Facts are what is in Record.
	Facts []Evidence `json:"facts"`
	// Result is the decision of the plan.
	Result Result `json:"result"`
	// Record is the person, as test data.
	Record *Record `json:"-"`
}

// MissingWitness says that no witness of a kind was found for a step.
type MissingWitness struct {
	// Kind is what was looked for.
	Kind WitnessKind `json:"kind"`
	// Reason says why there is none, or that none was found.
	Reason string `json:"reason"`
}

// StepWitnesses are the witnesses of one step.
type StepWitnesses struct {
	// Step is the number of the step, counting from 1.
	Step int `json:"step"`
	// Label is the label of the step.
	Label string `json:"label"`
	// Exclude reports whether the step excludes.
	Exclude bool `json:"exclude,omitempty"`
	// English is what [Plan.English] says of the step.
	English string `json:"english"`
	// Witnesses are the people found, in pairs: first of Inside and Outside, for each line that the step draws,
	// then of those who are Undecided and one who is not.
	Witnesses []Witness `json:"witnesses"`
	// Missing says which kinds were not found, and why.
	Missing []MissingWitness `json:"missing,omitempty"`
	// LeftOut is how many more pairs there are beyond those of the pack.
	LeftOut int `json:"leftOut,omitempty"`
}

// WitnessPack holds people just inside, just outside and unknown for every step of a plan: what a clinician
// signs, test data for every other engine, and documentation. All of them are made up.
type WitnessPack struct {
	// Definition, Version and Hash name the plan, Hash by meaning.
	Definition string `json:"definition"`
	Version    string `json:"version"`
	Hash       string `json:"hash"`
	// Steps are the witnesses of every step, in order.
	Steps []StepWitnesses `json:"steps"`
}

// Witnesses makes the witness pack of the plan.
//
// For every step it makes people up who pass and who fail, if possible with every other step passing, and
// moves each field, each value of a row and each row that the step reads to where the answer changes: to the
// day; for ages by the date of birth; to one for counts; one decimal place finer than the bounds for measured
// numbers; to another code or text. Both people of such a change are in the pack. They differ in nothing else.
// A second pair stands one further from each line, on both sides, so that a bound cannot pass for a single
// value.
//
// Every witness is decided by the reference evaluator, so none is wrong. The search is bounded and not
// exhaustive: what it does not find it says, and a step can draw lines that are in no pair, such as each
// code of a long list beyond the first. It is the same for the same plan.
func (p *Plan) Witnesses() *WitnessPack {
	pack := &WitnessPack{Definition: p.id, Version: p.version, Hash: p.Hash()}
	for i, text := range p.Steps() {
		step := StepWitnesses{Step: i + 1, Label: text.Label, Exclude: text.Exclude, English: text.English}
		p.search(i).into(&step)
		pack.Steps = append(pack.Steps, step)
	}
	return pack
}

// Broken returns the witnesses whose step another plan answers differently: with a new version of the
// definition, the lines that have moved. A plan with fewer steps breaks all witnesses of those it lacks.
func (k *WitnessPack) Broken(plan *Plan) []Witness {
	var broken []Witness
	for _, step := range k.Steps {
		for _, w := range step.Witnesses {
			got := plan.Evaluate(w.Record).Steps
			if w.Step > len(got) || got[w.Step-1] != w.Result.Steps[w.Step-1] {
				broken = append(broken, w)
			}
		}
	}
	return broken
}

// Text returns the pack for printing: every step as [Plan.English] says it, and below it the people with
// their data and the decision.
func (k *WitnessPack) Text() string {
	var w outline
	w.line(0, "Witnesses of cohort %s, version %s, meaning %s.", k.Definition, k.Version, k.Hash)
	w.line(0, "Nobody here is real: every person is made up to show where a step draws its line.")
	for _, step := range k.Steps {
		w.line(0, "")
		_, _ = w.WriteString(step.English)
		for _, person := range step.Witnesses {
			w.witness(person)
		}
		for _, gap := range step.Missing {
			w.line(1, "No person %v: %s.", gap.Kind, gap.Reason)
		}
		if step.LeftOut > 0 {
			w.line(1, "%s more left out.", plural(step.LeftOut, "pair"))
		}
	}
	return w.String()
}

func (w *outline) witness(person Witness) {
	result := person.Result.Steps[person.Step-1]
	w.line(1, "* %s, %s.", person.Name, person.Why)
	w.facts(2, person.Facts)
	w.line(2, "The answer is %v, the step %v; the person is %v%s.", result.Verdict, result.Effect, person.Result.Outcome, person.others())
}

func (w *outline) facts(indent int, facts []Evidence) {
	for _, fact := range facts {
		w.evidence(indent, fact)
	}
	if len(facts) == 0 {
		w.line(indent, "- no data")
	}
}

// others says which steps decide besides the witness's own.
func (w Witness) others() string {
	if w.Alone {
		return ""
	}
	var text strings.Builder
	for i, step := range w.Result.Steps {
		if i+1 != w.Step && step.Effect != Passes {
			fmt.Fprintf(&text, ", and step %d %v", i+1, step.Effect)
		}
	}
	return text.String()
}
