package flatfile

import (
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

var errIndex = errors.New("the pages are not as the file says")

// Bounds say between which values all that a chunk or a page has are, those that are missing left out. Low and High are in
// plain encoding, a text without its length; both are nil if the file does not say.
type Bounds struct {
	Low, High []byte
}

// Integers returns the bounds of a column of integers.
func (b Bounds) Integers(c *Column) (low, high int64, ok bool) {
	low, ok = c.integer(b.Low)
	if !ok {
		return 0, 0, false
	}
	high, ok = c.integer(b.High)
	return low, high, ok && low <= high
}

func (c *Column) integer(b []byte) (int64, bool) {
	switch {
	case c.Type == format.Int32 && len(b) == 4:
		return c.int32(binary.LittleEndian.Uint32(b)), true
	case c.Type == format.Int64 && len(b) == 8 && !c.unsigned:
		return int64(binary.LittleEndian.Uint64(b)), true //nolint:gosec // as stored
	default:
		return 0, false
	}
}

// Bounds returns those of the whole chunk.
func (c *Chunk) Bounds() Bounds { return c.outline.bounds }

// PageBounds returns those of every page, nothing if the file does not have them for each.
func (c *Chunk) PageBounds() ([]Bounds, error) {
	var index format.ColumnIndex
	there, err := c.index(c.outline.pages, &index)
	if err != nil {
		return nil, c.fail(err)
	}
	if !there || len(index.MinValues) != len(c.Pages) || len(index.MaxValues) != len(c.Pages) || len(index.NullPages) != len(c.Pages) {
		return nil, nil
	}
	bounds := make([]Bounds, len(c.Pages))
	for i := range bounds {
		if !index.NullPages[i] {
			bounds[i] = Bounds{index.MinValues[i], index.MaxValues[i]}
		}
	}
	return bounds, nil
}

// offsets returns where the pages are, nothing if the file does not say.
func (c *Chunk) offsets() ([]Location, error) {
	var index format.OffsetIndex
	there, err := c.index(c.outline.offsets, &index)
	if err != nil || !there {
		return nil, err
	}
	locations := make([]Location, len(index.PageLocations))
	for i, l := range index.PageLocations {
		locations[i] = Location{Offset: l.Offset, Size: int64(l.CompressedPageSize), First: l.FirstRowIndex}
	}
	return locations, nil
}

// index reads something that the file says about the pages of a chunk, and reports whether it does.
func (c *Chunk) index(at extent, into any) (bool, error) {
	if at.offset == 0 || at.length == 0 {
		return false, nil
	}
	if at.offset < 0 || at.length < 0 || at.length > min(maxIndex, c.size) || at.offset > c.size-at.length {
		return false, errIndex
	}
	b := make([]byte, at.length)
	if err := readAt(c.reader.file, b, at.offset); err != nil {
		return false, err
	}
	if _, _, err := walk(b); err != nil {
		return false, err
	}
	if err := safely(func() error { return thrift.Unmarshal(new(thrift.CompactProtocol), b, into) }); err != nil {
		return false, errThrift
	}
	return true, nil
}
