package mesh_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
)

// TestEveryOperationHasAMethod holds the generated client against the calls in
// this package.
func TestEveryOperationHasAMethod(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				called[s.Sel.Name] = true
			}
			return true
		})
	}
	for m := range reflect.TypeFor[*gen.Client]().Methods() {
		if !called[m.Name] {
			t.Errorf("operation %s has no method", m.Name)
		}
	}
}

// TestContract compares our operations with the published specification: each of
// its operations is ours, or left out for a reason.
func TestContract(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../shared/data/specs/mesh.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the published specification is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	leftOut := map[string]string{
		"GET /messageexchange/{mailbox_id}/count": "deprecated; a page of the inbox tells the count",
	}
	ours := operations(t)
	published := map[string]bool{}
	for path, methods := range spec.Paths {
		for method := range methods {
			op := strings.ToUpper(method) + " " + path
			published[op] = true
			if !ours[op] && leftOut[op] == "" {
				t.Errorf("%s is neither ours nor left out", op)
			}
		}
	}
	for _, op := range slices.Concat(slices.Collect(maps.Keys(ours)), slices.Collect(maps.Keys(leftOut))) {
		if !published[op] {
			t.Errorf("%s is not in the published specification", op)
		}
		if ours[op] && leftOut[op] != "" {
			t.Errorf("%s is ours and left out", op)
		}
	}
}

// operations returns what our client can ask, as "METHOD /path", from the
// requests that the generated code makes of templates.
func operations(t *testing.T) map[string]bool {
	t.Helper()
	const server, mailbox, message, workflowID = "https://host/", "{mailbox_id}", "{message_id}", "{workflow_id}"
	found := map[string]bool{}
	add := func(req *http.Request, err error) {
		if err != nil {
			t.Fatal(err)
		}
		found[req.Method+" "+strings.Replace(req.URL.Path, "/7", "/{chunk_number}", 1)] = true
	}
	add(gen.NewHandshakeRequest(server, mailbox, nil))
	add(gen.NewListInboxRequest(server, mailbox, nil))
	add(gen.NewDownloadMessageRequest(server, mailbox, message))
	add(gen.NewDownloadChunkRequest(server, mailbox, message, 7))
	add(gen.NewAcknowledgeMessageRequest(server, mailbox, message))
	add(gen.NewHeadMessageRequest(server, mailbox, message))
	add(gen.NewSendMessageRequestWithBody(server, mailbox, nil, "", nil))
	add(gen.NewSendChunkRequestWithBody(server, mailbox, message, 7, nil, "", nil))
	add(gen.NewTrackMessageRequest(server, mailbox, nil))
	add(gen.NewTrackLocalIDRequest(server, mailbox, "{local_id}"))
	add(gen.NewLookupEndpointRequest(server, "{ods_code}", workflowID))
	add(gen.NewSearchWorkflowRequest(server, workflowID))
	return found
}
