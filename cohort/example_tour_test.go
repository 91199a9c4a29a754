package cohort_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// The definition that the language tour begins with, from the criteria to decisions about two people.
func Example() {
	hypertension, hypertensionResolved, systolic := exampleCodes("hypertension", "38341003"),
		exampleCodes("hypertension-resolved", "162659009"), exampleCodes("systolic", "271649006")
	const threshold cohort.Param[float64] = "threshold"

	upToIndex := gpes.Date.NotAfter(cohort.Index)
	diagnosed := cohort.Latest(gpes.Journal.Where(gpes.Code.In(hypertension), upToIndex), gpes.Date)
	resolved := cohort.Latest(gpes.Journal.Where(gpes.Code.In(hypertensionResolved), upToIndex), gpes.Date)
	readings := gpes.Journal.Where(gpes.Code.In(systolic), gpes.Value1.Between(50, 300),
		gpes.Date.Within(cohort.Months(12), cohort.Index))

	hasHypertension := cohort.Define("nhs.hypertension.current", "1.0.0", cohort.Any(
		cohort.IsYes(diagnosed.NotBefore(resolved)),
		cohort.All(diagnosed.Known(), cohort.Not(resolved.Known()))))

	definition, err := cohort.New("hypertension-review", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Include("has hypertension", hasHypertension),
		cohort.Include("high in the last year",
			cohort.Latest(readings, gpes.Value1).AtLeastValue(threshold)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")), threshold.Is(140))
	if err != nil {
		log.Fatal(err)
	}

	for _, resolvedOn := range []string{"2019-03-01", "2021-03-01"} {
		record := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1970-02-28")))
		cohort.Append(record, gpes.Code.Of("38341003"), gpes.Date.Of(cohort.MustDate("2020-03-01")))
		cohort.Append(record, gpes.Code.Of("162659009"), gpes.Date.Of(cohort.MustDate(resolvedOn)))
		cohort.Append(record, gpes.Code.Of("271649006"), gpes.Date.Of(cohort.MustDate("2025-03-01")), gpes.Value1.Of(152))
		fmt.Println("resolved", resolvedOn, "is", plan.Evaluate(record).Outcome)
	}
	// Output:
	// resolved 2019-03-01 is a member
	// resolved 2021-03-01 is not a member
}

func exampleCodes(id string, codes ...string) *codelist.List {
	return codelist.Must(codelist.New(codelist.Info{
		ID: id, Version: "1", System: codelist.SNOMEDCT, Source: "An illustrative subset.",
	}, codes...))
}
