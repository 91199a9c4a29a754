package cohort_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// narrowing is a plan with an include, a referral and an exclude.
func narrowing(tb testing.TB) *cohort.Plan {
	tb.Helper()
	return bind(tb,
		registered(),
		cohort.Include("aged 40 to 74", person.AgeOn(index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Exclude("died", person.DateOfDeath.NotAfter(index)).IfUnknown(cohort.TreatAsNo))
}

// population has, in order: 9 members, 8 referred, 2 too young, 3 dead, 1 young and dead, 10 not registered
// of unknown age, and 1 referred for age but dead.
func population() []*cohort.Record {
	born := func(text string) cohort.Cell[cohort.Criterion] { return person.DateOfBirth.Of(cohort.MustDate(text)) }
	dead := person.DateOfDeath.Of(cohort.MustDate("2020-01-01"))
	var everyone []*cohort.Record
	add := func(n int, build func() *cohort.Record) {
		for range n {
			everyone = append(everyone, build())
		}
	}
	add(9, func() *cohort.Record { return record(born("1980-01-01")) })
	add(8, func() *cohort.Record { return record() })
	add(2, func() *cohort.Record { return record(born("2000-01-01")) })
	add(3, func() *cohort.Record { return record(born("1980-01-01"), dead) })
	add(1, func() *cohort.Record { return record(born("2000-01-01"), dead) })
	add(10, func() *cohort.Record { return cohort.NewRecord(nhsNumber) })
	add(1, func() *cohort.Record { return record(dead) })
	return everyone
}

func TestRun(t *testing.T) {
	t.Parallel()
	outcomes := map[cohort.Outcome]int{}
	attrition, err := narrowing(t).Run(t.Context(), people(population()...), func(r *cohort.Record, result cohort.Result) error {
		if r.Key().Reveal() != nhsNumber || len(result.Steps) != 3 {
			t.Errorf("record %v comes with %v", r, result)
		}
		outcomes[result.Outcome]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[cohort.Outcome]int{cohort.Member: 9, cohort.Referred: 8, cohort.NotMember: 17}, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	want := cohort.Counts{
		People: 34, Members: 9, Referred: 8,
		Steps: []cohort.StepCounts{
			{Label: "registered", Excluded: 10, Remaining: 24, OnlyThis: 10},
			{Label: "aged 40 to 74", Excluded: 3, Remaining: 21, Unknown: 9, Refers: 9, OnlyThis: 2},
			{Label: "died", Excluded: 4, Remaining: 17, Unknown: 17, OnlyThis: 4},
		},
	}
	if diff := cmp.Diff(want, attrition.Raw()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	attrition.Raw().Steps[0].Label = "changed"
	if attrition.Raw().Steps[0].Label != "registered" {
		t.Error("the counts can be changed from outside")
	}
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	fault := errors.New("reading failed")
	broken := func(yield func(*cohort.Record, error) bool) {
		_ = yield(record(), nil) && yield(nil, fault) && yield(record(), nil)
	}
	none := func(func(*cohort.Record, error) bool) {}
	tests := []struct {
		name   string
		done   bool // whether the context is
		people func(func(*cohort.Record, error) bool)
		each   func(*cohort.Record, cohort.Result) error
		want   error
		says   string
	}{
		{"no people", false, nil, nil, nil, "people is nil"},
		{"reading fails", false, broken, nil, fault, "person 2"},
		{"nil record", false, people(nil), nil, nil, "person 1: the record is nil"},
		{"each fails", false, people(record()), func(*cohort.Record, cohort.Result) error { return fault }, fault, "person 1"},
		{"cancelled", true, people(record()), nil, context.Canceled, "person 1"},
		{"cancelled without people", true, none, nil, context.Canceled, "cohort: Run"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.done {
				cancel()
			}
			attrition, err := narrowing(t).Run(ctx, test.people, test.each)
			if err == nil || attrition != nil || !strings.Contains(err.Error(), test.says) || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got %v, %v; want %v and %q", attrition, err, test.want, test.says)
			}
			hidden(t, "the error", fmt.Sprint(err))
		})
	}
}

func TestExplainStops(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := narrowing(t).Explain(cancelled, record()); !errors.Is(err, context.Canceled) {
		t.Errorf("Explain: got %v, want context.Canceled", err)
	}
	if _, err := narrowing(t).Explain(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "record is nil") {
		t.Errorf("Explain of nil: got %v", err)
	}
}

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

func TestPublish(t *testing.T) {
	t.Parallel()
	attrition, err := narrowing(t).Run(t.Context(), people(population()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	steps := func(rows ...[5]string) []cohort.PublishedStep {
		labels := []string{"registered", "aged 40 to 74", "died"}
		var out []cohort.PublishedStep
		for i, row := range rows {
			out = append(out, cohort.PublishedStep{labels[i], row[0], row[1], row[2], row[3], row[4]})
		}
		return out
	}
	tests := []struct {
		policy cohort.Disclosure
		want   cohort.Published
	}{
		{cohort.HES(), cohort.Published{
			Policy: "HES", People: "35", Members: "10", Referred: "10",
			Steps: steps([5]string{"10", "25", "0", "0", "10"}, [5]string{"*", "20", "10", "10", "*"}, [5]string{"*", "15", "15", "0", "*"}),
		}},
		{cohort.MHSDS(), cohort.Published{
			Policy: "MHSDS", People: "35", Members: "10", Referred: "10",
			Steps: steps([5]string{"10", "25", "*", "*", "10"}, [5]string{"*", "20", "10", "10", "*"}, [5]string{"*", "15", "15", "*", "*"}),
		}},
		// Totals add up from the rounded parts: 10 members and 10 referred make 20, and 10 excluded make 30.
		{cohort.OpenSAFELY(), cohort.Published{
			Policy: "OpenSAFELY", People: "30", Members: "10", Referred: "10",
			Steps: steps([5]string{"10", "20", "[REDACTED]", "[REDACTED]", "10"}, [5]string{"[REDACTED]", "20", "10", "10", "[REDACTED]"}, [5]string{"[REDACTED]", "20", "15", "[REDACTED]", "[REDACTED]"}),
		}},
	}
	for _, test := range tests {
		t.Run(test.policy.Name, func(t *testing.T) {
			t.Parallel()
			got, err := attrition.Publish(test.policy)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestThresholds puts every count around the thresholds through every policy.
func TestThresholds(t *testing.T) {
	t.Parallel()
	plan := bind(t, registered())
	shown := map[string][]string{}
	for n := range 14 {
		everyone := make([]*cohort.Record, n)
		for i := range everyone {
			everyone[i] = record()
		}
		attrition, err := plan.Run(t.Context(), people(everyone...), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, policy := range []cohort.Disclosure{cohort.HES(), cohort.MHSDS(), cohort.OpenSAFELY()} {
			published, err := attrition.Publish(policy)
			if err != nil {
				t.Fatal(err)
			}
			shown[policy.Name] = append(shown[policy.Name], published.Members)
		}
	}
	want := map[string][]string{
		"HES":   {"0", "*", "*", "*", "*", "*", "*", "*", "10", "10", "10", "10", "10", "15"},
		"MHSDS": {"*", "*", "*", "*", "*", "5", "5", "5", "10", "10", "10", "10", "10", "15"},
		"OpenSAFELY": {
			"[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]",
			"10", "10", "10", "10", "10", "15",
		},
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("counts 0 to 13 (-want +got):\n%s", diff)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	attrition, err := narrowing(t).Run(t.Context(), people(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, policy := range map[string]cohort.Disclosure{
		"hides nothing":  {RoundTo: 5, Mark: "*"},
		"starts late":    {HideFrom: 2, HideTo: 7, RoundTo: 5, Mark: "*"},
		"starts below":   {HideFrom: -1, HideTo: 7, RoundTo: 5, Mark: "*"},
		"no mark":        {HideTo: 7, RoundTo: 5},
		"does not round": {HideTo: 7, RoundTo: 1, Mark: "*"},
	} {
		if _, err := attrition.Publish(policy); err == nil {
			t.Errorf("a policy that %s is applied", name)
		}
	}
}
