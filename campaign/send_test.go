package campaign_test

import (
	stdcmp "cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
)

// expect compares the account, and makes sure that nobody has two messages.
func expect(t *testing.T, w *world, c *campaign.Campaign, want string) {
	t.Helper()
	if got := c.Outcome().String(); got != want {
		t.Errorf("outcome\n got %s\nwant %s", got, want)
	}
	for _, n := range w.members {
		if w.services.Notify.Accepted(n) > 1 {
			t.Error("somebody has two messages")
		}
	}
}

// atBatch does something when the n-th batch arrives, from 1, and returns its fault.
func atBatch(n int32, do func() notifytest.Fault) func(*http.Request) notifytest.Fault {
	var seen atomic.Int32
	return func(r *http.Request) notifytest.Fault {
		if r.Method == http.MethodPost && seen.Add(1) == n {
			return do()
		}
		return notifytest.Fault{}
	}
}

func TestLadder(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 4})
	var steps []campaign.Progress
	c, m := w.built(func(c *campaign.Config) { c.Progress = func(p campaign.Progress) { steps = append(steps, p) } })
	if err := c.Send(t.Context(), governance.Pilot); !errors.Is(err, governance.ErrNotApproved) {
		t.Errorf("Send without approval: %v", err)
	}
	for _, tt := range []struct {
		stage governance.Stage
		want  string
	}{
		{governance.DryRun, "approved=24 excluded=0 sent=0 delivered=0 failed=0 unaccounted=24"},
		{governance.Pilot, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		{governance.Ramp, "approved=24 excluded=0 sent=14 delivered=14 failed=0 unaccounted=10"},
		{governance.National, "approved=24 excluded=0 sent=24 delivered=24 failed=0 unaccounted=0"},
	} {
		steps = nil
		w.stage(c, m, tt.stage)
		expect(t, w, c, tt.want)
		if tt.stage == governance.Pilot {
			want := []campaign.Progress{{Step: "send", Done: 4, Total: 6}, {Step: "send", Done: 6, Total: 6}}
			if diff := cmp.Diff(want, steps); diff != "" {
				t.Errorf("progress (-want +got):\n%s", diff)
			}
		}
	}
	if got, want := w.services.Notify.Messages(), len(w.members)+2; got != want {
		t.Errorf("NHS Notify has %d messages, want %d", got, want)
	}
	// Sending again sends nothing.
	w.release(m, governance.National)
	w.must(c.Send(t.Context(), governance.National))
	expect(t, w, c, "approved=24 excluded=0 sent=24 delivered=24 failed=0 unaccounted=0")
}

// TestRefusedMidStage: a refusal stops a stage between two batches, and it goes on
// when the reason has passed.
func TestRefusedMidStage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		proposal func(*governance.Proposal)
		batch    int
		stop     func(*world) (mend func())
		want     error
	}{
		"halt": {stop: func(w *world) func() { return w.halt() }, want: governance.ErrHalted},
		"hours": {stop: func(w *world) func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.now = w.now.Add(10 * time.Hour)
			return func() { w.advance(14 * time.Hour) }
		}, want: governance.ErrOutsideHours},
		"daily cap": {
			proposal: func(p *governance.Proposal) {
				p.Volume.DailyCap, p.Volume.Stages[1].Cap = 2, 1
			},
			batch: 5, // more than any day allows
			stop:  func(w *world) func() { return func() { w.advance(day) } }, want: governance.ErrOverDailyCap,
		},
		"revoked": {stop: func(w *world) func() {
			w.tick()
			gate := governance.DefaultGates()[0]
			w.submit(governance.Revoke(w.proposal, gate, w.clock(), "a doubt").Sign(w.staff[governance.RoleCommissioner]))
			return func() { w.approve(gate, governance.Manifest{}, "") }
		}, want: governance.ErrNotApproved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{batchSize: stdcmp.Or(tt.batch, 2), proposal: tt.proposal})
			c, _ := w.released()
			mend := func() {}
			w.fault(atBatch(1, func() notifytest.Fault {
				mend = tt.stop(w)
				return notifytest.Fault{}
			}))
			if err := c.Send(t.Context(), governance.Pilot); !errors.Is(err, tt.want) {
				t.Fatalf("Send: %v, want %v", err, tt.want)
			}
			expect(t, w, c, "approved=24 excluded=0 sent=2 delivered=0 failed=0 unaccounted=24")
			for range 4 { // a daily cap takes its days
				mend()
				err := w.restarted().Send(t.Context(), governance.Pilot)
				if err == nil {
					break
				}
				if !errors.Is(err, governance.ErrOverDailyCap) {
					t.Fatal(err)
				}
			}
			c = w.restarted()
			w.settle(c, governance.Pilot)
			expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2})
	c, _ := w.released()
	ctx, cancel := context.WithCancel(t.Context())
	w.fault(atBatch(2, func() notifytest.Fault { cancel(); return notifytest.Fault{LoseAnswer: true} }))
	if err := c.Send(ctx, governance.Pilot); !errors.Is(err, context.Canceled) {
		t.Fatalf("Send: %v", err)
	}
	expect(t, w, c, "approved=24 excluded=0 sent=2 delivered=0 failed=0 unaccounted=24")
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
}

