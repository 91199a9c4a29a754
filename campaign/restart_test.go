package campaign_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// crash sends a stage, and ends when its n-th batch has arrived and not been
// answered: what NHS Notify has, the process does not know.
func (w *world) crash(c *campaign.Campaign, stage governance.Stage, n int32) {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	w.fault(atBatch(n, func() notifytest.Fault {
		cancel()
		return notifytest.Fault{LoseAnswer: true}
	}))
	if err := c.Send(ctx, stage); !errors.Is(err, context.Canceled) {
		w.fatal("Send was not cut short: ", err)
	}
	w.fault(nil)
	w.open() // the audit log is read again, too
}

// TestRestart: the account is right before Send is called again, and Send goes on
// where it was.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2})
	c, _ := w.released()
	w.crash(c, governance.Pilot, 2)
	w.forget()
	c = w.restarted()
	expect(t, w, c, "approved=24 excluded=0 sent=2 delivered=0 failed=0 unaccounted=24")
	before := w.services.Notify.Messages()
	w.must(c.Send(t.Context(), governance.Pilot))
	if got := w.services.Notify.Messages() - before; got != 2 {
		t.Errorf("%d messages were new, want the 2 of the third batch", got)
	}
	w.settle(c, governance.Pilot)
	// In yet another process the book starts empty, and Settle asks: the answer to
	// the second batch was lost, so only callbacks know the ids of its messages.
	w.forget()
	c = w.restarted()
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=0 failed=0 unaccounted=24")
	if healthy, err := c.Settle(t.Context(), governance.Pilot); healthy || err != nil {
		t.Errorf("two people are not accounted for: %v, %v", healthy, err)
	}
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=4 failed=0 unaccounted=20")
	w.relearn()
	c = w.restarted()
	if healthy, err := c.Settle(t.Context(), governance.Pilot); !healthy || err != nil {
		t.Errorf("everybody is accounted for: %v, %v", healthy, err)
	}
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
}

// TestSettleAsksForWhatCallbacksBegan: the id of a message whose answer was lost is
// learnt from a callback, and its end by asking.
func TestSettleAsksForWhatCallbacksBegan(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, _ := w.released()
	w.crash(c, governance.Pilot, 1)
	c = w.restarted()
	w.must(c.Send(t.Context(), governance.Pilot))
	w.advance(2 * time.Minute) // looked up, and called back about
	w.receiver.Close()         // from now on no callback arrives
	w.advance(deliveryDay)     // delivered
	if healthy, err := c.Settle(t.Context(), governance.Pilot); !healthy || err != nil {
		t.Errorf("Settle: %v, %v, %s", healthy, err, c.Outcome())
	}
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
	// What was answered is known after a restart, but for an answer that a crash cut.
	path := filepath.Join(w.config().Dir, "polled.jsonl")
	text, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(path, text[:len(text)-9], 0o600))
	for _, want := range []string{
		"approved=24 excluded=0 sent=6 delivered=5 failed=0 unaccounted=19",
		"approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18",
	} {
		w.relearn()
		c = w.restarted()
		expect(t, w, c, want)
		_, err = c.Settle(t.Context(), governance.Pilot)
		w.must(err)
	}
}

// TestDamagedFiles: what cannot be read is not guessed at.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2})
	c, _ := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	journal := filepath.Join(w.config().Dir, "pilot-1.journal")
	text, err := os.ReadFile(journal)
	w.must(err)
	text[len(text)/2] ^= 1
	w.must(os.WriteFile(journal, text, 0o600))
	restored := w.campaign()
	_, err = restored.Restore(t.Context())
	for call, err := range map[string]error{"Restore": err, "Send": c.Send(t.Context(), governance.Pilot)} {
		if !errors.Is(err, notify.ErrJournalCorrupt) || !strings.Contains(err.Error(), "pilot-1") {
			t.Errorf("%s: %v", call, err)
		}
	}
	// The journal of a larger run.
	larger := setUp(t, options{batchSize: 2, proposal: func(p *governance.Proposal) { p.Volume.Stages[2].Cap = 12 }})
	c, _ = larger.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	text, err = os.ReadFile(filepath.Join(larger.config().Dir, "pilot-1.journal"))
	w.must(err)
	w.must(os.WriteFile(journal, text, 0o600))
	if _, err := w.campaign().Restore(t.Context()); !errors.Is(err, notify.ErrJournalMismatch) {
		t.Errorf("Restore: %v", err)
	}
}

