package governance_test

import (
	"errors"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// TestEveryGateIsNeededForEveryBatch takes each gate away again after a permit was issued and a batch was
// sent with it: by revoking, by rejecting, and by letting it expire.
func TestEveryGateIsNeededForEveryBatch(t *testing.T) {
	t.Parallel()
	for _, gate := range governance.DefaultGates() {
		for name, take := range map[string]func(w *world, a governance.Approval) governance.Approval{
			"revoked": func(_ *world, a governance.Approval) governance.Approval {
				a.Decision, a.Reason, a.Expires, a.Evidence = governance.DecisionRevoke, "no more", time.Time{}, nil
				return a
			},
			"rejected": func(_ *world, a governance.Approval) governance.Approval {
				a.Decision, a.Reason, a.Expires, a.Evidence = governance.DecisionReject, "no", time.Time{}, nil
				return a
			},
			"on a condition": func(_ *world, a governance.Approval) governance.Approval {
				a.Conditions = []governance.Condition{"only if we hear nothing"}
				return a
			},
			"expired": func(w *world, a governance.Approval) governance.Approval {
				a.Expires = w.now.Add(time.Second)
				return a
			},
			"without its evidence": func(_ *world, a governance.Approval) governance.Approval {
				a.Evidence = nil
				return a
			},
		} {
			t.Run(gate.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, new(governance.MemoryStorage))
				permit := w.permitted()
				if err := permit.Authorize(t.Context(), w.batch("b1", 5)); err != nil {
					t.Fatal(err)
				}
				w.now = w.now.Add(time.Second)
				for _, s := range w.signers(gate.Name) {
					w.submit(take(w, w.approval(gate.Name, governance.Synthetic)).Sign(s))
				}
				w.now = w.now.Add(2 * time.Second)
				want := governance.ErrNotApproved
				if name == "without its evidence" && len(gate.Evidence) == 0 {
					want = nil
				}
				if err := permit.Authorize(t.Context(), w.batch("b2", 5)); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		}
	}
}

// TestAnotherCohortsPermit has two campaigns in one log, both permitted, and mixes them in every way.
func TestAnotherCohortsPermit(t *testing.T) {
	t.Parallel()
	ours := newWorld(t, new(governance.MemoryStorage))
	permit := ours.permitted()
	theirs := *ours
	theirs.proposal.ID = "another-campaign"
	theirs.proposal.Message.RoutingPlan.ID = "11111111-2222-4333-8444-555555555555"
	theirs.manifest = newManifest(theirs.proposal)
	sealer := must(governance.NewSealer(make([]byte, 32), theirs.proposal.ID))
	foreign := make([]governance.Token, 40)
	for i := range foreign {
		foreign[i] = sealer.Token(string(rune('a' + i)))
	}
	theirs.manifest.Recipients = must(governance.NewList(foreign)).Digest()
	theirPermit := theirs.permitted()
	theirList := must(governance.NewList(foreign))
	theirBatch := func(reference string) governance.Batch {
		b := theirs.batch(reference, 1)
		b.List, b.Recipients = theirList, foreign[:3]
		return b
	}
	for name, send := range map[string]func() error{
		"their permit for our batch": func() error { return theirPermit.Authorize(t.Context(), ours.batch("x1", 3)) },
		"our permit for their batch": func() error { return permit.Authorize(t.Context(), theirBatch("x2")) },
		"their list under our manifest": func() error {
			b := ours.batch("x3", 3)
			b.List, b.Recipients = theirList, foreign[:3]
			return permit.Authorize(t.Context(), b)
		},
		"one of theirs among ours": func() error {
			b := ours.batch("x4", 3)
			b.Recipients[1] = foreign[0]
			return permit.Authorize(t.Context(), b)
		},
		"a list of our own making": func() error {
			b := ours.batch("x5", 3)
			b.List = must(governance.NewList(b.Recipients))
			return permit.Authorize(t.Context(), b)
		},
		"our manifest for their proposal": func() error {
			_, err := theirs.authority.PermitSend(t.Context(), theirs.proposal, ours.manifest, governance.Synthetic)
			return err
		},
		"their approvals for our content under their name": func() error {
			p := ours.proposal
			p.ID = theirs.proposal.ID
			_, err := ours.authority.PermitBuild(t.Context(), p)
			return err
		},
	} {
		err := send()
		if !errors.Is(err, governance.ErrMismatch) && !errors.Is(err, governance.ErrNotApproved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := theirPermit.Authorize(t.Context(), theirBatch("b1")); err != nil {
		t.Errorf("their own batch with their own permit: %v", err)
	}
	b := ours.batch("b1", 3)
	b.List = nil
	if err := permit.Authorize(t.Context(), b); err == nil {
		t.Error("sent without showing the list")
	}
}

// TestUncheckedPeople claims checks that cannot have covered the batch.
func TestUncheckedPeople(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*governance.Checked)
		want  error
	}{
		"of fewer people":          {func(k *governance.Checked) { k.Asked, k.Allowed = 9, 9 }, governance.ErrUnsafe},
		"that left fewer people":   {func(k *governance.Checked) { k.Allowed = 9 }, governance.ErrUnsafe},
		"that let more in than it": {func(k *governance.Checked) { k.Allowed = 61 }, governance.ErrUnsafe},
		"of another suppression":   {func(k *governance.Checked) { k.Suppression = "tea" }, governance.ErrStale},
		"a day too old":            {func(k *governance.Checked) { k.At = k.At.Add(-24*time.Hour - 1) }, governance.ErrStale},
		"just not too old":         {func(k *governance.Checked) { k.At = k.At.Add(-24 * time.Hour) }, nil},
		"without an answer":        {func(k *governance.Checked) { k.Answer = governance.Digest{} }, governance.ErrUnsafe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			w.proposal.Purpose.OptOut.NationalDataOptOut = true
			suppress(&w.proposal)
			w.manifest = newManifest(w.proposal)
			permit := w.permitted()
			b := w.batch("b1", 10)
			last := len(b.Checked) - 1
			if b.Checked[last].Suppression != governance.SuppressNationalOptOut {
				t.Fatal(b.Checked[last])
			}
			tt.spoil(&b.Checked[last])
			if err := permit.Authorize(t.Context(), b); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestCollision: while one campaign is being sent, no other gets a permit for the same routing plan, unless
// the programme has taken the check out of its table.
func TestCollision(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*world)
		want   error
	}{
		"the same plan": {func(*world) {}, governance.ErrCollision},
		"another plan":  {func(w *world) { w.proposal.Message.RoutingPlan.ID = "another" }, nil},
		"after the other's window": {func(w *world) {
			w.now = start.Add(60 * day)
			w.proposal.Window.NotBefore, w.proposal.Window.NotAfter = w.now, w.now.Add(day)
		}, nil},
		"without the check": {func(w *world) { w.gates[1].Checks = nil; w.open() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			w.climb(governance.Pilot)
			w.proposal.ID = "second"
			tt.change(w)
			w.approve(beforeBuild...)
			if _, err := w.authority.PermitBuild(t.Context(), w.proposal); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestMachineChecksOfGates: a gate whose people have all signed is not met while its check fails.
func TestMachineChecksOfGates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*world)
		gate   string
		check  governance.MachineCheck
		want   error
	}{
		"a risk above the acceptable": {func(w *world) { w.proposal.Safety.HazardLog.HighestRisk = 3 }, "clinical", governance.CheckHazards, governance.ErrHazard},
		"a control without proof":     {func(w *world) { w.proposal.Safety.HazardLog.Unproved = 1 }, "clinical", governance.CheckHazards, governance.ErrHazard},
		"marketing":                   {func(w *world) { w.proposal.Purpose.Class = governance.DirectMarketing }, "legal", governance.CheckNotMarketing, governance.ErrNoBasis},
		"an expired basis":            {func(w *world) { w.proposal.Purpose.Basis.Expires = w.now }, "legal", governance.CheckBasis, governance.ErrNoBasis},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			tt.change(w)
			w.approve(beforeBuild...)
			got := w.status(tt.gate)
			if got.Status != governance.StatusFailed || len(got.Failed) != 1 || got.Failed[0] != tt.check {
				t.Errorf("got %+v", got)
			}
			_, err := w.authority.PermitBuild(t.Context(), w.proposal)
			if !errors.Is(err, tt.want) || errors.Is(err, governance.ErrNotApproved) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}
