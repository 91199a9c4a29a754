package parity_test

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
)

// answers is what an engine says about everybody.
type answers struct {
	people map[string]cohort.Result
	counts *cohort.Counts // nil when they were not asked for
}

// reference is what the evaluator says that all others are compared with.
func reference(plan *cohort.Plan, people []drawing.Person) (answers, error) {
	a := answers{people: map[string]cohort.Result{}}
	attrition, err := plan.Run(context.Background(), records(people), func(record *cohort.Record, result cohort.Result) error {
		a.people[record.Key().Reveal()] = result
		return nil
	})
	if err != nil {
		return answers{}, err
	}
	a.counts = new(attrition.Raw())
	return a, nil
}

func records(people []drawing.Person) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		for _, someone := range people {
			if !yield(someone.Record(), nil) {
				return
			}
		}
	}
}

// difference tells one thing in which the answers are not as they should be; empty when there is none.
func (a answers) difference(want answers) string {
	for key, wanted := range want.people {
		got, ok := a.people[key]
		if !ok {
			return "somebody is not answered"
		}
		if got.Outcome != wanted.Outcome {
			return fmt.Sprintf("person %s is %v, want %v", key, got.Outcome, wanted.Outcome)
		}
		for i, step := range wanted.Steps {
			if got.Steps[i] != step {
				return fmt.Sprintf("person %s, step %d: %v, %v; want %v, %v",
					key, i+1, got.Steps[i].Verdict, got.Steps[i].Effect, step.Verdict, step.Effect)
			}
		}
	}
	if len(a.people) != len(want.people) {
		return fmt.Sprintf("%d people are answered, want %d", len(a.people), len(want.people))
	}
	if a.counts != nil && !reflect.DeepEqual(a.counts, want.counts) {
		return fmt.Sprintf("counts %+v\nwant   %+v", *a.counts, *want.counts)
	}
	return ""
}
