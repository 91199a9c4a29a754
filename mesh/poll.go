package mesh

import (
	"context"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/wait"
)

// Poller looks into an inbox again and again; see [Client.Poll].
type Poller struct {
	// Message stores a message that has content. It is acknowledged, and so gone
	// from the inbox for good, when Message returns nil and its content did not
	// break off. A message may come again, if it could not be acknowledged.
	// Required.
	Message func(context.Context, *Message) error

	// Report takes note of a message of one's own that was not delivered, which
	// Envelope.Report tells. The report is acknowledged when Report returns nil.
	// Required.
	Report func(context.Context, *Envelope) error

	// Failure, if set, is told what failed and decides whether to go on: Poll ends
	// with the error it returns. A failure with a message leaves that in the inbox,
	// and it comes again next time; one without concerns the handshake or the list.
	// Without Failure, Poll ends at the first one.
	Failure func(ctx context.Context, messageID string, err error) error

	// Looked, if set, is told how it went after each look.
	Looked func(Look)

	// Workflow is as in [InboxQuery]; empty means every workflow. A report has the
	// workflow of the message it is about: a filter may hide it.
	Workflow string

	// Every is the time between looks: 5 minutes to 24 hours, 0 for 5 minutes. It is
	// less when a handshake is due, or has failed.
	Every time.Duration
}

// Look is one look into an inbox.
type Look struct {
	Messages int // acknowledged
	Reports  int // acknowledged
	Failures int // messages still there, and other failures
	Waiting  int // in the inbox before, about, whatever their workflow; 0 if not told

	// Lag is the age of the oldest message opened: how long messages waited. MESH
	// takes messages away after five days. It is 0 if none told its [Timestamp].
	Lag time.Duration
}

const (
	minEvery = 5 * time.Minute
	maxEvery = 24 * time.Hour

	// MESH wants a handshake every 24 hours. This leaves time for one that fails.
	handshakeEvery = 23 * time.Hour

	acknowledgeWithin = time.Minute
)

// Poll looks into the inbox and hands over what is there, until ctx ends or a
// failure ends it; its error says which. It handles one message at a time, in the
// order MESH lists them, and looks again at once while pages are full, but
// otherwise waits as [Poller].Every says. It shakes hands at the start and before 24
// hours have passed since, also in the midst of many messages; a handshake that
// fails ends the look, and comes again in five minutes.
//
// A message that is stored while ctx ends is acknowledged still, within a minute.
func (c *Client) Poll(ctx context.Context, p Poller) error {
	switch {
	case p.Message == nil:
		return &nhs.ArgumentError{Name: "message handler", Reason: "must not be nil"}
	case p.Report == nil:
		return &nhs.ArgumentError{Name: "report handler", Reason: "must not be nil"}
	case p.Every != 0 && (p.Every < minEvery || p.Every > maxEvery):
		return &nhs.ArgumentError{Name: "every", Reason: "must be 5 minutes to 24 hours, or 0 for 5 minutes"}
	}
	if err := (InboxQuery{Workflow: p.Workflow}).validate(""); err != nil {
		return err
	}
	if p.Every == 0 {
		p.Every = minEvery
	}
	run := &polling{Poller: p, box: c}
	for {
		if err := run.turn(ctx); err != nil {
			return err
		}
		if err := wait.For(ctx, run.pause()); err != nil {
			return err
		}
	}
}

// polling is one run of a Poller.
type polling struct {
	Poller

	box    *Client
	shaken time.Time // when the last handshake succeeded; no monotonic clock, which stops while a machine sleeps
	look   Look
}

// turn shakes hands if it is time, looks into the inbox, and tells of it.
func (p *polling) turn(ctx context.Context) error {
	p.look = Look{}
	err := p.shakeHands(ctx)
	if err == nil {
		err = p.empty(ctx)
	} else {
		err = p.failed(ctx, "", err)
	}
	if p.Looked != nil {
		p.Looked(p.look)
	}
	return err
}

// shakeHands does so if it is due.
func (p *polling) shakeHands(ctx context.Context) error {
	if p.untilHandshake() > 0 {
		return nil
	}
	err := p.box.Handshake(ctx)
	if err == nil {
		p.shaken = p.box.now().Round(0)
	}
	return err
}

// untilHandshake returns how long there is until the next handshake.
func (p *polling) untilHandshake() time.Duration {
	since := p.box.now().Round(0).Sub(p.shaken)
	if p.shaken.IsZero() || since < 0 { // since when, a clock that was set back does not tell
		return 0
	}
	return handshakeEvery - since
}

// pause returns how long to wait for the next turn.
func (p *polling) pause() time.Duration {
	return max(min(p.Every, p.untilHandshake()), minEvery)
}

// empty takes everything out of the inbox that can be handled.
func (p *polling) empty(ctx context.Context) error {
	for from := ""; ; {
		page, err := p.box.InboxPage(ctx, InboxQuery{Workflow: p.Workflow}, from)
		if err != nil {
			return p.failed(ctx, "", err)
		}
		if from == "" && p.look.Waiting == 0 {
			p.look.Waiting = page.Count
		}
		before := p.look.Messages + p.look.Reports
		for _, id := range page.MessageIDs {
			if err := p.take(ctx, id); err != nil {
				if err := p.failed(ctx, id, err); err != nil {
					return err
				}
			}
			if err := p.shakeHands(ctx); err != nil {
				return p.failed(ctx, "", err)
			}
		}
		progress := p.look.Messages+p.look.Reports > before
		switch {
		case page.Next != "":
			from = page.Next
		case len(page.MessageIDs) >= fullPage && progress:
			from = "" // full, so there may be more
		default:
			return nil
		}
	}
}

// fullPage is how many ids MESH lists if not asked for more.
const fullPage = 500

// failed tells of a failure, and returns the error to end with.
func (p *polling) failed(ctx context.Context, id string, err error) error {
	p.look.Failures++
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case p.Failure == nil:
		return err
	default:
		return p.Failure(ctx, id, err)
	}
}

// take hands over one message and acknowledges it.
func (p *polling) take(ctx context.Context, id string) error {
	m, err := p.box.Download(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }() // its content has been read, or is not wanted
	if at, ok := m.Timestamp.Time(); ok {
		p.look.Lag = max(p.look.Lag, p.box.now().Sub(at))
	}
	count := &p.look.Messages
	if m.Report != nil {
		count = &p.look.Reports
		err = p.Report(ctx, &m.Envelope)
	} else {
		err = p.Message(ctx, m)
	}
	if err == nil {
		err = m.broken()
	}
	if err != nil {
		return err
	}
	// What is stored is acknowledged even when ctx has ended, or it would come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acknowledgeWithin)
	defer cancel()
	if err := p.box.Acknowledge(ctx, id); err != nil {
		return err
	}
	*count++
	return nil
}
