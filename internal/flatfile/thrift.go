package flatfile

import (
	"encoding/binary"
	"errors"
)

// fields are the fields of a Thrift struct by id.
type fields map[int16]value

// value is a Thrift value as far as it is needed: an integer or boolean, or a
// struct. Of a list, n is the length; its elements and texts are checked and
// dropped.
type value struct {
	n      int64
	fields fields
}

func (f fields) int(id int16) int64 { return f[id].n }

var errThrift = errors.New("the metadata are malformed or unreasonably large")

// walk reads one struct in compact protocol from the start of data, and returns
// how many bytes it has. Every length in it is within data.
func walk(data []byte) (n int, f fields, err error) {
	return walkWithin(data, limits{items: maxItems, chunks: maxItems})
}

// walkWithin is walk with other limits.
func walkWithin(data []byte, within limits) (n int, f fields, err error) {
	w := walker{data: data, limits: within}
	f = w.structure(0)
	if w.failed {
		return 0, nil, errThrift
	}
	return w.pos, f, nil
}

// walker reads data until something does not fit; then it has failed, and reads
// zeros.
type walker struct {
	data   []byte
	pos    int
	seen   int // list elements
	inner  int // structs in lists of elements of lists, as the columns of row groups are
	limits limits
	lists  int // how many lists it is in: nobody asks for what is in one
	failed bool
}

// The types of the compact protocol.
const (
	typeTrue   = 1
	typeFalse  = 2
	typeByte   = 3
	typeInt16  = 4
	typeInt32  = 5
	typeInt64  = 6
	typeDouble = 7
	typeBinary = 8
	typeList   = 9
	typeSet    = 10
	typeMap    = 11
	typeStruct = 12
)

// maxDepth is more than the seven levels that Parquet uses.
const maxDepth = 16

func (w *walker) structure(depth int) fields {
	var f fields
	if w.lists == 0 {
		f = fields{}
	}
	id := int16(0)
	for {
		head := w.byte()
		if head == 0 || w.failed {
			return f
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(w.zigzag()) //nolint:gosec // a wrong id is an unknown field
		}
		kind := head & 0x0f
		var v value
		if kind == typeTrue || kind == typeFalse {
			v.n = int64(typeFalse - kind)
		} else {
			v = w.value(kind, depth+1)
		}
		if f != nil {
			f[id] = v
		}
	}
}

func (w *walker) value(kind byte, depth int) value {
	if depth > maxDepth {
		w.failed = true
		return value{}
	}
	switch kind {
	case typeTrue, typeFalse, typeByte: // booleans only as elements, of one byte
		return value{n: int64(w.byte())}
	case typeInt16, typeInt32, typeInt64:
		return value{n: w.zigzag()}
	case typeDouble:
		w.skip(8)
	case typeBinary:
		w.skip(w.length())
	case typeList, typeSet:
		return value{n: int64(w.list(depth))}
	case typeMap:
		w.mapping(depth)
	case typeStruct:
		return value{fields: w.structure(depth)}
	default:
		w.failed = true
	}
	return value{}
}

func (w *walker) list(depth int) (size int) {
	head := w.byte()
	size = int(head >> 4)
	if size == 15 {
		size = w.length()
	}
	size = w.admit(size)
	if kind := head & 0x0f; w.lists == 1 && kind == typeStruct {
		if w.inner += size; w.inner > w.limits.chunks {
			w.failed = true
		}
	}
	w.lists++
	for range size {
		w.value(head&0x0f, depth+1)
	}
	w.lists--
	return size
}

func (w *walker) mapping(depth int) {
	size := w.length()
	if size == 0 {
		return
	}
	kinds := w.byte()
	for range w.admit(size) {
		w.value(kinds>>4, depth+1)
		w.value(kinds&0x0f, depth+1)
	}
}

// admit returns the number of elements to read, zero when there are too many.
func (w *walker) admit(size int) int {
	w.seen += size
	if size > len(w.data)-w.pos || w.seen > w.limits.items {
		w.failed = true
	}
	if w.failed {
		return 0
	}
	return size
}

func (w *walker) byte() byte {
	if w.failed || w.pos >= len(w.data) {
		w.failed = true
		return 0
	}
	w.pos++
	return w.data[w.pos-1]
}

// length reads the length of a text or list, which cannot be more than the data.
func (w *walker) length() int {
	n := w.varint()
	if n > uint64(len(w.data)) {
		w.failed = true
		return 0
	}
	return int(n) //nolint:gosec // at most the length of data
}

func (w *walker) skip(n int) {
	if n > len(w.data)-w.pos {
		w.failed = true
		return
	}
	w.pos += n
}

func (w *walker) varint() uint64 {
	n, size := binary.Uvarint(w.data[w.pos:])
	if w.failed || size <= 0 {
		w.failed = true
		return 0
	}
	w.pos += size
	return n
}

func (w *walker) zigzag() int64 {
	n := w.varint()
	return int64(n>>1) ^ -int64(n&1)
}
