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

// binder copies a tree, filling in parameters and fixing calendar bounds. Without bindings it only fixes
// the bounds.
type binder map[string]any

//nolint:ireturn // a tree is a sum type
func (b binder) node(n node) node {
	switch n := n.(type) {
	case allNode:
		return allNode{b.nodes(n.of)}
	case anyNode:
		return anyNode{b.nodes(n.of)}
	case atLeastNode:
		return atLeastNode{n.n, b.nodes(n.of)}
	case notNode:
		return notNode{b.node(n.of)}
	case namedNode:
		n.of = b.node(n.of)
		return n
	case compareNode:
		return compareNode{b.value(n.left), n.op, b.value(n.right)}
	case betweenNode:
		return betweenNode{b.value(n.value), b.value(n.low), b.value(n.high)}
	case inCodesNode:
		n.value = b.value(n.value)
		if list, ok := b[n.param].(*codelist.List); ok {
			n.list = list
		}
		return n
	case inTextsNode:
		n.value = b.value(n.value)
		if texts, ok := b[n.param].([]string); ok {
			n.texts = sortedSet(texts)
		}
		return n
	case knownNode:
		return knownNode{b.value(n.value)}
	case existsNode:
		return existsNode{b.rows(n.rows)}
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (b binder) nodes(nodes []node) []node {
	out := make([]node, len(nodes))
	for i, n := range nodes {
		out[i] = b.node(n)
	}
	return out
}

//nolint:ireturn // a tree is a sum type
func (b binder) value(v value) value {
	switch v := v.(type) {
	case constant:
		switch given := b[v.param].(type) {
		case Date:
			v.datum = dateDatum(given)
		case float64:
			v.datum = numberDatum(given)
		}
		return v
	case columnValue:
		return v
	case pickValue:
		v.rows = b.rows(v.rows)
		return v
	case countValue:
		return countValue{b.rows(v.rows)}
	case summaryValue:
		v.rows = b.rows(v.rows)
		return v
	case episodesValue:
		return episodesValue{b.rows(v.rows), v.gap}
	case spanValue:
		v.from, v.to = b.value(v.from), b.value(v.to)
		return v
	case shiftValue:
		v.of = b.value(v.of)
		if of, ok := fixed(v.of); ok {
			v.fixed = v.day(of.date)
		}
		return v
	case edgeValue:
		v.of = b.value(v.of)
		if of, ok := fixed(v.of); ok {
			v.fixed = v.day(of.date)
		}
		return v
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (b binder) rows(r rows) rows { return rows{r.table, b.nodes(r.where)} }
