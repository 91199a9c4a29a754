package library_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

const nhsNumber = "9990000018"

// witness is somebody at a boundary of a cohort, and what becomes of them.
type witness struct {
	name   string
	record *cohort.Record
	want   cohort.Outcome
}

// boundary is a cohort on a day with some choices, and people at its boundaries. Run the tests with -v to
// have them all as a list.
type boundary struct {
	id     string // of the cohort
	about  string // the day and the choices
	plan   func() (*cohort.Plan, error)
	people []witness
}

// boundaries are those of every cohort of the package.
func boundaries() []boundary {
	return slices.Concat(
		healthCheck(), diabetesPrevention(), cvdPrevention(), hypertensionRisk(), highCholesterol(),
		covid(), flu(), rsv(), ageScreening(), cervical(), lung(), veryHighRisk(), cancerTreatment(), radiotherapy(),
		talkingTherapies(), underrepresented())
}

func TestBoundaries(t *testing.T) {
	t.Parallel()
	for _, b := range boundaries() {
		t.Run(b.id+", "+b.about, func(t *testing.T) {
			t.Parallel()
			plan, err := b.plan()
			if err != nil {
				t.Fatal(err)
			}
			if plan.ID() != b.id {
				t.Errorf("the plan is of %s", plan.ID())
			}
			for _, who := range b.people {
				t.Run(fmt.Sprintf("%s: %v", who.name, who.want), func(t *testing.T) {
					t.Parallel()
					if got := plan.Evaluate(who.record).Outcome; got != who.want {
						t.Errorf("got %v", got)
					}
				})
			}
		})
	}
}

// TestEveryCohortHasBoundaries: each has people on both sides.
func TestEveryCohortHasBoundaries(t *testing.T) {
	t.Parallel()
	found := map[string]map[cohort.Outcome]int{}
	for _, b := range boundaries() {
		if found[b.id] == nil {
			found[b.id] = map[cohort.Outcome]int{}
		}
		for _, who := range b.people {
			found[b.id][who.want]++
		}
	}
	for _, entry := range library.Catalogue() {
		if found[entry.ID][cohort.Member] == 0 || found[entry.ID][cohort.NotMember] == 0 {
			t.Errorf("%s has %v", entry.ID, found[entry.ID])
		}
	}
}

func on(text string) cohort.Date { return cohort.MustDate(text) }

// asOf binds a definition to an index date.
func asOf(day string, define func() (*cohort.Definition, error)) func() (*cohort.Plan, error) {
	return func() (*cohort.Plan, error) {
		definition, err := define()
		if err != nil {
			return nil, err
		}
		return definition.Bind(cohort.Index.Is(on(day)))
	}
}

// change is something that is so of somebody.
type change func(*cohort.Record)

// somebody is a registered woman born on the day, "" for not known, except for the changes.
func somebody(born string, changes ...change) *cohort.Record {
	r := cohort.NewRecord(nhsNumber, person.Practice.Of("A81001"), person.Gender.Of(person.Female))
	if born != "" {
		r.Set(person.DateOfBirth.Of(on(born)))
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

// is changes fields of the person.
func is(fields ...cohort.Cell[cohort.Criterion]) change {
	return func(r *cohort.Record) { r.Set(fields...) }
}

// has adds an entry to the GP journal; the code may be the name of a cluster, for the first of its codes.
func has(code, day string, more ...cohort.Cell[cohort.RowPred[gpes.Entry]]) change {
	return func(r *cohort.Record) {
		cohort.Append(r, gpes.Code.Of(coded(code)), append([]cohort.Cell[cohort.RowPred[gpes.Entry]]{gpes.Date.Of(on(day))}, more...)...)
	}
}

// reads adds an entry with a value.
func reads(code, day string, value float64) change { return has(code, day, gpes.Value1.Of(value)) }

// coded returns the first code of the cluster, or the code itself.
func coded(code string) string {
	if first, ok := firstCodes()[code]; ok {
		return first
	}
	if strings.ContainsAny(code, "_-") {
		panic("no cluster " + code)
	}
	return code
}

var firstCodes = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	for _, cluster := range library.Clusters() {
		for code := range cluster.List.Codes() {
			codes[cluster.ID] = code
			break
		}
	}
	return codes
})

// nobody are people of no cohort that asks for people who are registered and alive on the index date.
func nobody(born, day string, changes ...change) []witness {
	return []witness{
		{"not registered", somebody(born, append(changes, is(person.Practice.Of("")))...), cohort.NotMember},
		{"dummy practice", somebody(born, append(changes, is(person.Practice.Of("V81999")))...), cohort.NotMember},
		{"removed from the list", somebody(born, append(changes, is(person.ReasonForRemoval.Of("EMB")))...), cohort.NotMember},
		{"died on the day", somebody(born, append(changes, is(person.DateOfDeath.Of(on(day))))...), cohort.NotMember},
		{"died, day not known", somebody(born, append(changes, is(person.DeathStatus.Of("1")))...), cohort.NotMember},
	}
}
