package flatfile

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"

	"github.com/parquet-go/bitpack"
	"github.com/parquet-go/parquet-go/format"
)

// Page is one page, decoded. Its memory is used again when another is read into it.
type Page struct {
	Rows int
	// Indexed pages have Indexes into the dictionary of their chunk, the others have Values; only of the rows with a
	// value, one after the other.
	Indexed bool
	Indexes []uint32
	Runs    []Run // in place of Indexes, from [Chunk.ReadRuns]
	Values

	known   int      // how many rows have a value
	present []uint64 // a bit for each row that has one
	ranks   []int32  // how many rows before each word of present have one
	bytes   []byte   // what the page holds
}

// Pass hands the memory of the values on to another page. The page still says which rows have one.
func (p *Page) Pass(to *Page) {
	to.Values, to.bytes = p.Values, p.bytes
	p.Values, p.bytes = Values{}, nil
}

// Known returns how many rows have a value.
func (p *Page) Known() int { return p.known }

// Present returns a bit for each row, set if it has a value; nil if all have one.
func (p *Page) Present() []uint64 {
	if p.known == p.Rows {
		return nil
	}
	return p.present
}

// Rank returns how many of the rows before this one have a value, and whether this one has.
func (p *Page) Rank(row int) (rank int, known bool) {
	if p.known == p.Rows {
		return row, true
	}
	word, bit := p.present[row>>6], uint(row&63)
	return int(p.ranks[row>>6]) + bits.OnesCount64(word&(1<<bit-1)), word>>bit&1 == 1
}

// Read decodes a page of the chunk into p.
func (c *Chunk) Read(page int, p *Page) error { return c.readPage(page, p, false) }

func (c *Chunk) readPage(page int, p *Page, runs bool) error {
	err := safely(func() error { return c.decode(c.Pages[page], p, runs) })
	if err != nil {
		return c.fail(err)
	}
	return nil
}

func (c *Chunk) decode(l Location, p *Page, runs bool) error {
	h, body, err := c.load(l)
	if err != nil {
		return err
	}
	if h.kind != pageData && h.kind != pageDataV2 {
		return errIndex
	}
	s := c.reader.shared
	if p.bytes, err = s.unpack(p.bytes[:0], body, h, c.reader.codec); err != nil {
		return err
	}
	levels, data, err := c.reader.levelsOf(p.bytes, h)
	if err != nil {
		return err
	}
	p.Rows, p.known, p.Indexed = l.Rows, l.Rows, false
	if c.Column.Optional {
		if err := p.readLevels(s, &levels); err != nil {
			return err
		}
	}
	p.Indexes, p.Runs, p.Values = p.Indexes[:0], p.Runs[:0], Values{p.Integers[:0], p.Doubles[:0], p.Texts[:0]}
	indexed := h.encoding == encodingDictionary || h.encoding == encodingPlainDictionary
	switch {
	case p.known == 0:
		p.Indexed = indexed && c.HasDictionary()
		return nil
	case indexed:
		return c.indexes(p, data, runs)
	case h.encoding == encodingPlain && c.Column.Type != format.Boolean:
		return p.plain(s, c.Column, data, int64(p.known))
	case h.encoding == encodingDeltaInteger && (c.Column.Type == format.Int32 || c.Column.Type == format.Int64):
		return p.deltas(&c.reader, data)
	default:
		return c.rare(l, p)
	}
}

// readLevels reads which rows have a value.
func (p *Page) readLevels(s *shared, levels *hybrid) (err error) {
	words := (p.Rows + 63) / 64
	if p.present, err = grow(s, p.present[:0], int64(words), 8); err != nil {
		return err
	}
	if p.ranks, err = grow(s, p.ranks[:0], int64(words), 4); err != nil {
		return err
	}
	p.present, p.ranks = p.present[:words], p.ranks[:words]
	clear(p.present)
	if err := levels.bits(p.present, p.Rows); err != nil {
		return err
	}
	p.known = 0
	for i, word := range p.present {
		p.ranks[i] = int32(p.known) //nolint:gosec // rows of a page fit
		p.known += bits.OnesCount64(word)
	}
	return nil
}

// bits reads n levels, of 0 or 1, as bits.
func (h *hybrid) bits(into []uint64, n int) error {
	for at := 0; at < n; {
		if err := h.run(); err != nil {
			return err
		}
		if h.repeats > 0 {
			end := at + min(h.repeats, n-at)
			h.repeats -= end - at
			if h.value != 0 {
				setBits(into, at, end)
			}
			at = end
			continue
		}
		end := at + min(h.packed, n-at)
		h.packed -= end - at
		for at < end {
			k := min(end-at, 32)
			word := bitsAt(h.groups, h.bit, k)
			into[at>>6] |= word << (at & 63)
			if at&63+k > 64 {
				into[at>>6+1] |= word >> (64 - at&63)
			}
			h.bit += k
			at += k
		}
	}
	return nil
}

// setBits sets the bits from one up to another.
func setBits(words []uint64, from, to int) {
	for from < to {
		n := min(to-from, 64-from&63)
		words[from>>6] |= (1<<n - 1) << (from & 63)
		from += n
	}
}

// indexes reads where in the dictionary the values are.
func (c *Chunk) indexes(p *Page, data []byte, runs bool) error {
	if !c.HasDictionary() {
		return errors.New("a page has no dictionary")
	}
	entries := c.entries
	if entries == 0 {
		d, err := c.Dictionary()
		if err != nil {
			return err
		}
		entries = int64(d.Len())
	}
	switch {
	case len(data) == 0:
		return errRuns
	case data[0] > 32:
		return errInconsistent
	}
	p.Indexed = true
	if runs {
		return p.readRuns(c.reader.shared, hybrid{data: data[1:], width: int(data[0])}, entries)
	}
	var err error
	if p.Indexes, err = grow(c.reader.shared, p.Indexes, int64(p.known), 4); err != nil {
		return err
	}
	p.Indexes = p.Indexes[:p.known]
	return runsOf(p.Indexes, data[1:], int(data[0]), entries)
}

