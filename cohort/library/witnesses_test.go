package library_test

import (
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
)

// TestWitnesses makes the witness pack of every cohort: each step has somebody on either side of its line, and
// somebody unknown if it can be, or the pack says why not.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	for _, entry := range library.Catalogue() {
		t.Run(entry.ID, func(t *testing.T) {
			t.Parallel()
			plan, err := entry.Plan(cohort.MustDate("2025-10-01"))
			if err != nil {
				t.Fatal(err)
			}
			pack := plan.Witnesses()
			for _, step := range pack.Steps {
				kinds := map[cohort.WitnessKind]int{}
				for _, w := range step.Witnesses {
					kinds[w.Kind]++
					if got := plan.Evaluate(w.Record); got.Steps[step.Step-1] != w.Result.Steps[step.Step-1] {
						t.Errorf("%s: the plan answers %v, the pack says %v", w.Name, got, w.Result)
					}
				}
				for _, missing := range step.Missing {
					kinds[missing.Kind]++
					if missing.Kind != cohort.Undecided || testing.Verbose() {
						t.Logf("step %d %q: nobody %v: %s", step.Step, step.Label, missing.Kind, missing.Reason)
					}
				}
				for _, kind := range []cohort.WitnessKind{cohort.Inside, cohort.Outside, cohort.Undecided} {
					if kinds[kind] == 0 {
						t.Errorf("step %d %q: nobody is %v, and nothing says why", step.Step, step.Label, kind)
					}
				}
			}
			if broken := pack.Broken(plan); len(broken) > 0 {
				t.Errorf("the plan breaks %d of its own witnesses", len(broken))
			}
		})
	}
}

// TestLint: nothing that lint finds in a cohort of this package is a look into the future or a contradiction.
// Ages on fixed days and questions that are settled on one index date are as published.
func TestLint(t *testing.T) {
	t.Parallel()
	for _, entry := range library.Catalogue() {
		plan, err := entry.Plan(cohort.MustDate("2025-03-01"))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range plan.Lint() {
			if slices.Contains([]cohort.LintRule{cohort.Contradiction, cohort.BeyondData, cohort.ReadsFuture, cohort.NoSuchValue}, found.Rule) {
				t.Errorf("%s: step %d %q: %s: %s", entry.ID, found.Step, found.Label, found.Rule, found.Text)
			}
		}
	}
}
