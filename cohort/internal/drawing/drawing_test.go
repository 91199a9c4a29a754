package drawing_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
)

func dirt() drawing.Dirt {
	return drawing.Dirt{NotFinite: true, BeyondCalendar: true, Strangers: true, Many: 30}
}

// TestEverybodyIsAnswered: what is drawn is a plan, and people that it can be asked about.
func TestEverybodyIsAnswered(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	rapid.Check(t, func(t *rapid.T) {
		plan := drawing.Plan(t, drawing.Size{})
		keys := map[string]bool{}
		for _, someone := range drawing.People(t, 5, dirt(), plan) {
			keys[someone.Key] = true
			if got := plan.Evaluate(someone.Record()); len(got.Steps) < 2 {
				t.Fatalf("%d steps", len(got.Steps))
			}
		}
		if len(keys) != 6 {
			t.Fatalf("%d people, want 5 and a stranger", len(keys))
		}
	})
}

func TestByNumber(t *testing.T) {
	t.Parallel()
	one, again, other := drawing.Definition(1, drawing.Size{}), drawing.Definition(1, drawing.Size{}), drawing.Definition(2, drawing.Size{})
	if one.Hash() != again.Hash() || one.Hash() == other.Hash() {
		t.Error("a number is not that of one definition")
	}
	tidy := drawing.Dirt{Strangers: true, Many: 30}
	people, same := drawing.Population(1, 9, tidy, one, other), drawing.Population(1, 9, tidy, one, other)
	if len(people) != 11 || !reflect.DeepEqual(people, same) {
		t.Error("a number is not that of one population")
	}
}
