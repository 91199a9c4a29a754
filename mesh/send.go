package mesh

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// MaxSend is the size in bytes of the largest body that [Client.Send] takes,
// before compression: what MESH allows in one request.
const MaxSend = 100_000_000

// SendRequest is a message to send. Subject, LocalID and FileName are seen by
// many: they must hold no patient data.
type SendRequest struct {
	To       string    // the receiving mailbox; required
	Workflow string    // workflow id, which the receiver must be registered for; required
	Body     io.Reader // the content, at most MaxSend bytes; required, not empty

	LocalID     string // the sender's own id for the message; at most 300 characters
	Subject     string // at most 500 characters
	FileName    string // at most 300 characters; MESH makes one up if empty
	ContentType string // media type; "application/octet-stream" if empty
	Gzip        bool   // send the content compressed; not every receiver takes that
}

// Send sends a message and returns the id MESH gave it. The body is read into
// memory first.
//
// It is sent once: MESH cannot tell a repeat from a second message. After an
// [*nhs.Error] whose status is 0 or 5xx the message may have been accepted. A
// refusal for the receiver or the workflow has status 417 and a code such as
// "12" (mailbox not registered) or "17" (workflow not registered).
func (c *Client) Send(ctx context.Context, r SendRequest) (messageID string, err error) {
	if err := r.validate(); err != nil {
		return "", err
	}
	body, err := r.content()
	if err != nil {
		return "", err
	}
	params := &gen.SendMessageParams{
		MexTo:         r.To,
		MexWorkflowID: r.Workflow,
		MexLocalID:    optional(r.LocalID),
		MexFileName:   optional(r.FileName),
		MexSubject:    optional(r.Subject),
	}
	if r.Gzip {
		params.ContentEncoding = new("gzip")
	}
	contentType := r.ContentType
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	receipt, answer, err := transport.Do[gen.Receipt](ctx, c.chain, transport.Call{Op: opSend},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.SendMessageWithBody(ctx, c.mailbox, params, contentType, bytes.NewReader(body))
		})
	if err != nil {
		return "", err
	}
	if receipt.MessageID == "" {
		return "", unexpected(opSend, answer, errNoReceipt)
	}
	return receipt.MessageID, nil
}

const opSend = "mesh.Send"

var errNoReceipt = errors.New("the message was accepted, but without an id")

func (r SendRequest) validate() error {
	for _, h := range []struct {
		name, value string
		limit       int
		required    bool
	}{
		{"recipient mailbox", r.To, 100, true},
		{"workflow id", r.Workflow, 300, true},
		{"local id", r.LocalID, 300, false},
		{"subject", r.Subject, 500, false},
		{"file name", r.FileName, 300, false},
		{"content type", r.ContentType, 100, false},
	} {
		reason := ""
		switch {
		case h.required && h.value == "":
			reason = "must not be empty"
		case len(h.value) > h.limit:
			reason = fmt.Sprintf("must have at most %d characters", h.limit)
		case !isPrintable(h.value):
			reason = "must be printable ASCII, without spaces at the ends"
		case h.required && (strings.HasPrefix(h.value, "http://") || strings.HasPrefix(h.value, "https://")):
			reason = "must not be an address"
		}
		if reason != "" {
			return &nhs.ArgumentError{Name: h.name, Reason: reason}
		}
	}
	if r.Body == nil {
		return &nhs.ArgumentError{Name: "body", Reason: "must not be nil"}
	}
	return nil
}

// content reads the body as it will be sent.
func (r SendRequest) content() ([]byte, error) {
	var out bytes.Buffer
	var sink io.Writer = &out
	var zip *gzip.Writer
	if r.Gzip {
		zip = gzip.NewWriter(&out)
		sink = zip
	}
	n, err := io.Copy(sink, io.LimitReader(r.Body, MaxSend+1))
	if err == nil && zip != nil {
		err = zip.Close()
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: read body: %w", opSend, err)
	case n == 0:
		return nil, &nhs.ArgumentError{Name: "body", Reason: "must not be empty"}
	case n > MaxSend:
		return nil, &nhs.ArgumentError{Name: "body", Reason: fmt.Sprintf("must be at most %d bytes: sending in chunks is not offered", MaxSend)}
	default:
		return out.Bytes(), nil
	}
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
