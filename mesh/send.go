package mesh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// SendRequest is a message to send. Subject, LocalID and FileName are seen by
// many: they must hold no patient data.
type SendRequest struct {
	To       string    // the receiving mailbox; required
	Workflow string    // workflow id, which the receiver must be registered for; required
	Body     io.Reader // the content, at most MaxMessage bytes; required, not empty

	// Size is the number of bytes in Body. Zero asks the Body, which can tell if
	// it has a method Len, as a [bytes.Reader] has, or if it is an [io.Seeker], as
	// a file is. Others need Size when they do not fit one request, because the
	// first request tells how many there will be.
	Size int64

	// ChunkSize is the number of bytes in each request but the last, before
	// compression: at most [MaxSend], or 0.1 % less with Gzip; MESH advises more
	// than 5 MB. Two chunks are held in memory. Zero sends what fits one
	// request in one, as not every receiver takes chunks, and more in chunks of 75
	// MiB.
	ChunkSize int64

	LocalID     string // the sender's own id for the message, for TrackLocalID; at most 300 characters, no slashes
	Subject     string // at most 500 characters
	FileName    string // at most 300 characters; MESH makes one up if empty
	ContentType string // media type; "application/octet-stream" if empty
	Checksum    string // for the receiver to verify; at most 100 characters: letters, digits, space, : - /
	Gzip        bool   // send the content compressed, each chunk for itself; not every receiver takes that
}

// The limits of MESH, in bytes before compression.
const (
	MaxSend    = 100_000_000     // of one request
	MaxMessage = 100_000_000_000 // of a message
)

const defaultChunk = 75 << 20

// SendError reports a message of several chunks that was not sent to its end. The
// receiver cannot see it, unless it was only the answer to the last chunk that was
// lost. [Client.Resume] sends the rest, or finds that nothing is missing.
type SendError struct {
	MessageID string // as MESH gave it
	Chunk     int    // the chunk that failed, 2 or more
	Chunks    int    // how many there are
	Err       error
}

