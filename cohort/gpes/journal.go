package gpes

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
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
	JournalExtractDate  = schema.Date("JOURNAL_REPORTING_PERIOD_END_DATE")
	ProcessedDate       = schema.Date("PROCESSED_TIMESTAMP")
	DateOfBirth         = schema.Date("DATE_OF_BIRTH")
	YearMonthOfBirth    = schema.Text("YEAR_MONTH_OF_BIRTH")
	YearOfBirth         = schema.Number("YEAR_OF_BIRTH")
	DateOfDeath         = schema.Date("DATE_OF_DEATH")
	YearOfDeath         = schema.Number("YEAR_OF_DEATH")

	// Of newer feeds only.

	Unit       = schema.Text("uom")
	UCUM       = schema.Text("uom_ucum")
	Comparator = schema.Text("comparator")
	RangeLow   = schema.Number("range_lower")
	RangeHigh  = schema.Number("range_upper")
	Deleted    = schema.Text("deletion_flag")
)

// NotDeleted asks whether an entry stands: that no newer feed marks it as deleted. Older feeds mark nothing.
func NotDeleted() cohort.RowPred[Entry] {
	return cohort.Not(cohort.All(Deleted.Known(), Deleted.Is("true")))
}

// Table returns the description of the journal table.
func Table() *cohort.Table { return schema.Table() }

// Tables returns the descriptions of all tables of the package.
func Tables() []*cohort.Table { return []*cohort.Table{Table()} }

