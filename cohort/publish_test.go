package cohort_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// How a step treats people for whom its criterion is unknown.
const (
	never  = "never unknown"
	fails  = "unknown fails"
	passes = "unknown passes"
	refers = "unknown refers"
)

// treating is a plan with a step for each treatment, the first of them never unknown.
func treating(tb testing.TB, treatments ...string) *cohort.Plan {
	tb.Helper()
	steps := []cohort.Step{}
	for i, treatment := range treatments {
		label := fmt.Sprintf("step %d", i+1)
		aged := person.AgeOn(index).Between(40, float64(74+i))
		steps = append(steps, map[string]cohort.Step{
			never:  cohort.Include(label, person.Practice.Known()),
			fails:  cohort.Include(label, aged).IfUnknown(cohort.TreatAsNo),
			passes: cohort.Include(label, aged).IfUnknown(cohort.TreatAsYes),
			refers: cohort.Include(label, aged).IfUnknown(cohort.Refer),
		}[treatment])
	}
	return bind(tb, steps...)
}

// world is what the numbers of a table can be: the parts, and the counts below them.
type world struct {
	members, referred       int
	excluded, unknown, only []int
}

// counts adds up the totals of a world.
func (w world) counts(treatments []string) cohort.Counts {
	counts := cohort.Counts{Members: w.members, Referred: w.referred, Steps: make([]cohort.StepCounts, len(treatments))}
	total := w.members + w.referred
	for i := len(treatments) - 1; i >= 0; i-- {
		counts.Steps[i] = cohort.StepCounts{
			Label: fmt.Sprintf("step %d", i+1), Excluded: w.excluded[i], Remaining: total, Unknown: w.unknown[i], OnlyThis: w.only[i],
		}
		if treatments[i] == refers {
			counts.Steps[i].Refers = w.unknown[i]
		}
		total += w.excluded[i]
	}
	counts.People = total
	return counts
}

// most returns the largest number of people for whom a step can be unknown.
func (w world) most(i int, treatment string) int {
	after := w.referred
	for _, n := range w.excluded[i+1:] {
		after += n
	}
	return map[string]int{never: 0, fails: w.excluded[i], passes: after + w.members, refers: after}[treatment]
}

// referable reports whether all who are referred can have been referred by a step.
func (w world) referable(treatments []string) bool {
	sum := 0
	for i, n := range w.unknown {
		if treatments[i] == refers {
			sum += n
		}
	}
	return w.referred <= sum
}

// worlds yields every world whose parts are at most max; excluded gives those of the first steps.
func worlds(treatments []string, most int, excluded ...int) func(func(world) bool) {
	n := len(treatments)
	return func(yield func(world) bool) {
		w := world{excluded: make([]int, n), unknown: make([]int, n), only: make([]int, n)}
		copy(w.excluded, excluded)
		free := []*int{&w.members}
		if slices.Contains(treatments, refers) {
			free = append(free, &w.referred)
		}
		for i := len(excluded); i < n; i++ {
			free = append(free, &w.excluded[i])
		}
		each(free, func(int) int { return most }, func() bool {
			var below []*int
			for i := range n {
				below = append(below, &w.unknown[i])
			}
			w.only[n-1] = w.excluded[n-1]
			if n > 1 && len(excluded) == 0 {
				below = append(below, &w.only[0])
			}
			limit := func(i int) int {
				if i == n {
					return w.excluded[0]
				}
				return w.most(i, treatments[i])
			}
			return each(below, limit, func() bool { return !w.referable(treatments) || yield(w) })
		})
	}
}

// each gives the numbers all values from 0 to their limits.
func each(numbers []*int, limit func(i int) int, do func() bool) bool {
	var set func(i int) bool
	set = func(i int) bool {
		if i == len(numbers) {
			return do()
		}
		for n := range limit(i) + 1 {
			*numbers[i] = n
			if !set(i + 1) {
				return false
			}
		}
		return true
	}
	return set(0)
}

// column is one count of a table that may be hidden, with its text and its exact number.
type column struct {
	name, text string
	exact      int
	total      bool
}

