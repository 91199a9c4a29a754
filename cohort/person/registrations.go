package person

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Registration marks the columns of [Registrations]. It has no values of its own.
type Registration struct{}

// Registrations are the GP practices that a person is or was registered with.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Registrations = registrations()

// RegistrationTable is the rows and columns of [Registrations], each with its published name.
type RegistrationTable struct {
	cohort.Rows[Registration]
	Table *cohort.Table

	Practice     cohort.TextColumn[Registration]   // val
	From         cohort.DateColumn[Registration]   // from
	To           cohort.DateColumn[Registration]   // to
	SerialChange cohort.NumberColumn[Registration] // scn
}

// On asks whether a registration covers a day; the days on which it begins and ends count.
func (t RegistrationTable) On(day cohort.Operand[cohort.Date]) cohort.RowPred[Registration] {
	return cohort.All(t.From.NotAfter(day), cohort.Not(cohort.All(t.To.Known(), t.To.Before(day))))
}

// PracticeOn is the GP practice a person was registered with on a day: of several, the one that began last.
func PracticeOn(day cohort.Operand[cohort.Date]) cohort.TextSeries {
	return cohort.Latest(Registrations.Where(Registrations.On(day)), Registrations.Practice)
}

// registrations holds the catalogue entry.
func registrations() (t RegistrationTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "person.registrations",
		Row:  "registration with a GP practice",
		Doc: "The history that PDS keeps of a person's GP practices: one row per period of registration, the list " +
			"gp_codes of a full PDS record flattened.",
		Absence: "A person without a row has never had a GP practice in PDS. Extracts that hold only the present " +
			"practice have no history: do not load them here.",
		Refresh: "As PDS: changes within the day.",
		Source: "The PDS record of NHS England's reusable code library (nhsengland/Reusable-Code-Library, 2026-03); " +
			"no published dictionary was found.",
		PersonKeys: []string{"nhs_number"},
		Order:      []string{"from", "scn", "to", "val"},
	},
		catalogue.Number(&t.SerialChange, cohort.ColumnInfo{
			Name: "scn", Phrase: "serial change number",
			Doc: "Grows with every change of the PDS record; of two rows that begin on one day the higher one is newer.",
		}),
		catalogue.Date(&t.From, cohort.ColumnInfo{
			Name: "from", Phrase: "first day of registration", Unknowns: []string{"1800-01-01", "1801-01-01"},
			Doc: "Written as yyyymmdd; shorter dates occur and are partial, so they are missing here.",
		}),
		catalogue.Date(&t.To, cohort.ColumnInfo{
			Name: "to", Phrase: "last day of registration", Unknowns: []string{"9999-12-31"},
			Doc: "The last day that counts. Missing while the registration lasts, which the source writes as 99991231.",
		}),
		catalogue.Text(&t.Practice, cohort.ColumnInfo{
			Name: "val", Phrase: "GP practice of the registration", Unknowns: catalogue.NoPractice(),
			Doc: "ODS code of the practice; V81997 to V81999 are no practice.",
		}),
	)
	return t
}
