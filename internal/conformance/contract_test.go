package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/personalised-prevention/nhs"
)

func TestMain(m *testing.M) {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	os.Exit(m.Run())
}

// contract holds traffic against one of the module's documents. It is stricter
// than the document: what the document does not describe is wrong, be it a
// property, a query parameter, a header of a request, a status or a media type.
type contract struct {
	service nhs.Service
	doc     *openapi3.T
	router  routers.Router
	now     func() time.Time // the clock of its clients

	mu   sync.Mutex
	seen map[string]bool // exchanges, as named by describe
}

// newContract returns the contract of a service whose fake answers below
// environment.
func newContract(t *testing.T, service nhs.Service, environment nhs.Environment) *contract {
	t.Helper()
	doc := load(t, string(service))
	doc.Servers = openapi3.Servers{{URL: environment.API() + basePath(t, doc)}}
	shut(doc)
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{service: service, doc: doc, router: router, now: started, seen: map[string]bool{}}
}

// basePath returns the path that all servers of a document have.
func basePath(t *testing.T, doc *openapi3.T) string {
	t.Helper()
	paths := make([]string, len(doc.Servers))
	for i, server := range doc.Servers {
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		paths[i] = u.Path
	}
	if paths = slices.Compact(paths); len(paths) != 1 {
		t.Fatalf("the servers have different paths: %q", paths)
	}
	return paths[0]
}

// shut closes every object of a document that lists properties and does not say
// that it may have others.
func shut(doc *openapi3.T) {
	done := map[*openapi3.Schema]bool{}
	var each func(refs ...*openapi3.SchemaRef)
	each = func(refs ...*openapi3.SchemaRef) {
		for _, ref := range refs {
			if ref == nil || ref.Value == nil || done[ref.Value] {
				continue
			}
			s := ref.Value
			done[s] = true
			if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
				s.AdditionalProperties.Has = new(false)
			}
			for _, property := range s.Properties {
				each(property)
			}
			each(s.Items, s.AdditionalProperties.Schema)
			each(slices.Concat(s.OneOf, s.AnyOf, s.AllOf)...)
		}
	}
	content := func(c openapi3.Content) {
		for _, media := range c {
			each(media.Schema)
		}
	}
	for _, schema := range doc.Components.Schemas {
		each(schema)
	}
	for _, operation := range operations(doc) {
		if operation.RequestBody != nil {
			content(operation.RequestBody.Value.Content)
		}
		for _, response := range operation.Responses.Map() {
			content(response.Value.Content)
		}
	}
}

// operations returns the operations of a document by id.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	found := map[string]*openapi3.Operation{}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			found[operation.OperationID] = operation
		}
	}
	return found
}

// exchange is a request with its answer.
type exchange struct {
	request      *http.Request
	requestBody  []byte
	response     *http.Response
	responseBody []byte

	input openapi3filter.RequestValidationInput
}

// checkRequest returns what the document has against a request.
func (c *contract) checkRequest(ctx context.Context, x *exchange) error {
	route, params, err := c.router.FindRoute(x.request)
	if err != nil {
		return err
	}
	req := x.request.Clone(ctx)
	req.Body, req.GetBody = io.NopCloser(bytes.NewReader(x.requestBody)), nil
	x.input = openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, SkipSettingDefaults: true},
	}
	problems := []error{openapi3filter.ValidateRequest(ctx, &x.input)}
	refuse := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if route.Operation.RequestBody == nil && len(x.requestBody) > 0 {
		refuse("a body is not described")
	}
	for name := range req.URL.Query() {
		if c.parameter(route, "query", name) == nil {
			refuse("the query parameter %q is not described", name)
		}
	}
	for name, values := range req.Header {
		if c.parameter(route, "header", name) != nil || slices.Contains(ofTheTransport(), name) {
			continue
		}
		if pattern := c.sometimes()[name]; pattern == nil {
			refuse("the header %q is not described", name)
		} else if !pattern.MatchString(values[0]) {
			refuse("the header %q, which requests may have, is %q", name, values[0])
		}
	}
	if got := req.Header.Get("Accept"); !slices.Contains(answers(route.Operation), got) {
		refuse("no answer has the media type %q", got)
	}
	for name, pattern := range c.always() {
		if got := req.Header.Get(name); !pattern.MatchString(got) {
			refuse("the header %q, which every request has, is %q", name, got)
		}
	}
	return errors.Join(problems...)
}

// parameter finds a parameter of an operation or of its path.
func (c *contract) parameter(route *routers.Route, in, name string) *openapi3.Parameter {
	for _, p := range slices.Concat(route.Operation.Parameters, route.PathItem.Parameters) {
		if p.Value.In == in && (p.Value.Name == name || (in == "header" && http.CanonicalHeaderKey(p.Value.Name) == name)) {
			return p.Value
		}
	}
	return nil
}

// ofTheTransport are headers that documents do not list, with those that OpenAPI
// describes elsewhere.
func ofTheTransport() []string {
	return []string{
		"Authorization", "User-Agent", "X-Request-Id", "X-Correlation-Id",
		"Accept", "Accept-Encoding", "Content-Type", "Content-Length",
	}
}

