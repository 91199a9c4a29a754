package flatfile

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// compactRows is how many rows with nulls are handed on at a time.
const compactRows = 256

// compact hands values on without those that null says are none.
func compact[T any](a *Appender, values []T, null []bool, to func([]T, Sparse)) {
	if null == nil {
		to(values, every(len(values)))
		return
	}
	if len(null) != len(values) {
		a.file.fail(a.errCount())
	}
	held, present := make([]T, compactRows), make([]uint64, compactRows/64)
	for len(values) > 0 && a.file.err == nil {
		n, k := min(len(values), compactRows), 0
		clear(present)
		for i, v := range values[:n] {
			held[k&(compactRows-1)] = v
			if !null[i] {
				present[i>>6] |= 1 << (i & 63)
				k++
			}
		}
		to(held[:k], Sparse{n, present})
		values, null = values[n:], null[n:]
	}
}

// appendValues adds the values of some rows, which put puts in the page and says for how many
// there was room.
func appendValues[T any](a *Appender, right bool, values []T, in Sparse, put func([]T) int) {
	if !a.admits(right, len(values), in) {
		return
	}
	for from := 0; from < in.Rows && a.file.err == nil; {
		n := a.fits(in.Rows - from)
		if a.plainly && a.column.Type == format.ByteArray {
			n = min(n, textRows)
		}
		k, done := in.count(from, n), 0
		if k > 0 {
			done = put(values[:k])
		}
		if done < k {
			n = in.before(from, done)
		}
		a.commit(in, from, n, done, done < k)
		from, values = from+n, values[done:]
	}
}

// numbers adds numbers by their bits, and returns for how many there was room.
func (a *Appender) numbers(values []uint64) int {
	if a.plainly {
		a.plainNumbers(values)
		return len(values)
	}
	ids, signs := a.ids.room(len(values)), a.signs()
	low, high := key(values[0], signs), key(values[0], signs)
	for i, v := range values {
		id, ok := a.dictionary.number(v)
		if !ok {
			a.ids.drop(len(values) - i)
			values = values[:i]
			break
		}
		ids[i] = id
		k := key(v, signs)
		low, high = min(low, k), max(high, k)
	}
	if len(values) > 0 {
		a.bounds.add(low)
		a.bounds.add(high)
	}
	return len(values)
}

// indexes adds values by the caller's dictionary, and returns for how many there was room.
func (a *Appender) indexes(places []uint32) int {
	if a.plainly {
		for _, at := range places {
			if int(at) >= len(a.places) {
				a.file.fail(a.errBeyond())
				break
			}
			a.plainIndex(at, 1)
		}
		return len(places)
	}
	ids := a.ids.room(len(places))
	for i, at := range places {
		ok := int(at) < len(a.places)
		if !ok {
			a.file.fail(a.errBeyond())
		} else if ids[i], ok = a.translated(at); ok {
			continue
		}
		a.ids.drop(len(places) - i)
		return i
	}
	return len(places)
}

// translated returns the place in our dictionary of a value of the caller's, and false if
// there is no room for it.
func (a *Appender) translated(place uint32) (id uint32, ok bool) {
	if id := a.places[place]; id > 0 {
		return id - 1, true
	}
	if a.knownTexts != nil {
		id, ok = word(&a.dictionary, a.knownTexts[place])
	} else {
		id, ok = a.dictionary.number(a.known[place])
	}
	if ok {
		a.places[place] = id + 1
	}
	return id, ok
}

// plainIndex adds a value by the caller's dictionary n times to the page, plainly.
func (a *Appender) plainIndex(place uint32, n int) {
	if a.knownTexts != nil {
		plainText(a, a.knownTexts[place], n)
	} else {
		a.plainNumber(a.known[place], n)
	}
}

// plainNumbers adds numbers to the page.
func (a *Appender) plainNumbers(values []uint64) {
	if a.column.Type == format.Boolean {
		for _, v := range values {
			a.plainNumber(v, 1)
		}
		return
	}
	signs := a.signs()
	low, high := key(values[0], signs), key(values[0], signs)
	start := len(a.plain)
	a.plain = append(a.plain, make([]byte, len(values)*width(a.column.Type))...)
	out := a.plain[start:]
	for i, v := range values {
		k := key(v, signs)
		low, high = min(low, k), max(high, k)
		if a.column.Type == format.Int32 {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(v)) //nolint:gosec // the caller's numbers fit
		} else {
			binary.LittleEndian.PutUint64(out[8*i:], v)
		}
	}
	a.bounds.add(low)
	a.bounds.add(high)
}

// plainNumber adds a number n times to the page.
func (a *Appender) plainNumber(v uint64, n int) {
	if a.column.Type == format.Boolean {
		v = min(v, 1)
		for range n {
			if a.bits&7 == 0 {
				a.plain = append(a.plain, 0)
			}
			a.plain[len(a.plain)-1] |= byte(v) << (a.bits & 7)
			a.bits++
		}
	} else {
		for range n {
			a.plain = appendNumber(a.plain, v, a.column.Type == format.Int32)
		}
	}
	a.bounds.add(key(v, a.signs()))
}

// number adds a number n times.
func (a *Appender) number(v uint64, n int) {
	for n > 0 && a.file.err == nil {
		k := a.fits(n)
		if a.plainly {
			a.plainNumber(v, k)
		} else if id, ok := a.dictionary.number(v); ok {
			a.ids.repeat(id, k)
			a.bounds.add(key(v, a.signs()))
		} else {
			k = 0
		}
		a.commitRun(k)
		n -= k
	}
}

// textRows is how many texts are added at a time: in between is seen whether the page is
// full.
const textRows = 16

func textsIn[T string | []byte](a *Appender, values []T, in Sparse) {
	appendValues(a, a.column.Type == format.ByteArray, values, in, func(values []T) int { return putTexts(a, values) })
}

// putTexts adds texts to the page, and returns for how many there was room.
func putTexts[T string | []byte](a *Appender, values []T) int {
	for i, s := range values {
		switch {
		case len(s) > MaxText:
			a.file.fail(a.errKind())
			return i
		case a.plainly:
			plainText(a, s, 1)
		default:
			id, ok := word(&a.dictionary, s)
			if !ok {
				return i
			}
			a.ids.room(1)[0] = id
		}
	}
	return len(values)
}

func plainText[T string | []byte](a *Appender, s T, n int) {
	for range n {
		a.plain = appendText(a.plain, s)
	}
	include(&a.bounds, s)
}

// text adds a text n times.
func (a *Appender) text(s string, n int) {
	for n > 0 && a.file.err == nil {
		k := a.fits(n)
		if a.plainly {
			k = min(k, textRows)
			plainText(a, s, k)
		} else if id, ok := word(&a.dictionary, s); ok {
			a.ids.repeat(id, k)
		} else {
			k = 0
		}
		a.commitRun(k)
		n -= k
	}
}
