package rtds

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Exposure marks the columns of [Exposures]. It has no values of its own.
type Exposure struct{}

// Exposures are the single exposures to radiation.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Exposures = exposures()

// ExposureTable is the rows and columns of [Exposures], each with its published name.
type ExposureTable struct {
	cohort.Rows[Exposure]
	Table *cohort.Table

	Date               cohort.DateColumn[Exposure]   // APPTDATE
	Time               cohort.TextColumn[Exposure]   // TIMEOFEXPOSURE
	Isotope            cohort.TextColumn[Exposure]   // RADIOISOTOPE
	BeamType           cohort.TextColumn[Exposure]   // RADIOTHERAPYBEAMTYPE
	BeamEnergy         cohort.NumberColumn[Exposure] // RADIOTHERAPYBEAMENERGY
	Machine            cohort.TextColumn[Exposure]   // MACHINEID
	Provider           cohort.TextColumn[Exposure]   // ORGCODEPROVIDER
	Episode            cohort.TextColumn[Exposure]   // RADIOTHERAPYEPISODEID
	AttendanceID       cohort.TextColumn[Exposure]   // ATTENDID
	Prescription       cohort.TextColumn[Exposure]   // PRESCRIPTIONID
	SimulacrumLinkCode cohort.TextColumn[Exposure]   // LINKCODE
}

// exposures holds the catalogue entry.
func exposures() (t ExposureTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "rtds.exposures",
		Row:  "radiotherapy exposure",
		Doc: "The registry's table of exposures (AT_EXPOSURES_ENGLAND, sim_rtds_exposure in Simulacrum): one row per " +
			"exposure of an attendance. Joins the prescription on its number, and the attendance.",
		Absence:    absence,
		Refresh:    refresh,
		Source:     source,
		PersonKeys: []string{"NHSNUMBER", "PATIENTID"},
		From:       cohort.MustDate("2009-04-01"),
		Lag:        cohort.Months(2),
		Order: []string{
			"APPTDATE", "TIMEOFEXPOSURE", "ORGCODEPROVIDER", "RADIOTHERAPYEPISODEID", "ATTENDID", "PRESCRIPTIONID",
			"MACHINEID", "RADIOTHERAPYBEAMTYPE", "RADIOTHERAPYBEAMENERGY", "RADIOISOTOPE",
		},
	},
		catalogue.Text(&t.Prescription, cohort.ColumnInfo{
			Name: "PRESCRIPTIONID", Phrase: "prescription number",
			Doc: "Joins the prescription.",
		}),
		catalogue.Text(&t.Isotope, cohort.ColumnInfo{
			Name: "RADIOISOTOPE", Phrase: "radioisotope",
			Doc: "Isotope used, where it was one.",
		}),
		catalogue.Text(&t.BeamType, cohort.ColumnInfo{
			Name: "RADIOTHERAPYBEAMTYPE", Phrase: "beam type",
			Doc: "Kind of beam; no public list of the values was found.",
		}),
		catalogue.Number(&t.BeamEnergy, cohort.ColumnInfo{
			Name: "RADIOTHERAPYBEAMENERGY", Phrase: "beam energy",
			Doc: "In megavolts.",
		}),
		catalogue.Text(&t.Time, cohort.ColumnInfo{
			Name: "TIMEOFEXPOSURE", Phrase: "time of exposure",
			Doc: "Time of day.",
		}),
		catalogue.Text(&t.Machine, cohort.ColumnInfo{
			Name: "MACHINEID", Phrase: "machine",
			Doc: "Machine used. Not in Simulacrum.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "APPTDATE", Phrase: "date of the attendance",
			Doc: "Day of the visit.",
		}),
		catalogue.Text(&t.AttendanceID, cohort.ColumnInfo{
			Name: "ATTENDID", Phrase: "attendance number",
			Doc: "Number of the attendance within the provider.",
		}),
		catalogue.Text(&t.Episode, cohort.ColumnInfo{
			Name: "RADIOTHERAPYEPISODEID", Phrase: "episode number",
			Doc: "Number of the episode, unique within a provider only.",
		}),
		catalogue.Text(&t.SimulacrumLinkCode, cohort.ColumnInfo{
			Name: "LINKCODE", Phrase: "link code of Simulacrum",
			Doc: "In Simulacrum only, whose tables have it where the registry's have the provider.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "ORGCODEPROVIDER", Phrase: "provider",
			Doc: "ODS code of the trust.",
		}),
	)
	return t
}
