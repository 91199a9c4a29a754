package flatfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Layout says how a [ColumnWriter] lays out a file. The zero value is good for most.
type Layout struct {
	// Codec is [format.Uncompressed] (the zero value), [format.Snappy] or [format.Zstd].
	Codec format.CompressionCodec
	// PageRows is how many rows a page has, at most; 20,000 if zero. Those of all
	// columns begin at the same rows, except that texts may end a page early at 1 MiB.
	PageRows int
	// GroupRows is the number of rows at which [ColumnWriter.EndBatch] ends a row
	// group; 1,048,576 if zero.
	GroupRows int
	// Sorted names the columns by which the rows are sorted, ascending, nulls first,
	// the most significant first. It is written down, not checked.
	Sorted []string
	// CreatedBy names the program, as in "nhs version 1.0.0".
	CreatedBy string
}

// The defaults of [Layout].
const (
	defaultPageRows  = 20_000
	defaultGroupRows = 1 << 20
)

// ColumnWriter writes a flat file of BOOLEAN, INT32, INT64, DOUBLE and BYTE_ARRAY
// columns, a batch of values of one column at a time. It is the fast way; [Writer] is
// the one for files that are put together row by row.
//
//	w, err := flatfile.NewColumnWriter(out, columns, flatfile.Layout{Codec: format.Snappy})
//	for each batch {
//		w.Columns[0].Integers(keys, nil)
//		w.Columns[1].Texts(codes, null)
//		w.Columns[2].Integer(day, len(keys)) // the same for all
//		err = w.EndBatch(len(keys))
//	}
//	err = w.Close()
//
// Every column gets the same number of rows in a batch, in any mixture of calls. What
// they are handed is copied or encoded before they return.
//
// Columns are dictionary encoded as long as that pays, with long repetitions as runs;
// otherwise plainly. Pages are of version 1, with checksums. Chunks have minimum,
// maximum and number of nulls, and there is a page index, so that readers can leave
// out row groups and pages. A column whose order is not plain (unsigned integers,
// decimals in bytes) or that holds a NaN goes without minimum and maximum. Those of
// texts are cut to 64 bytes: bounds, not values. The caller sees to it that texts of
// STRING columns are UTF-8.
//
// Memory is bounded by one row group, compressed, one dictionary a column, and some 200
// bytes for every page written. An error is final, and all that follows returns it.
type ColumnWriter struct {
	// Columns take the values, in the order of the file.
	Columns []*Appender

	out    io.Writer
	layout Layout
	offset int64
	rows   int // of the row group, of batches that have ended
	err    error
	closed bool
	meta   format.FileMetaData
	zstd   *zstd.Encoder
	body   []byte // a page
	packed []byte // a page, compressed
	bits   []uint64
	index  []pageIndexes
}

// pageIndexes is the page index of a chunk, encoded.
type pageIndexes struct{ columns, offsets []byte }

// NewColumnWriter returns a writer of a file of columns to out. Of a column it reads
// Name, Type, Logical, Optional, Plain and Coded; one that comes from a file is described as it was
// there.
func NewColumnWriter(out io.Writer, columns []Column, layout Layout) (*ColumnWriter, error) {
	if layout.PageRows <= 0 {
		layout.PageRows = defaultPageRows
	}
	if layout.GroupRows <= 0 {
		layout.GroupRows = defaultGroupRows
	}
	layout.PageRows = min(layout.PageRows, maxPageRows)
	w := &ColumnWriter{out: out, layout: layout}
	switch layout.Codec {
	case format.Uncompressed, format.Snappy:
	case format.Zstd:
		w.zstd, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) // options that there are
	case format.Gzip, format.LZO, format.Brotli, format.Lz4, format.Lz4Raw:
		return nil, fmt.Errorf("compression %s is not supported", layout.Codec)
	default:
		return nil, fmt.Errorf("compression %s is not supported", layout.Codec)
	}
	if len(columns) == 0 || len(columns) > MaxColumns {
		return nil, fmt.Errorf("there are no columns, or more than %d", MaxColumns)
	}
	w.meta = format.FileMetaData{
		Version: 2, CreatedBy: layout.CreatedBy,
		Schema: []format.SchemaElement{{Name: "schema", NumChildren: thrift.New(int32(len(columns)))}}, //nolint:gosec // at most MaxColumns
	}
	for i := range columns {
		c := columns[i]
		switch c.Type {
		case format.Boolean, format.Int32, format.Int64, format.Double, format.ByteArray:
		case format.Int96, format.Float, format.FixedLenByteArray:
			return nil, fmt.Errorf("column %d: %s is not supported", i+1, c.Type)
		default:
			return nil, fmt.Errorf("column %d: %s is not supported", i+1, c.Type)
		}
		w.meta.Schema = append(w.meta.Schema, c.schemaElement())
		w.meta.ColumnOrders = append(w.meta.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
		w.Columns = append(w.Columns, newAppender(w, &c, i))
	}
	if w.sorting() == nil && len(layout.Sorted) > 0 {
		return nil, errors.New("the file is sorted by a column that it does not have")
	}
	return w, nil
}

