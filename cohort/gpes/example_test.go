package gpes_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// Values carry no unit and some are impossible: narrow to plausible ones before taking the latest.
func Example() {
	bodyMass := codelist.Must(codelist.New(codelist.Info{
		ID: "bmi", Version: "1", System: codelist.SNOMEDCT, Source: "Body mass index, one concept.",
	}, "60621009"))
	measured := gpes.Journal.Where(
		gpes.Code.In(bodyMass),
		gpes.Value1.Between(4, 200),
		gpes.Date.NotAfter(cohort.Index),
		gpes.NotDeleted(),
	)
	definition, err := cohort.New("severe-obesity", "1",
		cohort.Include("measured", measured.Exists()),
		cohort.Include("body mass index of 40 or more", cohort.Latest(measured, gpes.Value1).AtLeast(40)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	record := cohort.NewRecord("9990000018")
	for date, value := range map[string]float64{"2023-04-05": 38.4, "2024-05-06": 41.2, "2025-03-04": 412} {
		cohort.Append(record, gpes.Code.Of("60621009"), gpes.Date.Of(cohort.MustDate(date)), gpes.Value1.Of(value))
	}
	fmt.Println(plan.Evaluate(record).Outcome)
	// Output: a member
}
