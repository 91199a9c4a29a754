package mesh

import (
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Message is a message in the inbox. Its content is read from it like a file,
// across all chunks and uncompressed; the caller must close it.
type Message struct {
	Envelope

	content *chunkReader
}

// Download opens a message. Its content arrives while it is read, chunk after
// chunk, under ctx; opening a chunk is repeated as the retry policy says, a
// connection that breaks within a chunk, or brings nothing for five minutes, is an
// error. The message stays in the inbox until it is acknowledged.
//
// [nhs.ErrNotFound] means that there is no such message, or that it is gone.
func (c *Client) Download(ctx context.Context, messageID string) (*Message, error) {
	if err := checkMessageID(messageID); err != nil {
		return nil, err
	}
	first, err := c.openChunk(ctx, messageID, 1)
	if err != nil {
		return nil, err
	}
	return &Message{
		Envelope: readEnvelope(messageID, first.answer.Header),
		content: &chunkReader{current: first, next: func(number int) (*chunk, error) {
			return c.openChunk(ctx, messageID, number)
		}},
	}, nil
}

// Read reads the content. Its errors are [*nhs.Error].
func (m *Message) Read(p []byte) (int, error) { return m.content.Read(p) }

// Close ends the download, read to the end or not.
func (m *Message) Close() error { return m.content.Close() }

// broken returns the error that reading ended with, if it was not the end.
func (m *Message) broken() error {
	if err := m.content.err; err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errClosed) {
		return err
	}
	return nil
}

// chunk is one part of a message, open for reading.
type chunk struct {
	body   io.ReadCloser
	plain  io.Reader // body, uncompressed
	answer transport.Answer
	number int
	total  int  // 0 if not told
	more   bool // other chunks follow
}

func (c *Client) openChunk(ctx context.Context, messageID string, number int) (*chunk, error) {
	ctx, cancel := context.WithCancel(ctx)
	received, answer, err := stream(ctx, c, transport.Call{Op: opDownload, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			if number == 1 {
				return c.api.DownloadMessage(ctx, c.mailbox, messageID, acceptGzip)
			}
			return c.api.DownloadChunk(ctx, c.mailbox, messageID, number, acceptGzip)
		})
	if err != nil {
		cancel()
		return nil, err
	}
	body := &impatient{body: received, cancel: cancel}
	open := &chunk{body: body, plain: body, answer: answer, number: number, more: answer.StatusCode == http.StatusPartialContent}
	if err := open.check(messageID); err != nil {
		_ = body.Close()
		return nil, unexpected(opDownload, answer, err)
	}
	return open, nil
}

const opDownload = "mesh.Download"

// impatient is a body that is given up when a read waits too long.
type impatient struct {
	body   io.ReadCloser
	cancel context.CancelFunc // ends the request
}

func (b *impatient) Read(p []byte) (int, error) {
	timer := time.AfterFunc(answerWithin, b.cancel)
	n, err := b.body.Read(p)
	if !timer.Stop() && err != nil {
		err = errStalled
	}
	return n, err
}

func (b *impatient) Close() error {
	defer b.cancel()
	return b.body.Close()
}

var errStalled = errors.New("nothing came for " + answerWithin.String())

// acceptGzip asks for gzip by hand, so that net/http does not uncompress
// unasked and hide the Content-Encoding of the chunk.
func acceptGzip(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept-Encoding", "gzip")
	return nil
}

var (
	errStatus   = errors.New("content comes with the status 200 or 206")
	errMessage  = errors.New("the answer is another message's")
	errOrder    = errors.New("the chunk's range and status do not fit the chunk asked for")
	errEncoding = errors.New("the content has an encoding other than gzip")
)

// check holds the chunk against its headers, so that no message ends early or
// out of order without an error, and sets up its reader.
func (c *chunk) check(messageID string) error {
	header := c.answer.Header
	if c.answer.StatusCode != http.StatusOK && !c.more {
		return errStatus
	}
	if id := header.Get("Mex-Messageid"); id != "" && !strings.EqualFold(id, messageID) {
		return errMessage
	}
	if err := c.checkOrder(header); err != nil {
		return err
	}
	switch strings.ToLower(header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		c.plain = &gunzip{from: c.body}
	default:
		return errEncoding
	}
	return nil
}

// checkOrder holds the chunk's number against its status, and against the number
// of chunks, which comes in one header or two.
func (c *chunk) checkOrder(header http.Header) error {
	totals := header.Get("Mex-Total-Chunks")
	if totals == "" && header.Get("Mex-Chunk-Range") == "" && !c.more {
		return nil
	}
	total, err := strconv.Atoi(cmp.Or(totals, "0"))
	if header.Get("Mex-Chunk-Range") != "" {
		number, of, ok := chunkRange(header)
		if !ok || number != c.number || (totals != "" && total != of) {
			return errOrder
		}
		total = of
	}
	if err != nil || total < 0 || c.more != (c.number < total) {
		return errOrder
	}
	c.total = total
	return nil
}

// gunzip uncompresses from the first read on, so that opening a chunk does not
// wait for its content.
type gunzip struct {
	from   io.Reader
	reader *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.reader == nil {
		r, err := gzip.NewReader(g.from)
		if err != nil {
			return 0, noEOF(err)
		}
		g.reader = r
	}
	return g.reader.Read(p)
}

// chunkReader reads chunks one after the other.
type chunkReader struct {
	current *chunk
	next    func(number int) (*chunk, error)
	err     error // what every further Read returns
}

// Read implements [io.Reader].
func (r *chunkReader) Read(p []byte) (int, error) {
	for r.err == nil {
		n, err := r.current.plain.Read(p)
		switch {
		case errors.Is(err, io.EOF):
			r.err = r.advance()
		case err != nil:
			r.err = r.current.broken(err)
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, r.err
}

// Close implements [io.Closer].
func (r *chunkReader) Close() error {
	if r.err == nil {
		r.err = errClosed
	}
	return r.current.body.Close()
}

var errClosed = errors.New("mesh: the message is closed")

// advance goes on to the next chunk, or returns io.EOF after the last.
func (r *chunkReader) advance() error {
	if !r.current.more {
		return io.EOF
	}
	if err := r.current.body.Close(); err != nil {
		return r.current.broken(err)
	}
	next, err := r.next(r.current.number + 1)
	if err != nil {
		return err
	}
	if next.total != r.current.total {
		_ = next.body.Close()
		return unexpected(opDownload, next.answer, errOrder)
	}
	r.current = next
	return nil
}

// broken reports content that could not be read to its end.
func (c *chunk) broken(err error) error {
	failure := &nhs.Error{
		Op: opDownload, RequestID: c.answer.RequestID, Attempts: c.answer.Attempts,
		Cause: fmt.Errorf("reading chunk %d: %w", c.number, err),
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		failure.StatusCode, failure.Kind = c.answer.StatusCode, nhs.ErrUnexpected
	}
	return failure
}

// noEOF keeps an empty body from passing for the end of good content.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
