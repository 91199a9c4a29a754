package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// compare holds what the engine says of the first people against what the reference evaluator makes of their
// records, step by step, and returns how many differ.
func compare(ctx context.Context, o options, plan *cohort.Plan, store *columnar.Store, out io.Writer) (differ int, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	answers, done := iter.Pull2(columnar.Everyone(ctx, plan, store, columnar.Workers(1)))
	defer done()
	people := 0
	for record, err := range store.Records(ctx, tablesOf(plan)...) {
		if err != nil {
			return differ, err
		}
		answer, err, ok := answers()
		switch {
		case err != nil:
			return differ, err
		case !ok:
			return differ, fmt.Errorf("the engine knows %d people and the files have more", people)
		}
		want := plan.Evaluate(record)
		if answer.Key != record.Key() || answer.Outcome != want.Outcome || !slices.Equal(answer.Steps, want.Steps) {
			differ++
		}
		if people++; people == o.check {
			break
		}
	}
	fmt.Fprintf(out, "The reference evaluator agrees about %d of %d people.\n", people-differ, people)
	return differ, nil
}

// tablesOf returns the tables that a plan reads.
func tablesOf(plan *cohort.Plan) []*cohort.Table {
	var tables []*cohort.Table
	for _, use := range plan.Uses().Tables {
		for _, t := range slices.Concat(person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables()) {
			if t.Name() == use.Table {
				tables = append(tables, t)
			}
		}
	}
	return tables
}

// indexed asks again once the journal is laid out by code, and holds the counts against those of the first time.
func indexed(ctx context.Context, o options, plans []*cohort.Plan, results []*columnar.Result, out io.Writer) (differ int, err error) {
	dir := storeIn(o)
	store, err := columnar.Open(dir)
	if err != nil {
		return 0, err
	}
	if err := columnar.Index(ctx, store, []*cohort.Table{gpes.Table()}); err != nil {
		return 0, err
	}
	if store, err = columnar.Open(dir); err != nil {
		return 0, err
	}
	fmt.Fprint(out, "\n== With the journal laid out by code ==\n\n")
	for i, plan := range plans {
		begun := time.Now()
		result, err := columnar.Run(ctx, plan, store)
		if err != nil {
			return differ, err
		}
		same := "the same counts"
		if !reflect.DeepEqual(result.Attrition().Raw(), results[i].Attrition().Raw()) {
			differ++
			same = "other counts"
		}
		fmt.Fprintf(out, "%s: %s in %s\n", plan.ID(), same, pace(result.People(), result.Reading().Rows, begun))
	}
	return differ, nil
}
