package flatfile_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func gzipped(tb testing.TB, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(tb testing.TB, b []byte) []byte {
	tb.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return z.EncodeAll(b, nil)
}

// part is a page, or whatever stands in its place.
type part struct {
	header format.PageHeader
	body   []byte
}

// page is a data page of version 1 that declares a size.
func page(declared int, body []byte, values int32, encoding format.Encoding) part {
	return part{format.PageHeader{
		Type: format.DataPage, UncompressedPageSize: int32(declared), CompressedPageSize: int32(len(body)),
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values, Encoding: encoding, DefinitionLevelEncoding: format.RLE}),
	}, body}
}

// dictionary is a dictionary page.
func dictionary(declared int, body []byte, values int32) part {
	return part{format.PageHeader{
		Type: format.DictionaryPage, UncompressedPageSize: int32(declared), CompressedPageSize: int32(len(body)),
		DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: values}),
	}, body}
}

// shape is a file of one column of text and one row group.
type shape struct {
	parts   []part
	codec   format.CompressionCodec
	rows    int64 // 1 if it is 0
	columns int   // all of the same pages; 1 if it is 0
	of      format.Type
	spoil   func(*format.FileMetaData)
}

func (s shape) bytes(tb testing.TB) []byte {
	tb.Helper()
	file := []byte("PAR1")
	for _, p := range s.parts {
		file = append(append(file, marshal(tb, &p.header)...), p.body...)
	}
	rows, columns := max(s.rows, 1), max(s.columns, 1)
	kind := s.of
	if kind == 0 {
		kind = format.ByteArray
	}
	chunk := format.ColumnChunk{MetaData: format.ColumnMetaData{
		Type: kind, Codec: s.codec, NumValues: rows, DataPageOffset: 4, TotalCompressedSize: int64(len(file) - 4),
	}}
	meta := &format.FileMetaData{
		Version: 1, NumRows: rows,
		Schema:    []format.SchemaElement{{Name: "root", NumChildren: thrift.New(int32(columns))}},
		RowGroups: []format.RowGroup{{NumRows: rows}},
	}
	for range columns {
		meta.Schema = append(meta.Schema, format.SchemaElement{Name: "text", Type: thrift.New(kind), RepetitionType: thrift.New(format.Required)})
		meta.RowGroups[0].Columns = append(meta.RowGroups[0].Columns, chunk)
	}
	if s.spoil != nil {
		s.spoil(meta)
	}
	return withFooter(file, marshal(tb, meta))
}

// withFooter completes a file.
func withFooter(file, footer []byte) []byte {
	file = append(bytes.Clone(file), footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// plainText is texts in plain encoding.
func plainText(texts ...string) []byte {
	var out []byte
	for _, t := range texts {
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(t))), t...)
	}
	return out
}

