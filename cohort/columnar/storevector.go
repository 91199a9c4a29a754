package columnar

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// openGroup is a row group whose columns are being read.
type openGroup struct {
	shard      *storeShard
	table      *shardTable
	file       *openFile
	group      int
	first, end int64 // its rows
	columns    [][]*columnReader
}

// groupAt returns the row group of a row, which is not before those asked for so far.
func (t *shardTable) groupAt(row int64) (*openGroup, error) {
	if n := len(t.groups); n > 0 && row < t.groups[n-1].end {
		for i := n - 1; ; i-- {
			if t.groups[i].first <= row {
				return t.groups[i], nil
			}
		}
	}
	f := t.table.fileAt(row)
	g := &openGroup{shard: t.shard, table: t}
	switch n := len(t.groups); {
	case t.openFile != nil && t.openFile.planFile == f:
		g.file = t.openFile
		g.file.users++
	case n > 0 && t.groups[n-1].file.planFile == f:
		g.file = t.groups[n-1].file
		g.file.users++
	default:
		var err error
		if g.file, err = t.shard.openFile(f); err != nil {
			return nil, t.fail(row, err)
		}
	}
	group, first := f.file.GroupAt(row - f.first)
	g.group, g.first = group, f.first+first
	g.end = g.first + f.file.GroupRows(g.group)
	t.groups = append(t.groups, g)
	sources := f.columns
	for i := range t.table.of.Columns {
		n := len(t.table.of.Columns[i].Sources)
		readers := make([]*columnReader, n)
		for j := range readers {
			c := &columnReader{group: g, source: &sources[j], converter: f.converter(t.shard.plan.store, &sources[j])}
			var err error
			if c.chunk, err = g.file.outline.Chunk(g.group, sources[j].at, t.shard.room); err != nil {
				return nil, c.fail(err)
			}
			c.pages = make([]*readPage, len(c.chunk.Pages))
			readers[j] = c
		}
		g.columns = append(g.columns, readers)
		sources = sources[n:]
	}
	return g, nil
}

// pagesEnd returns the first row behind a row at which some column comes to another page, at most end.
func (g *openGroup) pagesEnd(row, end int64) int64 {
	end = min(end, g.end)
	for _, sources := range g.columns {
		for _, c := range sources {
			p := &c.chunk.Pages[c.pageAt(row-g.first)]
			end = min(end, g.first+p.First+int64(p.Rows))
		}
	}
	return end
}

// recycle takes back the pages before a row.
func (g *openGroup) recycle(row int64) {
	for _, sources := range g.columns {
		for _, c := range sources {
			c.recycle(row - g.first)
		}
	}
}

func (g *openGroup) close() {
	for _, sources := range g.columns {
		for _, c := range sources {
			c.recycle(g.end - g.first)
			c.chunk.Release()
			if c.dict != nil {
				*c.dict = dictionary{}
			}
		}
	}
	g.columns = nil
	g.file.release()
	g.file = nil
}

// columnReader reads one column of a row group.
type columnReader struct {
	converter
	group  *openGroup
	source *sourceColumn
	chunk  *flatfile.Chunk
	at     int // a page, where the next search begins
	oldest int // the first page that may be held
	pages  []*readPage
	dict   *dictionary
	faults []fault // of its values
	err    error   // what went wrong where nothing can be returned
}

// readPage is a page that has been read.
type readPage struct {
	page   flatfile.Page
	values values   // of a page that is not indexed
	ids    []uint32 // of every row of one that is
}

func (c *columnReader) fail(err error) error {
	g := c.group
	return g.table.table.failGroup(g.file.name, g.group, err)
}

// pageAt returns the page that has a row of the row group.
func (c *columnReader) pageAt(row int64) int {
	for c.chunk.Pages[c.at].First > row {
		c.at--
	}
	for c.chunk.Pages[c.at].First+int64(c.chunk.Pages[c.at].Rows) <= row {
		c.at++
	}
	return c.at
}

