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
