package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// ErrReferenceTaken says that the service has seen a batch reference although
// this run has not used it: another run has the same key, or this one lost its
// journal. What the service received is unknown, so nothing more is sent.
var ErrReferenceTaken = errors.New("the batch reference has been used outside this run")

// bulkRun is one Send. It goes through input and journal side by side: as long as
// the journal has records they must tell of the same batches; from there on the
// run writes them.
type bulkRun struct {
	*Bulk
	next   func() (Record, error, bool) // the journal's records
	ahead  *Record                      // read, but not yet used
	result BulkResult
}

func (r *bulkRun) send(ctx context.Context, messages iter.Seq2[Message, error]) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	c, index := &chunk{}, 0
	for m, err := range messages {
		if err != nil {
			return fmt.Errorf("message %d of the input: %w", index, err)
		}
		added, err := c.add(m, index, r.options)
		if err == nil && !added {
			if err := r.batch(ctx, c); err != nil {
				return err
			}
			c = c.following()
			_, err = c.add(m, index, r.options)
		}
		if err != nil {
			return err
		}
		index++
	}
	batches := c.number
	if c.len() > 0 {
		batches++
		if err := r.batch(ctx, c); err != nil {
			return err
		}
	}
	return r.end(ctx, Record{Kind: RecordDone, Batch: batches, Messages: index})
}

// begin checks that the journal is this run's, or starts it.
func (r *bulkRun) begin(ctx context.Context) error {
	own := Record{
		Kind: RecordRun, Reference: referenceText(r.digest([]byte("run"))),
		Messages: r.options.MaxMessages, Bytes: r.options.MaxBytes,
	}
	found, ok, err := r.peek()
	switch {
	case err != nil:
		return err
	case !ok:
		return r.append(ctx, own)
	case found.Kind != RecordRun || found.Reference != own.Reference:
		return fmt.Errorf("%w: it was started with another run key", ErrJournalMismatch)
	case found.Messages != own.Messages || found.Bytes != own.Bytes:
		return fmt.Errorf("%w: it was started with %d messages and %d bytes a batch", ErrJournalMismatch, found.Messages, found.Bytes)
	}
	r.ahead = nil
	return nil
}

// end checks that the journal ends where the input does.
func (r *bulkRun) end(ctx context.Context, done Record) error {
	found, ok, err := r.peek()
	switch {
	case err != nil:
		return err
	case !ok:
		return r.append(ctx, done)
	case found.Kind != RecordDone || found.Batch != done.Batch || found.Messages != done.Messages:
		return fmt.Errorf("%w: the input is shorter", ErrJournalMismatch)
	}
	return nil
}

// batch brings one batch to its end: accepted, perhaps after some messages have
// been quarantined.
func (r *bulkRun) batch(ctx context.Context, c *chunk) error {
	packed := c.references
	for round := 0; c.len() > 0; round++ {
		plan := BatchPlan{
			Number: c.number, Round: round, Reference: r.reference(c.number, round),
			Plan: c.plan, First: c.indexes[0], Messages: c.len(), References: packed,
		}
		body := c.body(plan.Reference)
		plan.Bytes = len(body)
		a := &attempt{plan: plan, body: body, digest: hex.EncodeToString(r.digest(body)), references: c.references}
		outcome, replayed, err := r.replay(a)
		if err == nil && !replayed {
			outcome, err = r.deliver(ctx, a)
		}
		if err != nil {
			return fmt.Errorf("batch %d: %w", c.number, err)
		}
		if outcome.Kind == RecordAccepted {
			r.accepted(c, plan, outcome, replayed)
			return nil
		}
		if c, err = r.quarantine(c, outcome); err != nil {
			return err
		}
	}
	return nil
}

// attempt is one batch on its way, in one round.
type attempt struct {
	plan       BatchPlan
	body       []byte
	digest     string
	references []string // of the messages, in order
	open       bool     // journalled as planned, with no outcome: the service may have it
}

