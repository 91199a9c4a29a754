package columnar

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// keyCursor goes through the rows of a table, or some of them, one person after the other. Rows are numbered through all
// files, from 0.
type keyCursor struct {
	shard *storeShard
	table *planTable
	whole bool // nothing is pruned

	// The run that it is at: rows of one person, one after the other.
	key      personKey
	from, to int64
	done     bool // there is none

	end        int64       // of the rows it goes through
	next       int64       // the row that it has not looked at
	last       personKey   // of the run before
	some       bool        // there is a last one
	pageRuns   []numberRun // of the page, those found at once
	atRun      int         // the next of them
	openFile   *openFile
	group      int
	spans      []rowSpan // of the row group, those that are left
	chunk      *flatfile.Chunk
	chunkFirst int64 // the row that its row group begins with
	loaded     int   // page of the chunk that is in page, or -1
	page       flatfile.Page
	inPage     int64 // the row that page begins with
	keys       keys
	keysOf     *flatfile.Chunk // whose dictionary keys are, if they are of one
}

// rowSpan is rows from one up to another.
type rowSpan struct{ from, to int64 }

// start goes to the first run at or after a row.
func (c *keyCursor) start(ctx context.Context, from, end int64) error {
	c.next, c.end, c.loaded = from, end, -1
	return c.advance(ctx)
}

// close lets go of the file.
func (c *keyCursor) close() {
	if c.chunk != nil {
		c.chunk.Release()
	}
	c.openFile.release()
	c.openFile, c.chunk, c.done, c.atRun = nil, nil, true, len(c.pageRuns)
}

// advance goes to the next run.
func (c *keyCursor) advance(ctx context.Context) error {
	if c.hop() {
		return nil
	}
	c.last = c.key
	for {
		ok, err := c.seek(ctx)
		if err != nil {
			return err
		}
		if !ok {
			c.close()
			return nil
		}
		c.findRuns()
		if c.hop() {
			c.key.text, c.some = "", true
			return nil
		}
		if err := c.chunk.Unroll(&c.page); err != nil {
			return c.failGroup(err)
		}
		if c.take() {
			break
		}
	}
	if c.table.of.PerPerson && c.to > c.from+1 {
		return c.fail(c.from+1, errRepeated)
	}
	if !c.some || c.last != c.key {
		if err := c.check(); err != nil {
			return err
		}
	} else if c.table.of.PerPerson {
		return c.fail(c.from, errRepeated)
	}
	c.some = true
	return nil
}

// hop goes to the next of the runs that were found at once, if there is one.
func (c *keyCursor) hop() bool {
	if c.atRun >= len(c.pageRuns) {
		return false
	}
	r := &c.pageRuns[c.atRun]
	c.atRun++
	c.key.number, c.from, c.to = r.key, c.next, r.end
	c.next = c.to
	return true
}

var (
	errRepeated = errors.New("the person has a row before this one, in a table with one row a person: leave all but one out")
	errUnsorted = errors.New("the rows are not in order of person: sort them with columnar.Sort")
)

// check makes sure that people come in order, and that they belong into the shard.
func (c *keyCursor) check() error {
	if c.some && c.last.compare(c.key) > 0 {
		return c.fail(c.from, errUnsorted)
	}
	if !c.shard.holds(c.key) {
		return c.fail(c.from, errUnsorted)
	}
	return nil
}

// fail says where a row is.
func (c *keyCursor) fail(row int64, err error) error { return c.table.fail(row, err) }

func (t *planTable) fail(row int64, err error) error {
	f := t.fileAt(row)
	return fmt.Errorf("table %s, file %s, row %d: %w", t.name, f.name, row-f.first+1, err)
}

// fileAt returns the file that has a row.
func (t *planTable) fileAt(row int64) *planFile {
	for i := len(t.files) - 1; i > 0; i-- {
		if f := &t.files[i]; f.first <= row && f.file.Rows > 0 {
			return f
		}
	}
	return &t.files[0]
}

