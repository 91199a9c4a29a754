package cohort

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Explanation says why a plan decides as it does about one person. Except for the key, which stays
// masked, it is personal data: keep it out of logs.
type Explanation struct {
	// Key is the person.
	Key Key `json:"key"`
	// Definition and Version name the plan.
	Definition string `json:"definition"`
	Version    string `json:"version"`
	// Outcome is the decision.
	Outcome Outcome `json:"outcome"`
	// Status is what it means for inviting the person.
	Status Status `json:"status"`
	// Reasons are the steps that do not pass, in order; none for a member.
	Reasons []Reason `json:"reasons,omitempty"`
	// Own are the parameters that are each person's own, with their values for this person.
	Own []OwnValue `json:"own,omitempty"`
	// Steps explains every step, in order.
	Steps []StepExplanation `json:"steps"`
}

// OwnValue is the value, for one person, of a parameter that is each person's own.
type OwnValue struct {
	// Param is the name of the parameter.
	Param string `json:"param"`
	// Series is what its value is, in the words of [Plan.English].
	Series string `json:"series"`
	// Value is the value in words; "not known" when it is missing.
	Value string `json:"value"`
	// Evidence is what was read to find it.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// StepExplanation says what one step makes of a person.
type StepExplanation struct {
	// Label is the label of the step.
	Label string `json:"label"`
	// Code is the reason code of the step, see [Step.Code].
	Code string `json:"code"`
	// Exclude reports whether the step excludes.
	Exclude bool `json:"exclude,omitempty"`
	// Verdict is the answer of the criterion.
	Verdict Verdict `json:"verdict"`
	// Effect is what the step makes of it.
	Effect Effect `json:"effect"`
	// Turns are the answers of which each by itself, with all others as they are, would change the effect.
	Turns []Turn `json:"turns,omitempty"`
	// Finding is the criterion with its answer and its evidence.
	Finding Finding `json:"finding"`
}

// Finding is a question with its answer and what decided it.
type Finding struct {
	// Question is the question, said as a statement in the words of [Plan.English]; for one made of parts,
	// how it combines them.
	Question string `json:"question"`
	// Verdict is the answer.
	Verdict Verdict `json:"verdict"`
	// Change is what would change the answer; nil for a question that combines others.
	Change *Change `json:"change,omitempty"`
	// Parts are the findings that this one is made of.
	Parts []Finding `json:"parts,omitempty"`
	// Evidence is what was read to answer it.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is a field of the person, or an event row, that an answer rests on.
type Evidence struct {
	// Table is the name of the table.
	Table string `json:"table"`
	// Row is the position of an event row among the person's rows of that table, counting from 1; 0 for a
	// field.
	Row int `json:"row,omitempty"`
	// Values are the columns that the question reads.
	Values []NamedValue `json:"values,omitempty"`
	// Undecided marks a row that was not counted because a value in it is missing.
	Undecided bool `json:"undecided,omitempty"`
}

// NamedValue is a column and its value in words; "not known" when it is missing.
type NamedValue struct {
	// Name is the published name of the column.
	Name string `json:"name"`
	// Value is the value in words.
	Value string `json:"value"`
}

// Explain decides about one person with the reference evaluator and notes why. It fails only when the
// record is nil or ctx is done.
func (p *Plan) Explain(ctx context.Context, record *Record) (*Explanation, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cohort: Explain: %w", err)
	}
	if record == nil {
		return nil, errors.New("cohort: Explain: record is nil: pass the record of one person")
	}
	x := &Explanation{Key: record.key, Definition: p.id, Version: p.version}
	for _, each := range p.each() {
		var finding Finding
		d := evaluator{record, &finding}.value(each.of, row{})
		x.Own = append(x.Own, OwnValue{each.param, valuePhrase(each.of), d.String(), finding.Evidence})
	}
	results := make([]StepResult, len(p.steps))
	for i, step := range p.steps {
		var finding Finding
		v := evaluator{record, &finding}.verdict(step.criterion, row{})
		results[i] = StepResult{v, step.effect(v)}
		x.Steps = append(x.Steps, StepExplanation{
			Label: step.label, Code: step.reasonCode(), Exclude: step.exclude, Verdict: v, Effect: results[i].Effect,
			Turns: step.turns(finding.Parts[0]), Finding: finding.Parts[0],
		})
	}
	x.Outcome = outcomeOf(results)
	x.Status, x.Reasons = x.reasons()
	return x, nil
}

// shownRows is how many rows of evidence a text shows for one question.
const shownRows = 5

// Text returns the explanation in numbered lines. The person's key is masked; the rest is personal data.
func (x *Explanation) Text() string {
	var w outline
	w.line(0, "%v is %v: cohort %s, version %s.", x.Key, x.Outcome, x.Definition, x.Version)
	if len(x.Reasons) > 0 {
		codes := make([]string, len(x.Reasons))
		for i, reason := range x.Reasons {
			codes[i] = reason.Code
		}
		w.line(0, "%s: %s.", capital(x.Status.String()), strings.Join(codes, ", "))
	}
	for _, own := range x.Own {
		w.line(0, "The person's %s is %s: %s.", own.Param, own.Value, own.Series)
		w.allEvidence(1, own.Evidence)
	}
	for i, step := range x.Steps {
		verb := "Include"
		if step.Exclude {
			verb = "Exclude"
		}
		w.line(0, "%d. %s: %s. %s: %v.", i+1, verb, step.Label, capital(step.Verdict.String()), step.Effect)
		w.finding(1, step.Finding, step.Turns)
	}
	return w.String()
}

// Format writes a mask for every verb, so that an explanation is not logged by accident; use Text.
func (x *Explanation) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "explanation for %v: %v", x.Key, x.Outcome)
}

