package mesh

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/internal/transport"
)

// MessageType tells content from reports. Other values may come.
type MessageType string

// The message types of MESH.
const (
	TypeData   MessageType = "DATA"   // content
	TypeReport MessageType = "REPORT" // news of a message that was not delivered
)

// Envelope is what the headers of a message say.
type Envelope struct {
	ID          string
	Type        MessageType
	From        string // sender's mailbox; empty for a report
	To          string
	Workflow    string
	LocalID     string // the sender's own id for the message
	Subject     string
	FileName    string
	ContentType string
	Checksum    string    // as the sender gave it; nobody has verified it
	Timestamp   Timestamp // when the message came into the inbox
	Chunks      int       // how many chunks the content comes in; 0 if not told
	Report      *Report   // for TypeReport, nil otherwise

	Header http.Header // all headers, of the first chunk
}

// Report says that a message sent earlier did not arrive.
type Report struct {
	MessageID   string // the message that was not delivered (mex-LinkedMsgID)
	Code        string // such as "14", not collected in time
	Event       string // such as "SEND" or "TRANSFER"
	Description string
	Timestamp   Timestamp
}

// Head reads the envelope of a message without its content. The message stays in
// the inbox.
//
// [nhs.ErrNotFound] means that there is no such message, or that it is gone. The
// answer to this request has no body, so an [Error] tells the status only.
func (c *Client) Head(ctx context.Context, messageID string) (*Envelope, error) {
	if err := checkMessageID(messageID); err != nil {
		return nil, err
	}
	_, answer, err := do[struct{}](ctx, c, transport.Call{Op: "mesh.Head", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.HeadMessage(ctx, c.mailbox, messageID, acceptGzip)
		})
	if err != nil {
		return nil, err
	}
	return new(readEnvelope(messageID, answer.Header)), nil
}

func readEnvelope(id string, h http.Header) Envelope {
	e := Envelope{
		ID:          id,
		Type:        MessageType(h.Get("Mex-Messagetype")),
		From:        h.Get("Mex-From"),
		To:          h.Get("Mex-To"),
		Workflow:    h.Get("Mex-Workflowid"),
		LocalID:     h.Get("Mex-Localid"),
		Subject:     h.Get("Mex-Subject"),
		FileName:    h.Get("Mex-Filename"),
		ContentType: h.Get("Mex-Content-Type"),
		Checksum:    h.Get("Mex-Content-Checksum"),
		Timestamp:   Timestamp(h.Get("Mex-Statustimestamp")),
		Header:      h.Clone(),
	}
	if e.ContentType == "" {
		e.ContentType = h.Get("Content-Type")
	}
	if n, err := strconv.Atoi(h.Get("Mex-Total-Chunks")); err == nil && n > 0 {
		e.Chunks = n
	}
	if _, total, ok := chunkRange(h); ok {
		e.Chunks = total
	}
	if e.Type == TypeReport {
		e.Report = &Report{
			MessageID:   h.Get("Mex-Linkedmsgid"),
			Code:        h.Get("Mex-Statuscode"),
			Event:       h.Get("Mex-Statusevent"),
			Description: h.Get("Mex-Statusdescription"),
			Timestamp:   e.Timestamp,
		}
	}
	return e
}

// chunkRange reads mex-Chunk-Range, such as "1:3". A report has "1:0".
func chunkRange(h http.Header) (number, total int, ok bool) {
	position, of, _ := strings.Cut(h.Get("Mex-Chunk-Range"), ":")
	number, errNumber := strconv.Atoi(position)
	total, errTotal := strconv.Atoi(of)
	return number, total, errNumber == nil && errTotal == nil && number > 0 && total >= 0
}

// Timestamp is a time as MESH wrote it: yyyyMMddHHmmss, or ISO 8601 with or
// without a zone.
type Timestamp string

// Time reads the timestamp; false means that it is none. One without a zone is
// taken as UTC, which MESH uses in tokens but states nowhere for timestamps.
func (t Timestamp) Time() (time.Time, bool) {
	for _, layout := range []string{"20060102150405", time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
