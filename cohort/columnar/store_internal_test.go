package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// expected are the rows of a plan, as text, in order; cleaned of what means "not known".
func expected(plan *tree.Plan, people []drawing.Person) []string {
	out := []string{}
	for _, of := range plan.Tables {
		for _, person := range people {
			for _, row := range person.Rows {
				if row.Table.Name() != of.Name || person.Stranger {
					continue
				}
				var line strings.Builder
				line.WriteString(of.Name + " " + person.Key)
				for _, c := range of.Columns {
					for _, source := range c.Sources {
						line.WriteString(" " + cleaned(c, row.Cells[source]))
					}
				}
				out = append(out, line.String())
			}
		}
	}
	sort.Strings(out)
	return out
}

func cleaned(c tree.Column, cell any) string {
	switch cell := cell.(type) {
	case string:
		if slices.Contains(c.Texts, cell) {
			return `""`
		}
		return strconv.Quote(cell)
	case float64:
		if cell != cell || slices.Contains(c.Numbers, cell) || cell-cell != 0 {
			return "NaN"
		}
		return fmt.Sprint(cell + 0)
	case calendar.Day:
		if slices.Contains(c.Days, cell) || cell < calendar.First || cell > calendar.Last {
			return "0"
		}
		return strconv.Itoa(int(cell))
	}
	return map[tree.Kind]string{tree.Date: "0", tree.Number: "NaN"}[c.Kind] + map[bool]string{true: `""`}[c.Kind != tree.Date && c.Kind != tree.Number]
}

// drainShards reads the rows of all shards as text, in order of the text.
func drainShards(t fataler, plan *tree.Plan, shards []shard, read *Reading) ([]string, []string, error) {
	t.Helper()
	out, keys := []string{}, []string{}
	for _, s := range shards {
		var b block
		for {
			err := s.next(context.Background(), &b)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, nil, err
			}
			if len(b.tables) != len(plan.Tables) {
				t.Fatalf("%d tables, want %d", len(b.tables), len(plan.Tables))
			}
			for i := range b.people {
				keys = append(keys, b.key(i))
			}
			for i, of := range plan.Tables {
				for _, seg := range b.tables[i] {
					lines, err := segmentLines(t, of, seg, &b)
					if err != nil {
						return nil, nil, err
					}
					out = append(out, lines...)
				}
			}
		}
		if r := s.reading(); r != nil {
			read.add(r)
		}
		if err := s.close(); err != nil {
			return nil, nil, err
		}
	}
	sort.Strings(out)
	return out, keys, nil
}

func segmentLines(t fataler, of *tree.Table, seg *segment, b *block) ([]string, error) {
	t.Helper()
	owners := seg.owners()
	if len(owners) != seg.rows {
		t.Fatalf("%d rows have owners, of %d", len(owners), seg.rows)
	}
	lines := make([]string, seg.rows)
	for i, person := range owners {
		lines[i] = of.Name + " " + b.key(int(person))
	}
	odd := []int32{}
	for i := 1; i < seg.rows; i += 2 {
		odd = append(odd, int32(i))
	}
	for i, c := range of.Columns {
		for _, v := range seg.columns[i] {
			all, err := cellTexts(v, c.Kind, nil, seg.rows)
			if err != nil {
				return nil, err
			}
			some, err := cellTexts(v, c.Kind, odd, len(odd))
			if err != nil {
				return nil, err
			}
			for j, at := range odd {
				if some[j] != all[at] {
					t.Fatalf("row %d is %s or %s", at, some[j], all[at])
				}
			}
			if d := v.dictionary(); d != nil {
				ids, err := v.ids()
				if err != nil {
					return nil, err
				}
				for j, id := range ids {
					if got := d.text(c.Kind, id); got != all[j] {
						t.Fatalf("row %d is %s, and %s by its place in the dictionary", j, all[j], got)
					}
				}
				if got, missing := d.text(c.Kind, uint32(d.size-1)), cleaned(c, nil); got != missing {
					t.Fatalf("the last value is %s", got)
				}
			}
			for j := range lines {
				lines[j] += " " + all[j]
			}
		}
	}
	return lines, nil
}