var errBeyond = errors.New("a page points beyond its dictionary")

// runsOf reads values of some width, all less than limit, into all of out: what [hybrid] does, many at a time.
func runsOf(out []uint32, data []byte, width int, limit int64) error {
	at, bytes := 0, (width+7)/8
	whole := int64(1)<<width <= limit // no value can be too large
	for len(out) > 0 {
		if at >= len(data) {
			return errRuns
		}
		head, size := uint64(data[at]), 1
		if head >= 0x80 {
			if head, size = binary.Uvarint(data[at:]); size <= 0 || head>>1 > 1<<31 {
				return errRuns
			}
		}
		at += size
		if head&1 == 0 {
			if len(data)-at < bytes {
				return errRuns
			}
			value := uint32(0)
			for i := range bytes {
				value |= uint32(data[at+i]) << (8 * i)
			}
			at += bytes
			if int64(value) >= limit && head > 0 {
				return errBeyond
			}
			n := min(int(head>>1), len(out))
			for i := range out[:n] {
				out[i] = value
			}
			out = out[n:]
			continue
		}
		// The last group may be cut short.
		n := min(int(head>>1)*8, len(out))
		if (n*width+7)/8 > len(data)-at {
			return errRuns
		}
		unpack(out[:n], data[at:], width)
		if !whole && int64(largest(out[:n])) >= limit {
			return errBeyond
		}
		at += int(head>>1) * width
		out = out[n:]
	}
	return nil
}

// unpack reads values that are packed at the front of data.
func unpack(out []uint32, data []byte, width int) {
	switch need := (len(out)*width+7)/8 + slack; {
	case width == 0:
		clear(out)
	case width < 32 && cap(data) >= need:
		bitpack.Unpack(out, data[:need], uint(width))
	default:
		for i := range out {
			out[i] = uint32(bitsAt(data, i*width, width)) //nolint:gosec // at most 32 bits wide
		}
	}
}

func largest(values []uint32) uint32 {
	var a, b, c, d uint32
	for len(values) >= 4 {
		a, b, c, d = max(a, values[0]), max(b, values[1]), max(c, values[2]), max(d, values[3])
		values = values[4:]
	}
	for _, v := range values {
		a = max(a, v)
	}
	return max(a, b, c, d)
}

// Len returns how many values there are.
func (v *Values) Len() int { return len(v.Integers) + len(v.Doubles) + len(v.Texts) }

// plain reads n values of the plain encoding, but not booleans.
func (v *Values) plain(s *shared, c *Column, data []byte, n int64) error {
	// Every value takes at least a byte.
	if n > int64(len(data)) || n*int64(width(c.Type)) > int64(len(data)) {
		return errRuns
	}
	if err := v.room(s, c.Type, n); err != nil {
		return err
	}
	switch c.Type {
	case format.Int64:
		for i := range v.Integers {
			v.Integers[i] = int64(binary.LittleEndian.Uint64(data[8*i:])) //nolint:gosec // as stored
		}
	case format.Double:
		for i := range v.Doubles {
			v.Doubles[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
	case format.Int32:
		for i := range v.Integers {
			v.Integers[i] = c.int32(binary.LittleEndian.Uint32(data[4*i:]))
		}
	case format.Boolean, format.Int96, format.Float, format.ByteArray, format.FixedLenByteArray:
		from := plain{data: data, column: c}
		for i := range int(n) {
			if err := from.next(v, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// deltas reads integers of the delta encoding.
func (p *Page) deltas(r *reader, data []byte) (err error) {
	p.Integers, _, err = deltas(data, p.known, func(n int) ([]int64, error) {
		into, err := grow(r.shared, p.Integers, int64(n), 8)
		if err != nil {
			return nil, err
		}
		return into[:n], nil
	})
	if err != nil {
		return err
	}
	if len(p.Integers) < p.known {
		return errRuns
	}
	if r.column.Type == format.Int32 {
		for i, n := range p.Integers {
			p.Integers[i] = r.wrap(n)
		}
	}
	return nil
}

// rare reads a page the way of a [Scan].
func (c *Chunk) rare(l Location, p *Page) error {
	r := &c.reader
	if r.shared.held+25*int64(l.Rows) > maxHeld {
		return ErrMemory
	}
	r.pos, r.end, r.rows, r.left = l.Offset, l.Offset+l.Size, int64(l.Rows), 0
	if err := r.read(l.Rows); err != nil {
		return err
	}
	if err := p.room(r.shared, c.Column.Type, int64(p.known)); err != nil {
		return err
	}
	p.bytes = p.bytes[:0]
	at := 0
	for i, absent := range r.out.Null {
		if absent {
			continue
		}
		switch {
		case p.Texts != nil && isText(c.Column.Type):
			b := r.out.Texts[i]
			start := len(p.bytes)
			var err error
			if p.bytes, err = grow(r.shared, p.bytes, int64(start+len(b)), 1); err != nil {
				return err
			}
			p.bytes = append(p.bytes, b...)
			p.Texts[at] = p.bytes[start:]
		case len(p.Doubles) > 0:
			p.Doubles[at] = r.out.Doubles[i]
		default:
			p.Integers[at] = r.out.Integers[i]
		}
		at++
	}
	return nil
}
