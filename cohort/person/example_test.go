package person_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func ExampleAgeOn() {
	definition, err := cohort.New("women-of-50", "1",
		cohort.Include("aged 50 to 70", person.AgeOn(cohort.Index).Between(50, 70)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("women", person.Gender.Is(person.Female)).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	born := person.DateOfBirth.Of(cohort.MustDate("1954-06-02"))
	fmt.Println(plan.Evaluate(cohort.NewRecord("9990000018", born, person.Gender.Of(person.Female))).Outcome)
	fmt.Println(plan.Evaluate(cohort.NewRecord("9990000018", born, person.Gender.Of("9"))).Outcome)
	// Output:
	// a member
	// referred
}

func ExampleSchoolAge() {
	definition, err := cohort.New("flu-young-children", "1",
		cohort.Include("aged 2 or 3 on 31 August", person.SchoolAge(cohort.Index).Between(2, 3)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-10-15")))
	if err != nil {
		log.Fatal(err)
	}
	for _, born := range []string{"2023-08-31", "2023-09-01"} {
		fmt.Println(born, plan.Evaluate(cohort.NewRecord("9990000018", person.DateOfBirth.Of(cohort.MustDate(born)))).Outcome)
	}
	// Output:
	// 2023-08-31 a member
	// 2023-09-01 not a member
}

// The practice on an earlier day needs the history of registrations.
func ExamplePracticeOn() {
	definition, err := cohort.New("of-the-practice", "1",
		cohort.Include("ever registered", person.Registrations.Exists()),
		cohort.Include("with the practice on the index date", person.PracticeOn(cohort.Index).Is("A81001")).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	record := cohort.NewRecord("9990000018")
	cohort.Append(record,
		person.Registrations.Practice.Of("A81001"),
		person.Registrations.From.Of(cohort.MustDate("2015-03-02")),
		person.Registrations.To.Of(cohort.MustDate("2024-08-31")))
	for _, date := range []string{"2024-08-31", "2024-09-01"} {
		plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate(date)))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(date, plan.Evaluate(record).Outcome)
	}
	// Output:
	// 2024-08-31 a member
	// 2024-09-01 not a member
}
