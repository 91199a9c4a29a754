package parity_test

import (
	"context"
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	cohorts "github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// library makes a trial of all cohorts of cohort/library, about n synthetic people and those who are made up for either
// side of every step.
func library(n int) ([]trial, error) {
	var plans []*cohort.Plan
	var everybody []drawing.Person
	add := func(record *cohort.Record) {
		everybody = append(everybody, rowsOf(fmt.Sprintf("999%07d", len(everybody)), record))
	}
	for _, entry := range cohorts.Catalogue() {
		plan, err := entry.Plan(cohort.MustDate("2025-10-01"))
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
		for _, step := range plan.Witnesses().Steps {
			for _, witness := range step.Witnesses {
				add(witness.Record)
			}
		}
	}
	made, err := synthetic.New(synthetic.Config{People: n})
	if err != nil {
		return nil, err
	}
	for record, err := range made.Records(context.Background()) {
		if err != nil {
			return nil, err
		}
		add(record)
	}
	t, err := newTrial(layOut(everybody, plans...), plans)
	return []trial{t}, err
}

// rowsOf is a record as its sources would hold it.
func rowsOf(key string, record *cohort.Record) drawing.Person {
	someone := drawing.Person{Key: key}
	for table, row := range record.Rows() {
		cells := map[string]any{}
		for _, c := range table.Info().Columns {
			switch value := row[c.Name].(type) {
			case []string:
				for i, code := range value {
					cells[c.Sources[i]] = code
				}
			case cohort.Date:
				if !value.IsZero() {
					cells[c.Name] = calendar.Of(value.Civil())
				}
			case nil:
			default:
				cells[c.Name] = value
			}
		}
		someone.Rows = append(someone.Rows, drawing.Row{Table: table, Cells: cells})
	}
	return someone
}
