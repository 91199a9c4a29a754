package person

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Fields of the person; [Table] documents each.
//
//nolint:gochecknoglobals // values that cannot be changed, so that a definition reads as a sentence
var (
	schema = cohort.PersonTable(describe())

	DateOfBirth = schema.Date("date_of_birth")
	Gender      = schema.Text("gender")
	DateOfDeath = schema.Date("date_of_death")
	DeathStatus = schema.Text("death_status")

	Postcode     = schema.Text("postcode")
	AddressSince = schema.Date("address_effective_from_date")
	Outcode      = schema.Text("outcode")
	LSOA         = schema.Text("lsoa")
	IMDDecile    = schema.Number("imd_decile")
	Region       = schema.Text("region")

	Practice         = schema.Text("primary_care_provider")
	PracticeSince    = schema.Date("primary_care_effective_from_date")
	ICB              = schema.Text("icb")
	Posting          = schema.Text("current_posting")
	PostingSince     = schema.Date("current_posting_effective_from_date")
	ReasonForRemoval = schema.Text("reason_for_removal")
	DateOfRemoval    = schema.Date("reason_for_removal_effective_from_date")

	HomePhone           = schema.Text("home_telephone_number")
	MobilePhone         = schema.Text("mobile_telephone_number")
	Email               = schema.Text("email_address")
	Language            = schema.Text("preferred_language")
	InterpreterRequired = schema.Text("is_interpreter_required")

	SupersededBy = schema.Text("superseded_by_nhs_number")
	Invalid      = schema.Text("invalid_flag")
	Eligible     = schema.Text("eligibility")
)

// Values of [Gender].
const (
	Male   = "1"
	Female = "2"
)

// Table returns the description of the table with one row per person.
func Table() *cohort.Table { return schema.Table() }

// Tables returns the descriptions of all tables of the package.
func Tables() []*cohort.Table {
	return []*cohort.Table{Table(), Registrations.Table, Deaths.Table}
}

// AgeOn is the age in completed years on a day; see [cohort.Date.Age].
func AgeOn(day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return cohort.AgeOn(DateOfBirth, day)
}

// AgeInMonthsOn is the age in completed months on a day; see [cohort.Date.AgeInMonths].
func AgeInMonthsOn(day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return cohort.AgeInMonthsOn(DateOfBirth, day)
}

// AgeReachedIn is the age in completed years on the last day of the year that a day falls in: with
// [cohort.CalendarYear] the age by year of birth alone, with [cohort.FinancialYear] the age that screening
// programmes go by, and with [cohort.AcademicYear] the age that a child turns in the school year.
func AgeReachedIn(year cohort.Year, day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return cohort.AgeOn(DateOfBirth, cohort.Day(day).EndOf(year))
}

// SchoolAge is the age in completed years on 31 August, the day before the school year that a day falls in
// begins: 4 in Reception, 15 in Year 11. All of one school year's children have it all through the year,
// birthdays or not, unless they were moved up or down.
func SchoolAge(day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return cohort.AgeOn(DateOfBirth, cohort.Day(day).StartOf(cohort.AcademicYear).Minus(cohort.Days(1)))
}

// AgeAt is the age in completed years on the day of a row, for use in Where.
func AgeAt[E any](day cohort.DateColumn[E]) cohort.NumberColumn[E] {
	return cohort.AgeAt(DateOfBirth, day)
}

// AgeInMonthsAt is the age in completed months on the day of a row, for use in Where.
func AgeInMonthsAt[E any](day cohort.DateColumn[E]) cohort.NumberColumn[E] {
	return cohort.AgeInMonthsAt(DateOfBirth, day)
}

// DeadOn asks whether the person had died by the end of the given day. A death notified without a date
// counts; it is unknown when nothing about a death is recorded, which for PDS means alive, so give the
// step IfUnknown(cohort.TreatAsNo).
func DeadOn(day cohort.Operand[cohort.Date]) cohort.Criterion {
	return cohort.Any(
		DateOfDeath.NotAfter(day),
		cohort.All(DeathStatus.Known(), cohort.Not(DateOfDeath.Known())),
	)
}

