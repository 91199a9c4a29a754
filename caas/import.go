package caas

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// ImportOptions fill in what published definitions do not say. The zero value
// fills in nothing and accepts no loss.
type ImportOptions struct {
	// ID and Version name the result. Empty means the slug and the time of the last
	// update.
	ID, Version string

	// Reference is the day as at which everything is asked. Zero means the
	// definition's own fixed date reference or, if it has none, [cohort.Index], to be
	// bound later.
	Reference cohort.Date

	// IfUnknown says what happens to people whose date of birth is missing, if
	// their age matters. Zero means [cohort.Refer].
	IfUnknown cohort.UnknownPolicy

	// Steps are put before those of the definition. Published definitions say nothing
	// of who is registered or alive.
	Steps []cohort.Step

	// Lists are code lists, by the name of their cluster or the id of the published
	// list, which goes before. They stand for all the codes that are published there. One
	// entry may hold lists of several coding systems. [codelist.ReadPCD] reads clusters from
	// the release of primary care reference sets.
	Lists map[string][]*codelist.List

	// SpecialCases are criteria for pre-coordinated constraints, by the id or the name
	// of their type.
	SpecialCases map[string]cohort.Criterion

	// RelativeTimes says what relative times count. Empty means that it is not known:
	// neither unit nor direction is published.
	RelativeTimes RelativeUnit

	// JoinUnstated says how the rules of a set are joined for which that is not said.
	JoinUnstated Join

	// Accept lists the losses that are known and borne. For each loss the first that
	// fits counts.
	Accept []Acceptance
}

// Join is how the rules of a set go together.
type Join string

// The joins.
const (
	AllRules Join = "all"
	AnyRule  Join = "any"
)

// RelativeUnit is what the relative times of a definition count, from the reference.
type RelativeUnit string

// The units.
const (
	DaysBefore   RelativeUnit = "days before"
	DaysAfter    RelativeUnit = "days after"
	MonthsBefore RelativeUnit = "months before"
	MonthsAfter  RelativeUnit = "months after"
)

func (u RelativeUnit) known() bool {
	return slices.Contains([]RelativeUnit{"", DaysBefore, DaysAfter, MonthsBefore, MonthsAfter}, u)
}

// Imported is a published definition in the criteria language. It does not change.
type Imported struct {
	// Definition finds the people. Its parameters are [cohort.Index], unless the reference
	// is known, and those of the steps in the options.
	Definition *cohort.Definition
	// Groups are the condition groups that can find somebody, for use in other
	// definitions.
	Groups []ImportedGroup
	// Report accounts for every field of the published definition.
	Report Report

	source Cohort
	told   []told // the groups
	label  string // of the step that asks for the groups
}

// ImportedGroup is a condition group as a criterion.
type ImportedGroup struct {
	Name, Slug string
	Criterion  cohort.Criterion
}

