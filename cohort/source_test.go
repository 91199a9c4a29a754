package cohort_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSwitchesAreExhaustive reads the source of the package: every switch over the kinds of the tree that
// panics on a kind it does not know must know them all.
func TestSwitchesAreExhaustive(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	sums := [][]string{implementers(parsed, "isNode"), implementers(parsed, "isValue")}
	if len(sums[0]) < 11 || len(sums[1]) < 6 {
		t.Fatalf("found only %v", sums)
	}
	checked := 0
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSwitchStmt)
			if !ok {
				return true
			}
			cases, panics := casesOf(s)
			for _, sum := range sums {
				if !panics || !slices.ContainsFunc(sum, func(kind string) bool { return slices.Contains(cases, kind) }) {
					continue
				}
				checked++
				for _, kind := range sum {
					if !slices.Contains(cases, kind) {
						t.Errorf("%v: the switch does not know %s", files.Position(s.Pos()), kind)
					}
				}
			}
			return true
		})
	}
	if checked < 12 {
		t.Errorf("checked only %d switches", checked)
	}
}

// implementers returns the types that have a method.
func implementers(files []*ast.File, method string) (kinds []string) {
	for _, file := range files {
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != method {
				continue
			}
			if kind, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				kinds = append(kinds, kind.Name)
			}
		}
	}
	return kinds
}

// casesOf returns the types a switch knows and whether it panics on others.
func casesOf(s *ast.TypeSwitchStmt) (cases []string, panics bool) {
	for _, statement := range s.Body.List {
		clause, ok := statement.(*ast.CaseClause)
		if !ok {
			continue
		}
		for _, kind := range clause.List {
			if name, ok := kind.(*ast.Ident); ok {
				cases = append(cases, name.Name)
			}
		}
		if clause.List == nil {
			ast.Inspect(clause, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" {
						panics = true
					}
				}
				return true
			})
		}
	}
	return cases, panics
}

