package campaign_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// TestSettleBatch: a batch may have been accepted, and its repeat names somebody.
// Whatever an operator finds out, nobody is messaged twice and nobody is lost.
func TestSettleBatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault notifytest.Fault // of the first request
		want  string
	}{
		{"accepted", notifytest.Fault{LoseAnswer: true}, "approved=6 excluded=0 sent=6 delivered=6 failed=0 unaccounted=0"},
		{"not accepted", notifytest.Fault{Status: http.StatusServiceUnavailable}, "approved=6 excluded=0 sent=5 delivered=5 failed=1 unaccounted=0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{people: 6, batchSize: 6})
			c, _ := w.released()
			first, repeat := atBatch(1, func() notifytest.Fault { return tt.fault }), atBatch(2, func() notifytest.Fault {
				w.journey(w.members[3], notifytest.Journey{Refused: "CM_INVALID_NHS_NUMBER"})
				return notifytest.Fault{}
			})
			w.fault(func(r *http.Request) notifytest.Fault {
				_ = repeat(r)
				return first(r)
			})
			err := c.Send(t.Context(), governance.Pilot)
			uncertain, ok := errors.AsType[*notify.UncertainError](err)
			if !ok {
				t.Fatalf("Send: %v, want an UncertainError", err)
			}
			c = w.restarted()
			w.must(c.SettleBatch(t.Context(), uncertain, tt.fault.LoseAnswer))
			if err := c.SettleBatch(t.Context(), uncertain, true); !errors.Is(err, campaign.ErrNothingUncertain) {
				t.Errorf("settling it twice: %v", err)
			}
			w.must(c.Send(t.Context(), governance.Pilot))
			w.settle(c, governance.Pilot)
			expect(t, w, c, tt.want)
		})
	}
}

func TestSettleBatchRefuses(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c, _ := w.released()
	if _, ok := errors.AsType[*nhs.ArgumentError](c.SettleBatch(t.Context(), nil, true)); !ok {
		t.Error("nil is not an argument error")
	}
	w.must(c.Send(t.Context(), governance.Pilot))
	other := &notify.UncertainError{Batch: notify.BatchPlan{Reference: "another"}}
	if err := c.SettleBatch(t.Context(), other, true); !errors.Is(err, campaign.ErrNothingUncertain) {
		t.Errorf("another's batch: %v", err)
	}
}
