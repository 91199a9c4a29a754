package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Criteria are the questions that several cohorts of this package ask, for use in cohorts of your own:
//
//	cohort.Include("at risk", library.With(lists).AtRisk()).IfUnknown(cohort.Refer)
//
// All are asked at [cohort.Index]. Those that give a [cohort.Criterion] name it, see [cohort.Define]. The GP
// journal is read by the clinical date, and of prescriptions an authorisation of a repeat does not count. The
// zero Criteria ask about the illustrative lists.
type Criteria struct{ lists []Lists }

// With returns the questions over the given lists; see [Lists].
func With(lists ...Lists) Criteria { return Criteria{lists} }

func (c Criteria) list(id string) *codelist.List { return find(c.lists, id) }

// in asks whether an entry has a code of any of the clusters.
func (c Criteria) in(ids ...string) cohort.RowPred[gpes.Entry] {
	if len(ids) == 1 {
		return gpes.Code.In(c.list(ids[0]))
	}
	parts := make([]cohort.RowPred[gpes.Entry], len(ids))
	for i, id := range ids {
		parts[i] = gpes.Code.In(c.list(id))
	}
	return cohort.Any(parts...)
}

// entries are the entries of the clusters on or before the index date.
func (c Criteria) entries(ids ...string) cohort.Rows[gpes.Entry] {
	return gpes.Journal.Where(c.in(ids...), gpes.Date.NotAfter(cohort.Index))
}

// within are the entries of the clusters in the period that ends on the index date, both ends included.
func (c Criteria) within(period cohort.Period, ids ...string) cohort.Rows[gpes.Entry] {
	return gpes.Journal.Where(c.in(ids...), gpes.Date.Within(period, cohort.Index))
}

// issued are the prescriptions in the period that ends on the index date. That a repeat was authorised is
// no prescription; an entry that does not say what it is counts as one.
func (c Criteria) issued(period cohort.Period, id string) cohort.Rows[gpes.Entry] {
	return c.within(period, id).Where(cohort.Not(cohort.IsYes(gpes.EpisodePrescription.Is("R"))))
}

// ever asks for an entry of the clusters on or before the index date.
func (c Criteria) ever(ids ...string) cohort.Criterion { return c.entries(ids...).Exists() }

// last is the day of the latest entry of the clusters on or before the index date.
func (c Criteria) last(ids ...string) cohort.DateSeries {
	return cohort.Max(c.entries(ids...), gpes.Date)
}

// newer is the rule of UKHSA and PRIMIS for conditions that end: the condition holds when its latest code is
// newer than the latest code that it is over, or there is none of those. Both on one day means that it is
// over.
func (c Criteria) newer(condition, over string) cohort.Criterion {
	return cohort.Any(
		cohort.IsYes(c.last(condition).After(c.last(over))),
		cohort.All(c.ever(condition), cohort.Not(c.ever(over))))
}

// unlessLater is the rule of CVDPREVENT for conditions that end: the condition holds unless the latest code
// that it is over is newer than its own latest code. Both on one day means that it holds.
func (c Criteria) unlessLater(condition, over string) cohort.Criterion {
	return cohort.All(
		c.ever(condition),
		cohort.Not(cohort.IsYes(c.last(over).After(c.last(condition)))))
}

// registered asks whether the person has a GP practice and has not been taken off its list.
func registered() cohort.Criterion {
	return cohort.All(person.Practice.Known(), cohort.Not(person.ReasonForRemoval.Known()))
}

// female is the step of the programmes for women.
func female() cohort.Step {
	return cohort.Include("female", person.Gender.Is(person.Female)).IfUnknown(cohort.Refer)
}

// aged is the step about the age on the index date, both ends included.
func aged(label string, youngest, oldest float64) cohort.Step {
	return cohort.Include(label, person.AgeOn(cohort.Index).Between(youngest, oldest)).IfUnknown(cohort.Refer)
}

// invite makes the definition of a cohort of people who are registered and alive on the index date.
func invite(id string, steps ...cohort.Step) (*cohort.Definition, error) {
	return cohort.New(id, "1.0.0", append([]cohort.Step{
		cohort.Include("registered with a GP practice", registered()),
		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo),
	}, steps...)...)
}

// adult asks whether the person is 18 or over on the index date.
func adult() cohort.Criterion { return person.AgeOn(cohort.Index).AtLeast(18) }