// Import carries a published definition over into the criteria language.
//
// What the definition and the options say exactly is expressed, named by condition
// group, condition, rule set and rule, so that texts and explanations read like the
// publication. How published definitions are evaluated is not public; what follows is
// assumed, and the report says so wherever it matters:
//
//   - A person belongs who is in any condition group, through any of its conditions,
//     through any of its rule sets. Nobody else does: who is registered or alive is
//     not asked.
//   - Everything is asked as at one day, the reference. Entries without a date and
//     entries after the reference do not count.
//   - A rule holds for a person with an entry of any of its codes, in any of its data
//     sets. Its other limits must all hold.
//   - Ages are in completed months on the reference; the least age is included, the
//     greatest is not, and 0 is no limit. Of several bands one must fit.
//   - Within the last n months goes from the same day of the month n months before,
//     by the rule of [cohort.Date.AddMonths], to the reference, both included. So are
//     fixed dates.
//   - A count is of entries in all data sets together, including several on one day and
//     the several episodes of one hospital stay.
//   - A resolving code takes a person out when its latest entry is later than the latest
//     entry that the rule counts. On the same day the person stays. The limits of date
//     do not apply to resolving codes.
//   - GPES and GDPPR are the GP journal of package gpes. HES is admitted care, by the
//     first day of the episode, and outpatient care, kept or not, of package hes. Codes of
//     SNOMED CT are looked for in the former, of ICD-10 and OPCS-4 in the latter, in any
//     position. Published codes of three characters of these stand for all that begin with
//     them; lists in the options hold what they say, so give I26* for a category.
//   - A code that its prefix or its form puts into another system than its label does
//     belongs to that system, if there is only one.
//
// Everything else is a [Loss]. An import with a loss that the options do not accept
// fails with an [*InexactError], because a cohort that quietly finds other people is a
// clinical incident. A rule that finds nobody is left out of its set, or takes a set
// with it that wants all its rules; what is left empty so is left out in turn. A
// definition of which nothing is left is an error.
//
// The result refers to the definition, which must not be changed afterwards. Other
// errors are a [*nhs.ArgumentError] for options that make no sense and those of
// [cohort.New]. The latter refuses a definition by which a person without any record
// would belong or be referred; groups by age alone need a first step in the options,
// such as being registered.
func Import(c Cohort, o ImportOptions) (*Imported, error) {
	const op = "caas.Import"
	im := importer{options: o, on: cohort.Index, names: map[string]*codelist.List{}}
	if err := im.check(c); err != nil {
		return nil, err
	}
	result := &Imported{source: c}
	steps := slices.Clone(o.Steps)
	im.head(c)
	if age, ok := im.cohortAge(c); ok {
		steps = append(steps, age)
	}
	result.told = im.groups(c.ConditionGroups)
	result.Report = Report{im.parts}
	if refused := (&InexactError{op, result.Report}); len(refused.Refused()) > 0 {
		return nil, refused
	}
	if len(result.told) == 0 {
		return nil, fmt.Errorf("%s: %w: with the accepted losses no condition group finds anybody", op, nhs.ErrInvalid)
	}
	criteria := make([]cohort.Criterion, len(result.told))
	for i, g := range result.told {
		criteria[i] = g.criterion
		result.Groups = append(result.Groups, ImportedGroup{g.name, g.slug, g.criterion})
	}
	result.label = "in at least one condition group of " + line(c.Name, "the cohort")
	steps = append(steps, cohort.Include(result.label, anyOf(criteria)).IfUnknown(im.options.IfUnknown))
	definition, err := cohort.New(im.options.ID, im.options.Version, steps...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	result.Definition = definition
	return result, nil
}

// importer carries one definition over. It goes on after a loss that is not accepted,
// so that the report tells all.
type importer struct {
	options ImportOptions
	version string                      // of named criteria
	on      cohort.Operand[cohort.Date] // the reference
	fixed   cohort.Date                 // the same, if it is known
	names   map[string]*codelist.List   // every list used, by id and version
	parts   []Part
}

// check checks the options and settles what they leave to the definition.
func (im *importer) check(c Cohort) error {
	o := &im.options
	if o.ID == "" {
		o.ID = line(c.Slug, line(c.ID, ""))
	}
	if o.Version == "" {
		o.Version = line(c.LastUpdated, "")
	}
	day := o.Version
	if _, err := time.Parse(time.RFC3339, o.Version); err == nil {
		day, _, _ = strings.Cut(o.Version, "T") // is enough in texts
	}
	im.version = o.ID + " " + day // so that groups of several definitions go together
	if o.IfUnknown == 0 {
		o.IfUnknown = cohort.Refer
	}
	refuse := func(name, reason string) error {
		return &nhs.ArgumentError{Name: "ImportOptions." + name, Reason: reason}
	}
	switch {
	case o.ID == "":
		return refuse("ID", "must be given: the definition has neither slug nor id")
	case o.Version == "":
		return refuse("Version", "must be given: the definition does not say when it was updated")
	case o.ID != flat(o.ID) || o.Version != flat(o.Version):
		return refuse("ID", "and Version must be one line of printable text")
	case o.IfUnknown > cohort.Refer:
		return refuse("IfUnknown", "must be TreatAsNo, TreatAsYes or Refer")
	case o.JoinUnstated != "" && o.JoinUnstated != AllRules && o.JoinUnstated != AnyRule:
		return refuse("JoinUnstated", "must be AllRules or AnyRule")
	case !o.RelativeTimes.known():
		return refuse("RelativeTimes", "must be one of the units")
	case len(c.ConditionGroups) == 0:
		return &nhs.ArgumentError{Name: "cohort", Reason: "has no condition groups, so nobody belongs to it"}
	}
	for _, lists := range o.Lists {
		if len(lists) == 0 || slices.Contains(lists, nil) {
			return refuse("Lists", "must not hold an empty entry or a nil list")
		}
		for _, l := range lists {
			im.names[l.ID()+" "+l.Version()] = l
		}
	}
	for _, a := range o.Accept {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

// place is where a part of the definition stands.
type place struct{ path, where string }

// at returns the place of an element of a list below p.
func (p place) at(field string, i int, what string) place {
	child := place{fmt.Sprintf("%s[%d]", field, i), fmt.Sprintf("%s %d", what, i+1)}
	if p.path != "" {
		child.path = p.path + "." + child.path
		child.where = p.where + ", " + child.where
	}
	return child
}

// called adds a name to the words.
func (p place) called(name string) place {
	if name = line(name, ""); name != "" {
		p.where += fmt.Sprintf(" %q", name)
	}
	return p
}

// note accounts for fields that were carried over.
func (im *importer) note(p place, s Standing, what, done string, fields ...string) {
	im.parts = append(im.parts, Part{
		Path: p.path, Fields: fields, Where: line(p.where, "the definition"), What: what, Standing: s, Done: done,
	})
}

// lost accounts for fields that cannot be carried over, and returns what is done. A
// loss without a remedy is treated like one with the first that can be accepted.
func (im *importer) lost(p place, loss Loss, what, avoid string, effect Effect, remedies []Remedy, fields ...string) Remedy {
	part := Part{
		Path: p.path, Fields: fields, Where: line(p.where, "the definition"), What: what,
		Standing: NotExpressed, Done: avoid, Loss: loss, Effect: effect,
	}
	for _, a := range im.options.Accept {
		if a.Loss == loss && strings.HasPrefix(p.path, a.Within) && slices.Contains(remedies, a.Remedy) {
			part.Remedy = a.Remedy
			break
		}
	}
	if part.Remedy == FindNobody {
		part.Effect = MissesPeople
	}
	im.parts = append(im.parts, part)
	if part.Remedy == "" {
		return remedies[0]
	}
	return part.Remedy
}

// either is what can be done about most losses.
func either() []Remedy { return []Remedy{LeaveOut, FindNobody} }

// anyOf joins criteria, without a join of one.
func anyOf(criteria []cohort.Criterion) cohort.Criterion {
	if len(criteria) == 1 {
		return criteria[0]
	}
	return cohort.Any(criteria...)
}

// allOf joins criteria, without a join of one.
func allOf(criteria []cohort.Criterion) cohort.Criterion {
	if len(criteria) == 1 {
		return criteria[0]
	}
	return cohort.All(criteria...)
}

// longest is how much of a text goes into a name.
const longest = 200

// line makes a text one line of printable characters, not too long for a name, or
// returns other when nothing is left.
func line(s, other string) string {
	text := flat(s)
	if runes := []rune(text); len(runes) > longest {
		text = strings.TrimSpace(string(runes[:longest])) + "…"
	}
	return cmp.Or(text, other)
}

// flat makes a text one line of printable characters. The items of a list go behind
// each other.
func flat(s string) string {
	var b strings.Builder
	for part := range strings.Lines(strings.ToValidUTF8(s, " ")) {
		part = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || !unicode.IsPrint(r) {
				return ' '
			}
			return r
		}, part)), " ")
		if part = strings.TrimPrefix(part, "- "); part == "" {
			continue
		}
		if text := b.String(); text != "" && !strings.ContainsRune(".:;,", rune(text[len(text)-1])) {
			b.WriteString(";")
		}
		if b.Len() > 0 {
			b.WriteString(" ")
		}
		b.WriteString(part)
	}
	return b.String()
}
