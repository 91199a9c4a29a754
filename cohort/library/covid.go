package library

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// COVIDAtRisk is the cohort of people in a clinical risk group for COVID-19 on the index date, of any age.
//
// The source is the vaccination uptake specification of UKHSA and PRIMIS, version 2.5, as the code of
// OpenSAFELY's study of the vaccination history applies it; it is complete, see [Criteria.AtRisk]. That
// people are registered and alive is this library's addition.
func COVIDAtRisk(lists ...Lists) (*cohort.Definition, error) {
	return invite("covid-at-risk",
		cohort.Include("in a clinical risk group", With(lists...).AtRisk()).IfUnknown(cohort.Refer))
}

// COVIDCampaign is a vaccination campaign against COVID-19.
type COVIDCampaign string

// The campaigns.
const (
	COVIDAutumn2021 COVIDCampaign = "autumn-2021"
	COVIDSpring2022 COVIDCampaign = "spring-2022"
	COVIDAutumn2022 COVIDCampaign = "autumn-2022"
	COVIDSpring2023 COVIDCampaign = "spring-2023"
	COVIDAutumn2023 COVIDCampaign = "autumn-2023"
	COVIDSpring2024 COVIDCampaign = "spring-2024"
	COVIDAutumn2024 COVIDCampaign = "autumn-2024"
	COVIDSpring2025 COVIDCampaign = "spring-2025"
	COVIDAutumn2025 COVIDCampaign = "autumn-2025"
)

// campaign is what a campaign asks: an age that is reached by a day, often one still to come, or a clinical
// reason on the index date.
type campaign struct {
	age    float64
	by     string
	reason func(Criteria) cohort.Criterion
	label  string
}

// rules returns what the campaign asks.
func (c COVIDCampaign) rules() (campaign, bool) {
	const atRisk, weak = "in a clinical risk group", "immunosuppressed"
	rules, ok := map[COVIDCampaign]campaign{
		COVIDAutumn2021: {16, "2021-08-31", Criteria.AtRisk, atRisk},
		COVIDSpring2022: {75, "2022-06-30", Criteria.Immunosuppressed, weak},
		COVIDAutumn2022: {50, "2023-03-31", Criteria.AtRisk, atRisk},
		COVIDSpring2023: {75, "2023-06-30", Criteria.Immunosuppressed, weak},
		COVIDAutumn2023: {65, "2024-03-31", Criteria.AtRisk, atRisk},
		COVIDSpring2024: {75, "2024-06-30", Criteria.Immunosuppressed, weak},
		COVIDAutumn2024: {65, "2025-03-31", Criteria.AtRisk, atRisk},
		COVIDSpring2025: {75, "2025-06-30", Criteria.Immunosuppressed, weak},
		COVIDAutumn2025: {75, "2026-03-31", Criteria.autumn2025, "immunosuppressed, or an older resident of a care home"},
	}[c]
	return rules, ok
}

// autumn2025 asks for what the list for autumn 2025 names besides age.
func (c Criteria) autumn2025() cohort.Criterion {
	return cohort.Any(
		cohort.All(c.Immunosuppressed(), person.AgeInMonthsOn(cohort.Index).AtLeast(6)),
		cohort.All(c.InCareHome(), person.AgeOn(cohort.Index).AtLeast(65)))
}

// COVIDVaccination is the cohort that a campaign is for: people who reach its age by its day, and people with
// its clinical reason on the index date, which should be a day of the campaign. Nothing checks that.
//
// Ages, days and clinical reasons are those of OpenSAFELY's study of the vaccination history, except that the
// reasons for autumn 2025 are of the list that practices published: 75 and over by 31 March 2026, residents
// of care homes for older adults, and immunosuppressed from six months of age.
//
// Partial: what a care home for older adults is cannot be told from a record, so residents count from 65;
// other campaigns' youngest ages for people at risk, their other groups (such as carers, staff and pregnancy)
// and the time since the last dose are not in the source.
func COVIDVaccination(which COVIDCampaign, lists ...Lists) (*cohort.Definition, error) {
	rules, ok := which.rules()
	if !ok {
		return nil, fmt.Errorf("library.COVIDVaccination: no campaign %q: use one of the constants, such as COVIDAutumn2025", which)
	}
	return invite("covid-vaccination-"+string(which),
		cohort.Include(fmt.Sprintf("%v by %s, or %s", rules.age, rules.by, rules.label), cohort.Any(
			person.AgeOn(cohort.MustDate(rules.by)).AtLeast(rules.age),
			rules.reason(With(lists...)))).IfUnknown(cohort.Refer))
}
