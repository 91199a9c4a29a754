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
// is not one of the definition's, comes twice or has a value of the wrong kind, and how to mend it.
func (d *Definition) Bind(bindings ...Binding) (*Plan, error) {
	b := binder{}
	var faults []error
	for _, binding := range bindings {
		kind, ok := d.params[binding.name]
		_, twice := b[binding.name]
		switch given := binding.kind(); {
		case !ok:
			faults = append(faults, fmt.Errorf("parameter %q is not one of the definition's: leave it out; it has %s", binding.name, d.paramNames()))
		case twice:
			faults = append(faults, fmt.Errorf("parameter %q is given twice: give it once", binding.name))
		case given != kind:
			faults = append(faults, fmt.Errorf("parameter %q is %s and was given %s: use the same Param in both places", binding.name, kind, given))
		case binding.empty():
			faults = append(faults, fmt.Errorf("parameter %q is given an empty value or a number that is not finite: give %s", binding.name, kind))
		default:
			b[binding.name] = binding.value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.params)) {
		if !slices.ContainsFunc(bindings, func(given Binding) bool { return given.name == name }) {
			faults = append(faults, fmt.Errorf("parameter %q has no value: give it %s with Is", name, d.params[name]))
		}
	}
	plan := &Plan{id: d.id, version: d.version, steps: slices.Clone(d.steps)}
	if len(faults) == 0 {
		for i := range plan.steps {
			plan.steps[i].criterion = b.node(plan.steps[i].criterion)
		}
		faults = append(faults, plan.check())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("cohort: Bind of definition %q: %w", d.id, err)
	}
	return plan, nil
}

// ID returns the name of the definition.
func (p *Plan) ID() string { return p.id }

// Version returns the version of the definition.
func (p *Plan) Version() string { return p.version }

func (d *Definition) paramNames() string {
	if len(d.params) == 0 {
		return "none"
	}
	return fmt.Sprintf("%q", slices.Sorted(maps.Keys(d.params)))
}

func (b Binding) kind() paramKind {
	switch b.value.(type) {
	case Date:
		return dateParam
	case float64:
		return numberParam
	case []string:
		return textsParam
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
	default:
		return true
	}
}
