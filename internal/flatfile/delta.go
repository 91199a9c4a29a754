package flatfile

import (
	"encoding/binary"
	"errors"
)

var errDelta = errors.New("a page has malformed differences")

// deltas reads the integers of a delta encoding, of which the header says how
// many there are, and returns what follows them. room is asked for room for that
// many before they are read: differences of nothing take no bytes.
func deltas(data []byte, limit int, room func(n int) ([]int64, error)) (out []int64, rest []byte, err error) {
	r := varints{data: data}
	block, minis, total, value := r.next(), r.next(), r.next(), r.zigzag()
	switch {
	case r.failed, block == 0, block%128 != 0, block > 1<<16, minis == 0, block%minis != 0, block/minis%32 != 0:
		return nil, nil, errDelta
	case total > uint64(limit): //nolint:gosec // a limit is not negative
		return nil, nil, errMoreValues
	}
	if out, err = room(int(total)); err != nil || total == 0 { //nolint:gosec // at most limit
		return out, r.data, err
	}
	out[0] = value
	for filled := 1; filled < len(out); {
		least := r.zigzag()
		if r.failed || uint64(len(r.data)) < minis {
			return nil, nil, errDelta
		}
		widths := r.data[:minis]
		r.data = r.data[minis:]
		for _, w := range widths {
			if filled == len(out) {
				break // blocks that are not needed may have any width, and are not there
			}
			width := int(w)
			per := int(block / minis) //nolint:gosec // at most 2^16
			bytes := per / 8 * width
			if width > 64 || len(r.data) < bytes {
				return nil, nil, errDelta
			}
			n := min(per, len(out)-filled)
			for i := range n {
				value += least + int64(wideBitsAt(r.data[:bytes], i*width, width)) //nolint:gosec // wraps around as the format has it
				out[filled+i] = value
			}
			filled += n
			r.data = r.data[bytes:]
		}
	}
	return out, r.data, nil
}

// wideBitsAt is bitsAt for up to 64 bits.
func wideBitsAt(b []byte, bit, width int) uint64 {
	if width <= 57 {
		return bitsAt(b, bit, width)
	}
	low := bitsAt(b, bit, 32)
	return low | bitsAt(b, bit+32, width-32)<<32
}

// varints reads variable-length integers until one is malformed; then it has
// failed, and reads zeros.
type varints struct {
	data   []byte
	failed bool
}

func (v *varints) next() uint64 {
	n, size := binary.Uvarint(v.data)
	if size <= 0 {
		v.failed = true
		return 0
	}
	v.data = v.data[size:]
	return n
}

func (v *varints) zigzag() int64 {
	n := v.next()
	return int64(n>>1) ^ -int64(n&1)
}