// describe holds the catalogue entry. The order of columns is that of stored definitions: it stays as it is, and
// new columns go to the end.
func describe() cohort.TableInfo {
	return cohort.TableInfo{
		Name: "gpes.journal",
		Row:  "GP journal entry",
		Doc: "GDPPR: one row per person, practice and coded entry in the GP record; demographics are repeated " +
			"on every row. A person may have several practices. The last columns are of the newer feed of GP records " +
			"(GPDPR) and missing in GDPPR; its other fields map by meaning: effective_date is DATE, recorded_date " +
			"RECORD_DATE, snomed_concept_id CODE, value_pq_1 and value_pq_2 the values of a measurement. The extract " +
			"for CVDPREVENT nests journals of journal_date, code and two values in a row per person: flatten it.",
		Absence: "No entry may mean: not so, never recorded, not among the extracted codes, older than the " +
			"extract reaches, or the person has opted out. Journals hold no registration period.",
		Refresh: "Extracted every two weeks at first, then monthly; served quarterly with about two months of lag.",
		Source: "NHS England data dictionary of the Secure Data Environment, 2024-06-24, sheet gdppr; filled as of " +
			"2025-11-04. The newer feed as of schema 0.77 (nhsengland/Reusable-Code-Library, 2026-03).",
		PersonKeys: []string{"NHS_NUMBER", "NHS_NUMBER_DEID"},
		Lag:        cohort.Months(2),
		Order: []string{
			"DATE", "RECORD_DATE", "CODE", "VALUE1_CONDITION", "VALUE2_CONDITION", "VALUE1_PRESCRIPTION",
			"VALUE2_PRESCRIPTION", "EPISODE_CONDITION", "EPISODE_PRESCRIPTION", "PRACTICE",
		},
		Columns: []cohort.ColumnInfo{
			{
				Name: "DATE", Kind: cohort.DateKind, Phrase: "date", Unknowns: noDates(), Filled: 99.97,
				Doc: "Day the entry applies to; for medicines the day of issue, or of authorisation for repeats.",
			},
			{
				Name: "RECORD_DATE", Kind: cohort.DateKind, Phrase: "date of recording", Unknowns: noDates(), Filled: 99.94,
				Doc: "Day the entry was typed, which may be years after DATE.",
			},
			{
				Name: "CODE", Kind: cohort.CodeKind, Phrase: "code", System: codelist.SNOMEDCT, Filled: 99.997,
				Doc: "SNOMED CT concept id, for medicines of dm+d. A few are local codes. Codes made inactive " +
					"since stay as they were recorded.",
			},
			{
				Name: "SENSITIVE_CODE", Kind: cohort.TextKind, Phrase: "sensitivity of the code",
				Doc: "1 when the code is in a sensitive reference set.",
			},
			{
				Name: "EPISODE_CONDITION", Kind: cohort.TextKind, Phrase: "episode of the condition", Filled: 3.5,
				Values: map[string]string{"F": "first", "N": "new", "O": "other", "D": "cause of death"},
				Doc:    "F first, N new, O other, D cause of death. Filled in about 3.5% of rows.",
			},
			{
				Name: "EPISODE_PRESCRIPTION", Kind: cohort.TextKind, Phrase: "kind of prescription", Filled: 17.6,
				Values: map[string]string{"A": "acute", "I": "issue of a repeat", "R": "authorisation of a repeat"},
				Doc:    "A acute, I issue of a repeat, R authorisation of a repeat.",
			},
			{
				Name: "VALUE1_CONDITION", Kind: cohort.NumberKind, Phrase: "first value", Filled: 30.1,
				Doc: "First value of a measurement: systolic pressure for a blood pressure code, kilograms for " +
					"weight. Filled in about 30% of rows.",
			},
			{
				Name: "VALUE2_CONDITION", Kind: cohort.NumberKind, Phrase: "second value", Filled: 1.1,
				Doc: "Second value of a measurement: diastolic pressure for a blood pressure code.",
			},
			{Name: "VALUE1_PRESCRIPTION", Kind: cohort.NumberKind, Phrase: "quantity prescribed", Filled: 17.6, Doc: "Quantity prescribed."},
			{Name: "VALUE2_PRESCRIPTION", Kind: cohort.NumberKind, Phrase: "daily dose", Filled: 29.9, Doc: "Daily dose."},
			{Name: "LINKS", Kind: cohort.TextKind, Phrase: "links to other entries", Filled: 1.3, Doc: "Numbers that entries belonging together share."},
			{
				Name: "PRACTICE", Kind: cohort.TextKind, Phrase: "GP practice", Filled: 100,
				Doc: "ODS code of the practice whose record holds the entry. One person may have several.",
			},
			{
				Name: "GP_SYSTEM_SUPPLIER", Kind: cohort.TextKind, Phrase: "GP system supplier", Filled: 100,
				Doc: "TPP, EMIS, Cegedim Healthcare Suppliers or EVA Health Technologies.",
			},
			{
				Name: "REPORTING_PERIOD_END_DATE", Kind: cohort.DateKind, Phrase: "day of the extract", Unknowns: noDates(), Filled: 100,
				Doc: "Day the extract ran on the source record.",
			},
			{
				Name: "SEX", Kind: cohort.TextKind, Phrase: "sex", Unknowns: catalogue.NoSex(), Values: catalogue.Sex(), Filled: 100,
				Doc: "1 male, 2 female. 0 (not known) and 9 (not specified) are read as unknown.",
			},
			{
				Name: "ETHNIC", Kind: cohort.TextKind, Phrase: "ethnic category", Filled: 36.8,
				Values:   ethnicity(),
				Unknowns: []string{"Z", "z", "X", "x", "99", "9", " "},
				Doc:      "Ethnic category of 2001, A to S. Z (not stated), X and 99 (not known) are read as unknown.",
			},
			{
				Name: "LSOA", Kind: cohort.TextKind, Phrase: "neighbourhood (LSOA)", Unknowns: catalogue.NoArea(), Filled: 99.95,
				Doc: "Lower layer super output area of residence; the dictionary says of the census of 2001.",
			},
			{
				Name: "JOURNAL_REPORTING_PERIOD_END_DATE", Kind: cohort.DateKind, Phrase: "end of the journal's period",
				Unknowns: noDates(),
				Doc:      "Day to which the extract of journals ran. In the raw table only.",
			},
			{
				Name: "PROCESSED_TIMESTAMP", Kind: cohort.DateKind, Phrase: "day of processing", Unknowns: noDates(), Filled: 100,
				Doc: "Day on which the extract was processed; a point in time in the source.",
			},
			{
				Name: "DATE_OF_BIRTH", Kind: cohort.DateKind, Phrase: "date of birth in the GP record", Unknowns: noDates(),
				Doc: "Where identifiable. Take the date of birth from PDS.",
			},
			{
				Name: "YEAR_MONTH_OF_BIRTH", Kind: cohort.TextKind, Phrase: "month of birth in the GP record", Filled: 100,
				Doc: "Where de-identified: year and month.",
			},
			{
				Name: "YEAR_OF_BIRTH", Kind: cohort.NumberKind, Phrase: "year of birth in the GP record", Filled: 100,
				Doc: "Where de-identified.",
			},
			{
				Name: "DATE_OF_DEATH", Kind: cohort.DateKind, Phrase: "date of death in the GP record", Unknowns: noDates(),
				Doc: "Where identifiable. PDS knows of deaths sooner.",
			},
			{
				Name: "YEAR_OF_DEATH", Kind: cohort.NumberKind, Phrase: "year of death in the GP record", Filled: 9.7,
				Doc: "Where de-identified.",
			},
			{
				Name: "uom", Kind: cohort.TextKind, Phrase: "unit",
				Doc: "Unit of the values, as the practice recorded it. Newer feed only.",
			},
			{
				Name: "uom_ucum", Kind: cohort.TextKind, Phrase: "unit in UCUM",
				Doc: "Unit of the values in the Unified Code for Units of Measure, such as mmol/mol. Newer feed only.",
			},
			{
				Name: "comparator", Kind: cohort.TextKind, Phrase: "comparator",
				Doc: "Such as < when a result is below what can be measured: the value is then not exact. Newer feed only.",
			},
			{
				Name: "range_lower", Kind: cohort.NumberKind, Phrase: "lower end of the reference range",
				Doc: "As the laboratory gave it. Newer feed only.",
			},
			{
				Name: "range_upper", Kind: cohort.NumberKind, Phrase: "upper end of the reference range",
				Doc: "As the laboratory gave it. Newer feed only.",
			},
			{
				Name: "deletion_flag", Kind: cohort.TextKind, Phrase: "deletion",
				Values: map[string]string{"true": "deleted since", "false": "stands"},
				Doc:    "A truth value. Newer feed only: ask NotDeleted, which lets entries of older feeds stand.",
			},
		},
	}
}

func ethnicity() map[string]string {
	values := catalogue.Ethnicity()
	values["X"], values["99"] = "not known", "not known"
	return values
}

// noDates are the days that NHS data sets write for a date that is missing or was invalid.
func noDates() []string { return []string{"1800-01-01", "1801-01-01", "1900-01-01", "9999-01-01"} }
