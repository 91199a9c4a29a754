// Receive keeps the members of a cohort over some days. It subscribes people to CaaS,
// takes in each day's file over MESH, applies the changes to what it knows, and shows
// who joined and who left, and why, as far as the file tells. A row that cannot be
// used is put aside. A day without changes is told from a day without a file, and a
// subscription that CaaS did not collect comes to light.
//
//	go run ./examples/receive
//
// CaaS, MESH, the days and the people are invented and run in this process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/nhstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "receive:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// These workflow ids are invented: CaaS tells a programme its own.
const (
	subscribeID = "EXAMPLE_SUBSCRIBE"
	cohortID    = "EXAMPLE_COHORT"
)

// run is the whole story, day by day.
func run(ctx context.Context, out io.Writer) error {
	now := &clock{}
	now.seconds.Store(time.Date(2026, time.November, 2, 6, 0, 0, 0, time.UTC).Unix())
	ours := mesh.Mailbox{ID: "X26EXAMPLE", Password: "password of this example", SharedKey: "key of this example"}
	services, err := nhstest.Start(nhstest.Options{
		Now:     now.Now,
		MESH:    meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: ours, Workflows: []string{cohortID}}}},
		Cohorts: caastest.PeerOptions{Programme: ours.ID, Subscribe: subscribeID, Cohort: cohortID},
	})
	if err != nil {
		return err
	}
	defer func() { _ = services.Close() }()
	app, err := nhs.NewApp(services.Environment(), nhs.Anonymous{}, nhs.WithClock(now.Now))
	if err != nil {
		return err
	}
	box, err := mesh.New(app, ours)
	if err != nil {
		return err
	}
	p := &programme{box: box, members: &caas.MemoryMembership{}, now: now.Now, out: out}
	people := invent(15)
	for _, day := range []struct {
		after      time.Duration
		what       string
		subscribe  []nhs.Number // beforehand
		delivers   bool         // CaaS sends a file
		changes    []caas.Record
		subscribes []nhs.Number // when the day is over
	}{
		{what: "ten people come", subscribe: people[:10], delivers: true},
		{after: day, what: "two come, three leave", subscribe: people[10:12], delivers: true, changes: changes(people)},
		{after: day, what: "nothing has changed", delivers: true},
		{after: day + 3*time.Hour, what: "there is no file", subscribes: people[12:14]},
		{after: 5 * day, what: "the file was not all that was missing"},
	} {
		now.advance(day.after)
		fmt.Fprintf(out, "%s: %s\n", now.Now().Format("Monday 2 January 15:04"), day.what)
		if err := p.subscribe(ctx, day.subscribe); err != nil {
			return err
		}
		if day.delivers {
			if _, err := services.Cohorts.Deliver(ctx, day.changes...); err != nil {
				return err
			}
		}
		if err := p.receive(ctx); err != nil {
			return err
		}
		if err := p.subscribe(ctx, day.subscribes); err != nil {
			return err
		}
	}
	return nil
}

const day = 24 * time.Hour

// changes are those of the second day, for people of the first.
func changes(people []nhs.Number) []caas.Record {
	died := nhs.DateIn(time.Date(2026, time.October, 30, 0, 0, 0, 0, time.UTC))
	return []caas.Record{
		{Type: caas.Delete, Number: people[0], DeathStatus: caas.DeathFormal, DeathDate: died, ReasonForRemoval: "DEA"},
		{Type: caas.Delete, Number: people[1], ReasonForRemoval: "SCT"},
		{Type: caas.Delete, Number: people[2]}, // perhaps their record has become sensitive: nobody is told
		{Type: caas.Amend, Number: people[3], Postcode: "LS1 6AE"},
		{Type: caas.Amend, Number: people[3], Postcode: "LS1 4AP"}, // which one is it?
		{Type: caas.Amend, Number: people[4], SupersededBy: people[14]},
	}
}

