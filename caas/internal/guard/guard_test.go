package guard_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/caas/internal/guard"
)

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func zip(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// page is a data page of version 1.
func page(declared, stored, values int32, encoding format.Encoding) format.PageHeader {
	return format.PageHeader{
		Type: format.DataPage, UncompressedPageSize: declared, CompressedPageSize: stored,
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values, Encoding: encoding}),
	}
}

// A page may not be, or grow to, more than it and the file can hold.
func TestRowGroup(t *testing.T) {
	t.Parallel()
	bomb := zip(t, make([]byte, 64<<20))
	text := []byte("content")
	dictionary := format.PageHeader{
		Type: format.DictionaryPage, UncompressedPageSize: 7, CompressedPageSize: 7,
		DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: 1}),
	}
	v2 := format.PageHeader{
		Type: format.DataPageV2, UncompressedPageSize: 7, CompressedPageSize: 7,
		DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{NumValues: 1, NumRows: 1, DefinitionLevelsByteLength: 2, IsCompressed: thrift.New(false)}),
	}
	wide := v2
	wide.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{NumValues: 1, NumRows: 1, DefinitionLevelsByteLength: 8})
	type part struct {
		header format.PageHeader
		body   []byte
	}
	one := []part{{page(7, 7, 1, format.Plain), text}}
	for name, tt := range map[string]struct {
		parts []part
		codec format.CompressionCodec
		rows  int64
		spoil func(*format.RowGroup)
		want  string
	}{
		"good":                 {parts: one},
		"good, two pages":      {parts: append(one, one...), rows: 2},
		"good, dictionary":     {parts: append([]part{{dictionary, text}}, one...)},
		"good, version 2":      {parts: []part{{v2, text}}, codec: format.Gzip},
		"good, gzip":           {parts: []part{{page(64<<20, int32(len(bomb)), 1, format.Plain), bomb}}, codec: format.Gzip},
		"good, snappy":         {parts: []part{{page(3, 5, 1, format.Plain), []byte("\x03\x08abc")}}, codec: format.Snappy},
		"gzip bomb":            {parts: []part{{page(1000, int32(len(bomb)), 1, format.Plain), bomb}}, codec: format.Gzip, want: "grows beyond its declared size"},
		"snappy bomb":          {parts: []part{{page(3, 5, 1, format.Plain), []byte("\xff\xff\xff\xff\x0f")}}, codec: format.Snappy, want: "grows beyond its declared size"},
		"large page":           {parts: []part{{page(600<<20, 7, 1, format.Plain), text}}, codec: format.Gzip, want: "too large"},
		"longer than file":     {parts: []part{{page(7, 8, 1, format.Plain), text}}, want: "longer than its column"},
		"negative":             {parts: []part{{page(7, -1, 1, format.Plain), text}}, want: "longer than its column"},
		"many values":          {parts: []part{{page(7, 7, 1<<30, format.Plain), text}}, want: "too many values"},
		"delta":                {parts: []part{{page(7, 7, 1, format.DeltaByteArray), text}}, want: "encoding 7 is not supported"},
		"zstd":                 {parts: one, codec: format.Zstd, want: "compression ZSTD is not supported"},
		"index page":           {parts: []part{{format.PageHeader{Type: format.IndexPage, CompressedPageSize: 7}, text}}, want: "unknown type"},
		"header of other type": {parts: []part{{format.PageHeader{Type: format.DataPage, CompressedPageSize: 7}, text}}, want: "unknown type"},
		"levels too long":      {parts: []part{{wide, text}}, want: "impossible levels"},
		"missing rows":         {parts: one, rows: 2, want: "one value for each row"},
		"too many rows":        {parts: one, rows: 1 << 40, want: "number of rows is impossible"},
		"negative rows":        {parts: one, rows: -1, want: "number of rows is impossible"},
		"before the file":      {parts: one, spoil: func(g *format.RowGroup) { g.Columns[0].MetaData.DataPageOffset = -4 }, want: "outside the file"},
		"behind the file":      {parts: one, spoil: func(g *format.RowGroup) { g.Columns[0].MetaData.DictionaryPageOffset = 1 << 60 }, want: "outside the file"},
		"another file":         {parts: one, spoil: func(g *format.RowGroup) { g.Columns[0].FilePath = "/etc/x" }, want: "another file"},
		"memory in sum": {
			parts: []part{{page(300<<20, 7, 1, format.Plain), text}}, codec: format.Snappy,
			spoil: func(g *format.RowGroup) { g.Columns = append(g.Columns, g.Columns[0]) }, want: "too much memory",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := []byte("PAR1")
			for _, p := range tt.parts {
				file = append(append(file, marshal(t, &p.header)...), p.body...)
			}
			group := &format.RowGroup{NumRows: max(tt.rows, 1), Columns: []format.ColumnChunk{{MetaData: format.ColumnMetaData{
				Codec: tt.codec, DataPageOffset: 4, TotalCompressedSize: int64(len(file) - 4),
			}}}}
			if tt.rows < 0 {
				group.NumRows = tt.rows
			}
			if tt.spoil != nil {
				tt.spoil(group)
			}
			err := guard.RowGroup(bytes.NewReader(file), int64(len(file)), group)
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// withFooter is a file of nothing but a footer.
func withFooter(footer []byte) []byte {
	file := append([]byte("PAR1"), footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// Lengths in the footer lie within it.
func TestFooter(t *testing.T) {
	t.Parallel()
	good := marshal(t, &format.FileMetaData{Version: 1, NumRows: 3, Schema: []format.SchemaElement{{Name: "root"}}})
	for name, tt := range map[string]struct {
		file []byte
		ok   bool
	}{
		"good":                 {withFooter(good), true},
		"map and set":          {withFooter([]byte{0x1b, 1, 0x55, 2, 2, 0x1a, 0x15, 2, 0x1b, 0, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0}), true},
		"bytes left over":      {withFooter(append(bytes.Clone(good), 0)), false},
		"huge list":            {withFooter([]byte{0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0}), false},
		"huge text":            {withFooter([]byte{0x18, 0xff, 0xff, 0xff, 0xff, 0x07, 0}), false},
		"huge map":             {withFooter([]byte{0x1b, 0x40, 0x55, 0}), false},
		"many elements":        {withFooter(integers(300_000)), false},
		"endless nesting":      {withFooter(bytes.Repeat([]byte{0x1c}, 1000)), false},
		"unknown type":         {withFooter([]byte{0x1f, 0}), false},
		"no end":               {withFooter([]byte{0x15}), false},
		"too short":            {[]byte("PAR1PAR1"), false},
		"no Parquet":           {bytes.Repeat([]byte("x"), 20), false},
		"longer than the file": {append([]byte("PAR1aaaa"), 9, 0, 0, 0, 'P', 'A', 'R', '1'), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := guard.Footer(bytes.NewReader(tt.file), int64(len(tt.file)))
			if (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := guard.Footer(bytes.NewReader(nil), 100); err == nil {
		t.Error("a reader shorter than its size passes")
	}
}

// integers is a list of n integers.
func integers(n uint64) []byte {
	b := binary.AppendUvarint([]byte{0x19, 0xf5}, n)
	return append(append(b, bytes.Repeat([]byte{2}, int(n))...), 0)
}

func FuzzFooter(f *testing.F) {
	f.Add(marshal(f, &format.FileMetaData{Version: 1, NumRows: 3, Schema: []format.SchemaElement{{Name: "root"}}}))
	f.Fuzz(func(_ *testing.T, footer []byte) {
		file := withFooter(footer)
		_ = guard.Footer(bytes.NewReader(file), int64(len(file)))
	})
}