// Error implements the error interface.
func (e *SendError) Error() string {
	return fmt.Sprintf("chunk %d of %d: %v", e.Chunk, e.Chunks, e.Err)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Format prints [SendError.Error] for every verb.
func (e *SendError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// LogValue logs the error without personal data.
func (e *SendError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Send sends a message and returns the id MESH gave it. Content is read chunk by
// chunk, the next while one is being sent.
//
// The first request is sent once: MESH cannot tell a repeat from a second message.
// When it fails and [Uncertain] says that the message may have been accepted all
// the same, look its local id up with [Client.TrackLocalID] before sending again.
// The other chunks are repeated as the retry policy says; when one fails in the
// end, the error is a [*SendError], and the id is returned all the same.
//
// A refusal for the receiver or the workflow is an [*Error] with status 417 and a
// code such as "12" (mailbox not registered) or "17" (workflow not registered).
func (c *Client) Send(ctx context.Context, r SendRequest) (messageID string, err error) {
	up, err := newUpload(opSend, r)
	if err != nil {
		return "", err
	}
	failed, err := up.each(ctx, 1, func(number int, p *payload) error {
		if number > 1 {
			return c.sendChunk(ctx, up, messageID, number, p)
		}
		id, err := c.sendFirst(ctx, up, p)
		messageID = id
		return err
	})
	return messageID, c.unfinished(ctx, up, messageID, failed, err)
}

func (c *Client) sendFirst(ctx context.Context, up *upload, p *payload) (messageID string, err error) {
	r := up.request
	params := &gen.SendMessageParams{
		MexChunkRange:      up.chunkRange(1),
		MexTo:              r.To,
		MexWorkflowID:      r.Workflow,
		MexLocalID:         optional(r.LocalID),
		MexFileName:        optional(r.FileName),
		MexSubject:         optional(r.Subject),
		MexContentChecksum: optional(r.Checksum),
		ContentEncoding:    up.encoding(),
	}
	receipt, answer, err := do[gen.Receipt](ctx, c, transport.Call{Op: opSend},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.SendMessageWithBody(ctx, c.mailbox, params, r.contentType(), nil, p.attach)
		})
	if err != nil {
		return "", err
	}
	if !isIdentifier(receipt.MessageID) {
		return "", unexpected(opSend, answer, errNoReceipt)
	}
	return receipt.MessageID, nil
}

const opSend = "mesh.Send"

var errNoReceipt = errors.New("the message was accepted, but without an id")

// Uncertain reports whether a message may have been accepted although [Client.Send]
// failed with err: MESH gave no answer, none that makes sense, or had a fault of
// its own. It is false when MESH refused the message or nothing was sent, and for a
// [*SendError]: that message was accepted, and [Client.Resume] completes it.
func Uncertain(err error) bool {
	if _, later := errors.AsType[*SendError](err); later {
		return false // it was accepted, and Resume completes it
	}
	failure, ok := errors.AsType[*nhs.Error](err)
	if !ok || failure.Attempts == 0 {
		return false
	}
	return errors.Is(failure, nhs.ErrUnavailable) || errors.Is(failure, nhs.ErrUnexpected)
}

// Resume goes on with a message that a [*SendError], or the [Tracking] of one that
// is uploading, says is incomplete: it sends its chunks from the given number on,
// 2 or more. The request must be the one given to [Client.Send], its Body again at
// the beginning; what was sent before is skipped. A chunk that MESH has already
// may be sent again.
func (c *Client) Resume(ctx context.Context, r SendRequest, messageID string, chunk int) error {
	up, err := newUpload("mesh.Resume", r)
	if err != nil {
		return err
	}
	switch {
	case !isIdentifier(messageID):
		return checkMessageID(messageID)
	case up.count == 1:
		return &nhs.ArgumentError{Name: "body", Reason: "must need several requests: a message of one is never incomplete"}
	case chunk < 2 || chunk > up.count:
		return &nhs.ArgumentError{Name: "chunk", Reason: fmt.Sprintf("must be 2 to %d, the number of chunks", up.count)}
	}
	if err := up.skip(ctx, chunk-1); err != nil {
		return err
	}
	failed, err := up.each(ctx, chunk, func(number int, p *payload) error {
		return c.sendChunk(ctx, up, messageID, number, p)
	})
	return c.unfinished(ctx, up, messageID, failed, err)
}

func (c *Client) sendChunk(ctx context.Context, up *upload, messageID string, number int, p *payload) error {
	params := &gen.SendChunkParams{MexChunkRange: up.chunkRange(number), ContentEncoding: up.encoding()}
	_, _, err := do[struct{}](ctx, c, transport.Call{Op: up.op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.SendChunkWithBody(ctx, c.mailbox, messageID, number, params, up.request.contentType(), nil, p.attach)
		})
	return err
}

// unfinished returns the error for a chunk that failed, if the message is not
// complete all the same.
func (c *Client) unfinished(ctx context.Context, up *upload, messageID string, chunk int, err error) error {
	switch {
	case err == nil, c.complete(ctx, messageID, err):
		return nil
	case messageID == "":
		return err
	default:
		return &SendError{MessageID: messageID, Chunk: chunk, Chunks: up.count, Err: err}
	}
}

// complete reports whether a chunk was refused because MESH has them all: the
// answer to an earlier attempt at the last one was lost.
func (c *Client) complete(ctx context.Context, messageID string, err error) bool {
	failure, ok := errors.AsType[*nhs.Error](err)
	if !ok || failure.StatusCode != http.StatusLocked || messageID == "" {
		return false
	}
	t, err := c.Track(ctx, messageID)
	return err == nil && (t.Status == StatusAccepted || t.Status == StatusAcknowledged)
}

func (r SendRequest) contentType() string {
	if r.ContentType == "" {
		return "application/octet-stream"
	}
	return r.ContentType
}

func (r SendRequest) validate() error {
	for _, h := range []struct {
		name, value string
		limit       int
		required    bool
		noAddress   bool // MESH takes none here
	}{
		{"recipient mailbox", r.To, 100, true, true},
		{"workflow id", r.Workflow, 300, true, true},
		{"local id", r.LocalID, 300, false, false},
		{"subject", r.Subject, 500, false, false},
		{"file name", r.FileName, 300, false, false},
		{"content type", r.ContentType, 100, false, false},
		{"checksum", r.Checksum, 100, false, true},
	} {
		reason := ""
		switch {
		case h.required && h.value == "":
			reason = "must not be empty"
		case len(h.value) > h.limit:
			reason = fmt.Sprintf("must have at most %d characters", h.limit)
		case !isPrintable(h.value):
			reason = "must be printable ASCII, without spaces at the ends"
		case h.noAddress && isAddress(h.value):
			reason = "must not be an address"
		}
		if reason != "" {
			return &nhs.ArgumentError{Name: h.name, Reason: reason}
		}
	}
	switch {
	case r.LocalID != "" && !isSegment(r.LocalID):
		return &nhs.ArgumentError{Name: "local id", Reason: "must not hold slashes or only dots: TrackLocalID could not find it"}
	case strings.ContainsFunc(r.Checksum, func(c rune) bool { return !isChecksum(c) }):
		return &nhs.ArgumentError{Name: "checksum", Reason: "must be letters, digits, space, : - and / only"}
	case r.Body == nil:
		return &nhs.ArgumentError{Name: "body", Reason: "must not be nil"}
	case r.Size < 0 || r.Size > MaxMessage:
		return &nhs.ArgumentError{Name: "size", Reason: "must be 0 to " + strconv.Itoa(MaxMessage)}
	case r.ChunkSize < 0 || r.ChunkSize > r.largest():
		return &nhs.ArgumentError{Name: "chunk size", Reason: fmt.Sprintf("must be 0 to %d", r.largest())}
	default:
		return nil
	}
}

// largest returns how much one request takes, before compression, which makes
// some content larger.
func (r SendRequest) largest() int64 {
	if r.Gzip {
		return MaxSend - MaxSend/1000
	}
	return MaxSend
}

// isPrintable reports whether s can be a header value and arrives unchanged.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return strings.TrimSpace(s) == s
}

func isAddress(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

func isChecksum(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" :-/", c)
}
