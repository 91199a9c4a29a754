package columnar

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/personalised-prevention/nhs/internal/calendar"
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

	end        int64 // of the rows it goes through
	next       int64 // the row that it has not looked at
	last       personKey
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

// openFile is a file that is being read, by the cursor and by those who read its columns.
type openFile struct {
	*planFile
	outline *flatfile.File
	handle  *countingReader
	users   int
}

// openFile opens a file.
func (s *storeShard) openFile(f *planFile) (*openFile, error) {
	handle, err := f.open()
	if err != nil {
		return nil, err
	}
	s.read.Files++
	opened := &openFile{planFile: f, handle: &countingReader{handle, &s.read.Bytes}, users: 1}
	opened.outline = f.fileOf(opened.handle)
	return opened, nil
}

// release closes the file when nobody uses it any more.
func (f *openFile) release() {
	if f == nil {
		return
	}
	if f.users--; f.users == 0 {
		_ = f.handle.from.Close()
	}
}

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
	for {
		if c.atRun < len(c.pageRuns) {
			r := c.pageRuns[c.atRun]
			c.atRun++
			c.key, c.from, c.to = personKey{number: r.key}, c.next, c.inPage+int64(r.end)
			c.next, c.last, c.some = c.to, c.key, true
			return nil
		}
		ok, err := c.seek(ctx)
		if err != nil {
			return err
		}
		if !ok {
			c.close()
			return nil
		}
		if c.atRun == len(c.pageRuns) && c.take() {
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
	c.last, c.some = c.key, true
	return nil
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
	return fmt.Errorf("table %s, file %s, row group %d: %w", c.table.name, c.openFile.name, c.group+1, err)
}

// unpruned returns which rows of the row group may matter: those of pages that have days late enough.
func (c *keyCursor) unpruned(first, end int64) ([]rowSpan, error) {
	whole := []rowSpan{{max(first, c.next), min(end, c.end)}}
	if c.whole || c.openFile.date < 0 || c.shard.counts(c.table) {
		return whole, nil
	}
	chunk, err := c.openFile.outline.Chunk(c.group, c.openFile.date, c.shard.room)
	if err != nil {
		return nil, err
	}
	defer chunk.Release()
	if c.tooEarly(chunk.Column, chunk.Bounds()) {
		return nil, nil
	}
	bounds, err := chunk.PageBounds()
	if err != nil || bounds == nil {
		return whole, err
	}
	var spans []rowSpan
	for i, page := range chunk.Pages {
		if c.tooEarly(chunk.Column, bounds[i]) {
			c.shard.read.PrunedPages++
			continue
		}
		s := rowSpan{max(whole[0].from, first+page.First), min(whole[0].to, first+page.First+int64(page.Rows))}
		switch n := len(spans); {
		case s.from >= s.to:
		case n > 0 && spans[n-1].to == s.from:
			spans[n-1].to = s.to
		default:
			spans = append(spans, s)
		}
	}
	return spans, nil
}

// tooEarly reports whether all days lie before those that matter. Days that are missing match no question about
// days on or after one.
func (c *keyCursor) tooEarly(column *flatfile.Column, b flatfile.Bounds) bool {
	_, high, ok := b.Integers(column)
	if !ok {
		return false
	}
	if formOf(column) == formSeconds {
		points := converter{of: column, form: formSeconds, zone: c.shard.plan.store.zone}
		high = points.dayOf(high)
	}
	return high < int64(c.table.of.Earliest-calendar.Epoch)
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
	if err := c.chunk.Read(at, &c.page); err != nil {
		return c.failGroup(err)
	}
	c.shard.read.Pages++
	c.loaded, c.inPage = at, first+c.chunk.Pages[at].First
	v := &c.page.Values
	if c.page.Indexed {
		if c.keysOf == c.chunk {
			c.findRuns()
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
	c.findRuns()
	return nil
}

// numberRun is rows of a page up to one, of one person whose key is a number.
type numberRun struct {
	key int64
	end int32
}

// findRuns finds the runs of a page at once, in the usual case that all rows have keys that are numbers, all rows are
// asked for, and people come in order. Where that ends, so do the runs, and the rest is found one by one.
func (c *keyCursor) findRuns() {
	c.pageRuns, c.atRun = c.pageRuns[:0], 0
	end := c.inPage + int64(c.page.Rows)
	if c.keys.isText || c.page.Present() != nil || c.next != c.inPage || end > c.spans[0].to || c.page.Rows == 0 {
		return
	}
	low, high := int64(0), int64(1e18)
	if s := c.shard; s.low.known() {
		low = s.low.number
	}
	if s := c.shard; s.high.known() {
		high = s.high.number
	}
	if c.some && c.table.of.PerPerson {
		low = max(low, c.last.number+1)
	} else if c.some {
		low = max(low, c.last.number)
	}
	if low < 0 || high < 0 || c.some && c.last.number < 0 {
		return // texts are among them
	}
	numbers, indexes := c.keys.numbers, c.page.Indexes
	for row := 0; row < c.page.Rows; {
		begins := row
		var key int64
		if c.page.Indexed {
			id := indexes[row]
			key = numbers[id]
			for row++; row < len(indexes) && indexes[row] == id; {
				row++
			}
		} else {
			key = numbers[row]
			for row++; row < len(numbers) && numbers[row] == key; {
				row++
			}
		}
		if key < low || key >= high || row-begins > 1 && c.table.of.PerPerson {
			return
		}
		low = key + 1
		c.pageRuns = append(c.pageRuns, numberRun{key, int32(row)})
	}
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
