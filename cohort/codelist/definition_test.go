package codelist_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

func TestReadDefinition(t *testing.T) {
	t.Parallel()
	got, err := codelist.ReadDefinition(strings.NewReader(written(t,
		"\uFEFFcode,term,is_included\r\nc1,One,+\r\nc5,\"Five, in quotes\",-\r\n c7 ,Seven, + \r\n,nothing,+\r\nc5,Five,-\r\n")), codelist.SNOMEDCT)
	if err != nil {
		t.Fatal(err)
	}
	want := &codelist.Definition{Include: []string{sctid(t, 1), sctid(t, 7)}, Exclude: []string{sctid(t, 5)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadDefinitionRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, want string
		system           codelist.System
	}{
		{"empty", "", "line 1: the file is empty", codelist.SNOMEDCT},
		{"a list", "code,term\nc1,One\n", "line 1: no column named is_included", codelist.SNOMEDCT},
		{"no codes", "term,is_included\nOne,+\n", "line 1: no column named code", codelist.SNOMEDCT},
		{"status", "code,is_included\nc1,+\nc2,(+)\n", `line 3: is_included is "(+)"`, codelist.SNOMEDCT},
		{"both", "code,is_included\nc1,+\nc2,-\nc1,-\n", "line 4: c1 is both included and excluded", codelist.SNOMEDCT},
		{"invalid", "code,is_included\nc1,+\n44054007,-\n12,+\n", `line 3: "44054007": the check digit is wrong`, codelist.SNOMEDCT},
		{"every invalid", "code,is_included\nc1,+\n44054007,-\n12,+\n", `line 4: "12"`, codelist.SNOMEDCT},
		{"pattern", "code,is_included\nI20*,+\n", "line 2: I20* is a pattern", codelist.ICD10},
		{"only excluded", "code,is_included\nc1,-\n", "nothing is included", codelist.SNOMEDCT},
		{"quotes", "code,is_included\n\"c1,-\n", "line 2", codelist.SNOMEDCT},
	}
	for _, test := range tests {
		if _, err := codelist.ReadDefinition(strings.NewReader(written(t, test.file)), test.system); err == nil || !strings.Contains(err.Error(), written(t, test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	fault := errors.New("reading failed")
	if _, err := codelist.ReadDefinition(iotest.ErrReader(fault), codelist.SNOMEDCT); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
}

func defined(tb testing.TB, include, exclude string) *codelist.Definition {
	tb.Helper()
	return &codelist.Definition{Include: strings.Fields(written(tb, include)), Exclude: strings.Fields(written(tb, exclude))}
}

func TestDefinitionExpand(t *testing.T) {
	t.Parallel()
	tests := []struct{ include, exclude, want string }{
		{"c1", "", "1 2 3 4 5 6 7"},
		{"c1", "c2", "1 3 6"},    // 5 is below 3, but 2 is nearer than 1: see the next
		{"c1 c3", "c2", "error"}, // 5 and 7 are below 2 and 3
		{"c1 c5", "c2", "1 3 5 6 7"},
		{"c2 c7", "c5", "2 4 7"},
		{"c2", "c3 c5", "2 4"},
		{"c4", "c1", "4"},
	}
	for _, test := range tests {
		t.Run(test.include+" without "+test.exclude, func(t *testing.T) {
			t.Parallel()
			list, err := defined(t, test.include, test.exclude).Expand(t.Context(), treeGraph(t), released(codelist.SNOMEDCT))
			if test.want == "error" {
				for _, want := range []string{"c5 is below c3, which is included, and c2, which is excluded", "c7 is below"} {
					if err == nil || !strings.Contains(err.Error(), written(t, want)) {
						t.Errorf("got %v, %v", list, err)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := numbers(t, slices.Collect(list.Codes()), nil); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestDefinitionExpandRefuses(t *testing.T) {
	t.Parallel()
	graph, good := treeGraph(t), released(codelist.SNOMEDCT)
	one := defined(t, "c1", "")
	fault := errors.New("the server is away")
	away := hierarchyFunc(func(string) ([]string, error) { return nil, fault })
	unreleased := good
	unreleased.Release = ""
	tests := []struct {
		name       string
		definition *codelist.Definition
		hierarchy  codelist.Hierarchy
		info       codelist.Info
		want       string
	}{
		{"no description", one, graph, codelist.Info{}, "Info.ID"},
		{"no release", one, graph, unreleased, "Info.Release"},
		{"no hierarchy", one, nil, good, "hierarchy is nil"},
		{"a concept that is not there", defined(t, "c1", "c9"), graph, good, "not in the hierarchy"},
		{"twice", defined(t, "c1", "c1"), graph, good, "is given twice"},
		{"nothing", &codelist.Definition{}, graph, good, "no codes"},
		{"no answer", one, away, good, fault.Error()},
	}
	for _, test := range tests {
		if _, err := test.definition.Expand(t.Context(), test.hierarchy, test.info); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// TestDefinitionManyConflicts: the error stays readable.
func TestDefinitionManyConflicts(t *testing.T) {
	t.Parallel()
	edges := []string{"child,parent"}
	for n := 3; n < 20; n++ {
		edges = append(edges, fmt.Sprintf("c%d,c1\nc%d,c2", n, n))
	}
	var build codelist.GraphBuilder
	if err := build.Edges(strings.NewReader(written(t, strings.Join(edges, "\n")))); err != nil {
		t.Fatal(err)
	}
	graph, err := build.Graph()
	if err != nil {
		t.Fatal(err)
	}
	_, err = defined(t, "c1", "c2").Expand(t.Context(), graph, released(codelist.SNOMEDCT))
	if err == nil || !strings.Contains(err.Error(), "and 12 more") || strings.Count(err.Error(), "which is included") != 5 {
		t.Errorf("got %v", err)
	}
}

// TestDefinitionLaws compares with the rule: of all that is said above a concept, what has nothing said
// between counts.
func TestDefinitionLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		const n = 10
		var above [n][n]bool // above[a][b]: a is above b
		edges := []string{"child,parent"}
		for child := 1; child < n; child++ {
			for _, parent := range rapid.SliceOfNDistinct(rapid.IntRange(0, child-1), 1, min(child, 3), rapid.ID).Draw(rt, "parents") {
				above[parent][child] = true
				for a := range n {
					above[a][child] = above[a][child] || above[a][parent]
				}
				edges = append(edges, fmt.Sprintf("c%d,c%d", child, parent))
			}
		}
		var build codelist.GraphBuilder
		if err := build.Edges(strings.NewReader(written(t, strings.Join(edges, "\n")))); err != nil {
			rt.Fatal(err)
		}
		graph, err := build.Graph()
		if err != nil {
			rt.Fatal(err)
		}
		var said [n]string
		d := &codelist.Definition{}
		for c := range n {
			said[c] = rapid.SampledFrom([]string{"", "", "+", "-"}).Draw(rt, "said")
			switch said[c] {
			case "+":
				d.Include = append(d.Include, sctid(t, c))
			case "-":
				d.Exclude = append(d.Exclude, sctid(t, c))
			}
		}
		conflict := false
		var want [n]bool
		for c := range n {
			counts := map[string]bool{}
			for a := range n {
				between := said[c] != "" && a != c
				for b := range n {
					between = between || said[b] != "" && above[a][b] && above[b][c]
				}
				if said[a] != "" && (a == c || above[a][c]) && !between {
					counts[said[a]] = true
				}
			}
			want[c] = counts["+"]
			conflict = conflict || len(counts) > 1
		}
		list, err := d.Expand(t.Context(), graph, released(codelist.SNOMEDCT))
		if conflict != (err != nil && strings.Contains(err.Error(), "say which it is")) {
			rt.Fatalf("%+v: conflict %v, got %v", said, conflict, err)
		}
		for c := range n {
			if got := list != nil && list.Contains(sctid(t, c)); !conflict && got != want[c] {
				rt.Errorf("%q: %d is %v (%v)", said, c, got, err)
			}
		}
	})
}

func FuzzReadDefinition(f *testing.F) {
	f.Add(written(f, "code,term,is_included\nc1,One,+\nc2,Two,-\n"))
	f.Add("code,is_included\n\"")
	f.Fuzz(func(t *testing.T, file string) {
		d, err := codelist.ReadDefinition(strings.NewReader(file), codelist.SNOMEDCT)
		if err != nil {
			return
		}
		if len(d.Include) == 0 {
			t.Fatal("nothing is included")
		}
		for _, c := range slices.Concat(d.Include, d.Exclude) {
			if codelist.SNOMEDCT.Check(c) != nil {
				t.Fatalf("%q is invalid", c)
			}
		}
	})
}

func ExampleReadDefinition() {
	definition, err := codelist.ReadDefinition(strings.NewReader(`code,term,is_included
38341003,Hypertensive disorder,+
31992008,Secondary hypertension,-
`), codelist.SNOMEDCT)
	if err != nil {
		log.Fatal(err)
	}
	var build codelist.GraphBuilder
	if err := build.Edges(strings.NewReader("child,parent\n59621000,38341003\n31992008,38341003\n194788005,31992008\n")); err != nil {
		log.Fatal(err)
	}
	graph, err := build.Graph()
	if err != nil {
		log.Fatal(err)
	}
	list, err := definition.Expand(context.Background(), graph, codelist.Info{
		ID: "hypertension", Version: "1", System: codelist.SNOMEDCT, Release: "four concepts", Source: "Written for this example.",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Collect(list.Codes()))
	// Output:
	// [38341003 59621000]
}
