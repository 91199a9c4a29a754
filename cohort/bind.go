package cohort

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Plan is a definition in which every parameter has its value and every calendar bound is fixed. All
// readers work on plans. A Plan is immutable and safe for concurrent use.
type Plan struct {
	id, version string
	steps       []Step
}

// Bind gives every parameter of the definition its value. The error names each parameter that is missing,
// is not one of the definition's, comes twice or has a value of the wrong kind, and how to mend it. With a
// parameter that [Param.IsEach] makes each person's own, Bind finds out anew which steps can be unknown,
// and refuses those that do not say what happens then.
func (d *Definition) Bind(bindings ...Binding) (*Plan, error) {
	params, faults := d.allParams(bindings)
	given := binder{}
	for _, binding := range bindings {
		kind, ok := params[binding.name]
		_, twice := given[binding.name]
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("parameter %q is not one of the definition's: leave it out; it has %s", binding.name, paramNames(params)))
		case twice:
			faults = append(faults, fmt.Errorf("parameter %q is given twice: give it once", binding.name))
		case binding.empty():
			faults = append(faults, fmt.Errorf("parameter %q is given an empty value or a number that is not finite: give %s", binding.name, kind))
		case binding.kind() != kind:
			faults = append(faults, fmt.Errorf("parameter %q is %s and was given %s: use the same Param in both places", binding.name, kind, binding.kind()))
		default:
			given[binding.name] = binding.value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !slices.ContainsFunc(bindings, func(given Binding) bool { return given.name == name }) {
			faults = append(faults, fmt.Errorf("parameter %q has no value: give it %s with Is", name, params[name]))
		}
	}
	plan := &Plan{id: d.id, version: d.version, steps: slices.Clone(d.steps)}
	if len(faults) == 0 {
		given = given.resolved()
		for i := range plan.steps {
			plan.steps[i].criterion = given.node(plan.steps[i].criterion)
		}
		faults = append(faults, plan.check())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("cohort: Bind of definition %q: %w", d.id, err)
	}
	return plan, nil
}

// allParams returns the parameters of the definition and of the series that it is given, and what is wrong
// with those.
func (d *Definition) allParams(bindings []Binding) (map[string]paramKind, []error) {
	c := newChecker()
	c.params = maps.Clone(d.params)
	for _, binding := range bindings {
		each, ok := binding.value.(eachValue)
		if _, mine := d.params[binding.name]; !ok || !mine || each.of == nil {
			continue
		}
		c.at = fmt.Sprintf("the series of parameter %q", binding.name)
		c.value(each.of, nil)
		for part := range walkValue(each.of) {
			if name, open := openParam(part); open && slices.ContainsFunc(bindings, func(other Binding) bool { return other.name == name && other.isEach() }) {
				c.fault(fmt.Sprintf("it has the parameter %q, which is each person's own itself", name),
					"write that out, or use a parameter that is the same for everybody")
			}
		}
	}
	return c.params, c.faults
}

// resolved puts the values that are the same for everybody into the series of each person.
func (b binder) resolved() binder {
	same, all := binder{}, maps.Clone(b)
	for name, given := range b {
		if _, each := given.(eachValue); !each {
			same[name] = given
		}
	}
	for name, given := range b {
		if each, ok := given.(eachValue); ok {
			all[name] = same.value(each)
		}
	}
	return all
}

// ID returns the name of the definition.
func (p *Plan) ID() string { return p.id }

// Version returns the version of the definition.
func (p *Plan) Version() string { return p.version }

// each returns the parameters that are each person's own, by name.
func (p *Plan) each() []eachValue {
	found := map[string]eachValue{}
	for part := range p.parts {
		if each, ok := part.(eachValue); ok {
			found[each.param] = each
		}
	}
	var all []eachValue
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, found[name])
	}
	return all
}

func paramNames(params map[string]paramKind) string {
	if len(params) == 0 {
		return "none"
	}
	return fmt.Sprintf("%q", slices.Sorted(maps.Keys(params)))
}

func (b Binding) isEach() bool {
	_, each := b.value.(eachValue)
	return each
}

func (b Binding) kind() paramKind {
	switch v := b.value.(type) {
	case Date:
		return dateParam
	case float64:
		return numberParam
	case []string:
		return textsParam
	case eachValue:
		if kindOf(v.of) == NumberKind {
			return numberParam
		}
		return dateParam
	default:
		return codesParam
	}
}

func (b Binding) empty() bool {
	switch v := b.value.(type) {
	case Date:
		return v.IsZero()
	case float64:
		return math.IsNaN(v) || math.IsInf(v, 0)
	case []string:
		return len(v) == 0
	case *codelist.List:
		return v == nil
	case eachValue:
		return v.of == nil
	default:
		return true
	}
}
