package rtds

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Prescription marks the columns of [Prescriptions]. It has no values of its own.
type Prescription struct{}

// Prescriptions are what was prescribed and given to each part of the body.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Prescriptions = prescriptions()

// PrescriptionTable is the rows and columns of [Prescriptions], each with its published name.
type PrescriptionTable struct {
	cohort.Rows[Prescription]
	Table *cohort.Table

	Date                cohort.DateColumn[Prescription]   // APPTDATE
	Modality            cohort.TextColumn[Prescription]   // RTTREATMENTMODALITY
	Region              cohort.TextColumn[Prescription]   // RTTREATMENTREGION
	Site                cohort.CodeColumn[Prescription]   // RTTREATMENTANATOMICALSITE
	PrescribedDose      cohort.NumberColumn[Prescription] // RTPRESCRIBEDDOSE
	PrescribedFractions cohort.NumberColumn[Prescription] // PRESCRIBEDFRACTIONS
	ActualDose          cohort.NumberColumn[Prescription] // RTACTUALDOSE
	ActualFractions     cohort.NumberColumn[Prescription] // ACTUALFRACTIONS
	TeletherapyFields   cohort.NumberColumn[Prescription] // NUMBEROFTELETHERAPYFIELDS
	Provider            cohort.TextColumn[Prescription]   // ORGCODEPROVIDER
	Episode             cohort.TextColumn[Prescription]   // RADIOTHERAPYEPISODEID
	AttendanceID        cohort.TextColumn[Prescription]   // ATTENDID
	Key                 cohort.TextColumn[Prescription]   // PRESCRIPTIONID
	SimulacrumLinkCode  cohort.TextColumn[Prescription]   // LINKCODE
}

// Teletherapy asks whether the treatment came from outside the body.
func (t PrescriptionTable) Teletherapy() cohort.RowPred[Prescription] { return t.Modality.Is("05") }

// Brachytherapy asks whether the treatment came from a source inside or on the body.
func (t PrescriptionTable) Brachytherapy() cohort.RowPred[Prescription] { return t.Modality.Is("06") }

// prescriptions holds the catalogue entry.
func prescriptions() (t PrescriptionTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "rtds.prescriptions",
		Row:  "radiotherapy prescription",
		Doc: "The registry's table of prescriptions (AT_PRESCRIPTIONS_ENGLAND, sim_rtds_prescription in Simulacrum): one " +
			"row per prescription and attendance. Joins the attendance on provider, episode, attendance, date and " +
			"patient. Simulacrum calls the fractions RTPRESCRIBEDFRACTIONS and RTACTUALFRACTIONS.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHSNUMBER", "PATIENTID"},
		From:       cohort.MustDate("2009-04-01"),
		Lag:        cohort.Months(2),
		Order:      []string{"APPTDATE", "ORGCODEPROVIDER", "RADIOTHERAPYEPISODEID", "ATTENDID", "PRESCRIPTIONID"},
	},
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "PRESCRIPTIONID", Phrase: "prescription number",
			Doc: "Number of the prescription; joins the exposures.",
		}),
		catalogue.Text(&t.Modality, cohort.ColumnInfo{
			Name: "RTTREATMENTMODALITY", Phrase: "modality",
			Doc: "05 teletherapy, 06 brachytherapy. Registry code also knows 04 with chemotherapy, 19 radioisotopes and 22 " +
				"radiosurgery; no complete public list was found.",
		}),
		catalogue.Number(&t.PrescribedDose, cohort.ColumnInfo{
			Name: "RTPRESCRIBEDDOSE", Phrase: "prescribed dose",
			Doc: "In grays.",
		}),
		catalogue.Number(&t.PrescribedFractions, cohort.ColumnInfo{
			Name: "PRESCRIBEDFRACTIONS", Phrase: "prescribed fractions",
			Doc: "Number of fractions.",
		}),
		catalogue.Number(&t.ActualDose, cohort.ColumnInfo{
			Name: "RTACTUALDOSE", Phrase: "dose given",
			Doc: "In grays.",
		}),
		catalogue.Number(&t.ActualFractions, cohort.ColumnInfo{
			Name: "ACTUALFRACTIONS", Phrase: "fractions given",
			Doc: "Number of fractions.",
		}),
		catalogue.Text(&t.Region, cohort.ColumnInfo{
			Name: "RTTREATMENTREGION", Phrase: "region treated", From: cohort.MustDate("2014-04-01"),
			Values: map[string]string{
				"P": "primary", "R": "regional nodes", "PR": "primary and regional nodes",
				"A": "primary without an anatomical place", "O": "prophylactic, not the primary", "M": "metastasis",
			},
			Doc: "Case and spaces vary: write it in capitals without spaces when loading.",
		}),
		catalogue.Code(&t.Site, cohort.ColumnInfo{
			Name: "RTTREATMENTANATOMICALSITE", Phrase: "anatomical site", System: codelist.OPCS4,
			Doc: "OPCS-4 code of chapter Z, such as Z15 for the breast; filled when the region is A, O or M. Some end in a 0 " +
				"that no code has, such as Z150, or have text after them: clean them when loading.",
		}),
		catalogue.Number(&t.TeletherapyFields, cohort.ColumnInfo{
			Name: "NUMBEROFTELETHERAPYFIELDS", Phrase: "number of teletherapy fields",
			Doc: "Of external beams only.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "ORGCODEPROVIDER", Phrase: "provider",
			Doc: "ODS code of the trust.",
		}),
		catalogue.Text(&t.Episode, cohort.ColumnInfo{
			Name: "RADIOTHERAPYEPISODEID", Phrase: "episode number",
			Doc: "Number of the episode, unique within a provider only.",
		}),
		catalogue.Text(&t.SimulacrumLinkCode, cohort.ColumnInfo{
			Name: "LINKCODE", Phrase: "link code of Simulacrum",
			Doc: "In Simulacrum only, whose tables have it where the registry's have the provider.",
		}),
		catalogue.Text(&t.AttendanceID, cohort.ColumnInfo{
			Name: "ATTENDID", Phrase: "attendance number",
			Doc: "Number of the attendance within the provider.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "APPTDATE", Phrase: "date of the attendance",
			Doc: "Day of the visit.",
		}),
	)
	return t
}
