package cohort

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Decode reads a plan from the form that [Plan.JSON] writes. The tables are those the plan may read, from
// the catalogue packages. A document is refused when it is of another schema, when it breaks a rule that
// [New] enforces, when a code list does not have the content its hash says, or when the catalogue now
// orders rows, names columns or reads unknown values differently than when it was written.
func Decode(document []byte, tables ...*Table) (*Plan, error) {
	var wire wirePlan
	reader := json.NewDecoder(bytes.NewReader(document))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&wire); err != nil {
		return nil, fmt.Errorf("cohort.Decode: %w", err)
	}
	if _, err := reader.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("cohort.Decode: something follows the document")
	}
	if wire.Schema != schemaVersion {
		return nil, fmt.Errorf("cohort.Decode: schema %d is not supported: want %d", wire.Schema, schemaVersion)
	}
	d := decoder{tables: map[string]*Table{}, lists: map[string]*codelist.List{}}
	for _, table := range tables {
		d.tables[table.Name()] = table
	}
	plan, err := d.plan(wire)
	if err != nil {
		return nil, fmt.Errorf("cohort.Decode: definition %q: %w", wire.ID, err)
	}
	return plan, nil
}

type decoder struct {
	tables map[string]*Table
	lists  map[string]*codelist.List
}

func (d decoder) plan(wire wirePlan) (*Plan, error) {
	for _, w := range wire.CodeLists {
		if err := d.list(w); err != nil {
			return nil, err
		}
	}
	plan := &Plan{id: wire.ID, version: wire.Version}
	for i, w := range wire.Steps {
		step, err := d.step(w)
		if err != nil {
			return nil, fmt.Errorf("step %d %q: %w", i+1, w.Label, err)
		}
		plan.steps = append(plan.steps, step)
	}
	if err := plan.check(); err != nil {
		return nil, err
	}
	if !bytes.Equal(marshal(plan.tables()), marshal(wire.Tables)) {
		return nil, errors.New("the catalogue differs from the one the document was written with: " +
			"compare columns, order and unknown values, and approve the definition anew")
	}
	if used := plan.Uses().CodeLists; len(used) != len(wire.CodeLists) {
		return nil, fmt.Errorf("%d code lists are given and %d are used", len(wire.CodeLists), len(used))
	}
	return plan, nil
}

func (d decoder) list(w wireList) error {
	info := codelist.Info{ID: w.ID, Version: w.Version, System: codelist.System(w.System), Source: w.Source}
	list, err := codelist.New(info, w.Codes...)
	if err != nil {
		return err
	}
	key := w.ID + " " + w.Version
	switch {
	case list.Hash() != w.Hash:
		return fmt.Errorf("code list %s: the codes do not have the hash that the document gives", key)
	case d.lists[key] != nil:
		return fmt.Errorf("code list %s is given twice", key)
	}
	d.lists[key] = list
	return nil
}

func (d decoder) step(w wireStep) (Step, error) {
	criterion, err := d.node(w.Criterion)
	if err != nil {
		return Step{}, err
	}
	step := Step{label: w.Label, exclude: w.Kind == "exclude", criterion: binder{}.node(criterion)}
	if !step.exclude && w.Kind != "include" {
		return Step{}, fmt.Errorf("no such kind of step: %q", w.Kind)
	}
	policies := []UnknownPolicy{noPolicy, TreatAsNo, TreatAsYes, Refer}
	at := slices.IndexFunc(policies, func(p UnknownPolicy) bool { return p.String() == w.IfUnknown })
	if at < 0 {
		return Step{}, fmt.Errorf("no such policy for unknown: %q", w.IfUnknown)
	}
	step.policy = policies[at]
	return step, nil
}

