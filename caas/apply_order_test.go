package caas_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// Where the stamps do not tell, it counts when deliveries arrived.
func TestApply_arrivals(t *testing.T) {
	t.Parallel()
	add, del := rec(caas.Add, 0, 0, 0), rec(caas.Delete, 0, 0, 0)
	one := func(name string, hour int, records ...caas.Record) delivery {
		return delivery{name: name, arrived: hour, records: records}
	}
	for name, tt := range map[string]struct {
		script []delivery
		want   []string
		in     []int
	}{
		"an old delivery again": {
			[]delivery{one("a", 1, add), one("b", 2, del), one("a", 1, add)},
			[]string{"joined", "left", "outdated"},
			nil,
		},
		"a late delivery": {
			[]delivery{one("b", 2, del), one("a", 1, add)},
			[]string{"unchanged, DEL of an absent person", "outdated"},
			nil,
		},
		"a late delivery with the same stamps": {
			[]delivery{one("b", 2, rec(caas.Delete, 0, 1, 0)), one("a", 1, rec(caas.Add, 0, 1, 0))},
			[]string{"unchanged, DEL of an absent person", "outdated"},
			nil,
		},
		"a late delivery whose stamps are newer": {
			[]delivery{one("b", 2, rec(caas.Delete, 0, 1, 0)), one("a", 1, rec(caas.Add, 0, 2, 0))},
			[]string{"unchanged, DEL of an absent person", "joined"},
			[]int{0},
		},
		"it is not known when one of them arrived": {
			[]delivery{one("b", 2, del), one("a", 0, add), one("c", 3, del), one("d", 1, add)},
			[]string{"unchanged, DEL of an absent person", "joined", "left", "outdated"},
			nil,
		},
		"at the same time": {
			[]delivery{one("a", 1, add), one("b", 1, del)},
			[]string{"joined", "left"},
			nil,
		},
		"one name for every day's file": {
			[]delivery{one("cohort.parquet", 1, add), one("cohort.parquet", 25, del), one("cohort.parquet", 25, del)},
			[]string{"joined", "left", "repeated"},
			nil,
		},
		"in the middle of a delivery another one comes": {
			[]delivery{one("a", 1, add), one("b", 2, del), one("a", 1, add, rec(caas.Add, 1, 0, 0), rec(caas.Amend, 0, 0, 0))},
			[]string{"joined", "left", "outdated", "joined", "outdated"},
			[]int{1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var store caas.MemoryMembership
			diff(t, tt.want, apply(t, caas.Applier{Members: &store}, tt.script...))
			diff(t, tt.in, in(&store))
		})
	}
}

// Databases keep different parts of a second.
func TestApply_arrivedToTheSecond(t *testing.T) {
	t.Parallel()
	var store caas.MemoryMembership
	at := time.Date(2026, 1, 2, 9, 0, 0, 999_999_999, time.FixedZone("", 3600))
	d := caas.Delivery{ID: "d", Arrived: at, Records: seq(nil, rec(caas.Add, 0, 0, 0))}
	if _, err := (caas.Applier{Members: &store}).Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	m, err := store.Member(t.Context(), number(0))
	if want := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC); err != nil || m.Arrived != want {
		t.Errorf("arrived %v, %v; want %v", m.Arrived, err, want)
	}
}

// Whoever leaves and comes back while neither stamps nor columns change looks like a
// repeated record. They are not lost: somebody is told.
func TestApply_overtaken(t *testing.T) {
	t.Parallel()
	add, del := rec(caas.Add, 0, 1, 10), rec(caas.Delete, 0, 1, 10)
	script := []delivery{
		{name: "a", records: []caas.Record{add}},
		{name: "b", records: []caas.Record{del}},
		{name: "b", records: []caas.Record{del}},
		{name: "c", records: []caas.Record{add}},
		{name: "d", records: []caas.Record{rec(caas.Add, 0, 2, 10)}},
		{name: "e", records: []caas.Record{rec(caas.Add, 0, 2, 10)}},
	}
	var store caas.MemoryMembership
	diff(t, []string{"joined", "left", "repeated", "repeated, repeats what was overtaken", "joined", "repeated"},
		apply(t, caas.Applier{Members: &store}, script...))
	// That the membership went over to another number is no reason to tell anybody.
	store = caas.MemoryMembership{}
	script = []delivery{{name: "a", records: []caas.Record{add, rec(caas.Amend, 0, 1, 10, mergedInto(1))}}, {name: "b", records: []caas.Record{add}}}
	diff(t, []string{"joined", "superseded [superseded], survivor joined", "repeated"},
		apply(t, caas.Applier{Members: &store, Supersession: caas.SupersessionMoves}, script...))
}

