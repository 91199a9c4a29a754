package notify

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
	"github.com/personalised-prevention/nhs/internal/wait"
)

// attempt is one batch on its way, in one round.
type attempt struct {
	plan       BatchPlan
	body       []byte
	digest     string
	references []string // of the messages, in order
	open       bool     // journalled as planned, with no outcome: the service may have it
}

func (r *bulkRun) attempt(c *chunk, round int, packed []string) *attempt {
	reference := r.reference(c.number, round)
	body := c.body(reference)
	return &attempt{
		plan: BatchPlan{
			Number: c.number, Round: round, Reference: reference, Plan: c.plan, First: c.indexes[0],
			Messages: c.len(), Bytes: len(body), References: packed,
		},
		body: body, digest: hex.EncodeToString(r.digest(body)), references: c.references,
	}
}

func (a *attempt) record(kind RecordKind) Record {
	return Record{
		Kind: kind, Batch: a.plan.Number, Round: a.plan.Round, Reference: a.plan.Reference,
	}
}

// deliver sends a batch until there is an outcome to journal, or an error that
// waiting does not mend.
func (r *bulkRun) deliver(ctx context.Context, a *attempt) (Record, error) {
	pause, failures := r.pace.gap, 0
	for {
		if err := wait.For(ctx, pause); err != nil {
			return Record{}, err
		}
		outcome, err := r.request(ctx, a)
		if err == nil {
			r.pace.faster()
			return outcome, nil
		}
		if FaultOf(err) != FaultQuota {
			failures++ // a refusal for the quota says "later", and nothing about the batch
		}
		var again bool
		if pause, again = r.pause(ctx, err, failures); !again {
			return Record{}, err
		}
		if r.options.Paused != nil {
			r.options.Paused(Pause{BatchPlan: a.plan, Err: err, For: pause})
		}
	}
}

// request makes one request, if the caller still consents, and journals what is
// learnt from it. Repeats are made by deliver and not in the transport, because
// each needs that consent, and because only the answer to a first request tells a
// reference that was taken from one that is our own.
func (r *bulkRun) request(ctx context.Context, a *attempt) (Record, error) {
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
	answer, err := r.client.postBatch(ctx, transport.Call{Op: "notify.SendBatch"}, a.body)
	outcome, err := a.judge(answer, err, repeat)
	if outcome.Kind != "" {
		// The outcome is true whether or not the caller still wants it.
		if err := r.append(context.WithoutCancel(ctx), outcome); err != nil {
			return Record{}, err
		}
		a.open = false
	}
	return outcome, err
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
	if refused, ok := errors.AsType[*BatchError](err); ok && refused.quarantines() {
		if repeat {
			return Record{}, &UncertainError{Batch: a.plan, Err: refused}
		}
		return a.rejected(refused), nil
	}
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
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

// quarantines reports whether the service refused the messages it names, and
// nothing else. Another status than 400 may name one as well, but is about the
// service or the account.
func (e *BatchError) quarantines() bool {
	return e.Err.StatusCode == http.StatusBadRequest && !e.Whole && !e.config()
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

// idsInOrder returns the ids of messages in the order of references, empty where
// the answer lacks one. The service answers in that order as a rule.
func idsInOrder(messages []SentMessage, references []string) []string {
	ids := make([]string, len(references))
	inOrder := len(messages) == len(references)
	for i := 0; inOrder && i < len(ids); i++ {
		inOrder = messages[i].Reference == references[i]
		ids[i] = messages[i].ID
	}
	if inOrder {
		return ids
	}
	byReference := make(map[string]string, len(messages))
	for _, m := range messages {
		byReference[m.Reference] = m.ID
	}
	for i, reference := range references {
		ids[i] = byReference[reference]
	}
	return ids
}
