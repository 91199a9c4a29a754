package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// Outcome accounts for everybody the definition selected. Each person is in
// exactly one of Excluded, Delivered, Failed and Unaccounted.
type Outcome struct {
	Approved    int                    // people the definition selected
	Excluded    map[Reason]int         // left out before sending
	Sent        int                    // accepted by NHS Notify
	Delivered   map[notify.Channel]int // reached, by the channel that reached them
	Failed      map[string]int         // will not be reached, by NHS Notify's failure code
	Unaccounted int                    // no final state yet, sent or not
}

// String gives the account in one line:
//
//	approved=N excluded=N sent=N delivered=N failed=N unaccounted=N
func (o Outcome) String() string {
	return fmt.Sprintf("approved=%d excluded=%d sent=%d delivered=%d failed=%d unaccounted=%d",
		o.Approved, total(o.Excluded), o.Sent, total(o.Delivered), total(o.Failed), o.Unaccounted)
}

func total[K comparable](counts map[K]int) int {
	sum := 0
	for n := range maps.Values(counts) {
		sum += n
	}
	return sum
}

// Outcome returns the account as it stands.
func (c *Campaign) Outcome() Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.account(c.list)
	o.Approved, o.Excluded = c.approved, maps.Clone(c.excluded)
	return o
}

// account places each of some people on the list. The caller holds the lock.
func (c *Campaign) account(people []recipient) Outcome {
	o := Outcome{Delivered: map[notify.Channel]int{}, Failed: map[string]int{}}
	for _, p := range people {
		if code, refused := c.refused[p.reference]; refused {
			o.Failed[code]++
			continue
		}
		if _, sent := c.sent[p.reference]; sent {
			o.Sent++
		}
		switch state := c.state(p.reference); state.Status {
		case notify.StatusDelivered:
			o.Delivered[state.DeliveredBy]++
		case notify.StatusFailed:
			o.Failed[state.FailureCode]++
		default:
			o.Unaccounted++
		}
	}
	return o
}

// state returns what is known of a message. Should NHS Notify ever hold two under
// one reference, the one that has ended counts.
func (c *Campaign) state(reference string) notify.MessageState {
	states := c.config.Book.Reference(reference)
	if i := slices.IndexFunc(states, notify.MessageState.Terminal); i >= 0 {
		return states[i]
	}
	return notify.MessageState{}
}

// Settle closes a stage: it asks NHS Notify about messages whose final state no
// callback has told, records the account of the stage in the audit log, and
// reports whether the stage is healthy, so that the next one may start. While
// people are unaccounted for it is not; Settle can be called again.
func (c *Campaign) Settle(ctx context.Context, stage governance.Stage) (healthy bool, err error) {
	healthy, err = c.settle(ctx, stage)
	if err != nil {
		return false, fmt.Errorf("campaign: settle %s: %w", stage, err)
	}
	return healthy, nil
}

func (c *Campaign) settle(ctx context.Context, stage governance.Stage) (bool, error) {
	var part sealedPart
	if err := c.unseal(string(stage), &part); err != nil {
		return false, err
	}
	c.order(part.People)
	if stage == governance.DryRun {
		// Nobody was sent anything: that every batch was authorised is the outcome.
		return c.config.Authority.RecordOutcome(ctx, c.config.Proposal, stage, governance.Outcome{Delivered: len(part.People)})
	}
	if err := c.ask(ctx, part.People); err != nil {
		return false, err
	}
	c.mu.Lock()
	o := c.account(part.People)
	c.mu.Unlock()
	return c.config.Authority.RecordOutcome(ctx, c.config.Proposal, stage, governance.Outcome{
		Delivered: total(o.Delivered), Failed: total(o.Failed), Unaccounted: o.Unaccounted,
		Deceased: o.Failed[formallyDead] + o.Failed[informallyDead],
	})
}

// The failure codes of people who have died.
//
// Source: message fixtures of NHSDigital/communications-manager-api.
const (
	informallyDead = "MFR_PDSV_0111"
	formallyDead   = "MFR_PDSV_0112"
)

// ask polls the messages that have not ended and whose id is known.
func (c *Campaign) ask(ctx context.Context, people []recipient) error {
	for _, p := range people {
		c.mu.Lock()
		id := c.sent[p.reference]
		ended := c.state(p.reference).Terminal()
		c.mu.Unlock()
		if ended || id == "" {
			continue
		}
		status, err := c.config.Messages.Status(ctx, id)
		switch {
		case errors.Is(err, nhs.ErrNotFound):
		case err != nil:
			return err
		default:
			c.config.Book.Apply(status)
		}
	}
	return nil
}