// Records count by where they come, whatever rows they say: pages of an API that were
// put together have each row more than once.
func TestApply_rowsThatStartAgain(t *testing.T) {
	t.Parallel()
	first, second := rec(caas.Add, 0, 0, 0), rec(caas.Delete, 0, 0, 0)
	first.Row, second.Row = 7, 2
	var store caas.MemoryMembership
	for _, want := range []caas.Totals{
		{Tally: caas.Tally{Adds: 1, Deletes: 1}, Joined: 1, Left: 1},
		{Tally: caas.Tally{Adds: 1, Deletes: 1}, Repeated: 2},
	} {
		got, err := caas.Applier{Members: &store}.Apply(t.Context(), caas.Delivery{ID: "pages", Records: seq(nil, first, second)})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, want, got)
	}
	var told []int64
	for c := range store.Changes() {
		told = append(told, c.Row)
	}
	diff(t, []int64{7, 2}, told)
}

// recorder notes the records that come with changes, and fails with an error that
// quotes a value, as databases do.
type recorder struct {
	caas.MemoryMembership
	fails bool
	names []string
}

func (s *recorder) Commit(ctx context.Context, c caas.Change, r caas.Record, people ...caas.Member) error {
	if s.fails {
		return fmt.Errorf("%w: Key (nhs_number)=(%s) already exists", errDown, r.Number.Reveal())
	}
	s.names = append(s.names, r.GivenName)
	return s.MemoryMembership.Commit(ctx, c, r, people...)
}

// What the programme keeps of a person comes with the change, and can be stored
// together with it.
func TestApply_commitsTheRecord(t *testing.T) {
	t.Parallel()
	var store recorder
	d := delivery{name: "d", records: []caas.Record{rec(caas.Add, 0, 1, 0, named("An")), rec(caas.Amend, 0, 2, 0, named("Ann")), rec(caas.Amend, 0, 1, 0)}}
	for range 2 {
		if _, err := (caas.Applier{Members: &store}).Apply(t.Context(), d.whole()); err != nil {
			t.Fatal(err)
		}
	}
	diff(t, []string{"An", "Ann"}, store.names)
}

// An error says at which row it was, and hides what could be an NHS number.
func TestApply_errorsHaveAPlace(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	members := new(caas.MemoryMembership)
	quotes := func(text string) error { return fmt.Errorf("%w: %s", errDown, text) }
	for name, tt := range map[string]struct {
		ctx     context.Context //nolint:containedctx // it is what differs
		applier caas.Applier
		is      error
		row     int64
	}{
		"commit":    {t.Context(), caas.Applier{Members: &recorder{fails: true}}, errDown, 2},
		"member":    {t.Context(), caas.Applier{Members: unreadable{number(0)}}, errDown, 2},
		"each":      {t.Context(), caas.Applier{Members: members, Each: func(caas.Change) error { return quotes(number(0).Display()) }}, errDown, 2},
		"refused":   {t.Context(), caas.Applier{Members: members, Refused: func(*caas.RowError) error { return quotes(number(0).Reveal()) }}, errDown, 1},
		"cancelled": {cancelled, caas.Applier{Members: members}, context.Canceled, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.applier.Apply(tt.ctx, caas.Delivery{ID: "d", Records: func(yield func(caas.Record, error) bool) {
				_ = yield(caas.Record{}, &caas.RowError{Row: 1}) && yield(rec(caas.Add, 0, 1, 0), nil)
			}})
			stopped, ok := errors.AsType[*caas.ApplyError](err)
			if !ok || stopped.Row != tt.row || !errors.Is(err, tt.is) || !strings.HasPrefix(err.Error(), fmt.Sprintf("apply row %d: ", tt.row)) {
				t.Errorf("got %v", err)
			}
			assertMasked(t, fmt.Sprintf("%v %+v", err, &caas.DeliveryError{ID: "d", Err: err}), number(0))
		})
	}
}

// stampings are ways in which senders may fill in the stamps, in the order of changes.
func stampings() map[string]func(r *caas.Record, i int64) {
	return map[string]func(r *caas.Record, i int64){
		"serial and time": func(r *caas.Record, i int64) { r.SerialChangeNumber, r.ChangeTimestamp = i, 20260101000000+i },
		"serial":          func(r *caas.Record, i int64) { r.SerialChangeNumber = i },
		"time":            func(r *caas.Record, i int64) { r.ChangeTimestamp = 20260101000000 + i },
		"day":             func(r *caas.Record, i int64) { r.ChangeTimestamp = 20260101000000 + i/4*1000000 },
		"all the same":    func(r *caas.Record, _ int64) { r.SerialChangeNumber = 1 },
		"none":            func(*caas.Record, int64) {},
	}
}

