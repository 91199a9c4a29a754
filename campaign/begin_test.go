package campaign_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// daily gives the checks a day, which is less than people take to approve a list.
func daily(p *governance.Proposal) {
	for i := range p.Safety.Suppressions {
		p.Safety.Suppressions[i].MaxAgeHours = 24
	}
}

// inOrder returns the members in the order of sending.
func (w *world) inOrder() []nhs.Number {
	sealer, err := governance.NewSealer(w.key(), w.proposal.ID)
	w.must(err)
	return slices.SortedFunc(slices.Values(w.members), func(a, b nhs.Number) int {
		x, y := sealer.Token(a.Reveal()), sealer.Token(b.Reveal())
		return slices.Compare(x[:], y[:])
	})
}

// asked counts the requests to PDS from now on.
func (w *world) asked() *int {
	n := new(int)
	w.failPDS(func(*http.Request) pdstest.Fault {
		w.mu.Lock()
		defer w.mu.Unlock()
		*n++
		return pdstest.Fault{}
	})
	return n
}

// TestChecksAreMadeAgain sends every stage days after the one before. Whom the checks find by then is left
// out, everybody is accounted for, and no batch rests on a check of over a day ago.
func TestChecksAreMadeAgain(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2, proposal: daily})
	c, m := w.built()
	asked := w.asked()
	w.stage(c, m, governance.DryRun)
	if *asked > 0 {
		t.Errorf("PDS was asked %d times about people it had just been asked about", *asked)
	}
	order := w.inOrder()
	w.advance(2 * day)
	w.makeUnfit(order[1], campaign.Deceased)
	w.makeUnfit(order[4], campaign.Objected)
	w.stage(c, m, governance.Pilot)
	if sentinels := 6; *asked != sentinels+6 {
		t.Errorf("PDS was asked %d times about the 6 people of the pilot", *asked)
	}
	expect(t, w, c, "approved=24 excluded=2 sent=4 delivered=4 failed=0 unaccounted=18")
	w.stage(c, m, governance.Ramp)
	expect(t, w, w.restarted(), "approved=24 excluded=2 sent=12 delivered=12 failed=0 unaccounted=10")
	w.makeUnfit(order[23], campaign.Restricted)
	w.stage(c, m, governance.National)
	for _, c := range []*campaign.Campaign{c, w.restarted()} {
		expect(t, w, c, "approved=24 excluded=3 sent=21 delivered=21 failed=0 unaccounted=0")
		for _, reason := range []campaign.Reason{campaign.Deceased, campaign.Objected, campaign.Restricted} {
			if got := c.Outcome().Excluded[reason]; got != 1 {
				t.Errorf("%d were left out as %s, not 1", got, reason)
			}
		}
	}
	for _, n := range []nhs.Number{order[1], order[4], order[23]} {
		if w.services.Notify.Accepted(n) > 0 {
			t.Error("somebody was messaged who must not be")
		}
	}
	for _, e := range w.authority.Batches(w.proposal.ID) {
		for _, k := range e.Batch.Checked {
			if age := e.At.Sub(k.At); age > day {
				t.Errorf("%s: %s was checked %s before", e.Batch.Reference, k.Suppression, age)
			}
		}
	}
}