func (d *dictionary) text(kind tree.Kind, id uint32) string {
	switch kind {
	case tree.Date:
		return strconv.Itoa(int(d.days[id]))
	case tree.Number:
		return fmt.Sprint(d.numbers[id])
	case tree.Text, tree.Code, tree.Codes:
	}
	return strconv.Quote(d.spelled()[id])
}

func cellTexts(v vector, kind tree.Kind, rows []int32, n int) ([]string, error) {
	var out []string
	switch kind {
	case tree.Date:
		days, err := v.days(rows)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			out = append(out, strconv.Itoa(int(d)))
		}
	case tree.Number:
		numbers, err := v.numbers(rows)
		if err != nil {
			return nil, err
		}
		for _, x := range numbers {
			out = append(out, fmt.Sprint(x))
		}
	case tree.Text, tree.Code, tree.Codes:
		texts, err := v.texts(rows)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			out = append(out, strconv.Quote(text))
		}
	}
	if rows == nil && len(out) != n {
		return nil, fmt.Errorf("%d values of %d rows", len(out), n)
	}
	return out, nil
}

// However a store lays out rows, its blocks hold all of them, each with its person.
func TestBlocksHoldWhatIsStored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan, people, dir := drawStore(t, drawing.Dirt{NotFinite: true, BeyondCalendar: rapid.Bool().Draw(t, "beyond"), Strangers: true, Many: 40})
		defer os.RemoveAll(dir)
		s, err := Open(dir, func(s *Store) error { s.blockPeople = 2; return nil })
		if err != nil {
			t.Fatal(err)
		}
		shards, err := s.shards(t.Context(), plan, rapid.IntRange(1, 5).Draw(t, "shards"))
		if err != nil {
			t.Fatal(err)
		}
		var read Reading
		got, keys, err := drainShards(t, plan, shards, &read)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(expected(plan, people), got); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
		var want []string
		strangers, rows := 0, 0
		for _, p := range people {
			n := len(slices.DeleteFunc(slices.Clone(p.Rows), func(r drawing.Row) bool {
				return !slices.ContainsFunc(plan.Tables, func(t *tree.Table) bool { return t.Name == r.Table.Name() })
			}))
			hasRow := slices.ContainsFunc(p.Rows, func(r drawing.Row) bool { return r.Table.Name() == "person" })
			switch {
			case p.Stranger:
				for _, r := range p.Rows {
					if len(r.Table.Info().Order) > 0 && slices.ContainsFunc(plan.Tables, func(t *tree.Table) bool { return t.Name == r.Table.Name() }) {
						strangers++
					}
				}
			case hasRow:
				want = append(want, p.Key)
				rows += n
			}
		}
		if !slices.Equal(want, keys) || read.Rows != int64(rows) || read.Strangers != int64(strangers) {
			t.Fatalf("%d people, %d rows and %d strangers', want %d, %d and %d", len(keys), read.Rows, read.Strangers, len(want), rows, strangers)
		}
	})
}

// Whatever is drawn, a store gives everybody the answers of the reference evaluator, with all that is pruned, and its
// records are what was stored.
func TestStoreAnswersLikeTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bound := drawing.Plan(t, drawing.Size{Steps: 4})
		plan := bound.Tree()
		people := drawing.People(t, rapid.IntRange(1, 30).Draw(t, "people"), drawing.Dirt{Strangers: true, Many: 30}, bound)
		dir := folder(t)
		defer os.RemoveAll(dir)
		people = slices.DeleteFunc(people, func(p drawing.Person) bool { return !inPopulation(plan, p) })
		for _, s := range storedTables(t, plan, people, false) {
			s.write(t, dir)
		}
		s, err := Open(dir, func(s *Store) error { s.blockPeople = 2; return nil })
		if err != nil {
			t.Fatal(err)
		}
		checkAnswers(t, bound, s, people)
		checkRecords(t, bound, s, people)
	})
}

