package flatfile

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// reader reads one column.
type reader struct {
	column *Column
	shared *shared
	file   io.ReaderAt
	out    Vector

	// The chunk, the column's part of a row group.
	codec    format.CompressionCodec
	pos, end int64 // what is left of it, as offsets in the file
	rows     int64 // values that may still come in pages

	dictionary     Values
	dictionaryPage []byte
	hasDictionary  bool

	page     []byte // what the page holds, uncompressed
	left     int    // values of the page that are not read yet, nulls included
	levels   hybrid
	encoding int64
	data     []byte // what is left of page, in encodings that are read value by value
	bit      int    // of data, where booleans begin
	indexes  hybrid

	numbers  []int64 // of a delta encoding: values, or lengths of suffixes
	prefixes []int64
	taken    int // how many of numbers are read
	previous []byte

	joined []byte // a page whose numbers came with their bytes apart
}

// begin turns to the next chunk.
func (r *reader) begin(c *outline, rows int64) {
	r.codec, r.pos, r.end, r.rows = c.codec, c.start, c.start+c.size, rows
	r.left, r.hasDictionary = 0, false
}

// read reads n rows into out.
func (r *reader) read(n int) error {
	r.out.reset(r.column.Type, n)
	page := 0 // the first row of the page that is loaded
	for from := 0; from < n; {
		for r.left == 0 {
			if err := r.detach(page, from); err != nil {
				return err
			}
			page = from
			if r.pos == r.end {
				return errRuns
			}
			if err := r.load(); err != nil {
				return err
			}
		}
		to := min(n, from+r.left)
		if err := r.segment(from, to); err != nil {
			return err
		}
		r.left -= to - from
		from = to
	}
	return nil
}

// finish makes sure that no values are left. Some writers leave a few bytes
// between the pages of one column and the next.
func (r *reader) finish() error {
	if r.left > 0 {
		return errMoreValues
	}
	for headers := 0; r.pos < r.end && headers < maxItems; headers++ {
		h, n, err := r.shared.readHeader(r.file, r.pos, r.end-r.pos)
		if err != nil || h.compressed < 0 || h.compressed > r.end-r.pos-n {
			return nil //nolint:nilerr // what is there is no page
		}
		if h.kind != pageDictionary && h.values > 0 {
			return errMoreValues
		}
		r.pos += n + h.compressed
	}
	return nil
}

// load reads the next page.
func (r *reader) load() error {
	h, n, err := r.shared.readHeader(r.file, r.pos, r.end-r.pos)
	if err != nil {
		return err
	}
	r.pos += n
	if err := h.check(r.end-r.pos, r.rows); err != nil {
		return err
	}
	body := r.pos
	r.pos += h.compressed
	switch h.kind {
	case pageDictionary:
		raw, err := r.raw(h, body)
		if err != nil {
			return err
		}
		return r.loadDictionary(h, raw)
	case pageData, pageDataV2:
		raw, err := r.raw(h, body)
		if err != nil {
			return err
		}
		if r.page, err = r.shared.unpack(r.page[:0], raw, h, r.codec); err != nil {
			return err
		}
		r.rows -= h.values
		r.left = int(h.values)
		return r.open(h)
	default:
		return nil // an index
	}
}

// raw reads a page as it is stored, without its header.
func (r *reader) raw(h header, offset int64) (raw []byte, err error) {
	if raw, err = grow(r.shared, r.shared.raw, h.compressed, 1); err != nil {
		return nil, err
	}
	r.shared.raw = raw
	return raw[:h.compressed], readAt(r.file, raw[:h.compressed], offset)
}

// unpack appends what a page holds, levels first, to dst.
func (s *shared) unpack(dst, raw []byte, h header, codec format.CompressionCodec) ([]byte, error) {
	if h.checked && crc32.ChecksumIEEE(raw) != h.checksum {
		return nil, errors.New("a page does not have its checksum")
	}
	// The room behind the page is for a decoder that reads numbers whole.
	more := func(b []byte, n int64) ([]byte, error) { return grow(s, b, n+slack, 1) }
	levels := h.repetition + h.definition
	var err error
	if levels > 0 {
		if dst, err = more(dst, levels); err != nil {
			return nil, err
		}
		dst = append(dst, raw[:levels]...)
		raw = raw[levels:]
	}
	if h.plain {
		codec = format.Uncompressed
	}
	return s.inflater.inflate(dst, raw, codec, h.uncompressed-levels, more)
}

// loadDictionary reads the values that the pages behind it point to.
func (r *reader) loadDictionary(h header, raw []byte) (err error) {
	switch {
	case r.hasDictionary || r.column.Type == format.Boolean:
		return errDictionary
	case h.encoding != encodingPlain && h.encoding != encodingPlainDictionary:
		return unsupported(h.encoding)
	}
	if r.dictionaryPage, err = r.shared.unpack(r.dictionaryPage[:0], raw, h, r.codec); err != nil {
		return err
	}
	r.hasDictionary = true
	r.dictionary = Values{r.dictionary.Integers[:0], r.dictionary.Doubles[:0], r.dictionary.Texts[:0]}
	return r.dictionary.plain(r.shared, r.column, r.dictionaryPage, h.values)
}

