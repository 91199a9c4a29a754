package codelist_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// written puts identifiers for the numbers after "c" in a text: c2 is concept 2.
func written(tb testing.TB, text string) string {
	tb.Helper()
	for n := 99; n >= 0; n-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("c%d", n), sctid(tb, n))
	}
	return text
}

func released(system codelist.System) codelist.Info {
	i := info(system)
	i.Release = "Test Edition 1"
	return i
}

func TestExpand(t *testing.T) {
	t.Parallel()
	graph := treeGraph(t)
	tests := []struct{ expression, want string }{
		{"c2", "2"},
		{"c2 |Two|", "2"},
		{"<< c2", "2 4 5 7"},
		{"<<c2", "2 4 5 7"},
		{"< c2", "4 5 7"},
		{"<! c2", "4 5"},
		{"<<! c2", "2 4 5"},
		{"> c5", "1 2 3"},
		{">> c5", "1 2 3 5"},
		{">! c7", "5"},
		{">>! c7", "5 7"},
		{"^ c8", "4 6 99"},
		{"<< ^ c8", "4 6 99"},
		{">! ^c8", "2 3"},
		{"<< c2 AND << c3", "5 7"},
		{"<< c2 and << c3 AND c7", "7"},
		{"c4 OR c6 Or c7", "4 6 7"},
		{"<< c1 MINUS << c2", "1 3 6"},
		{"<< c1 MINUS (<< c2 MINUS << c5)", "1 3 5 6 7"},
		{"(<< c2 OR c6) MINUS ^ c8", "2 5 7"},
		{"< (c2 OR c3)", "4 5 6 7"},
		{"<< (c2 AND c2)", "2 4 5 7"},
		{"< (c1 OR c2)", "2 3 4 5 6 7"},
		{"((c4))", "4"},
		{"<! (<! c1)", "4 5 6"},
		{"> (<! c2)", "1 2 3"},
		{" /* all of\n it */ << /**/ c2 |Two| /* but */ MINUS/* this */c4\n", "2 5 7"},
	}
	for _, test := range tests {
		t.Run(test.expression, func(t *testing.T) {
			t.Parallel()
			expression, err := codelist.ParseExpression(written(t, test.expression))
			if err != nil {
				t.Fatal(err)
			}
			list, err := expression.Expand(t.Context(), graph, released(codelist.SNOMEDCT))
			if err != nil {
				t.Fatal(err)
			}
			concepts := slices.Collect(list.Codes())
			slices.SortFunc(concepts, func(a, b string) int { return len(a)*1e3 + strings.Compare(a, b) - len(b)*1e3 })
			if got := numbers(t, concepts, nil); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			again, err := codelist.ParseExpression(expression.String())
			if err != nil || again.String() != expression.String() {
				t.Errorf("%s is read back as %v, %v", expression, again, err)
			}
		})
	}
}

