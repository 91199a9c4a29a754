package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Outcome marks the columns of [Outcomes]. It has no values of its own.
type Outcome struct{}

// Outcomes are how regimens ended, as the cancer registry merges them.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Outcomes = outcomes()

// OutcomeTable is the rows and columns of [Outcomes], each with its published name.
type OutcomeTable struct {
	cohort.Rows[Outcome]
	Table *cohort.Table

	FinalDate     cohort.DateColumn[Outcome] // DATE_OF_FINAL_TREATMENT
	Summary       cohort.TextColumn[Outcome] // REGIMEN_OUTCOME_SUMMARY
	DoseReduction cohort.TextColumn[Outcome] // REGIMEN_MOD_DOSE_REDUCTION
	TimeDelay     cohort.TextColumn[Outcome] // REGIMEN_MOD_TIME_DELAY
	StoppedEarly  cohort.TextColumn[Outcome] // REGIMEN_MOD_STOPPED_EARLY
	Regimen       cohort.TextColumn[Outcome] // MERGED_REGIMEN_ID
}

// outcomes holds the catalogue entry.
func outcomes() (t OutcomeTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "sact.outcomes",
		Row:  "regimen outcome of systemic anti-cancer therapy",
		Doc: "The registry's table of outcomes (sim_sact_outcome in Simulacrum): one row per regimen that has one. It " +
			"has no person key: join that of the regimen on MERGED_REGIMEN_ID before loading.",
		Absence: "No row, or no date of the final treatment, is common and does not mean that the treatment goes on: " +
			"published analyses take the last cycle, then the last drug, then the start of the regimen instead.",
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHS_NUMBER", "ENCORE_PATIENT_ID"},
		From:       cohort.MustDate("2012-04-01"),
		Order:      []string{"DATE_OF_FINAL_TREATMENT", "MERGED_REGIMEN_ID", "REGIMEN_OUTCOME_SUMMARY"},
	},
		catalogue.Text(&t.Regimen, cohort.ColumnInfo{
			Name: "MERGED_REGIMEN_ID", Phrase: "key of its regimen",
			Doc: "Joins the regimen.",
		}),
		catalogue.Date(&t.FinalDate, cohort.ColumnInfo{
			Name: "DATE_OF_FINAL_TREATMENT", Phrase: "date of the final treatment",
			Doc: "Day of the last drug of the regimen. Often missing.",
		}),
		catalogue.Text(&t.DoseReduction, cohort.ColumnInfo{
			Name: "REGIMEN_MOD_DOSE_REDUCTION", Phrase: "dose reduction",
			Doc: "Whether the dose was reduced.",
		}),
		catalogue.Text(&t.TimeDelay, cohort.ColumnInfo{
			Name: "REGIMEN_MOD_TIME_DELAY", Phrase: "delay",
			Doc: "Whether the regimen was delayed.",
		}),
		catalogue.Text(&t.StoppedEarly, cohort.ColumnInfo{
			Name: "REGIMEN_MOD_STOPPED_EARLY", Phrase: "early stop",
			Doc: "Whether the regimen was stopped early.",
		}),
		catalogue.Text(&t.Summary, cohort.ColumnInfo{
			Name: "REGIMEN_OUTCOME_SUMMARY", Phrase: "outcome",
			Doc: "Code of the outcome; no list of them was found.",
		}),
	)
	return t
}
