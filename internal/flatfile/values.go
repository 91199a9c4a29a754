package flatfile

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// MaxText is how many bytes of a text are read; of a longer one come one more, so
// that it shows.
const MaxText = 64 << 10

// Vector holds the values of a column in a batch of rows. They are good until the
// next batch. Which field has them depends on the type of the column.
type Vector struct {
	Null []bool
	Values
	copies []byte // texts whose page is no longer there
}

// Values are values of one type.
type Values struct {
	Integers []int64   // BOOLEAN (0 or 1), INT32, INT64
	Doubles  []float64 // FLOAT, DOUBLE
	Texts    [][]byte  // BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT96
}

func isText(t format.Type) bool {
	return t == format.ByteArray || t == format.FixedLenByteArray || t == format.Int96
}

// reset makes room for n rows.
func (v *Vector) reset(t format.Type, n int) {
	v.copies = v.copies[:0]
	if cap(v.Null) < n {
		v.Null = make([]bool, n)
	}
	v.Null = v.Null[:n]
	_ = v.room(nil, t, int64(n))
}

// room makes room for n values, counted as held by s unless it is nil.
func (v *Values) room(s *shared, t format.Type, n int64) (err error) {
	if s == nil {
		s = new(shared)
	}
	switch {
	case isText(t):
		if v.Texts, err = grow(s, v.Texts[:0], n, 24); err == nil {
			v.Texts = v.Texts[:n]
		}
	case t == format.Float || t == format.Double:
		if v.Doubles, err = grow(s, v.Doubles[:0], n, 8); err == nil {
			v.Doubles = v.Doubles[:n]
		}
	default:
		if v.Integers, err = grow(s, v.Integers[:0], n, 8); err == nil {
			v.Integers = v.Integers[:n]
		}
	}
	return err
}

// plain reads values of the plain encoding, but not booleans.
type plain struct {
	data   []byte
	column *Column
}