func columns(p *cohort.Published, c cohort.Counts) []column {
	out := []column{{"People", p.People, c.People, true}, {"Members", p.Members, c.Members, false}, {"Referred", p.Referred, c.Referred, false}}
	for i, s := range p.Steps {
		x := c.Steps[i]
		out = append(out, column{"Excluded", s.Excluded, x.Excluded, false}, column{"Remaining", s.Remaining, x.Remaining, true},
			column{"Unknown", s.Unknown, x.Unknown, false}, column{"Refers", s.Refers, x.Refers, false}, column{"OnlyThis", s.OnlyThis, x.OnlyThis, false})
	}
	return out
}

// name tells the columns of the steps apart.
func name(i int, c column) string {
	if i < 3 {
		return c.name
	}
	return c.name + " " + strconv.Itoa((i-3)/5+1)
}

// leaks plays the strongest reader: one who knows the program. For every publication it finds all worlds
// that are published so, and names the counts that the policy hides of which the reader learns more than
// that. What is fixed in all worlds is left out. At most one leak is returned for each count.
func leaks(policy cohort.Disclosure, all func(func(world) bool), fixed, treatments []string, publish func(cohort.Counts) *cohort.Published) map[string]string {
	type view struct {
		columns []column
		values  []map[int]bool
		hides   []bool // the policy, in some world
	}
	views, found := map[string]*view{}, map[string]string{}
	for w := range all {
		counts := w.counts(treatments)
		cells := columns(publish(counts), counts)
		var key strings.Builder
		for _, c := range cells {
			key.WriteString(c.text)
			key.WriteByte('|')
		}
		v := views[key.String()]
		if v == nil {
			v = &view{cells, make([]map[int]bool, len(cells)), make([]bool, len(cells))}
			views[key.String()] = v
		}
		for i, c := range cells {
			if !holds(c.text, c.exact, policy) {
				found["a lie"] = fmt.Sprintf("%s of %d is %q", name(i, c), c.exact, c.text)
			}
			if c.exact >= policy.HideFrom && c.exact <= policy.HideTo && c.text != "0" {
				v.hides[i] = true
			}
			if v.values[i] == nil {
				v.values[i] = map[int]bool{}
			}
			v.values[i][c.exact] = true
		}
	}
	for key, v := range views {
		for i, c := range v.columns {
			at := name(i, c)
			if !v.hides[i] || slices.Contains(fixed, at) {
				continue
			}
			if c.total { // its parts may say that it is at least so much, but leave as much open
				if len(v.values[i]) <= policy.HideTo-policy.HideFrom {
					found[at] = fmt.Sprintf("%s: only %v", key, v.values[i])
				}
				continue
			}
			for n := policy.HideFrom; n <= policy.HideTo; n++ {
				if !v.values[i][n] {
					found[at] = fmt.Sprintf("%s: not %d", key, n)
				}
			}
		}
	}
	return found
}

// publisher publishes counts under a policy, and maybe changes something.
func publisher(tb testing.TB, policy cohort.Disclosure, change func(*cohort.Published, cohort.Counts), treatments ...string) func(cohort.Counts) *cohort.Published {
	tb.Helper()
	plan := treating(tb, treatments...)
	return func(c cohort.Counts) *cohort.Published {
		attrition, err := plan.Attrition(c)
		if err != nil {
			tb.Fatal(err)
		}
		published, err := attrition.Publish(policy)
		if err != nil {
			tb.Fatal(err)
		}
		if change != nil {
			change(published, c)
		}
		return published
	}
}

// rounded shows a count by the policy alone.
func rounded(policy cohort.Disclosure, n int) string {
	if n >= policy.HideFrom && n <= policy.HideTo {
		return policy.Mark
	}
	return strconv.Itoa((n + policy.RoundTo/2) / policy.RoundTo * policy.RoundTo)
}

// small are policies under which small tables hold everything that matters.
func small() []cohort.Disclosure {
	return []cohort.Disclosure{
		{Name: "from 1", HideFrom: 1, HideTo: 2, RoundTo: 3, Mark: "*"},
		{Name: "from 0", HideFrom: 0, HideTo: 2, RoundTo: 2, Mark: "*"},
		{Name: "sums", HideFrom: 0, HideTo: 2, RoundTo: 3, Mark: "*", SumRounded: true},
	}
}

