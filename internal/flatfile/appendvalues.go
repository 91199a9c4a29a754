package flatfile

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// numbers adds numbers by their bits.
func (a *Appender) numbers(values []uint64, null []bool) {
	for len(values) > 0 && a.file.err == nil {
		n := a.fits(len(values))
		done := n
		if a.plainly {
			a.plainNumbers(values[:n], null)
		} else {
			done = a.intern(values[:n], null)
		}
		a.commit(done, head(null, done), done < n)
		values, null = values[done:], tail(null, done)
	}
}

// intern adds numbers to the page by dictionary, and returns for how many rows there
// was room.
func (a *Appender) intern(values []uint64, null []bool) int {
	ids, k := a.ids.room(len(values)), 0
	for i, v := range values {
		if null != nil && null[i] {
			continue
		}
		id, ok := a.dictionary.number(v)
		if !ok {
			a.ids.drop(len(values) - k)
			return i
		}
		ids[k] = id
		k++
	}
	a.ids.drop(len(values) - k)
	return len(values)
}

// translate adds values by the caller's dictionary to the page, and returns for how many
// rows there was room.
func (a *Appender) translate(places []uint32, null []bool) int {
	ids, k := a.ids.room(len(places)), 0
	for i, at := range places {
		if null != nil && null[i] {
			continue
		}
		if int(at) >= len(a.places) {
			a.file.fail(a.errBeyond())
			return i
		}
		id, ok := a.translated(at)
		if !ok {
			a.ids.drop(len(places) - k)
			return i
		}
		ids[k] = id
		k++
	}
	a.ids.drop(len(places) - k)
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

// plainIndexes adds values by the caller's dictionary to the page, plainly.
func (a *Appender) plainIndexes(places []uint32, null []bool) {
	for i, at := range places {
		switch {
		case null != nil && null[i]:
		case int(at) < len(a.places):
			a.plainIndex(at, 1)
		default:
			a.file.fail(a.errBeyond())
			return
		}
	}
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
func (a *Appender) plainNumbers(values []uint64, null []bool) {
	if null != nil || a.column.Type == format.Boolean {
		for i, v := range values {
			if null == nil || !null[i] {
				a.plainNumber(v, 1)
			}
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
		} else {
			k = 0
		}
		a.commit(k, nil, k == 0)
		n -= k
	}
}

// textRows is how many texts are added at a time: in between is seen whether the page is
// full.
const textRows = 16

func texts[T string | []byte](a *Appender, values []T, null []bool) {
	if !a.admits(a.column.Type == format.ByteArray, len(values), null) {
		return
	}
	for len(values) > 0 && a.file.err == nil {
		n := a.fits(len(values))
		if a.plainly {
			n = min(n, textRows)
		}
		done := addTexts(a, values[:n], null)
		a.commit(done, head(null, done), done < n)
		values, null = values[done:], tail(null, done)
	}
}

// addTexts adds texts to the page, and returns for how many rows there was room.
func addTexts[T string | []byte](a *Appender, values []T, null []bool) int {
	for i, s := range values {
		switch {
		case null != nil && null[i]:
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
		a.commit(k, nil, k == 0)
		n -= k
	}
}