func TestExpandNotes(t *testing.T) {
	t.Parallel()
	expression, err := codelist.ParseExpression(written(t, "<<c2|Two|  minus\n c4 /* not this */"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := expression.String(), written(t, "<< c2 |Two| MINUS c4"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	list, err := expression.Expand(t.Context(), treeGraph(t), released(codelist.DMD))
	if err != nil {
		t.Fatal(err)
	}
	if want := written(t, "written for this test. Expanded from << c2 |Two| MINUS c4 in Test Edition 1."); list.Source() != want || list.Release() != "Test Edition 1" {
		t.Errorf("source %q, release %q", list.Source(), list.Release())
	}
	if plain := codelist.Must(codelist.New(info(codelist.DMD), slices.Collect(list.Codes())...)); plain.Hash() != list.Hash() {
		t.Error("the list has another hash than its codes")
	}
}

func TestParseExpressionRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ expression, want string }{
		{"", "line 1, character 1: found the end instead of a concept, an operator or ("},
		{"  \n /* only this */ ", "line 2, character 18: found the end"},
		{"<<", "line 1, character 3: found the end"},
		{"<< c2 |Two| c3", `line 1, character 17: found '9' instead of AND, OR, MINUS or the end`},
		{"c2 <<", `found '<' instead of AND`},
		{"c2 NOT c3", `found "NOT" instead of AND, OR or MINUS`},
		{"descendantOf c2", `line 1, character 1: found "descendantOf" instead of`},
		{"c2 AND c3 OR c4", "line 1, character 19: OR after AND: say with brackets which goes first"},
		{"c2 MINUS c3 AND c4", "AND after MINUS"},
		{"c2 MINUS c3 MINUS c4", "line 1, character 21: a second MINUS"},
		{"c2 OR", "line 1, character 10: found the end"},
		{"(c2", "line 1, character 8: found the end instead of AND, OR, MINUS or )"},
		{"c2)", "line 1, character 7: found ')'"},
		{"()", "line 1, character 2: found ')'"},
		{"<< << c2", "line 1, character 4: found '<' instead of a concept, ^ or ("},
		{"^ (c2)", "line 1, character 3: found '(' instead of a reference set"},
		{"^^c2", "found '^' instead of a reference set"},
		{"<<\n44054007", `line 2, character 1: "44054007": the check digit is wrong`},
		{"44054006001", "the check digit is wrong"},
		{"12", `line 1, character 1: "12": not 6 to 18 digits`},
		{"754786014", "identifies a description"},
		{"c2 |Two", "line 1, character 8: the term has no | at its end"},
		{"c2 | |", "the term is empty"},
		{"c2 |T\nwo|", "not printable"},
		{"c2 |T\xffwo|", "not printable"},
		{"c2 /* never ends", "line 1, character 8: the comment has no */"},
		{"<< c2 : c3 = c4", "line 1, character 11: refinements (:) are not in the part of the language that is supported"},
		{"<< c2 {{ term = \"x\" }}", "filters and groups ({)"},
		{"<< c2 . c3", "dotted attributes (.)"},
		{"<< *", "the wildcard (*)"},
		{"!!> c2", "top and bottom"},
		{"c2, c3", "a comma for AND"},
		{strings.Repeat("(", 60) + "c2", "line 1, character 51: more than 50 brackets"},
		{"é", "found \"é\" instead of"},
		{"c2 é", "found \"é\" instead of"},
		{"\xff", "instead of"},
	}
	for _, test := range tests {
		if _, err := codelist.ParseExpression(written(t, test.expression)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.expression, err, test.want)
		}
	}
}

// hierarchyFunc is a hierarchy in which everything has one answer.
type hierarchyFunc func(concept string) ([]string, error)

func (f hierarchyFunc) Children(_ context.Context, c string) ([]string, error) { return f(c) }
func (f hierarchyFunc) Parents(_ context.Context, c string) ([]string, error)  { return f(c) }
func (f hierarchyFunc) Members(_ context.Context, c string) ([]string, error)  { return f(c) }

