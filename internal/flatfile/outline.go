package flatfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// rowGroup and outline are what is kept of what a file says of a row group and of a column in it. That is a fraction of it, so
// that many files can be open at once.
type rowGroup struct {
	first, rows int64
	chunks      []outline
}

type outline struct {
	codec          format.CompressionCodec
	all, told      bool  // whether all pages point to a dictionary, or none does, and whether the file says so
	start, size    int64 // of the pages, dictionary included
	offsets, pages extent
	bounds         Bounds
}

// extent is where in the file something is.
type extent struct{ offset, length int64 }

func outlineOf(c *format.ColumnChunk) outline {
	m := &c.MetaData
	o := outline{
		codec:   m.Codec,
		offsets: extent{c.OffsetIndexOffset, int64(c.OffsetIndexLength)},
		pages:   extent{c.ColumnIndexOffset, int64(c.ColumnIndexLength)},
		bounds:  Bounds{m.Statistics.MinValue, m.Statistics.MaxValue},
	}
	o.start, o.size = extentOf(m)
	o.all, o.told = indexed(m.EncodingStats)
	return o
}

// indexed reports whether all pages point to a dictionary, or none, if the file says so.
func indexed(stats []format.PageEncodingStats) (all, told bool) {
	all, none := true, true
	for _, s := range stats {
		switch {
		case s.PageType != format.DataPage && s.PageType != format.DataPageV2:
		case s.Encoding == format.RLEDictionary || s.Encoding == encodingPlainDictionary:
			none = false
		default:
			all = false
		}
	}
	return all, all != none
}

// checkGroups makes sure that the row groups are of these columns, lie in the
// file and add up, and keeps what is needed of them.
func (f *File) checkGroups(groups []format.RowGroup) error {
	rows := int64(0)
	for i := range groups {
		g := &groups[i]
		if g.NumRows < 0 || g.NumRows/maxRowsPerByte > f.size || (rows+g.NumRows)/maxRowsPerByte > f.size {
			return errors.New("the number of rows is impossible")
		}
		if len(g.Columns) != len(f.Columns) {
			return errors.New("a row group has other columns than the file")
		}
		kept := rowGroup{first: rows, rows: g.NumRows, chunks: make([]outline, len(g.Columns))}
		for j := range g.Columns {
			if err := f.checkChunk(&g.Columns[j], f.Columns[j].Type); err != nil {
				return fmt.Errorf("column %d: %w", j+1, err)
			}
			kept.chunks[j] = outlineOf(&g.Columns[j])
		}
		f.groups = append(f.groups, kept)
		rows += g.NumRows
	}
	if rows != f.Rows {
		return errors.New("the row groups do not add up to the rows")
	}
	return nil
}

func (f *File) checkChunk(c *format.ColumnChunk, t format.Type) error {
	start, size := extentOf(&c.MetaData)
	switch {
	case c.FilePath != "":
		return errors.New("the data are in another file")
	case c.MetaData.Type != t:
		return errors.New("a row group has another type than the file")
	case start < 4 || size < 0 || size > f.size || start > f.size-size:
		return errors.New("the data lie outside the file")
	}
	codecs := []format.CompressionCodec{format.Uncompressed, format.Gzip, format.Snappy, format.Zstd}
	if !slices.Contains(codecs, c.MetaData.Codec) {
		return fmt.Errorf("compression %s is not supported", c.MetaData.Codec)
	}
	return nil
}

// extentOf returns where the pages of a column are.
func extentOf(c *format.ColumnMetaData) (start, size int64) {
	start = c.DataPageOffset
	if c.DictionaryPageOffset != 0 {
		start = min(start, c.DictionaryPageOffset)
	}
	return start, c.TotalCompressedSize
}
