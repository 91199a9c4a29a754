package pds_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Every operation of our document has a method that sends it.
func TestEveryOperationIsUsed(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				operation, _, _ := strings.Cut(s.Sel.Name, "With")
				used[operation] = true
			}
			return true
		})
	}
	for m := range reflect.TypeFor[*gen.Client]().Methods() {
		if operation, _, _ := strings.Cut(m.Name, "With"); !used[operation] {
			t.Errorf("no method of Client uses the operation %s", operation)
		}
	}
}
