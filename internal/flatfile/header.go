package flatfile

import (
	"errors"
	"io"
)

// Page types.
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3
)

// Encodings.
const (
	encodingPlain           = 0
	encodingPlainDictionary = 2 // of old, but writers still use it
	encodingRLE             = 3
	encodingDeltaInteger    = 5
	encodingDeltaLength     = 6
	encodingDeltaText       = 7
	encodingDictionary      = 8
	encodingSplit           = 9 // the bytes of numbers apart
)

// header is what a page header says.
type header struct {
	kind         int64
	uncompressed int64
	compressed   int64
	values       int64
	encoding     int64
	levels       int64 // encoding of the definition levels (version 1)
	repetition   int64 // bytes of repetition levels before the data, never compressed (version 2)
	definition   int64 // bytes of definition levels after them, never compressed (version 2)
	plain        bool  // the data are not compressed, whatever the codec (version 2)
	checked      bool  // there is a checksum
	checksum     uint32
}

// readHeader reads the page header at offset, of which and the page behind it left
// bytes are there. It returns how long the header is.
func (s *shared) readHeader(r io.ReaderAt, offset, left int64) (h header, n int64, err error) {
	// Few headers are longer than the first try.
	for try := int64(256); ; try *= 8 {
		length := min(try, left, maxHeader)
		if int64(cap(s.header)) < length {
			s.header = make([]byte, length)
		}
		b := s.header[:length]
		if err := readAt(r, b, offset); err != nil {
			return header{}, 0, err
		}
		n, f, err := walk(b)
		if err == nil {
			h, err = headerOf(f)
			return h, int64(n), err
		}
		if length < try {
			return header{}, 0, err
		}
	}
}

func headerOf(f fields) (header, error) {
	h := header{kind: f.int(1), uncompressed: f.int(2), compressed: f.int(3)}
	if crc, ok := f[4]; ok {
		h.checked, h.checksum = true, uint32(crc.n) //nolint:gosec // 32 bits, whatever their sign
	}
	var id, encoding int16
	switch h.kind {
	case pageData:
		id, encoding = 5, 2
	case pageDictionary:
		id, encoding = 7, 2
	case pageDataV2:
		id, encoding = 8, 4
	default: // an index page, or one of a later version: passed over
		return h, nil
	}
	details := f[id].fields
	if details == nil {
		return header{}, errors.New("a page header is incomplete")
	}
	h.values, h.encoding = details.int(1), details.int(encoding)
	switch h.kind {
	case pageData:
		h.levels = details.int(3)
	case pageDataV2:
		h.levels = encodingRLE
		h.definition, h.repetition = details.int(5), details.int(6)
		compressed, stated := details[7]
		h.plain = stated && compressed.n == 0
	}
	return h, nil
}

// check compares the header with what is left of its column: bytes, and rows of
// the row group.
func (h header) check(left, rows int64) error {
	switch {
	case h.compressed < 0 || h.compressed > left:
		return errors.New("a page is longer than its column")
	case h.uncompressed < 0 || h.uncompressed > maxHeld:
		return errors.New("a page is too large")
	case h.values < 0:
		return errors.New("a page has a negative number of values")
	case h.kind != pageDictionary && h.values > rows:
		return errMoreValues
	case h.definition < 0 || h.repetition < 0 || h.definition > h.compressed || h.repetition > h.compressed-h.definition,
		h.definition+h.repetition > h.uncompressed:
		return errors.New("a page has impossible levels")
	default:
		return nil
	}
}

var errMoreValues = errors.New("the pages hold more values than there are rows")
