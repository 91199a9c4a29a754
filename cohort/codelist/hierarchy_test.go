package codelist_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// sctid makes the identifier of an invented concept.
func sctid(tb testing.TB, n int) string {
	tb.Helper()
	for check := range 10 {
		if id := fmt.Sprintf("%d00%d", 900+n, check); codelist.SNOMEDCT.Check(id) == nil {
			return id
		}
	}
	tb.Fatal("no check digit is right")
	return ""
}

// tree is, by number: 1 above 2 and 3; 2 above 4 and 5; 3 above 5 and 6; 5 above 7. 8 is the set of 4, 6
// and 99, which is in no hierarchy.
func tree() [][2]int {
	return [][2]int{{2, 1}, {3, 1}, {4, 2}, {5, 2}, {5, 3}, {6, 3}, {7, 5}}
}

const (
	relationshipHeader = "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId\n"
	refsetHeader       = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\n"
)

func relationshipRow(tb testing.TB, id, time, active, child, parent int, more ...string) string {
	tb.Helper()
	kind, characteristic := "116680003", "900000000000011006"
	if len(more) > 0 {
		kind = more[0]
	}
	if len(more) > 1 {
		characteristic = more[1]
	}
	return fmt.Sprintf("%d\t%d\t%d\t900000000000207008\t%s\t%s\t0\t%s\t%s\t900000000000451002\r\n",
		id, time, active, sctid(tb, child), sctid(tb, parent), kind, characteristic)
}

func memberRow(tb testing.TB, id, time, active, refset, concept int) string {
	tb.Helper()
	return fmt.Sprintf("00000000-0000-0000-0000-%012d\t%d\t%d\t999000011000000103\t%s\t%s\n", id, time, active, sctid(tb, refset), sctid(tb, concept))
}

// treeRF2 is the tree in the files of a release, with rows that must not count.
func treeRF2(tb testing.TB) (relationships, refsets string) {
	tb.Helper()
	rows := []string{relationshipHeader}
	for i, edge := range tree() {
		rows = append(rows, relationshipRow(tb, 100+i, 20250101, 1, edge[0], edge[1]))
	}
	relationships = strings.Join(rows, "") + relationshipRow(tb, 200, 20250101, 0, 6, 2) + // inactive
		relationshipRow(tb, 201, 20250101, 1, 7, 6, "363698007") + // a finding site
		relationshipRow(tb, 202, 20240101, 1, 7, 4) + relationshipRow(tb, 202, 20250101, 0, 7, 4) + // no longer
		relationshipRow(tb, 203, 20250101, 0, 7, 3) + relationshipRow(tb, 203, 20240101, 1, 7, 3) // likewise, newest first
	refsets = refsetHeader + memberRow(tb, 1, 20250101, 1, 8, 4) + memberRow(tb, 2, 20250101, 1, 8, 6) + memberRow(tb, 3, 20250101, 1, 8, 99) +
		memberRow(tb, 4, 20250101, 0, 8, 7) + memberRow(tb, 5, 20240101, 1, 8, 5) + memberRow(tb, 5, 20250101, 0, 8, 5)
	return relationships, refsets
}

func treeGraph(tb testing.TB) *codelist.Graph {
	tb.Helper()
	relationships, refsets := treeRF2(tb)
	var build codelist.GraphBuilder
	if err := errors.Join(build.Relationships(strings.NewReader(relationships)), build.Refsets(strings.NewReader(refsets))); err != nil {
		tb.Fatal(err)
	}
	graph, err := build.Graph()
	if err != nil {
		tb.Fatal(err)
	}
	return graph
}

// numbers turns identifiers back.
func numbers(tb testing.TB, concepts []string, err error) string {
	tb.Helper()
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, c := range concepts {
		for n := range 100 {
			if sctid(tb, n) == c {
				all = append(all, strconv.Itoa(n))
			}
		}
	}
	return strings.Join(all, " ")
}

func TestGraph(t *testing.T) {
	t.Parallel()
	edges := []string{"parent,child"}
	for _, edge := range slices.Concat(tree(), tree()) {
		edges = append(edges, sctid(t, edge[1])+", "+sctid(t, edge[0]))
	}
	var build codelist.GraphBuilder
	if err := build.Edges(strings.NewReader(strings.Join(edges, "\n"))); err != nil {
		t.Fatal(err)
	}
	plain, err := build.Graph()
	if err != nil {
		t.Fatal(err)
	}
	for name, graph := range map[string]*codelist.Graph{"release": treeGraph(t), "edges": plain} {
		if graph.Len() != 7 {
			t.Errorf("%s: %d concepts", name, graph.Len())
		}
		for n, want := range map[int][2]string{1: {"2 3", ""}, 2: {"4 5", "1"}, 3: {"5 6", "1"}, 4: {"", "2"}, 5: {"7", "2 3"}, 6: {"", "3"}, 7: {"", "5"}} {
			children, err := graph.Children(t.Context(), sctid(t, n))
			if got := numbers(t, children, err); got != want[0] {
				t.Errorf("%s: children of %d: %s", name, n, got)
			}
			parents, err := graph.Parents(t.Context(), sctid(t, n))
			if got := numbers(t, parents, err); got != want[1] {
				t.Errorf("%s: parents of %d: %s", name, n, got)
			}
		}
		if _, err := graph.Children(t.Context(), sctid(t, 9)); !errors.Is(err, codelist.ErrUnknown) {
			t.Errorf("%s: a concept that is not there: %v", name, err)
		}
		if _, err := graph.Members(t.Context(), sctid(t, 7)); !errors.Is(err, codelist.ErrUnknown) {
			t.Errorf("%s: a set that is not there: %v", name, err)
		}
	}
	members, err := treeGraph(t).Members(t.Context(), sctid(t, 8))
	if got := numbers(t, members, err); got != "4 6 99" {
		t.Errorf("members: %s", got)
	}
}