// programme is what receives the cohort.
type programme struct {
	box     *mesh.Client
	members *caas.MemoryMembership // a database, in a real one
	found   caas.Received          // by all runs
	now     func() time.Time
	out     io.Writer
}

// subscribe asks CaaS for people, if there are any.
func (p *programme) subscribe(ctx context.Context, people []nhs.Number) error {
	if len(people) == 0 {
		return nil
	}
	receipt, err := caas.Subscribe(ctx, p.box, caas.Subscription{
		To: caastest.MailboxID, Workflow: subscribeID, Name: "example-" + p.now().Format(time.DateOnly),
		Key: []byte("32 random bytes, from your vault"),
	}, slices.Values(people))
	if err != nil {
		return err // the same call again is safe: what was sent is not sent twice
	}
	fmt.Fprintf(p.out, "  subscription of %d people sent\n", receipt.People)
	return nil
}

// receive takes in what waits, and says whether there should have been more.
func (p *programme) receive(ctx context.Context) error {
	found, err := caas.Receive(ctx, caas.MESH{Box: p.box, Workflow: cohortID}, caas.Handlers{Delivery: p.apply})
	if err != nil {
		return err
	}
	p.found = p.found.Plus(found)
	if p.found.Overdue(p.now(), caas.Daily) {
		fmt.Fprintf(p.out, "  ALARM: no file for %v, not even one that says that nothing has changed\n", p.now().Sub(p.found.Latest))
	}
	// Reports come under the workflow id of the message that was not delivered.
	_, err = caas.Receive(ctx, caas.MESH{Box: p.box, Workflow: subscribeID}, caas.Handlers{
		Delivery: func(context.Context, caas.Delivery) error { return errors.New("CaaS is not known to answer") },
		Report: func(_ context.Context, r mesh.Report) error {
			fmt.Fprintf(p.out, "  ALARM: CaaS did not collect a subscription (code %s); send it again under a new name\n", r.Code)
			return nil
		},
	})
	return err
}

// apply is given each delivery, which is acknowledged when this returns nil. After a
// failure in the middle the delivery comes again and is applied again: that changes
// nothing twice. Here somebody only looks on; what must follow from a change, and once,
// is stored together with it: see [caas.Membership].
func (p *programme) apply(ctx context.Context, d caas.Delivery) error {
	left := map[caas.ChangeReason]int{}
	applier := caas.Applier{
		Members: p.members, Supersession: caas.SupersessionMoves,
		Each: func(c caas.Change) error {
			if c.Kind == caas.ChangeLeft {
				left[c.Reasons[0]]++ // the first tells most
			}
			return nil
		},
		Refused: func(bad *caas.RowError) error {
			fmt.Fprintln(p.out, "  put aside:", bad) // it names the column, never the value
			return nil
		},
	}
	t, err := applier.Apply(ctx, d)
	if err != nil {
		return err
	}
	if d.NilReturn {
		fmt.Fprintln(p.out, "  a nil return: the file is there, and says that nothing has changed")
		return nil
	}
	fmt.Fprintf(p.out, "  %d rows: %d joined, %d amended, %d left, %d under a new number, %d refused\n",
		t.Rows(), t.Joined, t.Amended, t.Left, t.Superseded, t.Tally.Refused)
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		fmt.Fprintf(p.out, "    %d left: %s\n", left[reason], reason.Meaning())
	}
	fmt.Fprintf(p.out, "  %d members\n", len(slices.Collect(p.members.Members())))
	return nil
}

// invent returns valid NHS numbers of the range for test people.
func invent(n int) []nhs.Number {
	numbers := make([]nhs.Number, 0, n)
	for candidate := 9_990_000_000; len(numbers) < n; candidate++ {
		if number, err := nhs.ParseNumber(strconv.Itoa(candidate)); err == nil {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// clock is the time of the story. Services and clients go by it.
type clock struct{ seconds atomic.Int64 }

// Now returns the time.
func (c *clock) Now() time.Time { return time.Unix(c.seconds.Load(), 0).UTC() }

func (c *clock) advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }
