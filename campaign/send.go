package campaign

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// ErrRealPeople means that somebody on the list of a synthetic stage may exist.
var ErrRealPeople = errors.New("a synthetic stage is for invented people, and somebody on the list has a number that is issued")

// Send messages the people of one stage: as many as its cap allows, of those whom
// nobody has messaged. It needs a permit for exactly this proposal, manifest and
// stage, and has every batch authorised again before it leaves. Checks that are older
// than the proposal allows are made again first, and whom they find is left out; if
// that fails the error is also a [governance.ErrStale], and nothing has been sent.
//
// An error stops Send cleanly: a refusal ([*governance.RefusedError]), an
// [*nhs.Error] that repeats did not mend, an error of ctx or of the disk. Call it
// again to go on, after [Campaign.Restore] if the process ended: batches that NHS
// Notify has are not sent again, and one whose answer was lost is repeated to the
// byte. A message that NHS Notify refuses is failed in the [Outcome], and the rest
// of its batch is sent; but a [*notify.UncertainError] has to be settled with
// [Campaign.SettleBatch].
//
// A dry run authorises and logs its batches, and sends nothing. A synthetic stage
// sends, and is refused with [ErrRealPeople] unless every number on the list is
// one that is never issued.
func (c *Campaign) Send(ctx context.Context, stage governance.Stage) error {
	if err := c.send(ctx, stage); err != nil {
		return fmt.Errorf("campaign: send %s: %w", stage, err)
	}
	return nil
}

func (c *Campaign) send(ctx context.Context, stage governance.Stage) error {
	manifest := c.built()
	if manifest.Proposal.IsZero() {
		return ErrNotBuilt
	}
	if stage == governance.Synthetic && c.anyoneReal() {
		return ErrRealPeople
	}
	permit, err := c.config.Authority.PermitSend(ctx, c.config.Proposal, manifest, stage)
	if err != nil {
		return err
	}
	if err := c.recall(ctx); err != nil {
		return err
	}
	if err := c.complete(stage); err != nil {
		return err
	}
	r, err := c.begin(ctx, stage)
	if err != nil {
		return err
	}
	if !sends(stage) {
		return c.rehearse(ctx, permit, r)
	}
	err = c.deliver(ctx, permit, r)
	return errors.Join(err, c.recall(context.WithoutCancel(ctx)))
}

// anyoneReal reports whether a number on the list may be somebody's. Numbers that
// start with 5 or 9 are not issued; test data has no other.
//
// Source: uk-fci/nhs-number, constants.
func (c *Campaign) anyoneReal() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.list, func(p recipient) bool {
		first := p.Number.Int() / 1_000_000_000
		return first != 5 && first != 9
	})
}

// rehearse authorises a run's batches without sending them.
func (c *Campaign) rehearse(ctx context.Context, permit governance.Permit, r *run) error {
	number, done := 0, 0
	for people := range slices.Chunk(r.People, r.Batch) {
		if err := permit.Authorize(ctx, c.batch(r, number, tokens(people))); err != nil {
			return err
		}
		number++
		done += len(people)
		c.progress("send", done, len(r.People))
	}
	return nil
}

// deliver sends a run's messages through NHS Notify.
func (c *Campaign) deliver(ctx context.Context, permit governance.Permit, r *run) error {
	journal, err := c.journal(r)
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }()
	byReference := make(map[string]governance.Token, len(r.People))
	for _, p := range r.People {
		byReference[p.reference] = p.token
	}
	bulk, err := c.config.Messages.Bulk(journal, notify.BulkOptions{
		Run:         r.name,
		RunKey:      []byte(notify.Reference(c.config.Key, "run", c.config.Proposal.ID, r.name)),
		MaxMessages: r.Batch,
		Before: func(ctx context.Context, b notify.BatchPlan) error {
			list := make([]governance.Token, len(b.References))
			for i, reference := range b.References {
				list[i] = byReference[reference]
			}
			return permit.Authorize(ctx, c.batch(r, b.Number, list))
		},
		Progress: func(b notify.BatchOutcome) {
			c.accepted(b.Sent)
			c.progress("send", b.Total.Accepted, len(r.People))
		},
	})
	if err != nil {
		return err
	}
	_, err = bulk.Send(ctx, c.messages(r.People))
	return err
}

// batch describes a batch to the permit.
func (c *Campaign) batch(r *run, number int, list []governance.Token) governance.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	return governance.Batch{
		Reference: r.reference(number), Proposal: r.Proposal, Manifest: r.Manifest,
		List: c.sealed, Recipients: list, Checked: r.Checked,
	}
}

func (c *Campaign) messages(people []recipient) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for _, p := range people {
			m := notify.Message{
				Plan: c.config.Proposal.Message.RoutingPlan.ID, Reference: p.reference, To: p.Number,
				Personalisation: maps.Clone(p.Personalisation),
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// accepted keeps the account up to date while a run is being sent.
func (c *Campaign) accepted(sent []notify.SentMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range sent {
		c.told.sent[s.Reference] = s.ID
	}
}

func (c *Campaign) progress(step string, done, total int) {
	if c.config.Progress != nil {
		c.config.Progress(Progress{Step: step, Done: done, Total: total})
	}
}
