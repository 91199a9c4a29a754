package caas

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// What an export can lose, beside what an import can. Each can only be left out.
const (
	// UnheldStep: a step of the plan that the published form has no place for, such as
	// being registered, or any that excludes. Left out: the step.
	UnheldStep Loss = "step not held"
	// UnheldPart: a part of a step that the published form has no place for. Left out:
	// the part.
	UnheldPart Loss = "part not held"
	// OpenEnd: entries after the reference count in the plan. Left out: these.
	OpenEnd Loss = "open end"
)

// ExportOptions say what a plan does not.
type ExportOptions struct {
	// Texts has the names, texts and dates that stand beside the rules; its rules and
	// its reference are not used.
	Texts Cohort
	// RelativeTimes is the unit in which days that are counted from the reference are
	// written. Empty means that none is agreed: they become fixed dates, as at the day
	// to which the plan is bound.
	RelativeTimes RelativeUnit
	// Accept lists the losses that are known and borne.
	Accept []Acceptance
}

// Exported is a plan in the published form.
type Exported struct {
	Cohort Cohort
	// Report accounts for every step of the plan. Its paths are those of [cohort.Plan.JSON].
	Report Report
}

// Export carries a plan over into the form of published definitions. What an import has
// named by group, condition, rule set and rule goes back to its place, so that
// importing what was exported has the same meaning; other plans are laid out by their
// structure. Where [Import] assumes what the published form means, so does Export.
//
// That form can say who is included, through any of its groups; not who is left out
// by another criterion, nor anything of demographics but the age, nor of values. What
// it has no place for is a [Loss], refused with an [*InexactError] unless it is
// accepted. Ids of exported parts are their numbers, and codes go without their terms.
func Export(plan *cohort.Plan, o ExportOptions) (*Exported, error) {
	const op = "caas.Export"
	if plan == nil {
		return nil, &nhs.ArgumentError{Name: "plan", Reason: "is nil"}
	}
	if !o.RelativeTimes.known() {
		return nil, &nhs.ArgumentError{Name: "ExportOptions.RelativeTimes", Reason: "must be one of the units"}
	}
	for _, a := range o.Accept {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	x, out, err := lay(plan, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	result := &Exported{Cohort: dress(out, o.Texts, plan), Report: Report{x.parts}}
	if refused := (&InexactError{op, result.Report}); len(refused.Refused()) > 0 {
		return nil, refused
	}
	if len(out.ConditionGroups) == 0 {
		return nil, fmt.Errorf("%s: %w: no step of the plan can be held", op, nhs.ErrInvalid)
	}
	return result, nil
}

// lay lays out a plan, as far as that goes.
func lay(plan *cohort.Plan, o ExportOptions) (*exporter, Cohort, error) {
	steps, err := steps(plan)
	if err != nil {
		return nil, Cohort{}, err
	}
	x := &exporter{
		importer: importer{options: ImportOptions{Accept: o.Accept}}, unit: o.RelativeTimes, texts: plan.Steps(), lists: map[string]*codelist.List{},
	}
	for _, l := range plan.Uses().CodeLists {
		x.lists[l.ID()+" "+l.Version()] = l
	}
	x.findReference(steps)
	return x, x.cohort(steps), nil
}

// dress puts names, texts and dates around rules.
func dress(rules, texts Cohort, plan *cohort.Plan) Cohort {
	out := texts
	out.FixedDateReference, out.PatientAgeConstraint, out.ConditionGroups = rules.FixedDateReference, rules.PatientAgeConstraint, rules.ConditionGroups
	for _, field := range []struct {
		text  *string
		other string
	}{{&out.ID, plan.ID()}, {&out.Slug, plan.ID()}, {&out.Name, plan.ID()}, {&out.LastUpdated, plan.Version()}} {
		if *field.text == "" {
			*field.text = field.other
		}
	}
	for i := range out.ConditionGroups {
		if out.ConditionGroups[i].LastUpdated == "" {
			out.ConditionGroups[i].LastUpdated = out.LastUpdated
		}
	}
	return out
}

// exporter lays out one plan. Of the importer it uses the account only.
type exporter struct {
	importer

	unit      RelativeUnit
	texts     []cohort.StepText
	lists     map[string]*codelist.List
	reference cohort.Date
	param     string // that brought the reference
}

// findReference settles which day is the reference: the index, or else the day that
// ages and windows name most often.
func (x *exporter) findReference(steps []treeStep) {
	times := map[cohort.Date]int{}
	var order []cohort.Date
	for i := range steps {
		steps[i].Criterion.walk(func(v *treeValue) {
			day, param, ok := v.day()
			switch {
			case !ok:
			case param == string(cohort.Index):
				x.reference, x.param = day, param
			default:
				times[day]++
				order = append(order, day)
			}
		})
	}
	if x.param != "" {
		return
	}
	for _, day := range order {
		if times[day] > times[x.reference] {
			x.reference = day
		}
	}
}

func (x *exporter) isReference(v *treeValue) bool {
	day, param, ok := v.day()
	return ok && day == x.reference && param == x.param
}

// cohort lays out the steps.
func (x *exporter) cohort(steps []treeStep) Cohort {
	var out Cohort
	if x.param == "" && !x.reference.IsZero() {
		out.FixedDateReference = new(x.reference.String())
		x.note(place{}, Expressed, "everything is asked as at "+x.reference.String(), "the fixed date reference")
	}
	var held []heldStep
	for i, s := range steps {
		p := place{fmt.Sprintf("steps[%d]", i), fmt.Sprintf("step %d", i+1)}
		p = p.called(s.Label)
		if s.IfUnknown != "" {
			x.note(p, Assumed, "what happens when the answer is unknown",
				"what is not known is left to whoever evaluates the published form; in the plan it is: "+s.IfUnknown)
		}
		bands, isAge := x.bands(s.Criterion)
		switch {
		case s.Kind == "include" && isAge && len(bands) == 1 && out.PatientAgeConstraint == nil:
			out.PatientAgeConstraint = new(bands[0].constraint())
			x.note(p, Expressed, bands[0].String(), "the age limits of the cohort")
		case s.Kind == "include" && (!isAge || len(bands) > 1):
			if h := x.held(p, s.Criterion); len(h.groups) > 0 {
				held = append(held, h)
				break
			}
			fallthrough
		default:
			x.lost(p, UnheldStep, flat(x.texts[i].English), "say it in the texts", AddsPeople, []Remedy{LeaveOut})
		}
	}
	out.ConditionGroups = x.joined(held)
	return out
}

// heldStep is a step that can be laid out, wholly or in part, with its account.
type heldStep struct {
	place  place
	groups []ConditionGroup
	parts  []Part
}

func (x *exporter) held(p place, n treeNode) heldStep {
	h := heldStep{place: p}
	h.parts = x.apart(func() { h.groups = x.groups(spot{n, place{p.path + ".criterion", p.where}}) })
	return h
}

// apart collects the account of something that may yet be dropped.
func (x *exporter) apart(do func()) []Part {
	before := x.parts
	x.parts = nil
	do()
	own := x.parts
	x.parts = before
	return own
}

// joined puts steps together, all of which must hold. Several can only be held when
// each is a set of rules that must all hold; otherwise the first is.
func (x *exporter) joined(steps []heldStep) []ConditionGroup {
	if len(steps) == 0 {
		return nil
	}
	first := &steps[0]
	merged := first.groups
	if !slices.ContainsFunc(steps, func(h heldStep) bool { return len(h.rules()) == 0 }) && len(steps) > 1 {
		set := Ruleset{ID: "1.1.1", And: new(true)}
		for i, h := range steps {
			set.Rules = append(set.Rules, h.rules()...)
			x.parts = append(x.parts, h.parts...)
			x.note(steps[i].place, Expressed, "the step", "some rules of the one rule set, all of which must hold")
		}
		for i := range set.Rules {
			set.Rules[i].ID = fmt.Sprintf("1.1.1.%d", i+1)
		}
		return []ConditionGroup{{
			ID: "1", Slug: "1", Name: first.groups[0].Name,
			Conditions: []Condition{{ID: "1.1", Rulesets: []Ruleset{set}}},
		}}
	}
	x.parts = append(x.parts, first.parts...)
	x.note(first.place, Expressed, "the step", plural(len(merged), "condition group"))
	for _, h := range steps[1:] {
		x.lost(h.place, UnheldStep, "the step, which must hold beside another", "say it in the texts", AddsPeople, []Remedy{LeaveOut})
	}
	return merged
}

// rules returns the rules of a step that is one set of rules, all of which must hold.
func (h heldStep) rules() []Rule {
	if len(h.groups) != 1 || len(h.groups[0].Conditions) != 1 || len(h.groups[0].Conditions[0].Rulesets) != 1 {
		return nil
	}
	set := h.groups[0].Conditions[0].Rulesets[0]
	if len(set.Rules) > 1 && !*set.And {
		return nil
	}
	return set.Rules
}

// spot is a question and where it stands.
type spot struct {
	treeNode

	place place
}

// part returns the i-th part of a question.
func (s spot) part(i int) spot {
	return spot{s.Of[i], place{fmt.Sprintf("%s.of[%d]", s.place.path, i), s.place.where}}
}

// unnamed returns what is named by kind, number and perhaps a name, as [Import] names
// the parts of a definition, with that name.
func (s spot) unnamed(kind string) (spot, string) {
	if s.Op != "named" {
		return s, ""
	}
	found := kept.FindStringSubmatch(s.ID)
	if found == nil || found[1] != kind {
		return s, ""
	}
	name, err := strconv.Unquote(strings.TrimSpace(found[2]))
	if err != nil {
		name = ""
	}
	inner := s.part(0)
	inner.place = inner.place.called(name)
	return inner, name
}

// kept are the names that Import gives to the parts of a definition, which keep each
// apart from others, and to special cases.
var kept = regexp.MustCompile(`^(group|condition|rule set|rule) [0-9.]+( ".*")?$|^` + specialCase)

// bare takes other names off.
func (s spot) bare() spot {
	for s.Op == "named" && !kept.MatchString(s.ID) {
		s = s.part(0)
	}
	return s
}

// bare takes other names off.
func bare(n treeNode) treeNode { return spot{treeNode: n}.bare().treeNode }

// alternatives are the parts of which one is enough: one, if that is all there is, or if
// a rule can hold them together.
func (x *exporter) alternatives(s spot) []spot {
	inner := s.bare()
	if inner.Op != "any" || x.inRule(inner.treeNode) {
		return []spot{s}
	}
	out := make([]spot, len(inner.Of))
	for i := range inner.Of {
		out[i] = inner.part(i)
	}
	return out
}

// inRule reports whether one rule can ask it.
func (x *exporter) inRule(n treeNode) bool {
	_, events := x.events(n)
	_, age := x.bands(n)
	return events || age
}

func (x *exporter) groups(s spot) (out []ConditionGroup) {
	for _, g := range x.alternatives(s) {
		number := strconv.Itoa(len(out) + 1)
		inner, name := g.unnamed("group")
		if name == "" && g.Op == "named" && !kept.MatchString(g.ID) {
			name = g.ID
		}
		group := ConditionGroup{ID: number, Slug: number, Name: name}
		for _, c := range x.alternatives(inner) {
			if condition, ok := x.condition(c, fmt.Sprintf("%s.%d", number, len(group.Conditions)+1)); ok {
				group.Conditions = append(group.Conditions, condition)
			}
		}
		if len(group.Conditions) > 0 {
			out = append(out, group)
		}
	}
	return out
}

func (x *exporter) condition(s spot, number string) (Condition, bool) {
	inner, name := s.unnamed("condition")
	c := Condition{ID: number}
	if name != "" {
		c.Description = &name
	}
	for _, r := range x.alternatives(inner) {
		if set, ok := x.ruleset(r, fmt.Sprintf("%s.%d", number, len(c.Rulesets)+1)); ok {
			c.Rulesets = append(c.Rulesets, set)
		}
	}
	return c, len(c.Rulesets) > 0
}

func (x *exporter) ruleset(s spot, number string) (Ruleset, bool) {
	inner, _ := s.unnamed("rule set")
	set := Ruleset{ID: number, And: new(true)}
	if choices := x.alternatives(inner); len(choices) > 1 {
		set.And = new(false)
		for _, c := range choices {
			rules := x.rules(c)
			if len(rules) > 1 {
				x.unheld(c, MissesPeople)
				continue
			}
			set.Rules = append(set.Rules, rules...)
		}
	} else {
		set.Rules = x.rules(inner)
	}
	for i := range set.Rules {
		set.Rules[i].ID = fmt.Sprintf("%s.%d", number, i+1)
	}
	return set, len(set.Rules) > 0
}

func (x *exporter) unheld(s spot, effect Effect) {
	x.lost(s.place, UnheldPart, "a part of the step ("+s.Op+")", "say it in the texts", effect, []Remedy{LeaveOut})
}
