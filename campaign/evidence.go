package campaign

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

// Definition takes from a live definition what reviewers have to see: its English,
// every code, and for each field the steps that need it.
func Definition(p *cohort.Plan) (export.Definition, error) {
	d := export.Definition{English: p.English()}
	for _, l := range p.Uses().CodeLists {
		digest, err := governance.ParseDigest("sha256:" + l.Hash())
		if err != nil {
			return export.Definition{}, fmt.Errorf("code list %s: %w", l.ID(), err)
		}
		d.CodeLists = append(d.CodeLists, export.CodeList{
			ID: l.ID(), Version: l.Version(), System: string(l.System()), Source: l.Source(), Digest: digest,
			Codes: slices.Collect(l.Codes()),
		})
	}
	needs, err := needs(p)
	d.Needs = needs
	return d, err
}

// needs finds the steps that name each field in the plan's own document. A column
// that no step names is one by which rows are put in order: every step that reads
// the table needs it.
func needs(p *cohort.Plan) ([]export.Need, error) {
	var document struct {
		Steps []struct {
			Label     string `json:"label"`
			Criterion any    `json:"criterion"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(p.JSON(), &document); err != nil {
		return nil, fmt.Errorf("definition: %w", err)
	}
	type field struct{ table, column string }
	steps := map[field][]string{}
	note := func(f field, label string) {
		if !slices.Contains(steps[f], label) {
			steps[f] = append(steps[f], label)
		}
	}
	for _, step := range document.Steps {
		walk(step.Criterion, func(object map[string]any) {
			if table, ok := tableOf(object); ok {
				note(field{table: table}, step.Label)
				if column, ok := object["column"].(string); ok {
					note(field{table, column}, step.Label)
				}
			}
		})
	}
	var needs []export.Need
	for _, use := range p.Uses().Tables {
		for _, column := range use.Columns {
			rules := steps[field{use.Table, column}]
			if rules == nil {
				rules = steps[field{table: use.Table}]
			}
			needs = append(needs, export.Need{DataSet: use.Table, Field: column, Rules: rules})
		}
	}
	return needs, nil
}

// tableOf returns the table that a part of a document reads: its own, or that of
// its rows.
func tableOf(object map[string]any) (string, bool) {
	if table, ok := object["table"].(string); ok {
		return table, true
	}
	if rows, ok := object["rows"].(map[string]any); ok {
		table, ok := rows["table"].(string)
		return table, ok
	}
	return "", false
}

// walk visits every object of a document.
func walk(part any, visit func(map[string]any)) {
	switch part := part.(type) {
	case map[string]any:
		visit(part)
		for _, inner := range part {
			walk(inner, visit)
		}
	case []any:
		for _, inner := range part {
			walk(inner, visit)
		}
	}
}