// TestNothingLeaks publishes every small table under every small policy.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		treatments []string
		most       int
		excluded   []int // of the first steps, in all worlds
	}{
		{[]string{never}, 9, nil},
		{[]string{never, never}, 6, nil},
		{[]string{never, fails}, 5, nil},
		{[]string{never, passes}, 5, nil},
		{[]string{never, refers}, 5, nil},
		{[]string{never, passes, never}, 5, []int{0}},
		{[]string{never, refers, never}, 5, []int{4}},
		{[]string{never, refers, fails}, 4, []int{4}},
		{[]string{never, refers, passes}, 4, []int{4}},
		{[]string{never, refers, refers}, 4, []int{0}},
		{[]string{never, refers, refers, refers}, 4, []int{0, 0, 0}},
		{[]string{never, refers, refers, never}, 4, []int{0, 4}},
	}
	for _, policy := range small() {
		for _, test := range tests {
			t.Run(fmt.Sprint(policy.Name, test.treatments), func(t *testing.T) {
				t.Parallel()
				var fixed []string
				for i := range test.excluded {
					fixed = append(fixed, fmt.Sprintf("Excluded %d", i+1))
				}
				if len(fixed) > 0 {
					for i := range test.treatments[1:] {
						fixed = append(fixed, fmt.Sprintf("OnlyThis %d", i+1))
					}
				}
				all := worlds(test.treatments, test.most, test.excluded...)
				for at, leak := range leaks(policy, all, fixed, test.treatments, publisher(t, policy, nil, test.treatments...)) {
					t.Errorf("%s can be told: %s", at, leak)
				}
			})
		}
	}
}

// TestNothingIsHiddenInVain shows, by the policy alone, one count that is otherwise hidden because of
// others: then something leaks. It also shows that the reader of these tests can read.
func TestNothingIsHiddenInVain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		treatments []string
		excluded   []int
		show       func(*cohort.Published, cohort.Counts, func(int) string)
	}{
		{"everyone", []string{never, never}, nil, func(p *cohort.Published, c cohort.Counts, show func(int) string) { p.People = show(c.People) }},
		{"remaining before the last", []string{never, never}, nil, func(p *cohort.Published, c cohort.Counts, show func(int) string) {
			p.Steps[0].Remaining = show(c.Steps[0].Remaining)
		}},
		{"remaining", []string{never, refers}, nil, func(p *cohort.Published, c cohort.Counts, show func(int) string) {
			p.Steps[1].Remaining = show(c.Steps[1].Remaining)
		}},
		{"unknown and passing", []string{never, passes, never}, []int{0}, func(p *cohort.Published, c cohort.Counts, show func(int) string) {
			p.Steps[1].Unknown = show(c.Steps[1].Unknown)
		}},
		{"referred by a step", []string{never, refers, never}, []int{0}, func(p *cohort.Published, c cohort.Counts, show func(int) string) {
			p.Steps[1].Unknown, p.Steps[1].Refers = show(c.Steps[1].Unknown), show(c.Steps[1].Refers)
		}},
		{"referred in the end", []string{never, refers, refers}, []int{0}, func(p *cohort.Published, c cohort.Counts, show func(int) string) { p.Referred = show(c.Referred) }},
	}
	for _, policy := range []cohort.Disclosure{
		{Name: "from 1", HideFrom: 1, HideTo: 3, RoundTo: 2, Mark: "*"},
		{Name: "from 0", HideFrom: 0, HideTo: 2, RoundTo: 2, Mark: "*"},
	} {
		for _, test := range tests {
			t.Run(policy.Name+" "+test.name, func(t *testing.T) {
				t.Parallel()
				show := func(p *cohort.Published, c cohort.Counts) {
					test.show(p, c, func(n int) string { return rounded(policy, n) })
				}
				all := worlds(test.treatments, policy.HideTo+2, test.excluded...)
				fixed := []string{"Excluded 1", "OnlyThis 1", "OnlyThis 2"}
				if test.excluded == nil {
					fixed = nil
				}
				if len(leaks(policy, all, fixed, test.treatments, publisher(t, policy, show, test.treatments...))) == 0 {
					t.Error("nothing leaks: it need not be hidden")
				}
			})
		}
	}
}
