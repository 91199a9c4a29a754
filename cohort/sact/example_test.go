package sact_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// People with chemotherapy in the last six months, such as count as immunosuppressed.
func Example() {
	regimens := sact.Regimens
	definition, err := cohort.New("recent-chemotherapy", "1",
		cohort.Include("chemotherapy begun in the last six months", regimens.Where(
			regimens.Chemotherapy(),
			regimens.StartDate.Within(cohort.Months(6), cohort.Index),
		).Exists()))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range []string{"FEC", "HORMONES"} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, regimens.StartDate.Of(cohort.MustDate("2025-02-01")), regimens.BenchmarkGroup.Of(group))
		fmt.Println(group, plan.Evaluate(record).Outcome)
	}
	// Output:
	// FEC a member
	// HORMONES not a member
}