func TestExpandRefuses(t *testing.T) {
	t.Parallel()
	graph, good := treeGraph(t), released(codelist.SNOMEDCT)
	fault := errors.New("the server is away")
	broken := hierarchyFunc(func(c string) ([]string, error) {
		if c == sctid(t, 1) {
			return []string{sctid(t, 2)}, nil
		}
		return nil, fault
	})
	nameless, unreleased := good, good
	nameless.ID, unreleased.Release = "", ""
	tests := []struct {
		name, expression string
		hierarchy        codelist.Hierarchy
		info             codelist.Info
		want             string
	}{
		{"no description", "c1", graph, nameless, "Info.ID"},
		{"no release", "c1", graph, unreleased, "Info.Release is required"},
		{"no hierarchy", "c1", nil, good, "hierarchy is nil"},
		{"another system", "c1", graph, released(codelist.ICD10), "not ICD-10"},
		{"a concept that is not there", "<< c1 MINUS\n<< c9", graph, good, written(t, "line 2, character 4: concept c9: not in the hierarchy")},
		{"a set that is not there", "c1 OR ^ c7", graph, good, written(t, "reference set c7: not in the hierarchy")},
		{"nothing", "c1 MINUS << c1", graph, good, "no codes"},
		{"no answer to the first", "c2", broken, good, fault.Error()},
		{"no answer to the next", "<< c1", broken, good, fault.Error()},
		{"no answer upwards", "> c1", broken, good, fault.Error()},
		{"no answer in brackets", "c1 AND (c1 OR ^ c2)", broken, good, fault.Error()},
		{"an answer that is no concept", "< c1", hierarchyFunc(func(c string) ([]string, error) {
			if c == "x" {
				return nil, nil
			}
			return []string{"x"}, nil
		}), good, `invalid code: code 1 ("x")`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expression, err := codelist.ParseExpression(written(t, test.expression))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := expression.Expand(t.Context(), test.hierarchy, test.info); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		expression, err := codelist.ParseExpression(written(t, "<< c1"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := expression.Expand(ctx, graph, good); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in a circle", func(t *testing.T) {
		t.Parallel()
		next := map[string]string{sctid(t, 1): sctid(t, 2), sctid(t, 2): sctid(t, 3), sctid(t, 3): sctid(t, 1)}
		circle := hierarchyFunc(func(c string) ([]string, error) { return []string{next[c]}, nil })
		expression, err := codelist.ParseExpression(written(t, "< c1"))
		if err != nil {
			t.Fatal(err)
		}
		list, err := expression.Expand(t.Context(), circle, good)
		if err != nil || numbers(t, slices.Collect(list.Codes()), nil) != "2 3" {
			t.Errorf("got %v, %v", list, err)
		}
	})
}

// model answers an expression by the definition of each operator, over sets of numbers.
type model struct {
	above   [12][12]bool // above[a][b]: a is above b
	direct  [12][12]bool
	members [12]bool
}

func (m *model) where(is func(n int) bool) (s [12]bool) {
	for n := range s {
		s[n] = is(n)
	}
	return s
}

func (m *model) related(operator string, from [12]bool) [12]bool {
	relation := m.above
	if strings.HasSuffix(operator, "!") {
		relation = m.direct
	}
	self := strings.HasPrefix(operator, "<<") || strings.HasPrefix(operator, ">>")
	return m.where(func(n int) bool {
		for other, in := range from {
			down := operator[0] == '<'
			if in && (self && n == other || down && relation[other][n] || !down && relation[n][other]) {
				return true
			}
		}
		return false
	})
}

// draw draws an expression and what it should mean.
func (m *model) draw(t *rapid.T, depth int) (string, [12]bool) {
	kind := rapid.IntRange(0, 3).Draw(t, "kind")
	if depth == 0 {
		kind = 0
	}
	switch kind {
	case 0:
		c := rapid.IntRange(0, 10).Draw(t, "concept")
		return fmt.Sprintf("c%d", c), m.where(func(n int) bool { return n == c })
	case 1:
		return "^ c11", m.members
	case 2:
		inner, s := m.draw(t, depth-1)
		operator := rapid.SampledFrom([]string{"<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!"}).Draw(t, "operator")
		return operator + " (" + inner + ")", m.related(operator, s)
	default:
		a, in := m.draw(t, depth-1)
		b, other := m.draw(t, depth-1)
		operator := rapid.SampledFrom([]string{"AND", "OR", "MINUS"}).Draw(t, "operator")
		return "(" + a + ") " + operator + " (" + b + ")", m.where(func(n int) bool {
			return map[string]bool{"AND": in[n] && other[n], "OR": in[n] || other[n], "MINUS": in[n] && !other[n]}[operator]
		})
	}
}

func TestExpandLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{}
		rows := []string{relationshipHeader}
		for child := 1; child < 11; child++ { // each below one or more with smaller numbers
			for _, parent := range rapid.SliceOfNDistinct(rapid.IntRange(0, child-1), 1, min(child, 3), rapid.ID).Draw(rt, "parents") {
				m.direct[parent][child] = true
				rows = append(rows, relationshipRow(t, 100*child+parent, 20250101, 1, child, parent))
			}
		}
		m.above = m.direct
		for k := range m.above {
			for i := range m.above {
				for j := range m.above {
					m.above[i][j] = m.above[i][j] || m.above[i][k] && m.above[k][j]
				}
			}
		}
		sets := []string{refsetHeader}
		for i, c := range rapid.SliceOfNDistinct(rapid.IntRange(0, 10), 1, 4, rapid.ID).Draw(rt, "members") {
			m.members[c] = true
			sets = append(sets, memberRow(t, i, 20250101, 1, 11, c))
		}
		var build codelist.GraphBuilder
		if err := errors.Join(build.Relationships(strings.NewReader(strings.Join(rows, ""))), build.Refsets(strings.NewReader(strings.Join(sets, "")))); err != nil {
			rt.Fatal(err)
		}
		graph, err := build.Graph()
		if err != nil {
			rt.Fatal(err)
		}
		text, want := m.draw(rt, 3)
		expression, err := codelist.ParseExpression(written(t, text))
		if err != nil {
			rt.Fatalf("%s: %v", text, err)
		}
		list, err := expression.Expand(t.Context(), graph, released(codelist.SNOMEDCT))
		if err != nil && !strings.Contains(err.Error(), "no codes") {
			rt.Fatalf("%s: %v", text, err)
		}
		for n, in := range want {
			if got := list != nil && list.Contains(sctid(t, n)); got != in {
				rt.Errorf("%s: %d is %v", text, n, got)
			}
		}
		again, err := codelist.ParseExpression(expression.String())
		if err != nil || again.String() != expression.String() {
			rt.Errorf("%s is read back as %v, %v", expression, again, err)
		}
	})
}

