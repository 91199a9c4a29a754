package notify_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// leftOut lists what the service's contract has and this package has not, and why.
func leftOut() map[string]string {
	return map[string]string{
		"post /v1/messages header:Authorization":                "added by the transport",
		"post /v1/messages header:X-Correlation-ID":             "added by the transport",
		"post /v1/message-batches header:Authorization":         "added by the transport",
		"post /v1/message-batches header:X-Correlation-ID":      "added by the transport",
		"get /v1/messages/{messageId} header:Authorization":     "added by the transport",
		"get /v1/messages/{messageId} header:X-Correlation-ID":  "added by the transport",
		"get /channels/nhsapp/accounts header:Authorization":    "added by the transport",
		"get /channels/nhsapp/accounts header:X-Correlation-ID": "added by the transport",

		"post /<client-provided-message-status-URI>":                                "a callback: Callbacks",
		"post /<client-provided-message-status-URI> header:x-hmac-sha256-signature": "a callback: Callbacks",
		"post /<client-provided-message-status-URI> header:x-api-key":               "a callback: Callbacks",
		"post /<client-provided-channel-status-URI>":                                "a callback: Callbacks",
		"post /<client-provided-channel-status-URI> header:x-hmac-sha256-signature": "a callback: Callbacks",
		"post /<client-provided-channel-status-URI> header:x-api-key":               "a callback: Callbacks",
	}
}

// ours lists the operations and parameters of openapi/notify.yaml.
func ours() []string {
	return []string{
		"get /channels/nhsapp/accounts",
		"get /channels/nhsapp/accounts query:ods-organisation-code", "get /channels/nhsapp/accounts query:page",
		"get /v1/messages/{messageId}", "get /v1/messages/{messageId} path:messageId",
		"head /v1/messages/{messageId}", "head /v1/messages/{messageId} path:messageId",
		"post /v1/message-batches", "post /v1/messages",
	}
}

// withHead adds what the contract says in prose only: where it has the status of
// a message, it has HEAD as well.
func withHead(operations []string) []string {
	const get = "get /v1/messages/{messageId}"
	for _, name := range operations {
		if parameter, ok := strings.CutPrefix(name, get); ok {
			operations = append(operations, "head /v1/messages/{messageId}"+parameter)
		}
	}
	slices.Sort(operations)
	return operations
}

// TestContract compares this package's operations with the service's contract.
func TestContract(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../shared/data/specs/notify.json")
	if err != nil {
		t.Skip("no contract here")
	}
	official := operations(t, data)
	for name := range leftOut() {
		if !slices.Contains(official, name) {
			t.Errorf("%s is left out, but not in the contract", name)
		}
	}
	official = slices.DeleteFunc(official, func(name string) bool { _, out := leftOut()[name]; return out })
	if diff := cmp.Diff(withHead(official), ours()); diff != "" {
		t.Errorf("operations (-contract +ours):\n%s", diff)
	}
}

// TestOurDocument keeps the list above honest.
func TestOurDocument(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../openapi/notify.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ours() {
		method, rest, _ := strings.Cut(name, " ")
		path, parameter, _ := strings.Cut(rest, " ")
		_, item, _ := strings.Cut(string(data), "\n  "+path+":\n")
		if end := regexp.MustCompile(`(?m)^ {0,2}\S`).FindStringIndex(item); end != nil {
			item = item[:end[0]]
		}
		_, operation, found := strings.Cut("\n"+item, "\n    "+method+":\n")
		if !found {
			t.Errorf("%s is not in the document", name)
		}
		if place, name, ok := strings.Cut(parameter, ":"); ok && !strings.Contains(operation, "{name: "+name+", in: "+place+", ") {
			t.Errorf("%s is not in the document", name)
		}
	}
	if n := strings.Count(string(data), "operationId:"); n != 5 {
		t.Errorf("%d operations in the document", n)
	}
}

type parameter struct {
	Ref  string `json:"$ref"`
	Name string `json:"name"`
	In   string `json:"in"`
}

// operations lists "method path" and "method path place:parameter" of a contract
// in JSON.
func operations(t *testing.T, data []byte) []string {
	t.Helper()
	var contract struct {
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct {
			Parameters map[string]parameter `json:"parameters"`
		} `json:"components"`
	}
	if err := json.Unmarshal(data, &contract); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for path, item := range contract.Paths {
		var shared []parameter
		if raw, ok := item["parameters"]; ok {
			decode(t, raw, &shared)
			delete(item, "parameters")
		}
		for method, raw := range item {
			var operation struct {
				Parameters []parameter `json:"parameters"`
			}
			decode(t, raw, &operation)
			names[method+" "+path] = true
			for _, p := range slices.Concat(shared, operation.Parameters) {
				if p.Ref != "" {
					p = contract.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
				}
				names[method+" "+path+" "+p.In+":"+p.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func decode(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}
