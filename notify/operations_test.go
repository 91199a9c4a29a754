package notify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

// TestEveryOperationHasAMethod looks in this package's code for a call of every
// operation that the generated client has.
func TestEveryOperationHasAMethod(t *testing.T) {
	t.Parallel()
	called := map[string]bool{}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				operation, _, _ := strings.Cut(s.Sel.Name, "With")
				called[operation] = true
			}
			return true
		})
	}
	for method := range reflect.TypeFor[*gen.Client]().Methods() {
		if operation, _, _ := strings.Cut(method.Name, "With"); !called[operation] {
			t.Errorf("operation %s has no method", operation)
		}
	}
}