// In whatever order deliveries come, however often, and wherever an application ends
// in the middle: who is in the cohort is whom its changes, in the order in which they
// were made, leave in it. The model is a map.
func TestApply_everyOrder(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(stampings())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				truth, made := map[nhs.Number]bool{}, int64(0)
				deliveries := make([]delivery, rapid.IntRange(1, 4).Draw(t, "deliveries"))
				for i := range deliveries {
					deliveries[i] = delivery{name: fmt.Sprint("delivery ", i), arrived: i + 1}
					for range rapid.IntRange(0, 4).Draw(t, "records") {
						made++
						r := rec(rapid.SampledFrom([]caas.RecordType{caas.Add, caas.Amend, caas.Delete}).Draw(t, "type"),
							rapid.IntRange(0, 2).Draw(t, "person"), 0, 0, named(strconv.FormatInt(made, 10)))
						stampings()[name](&r, made)
						truth[r.Number] = r.Type != caas.Delete
						deliveries[i].records = append(deliveries[i].records, r)
					}
				}
				var want []nhs.Number
				for n, in := range truth {
					if in {
						want = append(want, n)
					}
				}
				slices.SortFunc(want, nhs.Number.Compare)

				store := &failingMembership{}
				play := func(d delivery, crash int) {
					store.commits, store.stored = crash, rapid.Bool().Draw(t, "stored")
					totals, err := caas.Applier{Members: store}.Apply(t.Context(), d.whole())
					if err != nil && !errors.Is(err, errDown) {
						t.Fatal(err)
					}
					if err == nil {
						assertBalanced(t, totals, int64(len(d.records)))
					}
				}
				all := slices.Concat(deliveries, rapid.SliceOfN(rapid.SampledFrom(deliveries), 0, 3).Draw(t, "again"))
				for _, d := range rapid.Permutation(all).Draw(t, "order") {
					play(d, rapid.IntRange(0, 5).Draw(t, "crash at"))
				}
				for _, d := range rapid.Permutation(deliveries).Draw(t, "to the end") {
					play(d, 0)
				}
				if slices.Contains([]string{"serial and time", "serial", "time"}, name) { // the same file in a new message
					d := rapid.SampledFrom(deliveries).Draw(t, "sent again")
					d.name, d.arrived = "sent again", 23
					play(d, 0)
				}
				if d := compare(want, slices.Collect(store.Members())); d != "" {
					t.Fatalf("(-model +applier)\n%s", d)
				}
			})
		})
	}
}

// A model of memberships that move, in the words of [caas.SupersessionMoves].
type moves struct {
	in, heard map[nhs.Number]bool // who is a member; of whom there was a record
	next      map[nhs.Number]nhs.Number
}

func (m moves) apply(r caas.Record) {
	defer func() { m.heard[r.Number] = true }()
	says := r.Type != caas.Delete
	last := r.SupersededBy
	for last != r.Number && !m.next[last].IsZero() {
		last = m.next[last]
	}
	switch {
	case r.SupersededBy.IsZero() || last == r.Number:
		if says || m.next[r.Number].IsZero() {
			delete(m.next, r.Number)
			m.in[r.Number] = says
		}
	default:
		moved := m.in[r.Number] || says
		m.in[r.Number], m.next[r.Number] = false, last
		if moved && !m.heard[last] {
			m.in[last] = true
		}
	}
}

// Memberships move as the model's do, along chains and around circles.
func TestApply_supersessionModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		model := moves{map[nhs.Number]bool{}, map[nhs.Number]bool{}, map[nhs.Number]nhs.Number{}}
		var store caas.MemoryMembership
		serial := int64(0)
		for _, d := range history(t) {
			for i := range d.records {
				serial++
				d.records[i].SerialChangeNumber, d.records[i].ChangeTimestamp = serial, 0
				model.apply(d.records[i])
			}
			if _, err := (caas.Applier{Members: &store, Supersession: caas.SupersessionMoves}).Apply(t.Context(), d.whole()); err != nil {
				t.Fatal(err)
			}
			var want []nhs.Number
			for n, in := range model.in {
				if in {
					want = append(want, n)
				}
			}
			slices.SortFunc(want, nhs.Number.Compare)
			if d := compare(want, slices.Collect(store.Members())); d != "" {
				t.Fatalf("(-model +applier)\n%s", d)
			}
			for n, to := range model.next {
				if m, _ := store.Member(t.Context(), n); m.SupersededBy != to {
					t.Fatal("another survivor")
				}
			}
		}
	})
}

// What a membership holds of a person says nothing when it is printed.
func TestMember_masksItself(t *testing.T) {
	t.Parallel()
	m := caas.Member{Number: number(0), In: true, Delivery: number(0).Reveal(), Arrived: time.Unix(0, 0), Digests: []string{"d1gest"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, []caas.Member{m}); !strings.Contains(got, "Member(in the cohort: true)") || strings.Contains(got, "d1gest") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := m.LogValue().String(); got != "[in=true]" {
		t.Errorf("logs %s", got)
	}
}
