package cohort_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
)

// An engine elsewhere has counted. Six people had died: what remained before that is not shown to the
// nearest 5, because 1,245 and 1,250 would tell how many.
func ExamplePlan_Attrition() {
	attrition, err := examplePlan().Attrition(cohort.Counts{
		People: 4032, Members: 1198, Referred: 47,
		Steps: []cohort.StepCounts{
			{Label: "age 40 to 74", Excluded: 2310, Remaining: 1722, Unknown: 112, Refers: 112, OnlyThis: 180},
			{Label: "has hypertension", Excluded: 471, Remaining: 1251, OnlyThis: 465},
			{Label: "has died", Excluded: 6, Remaining: 1245, Unknown: 1239, OnlyThis: 6},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	published, err := attrition.Publish(cohort.HES())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(attrition)
	fmt.Println(published)
	// Output:
	// attrition (counts are hidden until a disclosure policy is applied)
	// step                excluded  remaining     unknown  refers  only this
	// everyone                      4020 to 4038
	// 1 age 40 to 74      2310      1712 to 1726  110      110     180
	// 2 has hypertension  470       1244 to 1254  0        0       465
	// 3 has died          *         1245          1240     0       *
	// members 1200, referred 45; counts under the HES disclosure policy
	// * stands for 1 to 7, or for a count that would give such a one away; other counts are rounded to the nearest 5; a total of which a part is hidden is given as all that it can be.
}
