package cohort_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// The steps are the parts of the English text, and read between them what the plan reads.
func TestSteps(t *testing.T) {
	t.Parallel()
	definition, err := library.TalkingTherapies(45, 70, person.ICB.In("QZ1"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		t.Fatal(err)
	}
	steps, english := plan.Steps(), plan.English()
	read := map[string][]string{}
	for i, step := range steps {
		if !strings.Contains(english, "\n"+step.English+"\n") {
			t.Errorf("step %d is not in the text of the plan:\n%s", i+1, step.English)
		}
		if kind := map[bool]string{false: "Include", true: "Exclude"}[step.Exclude]; !strings.Contains(step.English, kind+": "+step.Label+".") {
			t.Errorf("step %d is %q, %s: %s", i+1, step.Label, kind, step.English)
		}
		for _, table := range step.Tables {
			for _, column := range table.Columns {
				if !slices.Contains(read[table.Table], column) {
					read[table.Table] = append(read[table.Table], column)
				}
			}
		}
	}
	for _, table := range plan.Uses().Tables {
		slices.Sort(read[table.Table])
		if want := slices.Sorted(slices.Values(table.Columns)); !slices.Equal(read[table.Table], want) {
			t.Errorf("the steps read %v of %s, the plan %v", read[table.Table], table.Table, want)
		}
	}
	if len(steps) != 6 || len(steps[0].Tables) != 1 || !slices.Equal(steps[0].Tables[0].Columns, []string{"date_of_birth"}) {
		t.Errorf("%d steps, of which the first reads %+v", len(steps), steps[0].Tables)
	}
}
