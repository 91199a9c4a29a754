package columnar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// unchecked returns a Parquet file without the checksums of its pages, so that what is wrong in them comes to those who
// decode them, and without its index of pages.
func unchecked(tb testing.TB, content []byte) []byte {
	tb.Helper()
	meta := footerOf(tb, content)
	out := []byte("PAR1")
	for i := range meta.RowGroups {
		for j := range meta.RowGroups[i].Columns {
			c := &meta.RowGroups[i].Columns[j]
			c.OffsetIndexOffset, c.OffsetIndexLength, c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0, 0, 0
			m := &c.MetaData
			from := firstPage(m)
			start := int64(len(out))
			m.DataPageOffset = 0
			for rest := content[from:][:m.TotalCompressedSize]; len(rest) > 0; {
				var h format.PageHeader
				r := new(thrift.CompactProtocol).NewReaderFromBytes(bytes.Clone(rest))
				if err := thrift.NewDecoder(r).Decode(&h); err != nil {
					tb.Fatal(err)
				}
				h.CRC = 0
				header, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
				if err != nil {
					tb.Fatal(err)
				}
				if h.Type == format.DictionaryPage {
					m.DictionaryPageOffset = int64(len(out))
				} else if m.DataPageOffset == 0 {
					m.DataPageOffset = int64(len(out))
				}
				out = append(append(out, header...), rest[r.BytesRead():][:h.CompressedPageSize]...)
				rest = rest[r.BytesRead()+int(h.CompressedPageSize):]
			}
			m.TotalCompressedSize = int64(len(out)) - start
		}
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		tb.Fatal(err)
	}
	out = append(out, footer...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(footer)))
	return append(out, "PAR1"...)
}

// footerOf decodes the end of a file.
func footerOf(tb testing.TB, content []byte) *format.FileMetaData {
	tb.Helper()
	at := len(content) - 8 - int(binary.LittleEndian.Uint32(content[len(content)-8:]))
	meta := new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), content[at:len(content)-8], meta); err != nil {
		tb.Fatal(err)
	}
	return meta
}

// firstPage returns where the pages of a column begin.
func firstPage(m *format.ColumnMetaData) int64 {
	if m.DictionaryPageOffset != 0 {
		return min(m.DataPageOffset, m.DictionaryPageOffset)
	}
	return m.DataPageOffset
}

// pagesEnd returns where the pages of a file end, and what it says about them begins.
func pagesEnd(tb testing.TB, content []byte) (end int) {
	tb.Helper()
	for _, g := range footerOf(tb, content).RowGroups {
		for i := range g.Columns {
			m := &g.Columns[i].MetaData
			end = max(end, int(firstPage(m)+m.TotalCompressedSize))
		}
	}
	return end
}

// foreignEntry is an entry of a journal in encodings that others write.
type foreignEntry struct {
	Key   int64   `parquet:"NHS_NUMBER,delta"`
	Date  int32   `parquet:"DATE,optional,date"`
	Code  string  `parquet:"CODE,optional,delta"`
	Value float64 `parquet:"VALUE1_CONDITION,optional,split"`
}

// foreignText is the same, with texts.
type foreignText struct {
	Key   string  `parquet:"NHS_NUMBER,dict"`
	Date  string  `parquet:"DATE,optional,dict"`
	Code  string  `parquet:"CODE,optional,dict"`
	Value float64 `parquet:"VALUE1_CONDITION,optional"`
}

// foreign returns a file of rows as another writer makes it, without checksums.
func foreign[T any](tb testing.TB, codec compress.Codec, version int, rows []T) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, parquet.Compression(codec), parquet.DataPageVersion(version), parquet.PageBufferSize(300), parquet.MaxRowsPerRowGroup(200))
	if _, err := w.Write(rows); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return unchecked(tb, out.Bytes())
}

// foreignFiles are files of some entries.
func foreignFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	var entries []foreignEntry
	var texts []foreignText
	for i := range 500 {
		key, date, code, value := 9_990_000_000+int64(7*(i/2)), int32(15000+i), "271649006", float64(120+i%50)
		if i%3 == 0 {
			code = "38341003"
		}
		day := fmt.Sprintf("20%02d-06-%02d", i%25, i%28+1)
		entries = append(entries, foreignEntry{key, date, code, value})
		texts = append(texts, foreignText{strconv.FormatInt(key, 10), day, code, value})
		if i%5 == 0 {
			entries[i], texts[i] = foreignEntry{Key: key}, foreignText{Key: texts[i].Key}
		}
	}
	return map[string][]byte{
		"version 1": foreign(tb, &parquet.Uncompressed, 1, entries), "version 2": foreign(tb, &parquet.Uncompressed, 2, entries),
		"texts": foreign(tb, &parquet.Uncompressed, 1, texts), "snappy": foreign(tb, &parquet.Snappy, 2, texts),
		"zstd": foreign(tb, &parquet.Zstd, 1, texts), "gzip": foreign(tb, &parquet.Gzip, 1, texts),
	}
}