// TestChecksGrowOldMidStage stops a pilot of six in batches of two, and goes on with it two days later.
func TestChecksGrowOldMidStage(t *testing.T) {
	t.Parallel()
	stale := func(w *world) func(*http.Request) notifytest.Fault {
		return atBatch(1, func() notifytest.Fault {
			w.later(2 * day)
			return notifytest.Fault{}
		})
	}
	lost := func(arrives bool) func(*world) func(*http.Request) notifytest.Fault {
		return func(*world) func(*http.Request) notifytest.Fault {
			n := 0
			return func(r *http.Request) notifytest.Fault {
				if r.Method == http.MethodPost {
					n++
				}
				switch {
				case r.Method != http.MethodPost || n < 2:
					return notifytest.Fault{}
				case n == 2 && arrives:
					return notifytest.Fault{LoseAnswer: true}
				default:
					return notifytest.Fault{Status: http.StatusServiceUnavailable}
				}
			}
		}
	}
	for name, tt := range map[string]struct {
		fault func(*world) func(*http.Request) notifytest.Fault
		unfit []int // by then, in the order of sending
		runs  int
		want  string
	}{
		"nobody is found":                       {stale, nil, 1, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		"somebody waiting is":                   {stale, []int{5}, 2, "approved=24 excluded=1 sent=5 delivered=5 failed=0 unaccounted=18"},
		"all who wait are":                      {stale, []int{2, 3, 4, 5}, 2, "approved=24 excluded=4 sent=2 delivered=2 failed=0 unaccounted=18"},
		"somebody messaged is":                  {stale, []int{0}, 1, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		"an answer was lost":                    {lost(true), nil, 1, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		"a request was lost":                    {lost(false), nil, 1, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		"somebody is whose answer was lost":     {lost(true), []int{2}, 2, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
		"somebody is whose request was lost":    {lost(false), []int{2}, 2, "approved=24 excluded=0 sent=4 delivered=4 failed=0 unaccounted=20"},
		"one waits and one's answer was lost":   {lost(true), []int{3, 4}, 2, "approved=24 excluded=1 sent=5 delivered=5 failed=0 unaccounted=18"},
		"somebody of another stage is, to come": {stale, []int{20}, 1, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{batchSize: 2, proposal: daily})
			c, _ := w.released()
			w.fault(tt.fault(w))
			if err := c.Send(t.Context(), governance.Pilot); err == nil {
				t.Fatal("Send was not stopped")
			}
			w.fault(nil)
			w.advance(2 * day)
			for _, i := range tt.unfit {
				w.makeUnfit(w.inOrder()[i], campaign.Removed)
			}
			c = w.restarted()
			w.must(c.Send(t.Context(), governance.Pilot))
			w.must(c.Send(t.Context(), governance.Pilot)) // there is nothing left to send
			w.advance(deliveryDay)
			_, err := c.Settle(t.Context(), governance.Pilot)
			w.must(err)
			expect(t, w, c, tt.want)
			expect(t, w, w.restarted(), tt.want)
			runs, err := filepath.Glob(filepath.Join(w.dir, "everybody", "pilot-*.sealed"))
			w.must(err)
			if len(runs) != tt.runs {
				t.Errorf("%d runs, want %d", len(runs), tt.runs)
			}
		})
	}
}

// TestChecksCannotBeMadeAgain sends nothing, and says why; when they can it does.
func TestChecksCannotBeMadeAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hinder func(*world)
		want   error
		text   string
	}{
		"a sentinel is not caught": {func(w *world) { w.must(w.services.PDS.Put(testPerson(sentinels()["deceased"][0]))) }, campaign.ErrSentinel, "deceased"},
		"PDS refuses": {func(w *world) {
			w.failPDS(func(*http.Request) pdstest.Fault { return pdstest.Fault{Status: http.StatusForbidden} })
		}, nhs.ErrForbidden, "403"},
		"a screen fails": {func(w *world) {
			w.mu.Lock()
			defer w.mu.Unlock()
			clear(w.objected) // the sentinel is no longer in the register
		}, campaign.ErrSentinel, "screen objection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{proposal: daily})
			c, m := w.released()
			w.advance(2 * day)
			batches := len(w.authority.Batches(w.proposal.ID))
			tt.hinder(w)
			err := c.Send(t.Context(), governance.Pilot)
			if !errors.Is(err, governance.ErrStale) || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(filepath.Join(w.dir, "everybody", "pilot-1.sealed")); err == nil || len(w.authority.Batches(w.proposal.ID)) != batches {
				t.Error("the pilot has begun")
			}
			w.failPDS(nil)
			w.plantSentinels()
			w.stage(c, m, governance.Pilot)
			expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
		})
	}
}

// TestNotAnsweredAgain: PDS gives no answer about somebody when it is asked again. They wait for the next Build.
func TestNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{proposal: daily})
	c, _ := w.released()
	w.advance(2 * day)
	first := w.inOrder()[0].Reveal()
	w.failPDS(func(r *http.Request) pdstest.Fault {
		if strings.HasSuffix(r.URL.Path, first) {
			return pdstest.Fault{Status: http.StatusInternalServerError}
		}
		return pdstest.Fault{}
	})
	w.must(c.Send(t.Context(), governance.Pilot))
	if got := c.Outcome(); got.Excluded[campaign.Unchecked] != 1 || got.Sent != 5 {
		t.Errorf("got %s, %v", got, got.Excluded)
	}
	w.failPDS(nil)
	c, m := w.built()
	if m.Included != 24 || c.Outcome().Excluded[campaign.Unchecked] != 0 {
		t.Errorf("%d people on the new list, %s", m.Included, c.Outcome())
	}
	w.release(m, governance.Pilot)
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	expect(t, w, c, "approved=24 excluded=0 sent=6 delivered=6 failed=0 unaccounted=18")
}
