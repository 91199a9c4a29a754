package flatfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
)

// Room is the memory that chunks are read in, by one goroutine at a time and up to a limit.
type Room struct{ shared shared }

// NewRoom returns room for so many bytes of pages, dictionaries and what is decoded of them.
func NewRoom(limit int64) *Room { return &Room{shared{limit: min(limit, maxHeld)}} }

// Chunk is a column in one row group. Its pages are read one by one, in any order; those that are not asked for
// are neither read nor decompressed.
type Chunk struct {
	Column *Column
	// Pages are those that have rows, in order.
	Pages []Location

	reader     reader // has the dictionary, and reads what is too rare to be fast
	outline    *outline
	group      int64    // rows in the row group
	size       int64    // of the file
	dictionary Location // without rows; no size if there is none
	read       bool     // the dictionary has been read
	entries    int64    // of the dictionary, if they have been told
}

// Location is where a page is in the file, its header included, and which rows of the row group it has.
type Location struct {
	Offset, Size int64
	First        int64
	Rows         int
}

// Chunk finds the pages of a column in a row group: in the file's index of them, or else by their headers.
func (f *File) Chunk(group, column int, room *Room) (*Chunk, error) {
	g := &f.groups[group]
	c := &Chunk{Column: &f.Columns[column], outline: &g.chunks[column], group: g.rows, size: f.size}
	c.reader.column, c.reader.shared, c.reader.file = c.Column, &room.shared, f.reader
	c.reader.codec = c.outline.codec
	err := safely(func() error { return c.locate() })
	if err != nil {
		return nil, c.fail(err)
	}
	return c, nil
}

// GroupRows returns the number of rows in a row group.
func (f *File) GroupRows(group int) int64 { return f.groups[group].rows }

// GroupAt returns the row group of a row, and the row that it begins with.
func (f *File) GroupAt(row int64) (group int, first int64) {
	group = sort.Search(len(f.groups), func(i int) bool { return f.groups[i].first > row }) - 1
	return group, f.groups[group].first
}

// From returns the file as read from another reader of the same bytes.
func (f *File) From(r io.ReaderAt) *File {
	copied := *f
	copied.reader = r
	return &copied
}

// fail says once which column it is.
func (c *Chunk) fail(err error) error {
	if _, ok := errors.AsType[*columnError](err); ok {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errRuns
	}
	return &columnError{c.Column.Name, err}
}

// columnError is an error about a column.
type columnError struct {
	name string
	err  error
}

func (e *columnError) Error() string { return fmt.Sprintf("column %q: %v", e.name, e.err) }

func (e *columnError) Unwrap() error { return e.err }

// locate finds the pages.
func (c *Chunk) locate() error {
	start, length := c.outline.start, c.outline.size
	if c.group == 0 {
		return nil
	}
	locations, err := c.offsets()
	if err != nil {
		return err
	}
	if len(locations) == 0 {
		return c.walk(start, start+length)
	}
	rows := int64(0)
	for i := range locations {
		l, end := &locations[i], c.group
		if i+1 < len(locations) {
			end = locations[i+1].First
		}
		if l.First != rows || end <= rows || l.Offset < start || l.Size <= 0 || l.Size > start+length-l.Offset {
			return errIndex
		}
		l.Rows = int(end - rows)
		rows = end
	}
	c.Pages = locations
	if before := locations[0].Offset - start; before > 0 {
		h, n, err := c.reader.shared.readHeader(c.reader.file, start, before)
		if err == nil && h.kind == pageDictionary && h.compressed >= 0 && h.compressed <= before-n {
			c.dictionary = Location{Offset: start, Size: n + h.compressed}
		}
	}
	return nil
}

// walk goes from header to header.
func (c *Chunk) walk(at, end int64) error {
	rows := int64(0)
	for headers := 0; rows < c.group; headers++ {
		switch {
		case at == end:
			return errRuns
		case headers == maxItems:
			return errors.New("there are too many pages")
		}
		h, n, err := c.reader.shared.readHeader(c.reader.file, at, end-at)
		if err != nil {
			return err
		}
		if err := h.check(end-at-n, c.group-rows); err != nil {
			return err
		}
		size := n + h.compressed
		switch {
		case h.kind == pageDictionary && c.dictionary.Size > 0:
			return errDictionary
		case h.kind == pageDictionary:
			c.dictionary = Location{Offset: at, Size: size}
		case h.values > 0:
			c.Pages = append(c.Pages, Location{Offset: at, Size: size, First: rows, Rows: int(h.values)})
			rows += h.values
		}
		at += size
	}
	c.reader.pos, c.reader.end, c.reader.left = at, end, 0
	return c.reader.finish()
}

