package caas_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/caas"
	gen "github.com/personalised-prevention/nhs/internal/gen/caas"
)

// fields returns the JSON names of a struct type.
func fields(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}

// models pairs the public types with those of our OpenAPI document.
func models() map[reflect.Type]reflect.Type {
	return map[reflect.Type]reflect.Type{
		reflect.TypeFor[caas.Cohort]():                   reflect.TypeFor[gen.Cohort](),
		reflect.TypeFor[caas.ConditionGroup]():           reflect.TypeFor[gen.ConditionGroup](),
		reflect.TypeFor[caas.Condition]():                reflect.TypeFor[gen.Condition](),
		reflect.TypeFor[caas.Ruleset]():                  reflect.TypeFor[gen.Ruleset](),
		reflect.TypeFor[caas.Rule]():                     reflect.TypeFor[gen.Rule](),
		reflect.TypeFor[caas.CodeList]():                 reflect.TypeFor[gen.CodeList](),
		reflect.TypeFor[caas.Code]():                     reflect.TypeFor[gen.Code](),
		reflect.TypeFor[caas.CodeSystem]():               reflect.TypeFor[gen.CodeSystem](),
		reflect.TypeFor[caas.PatientAgeConstraint]():     reflect.TypeFor[gen.PatientAgeConstraint](),
		reflect.TypeFor[caas.EventDateConstraint]():      reflect.TypeFor[gen.EventDateConstraint](),
		reflect.TypeFor[caas.EventCountConstraint]():     reflect.TypeFor[gen.EventCountConstraint](),
		reflect.TypeFor[caas.PreCoordinatedConstraint](): reflect.TypeFor[gen.PreCoordinatedConstraint](),
		reflect.TypeFor[caas.Dataset]():                  reflect.TypeFor[gen.Dataset](),
	}
}

// beyond are fields on one side only, on purpose.
func beyond(name string) bool {
	return name == "__typename" || name == "conditionGroupId"
}

// TestPublicModelIsTheDocuments holds the public types against our document.
func TestPublicModelIsTheDocuments(t *testing.T) {
	t.Parallel()
	for public, wire := range models() {
		got, want := slices.DeleteFunc(fields(public), beyond), slices.DeleteFunc(fields(wire), beyond)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v, the document %v", public.Name(), got, want)
		}
	}
}

// TestContract compares the public types with the published GraphQL schema, field
// by field, and the queries with both.
func TestContract(t *testing.T) {
	t.Parallel()
	sdl := string(published(t, "specs/caas-published-cohort-definitions.graphql"))
	queries, err := os.ReadFile("query.go")
	if err != nil {
		t.Fatal(err)
	}
	asked := strings.Fields(string(queries))
	for public := range models() {
		_, after, ok := strings.Cut(sdl, "\ntype "+public.Name()+" {")
		if !ok {
			t.Errorf("the schema has no type %s", public.Name())
			continue
		}
		body, _, _ := strings.Cut(after, "\n}")
		var want []string
		for _, m := range regexp.MustCompile(`(?m)^  (\w+): `).FindAllStringSubmatch(body, -1) {
			want = append(want, m[1])
			if !slices.Contains(asked, m[1]) {
				t.Errorf("no query asks for %s of %s", m[1], public.Name())
			}
		}
		got := slices.DeleteFunc(fields(public), beyond)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v, the schema %v", public.Name(), got, want)
		}
	}
}

// TestEveryOperationHasAMethod holds the generated client against the calls in
// this package.
func TestEveryOperationHasAMethod(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				called[s.Sel.Name] = true
			}
			return true
		})
	}
	for m := range reflect.TypeFor[*gen.Client]().Methods() {
		if op, _, _ := strings.Cut(m.Name, "With"); !called[op] {
			t.Errorf("operation %s has no method", op)
		}
	}
}