//nolint:ireturn // a tree is a sum type
func (d decoder) node(w wireNode) (node, error) {
	switch w.Op {
	case "all", "any", "atLeast":
		of, err := d.nodes(w.Of)
		if err != nil {
			return nil, err
		}
		switch w.Op {
		case "all":
			return allNode{of}, nil
		case "any":
			return anyNode{of}, nil
		}
		return atLeastNode{w.N, of}, nil
	case "not", "named":
		of, err := d.nodes(w.Of)
		if err != nil {
			return nil, err
		}
		if len(of) != 1 {
			return nil, fmt.Errorf("%q has %d parts: want 1", w.Op, len(of))
		}
		if w.Op == "not" {
			return notNode{of[0]}, nil
		}
		return namedNode{w.ID, w.Version, of[0]}, nil
	case "exists":
		r, err := d.rows(w.Rows)
		return existsNode{r}, err
	default:
		return d.leaf(w)
	}
}

// leaf reads the nodes that ask about values.
//
//nolint:ireturn // a tree is a sum type
func (d decoder) leaf(w wireNode) (node, error) {
	v, err := d.value(w.Value)
	if err != nil {
		return nil, err
	}
	switch w.Op {
	case "between":
		low, err1 := d.value(w.Low)
		high, err2 := d.value(w.High)
		return betweenNode{v, low, high}, errors.Join(err1, err2)
	case "inCodes":
		list, ok := d.lists[w.List]
		if !ok {
			return nil, fmt.Errorf("code list %q is not in the document", w.List)
		}
		return inCodesNode{v, list, w.Param}, nil
	case "inTexts":
		return inTextsNode{v, w.Texts, w.Param}, nil
	case "known":
		return knownNode{v}, nil
	case string(less), string(atMost), string(equal), string(atLeast), string(greater):
		to, err := d.value(w.To)
		return compareNode{v, operator(w.Op), to}, err
	default:
		return nil, fmt.Errorf("no such question: %q", w.Op)
	}
}

func (d decoder) nodes(wire []wireNode) ([]node, error) {
	nodes := make([]node, len(wire))
	for i, w := range wire {
		n, err := d.node(w)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

//nolint:ireturn // a tree is a sum type
func (d decoder) value(w *wireValue) (value, error) {
	if w == nil {
		return nil, errors.New("a value is missing")
	}
	switch w.Is {
	case "date":
		day, err := ParseDate(w.Date)
		return constant{dateDatum(day), w.Param}, err
	case "number":
		if w.Number == nil || w.Param != "" {
			return nil, errors.New("a number without its value, or with a parameter")
		}
		return constant{datum: numberDatum(*w.Number)}, nil
	case "column":
		table, column, err := d.column(w.Table, w.Column)
		return columnValue{table, column}, err
	case "latest", "earliest":
		r, err := d.rows(w.Rows)
		if err != nil {
			return nil, err
		}
		_, column, err := d.column(r.table.Name(), w.Column)
		return pickValue{r, column, w.Is == "latest"}, err
	case "count":
		r, err := d.rows(w.Rows)
		return countValue{r}, err
	case "age", "ageInMonths":
		unit := inYears
		if w.Is == "ageInMonths" {
			unit = inMonths
		}
		born, err1 := d.value(w.Born)
		on, err2 := d.value(w.On)
		return ageValue{born, on, unit}, errors.Join(err1, err2)
	case "before":
		of, err := d.value(w.Of)
		return beforeValue{of: of, by: Period{w.Months, w.Days}}, err
	default:
		return nil, fmt.Errorf("no such value: %q", w.Is)
	}
}

func (d decoder) column(table, column string) (*Table, int, error) {
	t, ok := d.tables[table]
	if !ok {
		return nil, 0, fmt.Errorf("table %q is not among the tables given to Decode", table)
	}
	at := t.index(column)
	if at < 0 {
		return nil, 0, fmt.Errorf("table %s has no column %q", table, column)
	}
	return t, at, nil
}

func (d decoder) rows(w *wireRows) (rows, error) {
	if w == nil {
		return rows{}, errors.New("rows are missing")
	}
	t, ok := d.tables[w.Table]
	if !ok {
		return rows{}, fmt.Errorf("table %q is not among the tables given to Decode", w.Table)
	}
	where, err := d.nodes(w.Where)
	return rows{t, where}, err
}
