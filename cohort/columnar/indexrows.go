package columnar

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// indexReader reads the rows of one part of an index that have codes that are asked for.
type indexReader struct {
	shard  *storeShard // whose memory it uses, and who counts
	table  *planTable  // with the files of the part alone
	people int         // that the part has

	codes    []indexedCode
	asked    int // rows
	pageRows int64
	group    *openGroup // of the file
	columns  [][]*columnReader
	*indexMemory
}

// indexedCode is the rows of one code.
type indexedCode struct {
	codeRows
	owners []int32 // of those that have not been handed out, which are the last
}

// indexMemory is what a reader hands on to the next.
type indexMemory struct {
	owners   []int32 // of all rows that are asked for
	segments []*segment
	used     int
	vectors  []*indexVector
	usedVecs int
	pages    [2]flatfile.Page
}

// open finds the rows that are asked for, and whose they are, and makes sure that they have the codes that they should have.
func (r *indexReader) open(ctx context.Context) error {
	found, err := r.shard.directory(r.table)
	if err != nil || len(found) == 0 {
		return err
	}
	f := &r.table.files[0]
	file, err := r.shard.openFile(f)
	if err != nil {
		return r.fail(0, err)
	}
	r.shard.read.RowGroups++
	of := &shardTable{keyCursor: keyCursor{table: r.table}, rows: rowSpan{0, f.file.Rows}}
	r.group = &openGroup{shard: r.shard, table: of, file: file, end: f.file.Rows}
	for i, at := 0, 0; i < len(r.table.of.Columns); i++ {
		var readers []*columnReader
		for range r.table.of.Columns[i].Sources {
			c := &f.columns[at]
			readers = append(readers, &columnReader{group: r.group, source: c, converter: f.converter(r.shard.plan.store, c)})
			at++
		}
		r.columns = append(r.columns, readers)
	}
	return r.find(ctx, found)
}

// find reads the people and the codes of the rows that are asked for.
func (r *indexReader) find(ctx context.Context, found []codeRows) error {
	for _, c := range found {
		r.asked += int(c.to - c.from)
	}
	people, err := r.pageReader(0, r.group.file.key)
	if err != nil {
		return err
	}
	defer people.chunk.Release()
	codes, err := r.pageReader(1, r.columns[r.table.by.code][0].source.at)
	if err != nil {
		return err
	}
	codes.chunk.Entries(r.table.by.codes[0].file.Rows)
	defer codes.chunk.Release()
	r.pageRows = int64(people.chunk.Pages[0].Rows)
	r.owners = r.owners[:0]
	for _, c := range found {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var row int64
		if r.owners, row, err = people.owners(r.owners, c, r.people); err != nil {
			return r.fail(row, err)
		}
		if row, err := codes.check(c); err != nil {
			return r.fail(row, err)
		}
	}
	owners := r.owners
	for _, c := range found {
		n := c.to - c.from
		r.codes = append(r.codes, indexedCode{c, owners[:n]})
		owners = owners[n:]
	}
	r.shard.read.Rows += int64(r.asked)
	r.shard.read.Pages += int64(people.read)
	r.shard.read.PrunedPages += int64(len(people.chunk.Pages) - people.read)
	return nil
}

func (r *indexReader) fail(row int64, err error) error {
	return r.table.fail(row, fmt.Errorf("the index: %w", err))
}

// segmentsOf makes segments of the rows of people from one on, who come behind those of the call before.
func (r *indexReader) segmentsOf(first, people int, segments []*segment) []*segment {
	r.recycle()
	for i := range r.codes {
		c := &r.codes[i]
		n := sort.Search(len(c.owners), func(i int) bool { return int(c.owners[i]) >= first+people })
		for n > 0 {
			row := c.to - int64(len(c.owners))
			rows := int(min(int64(n), r.pageRows-row%r.pageRows)) // of one page
			seg := r.segment(row, rows, c.code)
			seg.first, seg.people = -first, c.owners[:rows]
			segments = append(segments, seg)
			c.owners = c.owners[rows:]
			n -= rows
		}
	}
	return segments
}

