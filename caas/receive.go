package caas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/mesh"
)

// Handlers are what [Receive] does with what it finds.
type Handlers struct {
	// Delivery stores what a delivery says. It is acknowledged, and so taken out of
	// its source for good, only when Delivery returns nil. Required.
	Delivery func(context.Context, Delivery) error

	// Report takes note that a message sent earlier has not reached its receiver;
	// the report is acknowledged when Report returns nil. If Report is nil, reports
	// stay where they are.
	Report func(context.Context, mesh.Report) error
}

// Received says what a [Receive] has found. The zero Received is nothing at all: no
// file has come. That nothing has changed is something else: a file has come, and
// is a nil return.
type Received struct {
	Deliveries int // handled and acknowledged, nil returns among them
	NilReturns int // that said that nothing has changed
	Reports    int // of messages that were not delivered

	// Latest is when the newest delivery arrived, zero if none did or none told.
	Latest time.Time
}

// Plus returns what two runs have found together.
func (r Received) Plus(next Received) Received {
	r.Deliveries += next.Deliveries
	r.NilReturns += next.NilReturns
	r.Reports += next.Reports
	if next.Latest.After(r.Latest) {
		r.Latest = next.Latest
	}
	return r
}

// Daily is how long after a file the next one is expected at the latest, if files
// come daily.
//
// Source: the public consumer, which raises an alarm after 26 hours. That files
// come daily is concluded from this, and stated nowhere.
const Daily = 26 * time.Hour

// Overdue reports whether no delivery, not even a nil return, has arrived within
// some time before now: CaaS, or the way from it, may have failed. A run that finds
// nothing does not know of earlier ones: add runs up with [Received.Plus].
func (r Received) Overdue(now time.Time, within time.Duration) bool {
	return now.Sub(r.Latest) > within
}

// DeliveryError reports the delivery at which [Receive] stopped. It is still in its
// source.
type DeliveryError struct {
	ID  string // of the [Delivery]
	Err error
}

// Error implements the error interface.
func (e *DeliveryError) Error() string {
	return "caas: delivery " + redact.Name(e.ID) + ": " + e.Err.Error()
}

// Format prints [DeliveryError.Error] for every verb.
func (e *DeliveryError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// Unwrap returns the cause.
func (e *DeliveryError) Unwrap() error { return e.Err }

// Receive hands over the deliveries that wait in a source, in order, acknowledges
// each one that is stored, and says what it found.
//
// It stops at the first failure with a [*DeliveryError], because deliveries are
// changes that follow upon each other; the next Receive starts at the same one. A
// file that cannot be read (see [ErrFile]) therefore waits until the caller has put
// it aside and acknowledged it. A delivery that was stored but could not be
// acknowledged comes again, with the same ID. One that is stored while ctx ends is
// acknowledged still, within a minute.
func Receive(ctx context.Context, from Source, h Handlers) (Received, error) {
	var found Received
	switch {
	case from == nil:
		return found, &nhs.ArgumentError{Name: "source", Reason: "must not be nil"}
	case h.Delivery == nil:
		return found, &nhs.ArgumentError{Name: "delivery handler", Reason: "must not be nil"}
	}
	for d, err := range from.Waiting(ctx) {
		var one Received
		if err == nil {
			one, err = take(ctx, from, h, d)
		}
		if err != nil {
			return found, d.failed(err)
		}
		found = found.Plus(one)
	}
	return found, nil
}

// failed says which delivery an error is about, if it is about one.
func (d Delivery) failed(err error) error {
	if d.ID == "" {
		return err
	}
	return &DeliveryError{ID: d.ID, Err: err}
}

// take deals with one delivery, and says what it was.
func take(ctx context.Context, from Source, h Handlers, d Delivery) (Received, error) {
	if err := ctx.Err(); err != nil {
		return Received{}, err
	}
	one := Received{Deliveries: 1, Latest: d.Arrived}
	var err error
	switch {
	case d.Report != nil && h.Report == nil:
		return Received{}, nil
	case d.Report != nil:
		one = Received{Reports: 1}
		err = h.Report(ctx, *d.Report)
	case d.Records == nil:
		err = errNoRecords
	default:
		if d.NilReturn {
			one.NilReturns = 1
		}
		err = h.Delivery(ctx, d)
	}
	if err != nil {
		return Received{}, err
	}
	// What is stored is acknowledged even when ctx has ended, or it would come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acknowledgeWithin)
	defer cancel()
	if err := from.Acknowledge(ctx, d.ID); err != nil {
		return Received{}, err
	}
	return one, nil
}

const acknowledgeWithin = time.Minute

var errNoRecords = errors.New("the source has given neither records nor a report")