func (a *attempt) record(kind RecordKind) Record {
	return Record{
		Kind: kind, Batch: a.plan.Number, Round: a.plan.Round, Reference: a.plan.Reference,
	}
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

// deliver sends a batch until there is an outcome to journal, or an error that
// waiting does not mend.
func (r *bulkRun) deliver(ctx context.Context, a *attempt) (Record, error) {
	for sent := 1; ; sent++ {
		if r.options.Before != nil {
			if err := r.options.Before(ctx, a.plan); err != nil {
				return Record{}, fmt.Errorf("not sent: %w", err)
			}
		}
		repeat := a.open
		if !a.open {
			planned := a.record(RecordPlanned)
			planned.Digest, planned.Messages, planned.Bytes = a.digest, a.plan.Messages, a.plan.Bytes
			if err := r.append(ctx, planned); err != nil {
				return Record{}, err
			}
			a.open = true
		}
		// Repeats are made here and not in the transport, because each needs the
		// caller's consent, and because only the answer to a first request tells a
		// reference that was taken from one that is our own.
		answer, err := r.client.postBatch(ctx, transport.Call{Op: "notify.SendBatch"}, a.body)
		outcome, err := a.judge(answer, err, repeat)
		if outcome.Kind != "" {
			// The outcome is true whether or not the caller still wants it.
			if err := r.append(context.WithoutCancel(ctx), outcome); err != nil {
				return Record{}, err
			}
			a.open = false
		}
		if err == nil {
			return outcome, nil
		}
		wait, again := r.pause(err, sent)
		if !again {
			return Record{}, err
		}
		if err := sleep(ctx, wait); err != nil {
			return Record{}, err
		}
	}
}

// judge reads the answer to a request. It returns an outcome to journal, an error
// to act on, or both; an error alone leaves it open whether the service has the
// batch.
func (a *attempt) judge(answer BatchSent, err error, repeat bool) (Record, error) {
	accepted := a.record(RecordAccepted)
	if err == nil {
		accepted.BatchID, accepted.IDs = answer.ID, idsInOrder(answer.Messages, a.references)
		return accepted, nil
	}
	err = withReferences(err, a.references)
	if refused, ok := errors.AsType[*BatchError](err); ok && !refused.Whole {
		// This holds for a repeat as well: the same bytes were refused before.
		return a.rejected(refused), nil
	}
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
	case ok && e.StatusCode/100 == 2:
		return accepted, nil // with an answer that cannot be read
	case ok && errors.Is(err, nhs.ErrDuplicate) && repeat:
		return accepted, nil // by the request whose answer was lost
	case ok && errors.Is(err, nhs.ErrDuplicate):
		return a.record(RecordRefused), fmt.Errorf("%w: %w", ErrReferenceTaken, err)
	case !ok, e.Attempts == 0, hadNoEffect(e.StatusCode):
		if repeat {
			return Record{}, err // but an earlier one may have
		}
		return a.record(RecordRefused), err
	default:
		return Record{}, err
	}
}

func (a *attempt) rejected(err *BatchError) Record {
	record := a.record(RecordRejected)
	named := map[int]bool{}
	for _, m := range err.Refused {
		if !named[m.Index] {
			named[m.Index] = true
			record.Rejected = append(record.Rejected, RejectedMessage{Index: m.Index, Code: m.Code, Field: m.Field})
		}
	}
	return record
}

// hadNoEffect reports whether a status means that the service has not taken the
// request in: a refusal, but for those that tell of an earlier request.
func hadNoEffect(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusUnprocessableEntity, http.StatusTooEarly:
		return false
	default:
		return status/100 == 4
	}
}

// pause returns how long to wait before the next request, if there is to be one.
func (r *bulkRun) pause(err error, sent int) (time.Duration, bool) {
	settings := r.client.app.Settings()
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
	case !ok, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return 0, false
	case sent >= settings.Retry.MaxAttempts, e.RetryAfter > settings.Retry.MaxRetryAfter:
		return 0, false
	case e.StatusCode != 0 && !worthRetrying(e.StatusCode, e.Code):
		return 0, false
	case e.RetryAfter > 0:
		return e.RetryAfter, true
	default:
		return settings.Retry.Wait(sent, settings.Random), true
	}
}

func (r *bulkRun) accepted(c *chunk, plan BatchPlan, record Record, replayed bool) {
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
	if r.options.Progress != nil {
		outcome.Total = r.result
		r.options.Progress(outcome)
	}
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

// reference returns the reference of a batch: the same in every run with the key,
// and another in each round.
func (r *bulkRun) reference(number, round int) string {
	reference := Reference(r.options.RunKey, "batch", strconv.Itoa(number))
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

// idsInOrder returns the ids of messages in the order of references, empty where
// the answer lacks one.
func idsInOrder(messages []SentMessage, references []string) []string {
	byReference := make(map[string]string, len(messages))
	for _, m := range messages {
		byReference[m.Reference] = m.ID
	}
	ids := make([]string, len(references))
	for i, reference := range references {
		ids[i] = byReference[reference]
	}
	return ids
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
