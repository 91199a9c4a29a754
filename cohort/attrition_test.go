package cohort_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestAttritionIsHidden(t *testing.T) {
	t.Parallel()
	attrition, err := narrowing(t).Run(t.Context(), people(population()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		if text := fmt.Sprintf(verb, attrition); strings.ContainsAny(text, "0123456789") {
			t.Errorf("%s prints counts: %s", verb, text)
		}
	}
	if text := attrition.LogValue().String(); strings.ContainsAny(text, "0123456789") {
		t.Errorf("logs print counts: %s", text)
	}
}

func TestAttritionOfCounts(t *testing.T) {
	t.Parallel()
	plan := narrowing(t)
	attrition, err := plan.Run(t.Context(), people(population()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := attrition.Raw()
	again, err := plan.Attrition(counts)
	if err != nil {
		t.Fatal(err)
	}
	counts.Steps[0].Label = "changed"
	if diff := cmp.Diff(attrition.Raw(), again.Raw()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAttritionRefuses(t *testing.T) {
	t.Parallel()
	// Of 100 people 40 are excluded by the first step, which is never unknown, 20 by the second, which
	// excludes people for whom it is unknown, 10 by the third, which refers, and 5 by the last, which keeps.
	treatments := []string{never, fails, refers, passes}
	good := world{20, 5, []int{40, 20, 10, 5}, []int{0, 15, 8, 25}, []int{7, 8, 9, 5}}
	tests := []struct {
		name   string
		change func(*cohort.Counts)
		want   string
	}{
		{"nothing", func(*cohort.Counts) {}, ""},
		{"a step is missing", func(c *cohort.Counts) { c.Steps = c.Steps[1:] }, "3 steps are counted and the plan has 4"},
		{"steps in another order", func(c *cohort.Counts) { c.Steps[0].Label = "step 2" }, `step 1 "step 1": it is counted as "step 2"`},
		{"negative outcome", func(c *cohort.Counts) { c.Members, c.Referred = -1, 26 }, "negative"},
		{"negative count", func(c *cohort.Counts) { c.Steps[0].OnlyThis = -1 }, `step 1 "step 1": a count is negative`},
		{"people too many", func(c *cohort.Counts) { c.People++ }, `step 1 "step 1": Remaining`},
		{"excluded too many", func(c *cohort.Counts) { c.Steps[1].Excluded++ }, `step 2 "step 2": Remaining`},
		{"members too many", func(c *cohort.Counts) { c.Members++ }, "after the last step"},
		{"unknown that cannot be", func(c *cohort.Counts) { c.Steps[0].Unknown = 1 }, `step 1 "step 1": Unknown`},
		{"unknown and not excluded", func(c *cohort.Counts) { c.Steps[1].Unknown = 21 }, `step 2 "step 2": Unknown`},
		{"unknown among members", func(c *cohort.Counts) { c.Steps[2].Unknown, c.Steps[2].Refers = 11, 11 }, `step 3 "step 3": Unknown`},
		{"unknown and not remaining", func(c *cohort.Counts) { c.Steps[3].Unknown = 26 }, `step 4 "step 4": Unknown`},
		{"unknown not referred", func(c *cohort.Counts) { c.Steps[2].Refers = 7 }, `step 3 "step 3": Refers`},
		{"referred by a step that does not", func(c *cohort.Counts) { c.Steps[3].Refers = 1 }, `step 4 "step 4": Refers`},
		{"only this and not excluded", func(c *cohort.Counts) { c.Steps[1].OnlyThis = 21 }, `step 2 "step 2": OnlyThis`},
		{"another fails after the last", func(c *cohort.Counts) { c.Steps[3].OnlyThis = 4 }, `step 4 "step 4": OnlyThis`},
		{"referred by no step", func(c *cohort.Counts) { c.Steps[2].Unknown, c.Steps[2].Refers = 4, 4 }, "more are Referred"},
	}
	plan := treating(t, treatments...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			counts := good.counts(treatments)
			test.change(&counts)
			attrition, err := plan.Attrition(counts)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || attrition != nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestCountsOfPeople: the counts that Attrition takes are those that some people give, and no others. What
// a reader of a publication can tell rests on this.
func TestCountsOfPeople(t *testing.T) {
	t.Parallel()
	plan := bind(t,
		cohort.Include("step 1", person.AgeOn(index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Exclude("step 2", person.DateOfDeath.NotAfter(index)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("step 3", person.Gender.In(person.Female)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("step 4", person.Practice.Known()))
	treatments := []string{refers, passes, fails, never}
	const most = 2

	// Everybody there can be, as the steps see them.
	var kinds []*cohort.Record
	for _, born := range []string{"", "1980-01-01", "2000-01-01"} {
		for _, died := range []string{"", "2020-01-01", "2030-01-01"} {
			for _, gender := range []string{"", person.Female, person.Male} {
				for _, practice := range []string{"", "A81001"} {
					kinds = append(kinds, cohort.NewRecord(nhsNumber, person.DateOfBirth.Of(date(born)), person.DateOfDeath.Of(date(died)),
						person.Gender.Of(gender), person.Practice.Of(practice)))
				}
			}
		}
	}
	given := map[string]bool{}
	count := func(records ...*cohort.Record) {
		attrition, err := plan.Run(t.Context(), people(records...), nil)
		if err != nil {
			t.Fatal(err)
		}
		given[fmt.Sprint(attrition.Raw())] = true
	}
	count()
	for i, one := range kinds {
		count(one)
		for _, other := range kinds[i:] {
			count(one, other)
		}
	}

	taken := map[string]bool{}
	n := len(treatments)
	w := world{excluded: make([]int, n), unknown: make([]int, n), only: make([]int, n)}
	var numbers []*int
	for _, some := range [][]*int{{&w.members, &w.referred}, pointers(w.excluded), pointers(w.unknown), pointers(w.only)} {
		numbers = append(numbers, some...)
	}
	each(numbers, func(i int) int {
		left := most
		for _, part := range numbers[:min(i, 2+n)] {
			left -= *part
		}
		if i < 2+n { // a part
			return left
		}
		return most
	}, func() bool {
		counts := w.counts(treatments)
		if _, err := plan.Attrition(counts); err == nil && counts.People <= most {
			taken[fmt.Sprint(counts)] = true
		}
		return true
	})
	if diff := cmp.Diff(given, taken); diff != "" || len(given) < 50 {
		t.Errorf("%d counts (-given +taken):\n%s", len(given), diff)
	}
}