// open prepares to read the values of the page.
func (r *reader) open(h header) error {
	var err error
	if r.levels, r.data, err = r.levelsOf(r.page, h); err != nil {
		return err
	}
	r.encoding, r.bit, r.taken = h.encoding, 0, 0
	if r.left == 0 {
		return nil
	}
	if h.encoding == encodingPlainDictionary {
		r.encoding = encodingDictionary
	}
	if !r.readable() {
		return unsupported(h.encoding)
	}
	r.indexes, r.numbers, r.prefixes, r.previous = hybrid{}, r.numbers[:0], r.prefixes[:0], r.previous[:0]
	if len(r.data) == 0 {
		return nil // all are null, or will be found missing
	}
	switch r.encoding {
	case encodingDictionary:
		switch {
		case !r.hasDictionary:
			return errors.New("a page has no dictionary")
		case r.data[0] > 32:
			return errInconsistent
		}
		r.indexes = hybrid{data: r.data[1:], width: int(r.data[0])}
	case encodingRLE:
		r.indexes.width = 1
		r.indexes.data, err = prefixed(&r.data)
	case encodingSplit:
		r.encoding = encodingPlain
		err = r.join()
	case encodingDeltaInteger, encodingDeltaLength:
		r.numbers, r.data, err = r.deltas(r.numbers)
	case encodingDeltaText:
		if r.prefixes, r.data, err = r.deltas(r.prefixes); err != nil {
			return err
		}
		if r.numbers, r.data, err = r.deltas(r.numbers); err == nil && len(r.prefixes) != len(r.numbers) {
			err = errDelta
		}
	}
	return err
}

// readable reports whether the encoding of the page goes with the column.
func (r *reader) readable() bool {
	switch r.encoding {
	case encodingPlain:
		return true
	case encodingDictionary:
		return r.column.Type != format.Boolean
	case encodingRLE:
		return r.column.Type == format.Boolean
	case encodingSplit:
		return width(r.column.Type) > 0
	case encodingDeltaInteger:
		return r.column.Type == format.Int32 || r.column.Type == format.Int64
	case encodingDeltaLength:
		return r.column.Type == format.ByteArray
	case encodingDeltaText:
		return r.column.Type == format.ByteArray || r.column.Type == format.FixedLenByteArray
	default:
		return false
	}
}

// levelsOf returns the levels at the front of a page, and the data behind them.
func (r *reader) levelsOf(page []byte, h header) (levels hybrid, data []byte, err error) {
	data, levels = page, hybrid{width: 1}
	if h.kind == pageDataV2 {
		levels.data = page[h.repetition : h.repetition+h.definition]
		return levels, page[h.repetition+h.definition:], nil
	}
	if !r.column.Optional || h.values == 0 {
		return levels, data, nil
	}
	if h.levels != encodingRLE {
		return levels, nil, unsupported(h.levels)
	}
	levels.data, err = prefixed(&data)
	return levels, data, err
}

// prefixed takes what follows its length of four bytes off the front of data.
func prefixed(data *[]byte) ([]byte, error) {
	b := *data
	if len(b) < 4 {
		return nil, errRuns
	}
	n := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 | int64(b[3])<<24
	if n > int64(len(b)-4) {
		return nil, errRuns
	}
	*data = b[4+n:]
	return b[4 : 4+n], nil
}

func unsupported(encoding int64) error { return fmt.Errorf("encoding %d is not supported", encoding) }

// join brings data that hold first the first bytes of all numbers, then the second
// ones, and so on, into the order of the plain encoding.
func (r *reader) join() (err error) {
	size := width(r.column.Type)
	n := len(r.data) / size
	if r.joined, err = grow(r.shared, r.joined[:0], int64(n*size), 1); err != nil {
		return err
	}
	r.joined = r.joined[:n*size]
	for i := range r.joined {
		r.joined[i] = r.data[i%size*n+i/size]
	}
	r.data = r.joined
	return nil
}

// width is the number of bytes of a number, 0 for what is not a number.
func width(t format.Type) int {
	switch t {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Boolean, format.Int96, format.ByteArray, format.FixedLenByteArray:
	}
	return 0
}

// deltas reads the numbers of a delta encoding off the front of data, into room
// that was used before.
func (r *reader) deltas(into []int64) (out []int64, rest []byte, err error) {
	return deltas(r.data, r.left, func(n int) ([]int64, error) {
		into, err := grow(r.shared, into[:0], int64(n), 8)
		if err != nil {
			return nil, err
		}
		return into[:n], nil
	})
}
