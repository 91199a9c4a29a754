package flatfile

import (
	"encoding/binary"
	"errors"
)

// hybrid reads the mixture of run lengths and bit-packed groups in which levels,
// dictionary indexes and some booleans come.
type hybrid struct {
	data  []byte
	width int // bits of a value, at most 32

	repeats int    // values left in the run, of
	value   uint32 // this value

	packed int    // values left in the bit-packed groups, in
	groups []byte // these bytes, from
	bit    int    // this bit on
}

var errRuns = errors.New("a page ends before its values")

// run begins the next run, one of at least one value.
func (h *hybrid) run() error {
	for h.repeats == 0 && h.packed == 0 {
		var n uint64
		size := 1
		if len(h.data) > 0 && h.data[0] < 0x80 { // as most are
			n = uint64(h.data[0])
		} else if n, size = binary.Uvarint(h.data); size <= 0 || n>>1 > 1<<31 {
			return errRuns
		}
		h.data = h.data[size:]
		count := int(n >> 1)
		if n&1 == 0 {
			bytes := (h.width + 7) / 8
			if len(h.data) < bytes {
				return errRuns
			}
			h.value = 0
			for i := range bytes {
				h.value |= uint32(h.data[i]) << (8 * i)
			}
			h.data, h.repeats = h.data[bytes:], count
			continue
		}
		// The last group may be cut short.
		bytes := min(count*h.width, len(h.data))
		h.packed, h.groups, h.bit = count*8, h.data[:bytes], 0
		if h.width > 0 {
			h.packed = min(h.packed, bytes*8/h.width)
			if h.packed == 0 && count > 0 {
				return errRuns
			}
		}
		h.data = h.data[bytes:]
	}
	return nil
}

// next returns the next value.
func (h *hybrid) next() (uint32, error) {
	if h.repeats == 0 && h.packed == 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
	}
	if h.repeats > 0 {
		h.repeats--
		return h.value, nil
	}
	h.packed--
	v := bitsAt(h.groups, h.bit, h.width)
	h.bit += h.width
	return uint32(v), nil //nolint:gosec // at most 32 bits wide
}

// nulls reads one definition level, of 0 or 1, into each element of null, and
// returns how many values are there.
func (h *hybrid) nulls(null []bool) (present int, err error) {
	for len(null) > 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
		if h.repeats > 0 {
			n := min(h.repeats, len(null))
			h.repeats -= n
			absent := h.value == 0
			for i := range null[:n] {
				null[i] = absent
			}
			if !absent {
				present += n
			}
			null = null[n:]
			continue
		}
		n := min(h.packed, len(null))
		for i := range null[:n] {
			bit := h.groups[h.bit>>3] >> (h.bit & 7) & 1
			h.bit++
			null[i] = bit == 0
			present += int(bit)
		}
		h.packed -= n
		null = null[n:]
	}
	return present, nil
}

// bitsAt returns width bits of b, at most 57, from the given bit on, low bits
// first.
func bitsAt(b []byte, bit, width int) uint64 {
	b = b[bit>>3:]
	var word uint64
	if len(b) >= 8 {
		word = binary.LittleEndian.Uint64(b)
	} else {
		for i := range b {
			word |= uint64(b[i]) << (8 * i)
		}
	}
	return word >> (bit & 7) & (1<<width - 1)
}
