package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/library"
)

// evaluate finds the members in one pass over the files, writes who they are, and prints how each step narrows the
// population, as it may leave a secure environment.
func evaluate(ctx context.Context, o options, plan *cohort.Plan, store *columnar.Store, out io.Writer) (*columnar.Result, error) {
	file := filepath.Join(o.out, plan.ID()+".members.parquet")
	begun := time.Now()
	result, err := columnar.WriteMembers(ctx, plan, store, file)
	if err != nil {
		return nil, err
	}
	took := pace(result.People(), result.Reading().Rows, begun)
	counts, err := result.Attrition().Publish(cohort.HES())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "%v\nThe members are in %s.\n", counts, file)
	if n := len(library.Illustrative(plan)); n > 0 {
		fmt.Fprintf(out, "%d code lists are illustrations: the real ones are yours to give.\n", n)
	}
	fmt.Fprintln(out, took)
	return result, nil
}
