package flatfile

import (
	"encoding/binary"
	"math/bits"
)

// dictionary gives the distinct values of a chunk a number each, in the order in which
// they come. Integers, and doubles by their bits, are in numbers, texts in bytes.
type dictionary struct {
	numbers []uint64
	bytes   []byte
	ends    []uint32 // of each text in bytes
	table   []uint32 // open addressing: numbers from 1, 0 where there is none
	last    uint32   // what was asked for last

	// Numbers near zero, as days are, in place of the table: from 1, by the upper and the
	// lower half of how far they are from the least.
	near [nearNumbers >> 8]*[256]uint32
	far  int // the others
}

// nearNumbers is how many numbers are near zero, on both sides of it.
const nearNumbers = 1 << 16

// The limits of a dictionary; beyond them values are written plainly.
const (
	maxDictionary = 1 << 20 // bytes
	maxEntries    = 1 << 17
	maxProbes     = 64 // a hash that is not spread out is of no use, or of ill will
)

func (d *dictionary) len() int { return len(d.numbers) + len(d.ends) }

// size returns the bytes of the values, plainly encoded but for the lengths of texts.
func (d *dictionary) size() int { return 8*len(d.numbers) + len(d.bytes) + 4*len(d.ends) }

func (d *dictionary) reset() {
	d.numbers, d.bytes, d.ends, d.last = d.numbers[:0], d.bytes[:0], d.ends[:0], 0
	clear(d.table)
	d.far = 0
	for _, places := range d.near {
		if places != nil {
			clear(places[:])
		}
	}
}

func (d *dictionary) text(i uint32) []byte {
	start := uint32(0)
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.bytes[start:d.ends[i]]
}

// number returns the place of a number, and false if there is no room for it.
func (d *dictionary) number(n uint64) (uint32, bool) {
	if int(d.last) < len(d.numbers) && d.numbers[d.last] == n {
		return d.last, true
	}
	slot, ok := d.findNumber(n)
	if ok && *slot > 0 {
		d.last = *slot - 1
		return d.last, true
	}
	if !ok || d.size() >= maxDictionary || len(d.numbers) >= maxEntries {
		return 0, false
	}
	d.numbers = append(d.numbers, n)
	d.last = uint32(len(d.numbers) - 1) //nolint:gosec // at most maxEntries
	*slot = d.last + 1
	if !isNear(n) {
		d.far++
	}
	if 2*d.far > len(d.table) {
		ok = d.rehash(func(i uint32) uint64 { return hashNumber(d.numbers[i]) })
	}
	return d.last, ok
}

// word returns the place of a text, and false if there is no room for it.
func word[T string | []byte](d *dictionary, s T) (uint32, bool) {
	if int(d.last) < len(d.ends) && string(d.text(d.last)) == string(s) {
		return d.last, true
	}
	slot, found, ok := d.find(hashText(s), func(i uint32) bool { return string(d.text(i)) == string(s) })
	if found {
		d.last = d.table[slot] - 1
		return d.last, true
	}
	if !ok || d.size()+len(s) >= maxDictionary || len(d.ends) >= maxEntries {
		return 0, false
	}
	d.bytes = append(d.bytes, s...)
	d.ends = append(d.ends, uint32(len(d.bytes))) //nolint:gosec // at most maxDictionary
	d.last = uint32(len(d.ends) - 1)              //nolint:gosec // at most maxEntries
	d.table[slot] = d.last + 1
	if 2*len(d.ends) > len(d.table) {
		ok = d.rehash(func(i uint32) uint64 { return hashText(d.text(i)) })
	}
	return d.last, ok
}

func isNear(n uint64) bool { return n+nearNumbers/2 < nearNumbers }

// findNumber returns where the place of a number is, from 1, or would be; 0 is there if
// there is none. It is not ok when that would be too far off.
func (d *dictionary) findNumber(n uint64) (place *uint32, ok bool) {
	if isNear(n) {
		near := n + nearNumbers/2
		places := d.near[near>>8]
		if places == nil {
			places = new([256]uint32)
			d.near[near>>8] = places
		}
		return &places[near&255], true
	}
	if len(d.table) == 0 {
		d.table = make([]uint32, 1<<10)
	}
	mask := uint64(len(d.table) - 1) //nolint:gosec // not negative
	slot := hashNumber(n) & mask
	for range maxProbes {
		if at := d.table[slot]; at == 0 || d.numbers[at-1] == n {
			return &d.table[slot], true
		}
		slot = (slot + 1) & mask
	}
	return nil, false
}

// find looks for a value, and returns where it is or would be. It is not ok when it
// would be too far off.
func (d *dictionary) find(hash uint64, is func(uint32) bool) (slot uint64, found, ok bool) {
	if len(d.table) == 0 {
		d.table = make([]uint32, 1<<10)
	}
	mask := uint64(len(d.table) - 1) //nolint:gosec // not negative
	slot = hash & mask
	for range maxProbes {
		at := d.table[slot]
		if at == 0 {
			return slot, false, true
		}
		if is(at - 1) {
			return slot, true, true
		}
		slot = (slot + 1) & mask
	}
	return 0, false, false
}

// rehash doubles the table. It is not ok when that does not spread the values out.
func (d *dictionary) rehash(hash func(uint32) uint64) bool {
	table := make([]uint32, 2*len(d.table))
	mask := uint64(len(table) - 1)   //nolint:gosec // not negative
	for i := range uint32(d.len()) { //nolint:gosec // at most maxEntries
		if len(d.numbers) > 0 && isNear(d.numbers[i]) {
			continue
		}
		slot, probes := hash(i)&mask, 0
		for ; table[slot] != 0 && probes < maxProbes; probes++ {
			slot = (slot + 1) & mask
		}
		if table[slot] != 0 {
			return false
		}
		table[slot] = i + 1
	}
	d.table = table
	return true
}

func hashNumber(n uint64) uint64 { return mix(n, 0x9e3779b97f4a7c15) }

// mix spreads the bits of two words over one.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return high ^ low
}

func hashText[T string | []byte](s T) uint64 {
	hash := uint64(len(s))
	for len(s) >= 8 {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		hash = mix(hash, word)
		s = s[8:]
	}
	word := uint64(0)
	for i := range len(s) {
		word |= uint64(s[i]) << (8 * i)
	}
	return mix(hash, word)
}

// encode appends the values, plainly encoded, to dst; integers of 32 bits are narrow.
func (d *dictionary) encode(dst []byte, narrow bool) []byte {
	for _, n := range d.numbers {
		dst = appendNumber(dst, n, narrow)
	}
	for i := range uint32(len(d.ends)) { //nolint:gosec // at most maxEntries
		dst = appendText(dst, d.text(i))
	}
	return dst
}

func appendNumber(dst []byte, n uint64, narrow bool) []byte {
	if narrow {
		return binary.LittleEndian.AppendUint32(dst, uint32(n)) //nolint:gosec // the caller's numbers fit
	}
	return binary.LittleEndian.AppendUint64(dst, n)
}

func appendText[T string | []byte](dst []byte, s T) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s))) //nolint:gosec // at most MaxText
	return append(dst, s...)
}