// segment returns a segment of rows with one code, for use again.
func (r *indexReader) segment(row int64, rows int, code string) *segment {
	if r.used == len(r.segments) {
		r.segments = append(r.segments, new(segment))
	}
	seg := r.segments[r.used]
	r.used++
	seg.rows = rows
	seg.columns = extend(seg.columns, len(r.columns))
	for i, sources := range r.columns {
		seg.columns[i] = extend(seg.columns[i], len(sources))
		for j, c := range sources {
			if r.usedVecs == len(r.vectors) {
				r.vectors = append(r.vectors, new(indexVector))
			}
			v := r.vectors[r.usedVecs]
			r.usedVecs++
			v.column, v.row, v.n, v.code = c, row, rows, ""
			if i == r.table.by.code {
				v.code = code
			}
			seg.columns[i][j] = v
		}
	}
	return seg
}

// recycle takes back what the people before used.
func (r *indexReader) recycle() {
	r.used, r.usedVecs = 0, 0
	for _, sources := range r.columns {
		for _, c := range sources {
			for i, p := range c.pages {
				if p != nil {
					r.shard.free = append(r.shard.free, p)
					c.pages[i] = nil
				}
			}
		}
	}
}

func (r *indexReader) close() {
	if r.group == nil {
		return
	}
	r.recycle()
	for _, sources := range r.columns {
		for _, c := range sources {
			if c.chunk != nil {
				c.chunk.Release()
			}
		}
	}
	r.group.file.release()
	r.group, r.columns = nil, nil
}

// pageReader reads a column of the index from front to end.
type pageReader struct {
	chunk  *flatfile.Chunk
	page   *flatfile.Page
	loaded int // the page, or -1
	read   int // how many
}

func (r *indexReader) pageReader(memory, column int) (pageReader, error) {
	chunk, err := r.group.file.outline.Chunk(0, column, r.shard.room)
	if err != nil {
		return pageReader{}, r.fail(0, err)
	}
	return pageReader{chunk: chunk, page: &r.pages[memory], loaded: -1}, nil
}

// load reads the page of a row, and returns where the row is in it and how many of n rows from there on are.
func (p *pageReader) load(row int64, n int) (at, rows int, err error) {
	pages := p.chunk.Pages
	if p.loaded < 0 || row >= pages[p.loaded].First+int64(pages[p.loaded].Rows) {
		p.loaded += 1 + sort.Search(len(pages)-p.loaded-2, func(i int) bool { return pages[p.loaded+2+i].First > row })
		p.read++
		if err := p.chunk.Read(p.loaded, p.page); err != nil {
			return 0, 0, err
		}
		if p.page.Present() != nil {
			return 0, 0, errIndexCode
		}
	}
	at = int(row - pages[p.loaded].First)
	return at, min(n, p.page.Rows-at), nil
}

var (
	errIndexCode  = errors.New("the row has another code than it should have: make it again with columnar.Index, of a store opened with NoIndex")
	errIndexOrder = errors.New("the rows are not in order of person: make it again with columnar.Index, of a store opened with NoIndex")
)

// owners appends whose the rows of a code are: in order, of so many people. An error comes with its row.
func (p *pageReader) owners(to []int32, c codeRows, people int) ([]int32, int64, error) {
	last := int64(0)
	for row := c.from; row < c.to; {
		at, n, err := p.load(row, int(c.to-row))
		if err != nil {
			return to, row, err
		}
		if len(p.page.Integers) != p.page.Rows {
			return to, row, errIndexOrder
		}
		for i, number := range p.page.Integers[at : at+n] {
			if number < last || number >= int64(people) {
				return to, row + int64(i), errIndexOrder
			}
			to, last = append(to, int32(number)), number //nolint:gosec // people of a part
		}
		row += int64(n)
	}
	return to, 0, nil
}

// check makes sure that rows have a code. An error comes with its row.
func (p *pageReader) check(c codeRows) (int64, error) {
	for row := c.from; row < c.to; {
		at, n, err := p.load(row, int(c.to-row))
		if err != nil {
			return row, err
		}
		for i, text := range p.page.Texts {
			if i >= at && i < at+n && string(text) != c.code {
				return row + int64(i-at), errIndexCode
			}
		}
		if p.page.Indexed {
			for i, place := range p.page.Indexes[at : at+n] {
				if int64(place) != c.number {
					return row + int64(i), errIndexCode
				}
			}
		}
		row += int64(n)
	}
	return 0, nil
}
