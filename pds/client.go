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

	// ErrAccess reports an operation that PDS does not offer to the application's
	// kind of access. Nothing was sent. It is also an [nhs.ErrForbidden].
	ErrAccess = fmt.Errorf("%w to this kind of access", nhs.ErrForbidden)
)

// Client reads and writes PDS records. It is immutable and safe for concurrent
// use.
type Client struct {
	app   *nhs.App
	chain *transport.Client
	api   *gen.Client
	pace  *pace

	access       nhs.Access
	updaters     []nhs.Access // the kinds of access that may update
	session      string       // NHSD-Session-URID, or ""
	organisation string       // NHSD-End-User-Organisation-ODS, or ""
}

// New returns a client that uses the environment, credentials and settings of
// app. It sends nothing.
func New(app *nhs.App, opts ...Option) (*Client, error) {
	pace := newPace(app)
	chain, err := transport.New(transport.Config{
		App:             app,
		Service:         nhs.PDS,
		Rate:            usualRate(),
		Timeout:         30 * time.Second,
		RequestIDHeader: "X-Request-ID",
		Errors:          readIssues,
		Retry: func(status int, _ string) bool {
			if status == http.StatusTooManyRequests {
				pace.slow()
			}
			return worthRetrying(status)
		},
	})
	if err != nil {
		return nil, err
	}
	api, err := gen.NewClient(app.Environment().API()+basePath, gen.WithHTTPClient(chain))
	if err != nil {
		return nil, err
	}
	c := &Client{
		app: app, chain: chain, api: api, pace: pace, access: app.Access(),
		updaters: []nhs.Access{nhs.HealthcareWorkerAccess, nhs.PatientAccess},
	}
	if app.Environment() == nhs.Sandbox {
		c.access = nhs.OpenAccess // whatever the credentials
	}
	return c.With(opts...)
}

// usualRate is what PDS grants an application by default.
func usualRate() nhs.Rate { return nhs.Rate{PerSecond: 5, Burst: 1} }

// basePath is where the service lives in every environment.
const basePath = "/personal-demographics/FHIR/R4"

// Get returns the patient with the given NHS number: GET /Patient/{id}.
//
// PDS answers for a superseded number with the record of the surviving one; see
// [Patient.Superseded]. Expect [ErrInvalidated] and [nhs.ErrNotFound]. Get is
// retried.
func (c *Client) Get(ctx context.Context, number nhs.Number) (*Patient, error) {
	return c.get(ctx, transport.Call{Op: "pds.Get", Repeatable: true}, number)
}

func (c *Client) get(ctx context.Context, call transport.Call, number nhs.Number) (*Patient, error) {
	op := call.Op
	if number.IsZero() {
		return nil, fmt.Errorf("%s: %w", op, &nhs.ArgumentError{Name: "NHS number", Reason: "must not be zero"})
	}
	got, answer, err := transport.Do[patientAnswer](ctx, c.chain, call,
		func(ctx context.Context) (*http.Response, error) { return c.api.GetPatient(ctx, number.Reveal()) })
	if err != nil {
		return nil, refined(err)
	}
	return patientOf(op, answer, &got)
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
// [ErrTooManyMatches], and [ErrAccess] with patient access. PDS records the search in the audit trail of every patient
// it returns. Search is retried.
func (c *Client) Search(ctx context.Context, q Query) ([]Match, error) {
	const op = "pds.Search"
	if err := c.permit(op, nhs.ApplicationAccess, nhs.HealthcareWorkerAccess); err != nil {
		return nil, err
	}
	if err := q.validate(c.maxResults()); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	params := q.wire()
	got, answer, err := transport.Do[searchAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.SearchPatient(ctx, params) })
	if err != nil {
		return nil, refined(err)
	}
	if got.ResourceType != bundleType {
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
