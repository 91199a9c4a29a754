package governance_test

import (
	"errors"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// TestLadder climbs from synthetic to pilot: no rung without the one below, healthy and accounted for.
func TestLadder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	outcome := func(stage governance.Stage, o governance.Outcome) bool {
		t.Helper()
		healthy, err := w.authority.RecordOutcome(t.Context(), w.proposal, stage, o)
		if err != nil {
			t.Fatal(err)
		}
		return healthy
	}
	refused := func(stage governance.Stage) {
		t.Helper()
		w.submit(w.approval("release", stage).Sign(w.keys[governance.RoleReleaser]))
		w.now = w.now.Add(time.Second)
		if _, err := w.authority.PermitSend(t.Context(), w.proposal, w.manifest, stage); !errors.Is(err, governance.ErrStage) {
			t.Fatalf("%s: %v", stage, err)
		}
	}
	w.now = w.now.Add(time.Second)
	refused(governance.DryRun) // nothing has happened yet
	if outcome(governance.Synthetic, governance.Outcome{}) {
		t.Fatal("an empty stage is healthy")
	}
	if err := permit.Authorize(t.Context(), w.batch("s1", 10)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.authority.RecordOutcome(t.Context(), w.proposal, governance.Synthetic, governance.Outcome{Delivered: 9}); err == nil {
		t.Fatal("an outcome that loses a person was accepted")
	}
	outcome(governance.Synthetic, governance.Outcome{Delivered: 9, Unaccounted: 1})
	refused(governance.DryRun)
	outcome(governance.Synthetic, governance.Outcome{Delivered: 8, Failed: 2})
	refused(governance.DryRun) // over the limit of failures
	if !outcome(governance.Synthetic, governance.Outcome{Delivered: 9, Failed: 1}) {
		t.Fatal("within the limits and not healthy")
	}
	dry := w.send(governance.DryRun)
	if err := dry.Authorize(t.Context(), w.batch("d1", 5)); err != nil {
		t.Fatal(err)
	}
	refused(governance.Pilot)
	outcome(governance.DryRun, governance.Outcome{Delivered: 5})
	if err := permit.Authorize(t.Context(), w.batch("s2", 1)); err != nil { // reopens the synthetic stage
		t.Fatal(err)
	}
	refused(governance.Pilot)
	outcome(governance.Synthetic, governance.Outcome{Delivered: 10, Failed: 1})
	pilot := w.send(governance.Pilot)
	if err := pilot.Authorize(t.Context(), w.batch("p1", 10)); err != nil {
		t.Fatal(err)
	}
	if err := pilot.Authorize(t.Context(), w.batch("p2", 1)); !errors.Is(err, governance.ErrOverCap) {
		t.Errorf("over the pilot's cap: %v", err)
	}
	refused(governance.Ramp) // not on the ladder
}

// TestStageOverItsLimitsStops: it does not go on, with an old permit or a new one, until the account is better.
func TestStageOverItsLimitsStops(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outcome governance.Outcome
		want    error
	}{
		"failures":               {governance.Outcome{Delivered: 8, Failed: 2}, governance.ErrStage},
		"deaths":                 {governance.Outcome{Delivered: 9, Failed: 1, Deceased: 1}, governance.ErrStage},
		"within":                 {governance.Outcome{Delivered: 9, Failed: 1}, nil},
		"not known yet":          {governance.Outcome{Unaccounted: 10}, nil},
		"failures, others to be": {governance.Outcome{Failed: 2, Unaccounted: 8}, governance.ErrStage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			permit := w.permitted()
			if err := permit.Authorize(t.Context(), w.batch("b1", 10)); err != nil {
				t.Fatal(err)
			}
			if _, err := w.authority.RecordOutcome(t.Context(), w.proposal, governance.Synthetic, tt.outcome); err != nil {
				t.Fatal(err)
			}
			_, err := w.authority.PermitSend(t.Context(), w.proposal, w.manifest, governance.Synthetic)
			if !errors.Is(err, tt.want) {
				t.Errorf("a new permit: %v, want %v", err, tt.want)
			}
			if err := permit.Authorize(t.Context(), w.batch("b2", 1)); !errors.Is(err, tt.want) {
				t.Errorf("the next batch: %v, want %v", err, tt.want)
			}
		})
	}
}

// TestStageLimits: one more failure or death than the limits allow, and no later stage may start.
func TestStageLimits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outcome governance.Outcome
		healthy bool
	}{
		"at both limits":      {governance.Outcome{Delivered: 18, Failed: 2, Deceased: 1}, true},
		"one failure more":    {governance.Outcome{Delivered: 17, Failed: 3, Deceased: 1}, false},
		"one death more":      {governance.Outcome{Delivered: 18, Failed: 2, Deceased: 2}, false},
		"one person too many": {governance.Outcome{Delivered: 19, Unaccounted: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			w.proposal.Safety.Limits = governance.StageLimits{FailedPerThousand: 100, DeceasedPerThousand: 50}
			w.manifest = newManifest(w.proposal)
			permit := w.permitted()
			if err := permit.Authorize(t.Context(), w.batch("b1", 20)); err != nil {
				t.Fatal(err)
			}
			healthy, err := w.authority.RecordOutcome(t.Context(), w.proposal, governance.Synthetic, tt.outcome)
			if err != nil || healthy != tt.healthy {
				t.Errorf("healthy %t, %v", healthy, err)
			}
			w.now = w.now.Add(time.Second)
			w.submit(w.approval("release", governance.DryRun).Sign(w.keys[governance.RoleReleaser]))
			_, err = w.authority.PermitSend(t.Context(), w.proposal, w.manifest, governance.DryRun)
			if errors.Is(err, governance.ErrStage) == tt.healthy {
				t.Errorf("the next stage: %v", err)
			}
		})
	}
}
