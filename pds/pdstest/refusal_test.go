package pdstest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// Every row of PDS's table of errors, as far as a request can bring it about; the
// others are faults.
func TestServer_errors(t *testing.T) {
	t.Parallel()
	const spine, gateway = "application/fhir+json", "application/json"
	type handler = http.Handler
	type recorder = *httptest.ResponseRecorder
	code := func(code string) pdstest.Options {
		return pdstest.Options{Fault: func(*http.Request) pdstest.Fault { return pdstest.Fault{Code: code} }}
	}
	status := func(status int) pdstest.Options {
		return pdstest.Options{Fault: func(*http.Request) pdstest.Fault { return pdstest.Fault{Status: status} }}
	}
	asWorker := pdstest.Options{Token: worker()}
	reading := func(s handler) recorder { return get(s, own) }
	asking := func(target string) func(handler) recorder {
		return func(s handler) recorder { return get(s, target) }
	}
	patching := func(patches string) func(handler) recorder {
		return func(s handler) recorder { return patch(s, patches) }
	}
	creating := func(body string) func(handler) recorder {
		return func(s handler) recorder { return send(s, http.MethodPost, "/Patient", body, nil) }
	}
	for name, tt := range map[string]struct {
		options                pdstest.Options
		ask                    func(handler) recorder
		status                 int
		media, severity, issue string
		display                string
		diagnosed, retryAfter  bool
	}{
		"INVALID_RESOURCE_ID":             {options: asWorker, ask: asking("/Patient/9990000019"), status: 400, media: spine, severity: "error", issue: "value", display: "Resource Id is invalid"},
		"INVALID_VALUE":                   {options: asWorker, ask: asking("/Patient?family=Capon&birthdate=x"), status: 400, media: spine, severity: "error", issue: "value", display: "Provided value is invalid", diagnosed: true},
		"INVALID_VALUE of results":        {ask: asking("/Patient?family=Capon&birthdate=1953-05-29&_max-results=2"), status: 403, media: gateway, severity: "error", issue: "token", display: "Cannot retrieve more than one result with application-restricted access token", diagnosed: true},
		"MISSING_VALUE":                   {options: asWorker, ask: creating(`{}`), status: 400, media: spine, severity: "error", issue: "required", display: "Required value is missing", diagnosed: true},
		"INVALID_SEARCH_DATA":             {options: asWorker, ask: asking("/Patient?birthdate=1953-05-29"), status: 400, media: spine, severity: "error", issue: "value", display: "Search data is invalid", diagnosed: true},
		"ADDITIONAL_PROPERTIES":           {options: asWorker, ask: asking("/Patient?family=Capon&birthdate=1953-05-29&year=1953"), status: 400, media: spine, severity: "error", issue: "invariant", display: "Additional properties should not be included", diagnosed: true},
		"UNSUPPORTED_SERVICE":             {options: asWorker, ask: asking("/Patient"), status: 400, media: spine, severity: "error", issue: "processing", display: "Unsupported Service"},
		"UNSUPPORTED_REQUEST":             {options: asWorker, ask: asking("/HelloWorld"), status: 400, media: gateway, severity: "error", issue: "value", display: "The request is not one that is supported.", diagnosed: true},
		"INVALID_UPDATE":                  {options: asWorker, ask: patching(`{"op":"remove","path":"/name/0"}`), status: 400, media: spine, severity: "error", issue: "structure", display: "Update is invalid", diagnosed: true},
		"INVALID_CREATE":                  {options: asWorker, ask: creating(newborn("anna@example.com", "x")), status: 400, media: spine, severity: "error", issue: "value", display: "Patient create data is invalid", diagnosed: true},
		"VALIDATION_ERROR":                {options: asWorker, ask: creating(`{`), status: 400, media: spine, severity: "error", issue: "value", display: "Validation error"},
		"UNSUPPORTED_CHARACTERS_IN_FIELD": {options: asWorker, ask: creating(newborn("Anna", "An\\u0007na")), status: 400, media: spine, severity: "error", issue: "value", display: "Unsupported characters in field", diagnosed: true},
		"UNSUPPORTED_VALUE":               {options: asWorker, ask: creating(newborn(`"address":[{"use":"home"`, `"address":[{"use":"work"`)), status: 400, media: spine, severity: "error", issue: "value", display: "Unsupported value", diagnosed: true},
		"TOO_FEW_VALUES_SUBMITTED":        {options: asWorker, ask: creating(newborn(`"address":[{"use":"home","period":{"start":"2020-01-01"},"line":["","1 High Street","","Leeds",""],"postalCode":"LS1 6AE"}]`, `"address":[]`)), status: 400, media: spine, severity: "error", issue: "value", display: "Too few values submitted", diagnosed: true},
		"TOO_MANY_VALUES_SUBMITTED":       {options: asWorker, ask: creating(newborn(`"name":[`, `"name":[{},`)), status: 400, media: spine, severity: "error", issue: "value", display: "Too many values submitted", diagnosed: true},
		"ACCESS_DENIED":                   {ask: func(s handler) recorder { return ask(s, "GET", own, func(h http.Header) { h.Del("Authorization") }) }, status: 401, media: gateway, severity: "error", issue: "forbidden", display: "Access Denied - Unauthorised", diagnosed: true},
		"ACCESS_DENIED on coverage":       {ask: asking(ownCover), status: 403, media: gateway, severity: "error", issue: "forbidden", display: "Cannot GET resource with application-restricted access token", diagnosed: true},
		"ACCESS_DENIED to a patient":      {options: pdstest.Options{Token: patientToken()}, ask: asking("/Patient/9990000026"), status: 403, media: gateway, severity: "error", issue: "forbidden", display: "Patient cannot perform this action", diagnosed: true},
		"INVALID_METHOD on update":        {ask: patching(""), status: 403, media: gateway, severity: "error", issue: "forbidden", display: "Cannot update resource with application-restricted access token", diagnosed: true},
		"INVALID_METHOD on create":        {options: pdstest.Options{Token: patientToken()}, ask: creating(""), status: 403, media: gateway, severity: "error", issue: "forbidden", display: "Cannot create resource with patient-access access token", diagnosed: true},
		"INVALID_METHOD of no mode":       {options: code("INVALID_METHOD"), ask: reading, status: 403, media: gateway, severity: "error", issue: "forbidden", display: "Cannot use this method"},
		"FORBIDDEN_UPDATE":                {options: asWorker, ask: patching(`{"op":"remove","path":"/gender"}`), status: 403, media: spine, severity: "information", issue: "forbidden", display: "Update is forbidden", diagnosed: true},
		"RESOURCE_NOT_FOUND":              {ask: asking("/Patient/9990000042"), status: 404, media: spine, severity: "information", issue: "not-found", display: "Resource not found"},
		"RESOURCE_NOT_FOUND by status":    {options: status(404), ask: reading, status: 404, media: spine, severity: "information", issue: "not-found", display: "Resource not found"},
		"INVALIDATED_RESOURCE":            {ask: asking("/Patient/9990000034"), status: 404, media: spine, severity: "error", issue: "processing", display: "Resource that has been marked as invalid was requested - invalid resources cannot be retrieved"},
		"UNABLE_TO_CALL_SERVICE":          {options: status(408), ask: reading, status: 408, media: spine, severity: "error", issue: "processing", display: "Unable to call service", diagnosed: true},
		"RESOURCE_VERSION_MISMATCH": {options: asWorker, ask: func(s handler) recorder {
			return send(s, "PATCH", own, `{"patches":[{"op":"remove","path":"/gender"}]}`, func(h http.Header) { h.Set("If-Match", `W/"7"`) })
		}, status: 409, media: spine, severity: "error", issue: "conflict", display: "Resource version supplied does not match actual version"},
		"RESOURCE_VERSION_MISMATCH by status": {options: status(409), ask: reading, status: 409, media: spine, severity: "error", issue: "conflict", display: "Resource version supplied does not match actual version"},
		"PRECONDITION_FAILED": {options: asWorker, ask: func(s handler) recorder {
			return send(s, "PATCH", own, `{}`, func(h http.Header) { h.Del("If-Match") })
		}, status: 412, media: spine, severity: "error", issue: "structure", display: "Required condition was not fulfilled", diagnosed: true},
		"PRECONDITION_FAILED by status":          {options: status(412), ask: reading, status: 412, media: spine, severity: "error", issue: "structure", display: "Required condition was not fulfilled", diagnosed: true},
		"TOO_MANY_REQUESTS":                      {options: status(429), ask: reading, status: 429, media: gateway, severity: "error", issue: "value", display: "Too many requests", diagnosed: true},
		"UNKNOWN_ERROR":                          {options: status(500), ask: reading, status: 500, media: gateway, severity: "error", issue: "unknown", display: "Unknown Error", diagnosed: true},
		"UNKNOWN_ERROR of a gateway":             {options: status(502), ask: reading, status: 502, media: gateway, severity: "error", issue: "unknown", display: "Unknown Error", diagnosed: true},
		"SERVICE_UNAVAILABLE":                    {options: status(503), ask: reading, status: 503, media: gateway, severity: "error", issue: "timeout", display: "Service unavailable", diagnosed: true, retryAfter: true},
		"SERVICE_UNAVAILABLE by code":            {options: code("SERVICE_UNAVAILABLE"), ask: reading, status: 503, media: gateway, severity: "error", issue: "timeout", display: "Service unavailable", retryAfter: true},
		"TOO_MANY_MATCHES":                       {ask: asking("/Patient?family=Capon&birthdate=1953-05-29"), status: 200, media: spine, severity: "information", issue: "multiple-matches", display: "Too Many Matches"},
		"SINGLE_MATCH":                           {options: code("SINGLE_MATCH"), ask: reading, status: 200, media: spine, severity: "error", issue: "value", display: "Single match found"},
		"MULTIPLE_MATCHES":                       {options: asWorker, ask: creating(newborn()), status: 200, media: spine, severity: "error", issue: "value", display: "Multiple matches found", diagnosed: true},
		"INSERT_BIRTH_DEATH_STATUS_INCONSISTENT": {options: code("INSERT_BIRTH_DEATH_STATUS_INCONSISTENT"), ask: reading, status: 400, media: spine, severity: "error", issue: "processing", display: "INSERT_BIRTH_DEATH_STATUS_INCONSISTENT"},
		"SOMETHING_NEW":                          {options: code("SOMETHING_NEW"), ask: reading, status: 400, media: spine, severity: "error", issue: "value", display: "SOMETHING_NEW"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twin, gone := anna(t), anna(t)
			twin.Number, gone.Number = nhs.MustNumber("9990000026"), nhs.MustNumber("9990000034")
			s := serve(t, tt.options, anna(t), twin, gone)
			if err := s.Invalidate(gone.Number); err != nil {
				t.Fatal(err)
			}
			rec := tt.ask(s)
			got := read(t, rec)
			if (got.diagnostics != "") != tt.diagnosed {
				t.Errorf("diagnostics %q", got.diagnostics)
			}
			want, _, _ := strings.Cut(name, " ")
			sameJSON(t, issue(tt.severity, tt.issue, want, tt.display, got.diagnostics), rec.Body.Bytes())
			if rec.Code != tt.status || rec.Header().Get("Content-Type") != tt.media || (rec.Header().Get("Retry-After") == "5") != tt.retryAfter {
				t.Errorf("got %d %v", rec.Code, rec.Header())
			}
			if id := rec.Header().Get("X-Request-ID"); id != "60E0B220-8136-4CA5-AE46-1D97EF59D068" {
				t.Errorf("request id %q", id)
			}
		})
	}
}

// The sandbox answers a search it has no example for with an outcome that has no
// code.
func TestServer_outcomeWithoutDetails(t *testing.T) {
	t.Parallel()
	const text = `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported"}]}`
	s := pdstest.New(pdstest.Options{Fault: func(*http.Request) pdstest.Fault {
		return pdstest.Fault{Status: 200, Body: text, Header: http.Header{"Content-Type": {"application/fhir+json"}}}
	}})
	rec := get(s, "/Patient?family=Capon&birthdate=1953-05-29")
	if rec.Code != 200 || rec.Body.String() != text || rec.Header().Get("Content-Type") != "application/fhir+json" {
		t.Errorf("got %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
}
