package conformance_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/personalised-prevention/nhs/openapi"
)

// load returns one of the module's documents, validated.
func load(t *testing.T, name string) *openapi3.T {
	t.Helper()
	text, err := openapi.Documents.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pds", "notify", "mesh", "caas"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if doc := load(t, name); doc.Paths.Len() == 0 {
				t.Error("describes no path")
			}
		})
	}
}

// official is what this test reads of an official contract.
type official struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

// renamed maps our paths to the official ones where only a parameter's name or
// a prefix differs.
var renamed = strings.NewReplacer("{messageId}", "{}", "{message_id}", "{}", "{mailbox_id}", "{}",
	"{chunk_number}", "{}", "{id}", "{}", "{mailbox}", "{}", "{ods_code}", "{}", "{workflow_id}", "{}")

// TestDocumentsStayWithinTheOfficialContracts fails when a document of ours
// describes an operation that the official one does not have.
func TestDocumentsStayWithinTheOfficialContracts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pds", "notify", "mesh"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "specs", name+".json"))
			if os.IsNotExist(err) {
				t.Skip("the official contract is not here")
			}
			if err != nil {
				t.Fatal(err)
			}
			var contract official
			if err := json.Unmarshal(text, &contract); err != nil {
				t.Fatal(err)
			}
			theirs := map[string][]string{}
			for path, operations := range contract.Paths {
				for method := range operations {
					theirs[renamed.Replace(path)] = append(theirs[renamed.Replace(path)], strings.ToUpper(method))
				}
			}
			for path, item := range load(t, name).Paths.Map() {
				for method := range item.Operations() {
					if method == http.MethodHead { // goes with GET, which the contracts list alone
						method = http.MethodGet
					}
					if !slices.Contains(theirs[renamed.Replace(path)], method) {
						t.Errorf("%s %s is not in the official contract", method, path)
					}
				}
			}
		})
	}
}
