package caas_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// rec is a record with stamps; the row is left to [deliver].
func rec(kind caas.RecordType, person int, serial, timestamp int64, edits ...func(*caas.Record)) caas.Record {
	r := caas.Record{Type: kind, Number: number(person), SerialChangeNumber: serial, ChangeTimestamp: timestamp}
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

func named(name string) func(*caas.Record) { return func(r *caas.Record) { r.GivenName = name } }

func mergedInto(person int) func(*caas.Record) {
	return func(r *caas.Record) { r.SupersededBy = number(person) }
}

// rows yields records as a file does.
func rows(records ...caas.Record) iter.Seq2[caas.Record, error] {
	return func(yield func(caas.Record, error) bool) {
		for i, r := range records {
			r.Row = int64(i + 1)
			if !yield(r, nil) {
				return
			}
		}
	}
}

// delivery is a file with its name.
type delivery struct {
	name    string
	records []caas.Record
	arrived int // the hour; 0 if that is not known
}

func (d delivery) whole() caas.Delivery {
	out := caas.Delivery{ID: d.name, Records: rows(d.records...)}
	if d.arrived > 0 {
		out.Arrived = time.Date(2026, 1, 2, d.arrived, 0, 0, 0, time.UTC)
	}
	return out
}

// apply applies deliveries, and returns what became of each record as text: kind,
// reasons if there are any, and anomalies.
func apply(t *testing.T, a caas.Applier, deliveries ...delivery) []string {
	t.Helper()
	var told []string
	a.Each = func(c caas.Change) error {
		parts := []string{string(c.Kind)}
		if !slices.Equal(c.Reasons, []caas.ChangeReason{caas.ReasonUnknown}) {
			parts[0] += fmt.Sprintf(" %s", c.Reasons)
		}
		for _, anomaly := range c.Anomalies {
			parts = append(parts, string(anomaly))
		}
		if c.SurvivorJoined {
			parts = append(parts, "survivor joined")
		}
		told = append(told, strings.Join(parts, ", "))
		return nil
	}
	for _, d := range deliveries {
		totals, err := a.Apply(t.Context(), d.whole())
		if err != nil {
			t.Fatal(err)
		}
		assertBalanced(t, totals, int64(len(d.records)))
	}
	return told
}

// assertBalanced fails unless every row is accounted for.
func assertBalanced(t interface {
	Errorf(format string, args ...any)
}, got caas.Totals, rows int64,
) {
	kinds := got.Joined + got.Amended + got.Left + got.Superseded + got.Unchanged + got.Repeated + got.Outdated
	if kinds != got.Tally.Records() || got.Tally.Rows() != rows || got.Rows() != rows || kinds+got.Tally.NilReturns+got.Tally.Refused != rows {
		t.Errorf("%d rows do not add up: %+v", rows, got)
	}
}

// in returns who is in the cohort, as positions among the test numbers.
func in(m *caas.MemoryMembership) []int {
	var people []int
	for n := range m.Members() {
		people = append(people, slices.IndexFunc(testNumbers, func(t nhs.Number) bool { return t == n }))
	}
	slices.Sort(people)
	return people
}

var testNumbers = func() (out []nhs.Number) {
	for i := range 10 {
		out = append(out, number(i))
	}
	return out
}()

// What each record does, on whatever was known before, and in whatever order it
// comes.
func TestApply(t *testing.T) {
	t.Parallel()
	const add, amend, del = caas.Add, caas.Amend, caas.Delete
	type script = []delivery
	one := func(records ...caas.Record) script { return script{{name: "one", records: records}} }
	for name, tt := range map[string]struct {
		rule caas.Supersession
		script
		want []string
		in   []int
	}{
		"joins":            {0, one(rec(add, 0, 1, 0)), []string{"joined"}, []int{0}},
		"stays":            {0, one(rec(add, 0, 1, 0), rec(amend, 0, 2, 0)), []string{"joined", "amended"}, []int{0}},
		"leaves":           {0, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0)), []string{"joined", "left"}, nil},
		"comes back":       {0, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0), rec(add, 0, 3, 0)), []string{"joined", "left", "joined"}, []int{0}},
		"added twice":      {0, one(rec(add, 0, 1, 0), rec(add, 0, 2, 0)), []string{"joined", "amended, ADD of a member"}, []int{0}},
		"amended, absent":  {0, one(rec(amend, 0, 1, 0)), []string{"joined, AMENDED of an absent person"}, []int{0}},
		"amended, left":    {0, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0), rec(amend, 0, 3, 0)), []string{"joined", "left", "joined, AMENDED of an absent person"}, []int{0}},
		"deleted, absent":  {0, one(rec(del, 0, 1, 0)), []string{"unchanged, DEL of an absent person"}, nil},
		"deleted, left":    {0, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0), rec(del, 0, 3, 0)), []string{"joined", "left", "unchanged, DEL of an absent person"}, nil},
		"others":           {0, one(rec(add, 0, 5, 0), rec(add, 1, 1, 0), rec(del, 0, 6, 0)), []string{"joined", "joined", "left"}, []int{1}},
		"dead member":      {0, one(rec(add, 0, 1, 0, func(r *caas.Record) { r.DeathStatus = caas.DeathInformal })), []string{"joined [informal-death]"}, []int{0}},
		"not eligible":     {0, one(rec(add, 0, 1, 0, func(r *caas.Record) { r.Eligible = new(false) })), []string{"joined [not-eligible]"}, []int{0}},
		"leaves by death":  {0, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0, func(r *caas.Record) { r.ReasonForRemoval = "DEA" })), []string{"joined", "left [DEA]"}, nil},
		"older serial":     {0, one(rec(add, 0, 2, 0), rec(del, 0, 1, 0)), []string{"joined", "outdated"}, []int{0}},
		"older time":       {0, one(rec(add, 0, 0, 20), rec(del, 0, 0, 10)), []string{"joined", "outdated"}, []int{0}},
		"same serial":      {0, one(rec(add, 0, 2, 10), rec(del, 0, 2, 20)), []string{"joined", "left"}, nil},
		"same, older time": {0, one(rec(add, 0, 2, 20), rec(del, 0, 2, 10)), []string{"joined", "outdated"}, []int{0}},
		"stamps disagree":  {0, one(rec(add, 0, 2, 20), rec(del, 0, 3, 10)), []string{"joined", "left, serial and time disagree"}, nil},
		"disagree, older":  {0, one(rec(add, 0, 2, 20), rec(del, 0, 1, 30)), []string{"joined", "outdated, serial and time disagree"}, []int{0}},
		"same stamps":      {0, one(rec(add, 0, 2, 20), rec(del, 0, 2, 20), rec(amend, 0, 2, 20)), []string{"joined", "left", "joined, AMENDED of an absent person"}, []int{0}},
		"no stamps":        {0, one(rec(add, 0, 0, 0), rec(del, 0, 0, 0)), []string{"joined", "left"}, nil},
		"stamps, then not": {0, one(rec(add, 0, 2, 0), rec(del, 0, 0, 0), rec(add, 0, 1, 0)), []string{"joined", "left", "outdated"}, nil},
		"other stamps":     {0, one(rec(add, 0, 2, 0), rec(del, 0, 0, 10)), []string{"joined", "left"}, nil},
		"out of order": {
			0,
			script{{name: "new", records: []caas.Record{rec(del, 0, 2, 0)}}, {name: "old", records: []caas.Record{rec(add, 0, 1, 0)}}},
			[]string{"unchanged, DEL of an absent person", "outdated"},
			nil,
		},
		"same delivery again": {
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 1, 0), rec(amend, 0, 2, 0)}}, {name: "a", records: []caas.Record{rec(add, 0, 1, 0), rec(amend, 0, 2, 0)}}},
			[]string{"joined", "amended", "repeated", "repeated"},
			[]int{0},
		},
		"same delivery again, no stamps": {
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 0, 0), rec(del, 0, 0, 0)}}, {name: "a", records: []caas.Record{rec(add, 0, 0, 0), rec(del, 0, 0, 0)}}},
			[]string{"joined", "left", "repeated", "repeated"},
			nil,
		},
		"same records under another name": {
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 1, 0), rec(add, 1, 1, 0)}}, {name: "b", records: []caas.Record{rec(add, 0, 1, 0), rec(add, 1, 1, 0)}}},
			[]string{"joined", "joined", "repeated", "repeated"},
			[]int{0, 1},
		},
		"old delivery after a deletion with its stamps": {
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 1, 10)}}, {name: "b", records: []caas.Record{rec(del, 0, 1, 10)}}, {name: "c", records: []caas.Record{rec(add, 0, 1, 10)}}},
			[]string{"joined", "left", "repeated, repeats what was overtaken"},
			nil,
		},
		"corrected with the same stamps": {
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 1, 10, named("An"))}}, {name: "b", records: []caas.Record{rec(amend, 0, 1, 10, named("Ann"))}}, {name: "c", records: []caas.Record{rec(add, 0, 1, 10, named("An"))}}},
			[]string{"joined", "amended", "repeated"},
			[]int{0},
		},
		"added again without stamps": { // nothing tells this from a new addition
			0,
			script{{name: "a", records: []caas.Record{rec(add, 0, 0, 0)}}, {name: "b", records: []caas.Record{rec(del, 0, 0, 0)}}, {name: "c", records: []caas.Record{rec(add, 0, 0, 0)}}},
			[]string{"joined", "left", "joined"},
			[]int{0},
		},

		"superseded, told": {
			0, one(rec(add, 0, 1, 0), rec(amend, 0, 2, 0, mergedInto(1)), rec(del, 0, 3, 0, mergedInto(1))),
			[]string{"joined", "amended [superseded]", "left [superseded]"},
			nil,
		},
		"superseded by itself": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(0))),
			[]string{"joined [superseded], superseded by itself"},
			[]int{0},
		},
		"moves with a deletion": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0, mergedInto(1))),
			[]string{"joined", "superseded [superseded], survivor joined"},
			[]int{1},
		},
		"moves with an amendment, deleted after": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(amend, 0, 2, 0, mergedInto(1)), rec(del, 0, 3, 0, mergedInto(1)), rec(del, 0, 4, 0)),
			[]string{"joined", "superseded [superseded], survivor joined", "unchanged [superseded]", "unchanged"},
			[]int{1},
		},
		"moves an addition": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(1))),
			[]string{"superseded [superseded], survivor joined"},
			[]int{1},
		},
		"moves again": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(1)), rec(amend, 0, 2, 0, mergedInto(1))),
			[]string{"superseded [superseded], survivor joined", "unchanged [superseded]"},
			[]int{1},
		},
		"moves to a member": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(add, 1, 1, 0), rec(del, 0, 2, 0, mergedInto(1))),
			[]string{"joined", "joined", "superseded [superseded]"},
			[]int{1},
		},
		"survivor added after": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0, mergedInto(1)), rec(add, 1, 9, 0), rec(add, 1, 10, 0)),
			[]string{"joined", "superseded [superseded], survivor joined", "amended", "amended, ADD of a member"},
			[]int{1},
		},
		"survivor deleted after": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(del, 0, 2, 0, mergedInto(1)), rec(del, 1, 9, 0)),
			[]string{"joined", "superseded [superseded], survivor joined", "left"},
			nil,
		},
		"survivor has left": {
			caas.SupersessionMoves, one(rec(add, 1, 1, 0), rec(del, 1, 2, 0), rec(add, 0, 1, 0), rec(del, 0, 2, 0, mergedInto(1))),
			[]string{"joined", "left", "joined", "superseded [superseded], the surviving number has left"},
			nil,
		},
		"superseded, absent": {
			caas.SupersessionMoves, one(rec(del, 0, 1, 0, mergedInto(1))),
			[]string{"unchanged [superseded], DEL of an absent person"},
			nil,
		},
		"along a chain": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(add, 1, 1, 0), rec(del, 1, 2, 0, mergedInto(2)), rec(del, 0, 2, 0, mergedInto(1))),
			[]string{"joined", "joined", "superseded [superseded], survivor joined", "superseded [superseded]"},
			[]int{2},
		},
		"in a circle": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0), rec(add, 1, 1, 0), rec(del, 0, 2, 0, mergedInto(1)), rec(del, 1, 2, 0, mergedInto(0))),
			[]string{"joined", "joined", "superseded [superseded]", "left [superseded], superseded in a circle"},
			nil,
		},
		"merged no longer": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(1)), rec(amend, 0, 2, 0)),
			[]string{"superseded [superseded], survivor joined", "joined, no longer superseded, AMENDED of an absent person"},
			[]int{0, 1},
		},
		"superseded by another": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(1)), rec(amend, 0, 2, 0, mergedInto(2))),
			[]string{"superseded [superseded], survivor joined", "superseded [superseded], superseded by another number than before, survivor joined"},
			[]int{1, 2},
		},
		"superseded along a longer chain": {
			caas.SupersessionMoves, one(rec(add, 0, 1, 0, mergedInto(1)), rec(add, 1, 1, 0, mergedInto(2)), rec(amend, 0, 2, 0, mergedInto(1))),
			[]string{"superseded [superseded], survivor joined", "superseded [superseded], survivor joined", "superseded [superseded]"},
			[]int{2},
		},
		"superseded, outdated": {
			caas.SupersessionMoves, one(rec(add, 0, 2, 0), rec(del, 0, 1, 0, mergedInto(1))),
			[]string{"joined", "outdated [superseded]"},
			[]int{0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var store caas.MemoryMembership
			got := apply(t, caas.Applier{Members: &store, Supersession: tt.rule}, tt.script...)
			diff(t, tt.want, got)
			diff(t, tt.in, in(&store))
			// What was stored is what was told, less what changed nothing.
			stored := 0
			for range store.Changes() {
				stored++
			}
			told := slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "repeated") || strings.HasPrefix(s, "outdated") })
			if stored != len(told) {
				t.Errorf("%d changes stored, %d told", stored, len(told))
			}
		})
	}
}

