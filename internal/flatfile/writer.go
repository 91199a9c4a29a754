package flatfile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Writer writes a flat file: optional columns in pages of version 1, plainly
// encoded, compressed with gzip, with checksums. Rows are put together value by
// value in [Writer.Columns], each of which must get one for every row.
type Writer struct {
	Columns []*Builder

	out    io.Writer
	offset int64
	err    error // of a page
	meta   format.FileMetaData
	buffer bytes.Buffer // a page, compressed
	gzip   *gzip.Writer
}

// pageBytes is the size of values at which a page is full.
const pageBytes = 128 << 10

// NewWriter returns a Writer of the columns to out, which gets whole row groups. A
// column that comes from a file is described as it was there, except that it may be
// null.
func NewWriter(out io.Writer, columns []Column, createdBy string) *Writer {
	w := &Writer{out: out}
	w.gzip, _ = gzip.NewWriterLevel(&w.buffer, gzip.BestSpeed) // which is a level there is
	w.meta = format.FileMetaData{
		Version: 1, CreatedBy: createdBy,
		Schema: []format.SchemaElement{{Name: "cohort", NumChildren: thrift.New(int32(len(columns)))}}, //nolint:gosec // at most MaxColumns
	}
	for i := range columns {
		w.meta.Schema = append(w.meta.Schema, columns[i].describe())
		w.Columns = append(w.Columns, &Builder{column: &columns[i], writer: w})
	}
	return w
}

// describe returns the schema element of a column.
func (c *Column) describe() format.SchemaElement {
	if c.element.Type.Valid {
		e := c.element
		e.RepetitionType = thrift.New(format.Optional)
		return e
	}
	e := format.SchemaElement{
		Name: c.Name, Type: thrift.New(c.Type), RepetitionType: thrift.New(format.Optional),
		LogicalType: format.LogicalType{Value: c.Logical},
	}
	if _, ok := c.Logical.(*format.StringType); ok {
		e.ConvertedType = thrift.New(deprecated.UTF8)
	}
	return e
}

// Held returns how many bytes of the row group are in memory.
func (w *Writer) Held() int {
	n := 0
	for _, b := range w.Columns {
		n += len(b.data) + len(b.chunk)
	}
	return n
}

// Flush ends a row group of some rows, which every column must have.
func (w *Writer) Flush(rows int64) error {
	if rows == 0 {
		return nil
	}
	group := format.RowGroup{NumRows: rows, FileOffset: w.start(), Ordinal: int16(len(w.meta.RowGroups))} //nolint:gosec // informative
	for _, b := range w.Columns {
		b.endPage()
		if w.err != nil {
			return w.err
		}
		group.Columns = append(group.Columns, b.describe(w.start()))
		group.TotalByteSize += b.raw
		group.TotalCompressedSize += int64(len(b.chunk))
		if err := w.write(b.chunk); err != nil {
			return err
		}
		b.chunk, b.raw, b.values, b.absent = b.chunk[:0], 0, 0, 0
	}
	w.meta.NumRows += rows
	w.meta.RowGroups = append(w.meta.RowGroups, group)
	return nil
}

// start returns where the next bytes go.
func (w *Writer) start() int64 { return max(w.offset, int64(len(magic))) }

// Close writes the end of the file. Rows must have been flushed.
func (w *Writer) Close() error {
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &w.meta)
	if err != nil {
		return err
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer))) //nolint:gosec // far from 4 GB
	return w.write(append(footer, magic...))
}

func (w *Writer) write(b []byte) error {
	if w.offset == 0 {
		n, err := io.WriteString(w.out, magic)
		w.offset += int64(n)
		if err != nil {
			return err
		}
	}
	n, err := w.out.Write(b)
	w.offset += int64(n)
	return err
}

// Builder takes the values of a column. Which method it wants depends on the type;
// Null goes with any.
type Builder struct {
	column *Column
	writer *Writer

	// The page.
	data    []byte
	bits    int    // booleans in data
	present []byte // a bit for each value, set if there is one
	rows    int
	nulls   int

	// The pages before it.
	chunk  []byte
	raw    int64 // bytes before compression
	values int64
	absent int64 // values that are null
}

// Null adds that there is no value.
func (b *Builder) Null() {
	b.nulls++
	b.next(0)
}

// Text adds a value of a text column.
func (b *Builder) Text(s string) { addText(b, s) }

// Bytes adds a value of a text column.
func (b *Builder) Bytes(s []byte) { addText(b, s) }

