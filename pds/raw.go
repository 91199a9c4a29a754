package pds

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/personalised-prevention/nhs/internal/transport"
)

// RawRequest is a request that this package has no method for. In fmt and slog it
// shows its method only: path and body may tell of a person.
type RawRequest struct {
	Method string
	Path   string      // below the service's address, escaped, with query: "/Patient/$process-birth-details?x=y"
	Header http.Header // such as Content-Type; what every request carries is added
	Body   []byte      // nil for none

	// Repeatable says that PDS makes a repeat of the same request safe, under the
	// same X-Request-ID. Other requests are sent once.
	Repeatable bool
}

// Format prints the method, and a mask in place of the rest.
func (r RawRequest) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.Method+" [PDS request]") }

// LogValue logs what [RawRequest.Format] prints.
func (r RawRequest) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// RawAnswer is the success of a [RawRequest].
type RawAnswer struct {
	StatusCode int
	Header     http.Header
	Body       json.RawMessage // nil for none
	RequestID  string
	Attempts   int
}

// Raw sends a request as it is, with the credentials, the pace, the retries and
// the errors of every other: an escape hatch for what PDS offers and this package
// does not know, such as the registration of births. Nothing is checked, neither
// the request nor whether a success holds an outcome; path and body are not
// logged but for a masked path.
//
// An answer that is not JSON, or a refusal, is an [*nhs.Error].
func (c *Client) Raw(ctx context.Context, r RawRequest) (RawAnswer, error) {
	const op = "pds.Raw"
	target, err := url.Parse(r.Path)
	switch {
	case r.Method == "":
		return RawAnswer{}, fmt.Errorf("%s: %w", op, refuse("RawRequest.Method", "must not be empty"))
	case err != nil, !strings.HasPrefix(r.Path, "/"), target.Host != "", strings.Contains(target.Path, ".."):
		return RawAnswer{}, fmt.Errorf("%s: %w", op, refuse("RawRequest.Path", "must be a path that starts with /"))
	}
	address := c.app.Environment().API() + basePath + r.Path
	body, answer, err := transport.Do[json.RawMessage](ctx, c.chain, transport.Call{Op: op, Repeatable: r.Repeatable},
		func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, r.Method, address, bytes.NewReader(r.Body))
			if err != nil {
				return nil, refuse("RawRequest", "must be a valid HTTP request")
			}
			maps.Copy(req.Header, r.Header)
			if err := c.dress(ctx, req); err != nil {
				return nil, err
			}
			return c.chain.Do(req)
		})
	if err != nil {
		return RawAnswer{}, refined(err)
	}
	return RawAnswer{
		StatusCode: answer.StatusCode, Header: answer.Header, Body: body, RequestID: answer.RequestID, Attempts: answer.Attempts,
	}, nil
}