// inPopulation reports whether somebody is a stranger, or in the population of a store of what the plan reads.
func inPopulation(plan *tree.Plan, p drawing.Person) bool {
	reads := slices.ContainsFunc(plan.Tables, func(t *tree.Table) bool { return t.Name == "person" })
	if p.Stranger {
		return reads // otherwise everybody who has a row is in it
	}
	return slices.ContainsFunc(p.Rows, func(r drawing.Row) bool {
		if reads {
			return r.Table.Name() == "person"
		}
		return slices.ContainsFunc(plan.Tables, func(t *tree.Table) bool { return t.Name == r.Table.Name() })
	})
}

func checkAnswers(t *rapid.T, plan *cohort.Plan, s *Store, people []drawing.Person) {
	t.Helper()
	at := 0
	for got, err := range Everyone(context.Background(), plan, s, Workers(rapid.IntRange(1, 3).Draw(t, "workers"))) {
		if err != nil {
			t.Fatal(err)
		}
		if at == len(people) || people[at].Stranger {
			t.Fatalf("there are more than %d people", at)
		}
		want := plan.Evaluate(people[at].Record())
		if got.Key.Reveal() != people[at].Key || got.Outcome != want.Outcome || !slices.Equal(got.Steps, want.Steps) {
			t.Fatalf("person %d: %v %v, want %v %v\n%s", at+1, got.Outcome, got.Steps, want.Outcome, want.Steps, plan.English())
		}
		at++
	}
	if at < len(people) && !people[at].Stranger {
		t.Fatalf("%d people, want more", at)
	}
}

func checkRecords(t *rapid.T, plan *cohort.Plan, s *Store, people []drawing.Person) {
	t.Helper()
	var tables []*cohort.Table
	for _, table := range drawing.Tables() {
		if s.tables[table.Name()] != nil {
			tables = append(tables, table)
		}
	}
	at := 0
	for record, err := range s.Records(context.Background(), tables...) {
		if err != nil {
			t.Fatal(err)
		}
		one, err := s.Record(context.Background(), people[at].Key, tables...)
		if err != nil {
			t.Fatal(err)
		}
		want := plan.Evaluate(people[at].Record())
		for _, record := range []*cohort.Record{record, one} {
			got := plan.Evaluate(record)
			if record.Key().Reveal() != people[at].Key || got.Outcome != want.Outcome || !slices.Equal(got.Steps, want.Steps) {
				t.Fatalf("person %d: %v %v, want %v %v", at+1, got.Outcome, got.Steps, want.Outcome, want.Steps)
			}
		}
		at++
	}
	for _, key := range []string{"9990000000", "1", "x", "99900000181"} {
		if _, err := s.Record(context.Background(), key, tables...); !errors.Is(err, ErrNobody) {
			t.Fatalf("somebody who is not there: %v", err)
		}
	}
}

// drawStore draws a plan and people, and stores them. Everybody but strangers has a row of their own.
func drawStore(t *rapid.T, dirt drawing.Dirt) (*tree.Plan, []drawing.Person, string) {
	t.Helper()
	bound := drawing.Plan(t, drawing.Size{})
	plan := bound.Tree()
	for _, of := range plan.Tables {
		of.Earliest = 0 // what is pruned has a test of its own
	}
	people := drawing.People(t, rapid.IntRange(1, 12).Draw(t, "people"), dirt, bound)
	people = slices.DeleteFunc(people, func(p drawing.Person) bool {
		return !p.Stranger && !slices.ContainsFunc(p.Rows, func(r drawing.Row) bool { return r.Table.Name() == "person" })
	})
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range storedTables(t, plan, people, dirt.BeyondCalendar) {
		s.write(t, dir)
	}
	return plan, people, dir
}
