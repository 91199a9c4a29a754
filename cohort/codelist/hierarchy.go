package codelist

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Hierarchy is one release of a coding system that has levels, such as SNOMED CT: a terminology server, a
// database, or a [Graph] loaded from the files of the release. None is part of this package, as releases are
// licensed.
//
// All methods return an error that wraps [ErrUnknown] for what the release does not hold.
type Hierarchy interface {
	// Children returns the concepts directly below a concept.
	Children(ctx context.Context, concept string) ([]string, error)
	// Parents returns the concepts directly above a concept.
	Parents(ctx context.Context, concept string) ([]string, error)
	// Members returns the concepts in a reference set.
	Members(ctx context.Context, refset string) ([]string, error)
}

// ErrUnknown is wrapped by errors of a [Hierarchy] about a concept or reference set that it does not hold.
var ErrUnknown = errors.New("not in the hierarchy")

// Graph is a [Hierarchy] in memory. It is made by a [GraphBuilder], immutable and safe for concurrent use.
type Graph struct {
	concepts []string // sorted
	children adjacency
	parents  adjacency
	refsets  map[string][]string
}

// adjacency lists the neighbours of each concept, one concept after another.
type adjacency struct{ start, neighbours []int32 }

func (a adjacency) of(concept int32) []int32 {
	return a.neighbours[a.start[concept]:a.start[concept+1]]
}

// Len returns the number of concepts.
func (g *Graph) Len() int { return len(g.concepts) }

// Children returns the concepts directly below a concept, in byte order.
func (g *Graph) Children(_ context.Context, concept string) ([]string, error) {
	return g.neighbours(g.children, concept)
}

// Parents returns the concepts directly above a concept, in byte order.
func (g *Graph) Parents(_ context.Context, concept string) ([]string, error) {
	return g.neighbours(g.parents, concept)
}

// Members returns the concepts in a reference set, in byte order. They need not be in the hierarchy: sets
// keep concepts that are no longer active.
func (g *Graph) Members(_ context.Context, refset string) ([]string, error) {
	members, ok := g.refsets[refset]
	if !ok {
		return nil, fmt.Errorf("reference set %s: %w", refset, ErrUnknown)
	}
	return slices.Clone(members), nil
}

func (g *Graph) neighbours(a adjacency, concept string) ([]string, error) {
	at, ok := slices.BinarySearch(g.concepts, concept)
	if !ok {
		return nil, fmt.Errorf("concept %s: %w", concept, ErrUnknown)
	}
	found := a.of(int32(at)) //nolint:gosec // there are fewer than 2^31 concepts, see newGraph
	names := make([]string, len(found))
	for i, n := range found {
		names[i] = g.concepts[n]
	}
	return names, nil
}

// edge says that one concept is directly below another.
type edge struct{ child, parent string }

// newGraph makes a graph, and refuses one in which a concept is below itself.
func newGraph(edges []edge, refsets map[string][]string) (*Graph, error) {
	index := map[string]int32{}
	for _, e := range edges {
		index[e.child], index[e.parent] = 0, 0
	}
	if int64(len(index)) > 1<<31-2 {
		return nil, errors.New("too many concepts")
	}
	g := &Graph{concepts: slices.Sorted(maps.Keys(index)), refsets: refsets}
	for i, c := range g.concepts {
		index[c] = int32(i)
	}
	pairs := make([][2]int32, len(edges))
	for i, e := range edges {
		pairs[i] = [2]int32{index[e.child], index[e.parent]}
	}
	g.parents = adjacent(pairs, len(g.concepts))
	for i, p := range pairs {
		pairs[i] = [2]int32{p[1], p[0]}
	}
	g.children = adjacent(pairs, len(g.concepts))
	if cycle := g.cycle(); cycle != nil {
		return nil, fmt.Errorf("the hierarchy goes round in a circle: %s", strings.Join(cycle, " is below "))
	}
	return g, nil
}

// adjacent sorts pairs into lists of neighbours, without repeats.
func adjacent(pairs [][2]int32, concepts int) adjacency {
	slices.SortFunc(pairs, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	pairs = slices.Compact(slices.Clone(pairs))
	a := adjacency{make([]int32, concepts+1), make([]int32, len(pairs))}
	for i, p := range pairs {
		a.start[p[0]+1]++
		a.neighbours[i] = p[1]
	}
	for i := range concepts {
		a.start[i+1] += a.start[i]
	}
	return a
}

// cycle returns concepts each of which is directly below the next, the last being the first again, or nil.
func (g *Graph) cycle() []string {
	const fresh, open, done = 0, 1, 2
	state := make([]byte, len(g.concepts))
	type visit struct {
		concept int32
		next    int
	}
	var path []visit
	for root := range g.concepts {
		if state[root] == fresh {
			path = append(path[:0], visit{concept: int32(root)})
			state[root] = open
		}
		for len(path) > 0 {
			top := &path[len(path)-1]
			parents := g.parents.of(top.concept)
			if top.next == len(parents) {
				state[top.concept] = done
				path = path[:len(path)-1]
				continue
			}
			parent := parents[top.next]
			top.next++
			switch state[parent] {
			case fresh:
				state[parent] = open
				path = append(path, visit{concept: parent})
			case open:
				var names []string
				for _, v := range path[slices.IndexFunc(path, func(v visit) bool { return v.concept == parent }):] {
					names = append(names, g.concepts[v.concept])
				}
				return append(names, g.concepts[parent])
			}
		}
	}
	return nil
}