var errDictionary = errors.New("a dictionary has no place here")

// load reads a page into raw memory, and returns its header and what follows that.
func (c *Chunk) load(l Location) (h header, body []byte, err error) {
	s := c.reader.shared
	if s.raw, err = grow(s, s.raw[:0], l.Size, 1); err != nil {
		return header{}, nil, err
	}
	raw := s.raw[:l.Size]
	if err := readAt(c.reader.file, raw, l.Offset); err != nil {
		return header{}, nil, err
	}
	n, f, err := walk(raw[:min(l.Size, maxHeader)])
	if err != nil {
		return header{}, nil, err
	}
	if h, err = headerOf(f); err != nil {
		return header{}, nil, err
	}
	body = raw[n:]
	if err := h.check(int64(len(body)), int64(l.Rows)); err != nil {
		return header{}, nil, err
	}
	if h.kind != pageDictionary && h.values != int64(l.Rows) {
		return header{}, nil, errIndex
	}
	return h, body[:h.compressed], nil
}

// HasDictionary reports whether pages may point to a dictionary.
func (c *Chunk) HasDictionary() bool { return c.dictionary.Size > 0 }

// Entries says how many values the dictionary has, so that pages that point to it can be read without it.
func (c *Chunk) Entries(n int64) { c.entries = n }

// Indexed reports whether a page points to the dictionary, without reading it whole.
func (c *Chunk) Indexed(page int) (bool, error) {
	if !c.HasDictionary() {
		return false, nil
	}
	if c.outline.told {
		return c.outline.all, nil
	}
	l := &c.Pages[page]
	h, _, err := c.reader.shared.readHeader(c.reader.file, l.Offset, l.Size)
	if err != nil {
		return false, c.fail(err)
	}
	return h.encoding == encodingDictionary || h.encoding == encodingPlainDictionary, nil
}

// Dictionary returns the values that pages point to, none if there is no dictionary. It is read once, and good as long
// as the chunk.
func (c *Chunk) Dictionary() (Values, error) {
	if c.read || c.dictionary.Size == 0 {
		return c.reader.dictionary, nil
	}
	err := safely(func() error {
		h, body, err := c.load(c.dictionary)
		switch {
		case err != nil:
			return err
		case h.kind != pageDictionary:
			return errIndex
		}
		c.reader.reuse(h.uncompressed)
		return c.reader.loadDictionary(h, body)
	})
	if err != nil {
		return Values{}, c.fail(err)
	}
	c.read = true
	return c.reader.dictionary, nil
}

// Release gives back the memory that the chunk holds, for other chunks. Neither it nor its dictionary is of use any more.
func (c *Chunk) Release() {
	r := &c.reader
	if r.shared == nil {
		return
	}
	r.shared.held -= int64(cap(r.page) + cap(r.joined) + 8*cap(r.numbers) + 8*cap(r.prefixes) + cap(r.out.copies))
	if cap(r.dictionaryPage) > 0 {
		r.shared.spare = append(r.shared.spare, spare{r.dictionaryPage, r.dictionary})
	}
	*c = Chunk{}
}

// reuse takes over the memory of a dictionary, the smallest that has the room, or else gives one up.
func (r *reader) reuse(size int64) {
	spares := r.shared.spare
	if len(spares) == 0 {
		return
	}
	best := -1
	for i := range spares {
		if n := int64(cap(spares[i].page)); n >= size && (best < 0 || n < int64(cap(spares[best].page))) {
			best = i
		}
	}
	if best >= 0 {
		r.dictionaryPage, r.dictionary = spares[best].page[:0], spares[best].values
	} else {
		best = 0
		v := &spares[0].values
		r.shared.held -= int64(cap(spares[0].page) + 8*cap(v.Integers) + 8*cap(v.Doubles) + 24*cap(v.Texts))
	}
	r.shared.spare = slices.Delete(spares, best, best+1)
}
