package notify

import (
	"context"
	"fmt"
	"iter"
)

// FileJournal is a [Journal] in a file that is only ever appended to, with a
// checksum (CRC-32C) over whatever was synced to disk at once. Each Append returns
// when its record is on the disk; those that wait at the same time share the sync.
// A message takes about 28 bytes, for the id that the service gave it.
//
// An incomplete or damaged end is what a crash leaves: it had not been confirmed,
// and [OpenJournal] drops it. Damage before that is refused with
// [ErrJournalCorrupt].
type FileJournal struct {
	claim

	log *recordLog
}

// OpenJournal opens the journal at path, which it creates readable by the user
// alone if there is none. See to it that one process at a time does: an Append
// that finds the file changed by somebody else fails, but it may be too late.
func OpenJournal(path string) (*FileJournal, error) {
	log, err := openRecordLog(path, "NHS Notify journal 1\n")
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &FileJournal{log: log}, nil
}

// Close closes the file. The journal is complete without it.
func (j *FileJournal) Close() error { return j.log.close() }

// Append implements [Journal]. After a failure the end of the file is unknown, and
// every further Append fails with [ErrJournalBroken].
func (j *FileJournal) Append(ctx context.Context, record Record) error {
	text, err := record.encode()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = j.log.append(text)
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Records implements [Journal]. Records appended after the call are not among
// them.
func (j *FileJournal) Records(ctx context.Context) iter.Seq2[Record, error] {
	records := j.log.records()
	return func(yield func(Record, error) bool) {
		for text, err := range records {
			var record Record
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				record, err = decodeRecord(text)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// Compact takes out what no longer matters: requests that certainly had no effect,
// of which an outage can leave many. A run goes on from the journal as it would
// have before. The file is replaced at once, so that a crash leaves the old or the
// new. Records must not be being read.
func (j *FileJournal) Compact(ctx context.Context) error {
	if err := j.log.rewrite(func(all iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
		return withoutRefused(ctx, all)
	}); err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	return nil
}

// withoutRefused leaves out each plan that is followed by its refusal, and the
// refusal.
func withoutRefused(ctx context.Context, all iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var planned []byte // held back until the next record
		for text, err := range all {
			var record Record
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				record, err = decodeRecord(text)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if planned != nil && record.Kind != RecordRefused && !yield(planned, nil) {
				return
			}
			planned = nil
			switch record.Kind { //nolint:exhaustive // the others stay
			case RecordPlanned:
				planned = append([]byte{}, text...)
			case RecordRefused:
			default:
				if !yield(text, nil) {
					return
				}
			}
		}
		if planned != nil {
			yield(planned, nil)
		}
	}
}
