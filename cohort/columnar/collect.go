package columnar

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Collect takes everybody into memory, one record a person. What a record does not hold is missing. It stops at the
// first error of records, and the error wraps it.
func Collect(records iter.Seq2[*cohort.Record, error]) (*Memory, error) {
	if records == nil {
		return nil, errors.New("columnar: Collect: records is nil")
	}
	c := collector{tables: map[*cohort.Table]*collectedTable{}}
	for record, err := range records {
		if err == nil && record == nil {
			err = errors.New("the record is nil")
		}
		if err != nil {
			return nil, fmt.Errorf("columnar: Collect: person %d: %w", len(c.keys)+1, err)
		}
		c.add(record)
	}
	return c.memory(), nil
}

type collector struct {
	keys   []string
	tables map[*cohort.Table]*collectedTable
}

type collectedTable struct {
	info    cohort.TableInfo
	starts  []int32
	rows    int
	columns map[string][]*collected
}

// collected is a column that is being filled; it may end before the last row.
type collected struct {
	kind      tree.Kind
	days      []tree.Day
	numbers   []float64
	positions []uint32
	values    []string
	known     map[string]uint32
}

func (c *collector) add(record *cohort.Record) {
	c.keys = append(c.keys, record.Key().Reveal())
	for table, row := range record.Rows() {
		t := c.tables[table]
		if t == nil {
			t = &collectedTable{info: table.Info(), columns: map[string][]*collected{}}
			c.tables[table] = t
		}
		t.reach(len(c.keys))
		for name, value := range row {
			t.put(name, value)
		}
		t.rows++
	}
}

// reach notes that what follows are rows of the last of so many people.
func (t *collectedTable) reach(people int) {
	for len(t.starts) < people {
		t.starts = append(t.starts, int32(t.rows)) //nolint:gosec // memory ends before
	}
}

func (t *collectedTable) put(name string, value any) {
	switch value := value.(type) {
	case cohort.Date:
		c := t.column(name, 0, tree.Date)
		c.days = pad(c.days, t.rows, 0)
		c.days = append(c.days, calendar.Of(value.Civil()))
	case float64:
		c := t.column(name, 0, tree.Number)
		c.numbers = append(pad(c.numbers, t.rows, math.NaN()), value)
	case string:
		t.column(name, 0, tree.Text).text(t.rows, value)
	case []string:
		for i, code := range value {
			t.column(name, i, tree.Text).text(t.rows, code)
		}
	}
}

func (t *collectedTable) column(name string, i int, kind tree.Kind) *collected {
	for len(t.columns[name]) <= i {
		t.columns[name] = append(t.columns[name], &collected{kind: kind, known: map[string]uint32{}})
	}
	return t.columns[name][i]
}

func (c *collected) text(row int, text string) {
	text = strings.Clone(text)
	at, ok := c.known[text]
	if !ok {
		at = uint32(len(c.values)) //nolint:gosec // there are fewer
		c.known[text], c.values = at, append(c.values, text)
	}
	c.positions = append(pad(c.positions, row, math.MaxUint32), at)
}

// pad makes the rows up to the one in hand missing.
func pad[T any](values []T, rows int, missing T) []T {
	for len(values) < rows {
		values = append(values, missing)
	}
	return values
}

func (c *collector) memory() *Memory {
	m := NewMemory(c.keys)
	m.partial = true
	for _, t := range c.tables {
		t.reach(len(c.keys) + 1)
		out := &memoryTable{starts: t.starts, columns: map[string][]memoryColumn{}}
		for name, columns := range t.columns {
			for _, each := range columns {
				out.columns[name] = append(out.columns[name], each.finish(t.rows))
			}
		}
		m.tables[t.info.Name] = out
	}
	return m
}

func (c *collected) finish(rows int) memoryColumn {
	switch c.kind {
	case tree.Date:
		return memoryColumn{allDays: pad(c.days, rows, 0)}
	case tree.Number:
		return memoryColumn{allNumbers: pad(c.numbers, rows, math.NaN())}
	case tree.Text, tree.Code, tree.Codes:
	}
	d := &dictionary{size: len(c.values) + 1, texts: append(c.values, "")}
	positions := pad(c.positions, rows, math.MaxUint32)
	for i, at := range positions {
		positions[i] = min(at, uint32(len(c.values))) //nolint:gosec // there are fewer
	}
	return memoryColumn{coded: d, positions: positions}
}
