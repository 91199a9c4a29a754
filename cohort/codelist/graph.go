package codelist

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	isA    = "116680003"
	stated = "900000000000010007"
)

// GraphBuilder makes a [Graph] of the files of a release. The zero value is ready. Give it all files of the
// edition, such as those of the International, the UK clinical and the UK drug extension: a concept of one
// is below concepts of another. After an error no graph can be made.
//
//	var build codelist.GraphBuilder
//	for _, file := range files {
//		err = errors.Join(err, build.Relationships(file))
//	}
//	graph, err := build.Graph()
type GraphBuilder struct {
	edges         []edge
	relationships map[uint64]relationship
	members       map[[16]byte]member
	failed        error
}

// relationship is the newest row of a relationship.
type relationship struct {
	edge
	version
}

// member is the newest row of a member of a reference set.
type member struct {
	refset, concept string
	version
}

// version is what a row of a release format 2 file says of itself.
type version struct {
	time   uint32
	active bool
}

// Relationships reads a relationship file of release format 2 (RF2), whose name begins with
// sct2_Relationship, and keeps the active rows of type "is a". Of rows with the same id that with the
// latest effectiveTime counts, so that full files are read as well as snapshots.
func (b *GraphBuilder) Relationships(file io.Reader) error {
	if b.relationships == nil {
		b.relationships = map[uint64]relationship{}
	}
	columns := []string{"id", "effectiveTime", "active", "sourceId", "destinationId", "typeId", "characteristicTypeId"}
	return b.keep(readRF2(file, columns, func(row []string) error {
		if row[5] != isA {
			return nil
		}
		id, err := strconv.ParseUint(row[0], 10, 64)
		if err != nil {
			return fmt.Errorf("id %s is no identifier of SNOMED CT", quote(row[0]))
		}
		v, err := parseVersion(row[1], row[2])
		if err != nil {
			return err
		}
		if row[6] == stated {
			return errors.New("a stated relationship, of which hierarchies are made by a classifier: give the file of inferred ones")
		}
		for _, concept := range row[3:5] {
			if err := SNOMEDCT.Check(concept); err != nil {
				return fmt.Errorf("concept %s: %w", quote(concept), err)
			}
		}
		now := relationship{edge{strings.Clone(row[3]), strings.Clone(row[4])}, v}
		if earlier, ok := b.relationships[id]; ok {
			if earlier.time == now.time && earlier != now {
				return fmt.Errorf("relationship %s differs from another row of the same id and time", quote(row[0]))
			}
			if earlier.time > now.time {
				return nil
			}
		}
		b.relationships[id] = now
		return nil
	}))
}

// Refsets reads a file of simple reference sets of release format 2 (RF2), whose name begins with
// der2_Refset_Simple, and keeps the active members. Of rows with the same id that with the latest
// effectiveTime counts.
func (b *GraphBuilder) Refsets(file io.Reader) error {
	if b.members == nil {
		b.members = map[[16]byte]member{}
	}
	columns := []string{"id", "effectiveTime", "active", "refsetId", "referencedComponentId"}
	return b.keep(readRF2(file, columns, func(row []string) error {
		var id [16]byte
		if digits := strings.ReplaceAll(row[0], "-", ""); len(digits) != 2*len(id) {
			return fmt.Errorf("id %s is no UUID", quote(row[0]))
		} else if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
			return fmt.Errorf("id %s is no UUID", quote(row[0]))
		}
		v, err := parseVersion(row[1], row[2])
		if err != nil {
			return err
		}
		for _, component := range row[3:5] {
			if err := checkSNOMED(component, false); err != nil {
				return fmt.Errorf("component %s: %w", quote(component), err)
			}
		}
		now := member{strings.Clone(row[3]), strings.Clone(row[4]), v}
		if earlier, ok := b.members[id]; ok {
			if earlier.time == now.time && earlier != now {
				return fmt.Errorf("member %s differs from another row of the same id and time", row[0])
			}
			if earlier.time > now.time {
				return nil
			}
		}
		b.members[id] = now
		return nil
	}))
}

