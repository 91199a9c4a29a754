package pds_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// official is what this test reads of the official contract.
type official struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Parameters map[string]parameter `json:"parameters"`
	} `json:"components"`
}

type parameter struct {
	Ref  string `json:"$ref"`
	Name string `json:"name"`
	In   string `json:"in"`
}

// operation is one of our operations: how to send it, and its parameters.
type operation struct {
	send   func(context.Context, *gen.Client) (*http.Response, error)
	params reflect.Type // of the query; nil for none
}

// ours are the operations of our document, by their official names.
func ours() map[string]operation {
	return map[string]operation{
		"get-patient": {send: func(ctx context.Context, c *gen.Client) (*http.Response, error) { return c.GetPatient(ctx, "{id}") }},
		"search-patient": {
			send: func(ctx context.Context, c *gen.Client) (*http.Response, error) {
				return c.SearchPatient(ctx, &gen.SearchPatientParams{})
			},
			params: reflect.TypeFor[gen.SearchPatientParams](),
		},
	}
}

// leftOut says why a part of the official contract is not in our document.
func leftOut(name string) string {
	switch name {
	case "create-patient", "update-patient-partial":
		return "writes are for healthcare workers and patients, whose access is not offered yet"
	case "get-related-people":
		return "not offered yet"
	case "get-coverage", "post-coverage":
		return "for patients, whose access is not offered yet"
	case "address-postcode":
		return "deprecated; address-postalcode does the same, and PDS refuses both together"
	case "Authorization", "X-Request-ID":
		return "the transport adds it"
	case "X-Correlation-ID":
		return "optional; X-Request-ID identifies the call"
	case "NHSD-Session-URID":
		return "for healthcare workers, whose access is not offered yet"
	case "NHSD-End-User-Organisation-ODS":
		return "for suppliers that serve several organisations; not offered yet"
	default:
		return ""
	}
}

// Every path, method and parameter of the official contract is in our document,
// or left out for a reason; and ours has nothing that the official one has not.
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
				OperationID string      `json:"operationId"`
				Parameters  []parameter `json:"parameters"`
			}
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			seen[o.OperationID] = true
			op, have := ours()[o.OperationID]
			if !have {
				if leftOut(o.OperationID) == "" {
					t.Errorf("%s %s (%s) is neither supported nor left out", method, path, o.OperationID)
				}
				continue
			}
			if got, want := sent(t, op), strings.ToUpper(method)+" "+path; got != want {
				t.Errorf("%s is sent as %s, not %s", o.OperationID, got, want)
			}
			compareParameters(t, contract, op, o.OperationID, append(shared, o.Parameters...))
		}
	}
	for name := range ours() {
		if !seen[name] {
			t.Errorf("%s is not in the official contract", name)
		}
	}
}

// sent returns the method and the path template of an operation.
func sent(t *testing.T, op operation) string {
	t.Helper()
	var got string
	c, err := gen.NewClient("https://127.0.0.1", gen.WithHTTPClient(doer(func(req *http.Request) (*http.Response, error) {
		got = req.Method + " " + req.URL.Path
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
			query, _, _ := strings.Cut(f.Tag.Get("form"), ",")
			mine[query] = true
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
