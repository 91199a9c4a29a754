package person

import "github.com/personalised-prevention/nhs/cohort"

// Fields of the person; [Table] documents each.
//
//nolint:gochecknoglobals // values that cannot be changed, so that a definition reads as a sentence
var (
	schema = cohort.PersonTable(describe())

	DateOfBirth      = schema.Date("date_of_birth")
	Gender           = schema.Text("gender")
	Postcode         = schema.Text("postcode")
	Outcode          = schema.Text("outcode")
	LSOA             = schema.Text("lsoa")
	Practice         = schema.Text("primary_care_provider")
	ICB              = schema.Text("icb")
	ReasonForRemoval = schema.Text("reason_for_removal")
	DateOfRemoval    = schema.Date("reason_for_removal_effective_from_date")
	DateOfDeath      = schema.Date("date_of_death")
	DeathStatus      = schema.Text("death_status")
)

// Values of [Gender].
const (
	Male   = "1"
	Female = "2"
)

// Table returns the description of the person table.
func Table() *cohort.Table { return schema.Table() }

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

// describe holds the catalogue entry.
func describe() cohort.TableInfo {
	return cohort.TableInfo{
		Name: "person",
		Row:  "person",
		Doc: "One row per person, from the Personal Demographics Service. The person key is the NHS number; " +
			"follow superseded numbers before linking other data.",
		Absence: "A person without a row is not known to PDS.",
		Refresh: "PDS changes within the day; a cohorting feed of it is typically a daily file of changes.",
		Columns: []cohort.ColumnInfo{
			{
				Name: "date_of_birth", Kind: cohort.DateKind, Phrase: "date of birth",
				Unknowns: []string{"1800-01-01", "1801-01-01"},
				Doc:      "Complete dates of birth only; a birth known to the year or month is missing.",
			},
			{
				Name: "gender", Kind: cohort.TextKind, Unknowns: []string{"0", "9"},
				Doc: "1 male, 2 female. 0 (not known) and 9 (not specified) are read as unknown.",
			},
			{
				Name: "postcode", Kind: cohort.TextKind,
				Doc: "Postcode of the usual address, in capitals with one space before the last three characters.",
			},
			{
				Name: "outcode", Kind: cohort.TextKind, Phrase: "postcode district",
				Doc: "Derived: the part of the postcode before the space, such as LS1.",
			},
			{
				Name: "lsoa", Kind: cohort.TextKind, Phrase: "neighbourhood (LSOA)", Unknowns: []string{"Z99999999"},
				Doc: "Derived from the postcode: lower layer super output area, E01 and six digits. State which " +
					"census year the lookup uses: the areas of 2011 and 2021 differ.",
			},
			{
				Name: "primary_care_provider", Kind: cohort.TextKind, Phrase: "registered GP practice",
				Unknowns: []string{"V81997", "V81998", "V81999"},
				Doc:      "ODS code of the registered practice. Missing when not registered; V81997 to V81999 are no practice.",
			},
			{
				Name: "icb", Kind: cohort.TextKind, Phrase: "integrated care board",
				Doc: "Derived from the practice: ODS code of the integrated care board that it belongs to.",
			},
			{
				Name: "reason_for_removal", Kind: cohort.TextKind, Phrase: "reason for removal from the practice list",
				Doc: "NHAIS code such as DEA (death), EMB (embarked), SCT (to Scotland), CGA (gone away). Missing " +
					"while the person is on a list.",
			},
			{
				Name: "reason_for_removal_effective_from_date", Kind: cohort.DateKind,
				Phrase: "date of removal from the practice list",
				Doc:    "May be partial in the feed, and then missing here.",
			},
			{
				Name: "date_of_death", Kind: cohort.DateKind, Phrase: "date of death",
				Unknowns: []string{"1800-01-01", "1801-01-01", "9999-01-01"},
				Doc:      "Missing for the living, and for a death reported without its date: see death_status.",
			},
			{
				Name: "death_status", Kind: cohort.TextKind, Phrase: "death notification status",
				Doc: "1 informal, 2 formal. Missing when no death has been notified.",
			},
		},
	}
}
