package caas

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// MESH is a [Source] of the cohort files waiting in a mailbox, oldest first. It is
// safe for concurrent use, but two Receives at a time would handle a file twice.
//
// Messages that report an earlier one as undelivered come as deliveries too, if
// that one had the workflow id.
type MESH struct {
	Box *mesh.Client // required

	// Workflow is the workflow id that the cohort files of a programme come under.
	// It is not public: CaaS tells it. Required.
	Workflow string

	// From is CaaS's mailbox. If it is given, a cohort file from another mailbox is an
	// error: whoever may send the workflow to the mailbox could change the cohort.
	From string

	// Spool is a directory in which a file is kept while it is read, so that memory
	// does not grow with it. It is made if need be. The file is for its owner only,
	// and gone when the next delivery comes, or when the process ends where the
	// system allows to take away an open file's name. Without Spool a file is held
	// in memory.
	Spool string

	// MaxSize bounds a file, in bytes after uncompressing the message; 0 means 256
	// MiB in memory, 16 GiB in a spool.
	MaxSize int64
}

const (
	defaultInMemory = 256 << 20
	defaultInSpool  = 16 << 30
)

// Waiting implements [Source].
func (s MESH) Waiting(ctx context.Context) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		if err := s.check(); err != nil {
			yield(Delivery{}, err)
			return
		}
		for id, err := range s.Box.Inbox(ctx, mesh.InboxQuery{Workflow: s.Workflow}) {
			if err != nil {
				yield(Delivery{}, err)
				return
			}
			if !s.yield(ctx, id, yield) {
				return
			}
		}
	}
}

// Acknowledge implements [Source].
func (s MESH) Acknowledge(ctx context.Context, id string) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.Box.Acknowledge(ctx, id)
}

func (s MESH) check() error {
	switch {
	case s.Box == nil:
		return &nhs.ArgumentError{Name: "mailbox", Reason: "must not be nil"}
	case s.Workflow == "" || strings.ContainsAny(s.Workflow, "*!"):
		return &nhs.ArgumentError{Name: "workflow id", Reason: "must be one id, without * and !"}
	case s.MaxSize < 0:
		return &nhs.ArgumentError{Name: "maximum size", Reason: "must not be negative"}
	default:
		return nil
	}
}

// yield opens one message, hands it over, and reports whether to go on.
func (s MESH) yield(ctx context.Context, id string, yield func(Delivery, error) bool) bool {
	m, err := s.Box.Download(ctx, id)
	if err != nil {
		yield(Delivery{ID: id}, err)
		return false
	}
	defer func() { _ = m.Close() }() // it has been read
	d := Delivery{
		ID: id, From: m.From, Workflow: m.Workflow, FileName: m.FileName, LocalID: m.LocalID, Report: m.Report,
	}
	d.Arrived, _ = m.Timestamp.Time()
	switch {
	case m.Report != nil:
		return yield(d, nil)
	case m.Type != mesh.TypeData:
		return true // a kind of message that MESH does not have yet
	}
	if s.From != "" && !strings.EqualFold(m.From, s.From) {
		yield(d, errSender)
		return false
	}
	content, size, release, err := s.keep(m)
	if err != nil {
		yield(d, err)
		return false
	}
	defer release()
	d, err = d.withFile(OpenFile(content, size))
	return yield(d, err) && err == nil
}

var errSender = errors.New("it comes from another mailbox than CaaS's")

// keep takes in the content of a message, in the spool or in memory, until release
// is called.
func (s MESH) keep(m *mesh.Message) (content io.ReaderAt, size int64, release func(), err error) {
	if s.Spool == "" {
		var inMemory bytes.Buffer
		size, err = s.copy(&inMemory, m, defaultInMemory)
		return bytes.NewReader(inMemory.Bytes()), size, func() {}, err
	}
	file, release, err := spoolFile(s.Spool, m.ID)
	if err != nil {
		return nil, 0, nil, err
	}
	size, err = s.copy(file, m, defaultInSpool)
	if err != nil {
		release()
	}
	return file, size, release, err
}

func (s MESH) copy(to io.Writer, m *mesh.Message, limit int64) (int64, error) {
	if s.MaxSize > 0 {
		limit = s.MaxSize
	}
	size, err := io.Copy(to, io.LimitReader(m, limit+1))
	if err == nil && size > limit {
		err = fmt.Errorf("%w: it is larger than %d bytes", ErrFile, limit)
	}
	return size, err
}

// spoolFile makes a file of its own for the message with an id, which holds only
// what may be part of a file name.
func spoolFile(dir, id string) (file *os.File, release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("caas: spool: %w", plain(err))
	}
	path := filepath.Join(dir, id+".spool")
	_ = os.Remove(path) // what a crash has left

	file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in a directory of the caller's
	if err != nil {
		return nil, nil, fmt.Errorf("caas: spool: %w", plain(err))
	}
	_ = os.Remove(path) // so that a crash leaves nothing; some systems refuse
	return file, func() {
		_ = file.Close()
		_ = os.Remove(path)
	}, nil
}

// plain takes away the path that an error about a file quotes: it may hold
// anything.
func plain(err error) error {
	if failure, ok := errors.AsType[*os.PathError](err); ok {
		return failure.Err
	}
	if failure, ok := errors.AsType[*os.LinkError](err); ok {
		return failure.Err
	}
	return err
}
