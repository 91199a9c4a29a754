package governance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxNote   = 64 << 10        // bytes of one signed note
	clockSkew = 5 * time.Minute // how far a signer's clock may be ahead of ours
)

// Config is what an [Authority] needs. Everything is required.
type Config struct {
	Trust *Trust
	// Gates are the decisions to take: [DefaultGates] or a programme's own.
	Gates []Gate
	Log   *Log
	// Clock tells the time. If it runs behind the latest log entry, that entry's time is used, so
	// turning a clock back revives nothing.
	Clock func() time.Time
}

// Authority accepts what people sign and issues permits. It is safe for concurrent use.
type Authority struct {
	gates  []Gate
	digest Digest // of the gates
	log    *Log
	trust  *Trust
	clock  func() time.Time
	london *time.Location

	mu     sync.Mutex
	ledger *ledger
}

// NewAuthority checks the gate table: every facet, the manifest and the stage must be covered. It needs
// the Europe/London time zone and fails without it.
func NewAuthority(cfg Config) (*Authority, error) {
	var c checker
	c.require(cfg.Trust != nil, "trust", "is required")
	c.require(cfg.Log != nil, "log", "is required")
	c.require(cfg.Clock != nil, "clock", "is required")
	if err := c.err(); err != nil {
		return nil, err
	}
	gates := cloneGates(cfg.Gates)
	if err := checkGates(gates); err != nil {
		return nil, err
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("governance: sending hours need a time zone database: %w", err)
	}
	return &Authority{
		gates: gates, digest: digestOf("gates", gates), log: cfg.Log, trust: cfg.Trust, clock: cfg.Clock,
		london: london, ledger: newLedger(cfg.Trust),
	}, nil
}

