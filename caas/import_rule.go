package caas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// toldRule is how to tell what a rule asks.
type toldRule struct {
	asks      []ask // in order, each with its criterion in the rule
	lists     []listed
	resolving []listed
	datasets  map[string][]string // acronyms, by the name of the table that stands for them
}

// ask is one thing that a rule asks.
type ask struct {
	kind      askKind
	what      string
	criterion cohort.Criterion
}

type askKind int

const (
	askEvents askKind = iota
	askUnresolved
	askAge
	askSpecialCase
)

// rule carries a rule over. It is false when it finds nobody.
func (im *importer) rule(p place, number string, r Rule) (told, bool) {
	im.note(p, InWords, "an id", "not used", "id")
	t := told{title: title("rule", number, ""), rule: &toldRule{datasets: map[string][]string{}}}
	b := ruleBuilder{importer: im, place: p, number: number, rule: r, told: t.rule, ok: true}
	tables := b.tables()
	b.unclearInclusion()
	if len(r.Inclusions) > 0 {
		b.events(tables)
	} else {
		b.noEvents()
	}
	b.ages()
	b.specialCases()
	switch {
	case !b.ok:
		im.nobody(p, "the rule finds nobody")
		return told{}, false
	case len(b.told.asks) == 0:
		im.empty(p, "a rule that limits nothing, by which everybody would belong")
		return told{}, false
	}
	criteria := make([]cohort.Criterion, len(b.told.asks))
	for i, a := range b.told.asks {
		criteria[i] = a.criterion
	}
	t.criterion = cohort.Define(t.title, im.version, allOf(criteria))
	return t, true
}

// ruleBuilder collects what a rule asks.
type ruleBuilder struct {
	*importer

	place  place
	number string
	rule   Rule
	told   *toldRule
	ok     bool // no loss lets the rule find nobody
}

func (b *ruleBuilder) ask(kind askKind, what string, c cohort.Criterion) {
	b.told.asks = append(b.told.asks, ask{kind, what, c})
}

func (b *ruleBuilder) lose(p place, loss Loss, what, avoid string, effect Effect, remedies []Remedy, fields ...string) {
	b.ok = b.lost(p, loss, what, avoid, effect, remedies, fields...) == LeaveOut && b.ok
}

// tables returns the tables that stand for the rule's data sets.
func (b *ruleBuilder) tables() []table {
	all := tables()
	if len(b.rule.Datasets) == 0 {
		b.note(b.place, Assumed, "no data sets", "where no data set is named, codes are looked for wherever their system is recorded", "datasets")
		return all
	}
	var out []table
	for i, d := range b.rule.Datasets {
		p := b.place.at("datasets", i, "data set")
		name := datasetName(d)
		found := slices.DeleteFunc(slices.Clone(all), func(t table) bool { return !t.stands(name) })
		if len(found) == 0 {
			b.lose(p, UnreadDataset, name+" is not a data set that can be read", "accept that its entries are not looked at", MissesPeople, either(), datasetFields()...)
			continue
		}
		names := make([]string, len(found))
		for i, t := range found {
			names[i] = t.name
			b.told.datasets[t.name] = append(b.told.datasets[t.name], name)
			if !slices.ContainsFunc(out, func(o table) bool { return o.name == t.name }) {
				out = append(out, t)
			}
		}
		b.note(p, Assumed, "data set "+name, fmt.Sprintf("%s is read from %s", name, strings.Join(names, " and ")), datasetFields()...)
	}
	return out
}

func (b *ruleBuilder) unclearInclusion() {
	if len(b.rule.DatasetInclusion) == 0 {
		b.note(b.place, Expressed, "no data set inclusion", "not asked", "datasetInclusion")
	}
	for i, d := range b.rule.DatasetInclusion {
		p := b.place.at("datasetInclusion", i, "data set inclusion")
		b.lose(p, UnclearInclusion, "nothing says what including "+datasetName(d)+" means", "ask CaaS what is meant", "", either(), datasetFields()...)
	}
}

// count returns how many entries the rule asks for.
func (b *ruleBuilder) count() int {
	c := b.rule.EventCountConstraint
	if c == nil {
		b.note(b.place, Expressed, "no number of events", "one is enough", "eventCountConstraint")
		return 1
	}
	const field = "eventCountConstraint.count"
	if c.Count < 1 {
		b.lose(b.place, UnclearCount, fmt.Sprintf("at least %d events", c.Count), "ask CaaS what is meant", "", either(), field)
		return 1
	}
	b.note(b.place, Assumed, "at least "+plural(c.Count, "event"),
		"a number of events is a number of entries in all data sets, several on one day or of one hospital stay included", field)
	return c.Count
}

// events asks for the codes, within the window, and that they are not resolved.
func (b *ruleBuilder) events(tables []table) {
	lists, ok := b.lists(b.place, "codeListInclusions", "list", b.rule.Inclusions, tables, MissesPeople)
	resolving, resolvingOK := b.lists(b.place, "codeListsResolving", "resolving list", b.rule.Resolving, tables, AddsPeople)
	w, windowOK := b.window(b.place, b.rule.EventDateConstraint)
	b.ok = b.ok && ok && resolvingOK && windowOK
	n := b.count()
	b.told.lists, b.told.resolving = lists, resolving
	counted := entriesOf(tables, lists, w)
	if len(counted) == 0 {
		b.ok = false // each list that is left out is accounted for
		return
	}
	if len(counted) > 1 && n > mostShared {
		b.lose(b.place, UnclearCount, fmt.Sprintf("at least %d events in several tables", n), "ask for fewer, or name one data set",
			AddsPeople, either())
		n = 1
	}
	b.ask(askEvents, "a code of "+labels(lists), atLeast(n, counted))
	if len(resolving) == 0 {
		return
	}
	b.note(b.place, Assumed, "resolving codes",
		"a resolving code takes a person out when it is later than the latest entry that counts; on the same day the person stays")
	resolved := resolvedBy(entriesOf(tables, resolving, window{on: b.on}), counted)
	name := "a later code of " + labels(resolving)
	b.ask(askUnresolved, "not resolved by "+name,
		cohort.Not(cohort.Define(fmt.Sprintf("resolved by %s (rule %s)", name, b.number), b.version, resolved)))
}