func FuzzParseExpression(f *testing.F) {
	for _, text := range []string{"<< c2 |Two| MINUS (c3 OR ^c4)", "/* x */ >! c1 and c2", "((c1", "c1 : c2"} {
		f.Add(written(f, text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		expression, err := codelist.ParseExpression(text)
		if err != nil {
			if !strings.Contains(err.Error(), "line ") {
				t.Fatalf("no position: %v", err)
			}
			return
		}
		again, err := codelist.ParseExpression(expression.String())
		if err != nil || again.String() != expression.String() {
			t.Fatalf("%q is written %q and read back as %v, %v", text, expression, again, err)
		}
	})
}

func ExampleExpression_Expand() {
	// The hierarchy of the release that the programme has licensed; here four concepts of it.
	var build codelist.GraphBuilder
	if err := build.Edges(strings.NewReader(`child,parent
38341003,64572001
59621000,38341003
31992008,38341003
48146000,38341003
`)); err != nil {
		log.Fatal(err)
	}
	graph, err := build.Graph()
	if err != nil {
		log.Fatal(err)
	}
	expression, err := codelist.ParseExpression("<< 38341003 |Hypertensive disorder| MINUS 31992008 |Secondary hypertension|")
	if err != nil {
		log.Fatal(err)
	}
	list, err := expression.Expand(context.Background(), graph, codelist.Info{
		ID: "hypertension", Version: "1", System: codelist.SNOMEDCT, Release: "four concepts", Source: "Written for this example.",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list, slices.Collect(list.Codes()))
	fmt.Println(list.Source())
	// Output:
	// hypertension 1 (3 SNOMED CT codes) [38341003 48146000 59621000]
	// Written for this example. Expanded from << 38341003 |Hypertensive disorder| MINUS 31992008 |Secondary hypertension| in four concepts.
}