// TestQuarantine: NHS Notify refuses one message of a batch; the rest is sent.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	const code = "CM_INVALID_NHS_NUMBER"
	w := setUp(t, options{proposal: func(p *governance.Proposal) { p.Volume.Stages[2].Cap = 24 }})
	w.journey(w.members[3], notifytest.Journey{Refused: code})
	w.journey(w.members[4], notifytest.Journey{Unsendable: notifytest.FormallyDead})
	c, m := w.released()
	w.stage(c, m, governance.Pilot)
	for name, c := range map[string]*campaign.Campaign{"at once": c, "after a restart": w.restarted()} {
		t.Log(name)
		expect(t, w, c, "approved=24 excluded=0 sent=23 delivered=22 failed=2 unaccounted=0")
		if diff := cmp.Diff(map[string]int{code: 1, notifytest.FormallyDead: 1}, c.Outcome().Failed); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
	}
}

// TestAllRefused: nobody of a batch is left.
func TestAllRefused(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 3})
	for _, n := range w.members {
		w.journey(n, notifytest.Journey{Refused: "CM_INVALID_NHS_NUMBER"})
	}
	c, _ := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	c = w.restarted()
	expect(t, w, c, "approved=24 excluded=0 sent=0 delivered=0 failed=6 unaccounted=18")
	if healthy, err := c.Settle(t.Context(), governance.Pilot); healthy || err != nil {
		t.Errorf("a stage of refusals is healthy: %v, %v", healthy, err)
	}
}

// TestDryRun sends nothing, and authorises everything.
func TestDryRun(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 5})
	var last campaign.Progress
	c, m := w.built(func(c *campaign.Config) { c.Progress = func(p campaign.Progress) { last = p } })
	before := w.services.Notify.Messages()
	w.stage(c, m, governance.DryRun)
	if w.services.Notify.Messages() != before {
		t.Error("a dry run sent something")
	}
	if want := (campaign.Progress{Step: "send", Done: 24, Total: 24}); last != want {
		t.Errorf("progress %v, want %v", last, want)
	}
	n := 0
	for _, e := range w.authority.Batches(w.proposal.ID) {
		if e.Stage == governance.DryRun {
			n += e.Batch.Recipients
		}
	}
	if n != 24 {
		t.Errorf("%d people were authorised", n)
	}
}

// TestSyntheticIsForInventedPeople: the stage that reaches nobody refuses a list
// with anybody on it.
func TestSyntheticIsForInventedPeople(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	somebody := nhs.MustNumber("4000000004")
	w.must(w.services.PDS.Put(testPerson(somebody)))
	c, m := w.built(func(c *campaign.Config) { c.Members = each(append(people(3), somebody)) })
	w.release(m, governance.Synthetic)
	if err := c.Send(t.Context(), governance.Synthetic); !errors.Is(err, campaign.ErrRealPeople) {
		t.Errorf("Send: %v", err)
	}
	if w.services.Notify.Accepted(somebody) != 0 {
		t.Error("a rehearsal messaged somebody")
	}
}

// TestValuesSurviveARestart: a number too large for a float is the same to the
// digit, or NHS Notify would be sent something else under the same reference.
func TestValuesSurviveARestart(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2})
	compose := func(c *campaign.Config) {
		c.Compose = func(*pds.Patient) map[string]any {
			return map[string]any{"practice": []string{"<A & B>", "1 < 2"}, "number": int64(1)<<62 + 1}
		}
	}
	c, _ := w.released(compose)
	ctx, cancel := context.WithCancel(t.Context())
	w.fault(atBatch(1, func() notifytest.Fault { cancel(); return notifytest.Fault{LoseAnswer: true} }))
	if err := c.Send(ctx, governance.Pilot); !errors.Is(err, context.Canceled) {
		t.Fatalf("Send: %v", err)
	}
	c = w.restarted(compose)
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
}

// TestLostFiles: who has lost what the campaign keeps sends nobody anything twice,
// with the same list or with a new one.
func TestLostFiles(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"pilot-1.journal", "pilot-1.sealed", ""} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{batchSize: 3})
			c, m := w.released()
			w.must(c.Send(t.Context(), governance.Pilot))
			w.settle(c, governance.Pilot)
			w.must(os.RemoveAll(filepath.Join(w.config().Dir, lost)))
			c = w.campaign()
			for range 2 {
				if _, err := c.Restore(t.Context()); err == nil {
					for _, stage := range []governance.Stage{governance.Pilot, governance.Ramp} {
						w.release(m, stage)
						if err := c.Send(t.Context(), stage); !errors.Is(err, campaign.ErrFilesMissing) {
							t.Errorf("Send %s: %v", stage, err)
						}
					}
					if _, err := c.Settle(t.Context(), governance.Pilot); !errors.Is(err, campaign.ErrFilesMissing) && lost != "" {
						t.Errorf("Settle: %v", err)
					}
				}
				var err error
				m, err = c.Build(t.Context())
				w.must(err)
			}
			for _, n := range w.members {
				if w.services.Notify.Accepted(n) > 1 {
					t.Error("somebody has two messages")
				}
			}
		})
	}
}

// TestErrorsSayWhere: an error names the call and the stage.
func TestErrorsSayWhere(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, _ := w.released()
	w.fault(func(*http.Request) notifytest.Fault {
		return notifytest.Fault{Status: http.StatusForbidden, Code: "CM_FORBIDDEN"}
	})
	err := c.Send(t.Context(), governance.Pilot)
	if !errors.Is(err, nhs.ErrForbidden) || !strings.HasPrefix(err.Error(), "campaign: send pilot: ") {
		t.Errorf("Send: %v", err)
	}
	if _, err = c.Settle(t.Context(), governance.Ramp); !errors.Is(err, campaign.ErrNotBegun) || !strings.HasPrefix(err.Error(), "campaign: settle ramp: ") {
		t.Errorf("Settle: %v", err)
	}
}
