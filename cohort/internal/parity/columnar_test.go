package parity_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

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
	a.counts = new(result.Attrition().Raw())
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

// storeEngine is cohort/columnar over Parquet files: of rows in order of person or, sorted by itself, in any order, and
// perhaps with an index by code.
type storeEngine struct {
	dir               string
	shuffled, indexed bool
	source            columnar.Source
}

func (e *storeEngine) load(ctx context.Context, p *population) error {
	dir, err := os.MkdirTemp(e.dir, "store")
	if err != nil {
		return err
	}
	if !e.shuffled {
		err = p.writeParquet(dir)
	} else if err = p.shuffled().writeParquet(filepath.Join(dir, "unsorted")); err == nil {
		var tables []*cohort.Table
		for _, s := range p.sheets {
			tables = append(tables, s.table)
		}
		unsorted := filepath.Join(dir, "unsorted")
		dir = filepath.Join(dir, "sorted")
		_, err = columnar.Sort(ctx, dir, unsorted, tables)
	}
	if err != nil {
		return err
	}
	store, err := columnar.Open(dir)
	if err != nil {
		return err
	}
	if coded := p.coded(); e.indexed && len(coded) > 0 {
		if err := columnar.Index(ctx, store, coded); err != nil {
			return err
		}
		if store, err = columnar.Open(dir); err != nil {
			return err
		}
	}
	e.source = store
	return nil
}

// shuffled is the same rows in another order.
func (p *population) shuffled() *population {
	q := &population{people: p.people}
	dice := rand.New(rand.NewPCG(1, 2))
	for _, s := range p.sheets {
		other := *s
		other.rows = slices.Clone(s.rows)
		dice.Shuffle(len(s.rows), func(i, j int) { other.rows[i], other.rows[j] = other.rows[j], other.rows[i] })
		q.sheets = append(q.sheets, &other)
	}
	return q
}

// coded are the event tables that have a column of one code.
func (p *population) coded() (tables []*cohort.Table) {
	for _, s := range p.sheets {
		if len(s.table.Info().Order) > 0 && slices.ContainsFunc(s.columns, func(c sheetColumn) bool { return c.kind == cohort.CodeKind }) {
			tables = append(tables, s.table)
		}
	}
	return tables
}

func (e *storeEngine) ask(ctx context.Context, plan *cohort.Plan) (answers, error) {
	return askColumnar(ctx, plan, e.source)
}
