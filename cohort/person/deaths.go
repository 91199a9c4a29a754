package person

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Death marks the columns of [Deaths]. It has no values of its own.
type Death struct{}

// Deaths are the civil registrations of death, with causes. To leave the dead out use [DeadOn], which hears
// of a death sooner.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Deaths = deaths()

// DeathTable is the rows and columns of [Deaths], each with its published name.
type DeathTable struct {
	cohort.Rows[Death]
	Table *cohort.Table

	Date             cohort.DateColumn[Death]   // REG_DATE_OF_DEATH
	RegistrationDate cohort.DateColumn[Death]   // REG_DATE
	UnderlyingCause  cohort.CodeColumn[Death]   // S_UNDERLYING_COD_ICD10
	MentionedCause   cohort.CodesColumn[Death]  // S_COD_CODE_1 to S_COD_CODE_15
	Injury           cohort.CodeColumn[Death]   // S_INJURY_EXTERNAL
	Neonatal         cohort.NumberColumn[Death] // NEO_NATE_FLAG
	Place            cohort.TextColumn[Death]   // POD_CODE
	EstablishmentNHS cohort.TextColumn[Death]   // POD_NHS_ESTABLISHMENT
	Establishment    cohort.TextColumn[Death]   // POD_ESTABLISHMENT_TYPE
	LSOA             cohort.TextColumn[Death]   // LSOAR
	District         cohort.TextColumn[Death]   // REG_DISTRICT_CODE
	SubDistrict      cohort.TextColumn[Death]   // REG_SUB_DISTRICT_CODE
	Cancelled        cohort.TextColumn[Death]   // CANCELLED_FLAG
}

// deaths holds the catalogue entry.
func deaths() (t DeathTable) {
	noDates := []string{"1800-01-01", "1801-01-01", "1900-01-01", "9999-01-01", "9999-12-31"}
	coded := cohort.MustDate("2001-01-01")
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "person.deaths",
		Row:  "registered death",
		Doc: "Civil registrations of deaths in England and Wales: one row per registration. A few people have " +
			"several; published analyses keep the earliest. Drop cancelled registrations and those that are not " +
			"current before loading. The confirmed NHS number comes first and the submitted one where it is " +
			"missing; rows with neither are of no use. Codes of before 2001 are ICD-9 in fields of their own, which " +
			"are left out, as are the geographies that are no longer kept up.",
		Absence: "No row means that no death is registered yet. An inquest delays registration by months; PDS hears " +
			"of deaths sooner.",
		Refresh: "Most deaths are registered within days, others only after an inquest. How often the data are " +
			"served is not stated.",
		Source: "NHS England data dictionary of the Secure Data Environment, 2024-06-24, sheet deaths; filled as of " +
			"2025-11-04.",
		PersonKeys: []string{"DEC_CONF_NHS_NUMBER", "DEC_NHS_NUMBER", "DEC_CONF_NHS_NUMBER_CLEAN_DEID"},
		From:       cohort.MustDate("1993-01-01"),
		Order: []string{
			"REG_DATE_OF_DEATH", "REG_DATE", "S_UNDERLYING_COD_ICD10", "REG_DISTRICT_CODE", "REG_SUB_DISTRICT_CODE",
		},
	},
		catalogue.Text(&t.Cancelled, cohort.ColumnInfo{
			Name: "CANCELLED_FLAG", Phrase: "mark of a cancelled registration", Filled: 100,
			Doc: "Drop cancelled registrations before loading. The values are not in the dictionary.",
		}),
		catalogue.Text(&t.LSOA, cohort.ColumnInfo{
			Name: "LSOAR", Phrase: "neighbourhood (LSOA) of residence",
			Unknowns: catalogue.NoArea(), Filled: 14.7,
			Doc: "Of old rows only: the dictionary calls it historical.",
		}),
		catalogue.Number(&t.Neonatal, cohort.ColumnInfo{
			Name: "NEO_NATE_FLAG", Phrase: "mark of a neonatal death", High: 1, Filled: 25.5,
			Doc: "1 when the cause of death is neonatal, 0 when it is not.",
		}),
		catalogue.Text(&t.Place, cohort.ColumnInfo{
			Name: "POD_CODE", Phrase: "place of death", Filled: 100,
			Doc: "H hospital, E elsewhere, or the code of a communal establishment.",
		}),
		catalogue.Text(&t.Establishment, cohort.ColumnInfo{
			Name: "POD_ESTABLISHMENT_TYPE", Phrase: "type of establishment where the death occurred",
			Filled: 75.7,
			Doc:    "1 to 84; read together with POD_NHS_ESTABLISHMENT it tells care home, hospice and hospital apart.",
		}),
		catalogue.Text(&t.EstablishmentNHS, cohort.ColumnInfo{
			Name: "POD_NHS_ESTABLISHMENT", Phrase: "NHS status of the establishment",
			Values: map[string]string{"0": "other places", "1": "NHS establishment", "2": "establishment outside the NHS"},
			Filled: 75.7, Doc: "Read together with POD_ESTABLISHMENT_TYPE.",
		}),
		catalogue.Date(&t.RegistrationDate, cohort.ColumnInfo{
			Name: "REG_DATE", Phrase: "date of registration", Unknowns: noDates, Filled: 100,
			Doc: "Day the death was registered, written as yyyymmdd.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "REG_DATE_OF_DEATH", Phrase: "date of death", Unknowns: noDates, Filled: 100,
			Doc: "Day of death, written as yyyymmdd. Days as far as the year 9999 occur.",
		}),
		catalogue.Text(&t.District, cohort.ColumnInfo{
			Name: "REG_DISTRICT_CODE", Phrase: "registration district", Filled: 100,
			Doc: "District where the death was registered.",
		}),
		catalogue.Text(&t.SubDistrict, cohort.ColumnInfo{
			Name: "REG_SUB_DISTRICT_CODE", Phrase: "registration sub-district", Filled: 100,
			Doc: "Part of the district where the death was registered.",
		}),
		catalogue.Codes(&t.MentionedCause, cohort.ColumnInfo{
			Name: "S_COD_CODE", Phrase: "causes mentioned on the certificate",
			System: codelist.ICD10, Sources: catalogue.Numbered("S_COD_CODE_%d", 15), From: coded, Filled: 78.7,
			Doc: "Every cause that the certificate mentions, up to fifteen, in three or four characters. The first is " +
				"filled in 78.7% of rows, all but those of before 2001.",
		}),
		catalogue.Code(&t.Injury, cohort.ColumnInfo{
			Name: "S_INJURY_EXTERNAL", Phrase: "injury", System: codelist.ICD10, From: coded, Filled: 3.6,
			Doc: "Nature of the injury when the underlying cause is external.",
		}),
		catalogue.Code(&t.UnderlyingCause, cohort.ColumnInfo{
			Name: "S_UNDERLYING_COD_ICD10", Phrase: "underlying cause of death", System: codelist.ICD10,
			From: coded, Filled: 78.7,
			Doc: "The disease or injury that started the train of events, in three or four characters.",
		}),
	)
	return t
}
