package parity_test

import (
	"context"
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

// dirt is what sources hold at their worst.
func dirt() drawing.Dirt {
	return drawing.Dirt{NotFinite: true, BeyondCalendar: true, Strangers: true, Many: 30}
}

// Fast engines are asked more definitions than slow ones, each about people of its own.
const (
	fast         = 400
	slow         = 30
	fastTogether = 1 // definitions about the same people
	slowTogether = 6
	people       = 24 // for each definition
)

// compare asks an engine what the reference evaluator is asked, and returns the first difference; empty when there is
// none.
func compare(t *testing.T, e engine, definitions []*cohort.Plan, together int) string {
	t.Helper()
	ctx := t.Context()
	for at := 0; at < len(definitions); at += together {
		plans := definitions[at:min(at+together, len(definitions))]
		p := layOut(drawing.Population(at, people*len(plans), dirt(), plans...), plans...)
		if _, ok := e.(*sqlEngine); ok {
			p.tame(plans...)
		}
		if err := e.load(ctx, p); err != nil {
			t.Fatal(err)
		}
		for _, plan := range plans {
			want, err := reference(plan, p.people)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.ask(ctx, plan)
			if err != nil {
				return err.Error() + "\n" + plan.English()
			}
			if difference := got.difference(want); difference != "" {
				return difference + "\n" + plan.English()
			}
		}
	}
	return ""
}

func TestColumnarInMemory(t *testing.T) {
	t.Parallel()
	if difference := compare(t, &memoryEngine{}, definitions(fast), fastTogether); difference != "" {
		t.Error(difference)
	}
}
