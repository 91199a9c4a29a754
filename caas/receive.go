package caas

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// Delivery is a cohort file that came through MESH.
type Delivery struct {
	MessageID string
	From      string // the sender's mailbox
	FileName  string // the sender's name for the file, which need not follow [FileName]
	LocalID   string // the sender's id for the message
	File      *File
}

// Handlers are what [Receive] does with what it finds.
type Handlers struct {
	// File stores a cohort file. Its message is acknowledged, and so taken out of
	// the inbox for good, only when File returns nil. Required.
	File func(context.Context, Delivery) error

	// Report takes note that a message sent earlier under the workflow was not
	// delivered; the report is acknowledged when Report returns nil. If Report is
	// nil, reports stay in the inbox.
	Report func(context.Context, mesh.Report) error

	// MaxSize bounds a file, in bytes after uncompressing the message; 0 means
	// 256 MiB. A file is held in memory.
	MaxSize int64
}

const defaultMaxSize = 256 << 20

// DeliveryError reports the message at which [Receive] stopped. It is still in
// the inbox.
type DeliveryError struct {
	MessageID string
	Err       error
}

// Error implements the error interface.
func (e *DeliveryError) Error() string { return "caas: message " + e.MessageID + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *DeliveryError) Unwrap() error { return e.Err }

// Receive hands over the cohort files waiting in a mailbox, oldest first, and
// returns how many. The workflow id that cohort files of a programme come under
// is not public: the caller has to know it.
//
// It stops at the first failure with a [*DeliveryError], because files are
// changes that follow upon each other; the next Receive starts at the same
// message. A file that cannot be read (see [ErrFile]) therefore waits until the
// caller has put it aside and acknowledged it. A file that was handed over but
// could not be acknowledged comes again.
func Receive(ctx context.Context, box *mesh.Client, workflow string, h Handlers) (files int, err error) {
	switch {
	case box == nil:
		return 0, &nhs.ArgumentError{Name: "mailbox", Reason: "must not be nil"}
	case workflow == "" || strings.ContainsAny(workflow, "*!"):
		return 0, &nhs.ArgumentError{Name: "workflow id", Reason: "must be one id, without * and !"}
	case h.File == nil:
		return 0, &nhs.ArgumentError{Name: "file handler", Reason: "must not be nil"}
	case h.MaxSize < 0:
		return 0, &nhs.ArgumentError{Name: "maximum size", Reason: "must not be negative"}
	}
	for id, err := range box.Inbox(ctx, mesh.InboxQuery{Workflow: workflow}) {
		if err != nil {
			return files, err
		}
		handed, err := h.receive(ctx, box, id)
		if err != nil {
			return files, &DeliveryError{MessageID: id, Err: err}
		}
		if handed {
			files++
		}
	}
	return files, nil
}

// receive deals with one message and reports whether it was a cohort file.
func (h Handlers) receive(ctx context.Context, box *mesh.Client, id string) (handed bool, _ error) {
	m, err := box.Download(ctx, id)
	if err != nil {
		return false, err
	}
	defer func() { _ = m.Close() }()
	switch {
	case m.Type == mesh.TypeData:
		err = h.file(ctx, m)
	case m.Report != nil && h.Report != nil:
		err = h.Report(ctx, *m.Report)
	default:
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := box.Acknowledge(ctx, id); err != nil {
		return false, err
	}
	return m.Type == mesh.TypeData, nil
}

func (h Handlers) file(ctx context.Context, m *mesh.Message) error {
	limit := h.MaxSize
	if limit == 0 {
		limit = defaultMaxSize
	}
	content, err := io.ReadAll(io.LimitReader(m, limit+1))
	if err != nil {
		return err
	}
	if int64(len(content)) > limit {
		return fmt.Errorf("%w: it is larger than %d bytes", ErrFile, limit)
	}
	f, err := OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	if name, err := ParseFileName(m.FileName); err == nil {
		if err := name.CheckRows(f); err != nil {
			return err
		}
	}
	return h.File(ctx, Delivery{MessageID: m.ID, From: m.From, FileName: m.FileName, LocalID: m.LocalID, File: f})
}
