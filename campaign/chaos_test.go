package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// TestChaos runs whole campaigns through lost answers, refusals, crashes,
// restarts, rebuilds, and callbacks that are shuffled, repeated and lost. In the
// end everybody is accounted for, and nobody has two messages.
func TestChaos(t *testing.T) {
	t.Parallel()
	for seed := range byte(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			chaos(t, seed)
		})
	}
}

// trouble decides what goes wrong, from a seed.
type trouble struct {
	mu     sync.Mutex
	random *rand.Rand
	kill   context.CancelFunc // ends the process that runs
	quiet  bool
	killed int
}

func (x *trouble) chance(percent int) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.quiet && x.random.IntN(100) < percent
}

func (x *trouble) die(percent int) {
	if x.chance(percent) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.killed++
		x.kill()
	}
}

// hush calms everything down, or lets it begin again.
func (x *trouble) hush(quiet bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.quiet = quiet
}

// starts says how to end the process that starts.
func (x *trouble) starts(kill context.CancelFunc) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kill = kill
}

func (x *trouble) shuffle(n int, swap func(i, j int)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.random.Shuffle(n, swap)
}

func (x *trouble) notify(*http.Request) notifytest.Fault {
	x.die(8)
	switch {
	case x.chance(15):
		return notifytest.Fault{LoseAnswer: true}
	case x.chance(18):
		return notifytest.Fault{Status: http.StatusServiceUnavailable}
	case x.chance(10):
		return notifytest.Fault{Status: http.StatusTooManyRequests, Code: "CM_QUOTA"}
	default:
		return notifytest.Fault{}
	}
}

func (x *trouble) pds(*http.Request) pdstest.Fault {
	x.die(1)
	if x.chance(1) {
		return pdstest.Fault{Lose: true}
	}
	return pdstest.Fault{}
}

func chaos(t *testing.T, seed byte) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	w := setUp(t, options{
		people: 20 + random.IntN(20), batchSize: 2 + random.IntN(5), seed: seed,
		proposal: func(p *governance.Proposal) {
			p.Safety.Limits = governance.StageLimits{FailedPerThousand: 1000, DeceasedPerThousand: 1000}
			if seed%2 == 0 {
				daily(p)
			}
		},
	})
	for i, n := range w.members {
		switch random.IntN(8) {
		case 0:
			w.journey(n, notifytest.Journey{NHSApp: notifytest.NoContact})
		case 1:
			w.journey(n, notifytest.Journey{NHSApp: notifytest.Ignored, SMS: notifytest.Bounced})
		case 2:
			w.makeUnfit(n, kinds()[i%len(kinds())])
		}
	}
	refused := w.members[random.IntN(len(w.members))]
	w.journey(refused, notifytest.Journey{Refused: "CM_INVALID_NHS_NUMBER"})
	x := &trouble{random: random, kill: func() {}}
	r := &runner{T: t, world: w, trouble: x}
	w.loseCallback(func() bool { return x.chance(30) })
	w.fault(func(q *http.Request) notifytest.Fault {
		if seed%2 == 0 && x.chance(5) {
			w.later(2 * day) // the checks grow too old in the middle of a stage
		}
		return x.notify(q)
	})
	w.failPDS(x.pds)
	r.build()
	var died []nhs.Number
	for _, stage := range []governance.Stage{governance.DryRun, governance.Pilot, governance.Ramp, governance.National} {
		if stage != governance.DryRun {
			died = append(died, r.someoneDies(random)...)
		}
		if x.chance(30) {
			r.build() // a new list between two stages
		}
		r.climb(stage)
	}
	o := r.campaign.Outcome()
	t.Logf("%s, killed %d times", o, x.killed)
	excluded, delivered, failed := 0, 0, 0
	for _, n := range o.Excluded {
		excluded += n
	}
	for _, n := range o.Delivered {
		delivered += n
	}
	for _, n := range o.Failed {
		failed += n
	}
	if o.Approved != len(w.members) || excluded+delivered+failed != o.Approved || o.Unaccounted != 0 {
		t.Errorf("not everybody is accounted for: %s", o)
	}
	for _, n := range w.members {
		if w.services.Notify.Accepted(n) > 1 {
			t.Error("somebody has two messages")
		}
	}
	for _, n := range died {
		if seed%2 == 0 && w.services.Notify.Accepted(n) > 0 {
			t.Error("somebody was messaged after they had died")
		}
	}
	if got := w.services.Notify.Messages() - 2; got != o.Sent {
		t.Errorf("NHS Notify has %d messages, the account has %d", got, o.Sent)
	}
}

// runner is a programme that starts again whenever it is killed.
type runner struct {
	*testing.T
	*world
	trouble *trouble

	campaign *campaign.Campaign
	manifest governance.Manifest
}

// live runs one step in a process of its own, which may be killed, and starts
// again until the step is done. In the end it is left in peace.
func (r *runner) live(step func(ctx context.Context, c *campaign.Campaign) error) {
	r.Helper()
	for try := range 100 {
		r.trouble.hush(try > 20)
		ctx, cancel := context.WithCancel(r.Context())
		r.trouble.starts(cancel)
		if r.trouble.chance(50) {
			r.shuffleStored()
			r.relearn()
		}
		if r.trouble.chance(20) {
			r.open()
		}
		c := r.world.campaign()
		m, err := c.Restore(r.Context())
		if err == nil || errors.Is(err, campaign.ErrNotBuilt) {
			r.campaign, r.manifest = c, m
			err = step(ctx, c)
		}
		cancel()
		uncertain, unsettled := errors.AsType[*notify.UncertainError](err)
		switch {
		case err == nil:
			return
		case unsettled:
			// As an operator would who has asked: the fake refuses the same person always.
			r.must(r.campaign.SettleBatch(r.Context(), uncertain, false))
		case errors.Is(err, context.Canceled), errors.Is(err, nhs.ErrUnavailable), errors.Is(err, nhs.ErrRateLimited),
			errors.Is(err, campaign.ErrSentinel), errors.Is(err, governance.ErrStale):
		default:
			r.Fatal("not a failure that passes: ", err)
		}
	}
	r.Fatal("the step is never done")
}

// someoneDies returns who has died without a message, if anybody.
func (r *runner) someoneDies(random *rand.Rand) []nhs.Number {
	n := r.members[random.IntN(len(r.members))]
	if r.services.Notify.Accepted(n) > 0 {
		return nil
	}
	r.makeUnfit(n, campaign.Deceased)
	return []nhs.Number{n}
}

// shuffleStored brings the callbacks into another order.
func (r *runner) shuffleStored() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble.shuffle(len(r.stored), func(i, j int) { r.stored[i], r.stored[j] = r.stored[j], r.stored[i] })
}

func (r *runner) build() {
	r.live(func(ctx context.Context, c *campaign.Campaign) error {
		m, err := c.Build(ctx)
		if err == nil {
			r.manifest = m
		}
		return err
	})
}

// climb takes a stage to its end.
func (r *runner) climb(stage governance.Stage) {
	r.release(r.manifest, stage)
	r.live(func(ctx context.Context, c *campaign.Campaign) error { return c.Send(ctx, stage) })
	for range 3 {
		r.advance(day)
	}
	r.live(func(ctx context.Context, c *campaign.Campaign) error {
		healthy, err := c.Settle(ctx, stage)
		if err == nil && !healthy {
			r.Error(stage, " is not healthy: ", c.Outcome())
		}
		return err
	})
}
