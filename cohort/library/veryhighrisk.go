package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
)

// Irradiated is the parameter of [VeryHighRiskBreast] beside the index date, the day on which breast tissue
// was first irradiated. [Criteria.FirstIrradiation] gives it each person's own value.
const Irradiated cohort.Param[cohort.Date] = "first irradiation"

// VeryHighRiskBreast is the cohort of yearly breast screening after radiotherapy: women whose breast tissue
// was irradiated at 10 to 35 years of age. It begins at 25 for those irradiated at 10 to 19 and at 30 for
// those irradiated at 20 to 35, and not before eight years after the first irradiation; it ends on the day
// before the 71st birthday.
//
// The source is NHS England's guidance on tests and frequency in very high risk screening, of 2023 and 2025.
// What makes a record of radiotherapy one of breast tissue is this library's choice: a prescription for the
// breast or the chest; or one for lymph nodes between the first and the last attendance for Hodgkin lymphoma,
// which stands for a mantle field. The first irradiation is the start of treatment on that prescription's
// day, or that day itself.
//
// Partial: of the guidance, the note on irradiation at 20 to 35 and the exclusion of those over 35 were seen
// in part or inferred. Prescriptions without a site are dropped rather than guessed: sites are not recorded
// for primary tumours, nor is anything before April 2009, so that most people irradiated long ago are not
// found. Tables are tied by the day, as the language has no other tie. Those at very high risk by their genes
// are not in the data.
func VeryHighRiskBreast() (*cohort.Definition, error) {
	at, age := person.AgeOn(Irradiated), person.AgeOn(cohort.Index)
	return invite("very-high-risk-breast-after-radiotherapy",
		female(),
		cohort.Include("breast tissue irradiated at 10 to 35", at.Between(10, 35)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("old enough to begin", cohort.Any(
			cohort.All(at.AtMost(19), age.AtLeast(25)),
			cohort.All(at.AtLeast(20), age.AtLeast(30)))).IfUnknown(cohort.TreatAsNo),
		cohort.Include("8 years after the first irradiation",
			cohort.Day(Irradiated).Plus(cohort.Years(8)).NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("under 71", age.Below(71)).IfUnknown(cohort.Refer))
}

// FirstIrradiation gives [Irradiated] its value: the first day, on or before the index date, on which
// radiotherapy of breast tissue is recorded; see [VeryHighRiskBreast].
func (c Criteria) FirstIrradiation() cohort.Binding {
	attended, prescribed := rtds.Attendances, rtds.Prescriptions
	hodgkin := attended.Where(attended.Diagnosis.In(c.list("hodgkin")), attended.Date.NotAfter(cohort.Index))
	first := cohort.Min(prescribed.Where(
		prescribed.Date.NotAfter(cohort.Index),
		cohort.Any(
			prescribed.Site.In(c.list("breast-sites")),
			cohort.All(
				prescribed.Site.In(c.list("mantle-sites")),
				prescribed.Date.Between(cohort.Min(hodgkin, attended.Date), cohort.Max(hodgkin, attended.Date))))), prescribed.Date)
	return Irradiated.IsEach(cohort.Coalesce(cohort.Min(attended.Where(attended.Date.On(first)), attended.TreatmentStart), first))
}