func (c *columnReader) recycle(row int64) {
	for ; c.oldest < len(c.pages); c.oldest++ {
		l := &c.chunk.Pages[c.oldest]
		if l.First+int64(l.Rows) > row {
			return
		}
		if p := c.pages[c.oldest]; p != nil {
			c.group.shard.free = append(c.group.shard.free, p)
			c.pages[c.oldest] = nil
		}
	}
}

// read returns a page.
func (c *columnReader) read(at int) (*readPage, error) {
	if c.err != nil {
		return nil, c.err
	}
	if p := c.pages[at]; p != nil {
		return p, nil
	}
	s := c.group.shard
	p := new(readPage)
	if n := len(s.free); n > 0 {
		p, s.free = s.free[n-1], s.free[:n-1]
	}
	p.ids = p.ids[:0]
	s.scratch.Pass(&p.page)
	if err := c.chunk.Read(at, &p.page); err != nil {
		return nil, c.fail(err)
	}
	s.read.Pages++
	var faults []fault
	if p.page.Indexed {
		if c.dictionary() == nil {
			return nil, c.err
		}
		faults = c.faults
	} else {
		if err := c.convert(&p.values, &p.page.Values); err != nil {
			return nil, c.fail(fmt.Errorf("column %q: %w", c.of.Name, err))
		}
		faults = p.values.faults
	}
	p.page.Pass(&s.scratch)
	if faults != nil {
		c.count(at, p, faults)
	}
	c.pages[at] = p
	return p, nil
}

// has reports whether the page has values of its own, of all rows.
func (p *readPage) has() bool { return !p.page.Indexed && p.page.Present() == nil }

// count counts values that are read as missing, of the rows that are the shard's.
func (c *columnReader) count(at int, p *readPage, faults []fault) {
	first := c.group.first + c.chunk.Pages[at].First
	from := max(0, c.group.table.rows.from-first)
	to := min(int64(p.page.Rows), c.group.table.rows.to-first)
	if from >= to {
		return
	}
	low, _ := p.page.Rank(int(from))
	high := p.page.Known()
	if to < int64(p.page.Rows) {
		high, _ = p.page.Rank(int(to))
	}
	var counts [faultNotFinite + 1]int64
	if p.page.Indexed {
		for _, id := range p.page.Indexes[low:high] {
			counts[faults[id]]++
		}
	} else {
		for _, f := range faults[low:high] {
			counts[f]++
		}
	}
	c.group.shard.read.column(c.group.table.table.name, c.source.name).add(ColumnReading{
		Unknown: counts[faultUnknown], OutsideCalendar: counts[faultCalendar],
		Unreadable: counts[faultUnreadable], NotFinite: counts[faultNotFinite],
	})
}

// dictionary returns the values that pages point to; nil when there are none, or they cannot be read.
func (c *columnReader) dictionary() *dictionary {
	if c.dict != nil || c.err != nil || !c.chunk.HasDictionary() {
		return c.dict
	}
	stored, err := c.chunk.Dictionary()
	if err != nil {
		c.err = c.fail(err)
		return nil
	}
	n := stored.Len()
	if c.whole(&stored) {
		c.dict = &dictionary{size: n + 1, integers: stored.Integers}
		return c.dict
	}
	var v values
	if err := c.convert(&v, &stored); err != nil {
		c.err = c.fail(fmt.Errorf("column %q: %w", c.of.Name, err))
		return nil
	}
	c.faults = v.faults
	d := &dictionary{size: n + 1}
	switch v.kind {
	case tree.Date:
		v.days = append(v.days, 0)
		d.days = v.days
	case tree.Number:
		v.numbers = append(v.numbers, math.NaN())
		d.numbers = v.numbers
	case tree.Text, tree.Code, tree.Codes:
		v.texts = append(v.texts, "")
		d.texts = v.texts
	}
	c.dict = d
	return d
}

// storeVector is some rows of a column, all of one page.
type storeVector struct {
	column       *columnReader
	page         int
	from, n      int    // rows of the page
	code         string // of all rows; empty if it is not told
	dayBuffer    []tree.Day
	numberBuffer []float64
	textBuffer   []string
}

