package sqlengine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// TestNested: what names its parts several times is refused before the query takes all memory.
func TestNested(t *testing.T) {
	t.Parallel()
	latest := cohort.Latest(gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index)), gpes.Date)
	shifted, edged := latest, latest
	atLeast := person.DateOfBirth.NotAfter(person.DateOfDeath)
	chosen := cohort.Case(cohort.When(atLeast, person.DateOfBirth))
	for level := range 30 {
		shifted = shifted.Plus(cohort.Months(1))
		edged = edged.StartOf(cohort.CalendarYear)
		if level < 20 {
			chosen = cohort.Case(cohort.When(chosen.Known(), latest), cohort.Otherwise(person.DateOfDeath))
		}
		atLeast = cohort.AtLeast(2, atLeast, person.Practice.Known(), person.LSOA.Known())
	}
	for name, criterion := range map[string]cohort.Criterion{
		"shifted": shifted.NotAfter(person.DateOfDeath), "edged": edged.NotAfter(person.DateOfDeath),
		"counted": atLeast, "chosen": chosen.NotAfter(person.DateOfDeath),
	} {
		plan := bind(t, cohort.Include(name, cohort.All(criterion, latest.Known())).IfUnknown(cohort.TreatAsNo))
		for _, dialect := range dialects() {
			start := time.Now()
			if _, err := sqlengine.Compile(plan, dialect); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "levels") {
				t.Errorf("%s, %v: got %v", name, dialect, err)
			}
			t.Log(name, dialect, time.Since(start))
		}
	}
}
