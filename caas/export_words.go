package caas

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
)

// specifier writes a specification.
type specifier struct {
	Specification

	reference cohort.Date // if it is known
}

// published sets out a definition of the published form, texts included.
func (s *specifier) published(c Cohort) {
	s.heading(1, line(c.Name, "A cohort without a name"))
	facts := [][2]string{
		{"Short name", c.ShortName},
		{"Slug", c.Slug},
		{"Id", c.ID},
		{"Last updated", c.LastUpdated},
		{"Authors", strings.Join(c.AuthorNames(), ", ")},
		{"Commissioner", c.Commissioner},
		{"Purpose", c.Purpose},
	}
	for _, f := range facts {
		if text := line(f[1], ""); text != "" {
			s.item(1, f[0]+": "+text)
		}
	}
	for _, t := range [][2]string{
		{"Summary", c.Summary},
		{"Description", c.Description},
		{"Demographics", c.DemographicsText},
		{"Clinical at risk groups", c.ClinicalAtRiskGroupsText},
		{"Disclaimer", c.DisclaimerText},
	} {
		if strings.TrimSpace(t[1]) != "" {
			s.heading(2, t[0])
			s.prose(t[1])
		}
	}
	s.groups(c)
	s.lists(c)
}

// groups sets out who belongs.
func (s *specifier) groups(c Cohort) {
	s.heading(2, "Who belongs")
	on := "the reference day, which is not fixed"
	if !s.reference.IsZero() {
		on = s.reference.String()
	}
	s.item(1, "Everything is asked as at "+on+".")
	if b := c.PatientAgeConstraint; b != nil {
		s.item(1, "Only people "+bandsInWords([]PatientAgeConstraint{*b})+".")
	}
	s.item(1, anyOfMany(len(c.ConditionGroups), "condition group")+".")
	for i, g := range c.ConditionGroups {
		number := strconv.Itoa(i + 1)
		s.heading(2, title("Condition group", number, g.Name))
		if g.Summary != nil {
			s.prose(*g.Summary)
		}
		s.prose(g.RuleLogicOverview)
		s.item(1, anyOfMany(len(g.Conditions), "condition")+".")
		for j, condition := range g.Conditions {
			s.condition(fmt.Sprintf("%s.%d", number, j+1), condition)
		}
		s.outside("Outside the digital pathway, for the whole group", g.NonDigitalPathwayOverview)
	}
}

func (s *specifier) condition(number string, c Condition) {
	s.heading(3, "Condition "+number)
	if c.Description != nil {
		s.prose(*c.Description)
	}
	s.item(1, anyOfMany(len(c.Rulesets), "rule set")+".")
	for i, set := range c.Rulesets {
		number := fmt.Sprintf("%s.%d", number, i+1)
		s.item(1, "Rule set "+number+": "+joinWords(set)+".")
		for j, r := range set.Rules {
			s.item(2, fmt.Sprintf("Rule %s.%d:", number, j+1))
			for _, text := range s.rule(r) {
				s.item(3, text+".")
			}
		}
	}
	if c.NonDigitalPathwayText != nil {
		s.outside("Outside the digital pathway", *c.NonDigitalPathwayText)
	}
}

func (s *specifier) outside(title, text string) {
	if strings.TrimSpace(text) != "" {
		s.heading(4, title)
		s.prose(text)
	}
}

// joinWords says how the rules of a set go together.
func joinWords(set Ruleset) string {
	switch n := len(set.Rules); {
	case n == 0:
		return "it has no rules"
	case n == 1:
		return "the rule must hold"
	case set.And == nil:
		return fmt.Sprintf("nothing says whether all of %d rules must hold or any", n)
	case *set.And:
		return fmt.Sprintf("all of %d rules must hold", n)
	default:
		return fmt.Sprintf("any of %d rules is enough", n)
	}
}

// anyOfMany says that one of several is enough.
func anyOfMany(n int, what string) string {
	switch n {
	case 0:
		return "There is no " + what
	case 1:
		return "There is one " + what
	default:
		return fmt.Sprintf("Any of %s is enough", plural(n, what))
	}
}

// rule says what a rule asks.
func (s *specifier) rule(r Rule) []string {
	var out []string
	if len(r.Inclusions) > 0 {
		what := "an entry"
		if c := r.EventCountConstraint; c != nil {
			what = "at least " + strings.Replace(plural(c.Count, "entry"), "entrys", "entries", 1)
		}
		out = append(out, what+" with a code of "+listNames(r.Inclusions))
	}
	out = append(out, s.dates(r.EventDateConstraint)...)
	if len(r.Resolving) > 0 {
		out = append(out, "unless a later entry has a code of "+listNames(r.Resolving)+", which resolves it")
	}
	if len(r.PatientAgeConstraints) > 0 {
		out = append(out, bandsInWords(r.PatientAgeConstraints))
	}
	for _, p := range r.PreCoordinated {
		out = append(out, fmt.Sprintf("special case %s: %s", line(p.Type.Name, "without a name"), line(p.Type.RulesetText, "not described")))
	}
	for _, d := range [][]Dataset{r.Datasets, r.DatasetInclusion} {
		var names []string
		for _, set := range d {
			names = append(names, datasetName(set))
		}
		if len(names) > 0 {
			out = append(out, "in "+strings.Join(names, ", "))
		}
	}
	if len(out) == 0 {
		return []string{"it asks nothing"}
	}
	return out
}

