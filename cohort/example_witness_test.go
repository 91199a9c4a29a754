package cohort_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// A witness pack is printed for the clinician who signs the definition, and is test data for its next version.
func ExamplePlan_Witnesses() {
	pack := examplePlan().Witnesses()
	for _, w := range pack.Steps[0].Witnesses[:2] {
		fmt.Printf("%s is %v: %s\n", w.Name, w.Result.Outcome, w.Why)
	}
	fmt.Println(pack.Steps[1].Missing)

	nextYear, err := exampleDefinition().Bind(cohort.Index.Is(cohort.MustDate("2026-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a year later:", pack.Broken(nextYear)[0].Name)
	// Output:
	// step 1 inside 1 is a member: inside with person date_of_birth: 1950-06-02; outside with person date_of_birth: 1950-06-01
	// step 1 outside 1 is not a member: outside with person date_of_birth: 1950-06-01; inside with person date_of_birth: 1950-06-02
	// [{unknown the answer is never unknown}]
	// a year later: step 1 inside 1
}

func ExampleExplanation() {
	why, err := examplePlan().Explain(context.Background(), examplePerson("9990000018", "1985-06-02", "2023-01-01"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Status, why.Reasons[0].Code)
	data, err := json.MarshalIndent(why.Steps[0].Turns[0].Change, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(data))
	// Output:
	// not eligible age-40-to-74
	// {
	//   "value": "39",
	//   "bound": "40",
	//   "distance": "1",
	//   "from": "2025-06-02",
	//   "text": "it is 39, 1 below 40; at least 40 would make it yes, as it would be from 2025-06-02 on"
	// }
}

func ExamplePlan_Lint() {
	definition, err := cohort.New("over-40", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 40 or more", person.AgeOn(cohort.Index).AtLeast(40)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("adults", person.AgeOn(cohort.Index).AtLeast(18)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range plan.Lint() {
		fmt.Println(finding)
	}
	// Output:
	// step 3 "adults": nobody who passes the steps before passes this one: mend the bounds of one of them
}
