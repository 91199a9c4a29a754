package campaign_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
)

// optedOut makes a proposal apply the national data opt-out.
func optedOut(p *governance.Proposal) {
	p.Purpose.OptOut.NationalDataOptOut = true
	p.Safety.Suppressions = append(p.Safety.Suppressions, governance.Suppression{Name: governance.SuppressNationalOptOut, MaxAgeHours: 21 * 24})
	p.Safety.Sentinels = append(p.Safety.Sentinels, governance.Sentinel{Kind: governance.SuppressNationalOptOut, Planted: 1})
}

// allow makes a screen that leaves some people out.
func allow(at time.Time, out ...nhs.Number) campaign.Screen {
	return func(_ context.Context, people []nhs.Number) (campaign.Screened, error) {
		allowed := slices.DeleteFunc(slices.Clone(people), func(n nhs.Number) bool { return slices.Contains(out, n) })
		return campaign.Screened{Allowed: allowed, At: at, Answer: sha256.Sum256([]byte("the answer"))}, nil
	}
}

// TestNationalOptOut sends with the opt-out applied, as the answer of a client for the service.
func TestNationalOptOut(t *testing.T) {
	t.Parallel()
	planted := number(9100)
	w := setUp(t, options{proposal: optedOut, config: func(w *world, c *campaign.Config) {
		c.Sentinels[governance.SuppressNationalOptOut] = []nhs.Number{planted}
		c.Screens[campaign.NationalOptOut] = allow(w.clock(), planted, w.members[0])
	}})
	c, m := w.released()
	w.must(c.Send(t.Context(), governance.Pilot))
	if m.Included != 23 || c.Outcome().Excluded[campaign.NationalOptOut] != 1 {
		t.Errorf("%d people are on the list, and %v were left out", m.Included, c.Outcome().Excluded)
	}
	want := governance.SentinelResult{Kind: governance.SuppressNationalOptOut, Planted: 1, Caught: 1}
	if !slices.Contains(m.Sentinels, want) {
		t.Errorf("the sentinel is not in %v", m.Sentinels)
	}
	for _, e := range w.authority.Batches(w.proposal.ID) {
		i := slices.IndexFunc(e.Batch.Checked, func(k governance.Checked) bool { return k.Suppression == governance.SuppressNationalOptOut })
		if i < 0 || e.Batch.Checked[i].Answer.IsZero() || e.Batch.Checked[i].Asked < e.Batch.Recipients {
			t.Errorf("batch %s does not say how the opt-out was checked: %+v", e.Batch.Reference, e.Batch.Checked)
		}
	}
}

func TestScreensThatFail(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	down := errors.New("the register is down for " + number(3).Reveal())
	for name, tt := range map[string]struct {
		screen campaign.Screen
		want   error
	}{
		"everybody allowed, the sentinel too": {allow(w.clock()), campaign.ErrSentinel},
		"no time":                             {allow(time.Time{}, sentinels()["objection"]...), campaign.ErrScreen},
		"somebody else allowed": {func(_ context.Context, people []nhs.Number) (campaign.Screened, error) {
			return campaign.Screened{Allowed: append(people[:1:1], number(7777)), At: w.clock()}, nil
		}, campaign.ErrScreen},
		"down": {func(context.Context, []nhs.Number) (campaign.Screened, error) {
			return campaign.Screened{}, down
		}, down},
	} {
		c := w.campaign(func(c *campaign.Config) { c.Screens[campaign.Objected] = tt.screen })
		_, err := c.Build(t.Context())
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "objection") {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
		if strings.Contains(err.Error(), number(3).Reveal()) {
			t.Errorf("%s: the error shows an NHS number", name)
		}
	}
}

// TestStaleScreen refuses a batch whose register was asked too long ago, whatever PDS was asked.
func TestStaleScreen(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{proposal: perishable})
	longAgo := w.clock().Add(-11 * day)
	c, m := w.built(func(c *campaign.Config) {
		c.Screens[campaign.Objected] = allow(longAgo, sentinels()["objection"]...)
	})
	w.release(m, governance.DryRun)
	if err := c.Send(t.Context(), governance.DryRun); !errors.Is(err, governance.ErrStale) || !strings.Contains(err.Error(), "objection") {
		t.Errorf("got %v", err)
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	w.makeUnfit(w.members[0], campaign.Deceased)
	w.makeUnfit(w.members[1], campaign.Objected)
	w.makeUnfit(w.members[9], campaign.Objected)
	_, m := w.built(func(c *campaign.Config) {
		c.Segment = func(n nhs.Number) string {
			switch i := slices.Index(w.members, n); {
			case i < 8:
				return "north"
			case i < 16:
				return "south"
			default:
				return ""
			}
		}
	})
	want := []governance.Segment{
		{Name: "north", Plan: routingPlan, Included: 6, Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 1}, {Reason: "objection", Count: 1}}},
		{Name: "not known", Plan: routingPlan, Included: 8},
		{Name: "south", Plan: routingPlan, Included: 7, Exclusions: []governance.Exclusion{{Reason: "objection", Count: 1}}},
	}
	if diff := cmp.Diff(want, m.Segments); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}

// TestUnderAge knows of some birth dates only the year or the month: the last possible day counts.
func TestUnderAge(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	today := w.clock()
	for i, tt := range []struct {
		born string
		out  bool
	}{
		{today.AddDate(-18, 0, 0).Format(time.DateOnly), false}, // today is the 18th birthday
		{today.AddDate(-18, 0, 1).Format(time.DateOnly), true},
		{today.AddDate(-18, 0, 0).Format("2006"), true},
		{today.AddDate(-19, 0, 0).Format("2006"), false},
		{today.AddDate(-18, -1, 0).Format("2006-01"), false},
		{today.AddDate(-17, 0, 0).Format("2006-01"), true},
	} {
		p := testPerson(w.members[i])
		born, err := nhs.ParseDate(tt.born)
		w.must(err)
		p.Born = born
		w.must(w.services.PDS.Put(p))
		c, _ := w.built(func(c *campaign.Config) { c.Members = each(w.members[i : i+1]) })
		if got := c.Outcome().Excluded[campaign.UnderAge] == 1; got != tt.out {
			t.Errorf("born %s: left out %t", tt.born, got)
		}
	}
}
