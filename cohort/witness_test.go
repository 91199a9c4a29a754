package cohort_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func talkingTherapies(tb testing.TB) *cohort.Plan {
	tb.Helper()
	definition, err := library.TalkingTherapies(45, 70, person.Practice.In("A81001", "A81002"))
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(index.Is(day))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// TestWitnesses: every step of every definition here has its three kinds, or says why not.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	const never, alike = "the answer is never unknown", "it may answer alike for everybody"
	tests := []struct {
		name string
		plan *cohort.Plan
		// missing are the reasons, by step and kind.
		missing map[string]string
	}{
		{"talking therapies", talkingTherapies(t), map[string]string{
			"2 unknown": never, "4 unknown": never, "6 unknown": never,
		}},
		{"sample", sample(t), map[string]string{"4 unknown": never}},
		{"mutations", basic().plan(t), map[string]string{"4 unknown": never}},
		{"example", examplePlan(), map[string]string{"2 unknown": never}},
		{"tour", tour(t), map[string]string{
			"1 unknown": never, "2 unknown": never, "3 unknown": never, "7 unknown": never,
			// The earlier of any day and the index is never after the index.
			"10 inside": alike, "10 outside": alike, "10 unknown": never,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pack := test.plan.Witnesses()
			if pack.Hash != test.plan.Hash() || len(pack.Steps) != len(test.plan.Steps()) {
				t.Fatalf("the pack is of %s with %d steps", pack.Hash, len(pack.Steps))
			}
			for _, step := range pack.Steps {
				checkStep(t, test.plan, step, test.missing)
			}
			if broken := pack.Broken(test.plan); len(broken) > 0 {
				t.Errorf("the plan itself breaks %d witnesses", len(broken))
			}
		})
	}
}

func checkStep(t *testing.T, plan *cohort.Plan, step cohort.StepWitnesses, missing map[string]string) {
	t.Helper()
	kinds := map[cohort.WitnessKind]int{}
	named := map[string]cohort.Witness{}
	for _, w := range step.Witnesses {
		kinds[w.Kind]++
		if _, twice := named[w.Name]; twice || w.Record.Key().Reveal() != w.Name || w.Step != step.Step {
			t.Errorf("%s: the name, the key %q or the step is wrong", w.Name, w.Record.Key().Reveal())
		}
		named[w.Name] = w
		checkWitness(t, plan, w)
	}
	for _, w := range named {
		if twin, ok := named[w.Twin]; !ok || twin.Twin != w.Name || twin.Kind == w.Kind {
			t.Errorf("%s has no twin on the other side", w.Name)
		}
	}
	for _, kind := range []cohort.WitnessKind{cohort.Inside, cohort.Outside, cohort.Undecided} {
		key := fmt.Sprintf("%d %v", step.Step, kind)
		reason := ""
		for _, gap := range step.Missing {
			if gap.Kind == kind {
				reason = gap.Reason
			}
		}
		if want := missing[key]; (kinds[kind] > 0) == (reason != "") || (want == "") != (reason == "") || !strings.Contains(reason, want) {
			t.Errorf("step %s: %d witnesses, reason %q, want %q", key, kinds[kind], reason, want)
		}
	}
}

func checkWitness(t *testing.T, plan *cohort.Plan, w cohort.Witness) {
	t.Helper()
	result := plan.Evaluate(w.Record)
	if diff := cmp.Diff(result, w.Result); diff != "" {
		t.Errorf("%s: the plan decides otherwise (-plan +witness):\n%s", w.Name, diff)
	}
	own := result.Steps[w.Step-1]
	kind := cohort.Outside
	switch {
	case own.Verdict == unknown:
		kind = cohort.Undecided
	case own.Effect == cohort.Passes:
		kind = cohort.Inside
	}
	if kind != w.Kind {
		t.Errorf("%s is %v", w.Name, kind)
	}
	alone := true
	for i, step := range result.Steps {
		alone = alone && (i == w.Step-1 || step.Effect == cohort.Passes)
	}
	if alone != w.Alone || alone && kind == cohort.Inside && result.Outcome != cohort.Member {
		t.Errorf("%s: alone %v, outcome %v", w.Name, alone, result.Outcome)
	}
}

