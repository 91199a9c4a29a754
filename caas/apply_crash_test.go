package caas_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// history generates deliveries about a few people, with stamps or without, some in
// order and some not.
func history(t *rapid.T) []delivery {
	stamps := rapid.Int64Range(0, 4)
	records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) caas.Record {
		r := rec(rapid.SampledFrom([]caas.RecordType{caas.Add, caas.Amend, caas.Delete}).Draw(t, "type"), rapid.IntRange(0, 3).Draw(t, "person"),
			stamps.Draw(t, "serial"), stamps.Draw(t, "time"), named(rapid.SampledFrom([]string{"Ann", "Zoe"}).Draw(t, "name")))
		if rapid.IntRange(0, 4).Draw(t, "merged") == 0 {
			r.SupersededBy = number(rapid.IntRange(0, 3).Draw(t, "into"))
		}
		return r
	}), 0, 6)
	var out []delivery
	for i := range rapid.IntRange(1, 4).Draw(t, "deliveries") {
		out = append(out, delivery{name: fmt.Sprint("delivery ", i), records: records.Draw(t, "records")})
	}
	return out
}

// failing is a membership that fails once, at some commit, before or after it is
// stored.
type failingMembership struct {
	caas.MemoryMembership
	commits int // until it fails
	stored  bool
}

var errDown = errors.New("the database is down")

func (f *failingMembership) Commit(ctx context.Context, c caas.Change, r caas.Record, people ...caas.Member) error {
	f.commits--
	if f.commits == 0 && !f.stored {
		return errDown
	}
	if err := f.MemoryMembership.Commit(ctx, c, r, people...); err != nil {
		return err
	}
	if f.commits == 0 {
		return errDown // the answer got lost
	}
	return nil
}

// state is everything that a membership holds.
func state(m *caas.MemoryMembership) (people []caas.Member, changes []caas.Change) {
	return slices.Collect(m.People()), slices.Collect(m.Changes())
}

// An application that ends anywhere, be it before a change is stored or after it but
// before anybody knows, is repeated from the beginning of the delivery: the end is
// the same as without, and every change is stored once.
func TestApply_afterACrash(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		deliveries := history(t)
		rule := caas.Supersession(rapid.IntRange(0, 1).Draw(t, "rule"))
		var whole caas.MemoryMembership
		for _, d := range deliveries {
			if _, err := (caas.Applier{Members: &whole, Supersession: rule}).Apply(t.Context(), d.whole()); err != nil {
				t.Fatal(err)
			}
		}
		people, changes := state(&whole)
		for at := range changes {
			for _, stored := range []bool{false, true} {
				store := &failingMembership{commits: at + 1, stored: stored}
				crashes := 0
				for _, d := range deliveries {
					for {
						totals, err := caas.Applier{Members: store, Supersession: rule}.Apply(t.Context(), d.whole())
						if errors.Is(err, errDown) {
							crashes++
							continue
						}
						if err != nil {
							t.Fatal(err)
						}
						assertBalanced(t, totals, int64(len(d.records)))
						break
					}
				}
				gotPeople, gotChanges := state(&store.MemoryMembership)
				if d := compare(people, gotPeople) + compare(changes, gotChanges); d != "" || crashes != 1 {
					t.Fatalf("%d crashes at change %d, stored %t (-want +got)\n%s", crashes, at+1, stored, d)
				}
			}
		}
	})
}

// Deliveries that come again, or whose records come again under another name, undo
// nothing, as long as their records have stamps that differ from change to change.
func TestApply_redelivered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		deliveries := history(t)
		serial := int64(0)
		for i := range deliveries {
			for j := range deliveries[i].records {
				serial++
				deliveries[i].records[j].SerialChangeNumber = serial
				deliveries[i].records[j].ChangeTimestamp = 0
			}
		}
		a := caas.Applier{Members: new(caas.MemoryMembership)}
		var store caas.MemoryMembership
		a.Members = &store
		for _, d := range deliveries {
			if _, err := a.Apply(t.Context(), d.whole()); err != nil {
				t.Fatal(err)
			}
		}
		people, changes := state(&store)
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "again") {
			if i >= len(deliveries) {
				continue
			}
			again := deliveries[i]
			if rapid.Bool().Draw(t, "renamed") {
				again.name = "another name"
			}
			totals, err := a.Apply(t.Context(), again.whole())
			if n := int64(len(deliveries[i].records)); err != nil || totals.Repeated+totals.Outdated != n {
				t.Fatalf("%v: %+v", err, totals)
			}
		}
		gotPeople, gotChanges := state(&store)
		if d := compare(people, gotPeople) + compare(changes, gotChanges); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

// Deliveries in any order come to the same members, as long as nobody is superseded.
func TestApply_inAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		deliveries := history(t)
		serial := int64(0)
		for i := range deliveries {
			for j := range deliveries[i].records {
				serial++
				deliveries[i].records[j].SerialChangeNumber, deliveries[i].records[j].SupersededBy = serial, nhs.Number{}
			}
		}
		var inOrder, shuffled caas.MemoryMembership
		for _, d := range deliveries {
			if _, err := (caas.Applier{Members: &inOrder}).Apply(t.Context(), d.whole()); err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range rapid.Permutation(deliveries).Draw(t, "shuffled") {
			if _, err := (caas.Applier{Members: &shuffled}).Apply(t.Context(), d.whole()); err != nil {
				t.Fatal(err)
			}
		}
		if d := compare(in(&inOrder), in(&shuffled)); d != "" {
			t.Fatalf("(-in order +shuffled)\n%s", d)
		}
	})
}