// TestSettleFails: what cannot be asked is not decided.
func TestSettleFails(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, _ := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	w.fault(func(*http.Request) notifytest.Fault { return notifytest.Fault{Status: http.StatusServiceUnavailable} })
	if _, err := c.Settle(t.Context(), governance.Pilot); !errors.Is(err, nhs.ErrUnavailable) {
		t.Errorf("Settle: %v", err)
	}
	w.fault(func(*http.Request) notifytest.Fault {
		return notifytest.Fault{Status: http.StatusNotFound, Code: "CM_NOT_FOUND"}
	})
	if healthy, err := c.Settle(t.Context(), governance.Pilot); healthy || err != nil {
		t.Errorf("Settle without the messages: %v, %v", healthy, err)
	}
	w.fault(nil)
	w.settle(c, governance.Pilot)
}

// TestRebuildBetweenStages: somebody died since. Who has been messaged stays, is
// accounted for, and gets nothing more; who has not is not messaged.
func TestRebuildBetweenStages(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, m := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	messaged := slices.IndexFunc(w.members, func(n nhs.Number) bool { return w.services.Notify.Accepted(n) == 1 })
	waiting := slices.IndexFunc(w.members, func(n nhs.Number) bool { return w.services.Notify.Accepted(n) == 0 })
	w.makeUnfit(w.members[messaged], campaign.Deceased)
	w.makeUnfit(w.members[waiting], campaign.Deceased)
	dropped := slices.IndexFunc(w.members, func(n nhs.Number) bool {
		return w.services.Notify.Accepted(n) == 1 && n != w.members[messaged]
	})
	// The definition does not select one of the messaged any more: they were
	// messaged all the same.
	c, again := w.built(func(c *campaign.Config) { c.Members = each(slices.Delete(slices.Clone(w.members), dropped, dropped+1)) })
	if m.Digest() == again.Digest() {
		t.Error("the manifest is the old one")
	}
	expect(t, w, c, "approved=24 excluded=1 sent=6 delivered=6 failed=0 unaccounted=17")
	if err := c.Send(t.Context(), governance.Ramp); !errors.Is(err, governance.ErrNotApproved) {
		t.Errorf("Send by the approvals of the old list: %v", err)
	}
	w.stage(c, again, governance.Ramp)
	w.stage(c, again, governance.National)
	expect(t, w, c, "approved=24 excluded=1 sent=23 delivered=23 failed=0 unaccounted=0")
	if w.services.Notify.Accepted(w.members[waiting]) != 0 {
		t.Error("somebody dead was messaged")
	}
	// The pilot has had its cap: under the new list there is nobody left to send to.
	w.release(again, governance.Pilot)
	w.must(c.Send(t.Context(), governance.Pilot))
	expect(t, w, c, "approved=24 excluded=1 sent=23 delivered=23 failed=0 unaccounted=0")
}

