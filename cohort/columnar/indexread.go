package columnar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// tableIndex is the index of a table.
type tableIndex struct {
	column string // of codes
	lows   []personKey
	parts  []indexPart
}

// indexPart is the rows of some people, by code and person.
type indexPart struct {
	rows, codes *storeFile
}

var errOldIndex = errors.New("it is not of these files: make it again with columnar.Index, or remove its folder")

// findIndex finds the index of a table, if it has one.
func (s *Store) findIndex(t *storeTable) error {
	folder := filepath.Join(s.dir, t.name, indexFolder)
	m, err := readManifest(filepath.Join(folder, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	people := s.tables[s.population.Name()]
	if m.Version != manifestVersion || len(m.Parts) == 0 || m.Parts[0].Low != "" || people == nil || m.Source != s.fingerprint(t) {
		return errOldIndex
	}
	index := &tableIndex{column: m.Column}
	for i, part := range m.Parts {
		if i > 0 {
			if part.Low == "" || len(part.Low) > maxKey {
				return errOldIndex
			}
			index.lows = append(index.lows, newKey([]byte(part.Low)))
		}
		p := indexPart{newFile(s.dir, filepath.Join(folder, rowsName(i))), newFile(s.dir, filepath.Join(folder, codesName(i)))}
		for _, f := range []*storeFile{p.rows, p.codes} {
			if err := f.outline(); err != nil {
				return fmt.Errorf("file %s: %w", f.name, err)
			}
		}
		if p.rows.file.Rows != part.Rows {
			return errOldIndex
		}
		index.parts = append(index.parts, p)
	}
	if !slices.IsSortedFunc(index.lows, personKey.compare) {
		return errOldIndex
	}
	t.index = index
	return nil
}

func readManifest(path string) (m manifest, err error) {
	f, err := os.Open(path) //nolint:gosec // in the store's folder
	if err != nil {
		return m, withoutPath(err)
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m); err != nil {
		return m, errOldIndex
	}
	return m, nil
}

// useIndexes has the tables read by their indexes of which a plan asks by code only.
func (p *storePlan) useIndexes(plan *tree.Plan) (faults []error) {
	if p.population < 0 {
		return nil
	}
	for i, t := range p.tables {
		if t.index == nil || i == p.population || p.lows != nil && !slices.Equal(p.lows, t.index.lows) {
			continue
		}
		lists := demanded(plan, t.of, t.index.column)
		if lists == nil {
			continue
		}
		indexed := &planTable{storeTable: &storeTable{name: t.name}, of: t.of, lists: lists}
		if len(t.of.PersonKeys) == 0 {
			indexed.place.Key = t.place.Key
		}
		indexed.code = slices.IndexFunc(t.of.Columns, func(c tree.Column) bool { return c.Name == t.index.column })
		indexed.unknown = t.of.Columns[indexed.code].Texts
		for _, part := range t.index.parts {
			f, problems := resolveFile(indexed.storeTable, part.rows, t.of)
			faults = append(faults, problems...)
			indexed.files = append(indexed.files, f)
			indexed.codes = append(indexed.codes, part.codes)
		}
		p.tables[i] = indexed
		p.lows = t.index.lows
		p.indexed = true
	}
	return faults
}

// demanded returns lists such that every row that the plan asks about has a code of one of them; nil when there are none.
func demanded(plan *tree.Plan, t *tree.Table, column string) (lists []*codelist.List) {
	for _, rows := range plan.Rows {
		if rows.Table != t {
			continue
		}
		at := slices.IndexFunc(conjuncts(rows.Where), func(n tree.Node) bool {
			in, ok := n.(tree.InCodes)
			if !ok {
				return false
			}
			cell, ok := in.Value.(tree.Cell)
			return ok && t.Columns[cell.Column].Name == column
		})
		if at < 0 {
			return nil
		}
		in, ok := conjuncts(rows.Where)[at].(tree.InCodes)
		if !ok {
			return nil
		}
		lists = append(lists, in.List)
	}
	return lists
}

// codeRows is the rows of one code in a part.
type codeRows struct {
	code     string
	from, to int64
}

// directory reads which rows of a part have a code that is asked for, in order.
func (s *storeShard) directory(t *shardTable, part int) (found []codeRows, err error) {
	f := t.table.codes[part]
	opened, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.name, withoutPath(err))
	}
	defer opened.Close()
	s.read.Files++
	scan := f.file.From(&countingReader{opened, &s.read.Bytes}).Scan()
	if len(f.file.Columns) != 2 {
		return nil, fmt.Errorf("file %s: %w", f.name, errOldIndex)
	}
	at := int64(0)
	for {
		n, err := scan.Next(1024)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", f.name, err)
		}
		if n == 0 {
			break
		}
		codes, counts := scan.Columns[0].Texts, scan.Columns[1].Integers
		if len(codes) < n || len(counts) < n {
			return nil, fmt.Errorf("file %s: %w", f.name, errOldIndex)
		}
		for i := range n {
			if counts[i] <= 0 || counts[i] > t.table.files[part].file.Rows-at {
				return nil, fmt.Errorf("file %s: %w", f.name, errOldIndex)
			}
			if code := string(codes[i]); t.table.asks(code) {
				found = append(found, codeRows{code, at, at + counts[i]})
			}
			at += counts[i]
		}
	}
	if at != t.table.files[part].file.Rows {
		return nil, fmt.Errorf("file %s: %w", f.name, errOldIndex)
	}
	return found, nil
}

