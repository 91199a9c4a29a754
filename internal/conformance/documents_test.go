package conformance_test

import (
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
