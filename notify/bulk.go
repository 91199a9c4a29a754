package notify

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
)

// Bulk sends any number of messages in batches, and can be stopped at any
// instruction and started again without sending twice or losing anyone.
//
// Each batch is written to a [Journal] before it is sent and its outcome after.
// Its reference is derived from the run's name and key and its number, so that a repeat is
// the same request to the byte and the service recognises it, for nine months.
// Started again with the same input, key and options, a Bulk skips the batches
// that were accepted and goes on.
type Bulk struct {
	client  *Client
	journal Journal
	options BulkOptions
	mu      sync.Mutex // one Send at a time
}

// BulkOptions say how a [Bulk] works. Only Run and RunKey are required.
type BulkOptions struct {
	// Run names the run, such as "bp-2026 wave 1", in up to 100 bytes. The
	// references of its batches are made of it, and the journal holds it: no name
	// of a person, and for other messages another name. Under the same name and key
	// the service's "I have that reference" could be about the other messages.
	Run string

	// RunKey is a secret of at least 16 bytes, which may be the same for many runs.
	// Keep it: a run that goes on under another key would send everything again,
	// which the journal refuses.
	RunKey []byte

	// MaxMessages and MaxBytes limit a batch: by default 10,000 messages and
	// 5,000,000 bytes, at most 45,000 and 5,000,000. They are fixed for a run.
	MaxMessages int
	MaxBytes    int

	// Before is called before every request to send, repeats included. An error
	// ends Send before anything of the request is recorded or sent. It is the place
	// to check that sending is still approved. Nil means no check.
	Before func(context.Context, BatchPlan) error

	// Progress is called when a batch has been accepted, also for those accepted
	// in an earlier run, in order. Nil means nobody is told.
	Progress func(BatchOutcome)

	// Paused is called when a request has failed and will be repeated. Nil means
	// nobody is told.
	Paused func(Pause)
}

// Pause is a wait before a batch is sent again.
type Pause struct {
	BatchPlan
	Err error // why: an [*nhs.Error]
	For time.Duration
}

// BatchPlan is one batch about to be sent.
type BatchPlan struct {
	Number    int    // from 0
	Round     int    // times that messages have been taken out of it
	Reference string // the batch reference
	Plan      string // id of the routing plan
	First     int    // place in the input of its first message, from 0
	Messages  int
	Bytes     int // of the request body

	// References are those of all messages the batch was packed with, in order,
	// the ones since taken out included: the same in every round and after every
	// restart. They are shared; do not change them.
	References []string
}

// BatchOutcome is one batch that the service has accepted.
type BatchOutcome struct {
	BatchPlan
	BatchID  string        // empty while ids are pending
	Sent     []SentMessage // all of the batch, in order; ids are empty while pending
	Replayed bool          // accepted in an earlier run
	Total    BulkResult    // so far, this batch included
}

// BulkResult adds up a run from its beginning, earlier starts included. After a
// Send without error every message of the input is in Accepted or Quarantined.
type BulkResult struct {
	Batches     int // accepted
	Replayed    int // of these, in earlier runs
	Accepted    int // messages
	IDsPending  int // of these, those whose answer was lost: callbacks will bring their ids
	Quarantined []QuarantinedMessage
}

// QuarantinedMessage is a message that was left out because the service refused
// it.
type QuarantinedMessage struct {
	Index     int // place in the input, from 0
	Reference string
	Code      string // the service's reason, such as CM_INVALID_NHS_NUMBER
	Field     string // the field it is about; may be empty
}

const (
	defaultBulkMessages = 10_000
	minBulkBytes        = 1_000
	minRunKey           = 16
	maxRun              = 100 // bytes of a run's name
)

// Bulk returns a sender of many messages that remembers in journal what it has
// done.
func (c *Client) Bulk(journal Journal, options BulkOptions) (*Bulk, error) {
	if options.MaxMessages == 0 {
		options.MaxMessages = defaultBulkMessages
	}
	if options.MaxBytes == 0 {
		options.MaxBytes = maxBatchBytes
	}
	switch {
	case journal == nil:
		return nil, &nhs.ArgumentError{Name: "journal", Reason: "must not be nil"}
	case isBlank(options.Run) || len(options.Run) > maxRun:
		return nil, &nhs.ArgumentError{Name: "run", Reason: "must be 1 to 100 bytes and not blank"}
	case len(options.RunKey) < minRunKey:
		return nil, &nhs.ArgumentError{Name: "run key", Reason: "must be at least 16 bytes"}
	case options.MaxMessages < 1 || options.MaxMessages > maxBatchMessages:
		return nil, &nhs.ArgumentError{Name: "max messages", Reason: "must be 1 to 45,000"}
	case options.MaxBytes < minBulkBytes || options.MaxBytes > maxBatchBytes:
		return nil, &nhs.ArgumentError{Name: "max bytes", Reason: "must be 1,000 to 5,000,000"}
	}
	options.RunKey = slices.Clone(options.RunKey)
	return &Bulk{client: c, journal: journal, options: options}, nil
}

// Send sends messages, in order, holding one batch in memory. It must be given
// the same messages each time the run is started, and each reference once: within
// a batch a repeated one is refused, but neither Send nor the service notices it in
// two batches. Nor does either notice a person under two references, be it in one
// batch: that is two messages.
//
// A batch holds messages of one routing plan, so mixed plans should come sorted.
// Messages that the service names in a 400 are quarantined, and the rest of
// their batch is sent under a fresh reference. When the service says that it gets
// too many requests, of this sender or of all together, Send slows down for as
// long as that lasts. Any other error ends Send; call it again to go on:
//
//   - an [*nhs.ArgumentError] names the place of a message that is not valid;
//     nothing of its batch was sent
//   - an [*nhs.Error] is a refusal that repeats did not mend, or a [*BatchError]
//     one for which somebody has to mend the account. A RetryAfter longer than the
//     App's retry policy allows, such as the five minutes after a 425, is left to
//     the caller; [nhs.WithRetry] can allow it
//   - an [*UncertainError] is a refusal of messages that may have been accepted
//     before, which somebody has to settle
//   - [ErrReferenceTaken], [ErrJournalMismatch], [ErrJournalInUse], and errors of the journal, of the
//     input and of Before
func (b *Bulk) Send(ctx context.Context, messages iter.Seq2[Message, error]) (BulkResult, error) {
	if messages == nil {
		return BulkResult{}, errNilMessages()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	drop, err := claimJournal(b.journal)
	if err != nil {
		return BulkResult{}, fmt.Errorf("notify.Bulk: %w", err)
	}
	defer drop()
	r, stop := b.run(ctx)
	defer stop()
	if err := r.send(ctx, messages); err != nil {
		return r.result, fmt.Errorf("notify.Bulk: %w", err)
	}
	return r.result, nil
}

// run returns a run at the beginning of the journal.
func (b *Bulk) run(ctx context.Context) (_ *bulkRun, stop func()) {
	next, stop := iter.Pull2(b.journal.Records(ctx))
	return &bulkRun{Bulk: b, next: next, pace: newPace(b.client.app.Settings().Retry)}, stop
}