// Submit accepts a signed [Approval], [Halt] or [Resume] and returns its place in the log. It refuses
// what could not count: signatures by strangers or by keys not valid now, people without a role of the
// gate, the author where the gate says so, content the gate does not cover, and statements older than
// one the same person has already made.
func (a *Authority) Submit(ctx context.Context, signed []byte) (int64, error) {
	if len(signed) > maxNote {
		return 0, &FieldError{Field: "note", Reason: fmt.Sprintf("must be at most %d bytes", maxNote)}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	text, people, err := a.trust.open(signed, now)
	if err != nil {
		return 0, err
	}
	e := Entry{At: now, Note: string(signed)}
	title, _, _ := strings.Cut(text, "\n")
	switch title {
	case approvalTitle:
		e.Kind = EntryApproval
		e.Proposal, err = a.admitApproval(text, people, now)
	case haltTitle:
		e.Kind = EntryHalt
		e.Proposal, err = a.admitHalt(text, now)
	case resumeTitle:
		e.Kind = EntryResume
		e.Proposal, err = a.admitResume(text, people, now)
	default:
		err = errBody
	}
	if err != nil {
		return 0, err
	}
	return a.record(ctx, e)
}

// Check reports how a proposal stands. With a stage it answers for sending, and the manifest may be nil
// while there is none; with an empty stage it answers for building. An error means that the question
// itself is wrong.
func (a *Authority) Check(ctx context.Context, p Proposal, m *Manifest, stage Stage) (Report, error) {
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	if stage != "" && stage.rank() < 0 {
		return Report{}, &FieldError{Field: "stage", Reason: fmt.Sprintf("must be one of %v", stages())}
	}
	if err := p.Validate(); err != nil {
		return Report{}, err
	}
	if m != nil {
		if err := m.Validate(); err != nil {
			return Report{}, err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ledger.report(a.gates, newSubject(p, m, stage), a.refresh()), nil
}

// PermitBuild issues a permit to build the list, if every gate that comes before is met. A refusal is a
// [*RefusedError].
func (a *Authority) PermitBuild(ctx context.Context, p Proposal) (Permit, error) {
	p, err := p.clone()
	if err != nil {
		return Permit{}, err
	}
	return a.permit(ctx, newSubject(p, nil, ""))
}

// PermitSend issues a permit to send to the list at a stage, if every gate is met for exactly this
// proposal, manifest and stage. A refusal is a [*RefusedError]. The permit is only the start: see
// [Permit.Authorize].
func (a *Authority) PermitSend(ctx context.Context, p Proposal, m Manifest, stage Stage) (Permit, error) {
	if stage.rank() < 0 {
		return Permit{}, &FieldError{Field: "stage", Reason: fmt.Sprintf("must be one of %v", stages())}
	}
	p, err := p.clone()
	if err != nil {
		return Permit{}, err
	}
	if err := m.Validate(); err != nil {
		return Permit{}, err
	}
	return a.permit(ctx, newSubject(p, new(m.clone()), stage))
}

// RecordOutcome accounts for everyone in the batches authorised so far at a stage of exactly this
// proposal, and reports whether the stage is healthy, so that a later one may start. More batches make
// a new outcome necessary. It needs no permit: what happened must be recorded even after a halt.
func (a *Authority) RecordOutcome(ctx context.Context, p Proposal, stage Stage, o Outcome) (healthy bool, err error) {
	if err := p.Validate(); err != nil {
		return false, err
	}
	root := p.Root()
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	authorised := a.ledger.recipients(p.ID, func(b batch) bool { return b.root == root && b.stage == stage })
	if err := o.check(authorised); err != nil {
		return false, err
	}
	healthy = o.healthy(p.Safety.Limits)
	_, err = a.record(ctx, Entry{
		At: now, Kind: EntryOutcome, Proposal: p.ID, Root: root, Stage: stage,
		Outcome: &OutcomeEntry{Outcome: o, Healthy: healthy},
	})
	return healthy, err
}

// Register returns everything people have said about a proposal, by its id.
func (a *Authority) Register(proposalID string) Register {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	return slices.Clone(a.ledger.register[proposalID])
}

// Batches returns the log entry of every batch authorised under a proposal's id, whatever its content
// was then, each once and in the order they were logged.
func (a *Authority) Batches(proposalID string) []Entry {
	var entries []Entry
	seen := map[string]bool{}
	for _, e := range a.log.since(0) {
		if e.Kind == EntryBatch && e.Proposal == proposalID && !seen[e.Batch.Reference] {
			seen[e.Batch.Reference] = true
			e.Batch = new(*e.Batch)
			entries = append(entries, e)
		}
	}
	return entries
}

// permit decides, logs and issues.
func (a *Authority) permit(ctx context.Context, s *subject) (Permit, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	reasons := a.ledger.report(a.gates, s, now).refusal()
	if err := reasons.err(); err != nil {
		return Permit{}, err
	}
	_, err := a.record(ctx, Entry{
		At: now, Kind: EntryPermit, Proposal: s.proposal.ID, Root: s.root, Manifest: s.built, Stage: s.stage,
		Gates: a.digest,
	})
	if err != nil {
		return Permit{}, err
	}
	return Permit{p: &permit{authority: a, subject: s}}, nil
}

// refresh brings the ledger up to date with the log and returns the time to decide by.
func (a *Authority) refresh() time.Time {
	for _, e := range a.log.since(a.ledger.next) {
		a.ledger.apply(e)
	}
	now := a.clock().UTC().Round(0) // the log keeps no monotonic reading
	if now.Before(a.ledger.last) {
		return a.ledger.last
	}
	return now
}

// record writes an entry after those the decision was based on, and returns its index.
func (a *Authority) record(ctx context.Context, e Entry) (int64, error) {
	index := a.ledger.next
	if err := a.log.append(ctx, index, e); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotLogged, err)
	}
	a.refresh()
	return index, nil
}

func cloneGates(gates []Gate) []Gate {
	gates = slices.Clone(gates)
	for i, g := range gates {
		gates[i].Covers = slices.Clone(g.Covers)
		gates[i].Evidence = slices.Clone(g.Evidence)
		gates[i].Roles = slices.Clone(g.Roles)
		for j, place := range g.Roles {
			gates[i].Roles[j] = slices.Clone(place)
		}
	}
	return gates
}
