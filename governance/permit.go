package governance

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Permit allows one thing: building or sending one approved content. Only an [Authority] makes one
// that works; the zero Permit is refused everywhere. A permit is not proof by itself: its methods ask
// the authority again each time.
type Permit struct{ p *permit }

type permit struct {
	authority *Authority
	subject   *subject
}

// Build is what is about to be run, taken from the live definition.
type Build struct {
	// Cohort is the facet made from the live definition again.
	Cohort CohortFacet
	// Uses are what the definition reads.
	Uses []Use
}

// Batch is what is about to be sent, taken from the live objects.
type Batch struct {
	// Reference identifies the batch within the proposal. The same batch may be authorised again
	// under the same reference, as after a lost answer, and counts once.
	Reference string
	// Proposal is the root of the live proposal and Manifest the digest of the live manifest.
	Proposal Digest
	Manifest Digest
	// List is the sealed list of the manifest.
	List *List
	// Recipients are the people in the batch, each once and all on the list.
	Recipients []Token
	// Checked says when and how each suppression was last applied to everyone in the batch.
	Checked []Checked
}

// Checked says how a suppression was last applied: to how many people, and how many it left.
type Checked struct {
	Suppression string    `json:"suppression"`
	At          time.Time `json:"at"`
	Asked       int       `json:"asked"`
	Allowed     int       `json:"allowed"`
	// Answer is the digest of the answer, keyed or not, for a check that is an exchange of lists. Nobody's
	// own answer is kept: only how many, when and of what file.
	Answer Digest `json:"answer,omitzero"`
}

// AuthorizeBuild must be called just before records are read. It needs a permit to build, checks that the
// live definition is the approved one and reads exactly what is approved, and logs that it may be run. The
// number it returns belongs into the [Manifest]. A refusal is a [*RefusedError].
func (p Permit) AuthorizeBuild(ctx context.Context, b Build) (build int64, err error) {
	a, s, err := p.open(ctx, false)
	if err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	if err := a.judge.build(s, b, now); err != nil {
		return 0, err
	}
	return a.record(ctx, Entry{At: now, Kind: EntryBuild, Proposal: s.proposal.ID, Root: s.root})
}

// RecordManifest writes what was built to the log, so that it can be approved and sent. It needs a
// permit to build. Each build has one manifest.
func (p Permit) RecordManifest(ctx context.Context, m Manifest) error {
	a, s, err := p.open(ctx, false)
	if err != nil {
		return err
	}
	if err := m.Validate(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	if err := a.judge.manifest(s, m, now); err != nil {
		return err
	}
	_, err = a.record(ctx, Entry{
		At: now, Kind: EntryManifest, Proposal: s.proposal.ID, Root: s.root, Manifest: m.Digest(),
		Content: &Content{Manifest: new(m.clone())},
	})
	return err
}

// Authorize must be called just before every batch is sent. It checks everything again: the gates,
// halts, the legal basis, the window and sending hours, the ages of data and suppressions, the stage
// and every cap, and that everybody in the batch is on the sealed list. When it returns nil the batch is
// in the log, durably. Any error means: do not send. A refusal is a [*RefusedError]; a log that cannot be
// written is [ErrNotLogged].
func (p Permit) Authorize(ctx context.Context, b Batch) error {
	a, s, err := p.open(ctx, true)
	if err != nil {
		return err
	}
	entry, err := b.entry()
	if err != nil {
		return err
	}
	if err := b.matches(s); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.refresh()
	if err := a.judge.batch(s, entry, now); err != nil {
		return err
	}
	_, err = a.record(ctx, Entry{
		At: now, Kind: EntryBatch, Proposal: s.proposal.ID, Root: s.root, Manifest: s.built, Stage: s.stage,
		Batch: &entry,
	})
	return err
}

// open refuses the zero permit and one of the other kind.
func (p Permit) open(ctx context.Context, sending bool) (*Authority, *subject, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if p.p == nil || sending != (p.p.subject.stage != "") {
		var r refusal
		r.add(ErrNoPermit, "ask an authority for one")
		return nil, nil, r.err()
	}
	return p.p.authority, p.p.subject, nil
}

func (j *judge) checkTime(r *refusal, s *subject, now time.Time) {
	w := s.proposal.Window
	r.unless(!now.Before(w.NotBefore), ErrOutsideWindow, "opens at %s", formatTime(w.NotBefore))
	r.unless(w.Hours.contains(now.In(j.london)), ErrOutsideHours, "from %s to %s in Europe/London on days %v",
		w.Hours.From, w.Hours.To, w.Hours.Days)
}

// checkCaps counts what the log has authorised under the proposal's id, whatever its content was then.
func (j *judge) checkCaps(r *refusal, s *subject, entry BatchEntry, now time.Time) {
	id, volume := s.proposal.ID, s.proposal.Volume
	if before, ok := j.ledger.batch(id, entry.Reference); ok {
		same := before.same(entry) && before.root == s.root && before.manifest == s.built && before.stage == s.stage
		r.unless(same, ErrMismatch, "the reference was used for another batch")
		return
	}
	midnight, nextMidnight := day(now.In(j.london))
	stageCap, _ := volume.stageCap(s.stage)
	limits := []struct {
		reason error
		name   string
		limit  int
		match  func(batch) bool
	}{
		{ErrOverCap, "the proposal", volume.HardCap, func(b batch) bool { return b.stage.Live() == s.stage.Live() }},
		{ErrOverCap, "the stage", stageCap, func(b batch) bool { return b.stage == s.stage }},
		{ErrOverDailyCap, "the day", volume.DailyCap, func(b batch) bool {
			return b.stage.Live() == s.stage.Live() && !b.at.Before(midnight) && b.at.Before(nextMidnight)
		}},
	}
	for _, l := range limits {
		used := j.ledger.recipients(id, l.match)
		r.unless(used+entry.Recipients <= l.limit, l.reason, "%s has had %d of %d and the batch has %d",
			l.name, used, l.limit, entry.Recipients)
	}
}

// day is from one midnight to the next, which are not always 24 hours apart.
func day(t time.Time) (from, until time.Time) {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location()), time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}

