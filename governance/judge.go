package governance

import (
	"fmt"
	"strings"
	"time"
)

const (
	maxNote   = 64 << 10        // bytes of one signed note
	clockSkew = 5 * time.Minute // how far a signer's clock may be ahead of ours
)

// judge decides from the trust, the gate table and what the log says, and from nothing else. An
// [Authority] asks it before it writes an entry, and an audit asks it again about every entry there is.
type judge struct {
	trust  *Trust
	gates  []Gate
	london *time.Location
	ledger *ledger
}

func newJudge(trust *Trust, gates []Gate) (*judge, error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("governance: sending hours need a time zone database: %w", err)
	}
	return &judge{trust: trust, gates: gates, london: london, ledger: newLedger(trust)}, nil
}

// note decides whether a signed note may enter the log.
func (j *judge) note(signed []byte, now time.Time) (Entry, error) {
	if len(signed) > maxNote {
		return Entry{}, &FieldError{Field: "note", Reason: fmt.Sprintf("must be at most %d bytes", maxNote)}
	}
	text, people, err := j.trust.open(signed, now)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{At: now, Note: string(signed)}
	title, _, _ := strings.Cut(text, "\n")
	switch title {
	case approvalTitle:
		e.Kind = EntryApproval
		e.Proposal, err = j.admitApproval(text, people, now)
	case dischargeTitle:
		e.Kind = EntryDischarge
		e.Proposal, err = j.admitDischarge(text, people, now)
	case haltTitle:
		e.Kind = EntryHalt
		e.Proposal, err = j.admitHalt(text, now)
	case resumeTitle:
		e.Kind = EntryResume
		e.Proposal, err = j.admitResume(text, people, now)
	default:
		err = errBody
	}
	return e, err
}

func (j *judge) report(s *subject, now time.Time) Report { return j.ledger.report(j.gates, s, now) }

// permit decides whether a subject is approved.
func (j *judge) permit(s *subject, now time.Time) error {
	reasons := j.report(s, now).refusal()
	return reasons.err()
}

// reasons collects what keeps a permit from being used.
func (j *judge) reasons(s *subject, now time.Time) refusal {
	reasons := j.report(s, now).refusal()
	_, issued := j.ledger.permits[permitKey{s.root, s.built, s.stage}]
	reasons.unless(issued, ErrNoPermit, "the log has none for this content")
	return reasons
}

// build decides whether the live definition may be run.
func (j *judge) build(s *subject, b Build, now time.Time) error {
	reasons := j.reasons(s, now)
	live := Proposal{Cohort: b.Cohort}.Facets()[FacetCohort]
	reasons.unless(live == s.facets[FacetCohort], ErrMismatch, "the definition is not the approved one")
	if err := s.proposal.Data.CheckUses(b.Uses); err != nil {
		reasons.add(ErrMismatch, "%s", err)
	}
	return reasons.err()
}

// manifest decides whether a built list may be recorded.
func (j *judge) manifest(s *subject, m Manifest, now time.Time) error {
	reasons := j.reasons(s, now)
	reasons.unless(m.Proposal == s.root, ErrMismatch, "the manifest is of another proposal")
	reasons.unless(m.Plan == s.proposal.Cohort.Meaning, ErrMismatch, "what was run is not the approved definition")
	authorised, open := j.ledger.builds[m.Build]
	reasons.unless(open && authorised == s.root, ErrMismatch, "its build was not authorised, or has a manifest already")
	for _, g := range m.Segments {
		reasons.unless(g.Plan == s.proposal.Message.RoutingPlan.ID, ErrMismatch, "segment %s has another routing plan", g.Name)
	}
	// A list from the future would never grow stale.
	reasons.unless(!m.BuiltAt.After(now.Add(clockSkew)), ErrUnsafe, "the manifest was built later than now")
	return reasons.err()
}

// batch decides whether a batch may be sent.
func (j *judge) batch(s *subject, b BatchEntry, now time.Time) error {
	reasons := j.reasons(s, now)
	j.checkTime(&reasons, s, now)
	b.checkSuppressions(&reasons, s, now)
	j.checkCaps(&reasons, s, b, now)
	return reasons.err()
}

// outcome judges how a stage went.
func (j *judge) outcome(p Proposal, root Digest, stage Stage, o Outcome) (OutcomeEntry, error) {
	authorised := j.ledger.recipients(p.ID, func(b batch) bool { return b.root == root && b.stage == stage })
	if err := o.check(authorised); err != nil {
		return OutcomeEntry{}, err
	}
	return OutcomeEntry{Outcome: o, Healthy: o.healthy(p.Safety.Limits)}, nil
}
