package campaign

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// ErrBegun means that a stage was begun with another manifest. Finish it with the
// list it was begun with ([Campaign.Restore]); a stage never changes its people.
var ErrBegun = errors.New("the stage was begun with another manifest")

// Send messages the people of one stage. It needs a permit for exactly this
// proposal, manifest and stage, and has every batch authorised again before it
// leaves. A stage takes as many people as its cap allows, of those that no earlier
// live stage has taken.
//
// Send can be called again, after an error or a restart: batches that NHS Notify
// has are not sent again. A dry run authorises and logs its batches, and sends
// nothing.
func (c *Campaign) Send(ctx context.Context, stage governance.Stage) error {
	if err := c.send(ctx, stage); err != nil {
		return fmt.Errorf("campaign: send %s: %w", stage, err)
	}
	return nil
}

func (c *Campaign) send(ctx context.Context, stage governance.Stage) error {
	manifest, list := c.built()
	if manifest.Proposal.IsZero() {
		return ErrNotBuilt
	}
	permit, err := c.config.Authority.PermitSend(ctx, c.config.Proposal, manifest, stage)
	if err != nil {
		return err
	}
	part, err := c.part(stage, manifest, list)
	if err != nil {
		return err
	}
	if stage == governance.DryRun {
		return c.rehearse(ctx, permit, part)
	}
	return c.deliver(ctx, permit, stage, part)
}

// part returns who a stage is sent to, and fixes it the first time.
func (c *Campaign) part(stage governance.Stage, m governance.Manifest, list []recipient) ([]recipient, error) {
	var part sealedPart
	switch err := c.unseal(string(stage), &part); {
	case errors.Is(err, ErrNoList):
	case err != nil:
		return nil, err
	case part.Manifest != m.Digest():
		return nil, ErrBegun
	default:
		c.order(part.People)
		return part.People, nil
	}
	begun := map[nhs.Number]recipient{}
	if stage.Live() {
		var err error
		if begun, err = c.begun(); err != nil {
			return nil, err
		}
	}
	limit := c.stageCap(stage)
	for _, p := range list {
		if _, taken := begun[p.Number]; !taken && len(part.People) < limit {
			part.People = append(part.People, p)
		}
	}
	part.Manifest = m.Digest()
	return part.People, c.seal(string(stage), part)
}

// begun returns everybody in a live stage that has begun.
func (c *Campaign) begun() (map[nhs.Number]recipient, error) {
	people := map[nhs.Number]recipient{}
	for _, s := range c.config.Proposal.Volume.Stages {
		if !s.Stage.Live() {
			continue
		}
		var part sealedPart
		if err := c.unseal(string(s.Stage), &part); err != nil && !errors.Is(err, ErrNoList) {
			return nil, err
		}
		for _, p := range part.People {
			people[p.Number] = p
		}
	}
	return people, nil
}

func (c *Campaign) stageCap(stage governance.Stage) int {
	for _, s := range c.config.Proposal.Volume.Stages {
		if s.Stage == stage {
			return s.Cap
		}
	}
	return 0
}

// rehearse authorises a stage's batches without sending them.
func (c *Campaign) rehearse(ctx context.Context, permit governance.Permit, part []recipient) error {
	number := 0
	for people := range slices.Chunk(part, dryRunBatch) {
		if err := permit.Authorize(ctx, c.batch(governance.DryRun, number, tokens(people))); err != nil {
			return err
		}
		number++
	}
	return nil
}

// dryRunBatch is the size of a dry run's batches: that of notify.Bulk.
const dryRunBatch = 10_000

// deliver sends a stage's messages through NHS Notify.
func (c *Campaign) deliver(ctx context.Context, permit governance.Permit, stage governance.Stage, part []recipient) error {
	journal, err := notify.OpenJournal(c.path(string(stage) + ".journal"))
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }()
	byReference := make(map[string]governance.Token, len(part))
	for _, p := range part {
		byReference[p.reference] = p.token
	}
	bulk, err := c.config.Messages.Bulk(journal, notify.BulkOptions{
		RunKey: []byte(notify.Reference(c.config.Key, "run", c.config.Proposal.ID, string(stage))),
		Before: func(ctx context.Context, b notify.BatchPlan) error {
			list := make([]governance.Token, len(b.References))
			for i, reference := range b.References {
				list[i] = byReference[reference]
			}
			return permit.Authorize(ctx, c.batch(stage, b.Number, list))
		},
		Progress: func(b notify.BatchOutcome) {
			c.accepted(b.Sent)
			c.progress("send", b.Total.Accepted, len(part))
		},
	})
	if err != nil {
		return err
	}
	result, err := bulk.Send(ctx, c.messages(part))
	c.quarantined(result.Quarantined)
	return err
}

// batch describes a batch to the permit. The reference is the campaign's own:
// NHS Notify's changes when messages are taken out of a batch, and who was
// authorised does not.
func (c *Campaign) batch(stage governance.Stage, number int, list []governance.Token) governance.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := governance.Batch{
		Reference: fmt.Sprintf("%s-%d", stage, number), Proposal: c.root, Manifest: c.manifest.Digest(), Recipients: list,
	}
	for _, reason := range suppressions() {
		b.Checked = append(b.Checked, governance.Checked{Suppression: string(reason), At: c.checkedAt})
	}
	return b
}

func (c *Campaign) messages(part []recipient) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for _, p := range part {
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

func (c *Campaign) accepted(sent []notify.SentMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range sent {
		c.sent[s.Reference] = s.ID
	}
}

func (c *Campaign) quarantined(messages []notify.QuarantinedMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range messages {
		c.refused[q.Reference] = q.Code
	}
}

func (c *Campaign) built() (governance.Manifest, []recipient) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.manifest, c.list
}
