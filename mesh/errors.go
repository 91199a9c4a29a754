package mesh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Error is a refusal by MESH. It wraps the [*nhs.Error], whose Issues hold all
// that MESH said, and adds what MESH alone tells. Its text holds no message id.
type Error struct {
	Event     string // the step that failed, such as "SEND" or "COLLECT"; "" if not told
	Code      string // such as "12", or a word such as "InvalidHeaderChunks"; "" if not told
	MessageID string // the message the refusal is about; "" if not told
	Err       *nhs.Error
}

// Error implements the error interface.
func (e *Error) Error() string {
	if event := redact.Code(e.Event); event != "" {
		return e.Err.Error() + ", event " + event
	}
	return e.Err.Error()
}

// Unwrap returns the [*nhs.Error].
func (e *Error) Unwrap() error { return e.Err }

// Format prints [Error.Error] for every verb.
func (e *Error) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// LogValue logs the error without personal data.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("event", redact.Code(e.Event)), slog.Any("error", e.Err.LogValue()))
}

// sender sends one request, with its repeats.
type sender func(context.Context) (*http.Response, error)

// do runs an operation and decodes its answer.
func do[T any](ctx context.Context, c *Client, call transport.Call, send sender) (T, transport.Answer, error) {
	var said refusal
	value, answer, err := transport.Do[T](ctx, c.chain, call, said.listen(send))
	return value, answer, said.explain(err)
}

// stream runs an operation and leaves the body of its answer to the caller.
func stream(ctx context.Context, c *Client, call transport.Call, send sender) (io.ReadCloser, transport.Answer, error) {
	var said refusal
	body, answer, err := transport.Stream(ctx, c.chain, call, said.listen(send))
	return body, answer, said.explain(err)
}

// refusal keeps what an [*nhs.Error] has no place for.
type refusal struct{ event, messageID string }

// listen reads the body of a refusal on its way, and puts it back.
func (r *refusal) listen(send sender) sender {
	return func(ctx context.Context) (*http.Response, error) {
		resp, err := send(ctx)
		if err != nil || resp.StatusCode/100 == 2 {
			return resp, err
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		if err == nil {
			r.read(text)
		}
		resp.Body = &putBack{Reader: bytes.NewReader(text), Closer: resp.Body}
		return resp, nil
	}
}

const maxRefusal = 1 << 20

type putBack struct {
	io.Reader
	io.Closer
}

func (r *refusal) read(text []byte) {
	var body gen.Refusal
	if json.Unmarshal(text, &body) != nil {
		return
	}
	r.event, r.messageID = value(body.ErrorEvent), value(body.MessageID)
	if r.messageID == "" {
		r.messageID = value(body.V1MessageID)
	}
	var details []detail
	if body.Detail != nil && json.Unmarshal(*body.Detail, &details) == nil && len(details) > 0 {
		r.event = details[0].Event
	}
}

func (r *refusal) explain(err error) error {
	failure, ok := errors.AsType[*nhs.Error](err)
	if !ok || failure.StatusCode < http.StatusMultipleChoices {
		return err
	}
	return &Error{Event: r.event, Code: failure.Code, MessageID: r.messageID, Err: failure}
}

// issues reads the body of a refusal in any of its shapes: version 2 (a list of
// event, code and msg), malformed request (a list of type, loc and msg), version
// 1 (errorEvent, errorCode, errorDescription), or one line of text.
//
// Codes are text: besides "02" to "20" there are words such as
// "UnsupportedContentEncoding". The event is the first part of an issue's text.
func issues(_ int, body []byte) []nhs.Issue {
	var r gen.Refusal
	if json.Unmarshal(body, &r) != nil {
		return nil
	}
	if r.Detail != nil {
		return detailIssues(*r.Detail)
	}
	v1 := detail{Event: value(r.ErrorEvent), Code: value(r.ErrorCode), Msg: value(r.ErrorDescription)}
	if v1.Msg == "" {
		v1.Msg = value(r.Message)
	}
	if v1.Event == "" && v1.Code == "" && v1.Msg == "" {
		return nil
	}
	return []nhs.Issue{v1.issue()}
}

// detail is one complaint; which fields are there depends on the shape.
type detail struct {
	Event string `json:"event"`
	Code  string `json:"code"`
	Msg   string `json:"msg"`
	Type  string `json:"type"`
	Loc   []any  `json:"loc"`
}

func detailIssues(raw json.RawMessage) []nhs.Issue {
	var text string
	if json.Unmarshal(raw, &text) == nil && text != "" {
		return []nhs.Issue{{Text: text}}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var found []nhs.Issue
	for _, item := range list {
		var d detail
		if json.Unmarshal(item, &d) == nil {
			found = append(found, d.issue())
		}
	}
	return found
}

func (d detail) issue() nhs.Issue {
	issue := nhs.Issue{Code: d.Code, Text: d.Msg}
	if d.Code == "" {
		issue.Code = d.Type
	}
	if d.Event != "" {
		issue.Text = d.Event + ": " + d.Msg
	}
	var path []string
	for _, step := range d.Loc {
		path = append(path, fmt.Sprint(step))
	}
	issue.Pointer = strings.Join(path, "/")
	return issue
}

// unexpected reports an answer that is a success outside the contract.
func unexpected(op string, answer transport.Answer, cause error) error {
	return &nhs.Error{
		Op: op, StatusCode: answer.StatusCode, RequestID: answer.RequestID,
		Attempts: answer.Attempts, Kind: nhs.ErrUnexpected, Cause: cause,
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