// TestRebuildMidStage: the checks grew too old in the middle of a stage. It goes on
// with a new list, up to its cap, and with whom the old list left.
func TestRebuildMidStage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   func(*world) func(*http.Request) notifytest.Fault // at the second batch
		sent    string                                            // after the rebuild
		pilot   string                                            // after the stage
		healthy bool
	}{
		"between batches": {
			fault: func(w *world) func(*http.Request) notifytest.Fault {
				return atBatch(1, func() notifytest.Fault {
					w.later(11 * day)
					return notifytest.Fault{}
				})
			},
			sent:    "approved=24 excluded=1 sent=2 delivered=2 failed=0 unaccounted=21",
			pilot:   "approved=24 excluded=1 sent=6 delivered=6 failed=0 unaccounted=17",
			healthy: true,
		},
		// NHS Notify certainly does not have the second batch: its people are checked
		// again and go later. Their first authorisation is used up.
		"second batch refused": {
			fault: func(*world) func(*http.Request) notifytest.Fault {
				return atBatch(2, func() notifytest.Fault {
					return notifytest.Fault{Status: http.StatusForbidden, Code: "CM_FORBIDDEN"}
				})
			},
			sent:    "approved=24 excluded=1 sent=2 delivered=2 failed=0 unaccounted=21",
			pilot:   "approved=24 excluded=1 sent=4 delivered=4 failed=0 unaccounted=19",
			healthy: true,
		},
		// NHS Notify may have the second batch. It has it, and callbacks say so.
		"second answer lost": {
			fault: func(*world) func(*http.Request) notifytest.Fault {
				n := 0
				return func(r *http.Request) notifytest.Fault {
					if r.Method != http.MethodPost {
						return notifytest.Fault{}
					}
					n++
					return notifytest.Fault{LoseAnswer: n == 2, Status: map[bool]int{true: http.StatusServiceUnavailable}[n > 2]}
				}
			},
			sent:    "approved=24 excluded=1 sent=4 delivered=4 failed=0 unaccounted=19",
			pilot:   "approved=24 excluded=1 sent=6 delivered=6 failed=0 unaccounted=17",
			healthy: true,
		},
		// NHS Notify may have the second batch, and does not. Nobody can know.
		"second request lost": {
			fault: func(*world) func(*http.Request) notifytest.Fault {
				n := 0
				return func(r *http.Request) notifytest.Fault {
					if r.Method != http.MethodPost {
						return notifytest.Fault{}
					}
					n++
					return notifytest.Fault{Status: map[bool]int{true: http.StatusGatewayTimeout}[n >= 2]}
				}
			},
			sent:  "approved=24 excluded=1 sent=2 delivered=2 failed=0 unaccounted=21",
			pilot: "approved=24 excluded=1 sent=4 delivered=4 failed=0 unaccounted=19",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{batchSize: 2, proposal: perishable})
			c, _ := w.released()
			w.fault(tt.fault(w))
			if err := c.Send(t.Context(), governance.Pilot); err == nil {
				t.Fatal("Send was not stopped")
			}
			w.fault(nil)
			w.advance(deliveryDay)
			w.makeUnfit(w.last(), campaign.Removed)
			c, m := w.built()
			_, err := c.Settle(t.Context(), governance.Pilot)
			w.must(err)
			expect(t, w, c, tt.sent)
			w.release(m, governance.Pilot)
			w.must(c.Send(t.Context(), governance.Pilot))
			w.advance(deliveryDay)
			healthy, err := w.restarted().Settle(t.Context(), governance.Pilot)
			if healthy != tt.healthy || err != nil {
				t.Errorf("Settle: %v, %v; want %v", healthy, err, tt.healthy)
			}
			expect(t, w, w.restarted(), tt.pilot)
			if !tt.healthy {
				return
			}
			w.stage(c, m, governance.Ramp)
			w.stage(c, m, governance.National)
			expect(t, w, c, "approved=24 excluded=1 sent=23 delivered=23 failed=0 unaccounted=0")
		})
	}
}

// TestProposalChanged: the ladder starts again, with those not messaged.
func TestProposalChanged(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, _ := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	w.propose(func(p *governance.Proposal) { p.Volume.Stages[2].Cap = 12 }) // caps count for all versions
	w.approveBeforeBuild()
	c = w.campaign()
	if _, err := c.Restore(t.Context()); !errors.Is(err, campaign.ErrNotBuilt) {
		t.Errorf("restored a list for another version: %v", err)
	}
	w.rehearse(2) // in the same place as before, with other test people
	m, err := c.Build(t.Context())
	w.must(err)
	for _, stage := range []governance.Stage{governance.DryRun, governance.Pilot, governance.Ramp, governance.National} {
		w.stage(c, m, stage)
	}
	expect(t, w, c, "approved=24 excluded=0 sent=24 delivered=24 failed=0 unaccounted=0")
}