// TestWitnessesCatchMutations: whatever changes the meaning of a step breaks a witness, else the pack
// would not be worth signing.
func TestWitnessesCatchMutations(t *testing.T) {
	t.Parallel()
	pack := basic().plan(t).Witnesses()
	for name, mutate := range map[string]func(*recipe){
		"age in months":      func(r *recipe) { r.age = cohort.AgeInMonthsOn },
		"lower bound up":     func(r *recipe) { r.youngest++ },
		"lower bound down":   func(r *recipe) { r.youngest-- },
		"threshold up":       func(r *recipe) { r.threshold++ },
		"threshold down":     func(r *recipe) { r.threshold-- },
		"threshold by 0.5":   func(r *recipe) { r.threshold += 0.5 },
		"threshold by -0.5":  func(r *recipe) { r.threshold -= 0.5 },
		"operator":           func(r *recipe) { r.atLeast = cohort.NumberSeries.Above },
		"operator at most":   func(r *recipe) { r.atLeast = cohort.NumberSeries.AtMost },
		"operator below":     func(r *recipe) { r.atLeast = cohort.NumberSeries.Below },
		"operator is":        func(r *recipe) { r.atLeast = cohort.NumberSeries.Is },
		"longer window":      func(r *recipe) { r.period = cohort.Months(13) },
		"shorter window":     func(r *recipe) { r.period = cohort.Months(11) },
		"a day longer":       func(r *recipe) { r.period = cohort.Days(366) },
		"a day shorter":      func(r *recipe) { r.period = cohort.Days(364) },
		"end before":         func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].Before },
		"end on":             func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].On },
		"end not before":     func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].NotBefore },
		"end after":          func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].After },
		"index a day later":  func(r *recipe) { r.index = "2025-06-02" },
		"index a day before": func(r *recipe) { r.index = "2025-05-31" },
		"policy yes":         func(r *recipe) { r.policy = cohort.TreatAsYes },
		"policy refer":       func(r *recipe) { r.policy = cohort.Refer },
		"code removed":       func(r *recipe) { r.codes = r.codes[:1] },
		"code exchanged":     func(r *recipe) { r.codes = []string{hypertensionCode, pressureCode} },
		"practice added":     func(r *recipe) { r.practices = append(r.practices, "A81003") },
		"practice removed":   func(r *recipe) { r.practices = r.practices[:1] },
		"some of":            func(r *recipe) { r.some = 1 },
		"include":            func(r *recipe) { r.direction = cohort.Include },
		"column":             func(r *recipe) { r.column = gpes.Value2 },
		"count":              func(r *recipe) { r.some = 3 },
		"any":                func(r *recipe) { r.combine = cohort.Any[cohort.Criterion] },
		"not":                func(r *recipe) { r.negate = true },
	} {
		r := basic()
		mutate(&r)
		if len(pack.Broken(r.plan(t))) == 0 {
			t.Errorf("%s breaks no witness", name)
		}
	}
}

// TestWitnessesOf asks one question at a time, and wants a pair with these two values.
func TestWitnessesOf(t *testing.T) {
	t.Parallel()
	asthma := gpes.Journal.Where(gpes.Code.In(list(t, "asthma", asthmaCode)))
	tests := []struct {
		name            string
		criterion       cohort.Criterion
		inside, outside string
	}{
		{"day before", person.DateOfDeath.Before(index), "date_of_death: 2025-05-31", "date_of_death: 2025-06-01"},
		{"age", person.AgeOn(index).AtLeast(65), "date_of_birth: 1960-06-01", "date_of_birth: 1960-06-02"},
		{"age in months", person.AgeInMonthsOn(index).Below(6), "date_of_birth: 2024-12-02", "date_of_birth: 2024-12-01"},
		{"leap day", cohort.AgeOn(person.DateOfBirth, cohort.MustDate("2025-03-01")).AtLeast(21), "date_of_birth: 2004-03-01", "date_of_birth: 2004-03-02"},
		{"days apart", cohort.DaysBetween(person.DateOfDeath, cohort.Day(index)).AtMost(90), "date_of_death: 2025-03-03", "date_of_death: 2025-03-02"},
		{"financial year", person.DateOfDeath.Before(cohort.Day(index).StartOf(cohort.FinancialYear)), "date_of_death: 2025-03-31", "date_of_death: 2025-04-01"},
		{"whole bound", cohort.Latest(asthma, gpes.Value1).AtLeast(140), "VALUE1_CONDITION: 140", "VALUE1_CONDITION: 139.9"},
		{"bound with decimals", cohort.Latest(asthma, gpes.Value1).Above(7.25), "VALUE1_CONDITION: 7.251", "VALUE1_CONDITION: 7.25"},
		{"sum", cohort.Sum(asthma, gpes.Value1).AtMost(10), "VALUE1_CONDITION: 10", "VALUE1_CONDITION: 10.1"},
		{"count", asthma.Count().AtLeast(3), "a row like gpes.journal row 1", "no such row"},
		{"exists", asthma.Exists(), "a row like gpes.journal row 1", "no such row"},
		{"text", person.Gender.Is(person.Female), "gender: 2", "gender: 1"},
		{"known", person.LSOA.Known(), "lsoa: made-up 1", "lsoa: not known"},
		{"order of days", person.DateOfBirth.Before(person.DateOfDeath), "date_of_death: 2000-01-01", "date_of_death: 1999-12-31"},
		{"the other row", cohort.Latest(asthma, gpes.Date).After(cohort.Latest(gpes.Journal.Where(gpes.Value1.Known()), gpes.Date)), "DATE: 2000-01-02", "DATE: 2000-01-01"},
		{"a case", cohort.Case(cohort.When(person.Gender.Is(person.Male), cohort.Number(65)), cohort.Otherwise(cohort.Number(60))).AtMost(60), "gender: 2", "gender: 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			step := planOf(t, test.criterion).Witnesses().Steps[1]
			want := test.inside + "; outside with "
			var all []string
			for _, w := range step.Witnesses {
				all = append(all, w.Why)
				if w.Alone && strings.HasPrefix(w.Why, "inside with ") && strings.Contains(w.Why, want) && strings.HasSuffix(w.Why, test.outside) {
					return
				}
			}
			t.Errorf("no pair with %q and %q among:\n%s", test.inside, test.outside, strings.Join(all, "\n"))
		})
	}
}

func TestWitnessPackIsStable(t *testing.T) {
	t.Parallel()
	first, second := sample(t).Witnesses(), sample(t).Witnesses()
	if first.Text() != second.Text() {
		t.Error("two packs of one plan differ")
	}
	data, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"name":"step 2 inside 1"`, `"kind":"outside"`, `"table":"person","values":[`, `"outcome":"a member"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the data lack %s:\n%s", want, data)
		}
	}
}
