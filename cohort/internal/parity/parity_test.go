package parity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
)

// engine answers plans about one population.
type engine interface {
	// load takes the place of what was loaded before.
	load(ctx context.Context, p *population) error
	ask(ctx context.Context, plan *cohort.Plan) (answers, error)
}

// trial is people, plans and what the reference evaluator answers.
type trial struct {
	people *population
	plans  []*cohort.Plan
	want   []answers
}

// How much is asked. Engines that cost more for each question are asked fewer.
const (
	many           = 400
	some           = 200
	few            = 24
	togetherOfFew  = 6  // definitions about the same people
	drawnPeople    = 24 // for each definition
	syntheticMany  = 1000
	syntheticOfFew = 100
)

// The trials are made once. The tame ones have no numbers that DuckDB and Spark refuse to add up.
//
//nolint:gochecknoglobals // what is made once for all tests
var (
	wild         = sync.OnceValues(func() ([]trial, error) { return drawn(many, 1, false) })
	tame         = sync.OnceValues(func() ([]trial, error) { return drawn(some, 1, true) })
	tameTogether = sync.OnceValues(func() ([]trial, error) { return drawn(few, togetherOfFew, true) })
	published    = sync.OnceValues(func() ([]trial, error) { return library(syntheticMany) })
	publishedFew = sync.OnceValues(func() ([]trial, error) { return library(syntheticOfFew) })
)

// drawn makes trials of n definitions that have the whole language in them. The sources are at their worst.
func drawn(n, together int, tame bool) ([]trial, error) {
	dirt := drawing.Dirt{NotFinite: true, BeyondCalendar: true, Strangers: true, Many: 30}
	plans := definitions(n)
	var trials []trial
	for at := 0; at < n; at += together {
		some := plans[at:min(at+together, n)]
		p := layOut(drawing.Population(at, drawnPeople*len(some), dirt, some...), some...)
		if tame {
			p.tame(some...)
		}
		next, err := newTrial(p, some)
		if err != nil {
			return nil, err
		}
		trials = append(trials, next)
	}
	return trials, nil
}

func newTrial(p *population, plans []*cohort.Plan) (trial, error) {
	t := trial{people: p, plans: plans}
	for _, plan := range plans {
		want, err := reference(plan, p.people)
		if err != nil {
			return trial{}, err
		}
		t.want = append(t.want, want)
	}
	return t, nil
}

// difference asks an engine what the reference evaluator was asked, and returns where they differ first; nothing when
// they agree.
func difference(ctx context.Context, e engine, make func() ([]trial, error)) string {
	trials, err := make()
	if err != nil {
		return err.Error()
	}
	for i, t := range trials {
		if err := e.load(ctx, t.people); err != nil {
			return fmt.Sprintf("trial %d is not loaded: %v", i, err)
		}
		for j, plan := range t.plans {
			got, err := e.ask(ctx, plan)
			if err != nil {
				return fmt.Sprintf("trial %d, %s: %v\n%s", i, plan.ID(), err, plan.English())
			}
			if difference := got.difference(t.want[j]); difference != "" {
				return fmt.Sprintf("trial %d, %s: %s\n%s", i, plan.ID(), difference, plan.English())
			}
		}
	}
	return ""
}

// agree fails the test when an engine does not answer trials as the reference evaluator does.
func agree(t *testing.T, e engine, trials ...func() ([]trial, error)) {
	t.Helper()
	for _, make := range trials {
		if difference := difference(t.Context(), e, make); difference != "" {
			t.Error(difference)
		}
	}
}

func TestColumnar(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]engine{
		"memory":   &memoryEngine{},
		"store":    &storeEngine{dir: t.TempDir()},
		"shuffled": &storeEngine{dir: t.TempDir(), shuffled: true},
		"indexed":  &storeEngine{dir: t.TempDir(), indexed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agree(t, e, wild, published)
		})
	}
}
