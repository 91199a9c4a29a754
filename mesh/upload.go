package mesh

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// upload cuts the body of a message into requests. It holds two in memory: the one
// that is sent and the next.
type upload struct {
	op      string // for errors
	request SendRequest
	size    int64    // of the body; unknown if it does not tell
	chunk   int64    // bytes of every request but the last
	count   int      // requests
	spare   *payload // sent, and so free for the next
	zip     *gzip.Writer
}

const unknown = -1

func newUpload(op string, r SendRequest) (*upload, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	size, err := r.size()
	switch {
	case err != nil:
		return nil, &bodyError{op: op, err: err}
	case size > MaxMessage:
		return nil, &nhs.ArgumentError{Name: "body", Reason: fmt.Sprintf("must be at most %d bytes", MaxMessage)}
	}
	up := &upload{op: op, request: r, size: size, chunk: r.ChunkSize, count: 1}
	if r.ChunkSize == 0 {
		up.chunk = r.largest()
		if size > up.chunk {
			up.chunk = defaultChunk
		}
	}
	if size > up.chunk {
		up.count = int((size + up.chunk - 1) / up.chunk)
	}
	return up, nil
}

// size returns how many bytes the body has left.
func (r SendRequest) size() (int64, error) {
	if r.Size > 0 {
		return r.Size, nil
	}
	if b, ok := r.Body.(interface{ Len() int }); ok {
		return int64(b.Len()), nil
	}
	b, ok := r.Body.(io.Seeker)
	if !ok {
		return unknown, nil
	}
	at, err := b.Seek(0, io.SeekCurrent)
	if err != nil {
		return unknown, nil //nolint:nilerr // a pipe is a file that cannot seek
	}
	end, err := b.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = b.Seek(at, io.SeekStart)
	}
	if err == nil && end <= at {
		return unknown, nil // empty, or a device that has no end
	}
	return end - at, err
}

// chunkRange returns the header of a message that has chunks.
func (u *upload) chunkRange(number int) *string {
	if u.count == 1 {
		return nil
	}
	return new(fmt.Sprintf("%d:%d", number, u.count))
}

func (u *upload) encoding() *string {
	if u.request.Gzip {
		return new("gzip")
	}
	return nil
}

// skip passes over the first chunks.
func (u *upload) skip(ctx context.Context, chunks int) error {
	offset := int64(chunks) * u.chunk
	if b, ok := u.request.Body.(io.Seeker); ok {
		if _, err := b.Seek(offset, io.SeekCurrent); err == nil {
			return nil
		}
	}
	_, err := io.CopyN(io.Discard, u.body(ctx), offset)
	if errors.Is(err, io.EOF) {
		return errShort()
	}
	return u.readFailure(err)
}

func errShort() error {
	return &nhs.ArgumentError{Name: "size", Reason: "is more than the body holds"}
}

// body returns the body, which ends with ctx: a slow one is not read to the end of
// a chunk that nobody wants any more.
func (u *upload) body(ctx context.Context) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return u.request.Body.Read(p)
	})
}

// readFunc is a function that is an [io.Reader].
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// each sends the chunks from one on to the last, in order, and reads each while the
// one before is being sent. It returns the number of the chunk that failed.
func (u *upload) each(ctx context.Context, from int, send func(number int, p *payload) error) (failed int, err error) {
	next, err := u.read(ctx, from)
	for number := from; ; number++ {
		if err != nil {
			return number, err
		}
		current := next
		var reading sync.WaitGroup
		if number < u.count {
			reading.Go(func() { next, err = u.read(ctx, number+1) })
		}
		refused := send(number, current)
		reading.Wait()
		if refused != nil || number == u.count {
			return number, refused
		}
		u.spare = current
	}
}

// read reads the next chunk, as it will be sent. A body that is longer or shorter
// than it should be is refused before the message is complete.
func (u *upload) read(ctx context.Context, number int) (*payload, error) {
	p := u.spare
	u.spare = nil
	if p == nil || p.readers.Load() > 0 {
		p = &payload{}
	}
	want := u.chunk
	if u.size != unknown {
		want = min(want, u.size-int64(number-1)*u.chunk)
	}
	got, err := u.fill(&p.content, io.LimitReader(u.body(ctx), want), want)
	switch {
	case err != nil:
		return nil, err
	case got == 0 && u.size <= 0:
		return nil, &nhs.ArgumentError{Name: "body", Reason: "must not be empty"}
	case got < want && u.size != unknown:
		return nil, errShort()
	case number < u.count:
		return p, nil
	}
	more, err := io.ReadFull(u.body(ctx), make([]byte, 1))
	switch {
	case more > 0 && u.size == unknown:
		return nil, &nhs.ArgumentError{Name: "size", Reason: fmt.Sprintf(
			"must be given: the body has more than %d bytes and cannot tell how many", want)}
	case more > 0:
		return nil, &nhs.ArgumentError{Name: "size", Reason: "is less than the body holds"}
	case !errors.Is(err, io.EOF):
		return nil, u.readFailure(err)
	}
	return p, nil
}

// fill reads up to want bytes, to the end of from.
func (u *upload) fill(to *bytes.Buffer, from io.Reader, want int64) (int64, error) {
	to.Reset()
	if !u.request.Gzip {
		if u.size != unknown {
			to.Grow(int(want) + bytes.MinRead) // ReadFrom wants room to see the end
		}
		n, err := to.ReadFrom(from)
		return n, u.readFailure(err)
	}
	if u.zip == nil {
		u.zip = gzip.NewWriter(to)
	}
	u.zip.Reset(to)
	n, err := io.Copy(u.zip, from)
	return n, u.readFailure(errors.Join(err, u.zip.Close()))
}

func (u *upload) readFailure(err error) error {
	if err == nil {
		return nil
	}
	return &bodyError{op: u.op, err: err}
}

// bodyError reports that the body could not be read. Its text may hold the name of
// a file, and a file may be named after a patient: numbers are masked.
type bodyError struct {
	op  string
	err error
}

func (e *bodyError) Error() string { return e.op + ": read body: " + redact.Text(e.err.Error()) }

func (e *bodyError) Unwrap() error { return e.err }

func (e *bodyError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// payload is the body of one request. It can be read any number of times, for
// repeats, and knows whether anybody is still reading: net/http may, even when
// the answer is there.
type payload struct {
	content bytes.Buffer
	readers atomic.Int32
}

// attach makes the payload the body of req.
func (p *payload) attach(_ context.Context, req *http.Request) error {
	req.ContentLength = int64(p.content.Len())
	req.GetBody = func() (io.ReadCloser, error) {
		p.readers.Add(1)
		return &payloadReader{Reader: bytes.NewReader(p.content.Bytes()), payload: p}, nil
	}
	return nil
}

type payloadReader struct {
	*bytes.Reader

	payload *payload
	closed  atomic.Bool
}

// Close implements [io.Closer].
func (r *payloadReader) Close() error {
	if !r.closed.Swap(true) {
		r.payload.readers.Add(-1)
	}
	return nil
}
