package hes_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/hes"
)

func Example() {
	stroke := codelist.Must(codelist.New(codelist.Info{
		ID: "stroke-categories", Version: "1", System: codelist.ICD10, Source: "An illustrative subset.",
	}, "I61", "I63", "I64"))
	definition, err := cohort.New("after-stroke", "1",
		cohort.Include("admitted with a stroke in the last two years", hes.APC.Where(
			hes.APC.DiagnosisCategory.AnyIn(stroke),
			hes.APC.Emergency(),
			hes.APC.AdmissionDate.Within(cohort.Years(2), cohort.Index),
		).Exists()),
		cohort.Exclude("seen in cardiology since", hes.OP.Where(
			hes.OP.Specialty.Is("320"),
			hes.OP.Seen(),
			hes.OP.Date.Within(cohort.Months(6), cohort.Index),
		).Exists()),
	)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	record := cohort.NewRecord("9990000018")
	cohort.Append(record,
		hes.APC.AdmissionDate.Of(cohort.MustDate("2024-02-03")),
		hes.APC.AdmissionMethod.Of("21"),
		hes.APC.DiagnosisCategory.Of("E11", "I63", "R69"))
	cohort.Append(record, hes.OP.Date.Of(cohort.MustDate("2025-03-04")), hes.OP.Specialty.Of("320"), hes.OP.Attended.Of("3"))
	fmt.Println(plan.Evaluate(record).Outcome)
	cohort.Append(record, hes.OP.Date.Of(cohort.MustDate("2025-04-05")), hes.OP.Specialty.Of("320"), hes.OP.Attended.Of("5"))
	fmt.Println(plan.Evaluate(record).Outcome)
	// Output:
	// a member
	// not a member
}

// A catalogue is data: what a column means can be read by a program.
func ExampleTables() {
	for _, table := range hes.Tables() {
		info := table.Info()
		fmt.Printf("%-8s %3d columns, from %v, person key %s\n", info.Name, len(info.Columns), info.From, strings.Join(info.PersonKeys, " or "))
	}
	for _, column := range hes.APC.Table.Info().Columns {
		if column.Name == "DISMETH" {
			fmt.Println(column.Phrase, "4:", column.Values["4"])
		}
	}
	// Output:
	// hes.apc   63 columns, from 1997-04-01, person key NEWNHSNO or PERSON_ID_DEID or PSEUDO_HESID
	// hes.op    46 columns, from 2003-04-01, person key NEWNHSNO or PERSON_ID_DEID or PSEUDO_HESID
	// hes.ae    40 columns, from 2007-04-01, person key NEWNHSNO or PERSON_ID_DEID or PSEUDO_HESID
	// hes.ecds  40 columns, from 2018-10-01, person key PERSON_ID_DEID
	// hes.cc    42 columns, from 2008-04-01, person key PERSON_ID_DEID
	// method of discharge 4: died
}
