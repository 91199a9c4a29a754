package library_test

import (
	"context"
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
)

func ExampleBreastScreening() {
	definition, err := library.BreastScreening()
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan.English())
	// Output:
	// Cohort breast-screening, version 1.0.0.
	//
	// A person is a member when every step passes, is not a member when any step fails, and is otherwise referred.
	// An Include passes when what it says is so, an Exclude when it is not.
	//
	// 1. Include: registered with a GP practice.
	//    All of:
	//       1.1 The registered GP practice is known.
	//       1.2 It is not so that the reason for removal from the practice list is known.
	//
	// 2. Exclude: has died.
	//    At least one of:
	//       2.1 The date of death is on or before 2025-06-01 (index).
	//       2.2 All of:
	//          2.2.1 The death notification status is known.
	//          2.2.2 It is not so that the date of death is known.
	//    If unknown: taken as no.
	//
	// 3. Include: female.
	//    The gender is "2".
	//    If unknown: referred for a decision.
	//
	// 4. Include: aged 50 to 70.
	//    The age in completed years on 2025-06-01 (index), counted from the date of birth, is between 50 and 70, both included.
	//    If unknown: referred for a decision.
	//
	// Data:
	// - person: date_of_birth, gender, primary_care_provider, reason_for_removal, date_of_death, death_status.
	//    date_of_birth: read as not known: ["1800-01-01" "1801-01-01"].
	//    gender: read as not known: ["0" "9"].
	//    primary_care_provider: read as not known: ["V81997" "V81998" "V81999"].
	//    date_of_death: read as not known: ["1800-01-01" "1801-01-01" "9999-01-01"].
}

// How a population narrows, as it may leave the secure environment.
func ExampleLungScreening() {
	definition, err := library.LungScreening()
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	// Any stream of records will do; these people are of every age, and every third of them smoked.
	everyone := func(yield func(*cohort.Record, error) bool) {
		for i := range 800 {
			born := cohort.MustDate("2025-01-01").AddMonths(-12 * (i % 100))
			someone := cohort.NewRecord(fmt.Sprintf("person %d", i), person.Practice.Of("A81001"), person.DateOfBirth.Of(born))
			if i%3 == 0 {
				cohort.Append(someone, gpes.Code.Of("8517006"), gpes.Date.Of(cohort.MustDate("2011-05-01"))) // ex-smoker
			}
			if !yield(someone, nil) {
				return
			}
		}
	}
	attrition, err := plan.Run(context.Background(), everyone, nil)
	if err != nil {
		log.Fatal(err)
	}
	published, err := attrition.Publish(cohort.HES())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(published)
	// Output:
	// step                             excluded  remaining  unknown  refers  only this
	// everyone                                   800
	// 1 registered with a GP practice  0         800        0        0       0
	// 2 has died                       0         800        800      0       0
	// 3 aged 55 to 74                  640       160        0        0       215
	// 4 ever smoked                    105       55         0        0       105
	// members 55, referred 0; counts under the HES disclosure policy
	// * stands for 1 to 7, or for a count that would give such a one away; other counts are rounded to the nearest 5; a total of which a part is hidden is given as all that it can be.
}

// The real lists take the place of the illustrative ones by the name of their cluster; what is left says so.
func ExampleLists() {
	hypertension, err := codelist.New(codelist.Info{
		ID: "nhsd-primary-care-domain-refsets/hyp_cod", Version: "20241205", System: codelist.SNOMEDCT,
		Source: "Primary care domain reference sets, NHS England.",
	}, "38341003", "59621000", "1201005") // and so on
	if err != nil {
		log.Fatal(err)
	}
	definition, err := library.CVDEstablished(library.Lists{"HYP_COD": hypertension})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	for _, list := range library.Illustrative(plan) {
		fmt.Println(list.ID())
	}
	// Output:
	// illustrative/abdominal-aortic-aneurysm
	// illustrative/audit-consent
	// illustrative/audit-dissent
	// illustrative/coronary-heart-disease
	// illustrative/heart-failure
	// illustrative/peripheral-arterial-disease
	// illustrative/stroke
	// illustrative/transient-ischaemic-attack
}

