package columnar

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Profile reads all rows and columns of tables, and counts what is read as missing, and why. Strangers are not among the
// counts: nobody is looked for.
func (s *Store) Profile(ctx context.Context, tables ...*cohort.Table) (*Reading, error) {
	read := new(Reading)
	for _, table := range tables {
		if err := s.profile(ctx, table, read); err != nil {
			return nil, fmt.Errorf("columnar: Profile: table %s: %w", table.Name(), err)
		}
	}
	return read, nil
}

func (s *Store) profile(ctx context.Context, table *cohort.Table, read *Reading) error {
	t := s.tables[table.Name()]
	if t == nil || len(t.files) == 0 {
		return errors.New("the store does not have it")
	}
	info := table.Info()
	shape := rowShape{table: t, keys: info.PersonKeys}
	for _, column := range info.Columns {
		for _, c := range sourcesOf([]cohort.ColumnInfo{column}) {
			if unknownOf(&c, column.Unknowns); s.has(t.name, c.Name) {
				shape.columns = append(shape.columns, c)
			}
		}
	}
	var units []sortUnit
	for _, f := range t.files {
		for g := range f.file.RowGroups() {
			units = append(units, sortUnit{f, g, g + 1})
		}
	}
	var lock sync.Mutex
	return parallel(ctx, len(units), func(ctx context.Context, next func() (int, bool)) error {
		r := &rowReader{shape: &shape, store: s, put: func(_, _ []byte) error { return nil }}
		for i, ok := next(); ok; i, ok = next() {
			if err := r.parquet(ctx, units[i].file, units[i].from, units[i].to); err != nil {
				return err
			}
		}
		lock.Lock()
		defer lock.Unlock()
		read.add(&r.read)
		return nil
	})
}

// unknownOf gives a column the values that mean "not known", as the catalogue has them.
func unknownOf(c *tree.Column, values []string) {
	for _, text := range values {
		switch c.Kind {
		case tree.Number:
			if x, err := strconv.ParseFloat(text, 64); err == nil {
				c.Numbers = append(c.Numbers, x)
			}
		case tree.Date:
			if day, err := cohort.ParseDate(text); err == nil {
				year, month, of := day.Civil()
				c.Days = append(c.Days, calendar.Of(year, month, of))
			}
		case tree.Text, tree.Code, tree.Codes:
			c.Texts = append(c.Texts, text)
		}
	}
}