// seek makes sure that the page of the next row that is not pruned is there, and reports whether there is such a row.
func (c *keyCursor) seek(ctx context.Context) (bool, error) {
	for {
		for len(c.spans) > 0 && c.spans[0].to <= c.next {
			c.spans = c.spans[1:]
		}
		if len(c.spans) > 0 {
			break
		}
		if c.next >= c.end {
			return false, nil
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if err := c.enter(); err != nil {
			return false, err
		}
	}
	c.next = max(c.next, c.spans[0].from)
	if c.loaded >= 0 && c.next >= c.inPage && c.next < c.inPage+int64(c.page.Rows) {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return true, c.load()
}

// enter opens the row group of the next row, and moves on behind it if it is pruned.
func (c *keyCursor) enter() error {
	file := c.table.fileAt(c.next)
	if c.openFile == nil || c.openFile.planFile != file {
		c.openFile.release()
		if c.chunk != nil {
			c.chunk.Release()
			c.chunk = nil
		}
		var err error
		if c.openFile, err = c.shard.openFile(file); err != nil {
			return c.fail(c.next, err)
		}
	}
	group, first := file.file.GroupAt(c.next - file.first)
	c.group, first = group, first+file.first
	end := first + file.file.GroupRows(c.group)
	if c.chunk != nil {
		c.chunk.Release()
		c.chunk = nil
	}
	c.loaded = -1
	spans, err := c.unpruned(first, end)
	if err != nil {
		return c.failGroup(err)
	}
	if len(spans) == 0 {
		c.shard.read.PrunedRowGroups++
		c.next = min(end, c.end)
		return nil
	}
	c.shard.read.RowGroups++
	c.spans, c.chunkFirst = spans, first
	if c.chunk, err = c.openFile.outline.Chunk(c.group, file.key, c.shard.room); err != nil {
		return c.failGroup(err)
	}
	return nil
}

func (c *keyCursor) failGroup(err error) error {
	return c.table.failGroup(c.openFile.name, c.group, err)
}

// failGroup says where a row group is.
func (t *planTable) failGroup(file string, group int, err error) error {
	if errors.Is(err, flatfile.ErrMemory) {
		err = fmt.Errorf("%w: give Open a larger Budget", err)
	}
	return fmt.Errorf("table %s, file %s, row group %d: %w", t.name, file, group+1, err)
}

// load reads the page of the next row.
func (c *keyCursor) load() error {
	first := c.chunkFirst
	row := c.next - first
	at := max(c.loaded, 0)
	for c.chunk.Pages[at].First > row {
		at--
	}
	for c.chunk.Pages[at].First+int64(c.chunk.Pages[at].Rows) <= row {
		at++
	}
	if err := c.chunk.ReadRuns(at, &c.page); err != nil {
		return c.failGroup(err)
	}
	c.shard.read.Pages++
	c.loaded, c.inPage = at, first+c.chunk.Pages[at].First
	v := &c.page.Values
	if c.page.Indexed {
		if c.keysOf == c.chunk {
			return nil
		}
		d, err := c.chunk.Dictionary()
		if err != nil {
			return c.failGroup(err)
		}
		v = &d
		c.keysOf = c.chunk
	} else {
		c.keysOf = nil
	}
	if err := c.keys.take(c.chunk.Column, v); err != nil {
		return c.failGroup(err)
	}
	return nil
}

// take makes a run of the next rows of the page that are of one person, and reports whether there are any: rows without a
// key are counted and passed over.
func (c *keyCursor) take() bool {
	end := min(c.spans[0].to, c.inPage+int64(c.page.Rows))
	row, limit := int(c.next-c.inPage), int(end-c.inPage)
	from := row
	if at, ok := c.page.Rank(row); ok {
		key := c.keyAt(at)
		row = c.same(row, at, limit)
		if key.known() {
			c.key, c.from, c.to = key, c.inPage+int64(from), c.inPage+int64(row)
			c.next = c.to
			return true
		}
	} else {
		for row++; row < limit; row++ {
			if _, ok := c.page.Rank(row); ok {
				break
			}
		}
	}
	c.shard.read.NoKey += int64(row - from)
	c.next = c.inPage + int64(row)
	return false
}

func (c *keyCursor) keyAt(at int) personKey {
	if c.page.Indexed {
		at = int(c.page.Indexes[at])
	}
	return c.keys.at(at)
}

// same returns the row behind those, up to a limit, that are of the same person as a row, whose value is at a place.
func (c *keyCursor) same(row, at, limit int) int {
	if c.page.Present() != nil {
		key := c.keyAt(at)
		for row++; row < limit; row++ {
			if at, ok := c.page.Rank(row); !ok || c.keyAt(at) != key {
				break
			}
		}
		return row
	}
	switch {
	case c.page.Indexed:
		indexes := c.page.Indexes[:limit]
		for row++; row < limit && indexes[row] == indexes[row-1]; {
			row++
		}
	case len(c.page.Integers) > 0:
		integers := c.page.Integers[:limit]
		for row++; row < limit && integers[row] == integers[row-1]; {
			row++
		}
	default:
		for row++; row < limit && bytes.Equal(c.page.Texts[row], c.page.Texts[row-1]); {
			row++
		}
	}
	return row
}
