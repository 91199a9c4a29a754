package notify

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
)

// Journal remembers what a [Bulk] run has planned and sent. One journal belongs
// to one run, and one [Bulk.Send] in one process uses it at a time: the journals of
// this package refuse a second with [ErrJournalInUse]. It holds references of
// batches, keyed digests, counts and ids, and the run's name: nothing about a person.
type Journal interface {
	// Append adds a record. It returns nil only when the record would survive a
	// crash of the machine.
	Append(ctx context.Context, record Record) error

	// Records yields the records in the order in which they were appended. It is
	// read to its end, or not at all, before the next Append.
	Records(ctx context.Context) iter.Seq2[Record, error]
}

// RecordKind says what a [Record] records.
type RecordKind string

// The kinds of record, in the order in which they occur: the run, then for each
// batch a plan before each request and its outcome after it, and the end.
const (
	RecordRun      RecordKind = "run"      // the run's identity and limits
	RecordPlanned  RecordKind = "planned"  // a request is about to be made
	RecordRefused  RecordKind = "refused"  // it certainly had no effect
	RecordRejected RecordKind = "rejected" // messages were named that will not be accepted; the rest follows in another round
	RecordAccepted RecordKind = "accepted" // the service has the batch
	RecordDone     RecordKind = "done"     // the input has come to its end
)

// Record is one entry of a [Journal].
type Record struct {
	Kind      RecordKind        `json:"kind"`
	Run       string            `json:"run,omitempty"`       // of a run record, its name
	Batch     int               `json:"batch"`               // number of the batch, from 0; of a done record, how many there were
	Round     int               `json:"round,omitempty"`     // times that messages have been taken out of the batch
	Reference string            `json:"reference,omitempty"` // of the batch; of a run record, the run key's mark
	Digest    string            `json:"digest,omitempty"`    // keyed digest of the request body
	Messages  int               `json:"messages,omitempty"`  // in the batch; of a run record, the limit
	Bytes     int               `json:"bytes,omitempty"`     // of the request body; of a run record, the limit
	BatchID   string            `json:"batch_id,omitempty"`  // the service's id; empty while ids are pending
	IDs       []string          `json:"ids,omitempty"`       // of the messages, in their order; empty while pending
	Rejected  []RejectedMessage `json:"rejected,omitempty"`
}

// RejectedMessage is a message that the service named in a refusal.
type RejectedMessage struct {
	Index int    `json:"index"` // place in the batch of that round
	Code  string `json:"code"`  // such as CM_INVALID_NHS_NUMBER
	Field string `json:"field,omitempty"`
}

// Errors of a journal, matched with [errors.Is].
var (
	// ErrJournalMismatch says that the run is not the one in the journal: another
	// name or key, other limits, or messages added, removed or changed. Nothing was sent.
	ErrJournalMismatch = errors.New("the run is not the one in the journal")

	// ErrJournalCorrupt says that a record before the last is damaged.
	ErrJournalCorrupt = errors.New("the journal is damaged")

	// ErrJournalInUse says that another Send of this process is writing the journal.
	// Nothing was sent or written.
	ErrJournalInUse = errors.New("another Send is using the journal")

	// ErrJournalBroken says that an earlier write failed, so that the end of the
	// journal is unknown until it is opened again.
	ErrJournalBroken = errors.New("an earlier write to the journal failed")
)

// MemoryJournal is a [Journal] for tests: it survives a Bulk, not a process. The
// zero MemoryJournal is empty and ready.
type MemoryJournal struct {
	claim

	mu      sync.Mutex
	records []Record
}

// Append implements [Journal].
func (j *MemoryJournal) Append(_ context.Context, record Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	record.IDs = slices.Clone(record.IDs)
	record.Rejected = slices.Clone(record.Rejected)
	j.records = append(j.records, record)
	return nil
}

// Records implements [Journal].
func (j *MemoryJournal) Records(context.Context) iter.Seq2[Record, error] {
	j.mu.Lock()
	records := slices.Clone(j.records)
	j.mu.Unlock()
	return func(yield func(Record, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}
