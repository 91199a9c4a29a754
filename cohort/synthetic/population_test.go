package synthetic_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func population(tb testing.TB, config synthetic.Config) *synthetic.Population {
	tb.Helper()
	pop, err := synthetic.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return pop
}

// everybody collects both streams.
func everybody(t *testing.T, pop *synthetic.Population) (people []synthetic.Person, records []*cohort.Record) {
	t.Helper()
	for person, err := range pop.People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, person)
	}
	for record, err := range pop.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	return people, records
}

// whole compares records by everything in them; a missing number equals a missing number.
func whole() cmp.Options {
	return cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateNaNs()}
}

func TestSameSeedSamePeople(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	config := synthetic.Config{Seed: 7, People: 300}
	people, records := everybody(t, population(t, config))
	peopleAgain, recordsAgain := everybody(t, population(t, config))
	if len(people) != 300 || len(records) != 300 {
		t.Fatalf("got %d people and %d records, want 300 of each", len(people), len(records))
	}
	if !slices.Equal(people, peopleAgain) {
		t.Error("the same seed gave other people")
	}
	if !cmp.Equal(records, recordsAgain, whole()) {
		t.Error("the same seed gave other records")
	}

	config.Seed = 8
	if others, _ := everybody(t, population(t, config)); slices.Equal(people, others) {
		t.Error("another seed gave the same people")
	}
}

func TestLargerPopulationBeginsWithSmaller(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	few, fewRecords := everybody(t, population(t, synthetic.Config{Seed: 3, People: 50}))
	many, manyRecords := everybody(t, population(t, synthetic.Config{Seed: 3, People: 200}))
	if !slices.Equal(few, many[:50]) {
		t.Error("the first people differ")
	}
	if !cmp.Equal(fewRecords, manyRecords[:50], whole()) {
		t.Error("the first records differ")
	}
}

func TestRandomAccessIsIteration(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	people, records := everybody(t, population(t, synthetic.Config{Seed: 5, People: 200}))
	pop := population(t, synthetic.Config{Seed: 5, People: 200})
	for i := range slices.Backward(people) {
		if pop.Person(i) != people[i] {
			t.Errorf("Person(%d) is not the person in that place of the stream", i)
		}
		if !cmp.Equal(pop.Record(i), records[i], whole()) {
			t.Errorf("Record(%d) is not the record in that place of the stream", i)
		}
		if records[i].Key() != people[i].Number {
			t.Errorf("person and record %d have different numbers", i)
		}
	}
}

func TestIndexOutsidePopulationPanics(t *testing.T) {
	t.Parallel()
	pop := population(t, synthetic.Config{People: 10})
	for _, i := range []int{-1, 10} {
		for name, call := range map[string]func(){
			"Person": func() { pop.Person(i) },
			"Record": func() { pop.Record(i) },
		} {
			t.Run(fmt.Sprint(name, " ", i), func(t *testing.T) {
				t.Parallel()
				defer func() {
					if got, want := recover(), fmt.Sprintf("synthetic: index %d of a population of 10", i); got != want {
						t.Errorf("panic %v, want %q", got, want)
					}
				}()
				call()
			})
		}
	}
}

func TestNumbersAreValidTestNumbersAndDistinct(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{0, 1, 7, 1 << 63} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			pop := population(t, synthetic.Config{Seed: seed, People: synthetic.MaxNumbers})
			seen := make(map[cohort.Key]bool)
			// Every 71st, and the last: indices from all over the largest population.
			for i := pop.Len() - 1; i >= 0; i -= 71 {
				key := pop.Person(i).Number
				number, err := nhs.ParseNumber(key.Reveal())
				if err != nil || !number.IsTest() {
					t.Fatalf("person %d has no valid number for test people: %v", i, err)
				}
				if seen[key] {
					t.Fatalf("person %d has a number that somebody has", i)
				}
				seen[key] = true
			}
		})
	}
}

