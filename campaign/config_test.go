package campaign_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/governance"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	for name, tt := range map[string]struct {
		change func(*campaign.Config)
		want   string
	}{
		"no proposal":   {func(c *campaign.Config) { c.Proposal = governance.Proposal{} }, "id is required"},
		"no authority":  {func(c *campaign.Config) { c.Authority = nil }, "authority is required"},
		"no definition": {func(c *campaign.Config) { c.Definition = nil }, "definition is required"},
		"no members":    {func(c *campaign.Config) { c.Members = nil }, "members is required"},
		"no patients":   {func(c *campaign.Config) { c.Patients = nil }, "patients is required"},
		"no messages":   {func(c *campaign.Config) { c.Messages = nil }, "messages is required"},
		"no book":       {func(c *campaign.Config) { c.Book = nil }, "book is required"},
		"no directory":  {func(c *campaign.Config) { c.Dir = "" }, "dir is required"},
		"no randomness": {func(c *campaign.Config) { c.Random = nil }, "random is required"},
		"no clock":      {func(c *campaign.Config) { c.Now = nil }, "now is required"},
		"short key":     {func(c *campaign.Config) { c.Key = c.Key[:31] }, "key must be at least 32 bytes"},
		"large batch":   {func(c *campaign.Config) { c.BatchSize = 45_001 }, "batch size must be 0 to 45,000"},
		"negative batch": {
			func(c *campaign.Config) { c.BatchSize = -1 }, "batch size must be 0 to 45,000",
		},
		"no register of objections": {
			func(c *campaign.Config) { c.Screens = nil }, "screen objection is required",
		},
		"screen for what PDS is asked": {
			func(c *campaign.Config) { c.Screens[campaign.Deceased] = w.objections }, "screen deceased must be a check that PDS cannot make",
		},
		"screen that is nil": {
			func(c *campaign.Config) { c.Screens[campaign.NationalOptOut] = nil }, "screen national-data-opt-out must be",
		},
		"suppression of another kind": {
			func(c *campaign.Config) {
				c.Proposal.Safety.Suppressions = append([]governance.Suppression{{Name: "opted-out", MaxAgeHours: 1}}, c.Proposal.Safety.Suppressions...)
			}, "screen opted-out is required",
		},
		"sentinel of another kind": {
			func(c *campaign.Config) { c.Sentinels["opted-out"] = people(1) }, "sentinels of kind opted-out must be caught by a check",
		},
		"sentinel that is never a reason to stop": {
			func(c *campaign.Config) { c.Sentinels[string(campaign.Unchecked)] = people(1) }, "must be caught by a check",
		},
		"sentinel twice": {
			func(c *campaign.Config) {
				c.Sentinels["deceased"] = append(c.Sentinels["deceased"], c.Sentinels["deceased"][0])
			}, "sentinels of kind deceased must not repeat a number",
		},
		"sentinel without number": {
			func(c *campaign.Config) { c.Sentinels["deceased"] = []nhs.Number{{}} }, "sentinels of kind deceased must have NHS numbers",
		},
		"too few sentinels": {
			func(c *campaign.Config) { delete(c.Sentinels, "restricted") }, "sentinels of kind restricted must be at least 1",
		},
		"definition of another meaning": {
			func(c *campaign.Config) { c.Definition = otherDefinition(t) }, "definition is not the one in the proposal",
		},
		"fields not approved": {
			func(c *campaign.Config) {
				c.Proposal.Data.Sets = append([]governance.DataSet{}, c.Proposal.Data.Sets...)
				c.Proposal.Data.Sets[0].Fields = []string{"postcode"}
			}, "not used by the definition: person.postcode; used but not in the proposal: person.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := w.config()
			tt.change(&config)
			c, err := campaign.New(config)
			if err == nil || c != nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "campaign: new: ") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestGPRecordsSaySo: a proposal that does not say that its data come from GP records is not asked for the type 1
// opt-outs that protect them.
func TestGPRecordsSaySo(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	d, err := cohort.New("coded", "1.0.0", cohort.Include("coded", gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index)).Exists()))
	w.must(err)
	plan, err := d.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	w.must(err)
	for _, says := range []bool{false, true} {
		config := w.config()
		config.Definition = plan
		config.Proposal.Cohort, err = campaign.CohortFacet(plan)
		w.must(err)
		config.Proposal.Data.Sets = nil
		for _, use := range campaign.Uses(plan) {
			config.Proposal.Data.Sets = append(config.Proposal.Data.Sets, governance.DataSet{
				Name: use.DataSet, Fields: use.Fields, Earliest: use.Earliest, Controller: "GP practices", GPRecords: says,
				MaxAgeHours: 24, RetentionDays: 90,
			})
			config.Proposal.Purpose.Basis.DataSets = append([]string{use.DataSet}, config.Proposal.Purpose.Basis.DataSets...)
		}
		_, err := campaign.New(config)
		if refused := err != nil && strings.Contains(err.Error(), "gpRecords must be true of gpes.journal"); refused == says {
			t.Errorf("says %t: %v", says, err)
		}
	}
}

func otherDefinition(t *testing.T) *cohort.Plan {
	t.Helper()
	d, err := cohort.New("registered", "1.0.0", cohort.Include("registered", person.Practice.Known()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := d.Bind()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestOrderOfCalls: what has no list says so.
func TestOrderOfCalls(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c := w.campaign()
	_, err := c.Restore(t.Context())
	_, settled := c.Settle(t.Context(), governance.Pilot)
	for call, err := range map[string]error{"Restore": err, "Settle": settled, "Send": c.Send(t.Context(), governance.Pilot)} {
		if !errors.Is(err, campaign.ErrNotBuilt) {
			t.Errorf("%s: %v", call, err)
		}
	}
	if got := c.Outcome(); got.Approved != 0 || got.String() != "approved=0 excluded=0 sent=0 delivered=0 failed=0 unaccounted=0" {
		t.Errorf("outcome of nothing: %s", got)
	}
	c, _ = w.built()
	if _, err := c.Settle(t.Context(), governance.Pilot); !errors.Is(err, campaign.ErrNotBegun) {
		t.Errorf("Settle before Send: %v", err)
	}
}
