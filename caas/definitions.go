package caas

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/caas"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Definitions is a client for the published cohort definitions. It is immutable
// and safe for concurrent use.
//
// Nothing public shows the API live outside the sandbox, nor how it wants to be
// authorised; the client sends the App's access token, if it has one.
type Definitions struct {
	chain *transport.Client
	api   *gen.Client
}

// definitionsPath is where the API lives on the API platform.
const definitionsPath = "/caas-published-cohort-definitions"

// NewDefinitions returns a client for the App's environment. It sends nothing.
func NewDefinitions(app *nhs.App) (*Definitions, error) {
	chain, err := transport.New(transport.Config{
		App:             app,
		Service:         nhs.CaaS,
		Rate:            nhs.Rate{PerSecond: 5}, // the gateway's limit is 300 a minute
		Timeout:         time.Minute,
		RequestIDHeader: "X-Request-ID",
		Errors:          issues,
	})
	if err != nil {
		return nil, err
	}
	api, err := gen.NewClient(app.Environment().API()+definitionsPath, gen.WithHTTPClient(chain))
	if err != nil {
		return nil, err
	}
	return &Definitions{chain: chain, api: api}, nil
}

// All returns every published cohort. It is repeated as the retry policy says.
func (d *Definitions) All(ctx context.Context) ([]Cohort, error) {
	const op = "caas.All"
	data, answer, err := d.query(ctx, op, gen.Request{OperationName: "All", Query: queryAll})
	if err != nil {
		return nil, err
	}
	nameless := func(c Cohort) bool { return c.ID == "" && c.Slug == "" } // as null in the list decodes
	if data.All == nil || slices.ContainsFunc(data.All, nameless) {
		return nil, failure(op, answer, nhs.ErrUnexpected)
	}
	return data.All, nil
}

// BySlug returns the published cohort with the given slug, such as
// "booster-vaccinations-v1". Its absence is [nhs.ErrNotFound], although the API
// answers with status 200; a cohort with another slug is [nhs.ErrUnexpected]. It
// is repeated as the retry policy says.
func (d *Definitions) BySlug(ctx context.Context, slug string) (Cohort, error) {
	const op = "caas.BySlug"
	if slug == "" {
		return Cohort{}, &nhs.ArgumentError{Name: "slug", Reason: "must not be empty"}
	}
	data, answer, err := d.query(ctx, op, gen.Request{
		OperationName: "BySlug", Query: queryBySlug, Variables: &gen.Variables{URLSlug: slug},
	})
	if err != nil {
		return Cohort{}, err
	}
	switch found := data.BySlug; {
	case found != nil && found.Typename == "Cohort" && strings.EqualFold(found.Slug, slug):
		return found.Cohort, nil
	case found != nil && found.Typename == "ErrorDescription":
		e := failure(op, answer, kindOf(string(found.Code)))
		e.Code = string(found.Code)
		issue := nhs.Issue{Code: e.Code, Text: found.ErrorDescription}
		if found.CorrelationID != "" {
			issue.Text += " (correlation id " + found.CorrelationID + ")"
		}
		e.Issues = []nhs.Issue{issue}
		return Cohort{}, e
	default:
		return Cohort{}, failure(op, answer, nhs.ErrUnexpected)
	}
}

// result is the answer to a query.
type result struct {
	Data   data         `json:"data"`
	Errors []graphError `json:"errors"`
}

// graphError is an error as GraphQL reports it.
type graphError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code word `json:"code"`
	} `json:"extensions"`
}

// word is a code that the schema has as a text and calls numeric: it reads both.
// Anything else is no code, so that an error with an odd code stays an error.
type word string

// UnmarshalJSON implements [json.Unmarshaler].
func (w *word) UnmarshalJSON(data []byte) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(data, &text) == nil:
		*w = word(text)
	case json.Unmarshal(data, &number) == nil:
		*w = word(number)
	}
	return nil
}

// data is the answer to either query. It decodes into the public types, which
// have the API's JSON form.
type data struct {
	All    []Cohort      `json:"PublishedCohortLibraryGetAll"`
	BySlug *searchResult `json:"PublishedCohortLibraryGetBySlugName"`
}

// searchResult is the union of a cohort and an ErrorDescription.
type searchResult struct {
	Typename         string `json:"__typename"`
	Code             word   `json:"code"`
	CorrelationID    string `json:"correlationId"`
	ErrorDescription string `json:"errorDescription"`
	Cohort
}

func (d *Definitions) query(ctx context.Context, op string, request gen.Request) (data, transport.Answer, error) {
	r, answer, err := transport.Do[result](ctx, d.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return d.api.Query(ctx, request, acceptJSON) })
	if err != nil {
		return data{}, answer, err
	}
	if found := graphIssues(r.Errors); len(found) > 0 {
		e := failure(op, answer, kindOf(found[0].Code))
		e.Code, e.Issues = found[0].Code, found
		return data{}, answer, e
	}
	return r.Data, answer, nil
}

func acceptJSON(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", "application/json")
	return nil
}

// failure is an answer with status 200 that is none.
func failure(op string, answer transport.Answer, kind error) *nhs.Error {
	return &nhs.Error{
		Op: op, StatusCode: answer.StatusCode, RequestID: answer.RequestID, Attempts: answer.Attempts, Kind: kind,
	}
}

// kindOf sorts the codes of GraphQL errors and of ErrorDescription.
func kindOf(code string) error {
	switch code {
	case "404":
		return nhs.ErrNotFound
	case "400", "BAD_REQUEST", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED",
		"OPERATION_RESOLUTION_FAILURE":
		return nhs.ErrInvalid
	case "401", "UNAUTHENTICATED":
		return nhs.ErrUnauthorized
	case "403", "FORBIDDEN":
		return nhs.ErrForbidden
	case "429":
		return nhs.ErrRateLimited
	case "500", "502", "503", "504", "INTERNAL_SERVER_ERROR":
		return nhs.ErrUnavailable
	default:
		return nhs.ErrUnexpected
	}
}

// issues reads a refusal: GraphQL errors, or an OperationOutcome of the gateway.
func issues(_ int, body []byte) []nhs.Issue {
	var refusal struct {
		Errors []graphError `json:"errors"`
		Issue  []struct {
			Severity    string `json:"severity"`
			Code        string `json:"code"`
			Diagnostics string `json:"diagnostics"`
		} `json:"issue"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return nil
	}
	found := graphIssues(refusal.Errors)
	for _, i := range refusal.Issue {
		found = append(found, nhs.Issue{Severity: i.Severity, Code: i.Code, Text: i.Diagnostics})
	}
	return found
}

func graphIssues(errs []graphError) []nhs.Issue {
	var found []nhs.Issue
	for _, e := range errs {
		found = append(found, nhs.Issue{Code: string(e.Extensions.Code), Text: e.Message})
	}
	return found
}
