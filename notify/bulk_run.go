package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// ErrReferenceTaken says that the service has seen a batch reference although
// this run has not used it: another run has the same name and key, or this one lost
// its journal. What the service received is unknown, so nothing more is sent.
var ErrReferenceTaken = errors.New("the batch reference has been used outside this run")

// bulkRun is one Send. It goes through input and journal side by side: as long as
// the journal has records they must tell of the same batches; from there on the
// run writes them.
type bulkRun struct {
	*Bulk
	next   func() (Record, error, bool) // the journal's records
	ahead  *Record                      // read, but not yet used
	result BulkResult
	pace   pace
}

func (r *bulkRun) send(ctx context.Context, messages iter.Seq2[Message, error]) error {
	fresh, err := r.begin()
	if err != nil {
		return err
	}
	if fresh {
		if err := r.append(ctx, r.identity()); err != nil {
			return err
		}
	}
	done, err := r.pack(ctx, messages, r.batch)
	if err != nil {
		return err
	}
	ended, err := r.end(done)
	if err != nil || ended {
		return err
	}
	return r.append(ctx, done)
}

// pack makes batches of the messages and hands each to batch. It returns the
// record of their end.
func (r *bulkRun) pack(ctx context.Context, messages iter.Seq2[Message, error], batch func(context.Context, *chunk) error) (Record, error) {
	c, index := &chunk{}, 0
	for m, err := range messages {
		if err != nil {
			return Record{}, fmt.Errorf("message %d of the input: %w", index, err)
		}
		added, err := c.add(m, index, r.options)
		if err == nil && !added {
			if err := batch(ctx, c); err != nil {
				return Record{}, err
			}
			c = c.following()
			_, err = c.add(m, index, r.options)
		}
		if err != nil {
			return Record{}, err
		}
		index++
	}
	batches := c.number
	if c.len() > 0 {
		batches++
		if err := batch(ctx, c); err != nil {
			return Record{}, err
		}
	}
	return Record{Kind: RecordDone, Batch: batches, Messages: index}, nil
}

// identity is the first record of the run's journal.
func (r *bulkRun) identity() Record {
	return Record{
		Kind: RecordRun, Run: r.options.Run, Reference: referenceText(r.digest([]byte("run"))),
		Messages: r.options.MaxMessages, Bytes: r.options.MaxBytes,
	}
}

// begin checks that the journal is this run's, or has not begun.
func (r *bulkRun) begin() (fresh bool, err error) {
	own := r.identity()
	found, ok, err := r.peek()
	switch {
	case err != nil || !ok:
		return err == nil, err
	case found.Kind != RecordRun || found.Reference != own.Reference:
		return false, fmt.Errorf("%w: it was started with another run key", ErrJournalMismatch)
	case found.Run != own.Run:
		return false, fmt.Errorf("%w: it was started with the name %q", ErrJournalMismatch, found.Run)
	case found.Messages != own.Messages || found.Bytes != own.Bytes:
		return false, fmt.Errorf("%w: it was started with %d messages and %d bytes a batch", ErrJournalMismatch, found.Messages, found.Bytes)
	}
	r.ahead = nil
	return false, nil
}

// end checks that the journal ends where the input does, or is still open.
func (r *bulkRun) end(done Record) (ended bool, err error) {
	found, ok, err := r.peek()
	switch {
	case err != nil || !ok:
		return false, err
	case found.Kind != RecordDone || found.Batch != done.Batch || found.Messages != done.Messages:
		return false, fmt.Errorf("%w: the input is shorter", ErrJournalMismatch)
	}
	return true, nil
}

