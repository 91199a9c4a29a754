package columnar

import (
	"fmt"
	"math"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

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
