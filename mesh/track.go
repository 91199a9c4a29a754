package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Status is what has become of a message. Other values may come.
type Status string

// The statuses of MESH.
const (
	StatusUploading     Status = "uploading"     // chunks are missing
	StatusAccepted      Status = "accepted"      // in the receiver's inbox
	StatusAcknowledged  Status = "acknowledged"  // collected
	StatusUndeliverable Status = "undeliverable" // nobody collected it in time
	StatusError         Status = "error"
)

// Tracking says what has become of a message sent. MESH leaves out what it does
// not know.
type Tracking struct {
	MessageID string
	LocalID   string
	Workflow  string
	FileName  string
	Uploaded  Timestamp
	Expires   Timestamp // when it leaves the inbox if nobody acknowledges it

	Recipient        string // mailbox
	RecipientName    string
	RecipientODSCode string
	RecipientOrgCode string
	RecipientOrgName string

	Status            Status
	StatusSuccess     *bool // nil if not told
	StatusEvent       string
	StatusCode        string
	StatusDescription string
	StatusTime        Timestamp

	// Other holds what else MESH said, by its own names. [Client.TrackLocalID] finds
	// subject, sender, size and times of download and failure here.
	Other map[string]json.RawMessage
}

// Track says what has become of a message sent. MESH asks not to do so often: a
// message that is not delivered comes back as a report by itself.
//
// [nhs.ErrNotFound] means that this mailbox has sent no such message.
func (c *Client) Track(ctx context.Context, messageID string) (*Tracking, error) {
	if err := checkMessageID(messageID); err != nil {
		return nil, err
	}
	return c.track(ctx, "mesh.Track", func(ctx context.Context) (*http.Response, error) {
		return c.api.TrackMessage(ctx, c.mailbox, &gen.TrackMessageParams{MessageID: messageID})
	})
}

// TrackLocalID finds a message by the LocalID it was sent with. It is the way to
// learn, after an [Uncertain] failure of [Client.Send], whether the message
// arrived; MESH has it for no other use any more.
//
// [nhs.ErrNotFound] means that no message with the local id has arrived: it can be
// sent again once the failed request can no longer be on its way. [nhs.ErrConflict]
// means that there are several. A message that is [StatusUploading] has its first
// chunk at least: [Client.Resume] completes it from chunk 2 on.
func (c *Client) TrackLocalID(ctx context.Context, localID string) (*Tracking, error) {
	if err := checkSegment("local id", localID, 300); err != nil {
		return nil, err
	}
	t, err := c.track(ctx, "mesh.TrackLocalID", func(ctx context.Context) (*http.Response, error) {
		return c.api.TrackLocalID(ctx, c.mailbox, localID)
	})
	if failure, ok := errors.AsType[*nhs.Error](err); ok && failure.StatusCode == http.StatusMultipleChoices {
		failure.Kind = nhs.ErrConflict
	}
	return t, err
}

func (c *Client) track(ctx context.Context, op string, send sender) (*Tracking, error) {
	fields, answer, err := do[gen.Tracking](ctx, c, transport.Call{Op: op, Repeatable: true}, send)
	if err != nil {
		return nil, err
	}
	t := readTracking(fields)
	if t.MessageID == "" {
		return nil, unexpected(op, answer, errNoMessageID)
	}
	return t, nil
}

var errNoMessageID = errors.New("the answer names no message")

// readTracking reads either version: 2 has snake_case names, 1 has camelCase ones.
func readTracking(fields map[string]json.RawMessage) *Tracking {
	f := tracked{fields}
	return &Tracking{
		MessageID: f.text("message_id", "messageId"),
		LocalID:   f.text("local_id", "localId"),
		Workflow:  f.text("workflow_id", "workflowId"),
		FileName:  f.text("filename", "fileName"),
		Uploaded:  Timestamp(f.text("upload_timestamp", "uploadTimestamp")),
		Expires:   Timestamp(f.text("expiry_time", "expiryTime")),

		Recipient:        f.text("recipient"),
		RecipientName:    f.text("recipient_name", "recipientName"),
		RecipientODSCode: f.text("recipient_ods_code", "meshRecipientOdsCode"),
		RecipientOrgCode: f.text("recipient_org_code", "recipientOrgCode"),
		RecipientOrgName: f.text("recipient_org_name", "recipientOrgName"),

		Status:            Status(strings.ToLower(f.text("status"))),
		StatusSuccess:     f.success(),
		StatusEvent:       f.text("status_event", "statusEvent"),
		StatusCode:        f.text("status_code", "statusCode"),
		StatusDescription: f.text("status_description", "statusDescription"),
		StatusTime:        Timestamp(f.text("status_timestamp", "statusTimestamp")),

		Other: f.fields,
	}
}

// tracked holds the fields that nobody has asked for yet.
type tracked struct{ fields map[string]json.RawMessage }

// text takes the first field that has one of the names and is text or null.
func (f tracked) text(names ...string) string {
	for _, name := range names {
		var text string
		if raw, ok := f.fields[name]; ok && json.Unmarshal(raw, &text) == nil {
			delete(f.fields, name)
			return text
		}
	}
	return ""
}

// success takes the success: true or false in version 2, SUCCESS or ERROR in 1.
func (f tracked) success() *bool {
	var v2 *bool
	if raw, ok := f.fields["status_success"]; ok && json.Unmarshal(raw, &v2) == nil {
		delete(f.fields, "status_success")
		return v2
	}
	switch v1 := string(f.fields["statusSuccess"]); v1 {
	case `"SUCCESS"`, `"ERROR"`:
		delete(f.fields, "statusSuccess")
		return new(v1 == `"SUCCESS"`)
	default:
		return nil
	}
}

// checkSegment refuses text that cannot be one segment of a path.
func checkSegment(name, text string, limit int) error {
	switch {
	case text == "":
		return &nhs.ArgumentError{Name: name, Reason: "must not be empty"}
	case len(text) > limit || !isSegment(text):
		return &nhs.ArgumentError{Name: name, Reason: "must be a name of printable ASCII, without slashes"}
	default:
		return nil
	}
}

// isSegment reports whether text can be one segment of a path, escaped or not.
func isSegment(text string) bool {
	return isPrintable(text) && strings.Trim(text, ".") != "" && !strings.ContainsAny(text, `/\`)
}
