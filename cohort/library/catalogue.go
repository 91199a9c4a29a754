package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Entry is a cohort of this package as [Catalogue] lists it.
type Entry struct {
	// ID is the id of the definition.
	ID string
	// Title says in a few words who it is for.
	Title string
	// Source says who published the rules.
	Source string
	// Partial says what of the source is left out or was not confirmed; empty when it is complete. The
	// constructor says more.
	Partial string
	// Defaults are the choices that New takes where the constructor has some.
	Defaults string
	// New makes the definition.
	New func(lists ...Lists) (*cohort.Definition, error)

	bind func(index cohort.Date, lists []Lists) []cohort.Binding // nil: the index date alone
}

// Plan binds the definition, with the given lists, to an index date. A cohort of a period has none and is
// bound to its default period.
func (e Entry) Plan(index cohort.Date, lists ...Lists) (*cohort.Plan, error) {
	definition, err := e.New(lists...)
	if err != nil {
		return nil, err
	}
	if e.bind != nil {
		return definition.Bind(e.bind(index, lists)...)
	}
	return definition.Bind(cohort.Index.Is(index))
}

// Catalogue returns every cohort of this package that needs no data of the caller's own, each with its
// default choices.
func Catalogue() []Entry {
	plain := func(define func() (*cohort.Definition, error)) func(...Lists) (*cohort.Definition, error) {
		return func(...Lists) (*cohort.Definition, error) { return define() }
	}
	return []Entry{
		{
			ID: "nhs-health-check", Title: "People due an NHS Health Check",
			Source:   "National rules as the programme's site and practices publish them",
			Partial:  "Checks that the practice has no entry of; when somebody is on statins is a local rule",
			Defaults: "Hypertension counts when resolved too; people checked in the last 5 years are left out",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return HealthCheck(HealthCheckChoices{}, lists...)
			},
		},
		{
			ID: "nhs-diabetes-prevention", Title: "People who can be referred to the NHS Diabetes Prevention Programme",
			Source:   "National service specification as providers publish it",
			Partial:  "Whether an eating disorder is active",
			Defaults: "Latest reading of 12 months, HbA1c up to 47",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return DiabetesPrevention(DiabetesPreventionChoices{}, lists...)
			},
		},
		{
			ID: "cvdprevent-cvdpcx002", Title: "People with cardiovascular disease (CVDPCX002)",
			Source: "CVDPREVENT tool of NHS England", New: CVDEstablished,
		},
		{
			ID: "cvdprevent-cvdpcx001", Title: "People at high risk of cardiovascular disease (CVDPCX001)",
			Source: "CVDPREVENT tool of NHS England", New: CVDHighRisk,
		},
		{
			ID: "cvdprevent-hypertension-risk", Title: "People with hypertension who are not treated to target",
			Source:   "CVDPREVENT tool of NHS England, documentation and code",
			Partial:  "Half readings that alternate for more than four days",
			Defaults: "Groups 1a to 1e",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return HypertensionRisk(nil, lists...)
			},
			bind: func(index cohort.Date, lists []Lists) []cohort.Binding {
				return append(With(lists...).BloodPressure(cohort.Index), cohort.Index.Is(index))
			},
		},
		{
			ID: "familial-hypercholesterolaemia-search", Title: "People to look for familial hypercholesterolaemia in",
			Source:   "Thresholds as published by Qureshi and others",
			Partial:  "Readings in another unit count as high",
			Defaults: "Age on the index date",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return FamilialHypercholesterolaemia(CholesterolChoices{}, lists...)
			},
		},
		{
			ID: "covid-at-risk", Title: "People in a clinical risk group for COVID-19",
			Source: "UKHSA and PRIMIS vaccination uptake specification 2.5, as OpenSAFELY applies it", New: COVIDAtRisk,
		},
		{
			ID: "covid-vaccination-autumn-2025", Title: "People to vaccinate against COVID-19 in autumn 2025",
			Source:   "OpenSAFELY's study of the vaccination history; the list for autumn 2025 as practices publish it",
			Partial:  "Care homes for older adults, staff, and the time since the last dose",
			Defaults: "Autumn 2025",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return COVIDVaccination(COVIDAutumn2025, lists...)
			},
		},
		{
			ID: "flu-2025-26", Title: "People to vaccinate against flu in 2025 to 2026",
			Source:  "National letter as practices and suppliers publish it; risk groups by the rules for COVID-19",
			Partial: "Staff in social care, and those who have had the vaccine; that 65 is reached by 31 March",
			New:     Flu2025,
		},
		{
			ID: "rsv-75-rolling", Title: "People of 75 to 79 to vaccinate against RSV",
			Source:  "Eligibility signposting service of NHS England",
			Partial: "Those who have had the vaccine", New: plain(RSVRolling),
		},
		{
			ID: "rsv-75to79-2024", Title: "People who turned 80 since the RSV programme began",
			Source:  "Eligibility signposting service of NHS England",
			Partial: "Those who have had the vaccine", New: plain(RSV2024),
		},
		{
			ID: "bowel-cancer-screening", Title: "People of an age for bowel cancer screening",
			Source: "Ages as practices publish them", Partial: "The two-year interval, and people without a colon",
			Defaults: "From 50",
			New:      plain(func() (*cohort.Definition, error) { return BowelScreening(50) }),
		},
		{
			ID: "breast-screening", Title: "Women of an age for breast screening",
			Source:  "Ages as NHS England and practices publish them",
			Partial: "The three-year interval, and people recorded as male", New: plain(BreastScreening),
		},
		{
			ID: "cervical-screening", Title: "Women due cervical screening",
			Source:   "Intervals as published before July 2025",
			Partial:  "People recorded as male, early recall, and the wording of 2025",
			Defaults: "Three years up to 49, five from 50",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return CervicalScreening(CervicalChoices{}, lists...)
			},
		},
		{
			ID: "abdominal-aortic-aneurysm-screening", Title: "Men who turn 65 in the screening year",
			Source:   "Programme as practices publish it",
			Partial:  "Men already screened; the first day of the screening year was not confirmed",
			Defaults: "Without men who refer themselves",
			New:      plain(func() (*cohort.Definition, error) { return AAAScreening(AAAChoices{}) }),
		},
		{
			ID: "lung-cancer-screening", Title: "People to assess for lung cancer screening",
			Source: "Programme as providers publish it", Partial: "At least 100 cigarettes in a lifetime",
			New: LungScreening,
		},
		{
			ID: "very-high-risk-breast-after-radiotherapy", Title: "Women for yearly breast screening after radiotherapy",
			Source:  "NHS England, tests and frequency in very high risk screening, 2023 and 2025",
			Partial: "Irradiation before April 2009 or without a site; the rules from 20 to 35 were seen in part",
			New:     plain(VeryHighRiskBreast),
			bind: func(index cohort.Date, lists []Lists) []cohort.Binding {
				return []cohort.Binding{With(lists...).FirstIrradiation(), cohort.Index.Is(index)}
			},
		},
		{
			ID: "immunosuppressed-by-cancer-treatment", Title: "People immunosuppressed by treatment for cancer",
			Source:   "Six months of the UKHSA and PRIMIS specification, over data of the cancer registry's published code",
			Partial:  "A drug is not tied to its regimen",
			Defaults: "Hospital procedures and radiotherapy too",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return CancerTreatment(CancerTreatmentChoices{}, lists...)
			},
		},
		{
			ID: "radiotherapy-mortality", Title: "People with radical radiotherapy of lung, head or neck",
			Source:   "Published code of the audit of deaths within 90 days",
			Partial:  "Once a person, not once a financial year; the sizes of fractions",
			Defaults: "2022-04-01 to 2024-03-31",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return RadiotherapyMortality(cohort.MustDate("2022-04-01"), cohort.MustDate("2024-03-31"), lists...)
			},
			bind: func(cohort.Date, []Lists) []cohort.Binding { return nil },
		},
		{
			ID: "talking-therapies", Title: "People with a long-term condition, for Talking Therapies",
			Source:   "Design history of the personalised prevention programme of NHS England, November 2025",
			Partial:  "That people in contact with the service are left out is an addition",
			Defaults: "45 to 70, any practice",
			New: func(lists ...Lists) (*cohort.Definition, error) {
				return TalkingTherapies(45, 70, person.Practice.Known(), lists...)
			},
		},
		{
			ID: "talking-therapies-underrepresented", Title: "Adults of groups that use Talking Therapies less",
			Source:  "Groups as NHS England and providers name them",
			Partial: "LGBTQIA+ people and people in prison; depression and anxiety are an addition",
			New:     TalkingTherapiesUnderrepresented,
		},
	}
}