// asks reports whether some question asks for a code.
func (t *planTable) asks(code string) bool {
	return !slices.Contains(t.unknown, code) && slices.ContainsFunc(t.lists, func(l *codelist.List) bool { return l.Contains(code) })
}

// collectCodes makes segments of the rows of the people of the block that have a code that is asked for.
func (s *storeShard) collectCodes(ctx context.Context, t *shardTable, segments []*segment) ([]*segment, error) {
	for _, g := range t.groups {
		g.close()
	}
	t.groups = t.groups[:0]
	low, high := s.people[0], s.people[len(s.people)-1]
	for _, code := range t.codes {
		c := &t.keyCursor
		if err := c.restart(ctx, code.from, code.to); err != nil {
			return nil, err
		}
		at := 0
		var seg *segment
		var g *openGroup
		begins, ends := int64(0), int64(0) // of the segment, and where it must end
		for ; !c.done && c.key.compare(high) <= 0; c.step(ctx) {
			if c.key.compare(low) < 0 {
				continue
			}
			person, there := gallop(s.people, at, c.key)
			at = person
			if !there {
				s.read.Strangers += c.to - c.from
				continue
			}
			s.read.Rows += c.to - c.from
			for row := c.from; row < c.to; row++ {
				if seg == nil || row != begins+int64(seg.rows) || row == ends {
					var err error
					if g, err = t.groupAt(row); err != nil {
						return nil, err
					}
					begins, ends = row, g.pagesEnd(row, code.to)
					seg = s.scattered(g, row, code.code)
					segments = append(segments, seg)
				}
				seg.people = append(seg.people, int32(person)) //nolint:gosec // within a block
				seg.rows++
			}
		}
		if c.failed != nil {
			return nil, c.failed
		}
	}
	for _, seg := range segments {
		for _, sources := range seg.columns {
			for _, v := range sources {
				if v, ok := v.(*storeVector); ok {
					v.n = seg.rows
				}
			}
		}
	}
	return segments, nil
}

// scattered returns a segment that begins with a row, of rows of one code that say each whose it is.
func (s *storeShard) scattered(g *openGroup, row int64, code string) *segment {
	seg := s.segment(g, row, row+1)
	seg.rows, seg.starts, seg.people = 0, nil, []int32{}
	if v, ok := seg.columns[g.table.table.code][0].(*storeVector); ok {
		v.code = code
	}
	return seg
}

// gallop returns the place of a key among people, at or behind a place, or where it would be.
func gallop(people []personKey, at int, key personKey) (int, bool) {
	step := 1
	for at+step < len(people) && people[at+step].compare(key) < 0 {
		at += step
		step *= 2
	}
	end := min(at+step+1, len(people))
	at += sort.Search(end-at, func(i int) bool { return people[at+i].compare(key) >= 0 })
	return at, at < len(people) && people[at] == key
}

// restart is start, with the page that has been read.
func (c *keyCursor) restart(ctx context.Context, from, end int64) error {
	c.next, c.end, c.some, c.done, c.spans, c.failed, c.pageRuns = from, end, false, false, nil, nil, nil
	c.atRun = 0
	return c.advance(ctx)
}

// step is advance, with the error kept.
func (c *keyCursor) step(ctx context.Context) {
	if c.failed = c.advance(ctx); c.failed != nil {
		c.done = true
	}
}

// indexed reports whether the table is read by its index.
func (t *planTable) indexed() bool { return t.lists != nil }
