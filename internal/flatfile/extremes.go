package flatfile

import (
	"bytes"
	"cmp"
	"math"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/format"
)

// extremes are the least and the greatest of some values: numbers by their [key], texts
// as they are.
type extremes struct {
	some              bool
	low, high         uint64
	lowText, highText []byte
}

func (e *extremes) reset() {
	e.some, e.lowText, e.highText = false, e.lowText[:0], e.highText[:0]
}

func (e *extremes) add(key uint64) {
	if !e.some {
		e.some, e.low, e.high = true, key, key
	}
	e.low, e.high = min(e.low, key), max(e.high, key)
}

func include[T string | []byte](e *extremes, s T) {
	if !e.some || string(s) < string(e.lowText) {
		e.lowText = append(e.lowText[:0], s...)
	}
	if !e.some || string(s) > string(e.highText) {
		e.highText = append(e.highText[:0], s...)
	}
	e.some = true
}

// key maps the bits of a number so that keys are in the order of numbers. signs is 0 for
// integers and all ones for doubles, whose negative numbers are the other way round.
func key(bits, signs uint64) uint64 {
	return bits ^ (uint64(int64(bits)>>63)&signs | 1<<63) //nolint:gosec // the sign, spread
}

// bitsOf is the reverse of key.
func bitsOf(key, signs uint64) uint64 {
	return key ^ (uint64(^int64(key)>>63)&signs | 1<<63) //nolint:gosec // the sign, spread
}

func (a *Appender) signs() uint64 {
	if a.column.Type == format.Double {
		return math.MaxUint64
	}
	return 0
}

// tells reports whether the bounds can be told: there is a value, the column has an
// order, and no value is NaN, which has no place in it.
func (a *Appender) tells(e *extremes) bool {
	if !e.some || !a.ordered {
		return false
	}
	signs := a.signs()
	return a.column.Type != format.Double ||
		e.low >= key(math.Float64bits(math.Inf(-1)), signs) && e.high <= key(math.Float64bits(math.Inf(1)), signs)
}

// encoded returns the lower and the upper bound as metadata have them.
func (a *Appender) encoded(e *extremes) (low, high []byte) {
	if a.column.Type == format.ByteArray {
		return lowerBound(e.lowText), upperBound(e.highText)
	}
	lowBits, highBits := bitsOf(e.low, a.signs()), bitsOf(e.high, a.signs())
	switch a.column.Type {
	case format.Boolean:
		return []byte{byte(lowBits)}, []byte{byte(highBits)} //nolint:gosec // 0 or 1
	case format.Double: // a zero may be of either sign
		const minusZero = 1 << 63
		if lowBits == 0 {
			lowBits = minusZero
		}
		if highBits == minusZero {
			highBits = 0
		}
	case format.Int32, format.Int64, format.Int96, format.Float, format.ByteArray, format.FixedLenByteArray:
	}
	narrow := a.column.Type == format.Int32
	return appendNumber(nil, lowBits, narrow), appendNumber(nil, highBits, narrow)
}

// maxBound is the length of a text in metadata.
const maxBound = 64

// lowerBound returns a text that is not greater.
func lowerBound(s []byte) []byte {
	if len(s) > maxBound {
		s = cut(s)
	}
	return append([]byte{}, s...)
}

// cut returns what of a long text comes into metadata: whole characters if it has any.
func cut(s []byte) []byte {
	n := maxBound
	for n > maxBound-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	if utf8.Valid(s[:n]) {
		return s[:n]
	}
	return s[:maxBound]
}

// upperBound returns a text that is not less: of a long one the beginning, with the last
// character that has a next one replaced by that.
func upperBound(s []byte) []byte {
	if len(s) <= maxBound {
		return append([]byte{}, s...)
	}
	b := append([]byte{}, cut(s)...)
	if utf8.Valid(b) {
		for len(b) > 0 {
			r, n := utf8.DecodeLastRune(b)
			b = b[:len(b)-n]
			if r++; r == 0xd800 {
				r = 0xe000 // what is between are no characters
			}
			if r <= utf8.MaxRune {
				return utf8.AppendRune(b, r)
			}
		}
	}
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return append(b[:0], s...)
}

// compareBounds compares the lower and the upper bounds of two pages.
func compareBounds(a, b *page) (low, high int) {
	if a.keys != b.keys {
		return cmp.Compare(a.keys[0], b.keys[0]), cmp.Compare(a.keys[1], b.keys[1])
	}
	return bytes.Compare(a.low, b.low), bytes.Compare(a.high, b.high)
}
