package governance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// Errors of storage and of the log over it.
var (
	// ErrConflict means that the storage is not where the log thinks: somebody else wrote to it.
	// Open the log again.
	ErrConflict = errors.New("governance: log storage was written by somebody else")
	// ErrTampered means that stored records do not agree with each other or with a checkpoint.
	ErrTampered = errors.New("governance: log has been edited, reordered or damaged")
	// ErrTruncated means that the log is shorter than a checkpoint says it was.
	ErrTruncated = errors.New("governance: log is shorter than its checkpoint")
)

// Storage keeps the records of a [Log] in order. A record is one line of text without its newline.
// Implementations must be safe for concurrent use.
type Storage interface {
	// Append keeps record as number index, counting from zero. When it returns nil the record
	// survives a power cut. If the storage does not hold exactly index records it changes nothing
	// and returns ErrConflict.
	Append(ctx context.Context, index int64, record []byte) error
	// Records yields the records from the first. The bytes must not be changed. The iteration ends
	// with the first error; a record that was only partly written ends it with a *TornTailError.
	Records(ctx context.Context) iter.Seq2[[]byte, error]
}

// TornTailError means that the last record was only partly written, as a crash leaves it. The record
// was never acknowledged, or somebody cut the file: only a checkpoint can tell.
type TornTailError struct {
	// Records is the number of whole records before it.
	Records int64
	// Bytes is its length.
	Bytes int64
}

// Error gives the place.
func (e *TornTailError) Error() string {
	return fmt.Sprintf("governance: log ends in %d bytes of an unfinished record after %d whole ones", e.Bytes, e.Records)
}

// MemoryStorage keeps records in memory, for tests and demonstrations. The zero value is empty and
// ready to use.
type MemoryStorage struct {
	mu      sync.Mutex
	records [][]byte
}

// Append implements [Storage].
func (m *MemoryStorage) Append(ctx context.Context, index int64, record []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if index != int64(len(m.records)) {
		return ErrConflict
	}
	m.records = append(m.records, bytes.Clone(record))
	return nil
}

// Records implements [Storage].
func (m *MemoryStorage) Records(ctx context.Context) iter.Seq2[[]byte, error] {
	m.mu.Lock()
	records := m.records
	m.mu.Unlock()
	return func(yield func([]byte, error) bool) {
		for _, r := range records {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}
