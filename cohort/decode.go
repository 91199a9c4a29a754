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
// [New] enforces, when it holds anything that the plan does not read, when a code list does not have the
// content its hash says, or when the catalogue now orders rows, names columns or reads unknown values
// differently than when it was written. White space is free.
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
	if !bytes.Equal(plan.JSON(), marshal(wire)) {
		return nil, errors.New("the document holds something that the plan does not, such as a member that its " +
			"question does not read or a policy that has no effect: decode what Plan.JSON wrote")
	}
	return plan, nil
}

func (d decoder) list(w wireList) error {
	info := codelist.Info{ID: w.ID, Version: w.Version, System: codelist.System(w.System), Source: w.Source, Release: w.Release}
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
	step := Step{label: w.Label, code: w.Code, exclude: w.Kind == "exclude", criterion: binder{}.node(criterion)}
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
