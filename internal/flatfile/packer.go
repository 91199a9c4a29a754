package flatfile

import "encoding/binary"

// packer gathers dictionary indexes, one by one or as runs, and writes them in the mixture
// of run lengths and bit-packed groups that [hybrid] reads.
type packer struct {
	values []uint32
	spans  []span
}

// span is a number of single values, followed by a run.
type span struct {
	singles int
	run     int
	value   uint32 // of the run
}

func (p *packer) reset() { p.values, p.spans = p.values[:0], p.spans[:0] }

// room makes room for n single values and returns them, to be filled.
func (p *packer) room(n int) []uint32 {
	if k := len(p.spans); k == 0 || p.spans[k-1].run > 0 {
		p.spans = append(p.spans, span{})
	}
	p.spans[len(p.spans)-1].singles += n
	start := len(p.values)
	if start+n > cap(p.values) {
		p.values = append(make([]uint32, 0, max(2*cap(p.values), start+n)), p.values...)
	}
	p.values = p.values[:start+n]
	return p.values[start:]
}

// drop takes the last n single values back.
func (p *packer) drop(n int) {
	p.values = p.values[:len(p.values)-n]
	p.spans[len(p.spans)-1].singles -= n
}

// repeat adds a value n times.
func (p *packer) repeat(value uint32, n int) {
	k := len(p.spans)
	switch {
	case n == 0:
	case k > 0 && p.spans[k-1].run > 0 && p.spans[k-1].value == value:
		p.spans[k-1].run += n
	case n < 8:
		room := p.room(n)
		for i := range room {
			room[i] = value
		}
	case k > 0 && p.spans[k-1].run == 0:
		p.spans[k-1].run, p.spans[k-1].value = n, value
	default:
		p.spans = append(p.spans, span{run: n, value: value})
	}
}

// each yields single values, many at a time, and runs, a value of which is there n times.
func (p *packer) each(yield func(values []uint32, n int) bool) {
	values := p.values
	for _, s := range p.spans {
		if s.singles > 0 && !yield(values[:s.singles], 1) {
			return
		}
		values = values[s.singles:]
		if s.run > 0 && !yield([]uint32{s.value}, s.run) {
			return
		}
	}
}

// encode appends the values, of width bits each, to dst.
func (p *packer) encode(dst []byte, width int) []byte {
	if width == 0 { // all are zero
		n := len(p.values)
		for _, s := range p.spans {
			n += s.run
		}
		return binary.AppendUvarint(dst, uint64(n)<<1)
	}
	e := encoder{dst: dst, width: width, header: -1}
	values := p.values
	for _, s := range p.spans {
		e.singles(values[:s.singles])
		values = values[s.singles:]
		e.run(s.value, s.run)
	}
	if e.held > 0 {
		clear(e.group[e.held:]) // the last group may be longer than the page
		e.pack(&e.group)
	}
	return e.dst
}

// encoder writes the hybrid encoding.
type encoder struct {
	dst    []byte
	width  int
	header int       // where the header of the open series of groups is, or -1
	group  [8]uint32 // values of a group that is not full
	held   int       // how many they are
}

// maxGroups is how many groups of a series can be counted in a header of one byte.
const maxGroups = 63

// singles writes values one by one, and what repeats in them as runs.
func (e *encoder) singles(values []uint32) {
	least := 8 // a shorter run is longer than the bits
	if e.width < 4 {
		least = 32
	}
	for len(values) > 0 {
		if e.held > 0 || len(values) < 8 {
			e.group[e.held] = values[0]
			values = values[1:]
			if e.held++; e.held == 8 {
				e.held = 0
				e.pack(&e.group)
			}
			continue
		}
		if n := leading(values); n >= least {
			e.run(values[0], n)
			values = values[n:]
			continue
		}
		e.pack((*[8]uint32)(values))
		values = values[8:]
	}
}

// leading returns how many of the values are like the first before one that is not.
func leading(values []uint32) int {
	n := 1
	for n < len(values) && values[n] == values[0] {
		n++
	}
	return n
}

// run writes a value n times.
func (e *encoder) run(value uint32, n int) {
	for e.held > 0 && n > 0 {
		e.group[e.held] = value
		n--
		if e.held++; e.held == 8 {
			e.held = 0
			e.pack(&e.group)
		}
	}
	if n == 0 {
		return
	}
	e.header = -1
	e.dst = binary.AppendUvarint(e.dst, uint64(n)<<1) //nolint:gosec // not negative
	for bits := 0; bits < e.width; bits += 8 {
		e.dst = append(e.dst, byte(value>>bits)) //nolint:gosec // byte by byte
	}
}

// pack writes a group of eight values, in one series with those before it.
func (e *encoder) pack(group *[8]uint32) {
	if e.header < 0 || e.dst[e.header] == maxGroups<<1|1 {
		e.header = len(e.dst)
		e.dst = append(e.dst, 1)
	}
	e.dst[e.header] += 2
	w := e.width
	if w <= 8 {
		word := uint64(group[0]) | uint64(group[1])<<w | uint64(group[2])<<(2*w) | uint64(group[3])<<(3*w) |
			uint64(group[4])<<(4*w) | uint64(group[5])<<(5*w) | uint64(group[6])<<(6*w) | uint64(group[7])<<(7*w)
		e.dst = binary.LittleEndian.AppendUint64(e.dst, word)
		e.dst = e.dst[:len(e.dst)-8+w]
		return
	}
	word, bits := uint64(0), 0
	for _, v := range group {
		word |= uint64(v) << bits
		if bits += w; bits >= 32 {
			e.dst = binary.LittleEndian.AppendUint32(e.dst, uint32(word)) //nolint:gosec // the low half
			word >>= 32
			bits -= 32
		}
	}
	for ; bits > 0; bits -= 8 {
		e.dst = append(e.dst, byte(word)) //nolint:gosec // byte by byte
		word >>= 8
	}
}