func TestGraphRefuses(t *testing.T) {
	t.Parallel()
	fault := errors.New("reading failed")
	row := func(id, time, active, child, parent int, more ...string) string {
		return relationshipRow(t, id, time, active, child, parent, more...)
	}
	good := relationshipHeader + row(1, 20250101, 1, 2, 1)
	relationships := (*codelist.GraphBuilder).Relationships
	refsets := (*codelist.GraphBuilder).Refsets
	edges := (*codelist.GraphBuilder).Edges
	tests := []struct {
		name string
		read func(*codelist.GraphBuilder, io.Reader) error
		file string
		want string
	}{
		{"empty", relationships, "", "line 1: the file is empty"},
		{"another file", relationships, refsetHeader, "line 1: no column sourceId"},
		{"no header", relationships, row(1, 20250101, 1, 2, 1), "line 1: no column id"},
		{"a field is missing", relationships, good + "2\t20250101\n", "line 3: 2 fields, and the header has 10"},
		{"id", relationships, strings.Replace(good, "\n1\t", "\nx\t", 1), `line 2: id "x"`},
		{"time", relationships, good + row(2, 2025, 1, 2, 1), `line 3: effectiveTime "2025"`},
		{"active", relationships, good + row(2, 20250101, 2, 2, 1), `line 3: active is "2"`},
		{"stated", relationships, good + row(2, 20250101, 1, 2, 1, "116680003", "900000000000010007"), "line 3: a stated relationship"},
		{"concept", relationships, strings.Replace(good, sctid(t, 2), "530558861000132000", 1), `line 2: concept "530558861000132000": the check digit is wrong`},
		{"two rows at one time", relationships, good + row(1, 20250101, 0, 2, 1), "line 3: relationship \"1\" differs"},
		{"too long a line", relationships, good + strings.Repeat("x", 1<<21), "after line 2: "},
		{"member id", refsets, refsetHeader + strings.Replace(memberRow(t, 1, 20250101, 1, 8, 4), "0000-", "", 1), "line 2: id"},
		{"member id of other letters", refsets, refsetHeader + strings.Replace(memberRow(t, 1, 20250101, 1, 8, 4), "0000-", "000x-", 1), "line 2: id"},
		{"member time", refsets, refsetHeader + memberRow(t, 1, 1, 1, 8, 4), "line 2: effectiveTime"},
		{"member", refsets, refsetHeader + strings.Replace(memberRow(t, 1, 20250101, 1, 8, 4), sctid(t, 4), "44054007", 1), `line 2: component "44054007"`},
		{"two members at one time", refsets, refsetHeader + memberRow(t, 1, 20250101, 1, 8, 4) + memberRow(t, 1, 20250101, 1, 8, 5), "line 3: member"},
		{"no edges", edges, "", "line 1: the file is empty"},
		{"no parents", edges, "child,term\n1,2\n", "line 1: no column named parent"},
		{"no parent", edges, "child,parent\n1,2\n3\n", "line 3: the child or the parent is missing"},
		{"bad quotes", edges, "child,parent\n1,2\n\"3,4\n", "line 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var build codelist.GraphBuilder
			if err := test.read(&build, strings.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			// What was read before the error makes no graph.
			if err := build.Edges(strings.NewReader("child,parent\n1,2\n")); err != nil {
				t.Fatal(err)
			}
			if _, err := build.Graph(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("a graph is made: %v", err)
			}
		})
	}
	for name, read := range map[string]func(*codelist.GraphBuilder, io.Reader) error{"relationships": relationships, "refsets": refsets, "edges": edges} {
		var build codelist.GraphBuilder
		if err := read(&build, iotest.ErrReader(fault)); !errors.Is(err, fault) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var build codelist.GraphBuilder
	if _, err := build.Graph(); err == nil || !strings.Contains(err.Error(), "relationships first") {
		t.Errorf("a graph is made of nothing: %v", err)
	}
}

func TestGraphCycle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, want string }{
		{"a,b\nb,c\nc,a\n", "a is below b is below c is below a"},
		{"x,a\na,b\nb,d\nb,c\nc,a\n", "a is below b is below c is below a"},
		{"a,a\n", "a is below a"},
	} {
		var build codelist.GraphBuilder
		if err := build.Edges(strings.NewReader("child,parent\n" + test.file)); err != nil {
			t.Fatal(err)
		}
		if _, err := build.Graph(); err == nil || !strings.HasSuffix(err.Error(), ": "+test.want) {
			t.Errorf("%q: got %v, want %q", test.file, err, test.want)
		}
	}
}

func FuzzRelationships(f *testing.F) {
	relationships, refsets := treeRF2(f)
	f.Add(relationships)
	f.Add(refsets)
	f.Add(relationshipHeader)
	f.Fuzz(func(t *testing.T, file string) {
		var build codelist.GraphBuilder
		err := errors.Join(build.Relationships(strings.NewReader(file)), build.Refsets(strings.NewReader(file)), build.Edges(strings.NewReader(file)))
		graph, graphErr := build.Graph()
		if err != nil && graphErr == nil {
			t.Fatal("a graph is made of a file that was refused")
		}
		if graphErr == nil && graph.Len() == 0 {
			t.Fatal("a graph without concepts")
		}
	})
}