// dates says the limits of date, with days where they are known.
func (s *specifier) dates(c *EventDateConstraint) []string {
	if c == nil {
		return nil
	}
	var out []string
	if n := c.WithinLastMonths; n != nil && s.reference.IsZero() {
		out = append(out, fmt.Sprintf("dated in the last %s up to the reference", plural(*n, "month")))
	} else if n != nil {
		out = append(out, fmt.Sprintf("dated from %v to %v, the last %s", s.reference.AddMonths(-*n), s.reference, plural(*n, "month")))
	}
	for _, e := range []struct {
		words    string
		relative *int
		fixed    *string
	}{{"not before", c.RelativeEarliestTime, c.FixedEarliestDate}, {"not after", c.RelativeLatestTime, c.FixedLatestDate}} {
		if e.relative != nil {
			out = append(out, fmt.Sprintf("dated %s the relative time %d, whose unit is not published", e.words, *e.relative))
		}
		if e.fixed != nil && line(*e.fixed, "") != "" {
			text := line(*e.fixed, "")
			if day, ok := dayOf(text); ok {
				text = day.String()
			}
			out = append(out, "dated "+e.words+" "+text)
		}
	}
	return out
}

// bandsInWords says age bands, of which one must fit.
func bandsInWords(bands []PatientAgeConstraint) string {
	var out []string
	for _, c := range bands {
		var b band
		if c.MinMonths != nil {
			b.least = *c.MinMonths
		}
		if c.MaxMonths != nil {
			b.below = *c.MaxMonths
		}
		out = append(out, b.String())
	}
	return strings.Join(out, ", or ")
}

func listNames(lists []CodeList) string {
	var out []string
	for _, l := range lists {
		if name := label(l); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " or ")
}

// fewCodes is how many codes of a list are shown.
const fewCodes = 25

// lists sets out the code lists of a published definition.
func (s *specifier) lists(c Cohort) {
	var rows [][]string
	var few []CodeList
	seen := map[string]bool{}
	each := func(number, use string, lists []CodeList) {
		for _, l := range lists {
			system := "not said"
			if l.CodeSystem != nil {
				system = line(l.CodeSystem.Name, system)
			}
			rows = append(rows, []string{label(l), line(l.ShortDescription, ""), system, strconv.Itoa(len(l.Codes)), use + " in rule " + number})
			key := cmp.Or(l.ID, label(l))
			if len(l.Codes) > 0 && len(l.Codes) <= fewCodes && !seen[key] {
				few = append(few, l)
			}
			seen[key] = true
		}
	}
	for i, g := range c.ConditionGroups {
		for j, condition := range g.Conditions {
			for k, set := range condition.Rulesets {
				for n, r := range set.Rules {
					number := fmt.Sprintf("%d.%d.%d.%d", i+1, j+1, k+1, n+1)
					each(number, "counts", r.Inclusions)
					each(number, "resolves", r.Resolving)
				}
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	s.heading(2, "Code lists")
	s.table([]string{"List", "About", "System", "Codes published", "Use"}, rows)
	for _, l := range few {
		s.heading(3, "Codes of "+label(l))
		for _, code := range l.Codes {
			s.item(1, fmt.Sprintf("%s, %s", line(code.CodeSystem.Name, "no system"), shown(code)))
		}
	}
}

// planLists sets out the code lists of a plan.
func (s *specifier) planLists(plan *cohort.Plan) {
	var rows [][]string
	for _, l := range plan.Uses().CodeLists {
		rows = append(rows, []string{l.ID(), l.Version(), string(l.System()), strconv.Itoa(l.Len()), l.Hash(), l.Source()})
	}
	if len(rows) == 0 {
		return
	}
	s.heading(2, "Code lists of the plan")
	s.table([]string{"List", "Version", "System", "Codes", "Hash of the codes", "Source"}, rows)
}

func (s *specifier) identity(plan *cohort.Plan) {
	s.item(1, "Definition: "+plan.ID()+", version "+plan.Version())
	s.item(1, "Hash of its meaning: "+plan.Hash())
}

func (s *specifier) wording(plan *cohort.Plan) {
	s.heading(2, "Exact wording")
	s.add(specBlock{fence: plan.English()})
}

// assumptions say what is not published about the meaning of the form.
func (s *specifier) assumptions() {
	s.heading(2, "Assumed")
	s.prose("How definitions of this form are evaluated is not published. The following is assumed.")
	for _, text := range []string{
		"One condition group, one of its conditions and one of its rule sets is enough.",
		"Who is registered or alive is not asked.",
		"Entries without a date, and entries after the reference day, do not count.",
		"A rule holds with an entry of any of its codes, in any of its data sets, within all of its other limits.",
		"Ages are in completed months on the reference day; the least age is included, the greatest is not, 0 is no limit.",
		"First and last days of windows are included.",
		"A number of entries counts several on one day, and the several episodes of one hospital stay.",
		"Codes of three characters of ICD-10 and OPCS-4 stand for all that begin with them, and are looked for in any position.",
		"A resolving code takes a person out when its latest entry is later than the latest entry that counts; on the same day the person stays.",
	} {
		s.item(1, text)
	}
}