// describe holds the catalogue entry. The order of columns is that of stored definitions: it stays as it is.
func describe() cohort.TableInfo {
	return cohort.TableInfo{
		Name: "person",
		Row:  "person",
		Doc: "One row per person, from the Personal Demographics Service, as Cohorting as a Service sends it. " +
			"Follow superseded numbers before linking other data. Names, address lines and the key of the " +
			"address are left out: no criterion asks for them.",
		Absence: "A person without a row is not known to PDS.",
		Refresh: "PDS changes within the day; a cohorting feed of it is typically a daily file of changes.",
		Source: "Columns of the cohort file as its one public consumer reads them (dtos-cohort-manager, 2026-04); " +
			"columns marked as derived are not in it.",
		PersonKeys: []string{"nhs_number"},
		Columns: []cohort.ColumnInfo{
			{
				Name: "superseded_by_nhs_number", Kind: cohort.TextKind, Phrase: "number that replaces the person's own",
				Doc: "NHS number that replaces this one, after two records were found to be of one person. Ask only " +
					"whether it is known: whoever has one is reached under the other number.",
			},
			{
				Name: "date_of_birth", Kind: cohort.DateKind, Phrase: "date of birth",
				Unknowns: []string{"1800-01-01", "1801-01-01"},
				Doc:      "Complete dates of birth only; a birth known to the year or month is missing.",
			},
			{
				Name: "gender", Kind: cohort.TextKind, Unknowns: catalogue.NoSex(), Values: catalogue.Sex(),
				Doc: "A whole number in the file. 0 (not known) and 9 (not specified) are read as unknown.",
			},
			{
				Name: "preferred_language", Kind: cohort.TextKind, Phrase: "preferred language",
				Doc: "Code of the language to write or speak in. Missing for most people.",
			},
			{
				Name: "is_interpreter_required", Kind: cohort.TextKind, Phrase: "need for an interpreter",
				Values: map[string]string{"true": "needed", "false": "not needed"},
				Doc:    "A truth value in the file; older files hold the text 1.",
			},
			{
				Name: "postcode", Kind: cohort.TextKind,
				Doc: "Postcode of the usual address, in capitals with one space before the last three characters. " +
					"Some are not places: those that begin with ZZ99, ZZZSECUR (withheld), ANK (not known) and NFA (no " +
					"fixed abode).",
			},
			{
				Name: "address_effective_from_date", Kind: cohort.DateKind, Phrase: "first day at the usual address",
				Doc: "May be partial in the file, and then missing here.",
			},
			{
				Name: "outcode", Kind: cohort.TextKind, Phrase: "postcode district",
				Doc: "Derived: the part of the postcode before the space, such as LS1.",
			},
			{
				Name: "lsoa", Kind: cohort.TextKind, Phrase: "neighbourhood (LSOA)", Unknowns: catalogue.NoArea(),
				Doc: "Derived from the postcode: lower layer super output area, E01 and six digits. State which " +
					"census year the lookup uses: the areas of 2011 and 2021 differ.",
			},
			{
				Name: "imd_decile", Kind: cohort.NumberKind, Phrase: "decile of deprivation (IMD)", Low: 1, High: 10,
				Doc: "Derived from lsoa: tenth of the areas of England by the Index of Multiple Deprivation, 1 the most " +
					"deprived. State which index: that of 2019 ranks the areas of 2011. Missing outside England.",
			},
			{
				Name: "region", Kind: cohort.TextKind, Phrase: "region of residence",
				Doc: "Derived from lsoa: code of the region of England, E12 and six digits.",
			},
			{
				Name: "primary_care_provider", Kind: cohort.TextKind, Phrase: "registered GP practice",
				Unknowns: catalogue.NoPractice(),
				Doc:      "ODS code of the registered practice. Missing when not registered; V81997 to V81999 are no practice.",
			},
			{
				Name: "primary_care_effective_from_date", Kind: cohort.DateKind, Phrase: "first day with the registered GP practice",
				Doc: "May be partial in the file, and then missing here.",
			},
			{
				Name: "icb", Kind: cohort.TextKind, Phrase: "integrated care board",
				Doc: "Derived from the practice: ODS code of the integrated care board that it belongs to.",
			},
			{
				Name: "current_posting", Kind: cohort.TextKind, Phrase: "posting",
				Doc: "Area or service that holds the registration, such as DMS (defence) or an area of Wales.",
			},
			{
				Name: "current_posting_effective_from_date", Kind: cohort.DateKind, Phrase: "first day of the posting",
				Doc: "May be partial in the file, and then missing here.",
			},
			{
				Name: "reason_for_removal", Kind: cohort.TextKind, Phrase: "reason for removal from the practice list",
				Doc: "NHAIS code such as DEA (death), EMB (embarked), SCT (to Scotland), CGA (gone away). Missing " +
					"while the person is on a list.",
			},
			{
				Name: "reason_for_removal_effective_from_date", Kind: cohort.DateKind,
				Phrase: "date of removal from the practice list",
				Doc:    "May be partial in the file, and then missing here.",
			},
			{
				Name: "date_of_death", Kind: cohort.DateKind, Phrase: "date of death",
				Unknowns: []string{"1800-01-01", "1801-01-01", "9999-01-01"},
				Doc:      "Missing for the living, and for a death reported without its date: see death_status.",
			},
			{
				Name: "death_status", Kind: cohort.TextKind, Phrase: "death notification status",
				Values: map[string]string{"1": "informal", "2": "formal"},
				Doc:    "Missing when no death has been notified.",
			},
			{
				Name: "home_telephone_number", Kind: cohort.TextKind, Phrase: "home telephone number",
				Doc: "Ask only whether it is known.",
			},
			{
				Name: "mobile_telephone_number", Kind: cohort.TextKind, Phrase: "mobile telephone number",
				Doc: "Ask only whether it is known.",
			},
			{
				Name: "email_address", Kind: cohort.TextKind, Phrase: "email address",
				Doc: "Ask only whether it is known.",
			},
			{
				Name: "invalid_flag", Kind: cohort.TextKind, Phrase: "mark of an invalid record",
				Values: map[string]string{"true": "the record is invalid", "false": "the record stands"},
				Doc:    "A truth value in the file.",
			},
			{
				Name: "eligibility", Kind: cohort.TextKind, Phrase: "eligibility for the cohort of the file",
				Values: map[string]string{"true": "eligible", "false": "not eligible"},
				Doc:    "A truth value, absent from files of 2024; what makes people eligible is for the cohort's owner to say.",
			},
		},
	}
}
