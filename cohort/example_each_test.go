package cohort_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// The same criterion is asked at one day for everybody, and at the day of each person's first entry.
func ExampleParam_IsEach() {
	first := cohort.Min(gpes.Journal, gpes.Date)
	young := cohort.Define("under-65", "1.0.0", person.AgeOn(cohort.Index).Below(65))
	definition, err := cohort.New("early-start", "1",
		cohort.Include("has an entry", first.Known()),
		cohort.Include("under 65", young).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	for _, when := range []cohort.Binding{
		cohort.Index.Is(cohort.MustDate("2025-06-01")),
		cohort.Index.IsEach(first),
	} {
		plan, err := definition.Bind(when)
		if err != nil {
			log.Fatal(err)
		}
		why, err := plan.Explain(context.Background(), examplePrescriptions())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(why.Outcome)
		for line := range strings.Lines(why.Text()) {
			if strings.HasPrefix(line, "The person's index") {
				fmt.Print(line)
			}
		}
	}
	// Output:
	// not a member
	// a member
	// The person's index is 2024-09-01: the first known date over every GP journal entry.
}
