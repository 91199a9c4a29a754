package cohort

import "strconv"

// StepText is one step of a plan in words, for documents that set the plan out in another way than
// [Plan.English] does.
type StepText struct {
	// Label is the name of the step, and Exclude tells its kind.
	Label   string
	Exclude bool
	// English is what [Plan.English] says of the step: several lines, numbered as there.
	English string
	// Tables are the tables and columns that the step reads, by name.
	Tables []TableUse
}

// Steps returns the steps of the plan, in order.
func (p *Plan) Steps() []StepText {
	steps := make([]StepText, len(p.steps))
	for i, step := range p.steps {
		var w outline
		w.step(strconv.Itoa(i+1), step)
		alone := &Plan{id: p.id, version: p.version, steps: []Step{step}}
		steps[i] = StepText{Label: step.label, Exclude: step.exclude, English: w.String(), Tables: alone.Uses().Tables}
	}
	return steps
}
