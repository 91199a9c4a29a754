package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Regimen marks the columns of [Regimens]. It has no values of its own.
type Regimen struct{}

// Regimens are the courses of treatment, as the cancer registry merges them.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Regimens = regimens()

// RegimenTable is the rows and columns of [Regimens], each with its published name.
type RegimenTable struct {
	cohort.Rows[Regimen]
	Table *cohort.Table

	StartDate      cohort.DateColumn[Regimen]   // START_DATE_OF_REGIMEN
	DecisionDate   cohort.DateColumn[Regimen]   // DATE_DECISION_TO_TREAT
	Intent         cohort.TextColumn[Regimen]   // INTENT_OF_TREATMENT
	Regimen        cohort.TextColumn[Regimen]   // MAPPED_REGIMEN
	BenchmarkGroup cohort.TextColumn[Regimen]   // BENCHMARK_GROUP
	ChemoRadiation cohort.TextColumn[Regimen]   // CHEMO_RADIATION
	ClinicalTrial  cohort.TextColumn[Regimen]   // CLINICAL_TRIAL
	Height         cohort.NumberColumn[Regimen] // HEIGHT_AT_START_OF_REGIMEN
	Weight         cohort.NumberColumn[Regimen] // WEIGHT_AT_START_OF_REGIMEN
	Key            cohort.TextColumn[Regimen]   // MERGED_REGIMEN_ID
	Link           cohort.TextColumn[Regimen]   // LINK_NUMBER
}

// Chemotherapy asks whether the registry counts the regimen as chemotherapy. Not everything in SACT is:
// hormones, drugs for bones and radioactive drugs are not, nor is a regimen without a group.
func (t RegimenTable) Chemotherapy() cohort.RowPred[Regimen] {
	return cohort.All(t.BenchmarkGroup.Known(), cohort.Not(t.BenchmarkGroup.In(
		"NOT CHEMO", "HORMONES", "ZOLEDRONIC ACID", "PAMIDRONATE", "DENOSUMAB", "RADIUM 223", "LUTETIUM-177", "YTTRIUM-90")))
}

// regimens holds the catalogue entry.
func regimens() (t RegimenTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "sact.regimens",
		Row:  "regimen of systemic anti-cancer therapy",
		Doc: "The registry's table of regimens (sim_sact_regimen in Simulacrum): one row per regimen. Published " +
			"analyses take regimens of the same group within 26 weeks for one line of therapy.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHS_NUMBER", "ENCORE_PATIENT_ID"},
		From:       cohort.MustDate("2012-04-01"),
		Order:      []string{"START_DATE_OF_REGIMEN", "MERGED_REGIMEN_ID"},
	},
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "MERGED_REGIMEN_ID", Phrase: "regimen key",
			Doc: "Identifies the row, and joins cycles and outcomes.",
		}),
		catalogue.Number(&t.Height, cohort.ColumnInfo{
			Name: "HEIGHT_AT_START_OF_REGIMEN", Phrase: "height at the start of the regimen",
			Doc: "In metres.",
		}),
		catalogue.Number(&t.Weight, cohort.ColumnInfo{
			Name: "WEIGHT_AT_START_OF_REGIMEN", Phrase: "weight at the start of the regimen",
			Doc: "In kilograms.",
		}),
		catalogue.Text(&t.Intent, cohort.ColumnInfo{
			Name: "INTENT_OF_TREATMENT", Phrase: "intent of treatment",
			Doc: "Digits of version 3, such as 1 for curative and 2 to 5 for palliative, or letters of version 2.",
		}),
		catalogue.Date(&t.DecisionDate, cohort.ColumnInfo{
			Name: "DATE_DECISION_TO_TREAT", Phrase: "date of the decision to treat",
			Doc: "Day on which the regimen was agreed with the person.",
		}),
		catalogue.Date(&t.StartDate, cohort.ColumnInfo{
			Name: "START_DATE_OF_REGIMEN", Phrase: "start date of the regimen",
			Doc: "Day of the first drug of the regimen.",
		}),
		catalogue.Text(&t.Regimen, cohort.ColumnInfo{
			Name: "MAPPED_REGIMEN", Phrase: "regimen",
			Doc: "Name of the regimen after mapping what trusts typed.",
		}),
		catalogue.Text(&t.ClinicalTrial, cohort.ColumnInfo{
			Name: "CLINICAL_TRIAL", Phrase: "clinical trial",
			Doc: "1, 01, Y and y all mean that the regimen is part of a trial.",
		}),
		catalogue.Text(&t.ChemoRadiation, cohort.ColumnInfo{
			Name: "CHEMO_RADIATION", Phrase: "chemoradiation",
			Doc: "Whether the regimen goes with radiotherapy.",
		}),
		catalogue.Text(&t.BenchmarkGroup, cohort.ColumnInfo{
			Name: "BENCHMARK_GROUP", Phrase: "benchmark group",
			Doc: "Group of like regimens, in capitals. NOT CHEMO, HORMONES and some drugs are no chemotherapy: ask " +
				"Chemotherapy.",
		}),
		catalogue.Text(&t.Link, cohort.ColumnInfo{
			Name: "LINK_NUMBER", Phrase: "link to the cancer registration",
			Doc: "Joins the person's registration in Simulacrum.",
		}),
	)
	return t
}