// noEvents accounts for a rule without code lists, and for what limits codes in it.
func (b *ruleBuilder) noEvents() {
	r := b.rule
	b.note(b.place, Expressed, "no lists", "not asked", "codeListInclusions")
	fields, limits := []string{}, false
	if r.EventDateConstraint == nil {
		fields = append(fields, "eventDateConstraint")
	} else {
		limits = *r.EventDateConstraint != EventDateConstraint{}
		for _, end := range []string{"withinLastMonths", "relativeEarliestTime", "relativeLatestTime", "fixedEarliestDate", "fixedLatestDate"} {
			fields = append(fields, "eventDateConstraint."+end)
		}
	}
	if r.EventCountConstraint == nil {
		fields = append(fields, "eventCountConstraint")
	} else {
		limits = true
		fields = append(fields, "eventCountConstraint.count")
	}
	if len(r.Resolving) == 0 {
		fields = append(fields, "codeListsResolving")
	}
	for i, l := range r.Resolving {
		limits = true
		at := fmt.Sprintf("codeListsResolving[%d].", i)
		for _, f := range listFields(l) {
			fields = append(fields, at+f)
		}
		for j := range l.Codes {
			for _, f := range codeFields() {
				fields = append(fields, fmt.Sprintf("%scodes[%d].%s", at, j, f))
			}
		}
	}
	switch {
	case limits:
		b.lose(b.place, NoEvents, "dates, a number of events or resolving codes without codes to look for", "ask CaaS which codes are meant",
			AddsPeople, either(), fields...)
	default:
		b.note(b.place, Expressed, "no limits of date, number or resolution", "not asked", fields...)
	}
	if len(r.PreCoordinated) == 0 && len(r.PatientAgeConstraints) > 0 {
		b.lose(b.place, AgeOnly, "a rule without codes: everybody of an age belongs", "ask CaaS whether codes are missing", AddsPeople, either())
	}
}

// ages asks for the age, if it is limited.
func (b *ruleBuilder) ages() {
	if len(b.rule.PatientAgeConstraints) == 0 {
		b.note(b.place, Expressed, "no limits of age", "not asked", "patientAgeConstraints")
	}
	var criteria []cohort.Criterion
	var words []string
	limited := true
	for i, c := range b.rule.PatientAgeConstraints {
		band, remedy := b.band(b.place.at("patientAgeConstraints", i, "age band"), c, either())
		switch {
		case remedy == FindNobody:
			b.ok = false
		case remedy == LeaveOut:
		case band.none():
			limited = false
		default:
			name := band.String()
			criteria = append(criteria, cohort.Define(name, b.version, band.criterion(b.on)))
			words = append(words, name)
		}
	}
	if limited && len(criteria) > 0 {
		b.ask(askAge, strings.Join(words, ", or "), anyOf(criteria))
	}
}

// specialCases asks the caller's criteria for what is published in words.
func (b *ruleBuilder) specialCases() {
	if len(b.rule.PreCoordinated) == 0 {
		b.note(b.place, Expressed, "no special cases", "not asked", "preCoordinatedConstraints")
	}
	fields := []string{
		"id", "preCoordinatedConstraintType.id", "preCoordinatedConstraintType.name", "preCoordinatedConstraintType.rulesetText",
	}
	for i, c := range b.rule.PreCoordinated {
		name := line(c.Type.Name, "a special case without a name")
		p := b.place.at("preCoordinatedConstraints", i, "special case").called(c.Type.Name)
		criterion, ok := b.options.SpecialCases[c.Type.ID]
		if !ok || c.Type.ID == "" {
			criterion, ok = b.options.SpecialCases[c.Type.Name]
		}
		if !ok {
			remedies := either()
			if len(b.rule.Inclusions) == 0 {
				remedies = remedies[1:] // nothing would be left of the rule
			}
			b.lose(p, SpecialCase, fmt.Sprintf("%s, which is published in words: %s", name, line(c.Type.RulesetText, "none")),
				"give a criterion in ImportOptions.SpecialCases", AddsPeople, remedies, fields...)
			continue
		}
		b.note(p, Given, name, name+" is the criterion that the caller gave", fields...)
		b.ask(askSpecialCase, name, cohort.Define(specialCase+name, b.version, criterion))
	}
}

// specialCase begins the name of a criterion that stands for a pre-coordinated
// constraint.
const specialCase = "special case: "

func labels(lists []listed) string {
	var out []string
	for _, l := range lists {
		if !slices.Contains(out, l.label) {
			out = append(out, l.label)
		}
	}
	return strings.Join(out, " or ")
}

func datasetFields() []string { return []string{"id", "acronym", "name", "description", "url"} }

// datasetName is what a data set is called: its acronym or its name.
func datasetName(d Dataset) string {
	for _, name := range []*string{d.Acronym, d.Name} {
		if name != nil && line(*name, "") != "" {
			return line(*name, "")
		}
	}
	return "a data set without a name"
}

// recorded reports whether one of the tables records codes of a system.
func recorded(tables []table, system codelist.System) bool {
	return slices.ContainsFunc(tables, func(t table) bool { return t.records(system) })
}
