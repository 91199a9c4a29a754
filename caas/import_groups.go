package caas

import (
	"fmt"
	"strconv"

	"github.com/personalised-prevention/nhs/cohort"
)

// told is a group, condition, rule set or rule that can find somebody: its criterion,
// and how to tell an explanation of it.
type told struct {
	title      string // with its number and kind, such as: condition 1.2 "asthma"
	name, slug string // of a group
	criterion  cohort.Criterion
	all        bool      // the parts must all hold
	of         []told    // its parts, if it is no rule
	rule       *toldRule // what it asks, if it is one
}

// whole names what is made of parts, and joins them. It is false when no part is left.
func (im *importer) whole(p place, title string, all bool, parts []told) (told, bool) {
	if len(parts) == 0 {
		im.nobody(p, "nothing is left that finds anybody")
		return told{}, false
	}
	criteria := make([]cohort.Criterion, len(parts))
	for i, part := range parts {
		criteria[i] = part.criterion
	}
	join := anyOf
	if all {
		join = allOf
	}
	return told{title: title, all: all, of: parts, criterion: cohort.Define(title, im.version, join(criteria))}, true
}

// head accounts for what stands at the top of a definition, and settles the reference.
func (im *importer) head(c Cohort) {
	var p place
	im.note(p, InWords, "names, authors, purpose and texts", "read beside the rules",
		"id", "name", "shortName", "urlSlug", "summary", "description", "authors", "commissioner", "purpose",
		"clinicalAtRiskGroupsText", "demographicsText", "disclaimerText", "lastUpdated")
	const field = "fixedDateReference"
	published := c.FixedDateReference != nil && line(*c.FixedDateReference, "") != ""
	switch {
	case !im.options.Reference.IsZero():
		im.reference(im.options.Reference)
		im.note(p, Given, "the reference day", "everything is asked as at the day given, "+im.fixed.String(), field)
	case !published:
		im.note(p, Assumed, "no fixed date reference", "everything is asked as at the index date, ages and all events included", field)
	default:
		day, ok := dayOf(*c.FixedDateReference)
		if !ok {
			im.lost(p, UnclearTime, "the fixed date reference is no day",
				"give ImportOptions.Reference; left out, everything is asked as at the index date", "", []Remedy{LeaveOut}, field)
			break
		}
		im.reference(day)
		im.note(p, Assumed, "the reference is "+day.String(),
			"everything is asked as at the fixed date reference, ages and the last day of events included", field)
	}
	im.note(p, Assumed, "how groups, conditions and rule sets are joined",
		"any condition group, any of its conditions and any of its rule sets is enough; being registered or alive is not asked")
}

func (im *importer) reference(day cohort.Date) { im.on, im.fixed = day, day }

// cohortAge makes a step of the age limits of the whole cohort, if there are any.
func (im *importer) cohortAge(c Cohort) (cohort.Step, bool) {
	const field = "patientAgeConstraint"
	if c.PatientAgeConstraint == nil {
		im.note(place{}, Expressed, "no limits of age for the whole", "none are set", field)
		return cohort.Step{}, false
	}
	p := place{field, "the age limits of the cohort"}
	band, remedy := im.band(p, *c.PatientAgeConstraint, []Remedy{LeaveOut})
	if remedy != "" || band.none() {
		return cohort.Step{}, false
	}
	return cohort.Include(band.String(), band.criterion(im.on)).IfUnknown(im.options.IfUnknown), true
}

func (im *importer) groups(groups []ConditionGroup) []told {
	var out []told
	for i, g := range groups {
		p := place{}.at("conditionGroups", i, "group").called(g.Name)
		im.note(p, InWords, "name and summary of the group", "read beside the rules", "id", "urlSlug", "name", "summary", "lastUpdated")
		im.note(p, InWords, "the logic and the people outside the digital pathway, in words", "compare it with the rules",
			"nonDigitalPathwayOverview", "ruleLogicOverview")
		number := strconv.Itoa(i + 1)
		group, ok := im.whole(p, title("group", number, g.Name), false, im.conditions(p, number, g.Conditions))
		if ok {
			group.name, group.slug = g.Name, g.Slug
			out = append(out, group)
		}
	}
	return out
}