// batch brings one batch to its end: accepted, perhaps after some messages have
// been quarantined.
func (r *bulkRun) batch(ctx context.Context, c *chunk) error {
	packed := c.references
	for round := 0; c.len() > 0; round++ {
		a := r.attempt(c, round, packed)
		outcome, replayed, err := r.replay(a)
		if err == nil && !replayed {
			outcome, err = r.deliver(ctx, a)
		}
		if err != nil {
			return fmt.Errorf("batch %d: %w", c.number, err)
		}
		if outcome.Kind == RecordAccepted {
			done := r.accepted(c, a.plan, outcome, replayed)
			if r.options.Progress != nil {
				r.options.Progress(done)
			}
			return nil
		}
		if c, err = r.quarantine(c, outcome); err != nil {
			return err
		}
	}
	return nil
}

// replay reads what the journal says about a batch: its outcome, if it has one.
func (r *bulkRun) replay(a *attempt) (outcome Record, ended bool, err error) {
	for {
		found, ok, err := r.peek()
		switch {
		case err != nil || !ok:
			return Record{}, false, err
		case found.Kind == RecordDone:
			return Record{}, false, fmt.Errorf("%w: the input is longer", ErrJournalMismatch)
		case found.Batch != a.plan.Number || found.Round != a.plan.Round || found.Reference != a.plan.Reference:
			return Record{}, false, fmt.Errorf("%w: it goes on with batch %d", ErrJournalMismatch, found.Batch)
		}
		r.ahead = nil
		switch found.Kind { //nolint:exhaustive // others do not belong here
		case RecordPlanned:
			if found.Digest != a.digest {
				return Record{}, false, fmt.Errorf("%w: the messages have changed", ErrJournalMismatch)
			}
			a.open = true
		case RecordRefused:
			a.open = false
		case RecordAccepted, RecordRejected:
			return found, true, nil
		default:
			return Record{}, false, fmt.Errorf("%w: unexpected record %q", ErrJournalMismatch, found.Kind)
		}
	}
}

// accepted adds a batch to the result.
func (r *bulkRun) accepted(c *chunk, plan BatchPlan, record Record, replayed bool) BatchOutcome {
	outcome := BatchOutcome{BatchPlan: plan, BatchID: record.BatchID, Replayed: replayed, Sent: make([]SentMessage, c.len())}
	for i, reference := range c.references {
		outcome.Sent[i].Reference = reference
		if i < len(record.IDs) {
			outcome.Sent[i].ID = record.IDs[i]
		}
		if outcome.Sent[i].ID == "" {
			r.result.IDsPending++
		}
	}
	r.result.Batches++
	r.result.Accepted += c.len()
	if replayed {
		r.result.Replayed++
	}
	outcome.Total = r.result
	return outcome
}

func (r *bulkRun) quarantine(c *chunk, record Record) (*chunk, error) {
	rest, err := c.remove(record.Rejected)
	if err != nil {
		return nil, err
	}
	for _, m := range record.Rejected {
		r.result.Quarantined = append(r.result.Quarantined, QuarantinedMessage{
			Index: c.indexes[m.Index], Reference: c.references[m.Index], Code: m.Code, Field: m.Field,
		})
	}
	return rest, nil
}

// peek returns the journal's next record without using it up.
func (r *bulkRun) peek() (Record, bool, error) {
	if r.ahead == nil {
		record, err, ok := r.next()
		if err != nil || !ok {
			return Record{}, false, err
		}
		r.ahead = &record
	}
	return *r.ahead, true, nil
}

func (r *bulkRun) append(ctx context.Context, record Record) error {
	if err := r.journal.Append(ctx, record); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// reference returns the reference of a batch: the same whenever the run is
// started, and another in each round.
func (r *bulkRun) reference(number, round int) string {
	reference := Reference(r.options.RunKey, "batch", r.options.Run, strconv.Itoa(number))
	if round > 0 {
		reference += "-r" + strconv.Itoa(round)
	}
	return reference
}

// digest is keyed, because a plain one of few messages could be tried out.
func (r *bulkRun) digest(data []byte) []byte {
	mac := hmac.New(sha256.New, r.options.RunKey)
	_, _ = mac.Write(data)
	return mac.Sum(nil)
}
