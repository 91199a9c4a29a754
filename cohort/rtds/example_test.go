package rtds_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
)

// Women whose breast was irradiated when they were young have their own screening: the first treatment gives
// the age.
func Example() {
	breast := codelist.Must(codelist.New(codelist.Info{
		ID: "breast-sites", Version: "1", System: codelist.OPCS4, Source: "OPCS-4, chapter Z: the breast.",
	}, "Z15", "Z151", "Z158"))
	treated := rtds.Prescriptions.Where(rtds.Prescriptions.Teletherapy(), rtds.Prescriptions.Site.In(breast))
	definition, err := cohort.New("irradiated-young", "1",
		cohort.Include("treated", treated.Exists()),
		cohort.Include("at the age of 10 to 35",
			cohort.AgeOn(person.DateOfBirth, cohort.Earliest(treated, rtds.Prescriptions.Date)).Between(10, 35),
		).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		log.Fatal(err)
	}
	for _, date := range []string{"2015-05-09", "2026-05-10"} {
		record := cohort.NewRecord("9990000018", person.DateOfBirth.Of(cohort.MustDate("1990-05-10")))
		cohort.Append(record,
			rtds.Prescriptions.Date.Of(cohort.MustDate(date)),
			rtds.Prescriptions.Modality.Of("05"),
			rtds.Prescriptions.Site.Of("Z15"))
		fmt.Println(date, plan.Evaluate(record).Outcome)
	}
	// Output:
	// 2015-05-09 a member
	// 2026-05-10 not a member
}