func (w *outline) finding(indent int, f Finding, turns []Turn) {
	w.line(indent, "%v: %s", f.Verdict, f.Question)
	for _, part := range f.Parts {
		w.finding(indent+1, part, turns)
	}
	w.allEvidence(indent+1, f.Evidence)
	for _, turn := range turns {
		if turn.Change == f.Change {
			w.turn(indent+1, turn)
		}
	}
}

func (w *outline) turn(indent int, t Turn) {
	verb := "pass"
	switch t.Effect {
	case Fails:
		verb = "fail"
	case Refers:
		verb = "refer"
	case Passes:
	}
	w.line(indent, "- would %s if %v: %s", verb, t.To, t.Change.Text)
}

func (w *outline) allEvidence(indent int, all []Evidence) {
	for i, evidence := range all {
		if i == shownRows {
			w.line(indent, "and %d more", len(all)-i)
			break
		}
		w.evidence(indent, evidence)
	}
}

func (w *outline) evidence(indent int, e Evidence) {
	values := make([]string, len(e.Values))
	for i, v := range e.Values {
		values[i] = v.Name + " " + v.Value
	}
	where := e.Table
	if e.Row > 0 {
		where = fmt.Sprintf("%s row %d", e.Table, e.Row)
	}
	undecided := ""
	if e.Undecided {
		undecided = " (undecided, not counted)"
	}
	w.line(indent, "- %s: %s%s", where, strings.Join(values, ", "), undecided)
}

// note adds rows to the evidence: those that decided the answer, with the columns that the predicates
// read and any other given, and those that could not be decided.
func (e evaluator) note(r rows, decided []int, m matches, others ...int) {
	if e.finding == nil {
		return
	}
	read := map[int]bool{r.table.order[0]: true}
	for _, predicate := range r.where {
		for part := range walk(predicate) {
			if c, ok := part.(columnValue); ok && c.table == r.table {
				read[c.column] = true
			}
		}
	}
	for _, column := range others {
		read[column] = true
	}
	for i, at := range slices.Concat(decided, m.undecided) {
		evidence := Evidence{Table: r.table.Name(), Row: at + 1, Undecided: i >= len(decided)}
		for column, info := range r.table.info.Columns {
			if read[column] {
				evidence.Values = append(evidence.Values, NamedValue{info.Name, m.frame.at(at, column).String()})
			}
		}
		e.finding.Evidence = append(e.finding.Evidence, evidence)
	}
}

func fieldEvidence(v columnValue, d datum) Evidence {
	return Evidence{Table: v.table.Name(), Values: []NamedValue{{v.info().Name, d.String()}}}
}
