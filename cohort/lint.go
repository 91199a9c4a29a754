package cohort

import (
	"bytes"
	"fmt"
	"slices"
)

// LintRule names what a [LintFinding] is about.
type LintRule string

// The rules.
const (
	// NeverYes: a question, or a row predicate, that nobody and no row can answer with yes.
	NeverYes LintRule = "never-yes"
	// NeverNo: a question that nobody can answer with no.
	NeverNo LintRule = "never-no"
	// Contradiction: nobody who passes the steps before can pass this one.
	Contradiction LintRule = "contradiction"
	// Implied: everybody who passes the steps before passes this one too.
	Implied LintRule = "implied"
	// RarelyFilled: people pass because a field is empty that the source rarely fills.
	RarelyFilled LintRule = "rarely-filled"
	// PartlyReported: people pass because there is no row, and on some of the days not everybody reported rows.
	PartlyReported LintRule = "partly-reported"
	// BeyondData: rows are asked for of days of which the source has none.
	BeyondData LintRule = "beyond-data"
	// ReadsFuture: rows have no last day, so that one after the index date counts.
	ReadsFuture LintRule = "reads-future"
	// FixedAge: an age on a day that is written into the definition, though it has a reference date.
	FixedAge LintRule = "fixed-age"
	// NoSuchValue: a code or text that the column never holds, as the catalogue describes it.
	NoSuchValue LintRule = "no-such-value"
)

// LintFinding is something in a plan that is allowed and probably not meant.
type LintFinding struct {
	// Rule is what it is about.
	Rule LintRule `json:"rule"`
	// Step is the number of the step, counting from 1.
	Step int `json:"step"`
	// Label is the label of the step.
	Label string `json:"label"`
	// Text says what is the matter, and Fix what to do about it.
	Text string `json:"text"`
	Fix  string `json:"fix"`
}

// String returns the finding on one line.
func (f LintFinding) String() string {
	return fmt.Sprintf("step %d %q: %s: %s", f.Step, f.Label, f.Text, f.Fix)
}

// rarely is the percentage of rows below which a column counts as rarely filled.
const rarely = 20

// Lint looks for what [New] and Bind allow and a reviewer would question. Of each finding it is sure, by what
// the definition says and the catalogue declares; it does not find everything:
//
//   - Questions that always answer alike, and steps that others contradict or imply, are found by the ranges
//     of days and numbers and the sets of texts and codes that the same value is compared with. Values that are
//     compared with each other are left alone, as are conditions of which any one is enough.
//   - Fields and days are judged by [ColumnInfo] Filled, Unknowns, Values and From, and [TableInfo] From, Complete, Until and Lag,
//     where the catalogue has them. A measurement is taken for filled where rows are narrowed to some codes.
//     That people pass because there is no row is found where the source was not complete on the days asked for,
//     see [TableInfo.Complete]. What else the absence of a row means is told in words only, see
//     [TableInfo.Absence], and is for people to judge.
func (p *Plan) Lint() []LintFinding {
	l := &linter{plan: p}
	for i, step := range p.steps {
		l.step = i
		l.answersAlike(step.criterion)
		l.againstEarlier(step)
		l.emptyFields(step.criterion, step.exclude)
		for part := range walk(step.criterion) {
			switch part := part.(type) {
			case rows:
				l.days(part)
			case spanValue:
				l.age(part)
			case inCodesNode:
				l.codes(part)
			case inTextsNode:
				l.texts(part)
			}
		}
	}
	return l.found
}

type linter struct {
	plan  *Plan
	step  int
	found []LintFinding
}

func (l *linter) add(rule LintRule, fix, format string, args ...any) {
	finding := LintFinding{rule, l.step + 1, l.plan.steps[l.step].label, fmt.Sprintf(format, args...), fix}
	if !slices.Contains(l.found, finding) {
		l.found = append(l.found, finding)
	}
}

// answersAlike finds the innermost questions that have only one answer: a part of a question says more than
// the question.
func (l *linter) answersAlike(n node) {
	for part := range walk(n) {
		switch part := part.(type) {
		case rows:
			if !canMatch(part) && !slices.ContainsFunc(part.where, l.hasFixedAnswer) {
				l.add(NeverYes, "mend what the rows are narrowed to", "no %s can ever be", rowsPhrase(part))
			}
		case existsNode: // said of its rows
		case node:
			switch rule := l.fixedAnswer(part); {
			case rule == "" || l.fixedInside(part):
			case rule == NeverYes:
				l.add(rule, "mend the bounds, or leave the question out", "%s: the answer is never yes", phrase(part))
			default:
				l.add(rule, "mend the bounds, or leave the question out", "%s: the answer is never no", phrase(part))
			}
		}
	}
}

// fixedInside reports whether a question inside another has only one answer.
func (l *linter) fixedInside(outer node) bool {
	whole := encodeNode(outer)
	for part := range walk(outer) {
		if inner, ok := part.(node); ok && l.fixedAnswer(inner) != "" && !bytes.Equal(encodeNode(inner), whole) {
			return true
		}
	}
	return false
}

// hasFixedAnswer reports whether a question, or one inside it, has only one answer.
func (l *linter) hasFixedAnswer(n node) bool {
	for part := range walk(n) {
		if inner, ok := part.(node); ok && l.fixedAnswer(inner) != "" {
			return true
		}
	}
	return false
}

func (l *linter) fixedAnswer(n node) LintRule {
	switch {
	case !can(n, Yes, assumptions{}):
		return NeverYes
	case !can(n, No, assumptions{}):
		return NeverNo
	default:
		return ""
	}
}

// againstEarlier finds steps that those before contradict or imply.
func (l *linter) againstEarlier(step Step) {
	passes := VerdictOf(!step.exclude)
	if l.fixedAnswer(step.criterion) != "" {
		return
	}
	strict, loose := assumptions{}, assumptions{}
	for _, earlier := range l.plan.steps[:l.step] {
		wanted := VerdictOf(!earlier.exclude)
		loose = loose.assume(earlier.criterion, wanted)
		if !canBeUnknown(earlier.criterion) || earlier.effect(Unknown) == Fails {
			strict = strict.assume(earlier.criterion, wanted)
		}
	}
	// Whom an earlier step lets through with an unknown answer, a step that wants a known one stops.
	unknown := step.effect(Unknown)
	open := canBeUnknown(step.criterion) && !strict.settle(step.criterion)
	switch {
	case !can(step.criterion, passes, strict) && (!open || unknown != Passes),
		unknown != Passes && !can(step.criterion, passes, loose.orMissing()):
		l.add(Contradiction, "mend the bounds of one of them", "nobody who passes the steps before passes this one")
	case !can(step.criterion, passes.Not(), strict) && (!open || unknown == Passes):
		l.add(Implied, "leave it out, or mend its bounds", "everybody who passes the steps before passes this one, so it decides nothing")
	}
}
