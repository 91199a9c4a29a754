package governance

import (
	"slices"
	"time"
)

// MachineCheck names something that a machine can decide, whatever people sign. Every check is made,
// except [CheckCollision], which is made where a gate names it. A gate that names a check is not met while
// it fails.
type MachineCheck string

// The checks made before anybody can sign or a record is read.
const (
	CheckFields        MachineCheck = "fields-as-used"
	CheckWithinBasis   MachineCheck = "data-within-basis"
	CheckOptOut        MachineCheck = "opt-out-derived"
	CheckSuppressions  MachineCheck = "suppressions-complete"
	CheckPurchaseOrder MachineCheck = "within-purchase-order"
)

// The checks made whenever a decision is asked for.
const (
	CheckNotMarketing MachineCheck = "not-marketing"
	CheckBasis        MachineCheck = "basis-current"
	CheckWindow       MachineCheck = "window-not-over"
	CheckHazards      MachineCheck = "hazards-controlled"
	CheckNotHalted    MachineCheck = "not-halted"
	CheckCollision    MachineCheck = "no-collision"
)

// The checks of a built list, made for sending.
const (
	CheckLadder    MachineCheck = "earlier-stages-healthy"
	CheckRecorded  MachineCheck = "list-recorded"
	CheckSize      MachineCheck = "size-as-expected"
	CheckSentinels MachineCheck = "sentinels-caught"
	CheckData      MachineCheck = "data-current"
)

// MachineCheckRule says what a check is.
type MachineCheckRule struct {
	Check MachineCheck
	// Says is what holds when it passes, and Where the place it is made.
	Says  string
	Where string
}

// MachineCheckRules returns all checks, for people to read.
func MachineCheckRules() []MachineCheckRule {
	const parsed, built, asked, sent = "Proposal.Validate", "Permit.AuthorizeBuild", "every decision", "every decision to send"
	return []MachineCheckRule{
		{CheckFields, "the definition reads exactly the approved fields, from the approved day on", built},
		{CheckWithinBasis, "the legal basis covers every data set", parsed},
		{CheckOptOut, "the opt-outs honoured are at least those the legal basis asks for", parsed},
		{CheckSuppressions, "every suppression that is needed is there, with a maximum age and sentinels", parsed},
		{CheckPurchaseOrder, "the worst case costs no more than the purchase order has left", parsed},
		{CheckNotMarketing, "the message is not direct marketing", asked},
		{CheckBasis, "the legal basis has not expired", asked},
		{CheckWindow, "the window is not over", asked},
		{CheckHazards, "no open hazard is above the acceptable risk, and every control has a test that passed", asked},
		{CheckNotHalted, "nobody has halted it", asked},
		{CheckCollision, "no other campaign of the log is being sent with the same routing plan", asked},
		{CheckLadder, "every earlier stage is accounted for and healthy with exactly this content, and this one is within its limits so far", sent},
		{CheckRecorded, "a permitted build of this proposal recorded the list", sent},
		{CheckSize, "the list is as long as expected", sent},
		{CheckSentinels, "enough sentinels of each kind were planted, and all were caught", sent},
		{CheckData, "no data are older than approved", sent},
	}
}

func machineChecks() []MachineCheck {
	return namesOf(MachineCheckRules(), func(r MachineCheckRule) MachineCheck { return r.Check })
}

// problems are the checks that fail.
func (l *ledger) problems(gates []Gate, s *subject, now time.Time) refusal {
	var r refusal
	p := s.proposal
	r.check = CheckNotHalted
	for _, h := range l.halts[p.ID] {
		r.unless(!h.open(), ErrHalted, "entry %d by %s: %s", h.index, listPeople(h.by), h.reason)
	}
	r.check = CheckNotMarketing
	r.unless(p.Purpose.Class != DirectMarketing, ErrNoBasis, "direct marketing cannot be sent")
	r.check = CheckBasis
	r.unless(now.Before(p.Purpose.Basis.Expires), ErrNoBasis, "expired at %s", formatTime(p.Purpose.Basis.Expires))
	r.check = CheckWindow
	r.unless(now.Before(p.Window.NotAfter), ErrOutsideWindow, "closed at %s", formatTime(p.Window.NotAfter))
	r.check = CheckHazards
	hazards := p.Safety.HazardLog
	r.unless(hazards.HighestRisk <= hazards.AcceptableRisk, ErrHazard, "a residual risk is %d and at most %d is acceptable",
		hazards.HighestRisk, hazards.AcceptableRisk)
	r.unless(hazards.Unproved == 0, ErrHazard, "%d controls have no test that passed", hazards.Unproved)
	if slices.ContainsFunc(gates, func(g Gate) bool { return slices.Contains(g.Checks, CheckCollision) }) {
		l.collisions(&r, s, now)
	}
	if s.stage != "" {
		l.stageProblems(&r, s)
		if s.manifest != nil {
			l.manifestProblems(&r, s, now)
		}
	}
	r.check = ""
	return r
}

