package cohort_test

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func ExampleCase() {
	// A threshold that depends on age.
	limit := cohort.Case(
		cohort.When(person.AgeOn(cohort.Index).AtLeast(80), cohort.Number(150)),
		cohort.Otherwise(cohort.Number(140)))
	high := cohort.Latest(gpes.Journal, gpes.Value1).AboveValue(limit)
	for _, born := range []string{"1945-06-01", "1945-06-02"} {
		someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate(born)))
		cohort.Append(someone, gpes.Date.Of(cohort.MustDate("2025-05-01")), gpes.Value1.Of(145))
		fmt.Println(born, answer(high, someone))
	}
	// Nobody knows which limit holds for a person of unknown age.
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"))
	cohort.Append(someone, gpes.Date.Of(cohort.MustDate("2025-05-01")), gpes.Value1.Of(145))
	fmt.Println("unknown", answer(high, someone))
	// Output:
	// 1945-06-01 no
	// 1945-06-02 yes
	// unknown unknown
}

func ExampleCoalesce() {
	// The day that an entry applies to or, when that is not recorded, the day it was typed.
	when := cohort.Coalesce(gpes.Date, gpes.RecordDate)
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"))
	cohort.Append(someone, gpes.RecordDate.Of(cohort.MustDate("2025-05-01")))
	fmt.Println(answer(gpes.Journal.Where(when.Within(cohort.Months(3), cohort.Index)).Exists(), someone))
	// Output:
	// yes
}

func ExampleIsYes() {
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001")) // of unknown age
	child := person.AgeOn(cohort.Index).Below(18)
	fmt.Println(answer(child, someone), answer(cohort.IsYes(child), someone), answer(cohort.IsUnknown(child), someone))
	// Output:
	// unknown no yes
}