// TestMixingTablesDoesNotCompile type-checks programs that should, and should not, compile.
func TestMixingTablesDoesNotCompile(t *testing.T) {
	t.Parallel()
	const head = `package p
import "github.com/personalised-prevention/nhs/cohort"
import "github.com/personalised-prevention/nhs/cohort/codelist"
type a struct{}
type b struct{}
var (
	rowsA cohort.Rows[a]; numberA cohort.NumberColumn[a]; dateA cohort.DateColumn[a]
	codesA cohort.CodesColumn[a]; list *codelist.List
	numberB cohort.NumberColumn[b]; dateB cohort.DateColumn[b]; textB cohort.TextColumn[b]
	born cohort.DateSeries; area cohort.TextSeries; record *cohort.Record
)
`
	tests := []struct {
		source string
		ok     bool
	}{
		{`var _ cohort.Criterion = rowsA.Where(numberA.AtLeast(3), dateA.NotAfter(cohort.Index)).Exists()`, true},
		{`var _ cohort.Criterion = cohort.Latest(rowsA, numberA).AtLeast(3)`, true},
		{`var _ cohort.Criterion = cohort.All(born.Known(), area.In("x"))`, true},
		{`var _ = rowsA.Where(dateA.NotBefore(born))`, true},
		{`func _() { cohort.Append(record, numberA.Of(1), dateA.Of(cohort.Date{})); record.Set(area.Of("x")) }`, true},
		{`var _ = rowsA.Where(codesA.AnyIn(list)); var _ = cohort.Latest(rowsA, codesA).AnyIn(list)`, true},
		{`var _ = cohort.Append[a]; func _() { cohort.Append(record, codesA.Of("x", "y")) }`, true},
		{`var _ = cohort.Include("x", codesA.AnyIn(list))`, false},
		{`var _ = cohort.Min(rowsA, numberA).AtLeast(3); var _ = cohort.Max(rowsA, dateA).Before(cohort.Index)`, true},
		{`var _ = cohort.All(cohort.Sum(rowsA, numberA).AtLeast(3), cohort.CountDistinct(rowsA, codesA).Is(2), rowsA.Episodes(cohort.Days(3)).Is(2))`, true},
		{`var _ = cohort.Sum(rowsA, numberB)`, false},
		{`var _ = cohort.Sum(rowsA, dateA)`, false},
		{`var _ = cohort.Min(rowsA, codesA)`, false},
		{`var _ = cohort.Max(rowsA, dateB)`, false},
		{`var _ = cohort.CountDistinct(rowsA, textB)`, false},
		{`var _ = rowsA.Where(cohort.InOrder(dateA, dateA), cohort.DaysBetween(dateA, dateA.Plus(cohort.Days(1))).AtLeast(3))`, true},
		{`var _ = rowsA.Where(cohort.AgeAt(born, dateA).AtLeast(3), numberA.AboveValue(cohort.Max(rowsA, numberA)))`, true},
		{`var _ cohort.Criterion = cohort.DaysBetween(born, cohort.Day(cohort.Index)).AtLeastValue(cohort.Param[float64]("x"))`, true},
		{`var _ = cohort.InOrder(dateA, dateB)`, false},
		{`var _ = cohort.InOrder(dateA, born)`, false},
		{`var _ = cohort.DaysBetween(dateA, dateB)`, false},
		{`var _ = cohort.DaysBetween(born, dateA)`, false},
		{`var _ = numberA.AboveValue(numberA)`, false},
		{`var _ = numberA.AboveValue(cohort.Index)`, false},
		{`var _ = born.Between(dateA, dateA)`, false},
		{`var _ cohort.NumberSeries = cohort.Case(cohort.When(born.Known(), cohort.Number(1)), cohort.Otherwise(cohort.Number(2)))`, true},
		{`var _ cohort.DateColumn[a] = cohort.Case(cohort.When(numberA.Known(), dateA), cohort.Otherwise(dateA))`, true},
		{`var _ cohort.TextSeries = cohort.Coalesce(area, cohort.Text("x"))`, true},
		{`var _ cohort.Criterion = cohort.Least(born, cohort.Day(cohort.Index)).Before(cohort.Greatest(born, born))`, true},
		{`var _ cohort.RowPred[a] = cohort.IsYes(cohort.IsUnknown(numberA.Is(1)))`, true},
		{`var _ = cohort.Case(cohort.When(born.Known(), dateA))`, false},
		{`var _ = cohort.Case(cohort.When(numberB.Known(), dateA))`, false},
		{`var _ = cohort.Case(cohort.When(born.Known(), cohort.Number(1)), cohort.Otherwise(area))`, false},
		{`var _ = cohort.Coalesce(dateA, dateB)`, false},
		{`var _ = cohort.Coalesce(born, area)`, false},
		{`var _ = cohort.Coalesce(codesA, codesA)`, false},
		{`var _ = cohort.Least(area, area)`, false},
		{`var _ = cohort.Case[cohort.NumberSeries]()`, false},
		{`var _ = rowsA.Where(numberB.AtLeast(3))`, false},
		{`var _ = cohort.Latest(rowsA, numberB)`, false},
		{`var _ = cohort.All(numberA.AtLeast(3), numberB.AtLeast(3))`, false},
		{`var _ = cohort.All(born.Known(), numberA.AtLeast(3))`, false},
		{`var _ = rowsA.Where(area.In("x"))`, false},
		{`var _ = rowsA.Where(dateA.NotAfter(dateB))`, false},
		{`var _ = born.NotAfter(dateA)`, false},
		{`var _ = cohort.Latest(rowsA, born)`, false},
		{`var _ = cohort.Latest(rowsA, dateA).AtLeast(3)`, false},
		{`var _ = textB.AtLeast(3)`, false},
		{`var _ = born.NotAfter(cohort.Param[[]string]("x"))`, false},
		{`var _ = cohort.Include("x", numberA.AtLeast(3))`, false},
		{`func _() { cohort.Append(record, numberA.Of(1), numberB.Of(1)) }`, false},
		{`func _() { record.Set(numberA.Of(1)) }`, false},
	}
	files := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(files, "source", nil)}
	for _, test := range tests {
		file, err := parser.ParseFile(files, "p.go", head+test.source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.Check("p", files, []*ast.File{file}, nil); (err == nil) != test.ok {
			t.Errorf("%s: compiles %v, want %v: %v", test.source, err == nil, test.ok, err)
		}
	}
}