// vector returns a vector of n rows of the row group, from one on, for use again.
func (s *storeShard) vector(c *columnReader, from int64, n int) *storeVector {
	if s.usedVecs == len(s.vectors) {
		s.vectors = append(s.vectors, new(storeVector))
	}
	v := s.vectors[s.usedVecs]
	s.usedVecs++
	v.column, v.page, v.n, v.code = c, c.pageAt(from), n, ""
	v.from = int(from - c.chunk.Pages[v.page].First)
	return v
}

func (v *storeVector) same() (code string, ok bool) { return v.code, v.code != "" }

func (v *storeVector) dictionary() *dictionary {
	c := v.column
	if p := c.pages[v.page]; p != nil && !p.page.Indexed {
		return nil
	}
	indexed, err := c.chunk.Indexed(v.page)
	if err != nil {
		c.err = c.fail(err)
	}
	if !indexed || err != nil {
		return nil
	}
	return c.dictionary()
}

func (v *storeVector) ids() ([]uint32, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if !p.page.Indexed {
		return nil, v.column.fail(errNotIndexed)
	}
	present := p.page.Present()
	if present == nil {
		return p.page.Indexes[v.from : v.from+v.n], nil
	}
	if len(p.ids) == 0 {
		p.ids = extend(p.ids, p.page.Rows)
		spread(p.ids, p.page.Indexes, present, uint32(v.column.dict.size-1)) //nolint:gosec // fits
	}
	return p.ids[v.from : v.from+v.n], nil
}

var errNotIndexed = errors.New("a page without indexes was asked for them")

// spread gives every row its own of the dense values, and those without one the missing one.
func spread(out, dense []uint32, present []uint64, missing uint32) {
	for w, word := range present {
		rows := out[64*w : min(64*w+64, len(out))]
		if bits.OnesCount64(word) == len(rows) {
			copy(rows, dense)
			dense = dense[len(rows):]
			continue
		}
		for i := range rows {
			rows[i] = missing
		}
		for ; word != 0; word &= word - 1 {
			rows[bits.TrailingZeros64(word)] = dense[0]
			dense = dense[1:]
		}
	}
}

func (v *storeVector) days(rows []int32) ([]tree.Day, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if rows == nil && p.has() {
		return p.values.days[v.from : v.from+v.n], nil
	}
	if p.page.Indexed {
		v.dayBuffer = pickRows(v.dayBuffer, v.column.dict.days, v, p, rows, 0)
	} else {
		v.dayBuffer = pickRows(v.dayBuffer, p.values.days, v, p, rows, 0)
	}
	return v.dayBuffer, nil
}

func (v *storeVector) numbers(rows []int32) ([]float64, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if rows == nil && p.has() {
		return p.values.numbers[v.from : v.from+v.n], nil
	}
	if p.page.Indexed {
		v.numberBuffer = pickRows(v.numberBuffer, v.column.dict.numbers, v, p, rows, math.NaN())
	} else {
		v.numberBuffer = pickRows(v.numberBuffer, p.values.numbers, v, p, rows, math.NaN())
	}
	return v.numberBuffer, nil
}

func (v *storeVector) texts(rows []int32) ([]string, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if p.page.Indexed {
		v.textBuffer = pickRows(v.textBuffer, v.column.dict.spelled(), v, p, rows, "")
	} else {
		v.textBuffer = pickRows(v.textBuffer, p.values.texts, v, p, rows, "")
	}
	return v.textBuffer, nil
}

// pickRows returns the values of the given rows of a vector, of all if rows is nil. from are the values that the page has
// or points to.
func pickRows[T any](out, from []T, v *storeVector, p *readPage, rows []int32, missing T) []T {
	n := len(rows)
	if rows == nil {
		n = v.n
	}
	out = extend(out, n)
	for i := range out {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		at, known := p.page.Rank(v.from + row)
		switch {
		case !known:
			out[i] = missing
		case p.page.Indexed:
			out[i] = from[p.page.Indexes[at]]
		default:
			out[i] = from[at]
		}
	}
	return out
}
