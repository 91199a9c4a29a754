package notify

import (
	"context"
	"fmt"
	"iter"
)

// CallbackLog keeps callbacks in a file that is only ever appended to, like a
// [FileJournal]. Its Append is a durable [Sink]:
//
//	log, err := notify.OpenCallbackLog(path)
//	http.Handle("/notify", notify.Callbacks(secrets, log.Append))
//
// A [StatusBook] makes sense of what it holds, after a restart from All and from
// then on as callbacks come. Callbacks name messages, by reference and id, and not
// people. It is safe for concurrent use.
type CallbackLog struct{ log *recordLog }

// OpenCallbackLog opens the log at path, which it creates readable by the user
// alone if there is none. What a crash left half written is dropped: the service
// was not told that it had arrived, and sends it again. One process at a time uses
// the file.
func OpenCallbackLog(path string) (*CallbackLog, error) {
	log, err := openRecordLog(path, "NHS Notify callbacks 1\n")
	if err != nil {
		return nil, fmt.Errorf("open callback log: %w", err)
	}
	return &CallbackLog{log: log}, nil
}

// Close closes the file.
func (l *CallbackLog) Close() error { return l.log.close() }

// Append is a [Sink]. It returns when the callback's body is on the disk;
// callbacks that come at the same time share the wait. Once it has failed it fails
// until the log is opened again.
func (l *CallbackLog) Append(ctx context.Context, callback Callback) error {
	err := ctx.Err()
	if err == nil {
		err = l.log.append(callback.Body)
	}
	if err != nil {
		return fmt.Errorf("callback log: %w", err)
	}
	return nil
}

// All yields the callbacks in the order in which they came, up to the call.
// Damage to the file ends it with [ErrJournalCorrupt].
func (l *CallbackLog) All(ctx context.Context) iter.Seq2[Callback, error] {
	records := l.log.records()
	return func(yield func(Callback, error) bool) {
		for body, err := range records {
			var callback Callback
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				callback = ParseCallback(append([]byte(nil), body...))
			}
			if !yield(callback, err) || err != nil {
				return
			}
		}
	}
}
