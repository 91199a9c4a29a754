package cohort_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// drawRelated draws questions about few values, so that they contradict and imply each other often.
func drawRelated(t *rapid.T, depth int) cohort.Criterion {
	switch rapid.IntRange(0, 6).Draw(t, "related") {
	case 0:
		return drawBound(t, person.AgeOn(index))
	case 1:
		return drawComparison(t, person.DateOfDeath, 0)
	case 2:
		return person.Gender.In(rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "F"}), 1, 2).Draw(t, "texts")...)
	case 3:
		return drawBound(t, drawRows(t, 1).Count())
	case 4:
		return drawCriterion(t, depth)
	default:
		if depth == 0 {
			return person.DateOfDeath.Known()
		}
		return drawCombination(t, func() cohort.Criterion { return drawRelated(t, depth-1) })
	}
}

// TestLintIsSound: what lint says of everybody is so of everybody who is drawn.
func TestLintIsSound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := []cohort.Step{registered()}
		for _, label := range []string{"a", "b", "c"} {
			step := rapid.SampledFrom([]func(string, cohort.Criterion) cohort.Step{cohort.Include, cohort.Exclude}).Draw(t, "step")
			policy := rapid.SampledFrom([]cohort.UnknownPolicy{cohort.TreatAsNo, cohort.TreatAsYes, cohort.Refer}).Draw(t, "policy")
			steps = append(steps, step(label, drawRelated(t, 2)).IfUnknown(policy))
		}
		definition, err := cohort.New("drawn", "1", steps...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind(index.Is(day))
		if err != nil {
			if plan, err = definition.Bind(); err != nil {
				t.Fatal(err)
			}
		}
		findings := plan.Lint()
		for range 8 {
			someone := drawRecord(t)
			why, err := plan.Explain(t.Context(), someone)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				checkFinding(t, why, f)
			}
		}
	})
}

func checkFinding(t *rapid.T, why *cohort.Explanation, f cohort.LintFinding) {
	before := true
	for _, step := range why.Steps[:f.Step-1] {
		before = before && step.Effect == cohort.Passes
	}
	own := why.Steps[f.Step-1]
	switch f.Rule {
	case cohort.Contradiction:
		if before && own.Effect == cohort.Passes {
			t.Errorf("someone passes: %v\n%s", f, why.Text())
		}
	case cohort.Implied:
		if before && own.Effect != cohort.Passes {
			t.Errorf("someone does not pass: %v\n%s", f, why.Text())
		}
	case cohort.NeverYes:
		neverAnswers(t, own.Finding, strings.TrimSuffix(f.Text, ": the answer is never yes"), yes)
	case cohort.NeverNo:
		neverAnswers(t, own.Finding, strings.TrimSuffix(f.Text, ": the answer is never no"), no)
	case cohort.RarelyFilled, cohort.PartlyReported, cohort.BeyondData, cohort.ReadsFuture, cohort.FixedAge, cohort.NoSuchValue:
		// The catalogue says so, and the records drawn need not keep to it.
	}
}

func neverAnswers(t *rapid.T, f cohort.Finding, question string, never cohort.Verdict) {
	if f.Question == question && f.Verdict == never {
		t.Errorf("the answer is %v: %s", never, question)
	}
	for _, part := range f.Parts {
		neverAnswers(t, part, question, never)
	}
}

// TestWitnessesOfDrawnPlans: whatever the question, every witness is what the pack says it is.
func TestWitnessesOfDrawnPlans(t *testing.T) {
	t.Parallel()
	plans := rapid.Custom(func(t *rapid.T) *cohort.Plan { return drawnPlan(t, drawCriterion(t, 2), drawIndex(t)) })
	found := 0
	for seed := range 25 {
		plan := plans.Example(seed)
		for _, step := range plan.Witnesses().Steps {
			named := map[string]cohort.Witness{}
			for _, w := range step.Witnesses {
				named[w.Name] = w
				checkWitness(t, plan, w)
			}
			for _, w := range named {
				if named[w.Twin].Twin != w.Name {
					t.Errorf("%s has no twin", w.Name)
				}
			}
			found += len(named)
		}
	}
	if found < 200 {
		t.Errorf("%d witnesses in all", found)
	}
}
