package rtds

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Attendance marks the columns of [Attendances]. It has no values of its own.
type Attendance struct{}

// Attendances are the visits for radiotherapy, each with the episode of care that it belongs to.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Attendances = attendances()

// AttendanceTable is the rows and columns of [Attendances], each with its published name.
type AttendanceTable struct {
	cohort.Rows[Attendance]
	Table *cohort.Table

	Date               cohort.DateColumn[Attendance] // APPTDATE
	TreatmentStart     cohort.DateColumn[Attendance] // TREATMENTSTARTDATE
	DecisionDate       cohort.DateColumn[Attendance] // DECISIONTOTREATDATE
	EarliestDate       cohort.DateColumn[Attendance] // EARLIESTCLINAPPROPDATE
	ProcedureDate      cohort.DateColumn[Attendance] // PROCEDUREDATE
	Diagnosis          cohort.CodeColumn[Attendance] // RADIOTHERAPYDIAGNOSISICD
	Procedure          cohort.CodeColumn[Attendance] // PRIMARYPROCEDUREOPCS
	Intent             cohort.TextColumn[Attendance] // RADIOTHERAPYINTENT
	Priority           cohort.TextColumn[Attendance] // RADIOTHERAPYPRIORITY
	Provider           cohort.TextColumn[Attendance] // ORGCODEPROVIDER
	Episode            cohort.TextColumn[Attendance] // RADIOTHERAPYEPISODEID
	AttendanceID       cohort.TextColumn[Attendance] // ATTENDID
	Tumour             cohort.TextColumn[Attendance] // TUMOURID
	SimulacrumLinkCode cohort.TextColumn[Attendance] // LINKCODE
}

// Radical asks whether the radiotherapy was meant to cure, or at least to act against the cancer.
func (t AttendanceTable) Radical() cohort.RowPred[Attendance] { return t.Intent.Is("02") }

// InEngland asks whether the provider is one that analyses of England keep. Those published leave out 7A1, 7A3
// and RQF, as Welsh or private.
func (t AttendanceTable) InEngland() cohort.RowPred[Attendance] {
	return cohort.Not(t.Provider.In("7A1", "7A3", "RQF"))
}

// attendances holds the catalogue entry.
func attendances() (t AttendanceTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "rtds.attendances",
		Row:  "radiotherapy attendance",
		Doc: "The registry's table of episodes (AT_EPISODES_ENGLAND, sim_rtds_episode in Simulacrum): in spite of its " +
			"name one row per attendance, with the fields of its episode, a continuous period of care from planning to " +
			"the last fraction, repeated on it. The episode number is unique within a provider only, and a few are " +
			"shared by two people: drop those. The patient table (AT_PATIENT_ENGLAND) has the NHS number; keep rows " +
			"with ALIASFLAG 0 when joining it.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHSNUMBER", "PATIENTID"},
		From:       cohort.MustDate("2009-04-01"),
		Lag:        cohort.Months(2),
		Order:      []string{"APPTDATE", "ORGCODEPROVIDER", "RADIOTHERAPYEPISODEID", "ATTENDID"},
	},
		catalogue.Text(&t.Tumour, cohort.ColumnInfo{
			Name: "TUMOURID", Phrase: "tumour",
			Doc: "Joins the registered tumour.",
		}),
		catalogue.Text(&t.Episode, cohort.ColumnInfo{
			Name: "RADIOTHERAPYEPISODEID", Phrase: "episode number",
			Doc: "Number of the episode, unique within a provider only.",
		}),
		catalogue.Text(&t.AttendanceID, cohort.ColumnInfo{
			Name: "ATTENDID", Phrase: "attendance number",
			Doc: "Number of the attendance within the provider.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "APPTDATE", Phrase: "date of the attendance",
			Doc: "Day of the visit.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "ORGCODEPROVIDER", Phrase: "provider",
			Doc: "ODS code of the trust. Trusts that merged changed theirs, such as RH1 to R1H and RNL to RNN.",
		}),
		catalogue.Code(&t.Diagnosis, cohort.ColumnInfo{
			Name: "RADIOTHERAPYDIAGNOSISICD", Phrase: "diagnosis", System: codelist.ICD10,
			Doc: "The disease treated, in three or four characters, such as C50 or C509.",
		}),
		catalogue.Text(&t.Intent, cohort.ColumnInfo{
			Name: "RADIOTHERAPYINTENT", Phrase: "intent",
			Values: map[string]string{"01": "palliative", "02": "radical, against the cancer", "03": "other"},
			Doc:    "Blank when not known. Not mandatory before April 2014.",
		}),
		catalogue.Text(&t.Priority, cohort.ColumnInfo{
			Name: "RADIOTHERAPYPRIORITY", Phrase: "priority",
			Doc: "How urgent the radiotherapy was; no public list of the values was found.",
		}),
		catalogue.Date(&t.DecisionDate, cohort.ColumnInfo{
			Name: "DECISIONTOTREATDATE", Phrase: "date of the decision to treat",
			Doc: "Day on which the radiotherapy was agreed with the person.",
		}),
		catalogue.Date(&t.EarliestDate, cohort.ColumnInfo{
			Name: "EARLIESTCLINAPPROPDATE", Phrase: "earliest clinically appropriate date",
			Doc: "First day on which treatment would have been right.",
		}),
		catalogue.Date(&t.TreatmentStart, cohort.ColumnInfo{
			Name: "TREATMENTSTARTDATE", Phrase: "start date of the treatment",
			Doc: "Day of the first fraction of the episode. There is no end date: published analyses add seven days for " +
				"every five fractions.",
		}),
		catalogue.Code(&t.Procedure, cohort.ColumnInfo{
			Name: "PRIMARYPROCEDUREOPCS", Phrase: "primary procedure", System: codelist.OPCS4,
			Doc: "What was done at the attendance.",
		}),
		catalogue.Date(&t.ProcedureDate, cohort.ColumnInfo{
			Name: "PROCEDUREDATE", Phrase: "date of the procedure",
			Doc: "Day of the primary procedure.",
		}),
		catalogue.Text(&t.SimulacrumLinkCode, cohort.ColumnInfo{
			Name: "LINKCODE", Phrase: "link code of Simulacrum",
			Doc: "In Simulacrum only, whose tables have it where the registry's have the provider.",
		}),
	)
	return t
}