// Edges reads a hierarchy of any coding system from a CSV file with the columns child and parent.
func (b *GraphBuilder) Edges(file io.Reader) error {
	return b.keep(func() error {
		t, err := openTable(file)
		if err != nil {
			return err
		}
		var at [2]int
		for i, column := range []string{"child", "parent"} {
			if at[i], err = t.first(column); err != nil {
				return err
			}
		}
		for row, err := range t.rows {
			if err != nil {
				return err
			}
			child, parent := strings.Clone(field(row, at[0])), strings.Clone(field(row, at[1]))
			if child == "" || parent == "" {
				return fmt.Errorf("line %d: the child or the parent is missing", t.last)
			}
			b.edges = append(b.edges, edge{child, parent})
		}
		return nil
	}())
}

// Graph makes the graph of what has been read. It refuses a hierarchy in which a concept is below itself.
func (b *GraphBuilder) Graph() (*Graph, error) {
	if b.failed != nil {
		return nil, fmt.Errorf("codelist: a file of the hierarchy was refused: %w", b.failed)
	}
	edges := slices.Clone(b.edges)
	for _, r := range b.relationships {
		if r.active {
			edges = append(edges, r.edge)
		}
	}
	if len(edges) == 0 {
		return nil, errors.New("codelist: no concept of the hierarchy is below another: read its relationships first")
	}
	refsets := map[string][]string{}
	for _, m := range b.members {
		if m.active {
			refsets[m.refset] = append(refsets[m.refset], m.concept)
		}
	}
	for refset := range maps.Keys(refsets) {
		slices.Sort(refsets[refset])
		refsets[refset] = slices.Compact(refsets[refset])
	}
	g, err := newGraph(edges, refsets)
	if err != nil {
		return nil, fmt.Errorf("codelist: %w", err)
	}
	return g, nil
}

// keep remembers an error, so that no graph is made of half a release.
func (b *GraphBuilder) keep(err error) error {
	if err == nil {
		return nil
	}
	b.failed = err
	return fmt.Errorf("codelist: hierarchy: %w", err)
}

func parseVersion(effectiveTime, active string) (version, error) {
	time, err := strconv.ParseUint(effectiveTime, 10, 32)
	if err != nil || len(effectiveTime) != len("20060102") {
		return version{}, fmt.Errorf("effectiveTime %s is not a date such as 20250402", quote(effectiveTime))
	}
	if active != "0" && active != "1" {
		return version{}, fmt.Errorf("active is %s, neither 0 nor 1", quote(active))
	}
	return version{uint32(time), active == "1"}, nil
}

// readRF2 passes on the named columns of every row of a file of release format 2: tab separated, without
// quotes, with a header line. The row is valid until the next.
func readRF2(file io.Reader, columns []string, do func(row []string) error) error {
	lines := bufio.NewScanner(withoutMark(file))
	lines.Buffer(nil, 1<<20)
	n := 0
	next := func() ([]string, bool) {
		if !lines.Scan() {
			return nil, false
		}
		n++
		return strings.Split(string(bytes.TrimSuffix(lines.Bytes(), []byte("\r"))), "\t"), true
	}
	header, ok := next()
	if !ok && lines.Err() == nil {
		return errors.New("line 1: the file is empty; the first line must be the header of a release format 2 file")
	}
	at := make([]int, len(columns))
	for i, column := range columns {
		if at[i] = slices.Index(header, column); ok && at[i] < 0 {
			return fmt.Errorf("line 1: no column %s: not the header of a release format 2 file of this kind", column)
		}
	}
	row := make([]string, len(columns))
	for fields, ok := next(); ok; fields, ok = next() {
		if len(fields) != len(header) {
			return fmt.Errorf("line %d: %d fields, and the header has %d", n, len(fields), len(header))
		}
		for i := range at {
			row[i] = fields[at[i]]
		}
		if err := do(row); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("after line %d: %w", n, err)
	}
	return nil
}
