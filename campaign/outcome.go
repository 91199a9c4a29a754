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
	Excluded    map[Reason]int         // left out by Build, and by Send when it asked again
	Sent        int                    // NHS Notify has, or has had, a message to them
	Delivered   map[notify.Channel]int // reached, by the channel that reached them
	Failed      map[string]int         // will not be reached, by NHS Notify's code for why
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

// Outcome returns the account as it stands: what NHS Notify has said to Send, and
// what [Config.Book] holds. It is zero until there is a list.
func (c *Campaign) Outcome() Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	people, out := c.list, c.leftOut()
	if len(out) > 0 {
		people = slices.DeleteFunc(slices.Clone(people), func(p recipient) bool { return out[p.Number] != "" })
	}
	o := c.account(people)
	o.Excluded = maps.Clone(c.excluded)
	for _, reason := range out {
		o.Excluded[reason]++
	}
	o.Approved = len(c.list) + total(c.excluded)
	return o
}

// account places each of some people on the list. The caller holds the lock.
func (c *Campaign) account(people []recipient) Outcome {
	o := Outcome{Delivered: map[notify.Channel]int{}, Failed: map[string]int{}}
	for _, p := range people {
		state, known := c.state(p.reference)
		if _, accepted := c.told.sent[p.reference]; accepted || known {
			o.Sent++
		}
		code, refused := c.told.refused[p.reference]
		switch {
		case state.Status == notify.StatusDelivered:
			o.Delivered[state.DeliveredBy]++
		case state.Status == notify.StatusFailed:
			o.Failed[state.FailureCode]++
		case refused && !known:
			o.Failed[code]++
		default:
			o.Unaccounted++
		}
	}
	return o
}

// state returns what the book knows of a message. Should NHS Notify ever hold two
// under one reference, one that has ended counts.
func (c *Campaign) state(reference string) (state notify.MessageState, known bool) {
	states := c.config.Book.Reference(reference)
	if len(states) == 0 {
		return notify.MessageState{}, false
	}
	return states[max(0, slices.IndexFunc(states, notify.MessageState.Terminal))], true
}

// ErrNotBegun means that nothing of the stage has been sent with this proposal.
var ErrNotBegun = errors.New("the stage has not begun")

// Settle closes a stage: it asks NHS Notify about messages whose final state no
// callback has told, records the account of the stage in the audit log, and
// reports whether the stage is healthy, so that the next one may start. While
// people are unaccounted for it is not; Settle can be called again, and must be
// when more has been sent. Call it in the middle of a long stage too: one that is
// over the proposal's limits of failures and deaths does not go on.
//
// The account is of those who were sent, or may have been. Of a stage that was
// stopped midway these are not all: the others are unaccounted for in the
// [Outcome], and can still be sent. Places in a batch that was authorised and
// never reached NHS Notify count as failed, once no run can use them any more.
func (c *Campaign) Settle(ctx context.Context, stage governance.Stage) (healthy bool, err error) {
	healthy, err = c.settle(ctx, stage)
	if err != nil {
		return false, fmt.Errorf("campaign: settle %s: %w", stage, err)
	}
	return healthy, nil
}

func (c *Campaign) settle(ctx context.Context, stage governance.Stage) (bool, error) {
	if c.built().Proposal.IsZero() {
		return false, ErrNotBuilt
	}
	if err := c.recall(ctx); err != nil {
		return false, err
	}
	if err := c.complete(stage); err != nil {
		return false, err
	}
	people, begun, unfinished := c.sentAt(stage)
	if !begun {
		return false, ErrNotBegun
	}
	authorised := c.authorised(func(e governance.Entry) bool { return e.Root == c.root && e.Stage == stage })
	if !sends(stage) {
		// Nobody was sent anything: that batches were authorised is the outcome.
		return c.config.Authority.RecordOutcome(ctx, c.config.Proposal, stage, governance.Outcome{Delivered: authorised})
	}
	if err := c.ask(ctx, people); err != nil {
		return false, err
	}
	c.mu.Lock()
	o := c.account(people)
	c.mu.Unlock()
	outcome := governance.Outcome{
		Delivered: total(o.Delivered), Failed: total(o.Failed), Unaccounted: o.Unaccounted,
		Deceased: o.Failed[formallyDead] + o.Failed[informallyDead],
	}
	unused := max(0, authorised-len(people))
	if unfinished {
		outcome.Unaccounted += unused
	} else {
		outcome.Failed += unused
	}
	return c.config.Authority.RecordOutcome(ctx, c.config.Proposal, stage, outcome)
}

// sentAt returns everybody whom a stage of this proposal has sent or may have, and
// whether its run under the current list has others to go on with.
func (c *Campaign) sentAt(stage governance.Stage) (people []recipient, begun, unfinished bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.manifest.Digest()
	for _, r := range c.runs {
		if r.Stage == stage && r.Proposal == c.root {
			people = append(people, r.People[:r.left]...)
			begun = true
			unfinished = unfinished || (r.goesOn(current) && r.left < len(r.People))
		}
	}
	return people, begun, unfinished
}

// The failure codes of people who have died.
//
// Source: message fixtures of NHSDigital/communications-manager-api.
const (
	informallyDead = "MFR_PDSV_0111"
	formallyDead   = "MFR_PDSV_0112"
)

// ask polls the messages that have not ended and whose id is known, from the
// answer to the request or from a callback.
func (c *Campaign) ask(ctx context.Context, people []recipient) error {
	var ended []notify.MessageStatus
	err := func() error {
		for _, p := range people {
			id, ask := c.unended(p.reference)
			if !ask {
				continue
			}
			status, err := c.config.Messages.Status(ctx, id)
			if errors.Is(err, nhs.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			c.config.Book.Apply(status)
			if status.Status.Terminal() {
				ended = append(ended, status)
			}
		}
		return nil
	}()
	return errors.Join(err, c.keep(ended))
}

// unended returns the id of a message to ask about.
func (c *Campaign) unended(reference string) (id string, ask bool) {
	c.mu.Lock()
	id = c.told.sent[reference]
	c.mu.Unlock()
	state, known := c.state(reference)
	if id == "" && known {
		id = state.ID
	}
	return id, id != "" && !state.Terminal()
}
