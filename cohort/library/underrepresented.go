package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// TalkingTherapiesUnderrepresented is the cohort of adults who could benefit from NHS Talking Therapies and
// belong to a group that uses them less: with depression or anxiety, without contact with the service in the
// last 12 months, and men, aged 65 or over, of an ethnic minority, in the two most deprived tenths of
// neighbourhoods, with a learning disability, carers, refugees or veterans.
//
// The source names the groups (NHS England and providers). That people have depression or anxiety, by a code
// in the last 12 months or an earlier one that is not resolved, and no contact, is this library's addition;
// there is no code that anxiety is resolved. An ethnic minority is any category of 2001 from D to S, by the
// latest known of the GP journal: white people other than British or Irish are not in it.
//
// Partial: LGBTQIA+ people and people in prison are named too; no data here tell who they are in a way that
// is fit to choose them by. Those still in the armed forces are not registered with a practice of the NHS.
func TalkingTherapiesUnderrepresented(lists ...Lists) (*cohort.Definition, error) {
	c := With(lists...)
	ethnicity := cohort.Latest(gpes.Journal.Where(gpes.Ethnicity.Known(), gpes.Date.NotAfter(cohort.Index)), gpes.Ethnicity)
	group := func(id string, criterion cohort.Criterion) cohort.Criterion {
		return cohort.Define("talking-therapies."+id, "1.0.0", criterion)
	}
	return invite("talking-therapies-underrepresented",
		cohort.Include("aged 18 or over", adult()).IfUnknown(cohort.Refer),
		cohort.Include("depression or anxiety", cohort.Any(
			c.within(cohort.Months(12), "DEPR_COD", "anxiety").Exists(),
			c.unlessLater("DEPR_COD", "DEPRES_COD"),
			c.ever("anxiety"))),
		cohort.Include("in an under-represented group", cohort.Any(
			group("men", person.Gender.Is(person.Male)),
			group("older-people", person.AgeOn(cohort.Index).AtLeast(65)),
			group("ethnic-minorities", ethnicity.In("D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S")),
			group("deprived-areas", person.IMDDecile.AtMost(2)),
			group("learning-disability", c.ever("LEARNDIS_COD")),
			group("carers", c.Carer()),
			group("refugees", c.ever("refugee")),
			group("veterans", c.ever("veteran")))).IfUnknown(cohort.TreatAsNo),
		c.noContact())
}
