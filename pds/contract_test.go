package pds_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// official is what this test reads of the official contract.
type official struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Parameters map[string]parameter `json:"parameters"`
		Schemas    map[string]schema    `json:"schemas"`
	} `json:"components"`
}

type parameter struct {
	Ref  string `json:"$ref"`
	Name string `json:"name"`
	In   string `json:"in"`
}

type contents struct {
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

// schema is as much of a JSON schema as says what there must be.
type schema struct {
	Ref        string            `json:"$ref"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	AnyOf      []schema          `json:"anyOf"`
	OneOf      []schema          `json:"oneOf"`
}

// operation is one of our operations: how to send it, and the types of what goes
// to and fro.
type operation struct {
	send    func(context.Context, *gen.Client) (*http.Response, error)
	params  reflect.Type // of query and headers; nil for none
	body    reflect.Type // of the request; nil for none
	answers map[string]reflect.Type
}

// ours are the operations of our document, by their official names.
func ours() map[string]operation {
	const id = "{id}"
	refusal := reflect.TypeFor[gen.OperationOutcome]()
	return map[string]operation{
		"get-patient": {
			send:    func(ctx context.Context, c *gen.Client) (*http.Response, error) { return c.GetPatient(ctx, id) },
			answers: map[string]reflect.Type{"200": reflect.TypeFor[gen.Patient](), "4XX": refusal},
		},
		"search-patient": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.SearchPatient(ctx, &gen.SearchPatientParams{})
			},
			params:  reflect.TypeFor[gen.SearchPatientParams](),
			answers: map[string]reflect.Type{"200": reflect.TypeFor[gen.Bundle](), "4XX": refusal},
		},
		"create-patient": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.CreatePatient(ctx, gen.NewPatient{})
			},
			body: reflect.TypeFor[gen.NewPatient](),
			answers: map[string]reflect.Type{
				"200": refusal, "201": reflect.TypeFor[gen.Patient](), "4XX": refusal, "503": refusal,
			},
		},
		"update-patient-partial": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.UpdatePatientPartialWithApplicationJSONPatchPlusJSONBody(ctx, id, &gen.UpdatePatientPartialParams{}, gen.PatchRequest{})
			},
			params:  reflect.TypeFor[gen.UpdatePatientPartialParams](),
			body:    reflect.TypeFor[gen.PatchRequest](),
			answers: map[string]reflect.Type{"200": reflect.TypeFor[gen.Patient](), "4XX": refusal, "503": refusal},
		},
		"get-related-people": {
			send:    func(ctx context.Context, c *gen.Client) (*http.Response, error) { return c.GetRelatedPeople(ctx, id) },
			answers: map[string]reflect.Type{"200": reflect.TypeFor[gen.RelatedPersonBundle](), "4XX": refusal},
		},
		"get-coverage": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.GetCoverage(ctx, &gen.GetCoverageParams{})
			},
			params:  reflect.TypeFor[gen.GetCoverageParams](),
			answers: map[string]reflect.Type{"200": reflect.TypeFor[gen.CoverageBundle](), "4XX": refusal},
		},
		"post-coverage": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.PostCoverage(ctx, &gen.PostCoverageParams{}, gen.Coverage{})
			},
			params:  reflect.TypeFor[gen.PostCoverageParams](),
			body:    reflect.TypeFor[gen.Coverage](),
			answers: map[string]reflect.Type{"2XX": reflect.TypeFor[gen.CoverageBundle](), "4XX": refusal, "503": refusal},
		},
	}
}

// leftOut says why a part of the official contract is not in our document.
func leftOut(name string) string {
	switch name {
	case "address-postcode":
		return "deprecated; address-postalcode does the same, and PDS refuses both together"
	case "Authorization", "X-Request-ID":
		return "the transport adds it"
	case "X-Correlation-ID":
		return "optional; X-Request-ID identifies the call"
	case "NHSD-Session-URID", "NHSD-End-User-Organisation-ODS":
		return "the client adds it to every request, if an option asks for it"
	case "Content-Type":
		return "the media type of the body says it"
	case "post-coverage as application/json-patch+json":
		return "a Coverage is no patch; the service's own tests send application/json"
	default:
		return ""
	}
}

// Every path, method, parameter, media type, status and required field of the
// official contract is in our document, or left out for a reason; and ours has no
// operation and no parameter that the official one has not.
func TestContract(t *testing.T) {
	t.Parallel()
	var contract official
	if err := json.Unmarshal(sample(t, "specs/pds.json"), &contract); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for path, methods := range contract.Paths {
		var shared []parameter
		if raw, ok := methods["parameters"]; ok {
			if err := json.Unmarshal(raw, &shared); err != nil {
				t.Fatal(err)
			}
		}
		for method, raw := range methods {
			if method == "parameters" {
				continue
			}
			var o struct {
				OperationID string              `json:"operationId"`
				Parameters  []parameter         `json:"parameters"`
				RequestBody contents            `json:"requestBody"`
				Responses   map[string]contents `json:"responses"`
			}
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			name := o.OperationID
			seen[name] = true
			op, have := ours()[name]
			if !have {
				t.Errorf("%s %s (%s) is not supported", method, path, name)
				continue
			}
			request := sent(t, op)
			if got, want := request.Method+" "+request.URL.Path, strings.ToUpper(method)+" "+path; got != want {
				t.Errorf("%s is sent as %s, not %s", name, got, want)
			}
			compareParameters(t, contract, op, name, append(shared, o.Parameters...))
			for media, content := range o.RequestBody.Content {
				if got := request.Header.Get("Content-Type"); got != media && leftOut(name+" as "+media) == "" {
					t.Errorf("%s is sent as %s, not %s", name, got, media)
				}
				contract.demand(t, name, content.Schema, op.body)
			}
			compareAnswers(t, contract, op, name, o.Responses)
		}
	}
	for name := range ours() {
		if !seen[name] {
			t.Errorf("%s is not in the official contract", name)
		}
	}
}

func compareAnswers(t *testing.T, contract official, op operation, name string, responses map[string]contents) {
	t.Helper()
	for status, response := range responses {
		answer, known := op.answers[status]
		if !known {
			t.Errorf("%s: status %s is not read", name, status)
			continue
		}
		for _, content := range response.Content {
			contract.demand(t, name+" "+status, content.Schema, answer)
		}
	}
}

// demand fails the test unless a type has the fields that a schema requires.
func (o official) demand(t *testing.T, at string, s schema, ours reflect.Type) {
	t.Helper()
	if ref, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = o.Components.Schemas[ref]
	}
	for ours != nil && (ours.Kind() == reflect.Pointer || (ours.Kind() == reflect.Slice && s.Items != nil)) {
		if ours.Kind() == reflect.Slice {
			o.demand(t, at+"/*", *s.Items, ours.Elem())
			return
		}
		ours = ours.Elem()
	}
	for _, choice := range slices.Concat(s.AnyOf, s.OneOf) {
		o.demand(t, at, choice, ours)
	}
	if ours == nil || ours.Kind() != reflect.Struct {
		if ours != reflect.TypeFor[json.RawMessage]() && len(s.Required) > 0 { // which keeps everything
			t.Errorf("%s: required are %v, and ours is %v", at, s.Required, ours)
		}
		return
	}
	fields := map[string]reflect.Type{}
	for f := range ours.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	for _, name := range s.Required {
		if fields[name] == nil {
			t.Errorf("%s: the required %s is missing", at, name)
		}
	}
	for name, property := range s.Properties {
		if fields[name] != nil {
			o.demand(t, at+"/"+name, property, fields[name])
		}
	}
}

// sent returns the request of an operation.
func sent(t *testing.T, op operation) *http.Request {
	t.Helper()
	var got *http.Request
	c, err := gen.NewClient("https://127.0.0.1", gen.WithHTTPClient(doer(func(req *http.Request) (*http.Response, error) {
		got = req
		return nil, http.ErrHandlerTimeout
	})))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = op.send(t.Context(), c) // there is no answer
	return got
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }

func compareParameters(t *testing.T, contract official, op operation, name string, parameters []parameter) {
	t.Helper()
	mine := map[string]bool{}
	if op.params != nil {
		for f := range op.params.Fields() {
			parameter, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			mine[parameter] = true
		}
	}
	for _, p := range parameters {
		if ref, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
			p = contract.Components.Parameters[ref]
		}
		known := mine[p.Name] || p.In == "path" // the path template has been compared
		if known == (leftOut(p.Name) != "") {
			t.Errorf("%s: the %s parameter %s is supported: %t, and left out because %q", name, p.In, p.Name, known, leftOut(p.Name))
		}
		delete(mine, p.Name)
	}
	for p := range mine {
		t.Errorf("%s: the parameter %s is not in the official contract", name, p)
	}
}
