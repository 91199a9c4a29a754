// Package guard looks at a Parquet file before a reader trusts it. Parquet is
// full of sizes and counts that a reader allocates by: a few hostile bytes can
// ask for gigabytes. The guard walks footer and page headers with bounds, and
// passes files that a cohort could plausibly come in.
//
// Source: Apache Parquet format 2.10, and the Thrift compact protocol.
package guard

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// Bounds, each far above what a cohort file needs.
const (
	maxFooter     = 4 << 20   // bytes: some 500 row groups of 38 columns
	maxItems      = 256 << 10 // list elements in the footer
	maxPageHeader = 1 << 20   // bytes, of which statistics can be most
	maxPageValues = 4 << 20   // values in a page
	maxRowGroup   = 512 << 20 // bytes held at once while a row group is read
	harmless      = 4 << 20   // bytes a page may inflate to unexamined
	maxInflation  = 1032      // times: the most that deflate can expand
)

// Footer checks the ends and the metadata of a file of size bytes.
func Footer(r io.ReaderAt, size int64) error {
	const magic = "PAR1"
	if size < 12 {
		return errors.New("the file is too short")
	}
	var head [4]byte
	var tail [8]byte
	if err := readAt(r, head[:], 0); err != nil {
		return err
	}
	if err := readAt(r, tail[:], size-8); err != nil {
		return err
	}
	if string(head[:]) != magic || string(tail[4:]) != magic {
		return errors.New("the file is not Parquet, or is encrypted")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if length > min(maxFooter, size-12) {
		return errors.New("the footer is too long")
	}
	footer := make([]byte, length)
	if err := readAt(r, footer, size-8-length); err != nil {
		return err
	}
	n, _, err := walk(footer)
	if err == nil && n != len(footer) {
		err = errors.New("the footer has bytes left over")
	}
	return err
}

// Rows checks the number of rows that a file of size bytes, or a row group of it,
// says it has. Even the most repetitive rows leave a trace in the file.
func Rows(n, size int64) error {
	if n < 0 || n/maxInflation > size {
		return errors.New("the number of rows is impossible")
	}
	return nil
}

// RowGroup checks every page of a row group of a flat file: sizes, encodings and
// counts. It reads the group once.
func RowGroup(r io.ReaderAt, size int64, group *format.RowGroup) error {
	if err := Rows(group.NumRows, size); err != nil {
		return err
	}
	held := int64(0)
	for i := range group.Columns {
		c := &group.Columns[i]
		if c.FilePath != "" {
			return fmt.Errorf("column %d is in another file", i+1)
		}
		need, err := chunk(r, size, &c.MetaData, group.NumRows)
		if err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
		if held += need; held > maxRowGroup {
			return errors.New("a row group needs too much memory")
		}
	}
	return nil
}

// chunk walks the pages of one column, and returns the memory a reader needs.
func chunk(r io.ReaderAt, size int64, c *format.ColumnMetaData, rows int64) (int64, error) {
	start := c.DataPageOffset
	if c.DictionaryPageOffset != 0 {
		start = c.DictionaryPageOffset
	}
	if start < 4 || c.TotalCompressedSize < 0 || c.TotalCompressedSize > size || start > size-c.TotalCompressedSize {
		return 0, errors.New("the data lie outside the file")
	}
	buffered := bufio.NewReaderSize(io.NewSectionReader(r, start, c.TotalCompressedSize), int(min(c.TotalCompressedSize, maxPageHeader)))
	left, values, largest, dictionary := c.TotalCompressedSize, int64(0), int64(0), int64(0)
	for left > 0 {
		header, err := buffered.Peek(int(min(left, maxPageHeader)))
		if err != nil {
			return 0, err
		}
		n, fields, err := walk(header)
		if err != nil {
			return 0, err
		}
		_, _ = buffered.Discard(n) // these have been peeked at
		left -= int64(n)
		p := pageOf(fields)
		if err := p.check(left); err != nil {
			return 0, err
		}
		body := io.LimitReader(buffered, p.compressed)
		if err := p.checkBody(c.Codec, body); err != nil {
			return 0, err
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return 0, err
		}
		left -= p.compressed
		if p.kind == dictionaryPage {
			dictionary = max(dictionary, p.memory())
		} else {
			values += p.values
			largest = max(largest, p.memory())
		}
	}
	if values != rows {
		return 0, errors.New("the pages do not hold one value for each row")
	}
	return largest + dictionary, nil
}

// Page types.
const (
	dataPage       = 0
	dictionaryPage = 2
	dataPageV2     = 3
)

// plainDictionary is an encoding of old that writers still use.
const plainDictionary = 2

// page is what a page header says.
type page struct {
	kind         int64
	uncompressed int64
	compressed   int64
	values       int64
	encoding     int64
	levels       int64 // bytes before the data that are never compressed (version 2)
	plain        bool  // the data are not compressed, whatever the codec (version 2)
	complete     bool  // the header for the page's type is there
}

func pageOf(f fields) page {
	p := page{kind: f.int(1), uncompressed: f.int(2), compressed: f.int(3)}
	id, encoding := int16(5), int16(2)
	switch p.kind {
	case dictionaryPage:
		id = 7
	case dataPageV2:
		id, encoding = 8, 4
	}
	h, ok := f[id]
	p.complete = ok && h.fields != nil
	p.values, p.encoding = h.fields.int(1), h.fields.int(encoding)
	if p.kind == dataPageV2 {
		p.levels = h.fields.int(5) + h.fields.int(6)
		compressed, stated := h.fields[7]
		p.plain = stated && compressed.n == 0
	}
	return p
}

func (p page) check(left int64) error {
	switch {
	case p.kind != dataPage && p.kind != dictionaryPage && p.kind != dataPageV2, !p.complete:
		return errors.New("a page has an unknown type")
	case p.compressed < 0 || p.compressed > left:
		return errors.New("a page is longer than its column")
	case p.uncompressed < 0 || p.uncompressed > maxRowGroup:
		return errors.New("a page is too large")
	case p.values < 0 || p.values > maxPageValues:
		return errors.New("a page has too many values")
	case p.levels < 0 || p.levels > p.compressed || p.levels > p.uncompressed:
		return errors.New("a page has impossible levels")
	}
	switch p.encoding {
	case int64(format.Plain), int64(format.RLE), int64(format.BitPacked), int64(format.RLEDictionary), plainDictionary:
		return nil
	default:
		// Delta encodings can expand without bound; cohort files do not use them.
		return fmt.Errorf("encoding %d is not supported", p.encoding)
	}
}

// checkBody makes sure that the data do not grow beyond what the header says.
func (p page) checkBody(codec format.CompressionCodec, body io.Reader) error {
	if p.levels > 0 {
		if _, err := io.CopyN(io.Discard, body, p.levels); err != nil {
			return err
		}
	}
	declared, stored := p.uncompressed-p.levels, p.compressed-p.levels
	switch {
	case codec == format.Uncompressed || p.plain || stored == 0:
		return nil
	case codec == format.Snappy:
		length, err := binary.ReadUvarint(byteReader{body})
		if err != nil || length > uint64(declared) { //nolint:gosec // checked to be positive
			return errTooLong
		}
		return nil
	case codec == format.Gzip:
		if stored*maxInflation <= harmless {
			return nil
		}
		z, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, io.LimitReader(z, declared+1))
		if err == nil && n > declared {
			err = errTooLong
		}
		return err
	default:
		return fmt.Errorf("compression %s is not supported", codec)
	}
}

var errTooLong = errors.New("a page grows beyond its declared size")

// memory is what a reader allocates for the page: its bytes before and after, and
// an offset and a level for each value.
func (p page) memory() int64 { return p.compressed + p.uncompressed + 5*p.values }

type byteReader struct{ io.Reader }

func (b byteReader) ReadByte() (byte, error) {
	var c [1]byte
	_, err := io.ReadFull(b.Reader, c[:])
	return c[0], err
}

func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	if n == len(p) {
		return nil // also at the end of the file
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return err
}