// entry is the batch's fingerprint.
func (b Batch) entry() (BatchEntry, error) {
	var c checker
	c.text("batch.reference", b.Reference)
	c.require(len(b.Recipients) > 0, "batch.recipients", "must not be empty")
	c.require(b.List != nil, "batch.list", "is required")
	list, err := NewList(b.Recipients)
	if err != nil {
		c.fail("batch.recipients", "must not repeat a recipient")
		return BatchEntry{}, c.err()
	}
	for i, k := range b.Checked {
		at := fmt.Sprintf("batch.checked[%d].", i)
		c.text(at+"suppression", k.Suppression)
		c.time(at+"at", k.At)
		c.count(at+"asked", k.Asked)
		c.count(at+"allowed", k.Allowed)
	}
	unique(&c, "batch.checked", namesOf(b.Checked, func(k Checked) string { return k.Suppression }))
	return BatchEntry{
		Reference: b.Reference, Recipients: list.Len(), List: list.Digest(), Checked: slices.Clone(b.Checked),
	}, c.err()
}

// matches compares the live objects with those the permit is for.
func (b Batch) matches(s *subject) error {
	var r refusal
	r.unless(b.Proposal == s.root, ErrMismatch, "the permit is for another proposal")
	r.unless(b.Manifest == s.built, ErrMismatch, "the permit is for another manifest")
	r.unless(b.List.Digest() == s.manifest.Recipients && b.List.Len() == s.manifest.Included, ErrMismatch,
		"the list is not the one of the manifest")
	strangers := 0
	for _, t := range b.Recipients {
		if !b.List.Contains(t) {
			strangers++
		}
	}
	r.unless(strangers == 0, ErrMismatch, "%d recipients are not on the sealed list", strangers)
	return r.err()
}

func (b BatchEntry) checkSuppressions(r *refusal, s *subject, now time.Time) {
	for _, want := range s.proposal.Safety.Suppressions {
		i := slices.IndexFunc(b.Checked, func(got Checked) bool { return got.Suppression == want.Name })
		if i < 0 {
			r.add(ErrStale, "%s was not checked", want.Name)
			continue
		}
		got := b.Checked[i]
		age := now.Sub(got.At)
		r.unless(age >= -clockSkew && age <= hours(want.MaxAgeHours), ErrStale,
			"%s must have been checked in the last %d hours", want.Name, want.MaxAgeHours)
		r.unless(got.Asked >= got.Allowed && got.Allowed >= b.Recipients, ErrUnsafe,
			"%s was asked of %d people and left %d, which the batch of %d cannot have come from",
			want.Name, got.Asked, got.Allowed, b.Recipients)
		r.unless(!suppressionRule(want.Name).Answer || !got.Answer.IsZero(), ErrUnsafe, "%s has no answer to show", want.Name)
	}
}

// String says what the permit is for.
func (p Permit) String() string {
	switch {
	case p.p == nil:
		return "no permit"
	case p.p.subject.stage == "":
		return "permit to build " + p.p.subject.proposal.ID
	default:
		return fmt.Sprintf("permit to send %s at stage %s", p.p.subject.proposal.ID, p.p.subject.stage)
	}
}
