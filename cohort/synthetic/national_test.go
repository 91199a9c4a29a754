package synthetic_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func equals(values ...string) func(string) bool {
	return func(cell string) bool { return slices.Contains(values, cell) }
}

// A person has as many rows as in England.
func TestNationalRows(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	config := synthetic.Config{Seed: 3, People: 1000, On: on(), Rows: synthetic.National()}
	dir := written(t, config, synthetic.Files{})
	for name, want := range synthetic.National() {
		// Care is uneven: a person's rows vary by about their mean.
		got, within := float64(len(readTable(t, dir, name))-1)/float64(config.People), 0.1*want+0.01
		switch {
		case strings.HasPrefix(name, "sact."), strings.HasPrefix(name, "rtds."):
			within = 0.5*want + 0.05 // few people have any
		case name == "hes.ae":
			within = 0.15 * want // who was born too late has none
		}
		if math.Abs(got-want) > within {
			t.Errorf("%s: %.3f rows a person, want %.3f within %.3f", name, got, want, within)
		}
	}
}

// Published cohorts find somebody, with the short code lists of package library.
func TestCohortsAreNotEmpty(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	rows := synthetic.National().Times(0.066)
	for _, unasked := range []string{"hes.op", "hes.ae", "hes.ecds", "hes.cc"} {
		delete(rows, unasked)
	}
	pop := population(t, synthetic.Config{Seed: 7, People: 20000, On: on(), Rows: rows})
	empty := make(map[string]*cohort.Plan)
	for _, e := range library.Catalogue() {
		index := extractDay()
		if e.ID == "rsv-75to79-2024" { // a programme that is over
			index = cohort.MustDate("2025-06-01")
		}
		plan, err := e.Plan(index)
		if err != nil {
			t.Fatal(err)
		}
		empty[e.ID] = plan
	}
	for record, err := range pop.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(empty, func(_ string, plan *cohort.Plan) bool { return plan.Evaluate(record).Outcome == cohort.Member })
		if len(empty) == 0 {
			return
		}
	}
	t.Errorf("nobody is in %v", slices.Sorted(maps.Keys(empty)))
}
