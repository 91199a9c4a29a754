package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Records yields everybody in the population with all that the tables hold about them, in order of person: for the
// reference evaluator, and for explaining. Columns that a file does not have are missing. An error ends it.
func (s *Store) Records(ctx context.Context, tables ...*cohort.Table) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		plan, err := s.everything(tables)
		var shards []shard
		if err == nil {
			shards, err = s.shards(ctx, plan, 1)
		}
		for _, each := range shards {
			for record, broken := range recordsOf(ctx, each, plan, tables) {
				if broken != nil {
					err = broken
					break
				}
				if !yield(record, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, fmt.Errorf("columnar: Records: %w", err))
		}
	}
}

// ErrNobody is wrapped by the error of [Store.Record] when the person is not in the population.
var ErrNobody = errors.New("nobody in the population has this key")

// Record returns what the tables hold about one person, whose key is that of the person's rows, usually an NHS number. Only
// the pages around those rows are read.
func (s *Store) Record(ctx context.Context, key string, tables ...*cohort.Table) (*cohort.Record, error) {
	record, err := s.record(ctx, key, tables)
	if err != nil {
		return nil, fmt.Errorf("columnar: Record: %w", err)
	}
	return record, nil
}

func (s *Store) record(ctx context.Context, key string, tables []*cohort.Table) (*cohort.Record, error) {
	if key == "" {
		return nil, ErrNobody
	}
	plan, err := s.everything(tables)
	if err != nil {
		return nil, err
	}
	p, err := s.resolve(plan)
	if err != nil {
		return nil, err
	}
	one, err := p.only(ctx, newKey([]byte(key)))
	if err != nil {
		return nil, err
	}
	for record, err := range recordsOf(ctx, one, plan, tables) {
		return record, err
	}
	return nil, ErrNobody
}

// only returns a shard of one person.
func (p *storePlan) only(ctx context.Context, key personKey) (*storeShard, error) {
	l := newLocator(ctx, p)
	defer l.close()
	s := p.shard()
	for i, t := range s.tables {
		from, err := l.seek(i, key)
		if err != nil {
			return nil, err
		}
		c, err := l.cursor(i, from)
		if err != nil {
			return nil, err
		}
		t.rows = rowSpan{from, from}
		for !c.done && c.key == key {
			t.rows.to = c.to
			if err := c.advance(ctx); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// everything returns a plan of all columns of the tables that the files have.
func (s *Store) everything(tables []*cohort.Table) (*tree.Plan, error) {
	if len(tables) == 0 {
		return nil, errors.New("no tables are asked for")
	}
	plan := new(tree.Plan)
	for _, t := range tables {
		info := t.Info()
		of := &tree.Table{Name: info.Name, PersonKeys: info.PersonKeys, PerPerson: len(info.Order) == 0, Dated: -1}
		for _, c := range info.Columns {
			sources := c.Sources
			if len(sources) == 0 {
				sources = []string{c.Name}
			}
			sources = slices.DeleteFunc(sources, func(name string) bool { return !s.has(info.Name, name) })
			if len(sources) > 0 {
				of.Columns = append(of.Columns, tree.Column{Name: c.Name, Kind: tree.Kind(c.Kind), Sources: sources})
			}
		}
		plan.Tables = append(plan.Tables, of)
	}
	return plan, nil
}

// has reports whether a file of a table has a column.
func (s *Store) has(table, published string) bool {
	t := s.tables[table]
	return t != nil && slices.ContainsFunc(t.files, func(f *storeFile) bool {
		at, _ := t.column(f, published)
		return at >= 0
	})
}

// recordsOf yields the people of a shard, and closes it.
func recordsOf(ctx context.Context, from shard, plan *tree.Plan, tables []*cohort.Table) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		defer from.close()
		var b block
		for {
			err := from.next(ctx, &b)
			if errors.Is(err, io.EOF) {
				return
			}
			var records []*cohort.Record
			if err == nil {
				records, err = recordsIn(&b, plan, tables)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, record := range records {
				if !yield(record, nil) {
					return
				}
			}
		}
	}
}

// recordsIn returns the people of a block.
func recordsIn(b *block, plan *tree.Plan, tables []*cohort.Table) ([]*cohort.Record, error) {
	records := make([]*cohort.Record, b.people)
	for i := range records {
		records[i] = cohort.NewRecord(b.key(i))
	}
	for i, of := range plan.Tables {
		for _, seg := range b.tables[i] {
			rows, err := rowsOf(seg, of)
			if err != nil {
				return nil, err
			}
			for at, person := range seg.owners() {
				if err := records[person].Put(tables[i], rows[at]); err != nil {
					return nil, err
				}
			}
		}
	}
	return records, nil
}

// owners returns whose each row is.
func (seg *segment) owners() []int32 {
	if seg.starts == nil {
		return seg.people
	}
	var people []int32
	for i := range seg.starts[1:] {
		for range seg.starts[i+1] - seg.starts[i] {
			people = append(people, int32(seg.first+i)) //nolint:gosec // within a block
		}
	}
	return people
}

// rowsOf returns the rows of a segment by the names of the columns.
func rowsOf(seg *segment, of *tree.Table) ([]map[string]any, error) {
	rows := make([]map[string]any, seg.rows)
	for i := range rows {
		rows[i] = map[string]any{}
	}
	for i, column := range of.Columns {
		for _, v := range seg.columns[i] {
			if err := cellsOf(rows, v, &column); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

func cellsOf(rows []map[string]any, v vector, column *tree.Column) error {
	switch column.Kind {
	case tree.Date:
		days, err := v.days(nil)
		for i, day := range days {
			if day != 0 {
				date, err := cohort.NewDate(day.Civil())
				if err != nil {
					return err
				}
				rows[i][column.Name] = date
			}
		}
		return err
	case tree.Number:
		numbers, err := v.numbers(nil)
		for i, x := range numbers {
			rows[i][column.Name] = x
		}
		return err
	case tree.Codes:
		texts, err := v.texts(nil)
		for i, text := range texts {
			codes, _ := rows[i][column.Name].([]string)
			rows[i][column.Name] = append(codes, text)
		}
		return err
	case tree.Text, tree.Code:
	}
	texts, err := v.texts(nil)
	for i, text := range texts {
		rows[i][column.Name] = text
	}
	return err
}
