package governance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
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
	log   *Log
	gates Digest
	clock func() time.Time

	mu    sync.Mutex
	judge *judge
}

// NewAuthority checks the gate table: every facet, the manifest and the stage must be covered, and it must
// be the one of the trust file. A log that has a trust file takes no unsigned trust and no earlier file.
// NewAuthority needs the Europe/London time zone and fails without it.
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
	j, err := newJudge(cfg.Trust, gates)
	if err != nil {
		return nil, err
	}
	a := &Authority{log: cfg.Log, gates: GatesDigest(gates), clock: cfg.Clock, judge: j}
	c.require(cfg.Trust.signed == "" || cfg.Trust.file.Gates == a.gates, "gates", "must be the table the trust file names")
	a.refresh()
	if err := a.outdated(); err != nil {
		c.fail("trust", "%s", err)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return a, nil
}

// Submit accepts a signed [Approval], [Discharge], [Halt] or [Resume] and returns its place in the log. It
// refuses what could not count: signatures by strangers or by keys not valid now, people without a role of
// the gate, the author where the gate says so, content the gate does not cover, and statements older than
// one the same person has already made.
func (a *Authority) Submit(ctx context.Context, signed []byte) (int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, err := a.judge.note(signed, a.refresh())
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
	now := a.refresh()
	return a.judge.report(newSubject(p, m, stage), now), nil
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
// proposal, and reports whether the stage is healthy, so that a later one may start. One over the limits of
// the proposal stops the stage itself. More batches make a new outcome necessary. It needs no permit: what happened must be recorded even after a halt.
func (a *Authority) RecordOutcome(ctx context.Context, p Proposal, stage Stage, o Outcome) (healthy bool, err error) {
	if err := p.Validate(); err != nil {
		return false, err
	}
	root := p.Root()
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	entry, err := a.judge.outcome(p, root, stage, o)
	if err != nil {
		return false, err
	}
	_, err = a.record(ctx, Entry{
		At: now, Kind: EntryOutcome, Proposal: p.ID, Root: root, Stage: stage, Outcome: &entry,
	})
	return entry.Healthy, err
}

// Register returns everything people have said about a proposal, by its id.
func (a *Authority) Register(proposalID string) Register {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	return a.judge.ledger.register[proposalID].clone()
}

// Batches returns the log entry of every batch authorised under a proposal's id, whatever its content
// was then, each once and in the order they were logged.
func (a *Authority) Batches(proposalID string) []Entry {
	var entries []Entry
	seen := map[string]bool{}
	for _, e := range a.log.since(0) {
		if e.Kind == EntryBatch && e.Proposal == proposalID && !seen[e.Batch.Reference] {
			seen[e.Batch.Reference] = true
			entries = append(entries, e.clone())
		}
	}
	return entries
}

// permit decides, logs and issues.
func (a *Authority) permit(ctx context.Context, s *subject) (Permit, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	if err := a.judge.permit(s, now); err != nil {
		return Permit{}, err
	}
	if _, ok := a.judge.ledger.proposals[s.root]; !ok {
		_, err := a.record(ctx, Entry{
			At: now, Kind: EntryProposal, Proposal: s.proposal.ID, Root: s.root, Content: &Content{Proposal: &s.proposal},
		})
		if err != nil {
			return Permit{}, err
		}
	}
	_, err := a.record(ctx, Entry{
		At: now, Kind: EntryPermit, Proposal: s.proposal.ID, Root: s.root, Manifest: s.built, Stage: s.stage,
	})
	if err != nil {
		return Permit{}, err
	}
	return Permit{p: &permit{authority: a, subject: s}}, nil
}

// refresh brings the ledger up to date with the log and returns the time to decide by.
func (a *Authority) refresh() time.Time {
	for _, e := range a.log.since(a.judge.ledger.next) {
		a.judge.ledger.apply(e)
	}
	now := a.clock().UTC().Round(0) // the log keeps no monotonic reading
	if last := a.judge.ledger.last; now.Before(last) {
		return last
	}
	return now
}

// record writes an entry after those the decision was based on, and returns its index. What the decision
// rests on goes first, if the log does not have it: the trust file and the gate table.
func (a *Authority) record(ctx context.Context, e Entry) (int64, error) {
	if err := a.outdated(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotLogged, err)
	}
	trust := a.judge.trust
	if trust.signed != a.judge.ledger.trusted {
		if _, err := a.append(ctx, Entry{At: e.At, Kind: EntryTrust, Note: trust.signed}); err != nil {
			return 0, err
		}
	}
	if a.gates != a.judge.ledger.gates {
		if _, err := a.append(ctx, Entry{At: e.At, Kind: EntryGates, Content: &Content{Gates: a.judge.gates}}); err != nil {
			return 0, err
		}
	}
	return a.append(ctx, e)
}

func (a *Authority) append(ctx context.Context, e Entry) (int64, error) {
	index := a.judge.ledger.next
	if err := a.log.append(ctx, index, e); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotLogged, err)
	}
	a.refresh()
	return index, nil
}

// outdated reports a trust that the one in the log has replaced.
func (a *Authority) outdated() error {
	trust, logged := a.judge.trust, a.judge.ledger.trusted
	if logged == "" || logged == trust.signed {
		return nil
	}
	f, err := parseTrustFile(unopened(logged))
	if err != nil {
		return err
	}
	if trust.file.Serial <= f.Serial {
		return fmt.Errorf("must be the trust file with serial %d, which is in the log, or a later one", f.Serial)
	}
	return nil
}

func cloneGates(gates []Gate) []Gate {
	gates = slices.Clone(gates)
	for i, g := range gates {
		gates[i].Covers = slices.Clone(g.Covers)
		gates[i].Evidence = slices.Clone(g.Evidence)
		gates[i].Checks = slices.Clone(g.Checks)
		gates[i].Roles = slices.Clone(g.Roles)
		for j, place := range g.Roles {
			gates[i].Roles[j] = slices.Clone(place)
		}
	}
	return gates
}