// collisions looks for other campaigns that people may be getting the same message from.
func (l *ledger) collisions(r *refusal, s *subject, now time.Time) {
	r.check = CheckCollision
	for _, id := range sortedKeys(l.batches) {
		batches := l.batches[id]
		last := slices.IndexFunc(batches, func(b batch) bool {
			other := l.proposals[b.root]
			return b.stage.Live() && now.Before(other.Window.NotAfter) &&
				other.Message.RoutingPlan.ID == s.proposal.Message.RoutingPlan.ID
		})
		r.unless(id == s.proposal.ID || last < 0, ErrCollision, "%s is being sent with the same routing plan", id)
	}
}

// stageProblems requires every earlier rung to be accounted for and healthy with this very content, and this
// one to be within its limits as far as it has been accounted for.
func (l *ledger) stageProblems(r *refusal, s *subject) {
	r.check = CheckLadder
	_, ok := s.proposal.Volume.stageCap(s.stage)
	r.unless(ok, ErrStage, "%s is not on the proposal's ladder", s.stage)
	for _, below := range stages()[:max(s.stage.rank(), 0)] {
		outcome, recorded := l.outcomes[stageKey{s.root, below}]
		switch {
		case !recorded:
			r.add(ErrStage, "%s has no outcome for this content", below)
		case !outcome.Healthy:
			r.add(ErrStage, "%s was not healthy", below)
		}
	}
	known := l.outcomes[stageKey{s.root, s.stage}].Outcome
	r.unless(known.within(s.proposal.Safety.Limits), ErrStage,
		"%s has gone over its limits, with %d failed, %d of them deceased, of %d: find out why, and propose it anew", s.stage, known.Failed, known.Deceased, known.total())
}

func (l *ledger) manifestProblems(r *refusal, s *subject, now time.Time) {
	p, m := s.proposal, s.manifest
	r.check = CheckRecorded
	r.unless(m.Proposal == s.root, ErrMismatch, "the manifest is of another proposal")
	_, recorded := l.manifests[manifestKey{s.root, s.built}]
	r.unless(recorded, ErrUnsafe, "the manifest was not recorded by a permitted build")
	r.check = CheckSize
	if s.stage != Synthetic { // a synthetic list has whatever size was asked for
		r.unless(m.Included >= p.Volume.ExpectedMin && m.Included <= p.Volume.ExpectedMax, ErrUnsafe,
			"%d people are not within the expected %d to %d", m.Included, p.Volume.ExpectedMin, p.Volume.ExpectedMax)
	}
	r.check = CheckSentinels
	for _, want := range p.Safety.Sentinels {
		i := slices.IndexFunc(m.Sentinels, func(got SentinelResult) bool { return got.Kind == want.Kind })
		r.unless(i >= 0 && m.Sentinels[i].Planted >= want.Planted, ErrUnsafe, "too few %s sentinels were planted", want.Kind)
	}
	for _, got := range m.Sentinels {
		r.unless(got.Caught == got.Planted, ErrUnsafe, "of %d %s sentinels %d were caught", got.Planted, got.Kind, got.Caught)
	}
	r.check = CheckData
	for _, set := range p.Data.Sets {
		i := slices.IndexFunc(m.Snapshots, func(sn Snapshot) bool { return sn.DataSet == set.Name })
		if i < 0 {
			r.add(ErrStale, "the manifest has no snapshot of %s", set.Name)
			continue
		}
		r.unless(now.Sub(m.Snapshots[i].TakenAt) <= hours(set.MaxAgeHours), ErrStale,
			"the snapshot of %s is over %d hours old", set.Name, set.MaxAgeHours)
	}
}

func hours(n int) time.Duration { return time.Duration(min(n, maxHours)) * time.Hour }

// maxHours is the most a time.Duration holds, about 292 years.
const maxHours = int((1<<63 - 1) / int64(time.Hour))
