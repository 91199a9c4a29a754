package optout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/internal/wait"
	"github.com/personalised-prevention/nhs/mesh"
)

// Collect looks into the inbox once. A reply to the request is downloaded, held
// against list, which is the one it was prepared with, and given to use. When use
// returns nil, the reply is acknowledged at once, and so gone for good, even if ctx
// has ended meanwhile; if that fails, the error is [ErrNotAcknowledged]. A program
// that crashes before finds the same reply again: use must bear that.
//
// [ErrPending] means that no reply is there. What came in place of one is a
// [*ReplyError]. An error of use is returned as it is, and the reply stays. News of
// progress is acknowledged; what is not for this request stays untouched, and is not
// downloaded.
//
// MESH asks not to look more often than every five minutes, and for a handshake a
// day, which [Checker.Wait] makes and Collect does not.
func (c *Checker) Collect(ctx context.Context, r Receipt, list *List, use func(context.Context, *Result) error) error {
	w, err := c.watch(r, list, use)
	if err != nil {
		return err
	}
	return w.look(ctx)
}

// Wait shakes hands and collects, again and again as [Options].Every says, until
// there is something other than [ErrPending], and returns that. It looks at least
// once. After Patience without a reply it ends with a [*NoReplyError].
//
// Whatever ends Wait, the same call goes on later, in another process too.
func (c *Checker) Wait(ctx context.Context, r Receipt, list *List, use func(context.Context, *Result) error) error {
	w, err := c.watch(r, list, use)
	if err != nil {
		return err
	}
	var shaken time.Time
	for {
		if now := c.now(); shaken.IsZero() || now.Add(c.o.Every).Sub(shaken) >= maxEvery {
			if err := c.box.Handshake(ctx); err != nil {
				return err
			}
			shaken = now
		}
		if err := w.look(ctx); !errors.Is(err, ErrPending) {
			return err
		}
		if waited := c.now().Sub(r.Sent); waited >= c.o.Patience {
			return c.noReply(ctx, r, waited)
		}
		if err := wait.For(ctx, c.o.Every); err != nil {
			return err
		}
	}
}

func (c *Checker) noReply(ctx context.Context, r Receipt, waited time.Duration) error {
	e := &NoReplyError{LocalID: r.LocalID, Waited: waited}
	if t, err := c.box.Track(ctx, r.MessageID); err == nil {
		e.Status = t.Status
	}
	return e
}

// Discard acknowledges whatever waits in the inbox for a request, unread, and
// returns how many messages that were: replies that failed and are on record, second
// replies, and those to requests that are no longer of interest.
func (c *Checker) Discard(ctx context.Context, r Receipt) (messages int, err error) {
	if r.Recipient != c.o.Recipient || r.Workflow != c.o.Workflow || r.LocalID == "" {
		return 0, &nhs.ArgumentError{Name: "receipt", Reason: "must be of a request to this recipient and workflow"}
	}
	w := &watch{Checker: c, receipt: r}
	for id, err := range c.box.Inbox(ctx, mesh.InboxQuery{Workflow: c.o.Workflow}) {
		if err != nil {
			return messages, err
		}
		e, err := w.head(ctx, id)
		if err != nil {
			return messages, err
		}
		if e == nil {
			continue
		}
		if err := c.box.Acknowledge(ctx, id); err != nil {
			return messages, err
		}
		messages++
	}
	return messages, nil
}

// watch is the waiting for the reply to one request.
type watch struct {
	*Checker

	receipt Receipt
	list    *List
	use     func(context.Context, *Result) error
	others  map[string]bool // messages that are not for the request
}

func (c *Checker) watch(r Receipt, list *List, use func(context.Context, *Result) error) (*watch, error) {
	if err := c.check(r, list); err != nil {
		return nil, err
	}
	switch {
	case r.MessageID == "" || r.Sent.IsZero():
		return nil, &nhs.ArgumentError{Name: "receipt", Reason: "is of a request that was not sent: call Send first"}
	case use == nil:
		return nil, &nhs.ArgumentError{Name: "use", Reason: "must not be nil"}
	}
	return &watch{Checker: c, receipt: r, list: list, use: use, others: map[string]bool{}}, nil
}

// look goes through the inbox until it has found the reply.
func (w *watch) look(ctx context.Context) error {
	for id, err := range w.box.Inbox(ctx, mesh.InboxQuery{Workflow: w.o.Workflow}) {
		if err != nil {
			return err
		}
		if w.others[id] {
			continue
		}
		e, err := w.head(ctx, id)
		if err != nil {
			return err
		}
		if e == nil {
			w.others[id] = true
			continue
		}
		if replied, err := w.take(ctx, e); replied || err != nil {
			return err
		}
	}
	return fmt.Errorf("optout: request %s: %w", w.receipt.LocalID, ErrPending)
}

// head returns the envelope of a message for the request, or nil if it is for
// another, or gone.
func (w *watch) head(ctx context.Context, id string) (*mesh.Envelope, error) {
	e, err := w.box.Head(ctx, id)
	switch {
	case errors.Is(err, nhs.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case e.Report != nil && e.Report.MessageID == w.receipt.MessageID && w.receipt.MessageID != "",
		e.Type == mesh.TypeData && e.LocalID == w.receipt.LocalID && strings.EqualFold(e.From, w.receipt.Recipient):
		return e, nil
	default:
		return nil, nil
	}
}

// take deals with a message for the request, and reports whether it was the reply.
func (w *watch) take(ctx context.Context, e *mesh.Envelope) (replied bool, err error) {
	if e.Report != nil {
		return false, w.failed(e.ID, fmt.Errorf("%w: code %s, %s",
			ErrUndelivered, redact.Code(e.Report.Code), redact.Text(e.Report.Description)))
	}
	result, err := w.read(ctx, e.ID)
	switch {
	case errors.Is(err, ErrMismatch), errors.Is(err, ErrRefused), errors.Is(err, ErrSentinel):
		return false, w.failed(e.ID, err)
	case err != nil:
		return false, err
	}
	if result != nil {
		if err := w.use(ctx, result); err != nil {
			return true, err
		}
	}
	// What is used is acknowledged even when ctx has ended, or it would come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acknowledgeWithin)
	defer cancel()
	err = w.box.Acknowledge(ctx, e.ID)
	if err != nil && result != nil {
		err = fmt.Errorf("optout: request %s: %w: %w", w.receipt.LocalID, ErrNotAcknowledged, err)
	}
	return result != nil, err
}

const acknowledgeWithin = time.Minute

func (w *watch) failed(messageID string, err error) error {
	return &ReplyError{LocalID: w.receipt.LocalID, MessageID: messageID, Err: err}
}

// read downloads a message once, to its end. It returns nil for news of progress.
func (w *watch) read(ctx context.Context, id string) (*Result, error) {
	m, err := w.box.Download(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Close() }() // its content has been read, or is not wanted
	mac := w.digest(digestReply)
	r, err := readReply(io.TeeReader(m, mac), w.list)
	if err != nil || r == nil {
		return nil, err
	}
	if err := r.checkSentinels(); err != nil {
		return nil, err
	}
	r.complete(w.receipt, w.o.MaxAge)
	r.summary.ReplyID, r.summary.Reply, r.summary.Received = id, digestText(mac), w.now()
	return r, nil
}