// A file says nothing about itself that is believed.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	ann := plainText("Ann")
	bomb := gzipped(t, make([]byte, 1<<20))
	one := []part{page(7, ann, 1, format.Plain)}
	v2 := func(spoil func(*format.DataPageHeaderV2)) part {
		h := format.DataPageHeaderV2{NumValues: 1, NumRows: 1}
		spoil(&h)
		return part{format.PageHeader{Type: format.DataPageV2, UncompressedPageSize: 7, CompressedPageSize: 7, DataPageHeaderV2: thrift.New(h)}, ann}
	}
	lie := func(p part, spoil func(*format.PageHeader)) []part {
		spoil(&p.header)
		return []part{p}
	}
	delta := func(b ...byte) []byte { return b }
	for name, tt := range map[string]struct {
		shape
		want string // in the error; "" for none
	}{
		"good":                   {shape: shape{parts: one}},
		"good, two pages":        {shape: shape{parts: append(one, one...), rows: 2}},
		"good, dictionary":       {shape: shape{parts: []part{dictionary(7, ann, 1), page(2, []byte{0, 2}, 1, format.RLEDictionary)}}},
		"good, version 2":        {shape: shape{parts: []part{v2(func(h *format.DataPageHeaderV2) { h.IsCompressed = thrift.New(false) })}, codec: format.Gzip}},
		"good, gzip":             {shape: shape{parts: []part{page(7, gzipped(t, ann), 1, format.Plain)}, codec: format.Gzip}},
		"good, zstd":             {shape: shape{parts: []part{page(7, zstandard(t, ann), 1, format.Plain)}, codec: format.Zstd}},
		"good, snappy":           {shape: shape{parts: []part{page(7, snappy.Encode(nil, ann), 1, format.Plain)}, codec: format.Snappy}},
		"good, checksum":         {shape: shape{parts: lie(one[0], func(h *format.PageHeader) { h.CRC = int32(crc32.ChecksumIEEE(ann)) })}},
		"good, an index page":    {shape: shape{parts: append([]part{{format.PageHeader{Type: format.IndexPage, IndexPageHeader: thrift.New(format.IndexPageHeader{})}, nil}}, one...)}},
		"good, an empty page":    {shape: shape{parts: append([]part{page(0, nil, 0, format.Plain)}, one...)}},
		"good, space behind":     {shape: shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize += 9 }}},
		"wrong checksum":         {shape{parts: lie(one[0], func(h *format.PageHeader) { h.CRC = 5 })}, "its checksum"},
		"gzip bomb":              {shape{parts: []part{page(1000, bomb, 1, format.Plain)}, codec: format.Gzip}, "beyond its declared size"},
		"zstd bomb":              {shape{parts: []part{page(1000, zstandard(t, make([]byte, 1<<20)), 1, format.Plain)}, codec: format.Zstd}, "beyond its declared size"},
		"snappy bomb":            {shape{parts: []part{page(7, []byte("\xff\xff\xff\xff\x0f"), 1, format.Plain)}, codec: format.Snappy}, "beyond its declared size"},
		"snappy without content": {shape{parts: []part{page(200<<20, binary.AppendUvarint(nil, 200<<20), 1, format.Plain)}, codec: format.Snappy}, "inconsistent"},
		"gzip of less":           {shape{parts: []part{page(8, gzipped(t, ann), 1, format.Plain)}, codec: format.Gzip}, "does not have its declared size"},
		"snappy of less":         {shape{parts: []part{page(8, snappy.Encode(nil, ann), 1, format.Plain)}, codec: format.Snappy}, "does not have its declared size"},
		"not gzip":               {shape{parts: []part{page(20, make([]byte, 20), 1, format.Plain)}, codec: format.Gzip}, "invalid header"},
		"not zstd":               {shape{parts: one, codec: format.Zstd}, "magic number"},
		"large page":             {shape{parts: []part{page(600<<20, ann, 1, format.Plain)}, codec: format.Gzip}, "too large"},
		"more than declared":     {shape{parts: []part{page(6, ann, 1, format.Plain)}}, "beyond its declared size"},
		"less than declared":     {shape{parts: []part{page(8, ann, 1, format.Plain)}}, "declared size"},
		"longer than column":     {shape{parts: lie(one[0], func(h *format.PageHeader) { h.CompressedPageSize = 1 << 20 })}, "longer than its column"},
		"negative size":          {shape{parts: lie(one[0], func(h *format.PageHeader) { h.CompressedPageSize = -1 })}, "longer than its column"},
		"negative declared":      {shape{parts: lie(one[0], func(h *format.PageHeader) { h.UncompressedPageSize = -1 })}, "too large"},
		"negative values":        {shape{parts: []part{page(7, ann, -1, format.Plain)}}, "negative number"},
		"many values":            {shape{parts: []part{page(7, ann, 1<<30, format.Plain)}}, "more values"},
		"missing rows":           {shape{parts: one, rows: 2}, "ends before"},
		"missing values":         {shape{parts: []part{page(7, ann, 2, format.Plain)}, rows: 2}, "ends before"},
		"one page too many":      {shape{parts: append(one, one...)}, "more values"},
		"text beyond the page":   {shape{parts: []part{page(4, []byte{255, 255, 255, 255}, 1, format.Plain)}}, "ends before"},
		"no header":              {shape{parts: []part{{format.PageHeader{Type: format.DataPage, CompressedPageSize: 7, UncompressedPageSize: 7}, ann}}}, "incomplete"},
		"levels too long":        {shape{parts: []part{v2(func(h *format.DataPageHeaderV2) { h.DefinitionLevelsByteLength = 8 })}}, "impossible levels"},
		"levels negative":        {shape{parts: []part{v2(func(h *format.DataPageHeaderV2) { h.RepetitionLevelsByteLength = -8 })}}, "impossible levels"},
		"levels overflow":        {shape{parts: []part{v2(func(h *format.DataPageHeaderV2) { h.RepetitionLevelsByteLength, h.DefinitionLevelsByteLength = 7, 7 })}}, "impossible levels"},
		"unknown encoding":       {shape{parts: []part{page(7, ann, 1, 77)}}, "encoding 77 is not supported"},
		"integers for text":      {shape{parts: []part{page(7, ann, 1, format.DeltaBinaryPacked)}}, "encoding 5 is not supported"},
		"runs for text":          {shape{parts: []part{page(7, ann, 1, format.RLE)}}, "encoding 3 is not supported"},
		"no dictionary":          {shape{parts: []part{page(2, []byte{0, 2}, 1, format.RLEDictionary)}}, "no dictionary"},
		"beyond dictionary":      {shape{parts: []part{dictionary(7, ann, 1), page(3, []byte{1, 2, 1}, 1, format.RLEDictionary)}}, "beyond its dictionary"},
		"empty dictionary":       {shape{parts: []part{dictionary(0, nil, 0), page(2, []byte{0, 2}, 1, format.RLEDictionary)}}, "beyond its dictionary"},
		"wide indexes":           {shape{parts: []part{dictionary(7, ann, 1), page(3, []byte{33, 2, 1}, 1, format.RLEDictionary)}}, "inconsistent"},
		"indexes cut short":      {shape{parts: []part{dictionary(7, ann, 1), page(2, []byte{8, 2}, 1, format.RLEDictionary)}}, "ends before"},
		"endless empty runs":     {shape{parts: []part{dictionary(7, ann, 1), page(5, []byte{0, 0, 1, 0, 1}, 1, format.RLEDictionary)}}, "ends before"},
		"two dictionaries":       {shape{parts: append([]part{dictionary(7, ann, 1), dictionary(7, ann, 1)}, one...)}, "no place"},
		"large dictionary":       {shape{parts: append([]part{dictionary(7, ann, 1<<30)}, one...)}, "ends before"},
		"negative dictionary":    {shape{parts: append([]part{dictionary(7, ann, -1)}, one...)}, "negative number"},
		"dictionary of deltas":   {shape{parts: []part{{format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{Encoding: format.DeltaByteArray})}, nil}}}, "not supported"},
		"many deltas":            {shape{parts: []part{page(9, delta(128, 1, 4, 255, 255, 255, 255, 15, 0), 1, format.DeltaLengthByteArray)}}, "more values"},
		"no block":               {shape{parts: []part{page(4, delta(0, 4, 1, 0), 1, format.DeltaLengthByteArray)}}, "malformed differences"},
		"no miniblocks":          {shape{parts: []part{page(5, delta(128, 1, 0, 1, 0), 1, format.DeltaLengthByteArray)}}, "malformed differences"},
		"deltas cut short":       {shape{parts: []part{page(5, delta(128, 1, 4, 2, 0), 2, format.DeltaLengthByteArray)}, rows: 2}, "malformed differences"},
		"wide deltas":            {shape{parts: []part{page(10, delta(128, 1, 4, 2, 0, 0, 65, 0, 0, 0), 2, format.DeltaLengthByteArray)}, rows: 2}, "malformed differences"},
		"negative length":        {shape{parts: []part{page(5, delta(128, 1, 4, 1, 1), 1, format.DeltaLengthByteArray)}}, "ends before"},
		"fewer deltas":           {shape{parts: []part{page(5, delta(128, 1, 4, 1, 0), 2, format.DeltaLengthByteArray)}, rows: 2}, "ends before"},
		"prefix of nothing":      {shape{parts: []part{page(10, delta(128, 1, 4, 1, 2, 128, 1, 4, 1, 0), 1, format.DeltaByteArray)}}, "ends before"},
		"unequal deltas":         {shape{parts: []part{page(9, delta(128, 1, 4, 1, 0, 128, 1, 4, 0), 1, format.DeltaByteArray)}}, "malformed differences"},
		"another codec":          {shape{parts: one, codec: format.Brotli}, "compression BROTLI is not supported"},
		"too many rows":          {shape{parts: one, rows: 1 << 40}, "number of rows is impossible"},
		"negative rows":          {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].NumRows = -1 }}, "number of rows is impossible"},
		"rows do not add up":     {shape{parts: one, spoil: func(m *format.FileMetaData) { m.NumRows = 2 }}, "do not add up"},
		"before the file":        {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = -4 }}, "outside the file"},
		"behind the file":        {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = 1 << 62 }}, "outside the file"},
		"negative column":        {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = -1 }}, "outside the file"},
		"another file":           {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].FilePath = "/etc/x" }}, "another file"},
		"another type":           {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.Type = format.Int32 }}, "another type"},
		"no column chunk":        {shape{parts: one, spoil: func(m *format.FileMetaData) { m.RowGroups[0].Columns = nil }}, "other columns"},
		"no columns":             {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema = m.Schema[:1] }}, "no columns"},
		"columns of columns":     {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[1].NumChildren = thrift.New(int32(1)) }}, "more than one value"},
		"negative children":      {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[0].NumChildren = thrift.New(int32(-1)) }}, "more than one value"},
		"endless children":       {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[0].NumChildren = thrift.New(int32(1 << 30)) }}, "more than one value"},
		"repeated":               {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[1].RepetitionType = thrift.New(format.Repeated) }}, "more than one value"},
		"unknown type":           {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[1].Type = thrift.New(format.Type(9)) }}, "unknown type"},
		"length of nothing":      {shape{parts: one, spoil: func(m *format.FileMetaData) { m.Schema[1].Type = thrift.New(format.FixedLenByteArray) }}, "impossible length"},
		"too many columns":       {shape{parts: one, columns: 257}, "more than 256 columns"},
		"dictionary of booleans": {shape{parts: []part{dictionary(7, ann, 1)}, of: format.Int32, spoil: func(m *format.FileMetaData) {
			m.Schema[1].Type, m.RowGroups[0].Columns[0].MetaData.Type = thrift.New(format.Boolean), format.Boolean
		}}, "no place"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drain(tt.bytes(t), 256)
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Lengths in the footer lie within it.
func TestHostileFooters(t *testing.T) {
	t.Parallel()
	footer := func(b []byte) []byte { return withFooter([]byte("PAR1"), b) }
	for name, file := range map[string][]byte{
		"nothing":              footer(nil),
		"empty":                footer([]byte{0}),
		"bytes left over":      footer([]byte{0, 0}),
		"huge list":            footer([]byte{0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0}),
		"huge text":            footer([]byte{0x18, 0xff, 0xff, 0xff, 0xff, 0x07, 0}),
		"huge map":             footer([]byte{0x1b, 0x40, 0x55, 0}),
		"map and set":          footer([]byte{0x1b, 1, 0x55, 2, 2, 0x1a, 0x15, 2, 0x1b, 0, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
		"many elements":        footer(append(append(binary.AppendUvarint([]byte{0x19, 0xf5}, 300_000), bytes.Repeat([]byte{2}, 300_000)...), 0)),
		"endless nesting":      footer(bytes.Repeat([]byte{0x1c}, 1000)),
		"unknown type":         footer([]byte{0x1f, 0}),
		"no end":               footer([]byte{0x15}),
		"too short":            []byte("PAR1PAR1"),
		"no Parquet":           bytes.Repeat([]byte("x"), 20),
		"longer than the file": append([]byte("PAR1aaaa"), 9, 0, 0, 0, 'P', 'A', 'R', '1'),
		"encrypted":            append([]byte("PAR1aaaa"), 0, 0, 0, 0, 'P', 'A', 'R', 'E'),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := flatfile.Open(bytes.NewReader(file), int64(len(file))); err == nil {
				t.Error("no error")
			}
		})
	}
	if _, err := flatfile.Open(bytes.NewReader(nil), 100); err == nil {
		t.Error("a reader shorter than its size passes")
	}
}

// What older writers say of a column is understood.
func TestOldAnnotations(t *testing.T) {
	t.Parallel()
	for old, want := range map[deprecated.ConvertedType]string{
		deprecated.UTF8: "STRING", deprecated.Enum: "ENUM", deprecated.Json: "JSON", deprecated.Bson: "BSON", deprecated.Date: "DATE",
		deprecated.Decimal:    "DECIMAL(9,2)",
		deprecated.TimeMillis: "TIME(isAdjustedToUTC=true,unit=MILLIS)", deprecated.TimeMicros: "TIME(isAdjustedToUTC=true,unit=MICROS)",
		deprecated.TimestampMillis: "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)", deprecated.TimestampMicros: "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)",
		deprecated.Int8: "INT(8,true)", deprecated.Int64: "INT(64,true)", deprecated.Uint16: "INT(16,false)", deprecated.Uint32: "INT(32,false)",
		deprecated.Interval: "", deprecated.List: "",
	} {
		content := shape{parts: []part{page(7, plainText("Ann"), 1, format.Plain)}, spoil: func(m *format.FileMetaData) {
			m.Schema[1].ConvertedType = thrift.New(old)
			m.Schema[1].Precision, m.Schema[1].Scale = thrift.New(int32(9)), thrift.New(int32(2))
		}}.bytes(t)
		f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if l := f.Columns[0].Logical; l != nil {
			got = l.String()
		}
		if got != want {
			t.Errorf("%d is %q, want %q", old, got, want)
		}
	}
}

// skim reads a file without keeping anything.
func skim(content []byte) error {
	f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for s := f.Scan(); ; {
		if n, err := s.Next(256); err != nil || n == 0 {
			return err
		}
	}
}

// allocated returns how much f allocates in all, of which what is held at any time
// is a part. It cannot run beside other tests.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A few bytes that claim much get no memory for it; a real bomb gets what it fills
// up to a limit.
func TestHostileMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	if testing.Short() {
		t.Skip("fills hundreds of megabytes")
	}
	ann := plainText("Ann")
	zeros := func(n int) []byte { return gzipped(t, make([]byte, n)) }
	long := plainText(strings.Repeat("x", 60_000))
	for name, tt := range map[string]struct {
		shape
		megabytes uint64
		want      string // in the error; "" for none
	}{
		// Claims alone.
		"200 MB declared, gzip": {
			shape{parts: []part{page(200<<20, gzipped(t, ann), 1, format.Plain)}, codec: format.Gzip}, 2, "declared size",
		},
		"200 MB declared, zstd": {
			shape{parts: []part{page(200<<20, zstandard(t, ann), 1, format.Plain)}, codec: format.Zstd}, 12, "declared size",
		},
		"200 MB declared, snappy": {
			shape{parts: []part{page(200<<20, binary.AppendUvarint(nil, 200<<20), 1, format.Plain)}, codec: format.Snappy}, 2, "inconsistent",
		},
		"a million in the dictionary": {
			shape{parts: append([]part{dictionary(7, ann, 1<<20)}, page(7, ann, 1, format.Plain))}, 2, "ends before",
		},
		"many rows":    {shape{parts: []part{page(7, ann, 1, format.Plain)}, rows: 100_000}, 2, "ends before"},
		"many columns": {shape{parts: []part{page(7, ann, 1, format.Plain)}, columns: 256}, 4, ""},
		// Bombs. Memory grows by doubling, so that this is twice of what is held.
		"one gzip bomb": {
			shape{parts: []part{page(16<<20, zeros(16<<20), 1, format.Plain)}, codec: format.Gzip}, 36, "",
		},
		"256 gzip bombs": {
			shape{parts: []part{page(16<<20, zeros(16<<20), 1, format.Plain)}, codec: format.Gzip, columns: 256}, 600, "too much memory",
		},
		"dictionary bomb": {
			shape{parts: []part{dictionary(48<<20, zeros(48<<20), 12<<20), page(7, ann, 1, format.Plain)}, codec: format.Gzip}, 120, "too much memory",
		},
		"delta bomb": { // fifty million differences of no bits
			shape{
				parts: []part{page(400_007, gzipped(t, append(binary.AppendUvarint([]byte{128, 1, 4}, 50<<20), make([]byte, 400_000)...)), 50<<20, format.DeltaBinaryPacked)},
				codec: format.Gzip, of: format.Int64, rows: 50 << 20,
				spoil: func(m *format.FileMetaData) { m.CreatedBy = strings.Repeat("room for rows ", 4000) },
			}, 600, "too much memory",
		},
		// A text that a dictionary holds once and a page points to often is not copied.
		"pointers to a long text": {
			shape{
				parts: []part{dictionary(len(long), long, 1), page(5, append([]byte{0}, binary.AppendUvarint(nil, 40_000_000<<1)...), 40_000_000, format.RLEDictionary)},
				rows:  40_000_000,
			}, 2, "",
		},
	} {
		content := tt.bytes(t)
		var err error
		got := allocated(func() { err = skim(content) })
		t.Logf("%s: %d kB of file, %d MB allocated, %v", name, len(content)>>10, got>>20, err)
		if got > tt.megabytes<<20 || (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %d MB allocated, more than %d; or %v, want %q", name, got>>20, tt.megabytes, err, tt.want)
		}
		got = allocated(func() { err = skimPages(content) })
		t.Logf("%s: %d MB allocated, %v", name, got>>20, err)
		if got > tt.megabytes<<20+200<<20 || got > tt.megabytes<<20 && tt.want != "" {
			t.Errorf("%s: %d MB allocated for pages", name, got>>20)
		}
	}
}
