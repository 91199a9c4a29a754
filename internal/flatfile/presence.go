package flatfile

import (
	"encoding/binary"
	"math/bits"
)

// Sparse says which of some rows have a value: bit i%64 of Present[i/64] is set where row
// i has one. Rows beyond the bits have none.
type Sparse struct {
	Rows    int
	Present []uint64
}

// full reports whether no bits are needed to tell.
func (s Sparse) full() bool { return s.Present == nil }

// every is the rows of n values, one each.
func every(n int) Sparse { return Sparse{Rows: n} }

// word returns the bits of the rows from one on, at most 64 and none beyond Rows.
func (s Sparse) word(from int) uint64 {
	word, at, shift := uint64(0), from>>6, from&63
	switch {
	case s.full():
		word = ^word
	case at < len(s.Present):
		word = s.Present[at] >> shift
		if shift > 0 && at+1 < len(s.Present) {
			word |= s.Present[at+1] << (64 - shift)
		}
	}
	if left := s.Rows - from; left < 64 {
		word &= 1<<max(left, 0) - 1
	}
	return word
}

// count returns how many of n rows from one on have a value.
func (s Sparse) count(from, n int) int {
	if s.full() {
		return n
	}
	s.Rows = from + n
	sum := 0
	for at := from; at < s.Rows; at += 64 {
		sum += bits.OnesCount64(s.word(at))
	}
	return sum
}

// before returns how many rows from one on are there before the one with a value for which
// there is no room, which comes after some others.
func (s Sparse) before(from, others int) int {
	if s.full() {
		return others
	}
	for at := from; ; at += 64 {
		word := s.word(at)
		if n := bits.OnesCount64(word); n <= others && at+64 < s.Rows {
			others -= n
			continue
		}
		for ; others > 0; others-- {
			word &= word - 1
		}
		return at - from + bits.TrailingZeros64(word)
	}
}

// presence is the definition levels of a page: a bit for each row, set where it has a value.
type presence struct {
	words []uint64
	rows  int
}

func (p *presence) reset() { p.words, p.rows = p.words[:0], 0 }

// put adds n bits, at most 64.
func (p *presence) put(word uint64, n int) {
	shift := p.rows & 63
	if shift == 0 {
		p.words = append(p.words, word)
	} else {
		p.words[len(p.words)-1] |= word << shift
		if shift+n > 64 {
			p.words = append(p.words, word>>(64-shift))
		}
	}
	p.rows += n
}

// repeat adds a bit n times.
func (p *presence) repeat(present bool, n int) {
	for n > 0 {
		k, word := min(n, 64-p.rows&63), uint64(0)
		if present {
			word = 1<<k - 1
		}
		p.put(word, k)
		n -= k
	}
}

// encode appends the bits, of which some are set, to dst, in the mixture of runs and groups of
// eight that [hybrid] reads.
func (p *presence) encode(dst []byte, set int) []byte {
	if set == 0 || set == p.rows {
		return appendRun(dst, p.rows, byte(min(set, 1))) //nolint:gosec // 0 or 1
	}
	const least = 4 // groups; a shorter run is no shorter than the bits
	whole, last := p.rows/8, (p.rows+7)/8
	for at := 0; at < last; {
		if n := p.alike(at, whole); n >= least {
			dst = appendRun(dst, 8*n, p.group(at)&1)
			at += n
			continue
		}
		header, n := len(dst), 0
		dst = append(dst, 0)
		for ; at < last && n < maxGroups && p.alike(at, whole) < least; n++ {
			dst = append(dst, p.group(at))
			at++
		}
		dst[header] = byte(n<<1 | 1) //nolint:gosec // at most maxGroups
	}
	return dst
}

func appendRun(dst []byte, n int, bit byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(n)<<1), bit) //nolint:gosec // not negative
}

// group returns the bits of eight rows.
func (p *presence) group(at int) byte { return byte(p.words[at>>3] >> (8 * (at & 7))) } //nolint:gosec // these bits

// alike returns how many groups from one on, and before another, have all bits like its first;
// none if it has not itself.
func (p *presence) alike(at, end int) int {
	n := 0
	for first := p.group(at); at+n < end && p.group(at+n) == first && (first == 0 || first == 0xff); {
		n++
	}
	return n
}
