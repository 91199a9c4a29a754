package columnar_test

import (
	"context"
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// pressurePlan is a plan of the people aged 40 to 74 whose last systolic blood pressure is 140 or more.
func pressurePlan() *cohort.Plan {
	systolic := codelist.Must(codelist.New(codelist.Info{
		ID: "systolic", Version: "1", System: codelist.SNOMEDCT, Source: "written for this example",
	}, "271649006"))
	definition, err := cohort.New("high-blood-pressure", "1.0.0",
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Include("high", cohort.Latest(gpes.Journal.Where(gpes.Code.In(systolic)), gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	return plan
}

// three are people of 60, of 30 and of an age that is not known, each with a high reading.
func three(yield func(*cohort.Record, error) bool) {
	for i, born := range []cohort.Date{cohort.MustDate("1965-01-31"), cohort.MustDate("1995-01-31"), {}} {
		someone := cohort.NewRecord([]string{"9990000018", "9990000026", "9990000034"}[i], person.DateOfBirth.Of(born))
		cohort.Append(someone, gpes.Code.Of("271649006"), gpes.Date.Of(cohort.MustDate("2025-05-01")), gpes.Value1.Of(150))
		if !yield(someone, nil) {
			return
		}
	}
}

// A plan is run over a store of Parquet files or, as here, over a population in memory.
func ExampleRun() {
	population, err := columnar.Collect(three)
	if err != nil {
		log.Fatal(err)
	}
	result, err := columnar.Run(context.Background(), pressurePlan(), population)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("of", result.People(), "people", result.Members(), "is a member and", result.Referred(), "is referred")
	fmt.Println(result.Attrition())
	// Output:
	// of 3 people 1 is a member and 1 is referred
	// attrition (counts are hidden until a disclosure policy is applied)
}

func ExampleMembers() {
	population, err := columnar.Collect(three)
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range columnar.Members(context.Background(), pressurePlan(), population) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Key, m.Outcome) // m.Key.Reveal() is the identifier
	}
	// Output:
	// [person] a member
	// [person] referred
}

// Everyone says why somebody is no member.
func ExampleEveryone() {
	population, err := columnar.Collect(three)
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range columnar.Everyone(context.Background(), pressurePlan(), population) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Outcome, m.Steps[0].Verdict, m.Steps[1].Verdict)
	}
	// Output:
	// a member yes yes
	// not a member no yes
	// referred unknown yes
}

// A population whose columns are at hand need not become records first.
func ExampleMemory() {
	population := columnar.NewMemory([]string{"9990000018", "9990000026"})
	// Days are counted from 1970-01-01.
	if err := population.Table(person.Table(), nil, columnar.Days("date_of_birth", []int32{-1796, 9161})); err != nil {
		log.Fatal(err)
	}
	// The first person has two rows, the second one.
	journal := []columnar.Column{
		columnar.Days("DATE", []int32{20209, 19844, 20209}),
		columnar.Texts("CODE", []string{"271649006", "271649006", "271649006"}),
		columnar.Numbers("VALUE1_CONDITION", []float64{150, 130, 150}),
	}
	for _, name := range gpes.Table().Info().Order[4:] {
		journal = append(journal, columnar.Missing(name)) // they would decide which of two rows of a day is the last
	}
	if err := population.Table(gpes.Table(), []int32{0, 2, 3}, append(journal, columnar.Missing("RECORD_DATE"))...); err != nil {
		log.Fatal(err)
	}
	result, err := columnar.Run(context.Background(), pressurePlan(), population)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Members(), "of", result.People())
	// Output:
	// 1 of 2
}
