package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Cycle marks the columns of [Cycles]. It has no values of its own.
type Cycle struct{}

// Cycles are the cycles of regimens, as the cancer registry merges them.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Cycles = cycles()

// CycleTable is the rows and columns of [Cycles], each with its published name.
type CycleTable struct {
	cohort.Rows[Cycle]
	Table *cohort.Table

	StartDate         cohort.DateColumn[Cycle]   // START_DATE_OF_CYCLE
	Number            cohort.NumberColumn[Cycle] // CYCLE_NUMBER
	PerformanceStatus cohort.NumberColumn[Cycle] // PERF_STATUS_START_OF_CYCLE
	Procurement       cohort.CodeColumn[Cycle]   // OPCS_PROCUREMENT_CODE
	Key               cohort.TextColumn[Cycle]   // MERGED_CYCLE_ID
	Regimen           cohort.TextColumn[Cycle]   // MERGED_REGIMEN_ID
}

// cycles holds the catalogue entry.
func cycles() (t CycleTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "sact.cycles",
		Row:  "cycle of systemic anti-cancer therapy",
		Doc: "The registry's table of cycles (sim_sact_cycle in Simulacrum): one row per cycle. It has no person key: " +
			"join that of the regimen on MERGED_REGIMEN_ID before loading.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHS_NUMBER", "ENCORE_PATIENT_ID"},
		From:       cohort.MustDate("2012-04-01"),
		Order:      []string{"START_DATE_OF_CYCLE", "CYCLE_NUMBER", "MERGED_CYCLE_ID"},
	},
		catalogue.Text(&t.Regimen, cohort.ColumnInfo{
			Name: "MERGED_REGIMEN_ID", Phrase: "key of its regimen",
			Doc: "Joins the regimen.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "MERGED_CYCLE_ID", Phrase: "cycle key",
			Doc: "Identifies the row, and joins the drugs.",
		}),
		catalogue.Number(&t.Number, cohort.ColumnInfo{
			Name: "CYCLE_NUMBER", Phrase: "cycle number", Low: 1, High: 999,
			Doc: "Number of the cycle within the regimen.",
		}),
		catalogue.Date(&t.StartDate, cohort.ColumnInfo{
			Name: "START_DATE_OF_CYCLE", Phrase: "start date of the cycle",
			Doc: "Day of the first drug of the cycle.",
		}),
		catalogue.Code(&t.Procurement, opcs("OPCS_PROCUREMENT_CODE", "procurement procedure",
			"Procedure of buying the drugs, X70 to X71.")),
		catalogue.Number(&t.PerformanceStatus, cohort.ColumnInfo{
			Name: "PERF_STATUS_START_OF_CYCLE", Phrase: "performance status at the start of the cycle",
			Unknowns: []string{"9"}, Low: 0, High: 4, Values: performance(),
			Doc: "World Health Organization scale, of adults.",
		}),
	)
	return t
}