// A question of the library in a cohort of one's own.
func ExampleCriteria() {
	definition, err := cohort.New("covid-risk-in-leeds", "1.0.0",
		cohort.Include("lives in Leeds", person.Outcode.In("LS1", "LS2")).IfUnknown(cohort.TreatAsNo),
		cohort.Include("at risk", library.With().AtRisk()).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	someone := cohort.NewRecord("9990000018", person.Outcode.Of("LS1"), person.DateOfBirth.Of(cohort.MustDate("1980-01-01")))
	cohort.Append(someone, gpes.Code.Of("19943007"), gpes.Date.Of(cohort.MustDate("2019-04-01"))) // cirrhosis of liver
	fmt.Println(plan.Evaluate(someone).Outcome)
	// Output:
	// a member
}

// The risk groups of CVDPREVENT: the readings are parameters, which an explanation shows.
func ExampleHypertensionRisk() {
	definition, err := library.HypertensionRisk([]library.RiskGroup{library.High, library.VeryHigh})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(append(
		library.With().BloodPressure(cohort.Index), cohort.Index.Is(cohort.MustDate("2025-06-01")))...)
	if err != nil {
		log.Fatal(err)
	}
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1950-01-01")))
	cohort.Append(someone, gpes.Code.Of("38341003"), gpes.Date.Of(cohort.MustDate("2015-03-02")))
	for _, systolic := range []float64{172, 168} { // twice on one day: the lower counts
		cohort.Append(someone, gpes.Code.Of("75367002"), gpes.Date.Of(cohort.MustDate("2025-05-01")),
			gpes.Value1.Of(systolic), gpes.Value2.Of(88))
	}
	why, err := plan.Explain(context.Background(), someone)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Outcome)
	for _, own := range why.Own {
		fmt.Println(own.Param, own.Value)
	}
	// Output:
	// a member
	// day of the reading 2025-05-01
	// diastolic pressure 88
	// systolic pressure 168
}

func ExampleVeryHighRiskBreast() {
	definition, err := library.VeryHighRiskBreast()
	if err != nil {
		log.Fatal(err)
	}
	irradiated, treated := rtds.Prescriptions, rtds.Attendances
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.Gender.Of(person.Female),
		person.DateOfBirth.Of(cohort.MustDate("1994-01-01")))
	cohort.Append(someone, irradiated.Date.Of(cohort.MustDate("2017-06-12")), irradiated.Site.Of("Z15"))
	cohort.Append(someone, treated.Date.Of(cohort.MustDate("2017-06-12")), treated.TreatmentStart.Of(cohort.MustDate("2017-06-05")))
	for _, day := range []string{"2025-06-04", "2025-06-05"} { // eight years after she was 23
		plan, err := definition.Bind(library.With().FirstIrradiation(), cohort.Index.Is(cohort.MustDate(day)))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(day, plan.Evaluate(someone).Outcome)
	}
	// Output:
	// 2025-06-04 not a member
	// 2025-06-05 a member
}

// A risk that another system worked out comes from a table of the caller's own.
func ExampleLungScan() {
	definition, err := library.LungScan(cohort.Any(
		cohort.Latest(assessments, plco).AtLeast(library.PLCOm2012Risk),
		cohort.Latest(assessments, llp).AtLeast(library.LLPv2Risk)))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	someone := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1965-01-01")))
	cohort.Append(someone, gpes.Code.Of("77176002"), gpes.Date.Of(cohort.MustDate("2000-01-01"))) // smoker
	cohort.Append(someone, assessed.Of(cohort.MustDate("2025-05-01")), plco.Of(1.4), llp.Of(2.6))
	fmt.Println(plan.Evaluate(someone).Outcome)
	// Output:
	// a member
}

func ExampleTalkingTherapies() {
	definition, err := library.TalkingTherapies(45, 70, person.Outcode.In("LS1", "LS2"))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	for _, use := range plan.Uses().Tables {
		fmt.Println(use.Table, use.Columns)
	}
	// Output:
	// gpes.journal [DATE CODE]
	// person [date_of_birth outcode primary_care_provider reason_for_removal date_of_death death_status]
}
