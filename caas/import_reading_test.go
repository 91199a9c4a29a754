package caas_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/caas"
)

// day0 is the reference of a definition.
func day0(c caas.Cohort) time.Time {
	text := reference.String()
	if c.FixedDateReference != nil && *c.FixedDateReference != "" {
		text = (*c.FixedDateReference)[:10]
	}
	return at(text)
}

func at(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// reading reads the published model for one person, as at a day, with everything left
// out that everything() accepts. It answers yes, no or unknown.
type reading struct {
	patient
	on time.Time
}

func or(answers ...string) string {
	for _, want := range []string{"yes", "unknown"} {
		if slices.Contains(answers, want) {
			return want
		}
	}
	return "no"
}

func and(answers ...string) string {
	for _, want := range []string{"no", "unknown"} {
		if slices.Contains(answers, want) {
			return want
		}
	}
	return "yes"
}

func truth(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (r reading) cohort(c caas.Cohort) string {
	age := "yes"
	if c.PatientAgeConstraint != nil {
		age = r.ages([]caas.PatientAgeConstraint{*c.PatientAgeConstraint})
	}
	found := "no"
	for _, g := range c.ConditionGroups {
		for _, d := range g.Conditions {
			for _, s := range d.Rulesets {
				found = or(found, r.set(s))
			}
		}
	}
	return and(age, found)
}

func (r reading) set(s caas.Ruleset) string {
	if len(s.Rules) == 0 || s.And == nil && len(s.Rules) > 1 {
		return "no"
	}
	var answers []string
	for _, rule := range s.Rules {
		answers = append(answers, r.rule(rule))
	}
	if s.And != nil && *s.And {
		return and(answers...)
	}
	return or(answers...)
}

func (r reading) rule(u caas.Rule) string {
	limited := false
	for _, b := range u.PatientAgeConstraints {
		limited = limited || r.limits(b)
	}
	for _, b := range u.PatientAgeConstraints {
		limited = limited && !r.unlimited(b)
	}
	if len(u.Inclusions) == 0 {
		if len(u.PreCoordinated) > 0 || !limited {
			return "no" // a special case of which nothing is left, or nothing at all
		}
		return r.ages(u.PatientAgeConstraints)
	}
	counted := r.dates(u, u.Inclusions, u.EventDateConstraint)
	least := 1
	if u.EventCountConstraint != nil {
		least = max(1, u.EventCountConstraint.Count)
	}
	if len(counted) < least {
		return "no"
	}
	for _, later := range r.dates(u, u.Resolving, nil) {
		if later > slices.Max(counted) {
			return "no"
		}
	}
	return r.ages(u.PatientAgeConstraints)
}

// reads reports whether a rule reads a data set: the one named so, or one of several that
// begin so.
func reads(u caas.Rule, begins ...string) bool {
	return len(u.Datasets) == 0 || slices.ContainsFunc(u.Datasets, func(d caas.Dataset) bool {
		name := ""
		if d.Name != nil {
			name = *d.Name
		}
		if d.Acronym != nil && *d.Acronym != "" {
			name = *d.Acronym
		}
		return slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(name, b) })
	})
}

// dates are those of the entries with a code of the lists, within the limits.
func (r reading) dates(u caas.Rule, lists []caas.CodeList, limits *caas.EventDateConstraint) []string {
	from, to := "0001-01-01", r.on.Format(time.DateOnly)
	if limits != nil {
		if n := limits.WithinLastMonths; n != nil && *n > 0 {
			from = back(r.on, *n)
		}
		if s := limits.FixedEarliestDate; s != nil && *s != "" && *s != "spring" {
			from = max(from, *s)
		}
		if s := limits.FixedLatestDate; s != nil {
			to = min(to, *s)
		}
	}
	var out []string
	look := func(hospital bool, entries []entry) {
		for _, e := range entries {
			if e.date >= from && e.date <= to && e.date != "" && slices.ContainsFunc(lists, func(l caas.CodeList) bool { return holds(l, hospital, e.code) }) {
				out = append(out, e.date)
			}
		}
	}
	if reads(u, "GDPPR", "GPES") {
		look(false, r.entries)
	}
	if reads(u, "HES") {
		look(true, r.episodes)
		look(true, r.appointments)
	}
	return out
}

// back is n months before a day, on the last of a shorter month.
func back(on time.Time, n int) string {
	first := time.Date(on.Year(), on.Month()-time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return fmt.Sprintf("%s-%02d", first.Format("2006-01"), min(on.Day(), last))
}

// holds reports whether a list has a code of a GP or a hospital record.
func holds(l caas.CodeList, hospital bool, code string) bool {
	return slices.ContainsFunc(l.Codes, func(c caas.Code) bool {
		label := c.CodeSystem.Name
		if label == "" && l.CodeSystem != nil {
			label = l.CodeSystem.Name
		}
		switch c.Value {
		case code, " " + code, "SNOMED:" + code:
			// K041 and K04 are codes of both systems: only the label tells.
			return !hospital || code[0] != 'K' || label == "OPCS"
		case "ICD10:D580":
			return hospital && code == "D580"
		case "I26":
			return hospital && code[:3] == "I26"
		case "K04":
			return hospital && code[:3] == "K04" && label == "OPCS"
		default:
			return false
		}
	})
}

func (r reading) unlimited(b caas.PatientAgeConstraint) bool {
	return (b.MinMonths == nil || *b.MinMonths == 0) && (b.MaxMonths == nil || *b.MaxMonths == 0)
}

// limits reports whether a band is one: neither negative, nor empty, nor everybody.
func (r reading) limits(b caas.PatientAgeConstraint) bool {
	least, below := 0, 0
	if b.MinMonths != nil {
		least = *b.MinMonths
	}
	if b.MaxMonths != nil {
		below = *b.MaxMonths
	}
	return !r.unlimited(b) && below >= 0 && (below == 0 || least < below)
}

func (r reading) ages(bands []caas.PatientAgeConstraint) string {
	bands = slices.DeleteFunc(slices.Clone(bands), func(b caas.PatientAgeConstraint) bool { return !r.limits(b) && !r.unlimited(b) })
	if len(bands) == 0 || slices.ContainsFunc(bands, r.unlimited) {
		return "yes"
	}
	if r.born == "" {
		return "unknown"
	}
	// The months completed: one for each day of the month of birth that has come.
	born := at(r.born)
	months := 12*(r.on.Year()-born.Year()) + int(r.on.Month()) - int(born.Month())
	if r.on.Day() < born.Day() {
		months--
	}
	return truth(slices.ContainsFunc(bands, func(b caas.PatientAgeConstraint) bool {
		return (b.MinMonths == nil || months >= *b.MinMonths) && (b.MaxMonths == nil || *b.MaxMonths == 0 || months < *b.MaxMonths)
	}))
}
