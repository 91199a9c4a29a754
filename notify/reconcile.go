package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/personalised-prevention/nhs"
)

// ReconcileOptions say which messages [Client.Reconcile] asks about, and how fast.
type ReconcileOptions struct {
	// Quiet is how long nothing has to have been heard of a message: the longest
	// that its plan may take. That is the sum of its channels' windows, commonly 24
	// hours for the NHS App and 72 for email and SMS, and the weekends on which
	// nothing is sent. Required.
	Quiet time.Duration

	// PerSecond limits the requests, which count against the same quota as sending.
	// Zero means one a second.
	PerSecond float64

	// Answer is called with every answer, when the book has it already: the place
	// to store it. An error ends Reconcile. Nil means nobody is told.
	Answer func(MessageStatus) error
}

// Reconciled is what came of asking. Asked is how many the others are together.
type Reconciled struct {
	Asked    int
	Finished int      // delivered or failed: their callbacks had been lost
	Waiting  int      // still on their way
	Unknown  []string // ids that the service does not know
}

// Reconcile asks for the status of every message in the book that has not come to
// its end and has been quiet for too long, and puts the answers into the book.
// Callbacks are lost when their receiver is down for more than two hours.
//
// Only messages that the book knows are asked about: after sending, tell it of all
// that were accepted, with [AcceptedEvents]. A message whose id is pending is not in
// the book before a callback about it, and if none ever comes Reconcile does not
// miss it: compare the references that were sent with the book's.
//
// At a thousand requests a minute a million messages take most of a day; daily
// reports, see [ReportRow.Event], say the same of many.
//
// An error ends it; what was learnt stays in the book, and another Reconcile goes
// on with the rest.
func (c *Client) Reconcile(ctx context.Context, book *StatusBook, options ReconcileOptions) (Reconciled, error) {
	switch {
	case book == nil:
		return Reconciled{}, &nhs.ArgumentError{Name: "book", Reason: "must not be nil"}
	case options.Quiet <= 0:
		return Reconciled{}, &nhs.ArgumentError{Name: "quiet", Reason: "must be more than nothing"}
	case options.PerSecond < 0:
		return Reconciled{}, &nhs.ArgumentError{Name: "per second", Reason: "must not be negative"}
	case options.PerSecond == 0:
		options.PerSecond = 1
	}
	var result Reconciled
	pace := rate.NewLimiter(rate.Limit(options.PerSecond), 1)
	for _, id := range book.stragglers(c.app.Settings().Now().Add(-options.Quiet)) {
		if err := pace.Wait(ctx); err != nil {
			return result, fmt.Errorf("notify.Reconcile: %w", err)
		}
		status, err := c.Status(ctx, id)
		if errors.Is(err, nhs.ErrNotFound) {
			result.Asked++
			result.Unknown = append(result.Unknown, id)
			continue
		}
		if err != nil {
			return result, fmt.Errorf("notify.Reconcile: %w", err)
		}
		book.Apply(status)
		result.Asked++
		if status.Status.Terminal() {
			result.Finished++
		} else {
			result.Waiting++
		}
		if options.Answer == nil {
			continue
		}
		if err := options.Answer(status); err != nil {
			return result, fmt.Errorf("notify.Reconcile: %w", err)
		}
	}
	return result, nil
}

// AcceptedEvents says that the service accepted messages at a time, for a
// [StatusBook], so that those of which nothing is heard can be found. Messages
// whose ids are pending are left out: the book will hear of them by callbacks
// only, see [StatusBook.Reference].
func AcceptedEvents(at time.Time, messages ...SentMessage) []Event {
	events := make([]Event, 0, len(messages))
	for _, m := range messages {
		if m.ID != "" {
			events = append(events, MessageEvent{MessageID: m.ID, Reference: m.Reference, Status: StatusCreated, At: at})
		}
	}
	return events
}

// stragglers returns the ids of the messages that have not come to their end, and
// of which nothing new has been heard since a time.
func (b *StatusBook) stragglers(since time.Time) []string {
	var ids []string
	for m := range b.All() {
		if !m.Terminal() && !m.heardAfter(since) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func (m MessageState) heardAfter(at time.Time) bool {
	if m.Updated.After(at) {
		return true
	}
	for _, c := range m.Channels {
		if c.Updated.After(at) {
			return true
		}
	}
	return false
}