func TestSecondNumbersLeadToTheSamePerson(t *testing.T) {
	t.Parallel()
	people, records := everybody(t, population(t, synthetic.Config{Seed: 7, People: 4000}))
	byNumber := make(map[cohort.Key]int, len(people))
	for i, person := range people {
		byNumber[person.Number] = i
	}
	for i, person := range people {
		if person.SupersededBy == (cohort.Key{}) {
			continue
		}
		first, ok := byNumber[person.SupersededBy]
		if !ok {
			t.Fatalf("person %d is superseded by nobody here", i)
		}
		person.Number, person.SupersededBy = people[first].Number, cohort.Key{}
		if person != people[first] {
			t.Errorf("persons %d and %d should differ in number only", i, first)
		}
		if records[i].Len() != records[first].Len() {
			t.Errorf("records %d and %d should differ in number only", i, first)
		}
	}
}

func TestZeroConfig(t *testing.T) {
	t.Parallel()
	people, _ := everybody(t, population(t, synthetic.Config{}))
	spelt, _ := everybody(t, population(t, synthetic.Config{People: 1000, On: cohort.MustDate("2026-11-01")}))
	if !slices.Equal(people, spelt) {
		t.Error("the zero Config is not a thousand people on 2026-11-01")
	}
}

func TestBadConfigIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config synthetic.Config
		want   string
	}{
		"fewer than none": {synthetic.Config{People: -1}, "Config.People must be from 0 to 100000000"},
		"too many":        {synthetic.Config{People: synthetic.MaxPeople + 1}, "Config.People must be from 0 to 100000000"},
		"too early":       {synthetic.Config{On: cohort.MustDate("1948-07-04")}, "Config.On must be from 1948-07-05 to 2199-12-31"},
		"too late":        {synthetic.Config{On: cohort.MustDate("2200-01-01")}, "Config.On must be from 1948-07-05 to 2199-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pop, err := synthetic.New(test.config)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("error %v, want one ending %q", err, test.want)
			}
			if pop != nil {
				t.Error("a population came with the error")
			}
		})
	}
}

func TestContextEndsStreams(t *testing.T) {
	t.Parallel()
	pop := population(t, synthetic.Config{People: 100})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	good, bad := 0, 0
	for record, err := range pop.Records(ctx) {
		switch {
		case err == nil:
			good++
		case errors.Is(err, context.Canceled) && record == nil:
			bad++
		default:
			t.Fatal(err)
		}
		if good == 3 {
			cancel()
		}
	}
	if good != 3 || bad != 1 {
		t.Errorf("%d records and %d errors, want 3 and then 1", good, bad)
	}
	for person, err := range pop.People(ctx) {
		if !errors.Is(err, context.Canceled) || person != (synthetic.Person{}) {
			t.Errorf("People after the end: error %v, want %v and nobody", err, context.Canceled)
		}
	}
}

func TestPeopleDoNotPrint(t *testing.T) {
	t.Parallel()
	pop := population(t, synthetic.Config{People: 2})
	person := pop.Person(0)
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&printed, verb, person)
		fmt.Fprintf(&printed, verb, &person)
		fmt.Fprintf(&printed, verb, []synthetic.Person{person})
	}
	for _, logger := range []*slog.Logger{
		slog.New(slog.NewTextHandler(&printed, nil)), slog.New(slog.NewJSONHandler(&printed, nil)),
	} {
		logger.Info("one", "person", person, "inside", struct{ P synthetic.Person }{person}, "record", pop.Record(0))
	}
	if err := json.NewEncoder(&printed).Encode(person); err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string]string{
		"number": person.Number.Reveal(), "family name": person.FamilyName, "given name": person.GivenName,
		"birth": person.DateOfBirth, "postcode": person.Postcode,
	} {
		if secret == "" || strings.Contains(printed.String(), secret) {
			t.Errorf("the %s was printed", what)
		}
	}
}