func addText[T string | []byte](b *Builder, s T) {
	if b.column.Type == format.ByteArray {
		b.data = binary.LittleEndian.AppendUint32(b.data, uint32(len(s))) //nolint:gosec // the caller's texts are short
	}
	b.data = append(b.data, s...)
	b.next(1)
}

// Integer adds a value of a column of integers.
func (b *Builder) Integer(n int64) {
	if b.column.Type == format.Int32 {
		b.data = binary.LittleEndian.AppendUint32(b.data, uint32(n)) //nolint:gosec // the caller's numbers fit
	} else {
		b.data = binary.LittleEndian.AppendUint64(b.data, uint64(n)) //nolint:gosec // as stored
	}
	b.next(1)
}

// Double adds a value of a column of floating-point numbers.
func (b *Builder) Double(f float64) {
	if b.column.Type == format.Float {
		b.data = binary.LittleEndian.AppendUint32(b.data, math.Float32bits(float32(f)))
	} else {
		b.data = binary.LittleEndian.AppendUint64(b.data, math.Float64bits(f))
	}
	b.next(1)
}

// Boolean adds a value of a column of booleans.
func (b *Builder) Boolean(is bool) {
	if b.bits&7 == 0 {
		b.data = append(b.data, 0)
	}
	if is {
		b.data[len(b.data)-1] |= 1 << (b.bits & 7)
	}
	b.bits++
	b.next(1)
}

// next counts a value, which is there or not.
func (b *Builder) next(present byte) {
	if b.rows&7 == 0 {
		b.present = append(b.present, 0)
	}
	b.present[len(b.present)-1] |= present << (b.rows & 7)
	b.rows++
	if len(b.data) >= pageBytes {
		b.endPage()
	}
}

// endPage compresses the page and puts it behind the others.
func (b *Builder) endPage() {
	if b.rows == 0 {
		return
	}
	levels := b.levels()
	w := b.writer
	w.buffer.Reset()
	w.gzip.Reset(&w.buffer)
	for _, part := range [][]byte{binary.LittleEndian.AppendUint32(nil, uint32(len(levels))), levels, b.data} { //nolint:gosec // a page is small
		_, _ = w.gzip.Write(part) // into memory
	}
	_ = w.gzip.Close()
	size := 4 + len(levels) + len(b.data)
	header, err := thrift.Marshal(new(thrift.CompactProtocol), &format.PageHeader{
		Type:                 format.DataPage,
		UncompressedPageSize: int32(size),                                 //nolint:gosec // a page is small
		CompressedPageSize:   int32(w.buffer.Len()),                       //nolint:gosec // a page is small
		CRC:                  int32(crc32.ChecksumIEEE(w.buffer.Bytes())), //nolint:gosec // 32 bits, whatever their sign
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: int32(b.rows), //nolint:gosec // a page is small
			Encoding:  format.Plain, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
			Statistics: format.Statistics{NullCount: int64(b.nulls)},
		}),
	})
	if err != nil {
		w.err = err
	}
	b.chunk = append(append(b.chunk, header...), w.buffer.Bytes()...)
	b.raw += int64(len(header) + size)
	b.values += int64(b.rows)
	b.absent += int64(b.nulls)
	b.data, b.bits, b.present, b.rows, b.nulls = b.data[:0], 0, b.present[:0], 0, 0
}

// levels returns the definition levels of the page: one run if all values are there
// or none is, and one bit each otherwise.
func (b *Builder) levels() []byte {
	var level byte
	switch b.nulls {
	case 0:
		level = 1
	case b.rows:
	default:
		return append(binary.AppendUvarint(nil, uint64(len(b.present))<<1|1), b.present...)
	}
	return append(binary.AppendUvarint(nil, uint64(b.rows)<<1), level) //nolint:gosec // not negative
}

// describe returns what the footer says of the column in a row group that begins at
// an offset.
func (b *Builder) describe(offset int64) format.ColumnChunk {
	return format.ColumnChunk{MetaData: format.ColumnMetaData{
		Type: b.column.Type, Encoding: []format.Encoding{format.Plain, format.RLE}, PathInSchema: []string{b.column.Name},
		Codec: format.Gzip, NumValues: b.values, TotalUncompressedSize: b.raw, TotalCompressedSize: int64(len(b.chunk)),
		DataPageOffset: offset, Statistics: format.Statistics{NullCount: b.absent},
	}}
}
