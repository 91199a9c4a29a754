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
	"github.com/personalised-prevention/nhs/internal/flatfile"
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
	f, err := (&storeFile{path: path}).open()
	if err != nil {
		return m, err
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
		indexed.wanted = wantedOf(lists, indexed.unknown)
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

// wanted are the codes that a plan asks for: one by one, sorted, and by lists that also have ranges.
type wanted struct {
	exact  []string
	ranged []*codelist.List
}

// wantedOf returns the codes of lists, but for those that mean "not known".
func wantedOf(lists []*codelist.List, unknown []string) (w wanted) {
	for _, list := range lists {
		w.exact = slices.AppendSeq(w.exact, list.Exact())
		for range list.Ranges() {
			w.ranged = append(w.ranged, list)
			break
		}
	}
	slices.Sort(w.exact)
	w.exact = slices.DeleteFunc(slices.Compact(w.exact), func(code string) bool { return slices.Contains(unknown, code) })
	return w
}

// has reports whether a code is wanted. Codes come in order: at is where the search for the next begins.
func (w *wanted) has(code []byte, unknown []string, at *int) bool {
	for *at < len(w.exact) && w.exact[*at] < string(code) {
		*at++
	}
	if *at < len(w.exact) && w.exact[*at] == string(code) {
		return true
	}
	return len(w.ranged) > 0 && !slices.Contains(unknown, string(code)) &&
		slices.ContainsFunc(w.ranged, func(l *codelist.List) bool { return l.Contains(string(code)) })
}

// between reports whether a code may be wanted that is not outside some bounds.
func (w *wanted) between(b flatfile.Bounds) bool {
	if b.Low == nil || len(w.ranged) > 0 {
		return true
	}
	at, _ := slices.BinarySearch(w.exact, string(b.Low))
	return at < len(w.exact) && w.exact[at] <= string(b.High)
}

// directory reads which rows of a part have a code that is asked for, in order.
func (s *storeShard) directory(t *shardTable, part int) (found []codeRows, err error) {
	f := t.table.codes[part]
	opened, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.name, err)
	}
	defer opened.Close()
	s.read.Files++
	if len(f.file.Columns) != len(directoryColumns()) {
		return nil, fmt.Errorf("file %s: %w", f.name, errOldIndex)
	}
	r := directoryReader{file: f.file.From(&countingReader{opened, &s.read.Bytes}), room: s.room, rows: t.table.files[part].file.Rows}
	for g := range r.file.RowGroups() {
		if found, err = r.group(found, g, &t.table.wanted, t.table.unknown); err != nil {
			return nil, fmt.Errorf("file %s: %w", f.name, err)
		}
	}
	return found, nil
}

// directoryReader reads where the rows of codes are.
type directoryReader struct {
	file  *flatfile.File
	room  *flatfile.Room
	rows  int64 // that there are
	pages [3]flatfile.Page
	at    int
	end   int64
}

func (r *directoryReader) group(found []codeRows, group int, w *wanted, unknown []string) ([]codeRows, error) {
	var chunks [3]*flatfile.Chunk
	for i := range chunks {
		var err error
		if chunks[i], err = r.file.Chunk(group, i, r.room); err != nil {
			return nil, err
		}
		defer chunks[i].Release()
	}
	bounds, err := chunks[0].PageBounds()
	if err != nil {
		return nil, err
	}
	for page := range chunks[0].Pages {
		if bounds != nil && !w.between(bounds[page]) {
			continue
		}
		var v [3]flatfile.Values
		for i, c := range chunks {
			if page >= len(c.Pages) || c.Pages[page].First != chunks[0].Pages[page].First || c.Pages[page].Rows != chunks[0].Pages[page].Rows {
				return nil, errOldIndex
			}
			if err := c.Read(page, &r.pages[i]); err != nil {
				return nil, err
			}
			if v[i] = r.pages[i].Values; r.pages[i].Indexed || v[i].Len() != r.pages[i].Rows {
				return nil, errOldIndex
			}
		}
		if len(v[0].Texts) != len(v[1].Integers) || len(v[0].Texts) != len(v[2].Integers) {
			return nil, errOldIndex
		}
		for i, code := range v[0].Texts {
			first, rows := v[1].Integers[i], v[2].Integers[i]
			if first < r.end || rows <= 0 || rows > r.rows-first {
				return nil, errOldIndex
			}
			r.end = first + rows
			if w.has(code, unknown, &r.at) {
				found = append(found, codeRows{string(code), first, first + rows})
			}
		}
	}
	return found, nil
}

// collectCodes makes segments of the rows of the people of the block that have a code that is asked for.
func (s *storeShard) collectCodes(ctx context.Context, t *shardTable, segments []*segment) ([]*segment, error) {
	for _, g := range t.groups {
		g.close()
	}
	t.groups = t.groups[:0]
	low, high := s.people[0], s.people[len(s.people)-1]
	s.finder.build(s.people)
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
			person, there := s.finder.find(at, c.key)
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
	for i, seg := range s.segments[:s.used] {
		if seg.starts == nil && i < len(s.owners) {
			s.owners[i] = seg.people // for the next block
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
	for len(s.owners) < s.used {
		s.owners = append(s.owners, nil)
	}
	seg.first = 0
	seg.rows, seg.starts, seg.people = 0, nil, append(s.owners[s.used-1][:0], 0)[:0] // never nil
	if v, ok := seg.columns[g.table.table.code][0].(*storeVector); ok {
		v.code = code
	}
	return seg
}

// finder finds people of a block by their keys.
type finder struct {
	people []personKey
	// Of numbers, people are in buckets of so many bits: starts are where each begins, and the last one ends.
	numbers []int64
	shift   uint
	starts  []int32
}

func (f *finder) build(people []personKey) {
	f.people, f.numbers, f.starts = people, f.numbers[:0], f.starts[:0]
	for _, key := range people {
		if key.number < 0 {
			f.numbers = f.numbers[:0]
			return
		}
		f.numbers = append(f.numbers, key.number)
	}
	low, n := f.numbers[0], len(people)
	size := f.numbers[n-1] - low
	for f.shift = 0; size>>f.shift > int64(2*n); f.shift++ {
	}
	for i, number := range f.numbers {
		for bucket := int((number - low) >> f.shift); len(f.starts) <= bucket; {
			f.starts = append(f.starts, int32(i))
		}
	}
	f.starts = append(f.starts, int32(n)) //nolint:gosec // within a block
}

// find returns the place of a key, which is not outside the block, and whether somebody has it. Without numbers it looks from
// a place on.
func (f *finder) find(at int, key personKey) (int, bool) {
	if len(f.numbers) == 0 || key.number < 0 {
		return gallop(f.people, at, key)
	}
	bucket := (key.number - f.numbers[0]) >> f.shift
	low, high := int(f.starts[bucket]), int(f.starts[bucket+1])
	for high-low > 8 {
		if middle := (low + high) / 2; f.numbers[middle] < key.number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	for low < high && f.numbers[low] < key.number {
		low++
	}
	return low, low < len(f.numbers) && f.numbers[low] == key.number
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
