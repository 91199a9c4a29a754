package pds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Errors of this service, beyond those of package nhs. Each is found in an
// [*nhs.Error] with [errors.Is].
var (
	// ErrTooManyMatches reports a search that more patients match than were asked
	// for. PDS then returns none of them.
	ErrTooManyMatches = errors.New("too many patients match")

	// ErrInvalidated reports a number whose record has been invalidated, with no
	// other in its place. It is also an [nhs.ErrNotFound].
	ErrInvalidated = fmt.Errorf("the record has been invalidated: %w", nhs.ErrNotFound)
)

// Client reads from PDS. It is immutable and safe for concurrent use.
type Client struct {
	chain      *transport.Client
	api        *gen.Client
	maxResults int // the largest number of matches this access may ask for
}

// New returns a client that uses the environment, credentials and settings of
// app. It sends nothing.
func New(app *nhs.App) (*Client, error) {
	chain, err := transport.New(transport.Config{
		App:             app,
		Service:         nhs.PDS,
		Rate:            nhs.Rate{PerSecond: 5, Burst: 1},
		Timeout:         30 * time.Second,
		RequestIDHeader: "X-Request-ID",
		Errors:          readIssues,
		Retry:           worthRetrying,
	})
	if err != nil {
		return nil, err
	}
	api, err := gen.NewClient(app.Environment().API()+"/personal-demographics/FHIR/R4",
		gen.WithHTTPClient(chain), gen.WithRequestEditorFn(acceptFHIR))
	if err != nil {
		return nil, err
	}
	c := &Client{chain: chain, api: api, maxResults: 1}
	if app.Environment() == nhs.Sandbox { // open to all, so without an access mode
		c.maxResults = 50
	}
	return c, nil
}

// Get returns the patient with the given NHS number: GET /Patient/{id}.
//
// PDS answers for a superseded number with the record of the surviving one; see
// [Patient.Superseded]. Expect [ErrInvalidated] and [nhs.ErrNotFound]. Get is
// retried.
func (c *Client) Get(ctx context.Context, number nhs.Number) (*Patient, error) {
	const op = "pds.Get"
	if number.IsZero() {
		return nil, fmt.Errorf("%s: %w", op, &nhs.ArgumentError{Name: "NHS number", Reason: "must not be zero"})
	}
	got, answer, err := transport.Do[patientAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.GetPatient(ctx, number.Reveal()) })
	if err != nil {
		return nil, refined(err)
	}
	if got.ResourceType != patientType {
		return nil, outcome(op, answer, got.Issue)
	}
	p, err := patientFromWire(&got.Patient)
	if err != nil {
		return nil, unexpected(op, answer, err)
	}
	return p, nil
}

// Match is a patient that a search found.
type Match struct {
	Patient *Patient // without what only Get returns, such as other addresses and the nominated pharmacy
	Score   float64  // how well the patient matches, from 0 to 1
}

// LogValue logs the masked patient and the score.
func (m Match) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("patient", m.Patient), slog.Float64("score", m.Score))
}

// Search returns the patients that match q, best first: GET /Patient. The result
// is empty when nobody does.
//
// A query that PDS would refuse gives an [*nhs.ArgumentError]. Expect
// [ErrTooManyMatches]. PDS records the search in the audit trail of every patient
// it returns. Search is retried.
func (c *Client) Search(ctx context.Context, q Query) ([]Match, error) {
	const op = "pds.Search"
	if err := q.validate(c.maxResults); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	params := q.wire()
	got, answer, err := transport.Do[searchAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.SearchPatient(ctx, params) })
	if err != nil {
		return nil, refined(err)
	}
	if got.ResourceType != "Bundle" {
		return nil, outcome(op, answer, got.Issue)
	}
	if got.Total > len(got.Entry) {
		return nil, unexpected(op, answer, errFewerEntries)
	}
	matches := make([]Match, len(got.Entry))
	for i := range got.Entry {
		if matches[i], err = matchFromWire(&got.Entry[i]); err != nil {
			return nil, unexpected(op, answer, err)
		}
	}
	return matches, nil
}

// acceptFHIR asks for the media type that PDS answers in.
func acceptFHIR(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", "application/fhir+json")
	return nil
}

// worthRetrying accepts what the gateway and Spine call temporary. A 500 is one
// of them: the gateway hides Spine's own failures behind it.
func worthRetrying(status int, _ string) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}