// Nil returns and rows that are not usable are counted, and change nothing.
func TestApply_accountsForEveryRow(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
	}
	n := number(0)
	f := open(t, parquetFile(t, nil,
		row{"ADD", n.Int()}, row{"ADD", n.Int()}, row{"New", n.Int()}, row{"ADD", 1}, row{"", 0}, row{"DEL", n.Int()}, row{"DEL", number(1).Int()},
	))
	var store caas.MemoryMembership
	var refused []int64
	a := caas.Applier{Members: &store, Refused: func(e *caas.RowError) error { refused = append(refused, e.Row); return nil }}
	got, err := a.Apply(t.Context(), caas.Delivery{ID: "file", Records: f.Records()})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, caas.Totals{
		Tally:  caas.Tally{Adds: 1, Deletes: 2, NilReturns: 1, Refused: 3, Repeated: 1},
		Joined: 1, Left: 1, Unchanged: 1, Anomalies: 1,
	}, got)
	assertBalanced(t, got, f.Rows())
	diff(t, []int64{2, 3, 4}, refused)
	diff(t, caas.ContentMixed, got.Tally.Content())

	// Records that do not come from a file may have any type, and no rows.
	var unknown []string
	a = caas.Applier{Members: &store, Refused: func(e *caas.RowError) error { unknown = append(unknown, e.Error()); return nil }}
	got, err = a.Apply(t.Context(), caas.Delivery{ID: "made up", Records: func(yield func(caas.Record, error) bool) {
		_ = yield(rec(caas.Add, 2, 0, 0), nil) && yield(rec("DELETE", 2, 0, 0), nil) && yield(rec(caas.Delete, 2, 0, 0), nil)
	}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, caas.Totals{Tally: caas.Tally{Adds: 1, Deletes: 1, Refused: 1}, Joined: 1, Left: 1}, got)
	diff(t, []string{"row 2: record_type is not ADD, AMENDED or DEL"}, unknown)
}

