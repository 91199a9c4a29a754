package parity_test

import (
	"context"
	"fmt"
	"math"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// memoryEngine is cohort/columnar over columns in memory.
type memoryEngine struct{ source columnar.Source }

func (e *memoryEngine) load(_ context.Context, p *population) (err error) {
	e.source, err = p.memory()
	return err
}

func (e *memoryEngine) ask(ctx context.Context, plan *cohort.Plan) (answers, error) {
	return askColumnar(ctx, plan, e.source)
}

// askColumnar asks in each way: for everybody, for members and for counts.
func askColumnar(ctx context.Context, plan *cohort.Plan, source columnar.Source) (answers, error) {
	a := answers{people: map[string]cohort.Result{}}
	for m, err := range columnar.Everyone(ctx, plan, source) {
		if err != nil {
			return a, err
		}
		a.people[m.Key.Reveal()] = cohort.Result{Outcome: m.Outcome, Steps: m.Steps}
	}
	left := map[string]cohort.Outcome{}
	for key, result := range a.people {
		if result.Outcome != cohort.NotMember {
			left[key] = result.Outcome
		}
	}
	for m, err := range columnar.Members(ctx, plan, source) {
		if err != nil {
			return a, err
		}
		if left[m.Key.Reveal()] != m.Outcome {
			return a, fmt.Errorf("among the members is one who is %v to Everyone", left[m.Key.Reveal()])
		}
		delete(left, m.Key.Reveal())
	}
	if len(left) > 0 {
		return a, fmt.Errorf("%d are not among the members", len(left))
	}
	result, err := columnar.Run(ctx, plan, source)
	if err != nil {
		return a, err
	}
	a.counts = result.Attrition().Raw()
	return a, nil
}

// memory puts the rows of everybody in the population into columns.
func (p *population) memory() (*columnar.Memory, error) {
	var keys []string
	for _, someone := range p.people {
		keys = append(keys, someone.Key)
	}
	m := columnar.NewMemory(keys)
	for _, s := range p.sheets {
		rows := map[string][]sheetRow{}
		for _, row := range s.rows {
			rows[row.person] = append(rows[row.person], row)
		}
		starts := []int32{0}
		var known []sheetRow
		for _, key := range keys {
			known = append(known, rows[key]...)
			starts = append(starts, int32(len(known)))
		}
		var columns []columnar.Column
		for _, c := range s.columns {
			columns = append(columns, c.memory(known))
		}
		if err := m.Table(s.table, starts, columns...); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (c sheetColumn) memory(rows []sheetRow) columnar.Column {
	var days []int32
	var numbers []float64
	var texts []string
	for _, row := range rows {
		day, number, text := int32(math.MinInt32), math.NaN(), ""
		switch cell := row.cells[c.name].(type) {
		case calendar.Day:
			day = int32(cell - calendar.Epoch)
		case float64:
			number = cell
		case string:
			text = cell
		}
		days, numbers, texts = append(days, day), append(numbers, number), append(texts, text)
	}
	switch c.kind {
	case cohort.DateKind:
		return columnar.Days(c.name, days)
	case cohort.NumberKind:
		return columnar.Numbers(c.name, numbers)
	default:
		return columnar.Texts(c.name, texts)
	}
}
