package cohort_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// answer asks one criterion about one person, as at 1 June 2025.
func answer(criterion cohort.Criterion, someone *cohort.Record) cohort.Verdict {
	definition, err := cohort.New("example", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("asked", criterion).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		plan, err = definition.Bind() // the criterion has no index date
	}
	if err != nil {
		log.Fatal(err)
	}
	return plan.Evaluate(someone).Steps[1].Verdict
}

// examplePrescriptions is a person with a repeat medicine, dispensed on five days.
func examplePrescriptions() *cohort.Record {
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1960-02-29")))
	for i, day := range []string{"2024-09-01", "2024-09-04", "2024-09-06", "2025-02-10", "2025-02-12"} {
		cohort.Append(someone, gpes.Date.Of(cohort.MustDate(day)), gpes.Quantity.Of([]float64{0.1, 0.2, 28, 28, 56}[i]))
	}
	cohort.Append(someone, gpes.Quantity.Of(28)) // nobody knows when
	return someone
}

func ExampleRows_Episodes() {
	// A gap of more than three days begins another course.
	courses := gpes.Journal.Episodes(cohort.Days(3))
	fmt.Println(answer(courses.Is(2), examplePrescriptions()))
	fmt.Println(answer(gpes.Journal.Episodes(cohort.Days(2)).Is(3), examplePrescriptions()))
	// Output:
	// yes
	// yes
}

func ExampleSum() {
	early := gpes.Journal.Where(gpes.Date.Before(cohort.MustDate("2024-09-05")))
	fmt.Println(answer(cohort.Sum(early, gpes.Quantity).Is(0.3), examplePrescriptions())) // exactly
	fmt.Println(answer(cohort.Sum(gpes.Journal, gpes.DailyDose).AtLeast(1), examplePrescriptions()))
	// Output:
	// yes
	// unknown
}

func ExampleCountDistinct() {
	fmt.Println(answer(cohort.CountDistinct(gpes.Journal, gpes.Date).Is(5), examplePrescriptions()))
	fmt.Println(answer(cohort.CountDistinct(gpes.Journal, gpes.Quantity).Is(4), examplePrescriptions()))
	// Output:
	// yes
	// yes
}

func ExampleMax() {
	fmt.Println(answer(cohort.Max(gpes.Journal, gpes.Quantity).AtLeast(56), examplePrescriptions()))
	fmt.Println(answer(cohort.Max(gpes.Journal, gpes.Date).Within(cohort.Months(6), cohort.Index), examplePrescriptions()))
	// Output:
	// yes
	// yes
}