// next reads the next value into element i of v.
func (p *plain) next(v *Values, i int) error {
	size, err := p.size()
	if err != nil || len(p.data) < size {
		return errRuns
	}
	b := p.data[:size:size]
	p.data = p.data[size:]
	switch p.column.Type {
	case format.Int32:
		v.Integers[i] = p.column.int32(binary.LittleEndian.Uint32(b))
	case format.Int64:
		v.Integers[i] = int64(binary.LittleEndian.Uint64(b)) //nolint:gosec // as stored
	case format.Float:
		v.Doubles[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case format.Double:
		v.Doubles[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
	case format.ByteArray, format.FixedLenByteArray, format.Int96:
		v.Texts[i] = b[:min(size, MaxText+1)]
	case format.Boolean: // in bits, not here
	}
	return nil
}

// size returns how many bytes the next value has, and reads them off if they are
// counted.
func (p *plain) size() (int, error) {
	switch p.column.Type {
	case format.FixedLenByteArray:
		return p.column.Length, nil
	case format.Int96:
		return 12, nil
	case format.ByteArray:
		if len(p.data) < 4 {
			return 0, errRuns
		}
		n := binary.LittleEndian.Uint32(p.data)
		p.data = p.data[4:]
		if uint64(n) > uint64(len(p.data)) {
			return 0, errRuns
		}
		return int(n), nil
	case format.Boolean, format.Int32, format.Int64, format.Float, format.Double:
	}
	return width(p.column.Type), nil
}

// segment reads rows from one to another, all of one page, into out.
func (r *reader) segment(from, to int) error {
	null := r.out.Null[from:to]
	present := len(null)
	if r.column.Optional {
		var err error
		if present, err = r.levels.nulls(null); err != nil {
			return err
		}
	} else {
		clear(null)
	}
	switch r.encoding {
	case encodingDictionary:
		return r.fromDictionary(null, from)
	case encodingDeltaInteger:
		return r.take(null, present, func(i int, n int64) error { r.out.Integers[from+i] = r.wrap(n); return nil })
	case encodingDeltaLength:
		return r.take(null, present, func(i int, n int64) error { return r.suffix(from+i, n) })
	case encodingDeltaText:
		return r.take(null, present, func(i int, n int64) error { return r.text(from+i, n) })
	}
	if r.column.Type == format.Boolean {
		return r.booleans(null, from)
	}
	return r.plain(null, from)
}

// plain reads values of the plain encoding. The types that most columns have go
// without [plain].
func (r *reader) plain(null []bool, from int) error {
	data := r.data
	if r.column.Type == format.ByteArray {
		out := r.out.Texts[from:]
		for i, absent := range null {
			if absent {
				continue
			}
			if len(data) < 4 {
				return errRuns
			}
			n := int64(binary.LittleEndian.Uint32(data))
			if n > int64(len(data)-4) {
				return errRuns
			}
			out[i], data = data[4:4+min(n, MaxText+1)], data[4+n:]
		}
		r.data = data
		return nil
	}
	if r.column.Type == format.Int64 {
		out := r.out.Integers[from:]
		for i, absent := range null {
			if absent {
				continue
			}
			if len(data) < 8 {
				return errRuns
			}
			out[i], data = int64(binary.LittleEndian.Uint64(data)), data[8:] //nolint:gosec // as stored
		}
		r.data = data
		return nil
	}
	p := plain{data: data, column: r.column}
	for i, absent := range null {
		if absent {
			continue
		}
		if err := p.next(&r.out.Values, from+i); err != nil {
			return err
		}
	}
	r.data = p.data
	return nil
}

// booleans reads booleans, one bit each, or in runs.
func (r *reader) booleans(null []bool, from int) error {
	for i, absent := range null {
		if absent {
			continue
		}
		var bit uint32
		if r.encoding == encodingRLE {
			var err error
			if bit, err = r.indexes.next(); err != nil {
				return err
			}
			bit = min(bit, 1) // one writer says true with all the bits of the byte
		} else {
			if r.bit>>3 >= len(r.data) {
				return errRuns
			}
			bit = uint32(r.data[r.bit>>3] >> (r.bit & 7) & 1)
			r.bit++
		}
		r.out.Integers[from+i] = int64(bit)
	}
	return nil
}

// fromDictionary looks up the values that the page points to.
func (r *reader) fromDictionary(null []bool, from int) error {
	d, v := &r.dictionary, &r.out.Values
	entries := len(d.Integers) + len(d.Doubles) + len(d.Texts)
	for i, absent := range null {
		if absent {
			continue
		}
		index, err := r.indexes.next()
		if err != nil {
			return err
		}
		if int(index) >= entries {
			return errors.New("a page points beyond its dictionary")
		}
		switch {
		case len(d.Texts) > 0:
			v.Texts[from+i] = d.Texts[index]
		case len(d.Integers) > 0:
			v.Integers[from+i] = d.Integers[index]
		default:
			v.Doubles[from+i] = d.Doubles[index]
		}
	}
	return nil
}

// take hands the numbers of a delta encoding to the rows that have a value.
func (r *reader) take(null []bool, present int, set func(i int, n int64) error) error {
	if present > len(r.numbers)-r.taken {
		return errRuns
	}
	for i, absent := range null {
		if absent {
			continue
		}
		if err := set(i, r.numbers[r.taken]); err != nil {
			return err
		}
		r.taken++
	}
	return nil
}

// wrap returns n as the column's type has it: differences may wrap around.
func (r *reader) wrap(n int64) int64 {
	if r.column.Type == format.Int32 {
		return r.column.int32(uint32(n)) //nolint:gosec // wraps around as the format has it
	}
	return n
}

// int32 returns the integer that 32 bits are in the column.
func (c *Column) int32(bits uint32) int64 {
	if c.unsigned {
		return int64(bits)
	}
	return int64(int32(bits)) //nolint:gosec // as stored
}

// Fits reports whether a column of integers can hold n.
func (c *Column) Fits(n int64) bool {
	return c.Type != format.Int32 || n == c.int32(uint32(n)) //nolint:gosec // that is the question
}

// suffix takes the next n bytes as the text of a row.
func (r *reader) suffix(row int, n int64) error {
	if n < 0 || n > int64(len(r.data)) {
		return errRuns
	}
	r.out.Texts[row] = r.data[:min(n, MaxText+1)]
	r.data = r.data[n:]
	return nil
}

// text takes the next n bytes as the end of a text that begins like the one
// before.
func (r *reader) text(row int, n int64) error {
	prefix := r.prefixes[r.taken]
	if n < 0 || n > int64(len(r.data)) || prefix < 0 || prefix > int64(len(r.previous)) {
		return errRuns
	}
	if prefix+n > MaxText+1 {
		// The rest cannot be told from a text of just that length, nor can what builds on it.
		return errors.New("a text of differences is too long")
	}
	r.previous = append(r.previous[:prefix], r.data[:n]...)
	r.data = r.data[n:]
	if r.column.Type == format.FixedLenByteArray && len(r.previous) != r.column.Length {
		return errInconsistent
	}
	return r.keep(row, r.previous)
}

// keep makes b, which is about to go, the text of a row.
func (r *reader) keep(row int, b []byte) (err error) {
	start := len(r.out.copies)
	if end := start + len(b); end > cap(r.out.copies) {
		if r.out.copies, err = grow(r.shared, r.out.copies, int64(max(end, 2*start)), 1); err != nil {
			return err
		}
	}
	r.out.copies = append(r.out.copies, b...)
	r.out.Texts[row] = r.out.copies[start:]
	return nil
}

// detach keeps the texts of rows of this batch whose page is about to go.
func (r *reader) detach(from, to int) error {
	inPage := r.encoding == encodingPlain || r.encoding == encodingDeltaLength
	if !inPage || !isText(r.column.Type) {
		return nil
	}
	for i := from; i < to; i++ {
		if r.out.Null[i] {
			continue
		}
		if err := r.keep(i, r.out.Texts[i]); err != nil {
			return err
		}
	}
	return nil
}

// Unsigned reports whether integers of the column have no sign. Those of 64 bits come as if they had one.
func (c *Column) Unsigned() bool { return c.unsigned }
