package gpes

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Entry marks the columns of [Journal]. It has no values of its own.
type Entry struct{}

// The journal and its columns; [Table] documents each.
//
//nolint:gochecknoglobals // values that cannot be changed, so that a definition reads as a sentence
var (
	schema = cohort.EventTable[Entry](describe())

	// Journal is every coded entry in the GP record of a person.
	Journal = cohort.RowsOf(schema)

	Date                = schema.Date("DATE")
	RecordDate          = schema.Date("RECORD_DATE")
	Code                = schema.Code("CODE")
	SensitiveCode       = schema.Text("SENSITIVE_CODE")
	EpisodeCondition    = schema.Text("EPISODE_CONDITION")
	EpisodePrescription = schema.Text("EPISODE_PRESCRIPTION")
	Value1              = schema.Number("VALUE1_CONDITION")
	Value2              = schema.Number("VALUE2_CONDITION")
	Quantity            = schema.Number("VALUE1_PRESCRIPTION")
	DailyDose           = schema.Number("VALUE2_PRESCRIPTION")
	Links               = schema.Text("LINKS")
	Practice            = schema.Text("PRACTICE")
	Supplier            = schema.Text("GP_SYSTEM_SUPPLIER")
	ExtractDate         = schema.Date("REPORTING_PERIOD_END_DATE")
	Sex                 = schema.Text("SEX")
	Ethnicity           = schema.Text("ETHNIC")
	LSOA                = schema.Text("LSOA")
)

// Table returns the description of the journal table.
func Table() *cohort.Table { return schema.Table() }

// describe holds the catalogue entry.
func describe() cohort.TableInfo {
	return cohort.TableInfo{
		Name: "gpes.journal",
		Row:  "GP journal entry",
		Doc: "GDPPR: one row per person, practice and coded entry in the GP record; demographics are repeated " +
			"on every row. The person key is NHS_NUMBER, or NHS_NUMBER_DEID where de-identified.",
		Absence: "No entry may mean: not so, never recorded, not among the extracted codes, older than the " +
			"extract reaches, or the person has opted out. Journals hold no registration period.",
		Refresh: "Extracted every two weeks at first, then monthly; served quarterly with about two months of lag.",
		Order: []string{
			"DATE", "RECORD_DATE", "CODE", "VALUE1_CONDITION", "VALUE2_CONDITION", "VALUE1_PRESCRIPTION",
			"VALUE2_PRESCRIPTION", "EPISODE_CONDITION", "EPISODE_PRESCRIPTION", "PRACTICE",
		},
		Columns: []cohort.ColumnInfo{
			{
				Name: "DATE", Kind: cohort.DateKind, Unknowns: noDates(),
				Doc: "Day the entry applies to; for medicines the day of issue, or of authorisation for repeats.",
			},
			{
				Name: "RECORD_DATE", Kind: cohort.DateKind, Unknowns: noDates(),
				Doc: "Day the entry was typed, which may be years after DATE.",
			},
			{
				Name: "CODE", Kind: cohort.CodeKind, System: codelist.SNOMEDCT,
				Doc: "SNOMED CT concept id, for medicines of dm+d. A few are local codes. Codes made inactive " +
					"since stay as they were recorded.",
			},
			{
				Name: "SENSITIVE_CODE", Kind: cohort.TextKind,
				Doc: "1 when the code is in a sensitive reference set.",
			},
			{
				Name: "EPISODE_CONDITION", Kind: cohort.TextKind,
				Doc: "F first, N new, O other, D cause of death. Filled in about 3.5% of rows.",
			},
			{
				Name: "EPISODE_PRESCRIPTION", Kind: cohort.TextKind,
				Doc: "A acute, I issue of a repeat, R authorisation of a repeat.",
			},
			{
				Name: "VALUE1_CONDITION", Kind: cohort.NumberKind,
				Doc: "First value of a measurement: systolic pressure for a blood pressure code, kilograms for " +
					"weight. Filled in about 30% of rows.",
			},
			{
				Name: "VALUE2_CONDITION", Kind: cohort.NumberKind,
				Doc: "Second value of a measurement: diastolic pressure for a blood pressure code.",
			},
			{Name: "VALUE1_PRESCRIPTION", Kind: cohort.NumberKind, Doc: "Quantity prescribed."},
			{Name: "VALUE2_PRESCRIPTION", Kind: cohort.NumberKind, Doc: "Daily dose."},
			{Name: "LINKS", Kind: cohort.TextKind, Doc: "Numbers that entries belonging together share."},
			{
				Name: "PRACTICE", Kind: cohort.TextKind,
				Doc: "ODS code of the practice whose record holds the entry. One person may have several.",
			},
			{
				Name: "GP_SYSTEM_SUPPLIER", Kind: cohort.TextKind,
				Doc: "TPP, EMIS, Cegedim Healthcare Suppliers or EVA Health Technologies.",
			},
			{
				Name: "REPORTING_PERIOD_END_DATE", Kind: cohort.DateKind, Unknowns: noDates(),
				Doc: "Day the extract ran on the source record.",
			},
			{
				Name: "SEX", Kind: cohort.TextKind, Unknowns: []string{"0", "9"},
				Doc: "1 male, 2 female. 0 (not known) and 9 (not specified) are read as unknown.",
			},
			{
				Name: "ETHNIC", Kind: cohort.TextKind,
				Unknowns: []string{"Z", "z", "X", "x", "99", "9", " "},
				Doc:      "Ethnic category of 2001, A to S. Z (not stated), X and 99 (not known) are read as unknown.",
			},
			{
				Name: "LSOA", Kind: cohort.TextKind, Unknowns: []string{"Z99999999"},
				Doc: "Lower layer super output area of residence.",
			},
		},
	}
}

// noDates are the days that NHS data sets write for a date that is missing or was invalid.
func noDates() []string { return []string{"1800-01-01", "1801-01-01", "1900-01-01", "9999-01-01"} }
