package cohort_test

import (
	"context"
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// exampleDefinition is a small cohort: registered people of 40 to 74 with hypertension.
func exampleDefinition() *cohort.Definition {
	hypertension := codelist.Must(codelist.New(codelist.Info{
		ID: "hypertension", Version: "1", System: codelist.SNOMEDCT, Source: "An illustrative subset.",
	}, "38341003", "59621000"))
	definition, err := cohort.New("hypertension-review", "1.0.0",
		cohort.Include("age 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Include("has hypertension", gpes.Journal.Where(
			gpes.Code.In(hypertension), gpes.Date.Within(cohort.Years(5), cohort.Index)).Exists()),
		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		log.Fatal(err)
	}
	return definition
}

func examplePlan() *cohort.Plan {
	plan, err := exampleDefinition().Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	return plan
}

func examplePerson(key, born, diagnosed string) *cohort.Record {
	record := cohort.NewRecord(key, person.DateOfBirth.Of(cohort.MustDate(born)))
	cohort.Append(record, gpes.Code.Of("38341003"), gpes.Date.Of(cohort.MustDate(diagnosed)))
	return record
}

func ExampleNew() {
	plan := examplePlan()
	fmt.Println(plan.English())
	fmt.Println("hash", plan.Hash()[:16])
	// Output:
	// Cohort hypertension-review, version 1.0.0.
	//
	// A person is a member when every step passes, is not a member when any step fails, and is otherwise referred.
	// An Include passes when what it says is so, an Exclude when it is not.
	//
	// 1. Include: age 40 to 74.
	//    The age in completed years on 2025-06-01 (index), counted from the date of birth, is between 40 and 74, both included.
	//    If unknown: referred for a decision.
	//
	// 2. Include: has hypertension.
	//    There is a GP journal entry where (code is in code list hypertension 1 (2 codes, c83a34c5adf8) and date is from 2020-06-01 (5 years before 2025-06-01 (index)) to 2025-06-01 (index), both included).
	//
	// 3. Exclude: has died.
	//    At least one of:
	//       3.1 The date of death is on or before 2025-06-01 (index).
	//       3.2 All of:
	//          3.2.1 The death notification status is known.
	//          3.2.2 It is not so that the date of death is known.
	//    If unknown: taken as no.
	//
	// Code lists:
	// - hypertension 1: 2 codes of SNOMED CT, content c83a34c5adf86fe72df57e981f17e4675d194b86c1f96ecc624b76c1aa10a367.
	//    An illustrative subset.
	//
	// Data:
	// - gpes.journal: DATE, CODE.
	//    Read from 2020-06-01 on.
	//    DATE: read as not known: ["1800-01-01" "1801-01-01" "1900-01-01" "9999-01-01"].
	// - person: date_of_birth, date_of_death, death_status.
	//    date_of_birth: read as not known: ["1800-01-01" "1801-01-01"].
	//    date_of_death: read as not known: ["1800-01-01" "1801-01-01" "9999-01-01"].
	//
	// hash 4b10a840f3af5ac7
}

func ExamplePlan_Run() {
	// Any stream of records will do; this one makes people up: every third is too young.
	everyone := func(yield func(*cohort.Record, error) bool) {
		for i := range 60 {
			born := "1970-02-28"
			if i%3 == 0 {
				born = "2001-02-28"
			}
			if !yield(examplePerson(fmt.Sprintf("person %d", i), born, "2023-01-01"), nil) {
				return
			}
		}
	}
	var members []cohort.Key
	attrition, err := examplePlan().Run(context.Background(), everyone, func(record *cohort.Record, result cohort.Result) error {
		if result.Outcome == cohort.Member {
			members = append(members, record.Key())
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	published, err := attrition.Publish(cohort.HES())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(members), "members, the first of them", members[0])
	fmt.Println(published)
	// Output:
	// 40 members, the first of them [person]
	// step                excluded  remaining  unknown  refers  only this
	// everyone                      60
	// 1 age 40 to 74      20        40         0        0       20
	// 2 has hypertension  0         40         0        0       0
	// 3 has died          0         40         40       0       0
	// members 40, referred 0; counts under the HES disclosure policy
	// * stands for 1 to 7, or for a count that would give such a one away; other counts are rounded to the nearest 5; a total of which a part is hidden is given as all that it can be.
}

func ExamplePlan_Explain() {
	record := examplePerson("9990000018", "1985-06-02", "2023-01-01")
	why, err := examplePlan().Explain(context.Background(), record)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Text())
	// Output:
	// [person] is not a member: cohort hypertension-review, version 1.0.0.
	// Not eligible: age-40-to-74.
	// 1. Include: age 40 to 74. No: fails.
	//    no: the age in completed years on 2025-06-01 (index), counted from the date of birth, is between 40 and 74, both included
	//       - person: date_of_birth 1985-06-02
	//       - would pass if yes: it is 39, 1 below 40; at least 40 would make it yes, as it would be from 2025-06-02 on
	// 2. Include: has hypertension. Yes: passes.
	//    yes: there is a GP journal entry where (code is in code list hypertension 1 (2 codes, c83a34c5adf8) and date is from 2020-06-01 (5 years before 2025-06-01 (index)) to 2025-06-01 (index), both included)
	//       - gpes.journal row 1: DATE 2023-01-01, CODE 38341003
	//       - would fail if no: 1 matching row; with none the answer would be no
	// 3. Exclude: has died. Unknown: passes.
	//    unknown: at least one of
	//       unknown: the date of death is on or before 2025-06-01 (index)
	//          - person: date_of_death not known
	//          - would fail if yes: it is not known; a value would decide
	//       no: all of
	//          no: the death notification status is known
	//             - person: death_status not known
	//             - would fail if yes: it is not known; any value would make it yes
	//          yes: it is not so that the date of death is known
	//             no: the date of death is known
	//                - person: date_of_death not known
}

func ExampleDecode() {
	document := examplePlan().JSON()
	plan, err := cohort.Decode(document, person.Table(), gpes.Table())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plan.ID(), plan.Version(), plan.Hash() == examplePlan().Hash())
	for _, table := range plan.Uses().Tables {
		fmt.Println(table.Table, table.Columns)
	}
	// Output:
	// hypertension-review 1.0.0 true
	// gpes.journal [DATE CODE]
	// person [date_of_birth date_of_death death_status]
}