func (im *importer) conditions(group place, number string, conditions []Condition) []told {
	if len(conditions) == 0 {
		im.empty(group, "a group without conditions: whoever is in it cannot be found by rules", "conditions")
	}
	var out []told
	for i, c := range conditions {
		var description string
		if c.Description != nil {
			description = *c.Description
		}
		p := group.at("conditions", i, "condition")
		im.note(p, InWords, "the condition and the people outside the digital pathway, in words", "compare it with the rules",
			"id", "description", "nonDigitalPathwayText", "conditionGroupId")
		number := fmt.Sprintf("%s.%d", number, i+1)
		if condition, ok := im.whole(p, title("condition", number, description), false, im.rulesets(p, number, c.Rulesets)); ok {
			out = append(out, condition)
		}
	}
	return out
}

func (im *importer) rulesets(condition place, number string, sets []Ruleset) []told {
	if len(sets) == 0 {
		im.empty(condition, "a condition without rule sets: whoever has it cannot be found by rules", "rulesets")
	}
	var out []told
	for i, s := range sets {
		p := condition.at("rulesets", i, "rule set")
		im.note(p, InWords, "an id", "not used", "id")
		if set, ok := im.ruleset(p, fmt.Sprintf("%s.%d", number, i+1), s); ok {
			out = append(out, set)
		}
	}
	return out
}

func (im *importer) ruleset(p place, number string, s Ruleset) (told, bool) {
	if len(s.Rules) == 0 {
		im.empty(p, "a rule set without rules", "logicallyAndRules", "rules")
		return told{}, false
	}
	all, nobody := im.join(p, s)
	var rules []told
	for i, r := range s.Rules {
		rule, ok := im.rule(p.at("rules", i, "rule"), fmt.Sprintf("%s.%d", number, i+1), r)
		switch {
		case ok:
			rules = append(rules, rule)
		case all:
			nobody = true
		}
	}
	if nobody {
		rules = nil
	}
	return im.whole(p, title("rule set", number, ""), all, rules)
}

// join says whether all rules of a set must hold, and whether the set finds nobody.
func (im *importer) join(p place, s Ruleset) (all, nobody bool) {
	const field = "logicallyAndRules"
	switch {
	case s.And != nil:
		all = *s.And
		im.note(p, Expressed, fmt.Sprintf("logicallyAndRules is %v", all), "joined so", field)
	case len(s.Rules) == 1:
		im.note(p, Expressed, "one rule, no join", "nothing to join", field)
	case im.options.JoinUnstated != "":
		all = im.options.JoinUnstated == AllRules
		im.note(p, Given, "nothing says how the rules are joined", "unstated joins take "+string(im.options.JoinUnstated)+" of the rules", field)
	default:
		im.lost(p, UnclearJoin, "nothing says how the rules are joined", "give ImportOptions.JoinUnstated",
			MissesPeople, []Remedy{FindNobody}, field)
		nobody = true
	}
	return all, nobody
}

// empty accounts for what has no content: it finds nobody, whatever the remedy.
func (im *importer) empty(p place, what string, fields ...string) {
	im.lost(p, NoRules, what, "ask CaaS what stands there, or accept that it finds nobody", MissesPeople, either(), fields...)
}

// nobody accounts for what finds nobody because of losses in it, each accounted for by
// itself.
func (im *importer) nobody(p place, what string) {
	im.parts = append(im.parts, Part{
		Path: p.path, Where: p.where, What: what, Standing: NotExpressed, Done: "because of losses in it",
		Loss: NothingLeft, Remedy: FindNobody, Effect: MissesPeople,
	})
}

// title is the name of a part in texts: its kind, its number and what it is called.
func title(kind, number, name string) string {
	if name = line(name, ""); name == "" {
		return kind + " " + number
	}
	return fmt.Sprintf("%s %s %q", kind, number, name)
}