func TestApply_errors(t *testing.T) {
	t.Parallel()
	a := caas.Applier{Members: new(caas.MemoryMembership)}
	none := rows()
	for name, err := range map[string]error{
		"no membership": second(caas.Applier{}.Apply(t.Context(), caas.Delivery{ID: "d", Records: none})),
		"no name":       second(a.Apply(t.Context(), caas.Delivery{ID: "", Records: none})),
		"no records":    second(a.Apply(t.Context(), caas.Delivery{ID: "d", Records: nil})),
	} {
		if !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	records := rows(rec(caas.Add, 0, 1, 0), rec(caas.Add, 1, 1, 0))
	stop := errors.New("stop")

	ctx, cancel := context.WithCancel(t.Context())
	a.Each = func(caas.Change) error { cancel(); return nil }
	if totals, err := a.Apply(ctx, caas.Delivery{ID: "cancelled", Records: records}); !errors.Is(err, context.Canceled) || totals.Joined != 1 {
		t.Errorf("cancelled: %+v, %v", totals, err)
	}
	a.Each = func(caas.Change) error { return stop }
	if totals, err := a.Apply(t.Context(), caas.Delivery{ID: "stopped", Records: rows(rec(caas.Add, 2, 1, 0), rec(caas.Add, 3, 1, 0))}); !errors.Is(err, stop) || totals.Joined != 1 {
		t.Errorf("stopped: %+v, %v", totals, err)
	}
	a = caas.Applier{Members: new(caas.MemoryMembership), Refused: func(*caas.RowError) error { return stop }}
	bad := func(yield func(caas.Record, error) bool) {
		_ = yield(caas.Record{}, &caas.RowError{Row: 1}) && yield(rec(caas.Add, 0, 1, 0), nil)
	}
	if totals, err := a.Apply(t.Context(), caas.Delivery{ID: "bad row", Records: bad}); !errors.Is(err, stop) || totals.Tally.Refused != 1 {
		t.Errorf("bad row: %+v, %v", totals, err)
	}
	damaged := func(yield func(caas.Record, error) bool) {
		_ = yield(rec(caas.Add, 0, 1, 0), nil) && yield(caas.Record{}, caas.ErrFile)
	}
	if totals, err := a.Apply(t.Context(), caas.Delivery{ID: "damaged", Records: damaged}); !errors.Is(err, caas.ErrFile) || totals.Joined != 1 || totals.Tally.Rows() != 1 {
		t.Errorf("damaged: %+v, %v", totals, err)
	}
	for _, person := range []int{0, 1} { // the person's own record, and that of the surviving number
		a := caas.Applier{Members: unreadable{number(person)}, Supersession: caas.SupersessionMoves}
		if _, err := a.Apply(t.Context(), caas.Delivery{ID: "unreadable", Records: rows(rec(caas.Add, 0, 1, 0, mergedInto(1)))}); !errors.Is(err, errDown) {
			t.Errorf("unreadable: %v", err)
		}
	}
}

func second[A, B any](_ A, b B) B { return b }

// unreadable is a membership that cannot tell about one person.
type unreadable struct{ number nhs.Number }

func (u unreadable) Member(_ context.Context, n nhs.Number) (caas.Member, error) {
	if n == u.number {
		return caas.Member{}, errDown
	}
	return caas.Member{}, nil
}

func (u unreadable) Commit(context.Context, caas.Change, caas.Record, ...caas.Member) error {
	return nil
}

// Every column makes a difference to whether a record is the one that was applied.
func TestApply_repeatedMeansEveryColumn(t *testing.T) {
	t.Parallel()
	base := rec(caas.Add, 0, 1, 1)
	fields := reflect.TypeFor[caas.Record]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		other := base
		f := reflect.ValueOf(&other).Elem().Field(i)
		switch v := f.Addr().Interface().(type) {
		case *int64, *nhs.Number, *caas.RecordType:
			continue // the stamps, who it is and the row; the type is told apart below
		case *nhs.Date:
			*v = day(t, "1960")
		case *[5]string:
			v[4] = "x"
		case **bool:
			*v = new(false)
		case *map[string]any:
			*v = map[string]any{"x": int64(1)}
		default:
			f.SetString("1")
		}
		var store caas.MemoryMembership
		got := apply(t, caas.Applier{Members: &store}, delivery{name: "a", records: []caas.Record{base}}, delivery{name: "b", records: []caas.Record{other}}, delivery{name: "c", records: []caas.Record{other}})
		if strings.HasPrefix(got[1], "repeated") || !strings.HasPrefix(got[2], "repeated") {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, other := range []caas.Record{rec(caas.Amend, 0, 1, 1), rec(caas.Add, 0, 1, 1, mergedInto(1))} {
		var store caas.MemoryMembership
		got := apply(t, caas.Applier{Members: &store}, delivery{name: "a", records: []caas.Record{base}}, delivery{name: "b", records: []caas.Record{other}})
		if strings.HasPrefix(got[1], "repeated") {
			t.Errorf("%v", got)
		}
	}
}
