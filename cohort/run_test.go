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