// Reset makes the writer as it was when it was new, but for out and for dictionaries in
// use; it keeps its memory, so that many files are written in that of one.
func (w *ColumnWriter) Reset(out io.Writer) {
	w.out, w.offset, w.rows, w.err, w.closed = out, 0, 0, nil, false
	w.meta.NumRows, w.meta.RowGroups, w.index = 0, nil, w.index[:0]
	for _, a := range w.Columns {
		a.reset()
	}
}

// schemaElement returns how the file describes a column.
func (c *Column) schemaElement() format.SchemaElement {
	repetition := format.Required
	if c.Optional {
		repetition = format.Optional
	}
	e := c.element
	if !e.Type.Valid {
		e = format.SchemaElement{Name: c.Name, Type: thrift.New(c.Type), LogicalType: format.LogicalType{Value: c.Logical}}
		switch c.Logical.(type) { // the old way of telling, which old readers know
		case *format.StringType:
			e.ConvertedType = thrift.New(deprecated.UTF8)
		case *format.DateType:
			e.ConvertedType = thrift.New(deprecated.Date)
		}
	}
	e.RepetitionType = thrift.New(repetition)
	return e
}

// sorting returns what the row groups say of the order of rows, nil when a column is
// not there.
func (w *ColumnWriter) sorting() (by []format.SortingColumn) {
	for _, name := range w.layout.Sorted {
		n := len(by)
		for i, a := range w.Columns {
			if a.column.Name == name {
				by = append(by, format.SortingColumn{ColumnIdx: int32(i), NullsFirst: true})
			}
		}
		if len(by) == n {
			return nil
		}
	}
	return by
}

// Rows returns how many rows the file has, those of batches that have ended.
func (w *ColumnWriter) Rows() int64 { return w.meta.NumRows + int64(w.rows) }

// EndBatch ends a batch of some rows, which every column must have got since the one
// before. When the row group has its rows, it is written.
func (w *ColumnWriter) EndBatch(rows int) error {
	if w.closed {
		w.fail(errClosed)
	}
	for _, a := range w.Columns {
		if a.total != w.rows+rows {
			w.fail(fmt.Errorf("column %d has got %d rows in a batch of %d", a.position, a.total-w.rows, rows))
		}
	}
	w.rows += rows
	if w.err == nil && w.rows >= w.layout.GroupRows {
		return w.Flush()
	}
	return w.err
}

// Flush ends the row group, if it has any rows.
func (w *ColumnWriter) Flush() error {
	for _, a := range w.Columns {
		if a.total != w.rows {
			w.fail(fmt.Errorf("column %d has rows of a batch that has not ended", a.position))
		}
	}
	if w.err != nil || w.rows == 0 {
		return w.err
	}
	if w.offset == 0 {
		w.write([]byte(magic))
	}
	group := format.RowGroup{
		NumRows: int64(w.rows), FileOffset: w.offset, SortingColumns: w.sorting(),
		Ordinal: int16(len(w.meta.RowGroups)), //nolint:gosec // informative
	}
	for _, a := range w.Columns {
		a.endPage()
		chunk, index := a.endChunk(w.offset)
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
		w.index = append(w.index, index)
		w.write(a.dictionaryPage)
		w.write(a.chunk)
		a.reset()
	}
	w.meta.NumRows += int64(w.rows)
	w.meta.RowGroups = append(w.meta.RowGroups, group)
	w.rows = 0
	return w.err
}

// Close writes what is left, the page index and the footer. It does not close the
// underlying writer.
func (w *ColumnWriter) Close() error {
	if w.closed {
		return w.err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	w.closed = true
	if w.offset == 0 {
		w.write([]byte(magic))
	}
	n := len(w.Columns)
	for i, index := range w.index {
		if c := &w.meta.RowGroups[i/n].Columns[i%n]; index.columns != nil {
			c.ColumnIndexOffset, c.ColumnIndexLength = w.offset, int32(len(index.columns)) //nolint:gosec // far from 2 GB
			w.write(index.columns)
		}
	}
	for i, index := range w.index {
		c := &w.meta.RowGroups[i/n].Columns[i%n]
		c.OffsetIndexOffset, c.OffsetIndexLength = w.offset, int32(len(index.offsets)) //nolint:gosec // far from 2 GB
		w.write(index.offsets)
	}
	footer := w.marshal(&w.meta)
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer))) //nolint:gosec // far from 4 GB
	w.write(append(footer, magic...))
	return w.err
}

var errClosed = errors.New("the writer is closed")

// room returns room for the bits of n numbers, good until the next call.
func (w *ColumnWriter) room(n int) []uint64 {
	if n > cap(w.bits) {
		w.bits = make([]uint64, n)
	}
	return w.bits[:n]
}

// fail keeps the first error.
func (w *ColumnWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// write writes to the underlying writer unless something has failed.
func (w *ColumnWriter) write(b []byte) {
	if w.err != nil || len(b) == 0 {
		return
	}
	n, err := w.out.Write(b)
	w.offset += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	w.err = err
}

// marshal encodes metadata.
func (w *ColumnWriter) marshal(v any) []byte {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		w.fail(err)
	}
	return b
}
