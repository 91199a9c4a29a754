package governance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/governance"
)

func TestReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.approve("scope", "legal")
	w.submit(w.approval("clinical", "").Sign(w.keys[governance.RoleCSO]))
	bare := w.approval("funding", "")
	bare.Evidence = nil
	w.submit(bare.Sign(w.keys[governance.RoleBudgetHolder]))
	w.proposal.Volume.DailyCap = 10
	w.now = w.now.Add(time.Minute)
	w.submit(governance.Reject(w.proposal, w.gate("dpia"), w.now, "no transparency notice").Sign(w.keys[governance.RoleDPO]))
	w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "under review", SignedAt: w.now}.Sign(w.author))
	r, err := w.authority.Check(t.Context(), w.proposal, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := strings.Cut(r.String(), "  content sha256:")
	want := `talking-therapies-2026 to build on 2 February 2026 09:01 UTC: NOT APPROVED
  scope      void      the-author-lead approved another version: volume changed; the-commissioner approved another version: volume changed; needs commissioner; needs author-lead
  platforms  missing   needs platform-caas; needs platform-notify
  funding    void      the-budget-holder approved another version: volume changed; needs budget-holder; needs evidence purchase-order
  legal      met       the-legal
  dpia       rejected  the-dpo rejected: no transparency notice; needs dpo; needs caldicott-guardian or siro; needs evidence dpia; needs evidence transparency-notice
  clinical   missing   needs clinical-lead
  assurance  missing   needs tester; needs evidence synthetic-run; needs evidence boundary-table; needs evidence sentinels
  problem: halted: entry 7 by author: under review
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCheckRefusesABadQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	if _, err := w.authority.Check(t.Context(), w.proposal, nil, "galaxy"); err == nil {
		t.Error("an unknown stage")
	}
	if _, err := w.authority.PermitSend(t.Context(), w.proposal, w.manifest, ""); err == nil {
		t.Error("sending at no stage")
	}
	if _, err := w.authority.Check(t.Context(), w.proposal, new(governance.Manifest), governance.Pilot); err == nil {
		t.Error("an empty manifest")
	}
	w.proposal.ID = ""
	if _, err := w.authority.Check(t.Context(), w.proposal, nil, ""); err == nil {
		t.Error("an invalid proposal")
	}
	if _, err := w.authority.PermitBuild(t.Context(), w.proposal); err == nil {
		t.Error("building an invalid proposal")
	}
}

// TestSize watches that the expected range binds from the dry run on.
func TestSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.manifest.Included = 101
	w.manifest.Segments[0].Included = 101 - 15
	w.permitted() // a synthetic list may have any size
	w.now = w.now.Add(time.Second)
	r, err := w.authority.Check(t.Context(), w.proposal, &w.manifest, governance.DryRun)
	if err != nil || !strings.Contains(r.String(), "101 people are not within the expected 1 to 100") {
		t.Errorf("%v\n%s", err, r)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	for _, reference := range []string{"s1", "s2", "s1"} { // a batch is there once
		if err := permit.Authorize(t.Context(), w.batch(reference, 10)); err != nil {
			t.Fatal(err)
		}
	}
	batches := w.authority.Batches(w.proposal.ID)
	if len(batches) != 2 {
		t.Fatalf("%d batches, want 2", len(batches))
	}
	for i, reference := range []string{"s1", "s2"} {
		got := batches[i]
		if got.Batch.Reference != reference || got.Batch.Recipients != 10 || got.Stage != governance.Synthetic ||
			got.Root != w.proposal.Root() || got.Manifest != w.manifest.Digest() {
			t.Errorf("batch %d is %+v", i, got)
		}
	}
	batches[0].Batch.Recipients = 0
	if w.authority.Batches(w.proposal.ID)[0].Batch.Recipients != 10 {
		t.Error("a caller can change the log")
	}
	if got := w.authority.Batches("another"); got != nil {
		t.Errorf("another proposal has %d batches", len(got))
	}
}

// TestRegisterIsACopy: who edits a register forges nothing.
func TestRegisterIsACopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.approve(beforeBuild...)
	w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now}.Sign(w.author))
	before := w.authority.Register(w.proposal.ID).String()
	w.proposal.Volume.DailyCap--
	for _, e := range w.authority.Register(w.proposal.ID) {
		if e.Halt != nil {
			e.Halt.Reason, e.By[0] = "nothing", "nobody"
			continue
		}
		for f := range e.Approval.Facets {
			e.Approval.Facets[f] = w.proposal.Facets()[f]
		}
		e.Approval.Gate = "tea"
	}
	r := must(w.authority.Check(t.Context(), w.proposal, nil, ""))
	for _, g := range r.Gates {
		if slices.Contains(w.gate(g.Gate).Covers, governance.FacetVolume) && g.Status != governance.StatusVoid {
			t.Errorf("an edited register met the gate %s", g.Gate)
		}
	}
	if got := w.authority.Register(w.proposal.ID).String(); got != before {
		t.Errorf("the register changed:\n%s", got)
	}
}
