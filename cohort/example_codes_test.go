package cohort_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// A publisher's three numbered columns of diagnoses are one column of codes in the language.
func ExampleSchema_Codes() {
	type admission struct{} // marks the columns of this table
	schema := cohort.EventTable[admission](cohort.TableInfo{
		Name: "example.admissions", Row: "admission", Order: []string{"ADMIDATE"},
		Columns: []cohort.ColumnInfo{
			{Name: "ADMIDATE", Kind: cohort.DateKind},
			{
				Name: "DIAG_4", Kind: cohort.CodesKind, System: codelist.ICD10,
				Sources: []string{"DIAG_4_01", "DIAG_4_02", "DIAG_4_03"}, Unknowns: []string{"R69X"},
			},
		},
	})
	admissions, day, diagnoses := cohort.RowsOf(schema), schema.Date("ADMIDATE"), schema.Codes("DIAG_4")

	stroke := codelist.Must(codelist.New(codelist.Info{
		ID: "stroke", Version: "1", System: codelist.ICD10, Source: "An illustrative subset.",
	}, "I630", "I639", "I64X"))
	definition, err := cohort.New("after-stroke", "1",
		cohort.Include("admitted with stroke", admissions.Where(diagnoses.AnyIn(stroke)).Exists()))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		log.Fatal(err)
	}
	someone := cohort.NewRecord("9990000018")
	cohort.Append(someone, day.Of(cohort.MustDate("2024-11-30")), diagnoses.Of("E119", "I639"))
	fmt.Println(plan.Evaluate(someone).Outcome)
	fmt.Println(plan.Uses().Tables[0].Sources)
	// Output:
	// a member
	// [DIAG_4_01 DIAG_4_02 DIAG_4_03]
}
