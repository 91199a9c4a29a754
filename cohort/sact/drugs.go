package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Drug marks the columns of [Drugs]. It has no values of its own.
type Drug struct{}

// Drugs are the drugs given, as the cancer registry merges them. What trusts submitted is [Administrations].
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Drugs = drugs()

// DrugTable is the rows and columns of [Drugs], each with its published name.
type DrugTable struct {
	cohort.Rows[Drug]
	Table *cohort.Table

	Date     cohort.DateColumn[Drug]   // ADMINISTRATION_DATE
	Group    cohort.TextColumn[Drug]   // DRUG_GROUP
	Dose     cohort.NumberColumn[Drug] // ACTUAL_DOSE_PER_ADMINISTRATION
	Route    cohort.TextColumn[Drug]   // ADMINISTRATION_ROUTE
	Delivery cohort.CodeColumn[Drug]   // OPCS_DELIVERY_CODE
	Key      cohort.TextColumn[Drug]   // MERGED_DRUG_DETAIL_ID
	Cycle    cohort.TextColumn[Drug]   // MERGED_CYCLE_ID
}

// drugs holds the catalogue entry.
func drugs() (t DrugTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "sact.drugs",
		Row:  "drug of systemic anti-cancer therapy",
		Doc: "The registry's table of drugs (sim_sact_drug_detail in Simulacrum): one row per drug given. It has no " +
			"person key: join that of the regimen on MERGED_CYCLE_ID and MERGED_REGIMEN_ID before loading.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHS_NUMBER", "ENCORE_PATIENT_ID"},
		From:       cohort.MustDate("2012-04-01"),
		Order:      []string{"ADMINISTRATION_DATE", "MERGED_DRUG_DETAIL_ID"},
	},
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "MERGED_DRUG_DETAIL_ID", Phrase: "drug key",
			Doc: "Identifies the row.",
		}),
		catalogue.Text(&t.Cycle, cohort.ColumnInfo{
			Name: "MERGED_CYCLE_ID", Phrase: "key of its cycle",
			Doc: "Joins the cycle.",
		}),
		catalogue.Number(&t.Dose, cohort.ColumnInfo{
			Name: "ACTUAL_DOSE_PER_ADMINISTRATION", Phrase: "dose",
			Doc: "What was given. The table has no unit: compare doses of one drug only.",
		}),
		catalogue.Code(&t.Delivery, opcs("OPCS_DELIVERY_CODE", "delivery procedure",
			"Procedure of giving the drug, X72 to X73.")),
		catalogue.Text(&t.Route, cohort.ColumnInfo{
			Name: "ADMINISTRATION_ROUTE", Phrase: "route of administration", Values: routes(),
			Doc: "The leading zero may be lost: 1 stands for 01.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "ADMINISTRATION_DATE", Phrase: "date of administration",
			Doc: "Day on which the drug was given, or first dispensed when taken by mouth.",
		}),
		catalogue.Text(&t.Group, cohort.ColumnInfo{
			Name: "DRUG_GROUP", Phrase: "drug group",
			Doc: "Name of the drug or of a group of drugs, after mapping what trusts typed.",
		}),
	)
	return t
}
