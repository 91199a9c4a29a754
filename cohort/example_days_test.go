package cohort_test

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func ExampleDay() {
	// From 455 to 211 days before the index date.
	today := cohort.Day(cohort.Index)
	window := gpes.Date.Between(today.Minus(cohort.Days(455)), today.Minus(cohort.Days(211)))
	fmt.Println(answer(gpes.Journal.Where(window).Exists(), examplePrescriptions()))
	// The screening year that the index date falls in.
	year := gpes.Date.Between(today.StartOf(cohort.FinancialYear), today.EndOf(cohort.FinancialYear))
	fmt.Println(answer(gpes.Journal.Where(year).Exists(), examplePrescriptions()))
	// Output:
	// yes
	// no
}

func ExampleDateValue_Plus() {
	// At least eight years after the first entry, and over 25.
	begun := cohort.Min(gpes.Journal, gpes.Date)
	due := cohort.All(
		begun.Plus(cohort.Years(8)).NotAfter(cohort.Index),
		person.DateOfBirth.Plus(cohort.Years(25)).NotAfter(cohort.Index))
	fmt.Println(answer(due, examplePrescriptions()))
	// Output:
	// no
}

func ExampleInOrder() {
	// Entries typed on the day they apply to, or later, and within 28 days.
	prompt := gpes.Journal.Where(
		cohort.InOrder(gpes.Date, gpes.RecordDate),
		cohort.DaysBetween(gpes.Date, gpes.RecordDate).AtMost(28))
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"))
	cohort.Append(someone, gpes.Date.Of(cohort.MustDate("2025-02-03")), gpes.RecordDate.Of(cohort.MustDate("2025-03-03")))
	cohort.Append(someone, gpes.Date.Of(cohort.MustDate("1998-02-03")), gpes.RecordDate.Of(cohort.MustDate("2023-03-03")))
	fmt.Println(answer(prompt.Count().Is(1), someone))
	// Output:
	// yes
}

func ExampleAgeAt() {
	// A repeat medicine before the age of 65.
	early := gpes.Journal.Where(cohort.AgeAt(person.DateOfBirth, gpes.Date).Below(65))
	fmt.Println(answer(early.Count().Is(5), examplePrescriptions()))
	// Output:
	// yes
}

func ExampleNumberValue_AboveValue() {
	// The latest quantity is more than the first.
	first, last := cohort.Earliest(gpes.Journal, gpes.Quantity), cohort.Latest(gpes.Journal, gpes.Quantity)
	fmt.Println(answer(last.AboveValue(first), examplePrescriptions()))
	// Output:
	// yes
}