// always returns what the documents promise in words of every request.
func (c *contract) always() map[string]*regexp.Regexp {
	uuid := regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	headers := map[string]*regexp.Regexp{
		"User-Agent":    regexp.MustCompile(`^nhs-go/`),
		"Authorization": regexp.MustCompile(`^Bearer .+$`),
	}
	switch c.service {
	case nhs.PDS, nhs.CaaS:
		headers["X-Request-ID"] = uuid
	case nhs.Notify:
		headers["X-Correlation-ID"] = uuid
	case nhs.MESH:
		headers["Authorization"] = regexp.MustCompile(`^NHSMESH X26[A-Z]+:[^:]+:0:\d{12}:[0-9a-f]{64}$`)
	}
	return headers
}

// sometimes returns what the documents allow in words of every request.
func (c *contract) sometimes() map[string]*regexp.Regexp {
	if c.service != nhs.PDS {
		return nil
	}
	return map[string]*regexp.Regexp{
		http.CanonicalHeaderKey("NHSD-Session-URID"):              regexp.MustCompile(`^[0-9]+$`),
		http.CanonicalHeaderKey("NHSD-End-User-Organisation-ODS"): regexp.MustCompile(`^[0-9A-Z]+$`),
	}
}

// answers returns the media types that an operation's answers may have.
func answers(operation *openapi3.Operation) []string {
	var types []string
	for _, response := range operation.Responses.Map() {
		for media := range response.Value.Content {
			types = append(types, media)
		}
	}
	return types
}

// checkResponse returns what the document has against the response to a request
// that it describes.
func (c *contract) checkResponse(ctx context.Context, x *exchange) error {
	operation := x.input.Route.Operation
	err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &x.input,
		Status:                 x.response.StatusCode,
		Header:                 x.response.Header,
		Body:                   io.NopCloser(bytes.NewReader(x.responseBody)),
		Options:                x.input.Options,
	})
	key, response := "default", operation.Responses.Default()
	if exact := operation.Responses.Status(x.response.StatusCode); exact != nil {
		key, response = strconv.Itoa(x.response.StatusCode), exact
	}
	switch {
	case err != nil:
		return err
	case len(response.Value.Content) == 0 && len(x.responseBody) > 0:
		return errors.New("a body is not described")
	}
	media := ""
	if len(response.Value.Content) > 0 {
		media, _, _ = mime.ParseMediaType(x.response.Header.Get("Content-Type"))
		if _, exact := response.Value.Content[media]; !exact {
			media = "*/*"
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[describe(operation.OperationID, key, media)] = true
	return nil
}

func describe(operation, status, media string) string {
	return strings.TrimSpace(operation + " " + status + " " + media)
}

// unseen returns the exchanges that the document describes and that have not
// taken place: each operation with each status and media type of its answers.
func (c *contract) unseen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var missing []string
	for id, operation := range operations(c.doc) {
		for status, response := range operation.Responses.Map() {
			wanted := []string{""}
			if len(response.Value.Content) > 0 {
				wanted = wanted[:0]
				for media := range response.Value.Content {
					wanted = append(wanted, media)
				}
			}
			for _, media := range wanted {
				if name := describe(id, status, media); !c.seen[name] {
					missing = append(missing, name)
				}
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// complete fails a test in which something described did not take place.
func (c *contract) complete(t *testing.T) {
	t.Helper()
	for _, name := range c.unseen() {
		t.Errorf("described, but not exercised: %s", name)
	}
}

// watched is an [http.RoundTripper] that fails a test when the contract has
// something against its traffic. Token requests, which no document describes,
// pass.
type watched struct {
	*contract
	t    *testing.T
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/oauth2/token" {
		return w.next.RoundTrip(req)
	}
	x, err := send(w.next, req)
	if err != nil {
		return nil, err
	}
	if err := w.checkRequest(req.Context(), x); err != nil {
		w.t.Errorf("%s %s: request: %v", req.Method, req.URL.Path, err)
	} else if err := w.checkResponse(req.Context(), x); err != nil {
		w.t.Errorf("%s %s: response %d %q: %v", req.Method, req.URL.Path, x.response.StatusCode, x.responseBody, err)
	}
	return x.response, nil
}

// send sends a request and keeps a copy of both bodies.
func send(next http.RoundTripper, req *http.Request) (*exchange, error) {
	x := &exchange{request: req}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		x.requestBody = body
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if x.responseBody, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.responseBody))
	x.response = resp
	return x, nil
}

// options make an application whose traffic is watched by c, without a pace and
// without retries.
func (c *contract) options(t *testing.T) []nhs.Option {
	t.Helper()
	return []nhs.Option{
		nhs.WithHTTPClient(&http.Client{Transport: &watched{contract: c, t: t, next: http.DefaultTransport}}),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
		nhs.WithRate(c.service, nhs.Rate{PerSecond: 1e6}),
		nhs.WithClock(c.now),
	}
}
