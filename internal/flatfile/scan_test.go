package flatfile_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// layout is a way to write a column.
type layout struct {
	name     string
	of       parquet.Type
	encoding encoding.Encoding // nil for that of the library's choice
	value    func(*rapid.T) parquet.Value
}

func layouts() []layout {
	boolean := func(t *rapid.T) parquet.Value { return parquet.BooleanValue(rapid.Bool().Draw(t, "v")) }
	int32s := func(t *rapid.T) parquet.Value { return parquet.Int32Value(rapid.Int32().Draw(t, "v")) }
	int64s := func(t *rapid.T) parquet.Value { return parquet.Int64Value(rapid.Int64().Draw(t, "v")) }
	few := func(t *rapid.T) parquet.Value { return parquet.Int64Value(rapid.Int64Range(0, 9).Draw(t, "v")) }
	texts := func(t *rapid.T) parquet.Value {
		return parquet.ByteArrayValue([]byte(rapid.StringN(0, 9, -1).Draw(t, "v")))
	}
	seven := func(t *rapid.T) parquet.Value {
		return parquet.FixedLenByteArrayValue(rapid.SliceOfN(rapid.Byte(), 7, 7).Draw(t, "v"))
	}
	return []layout{
		{"booleans, plain", parquet.BooleanType, &parquet.Plain, boolean},
		{"booleans, runs", parquet.BooleanType, &parquet.RLE, boolean},
		{"int32, plain", parquet.Int32Type, &parquet.Plain, int32s},
		{"int32, delta", parquet.Int32Type, &parquet.DeltaBinaryPacked, int32s},
		{"int32, dictionary", parquet.Int32Type, &parquet.RLEDictionary, int32s},
		{"int64, plain", parquet.Int64Type, &parquet.Plain, int64s},
		{"int64, delta", parquet.Int64Type, &parquet.DeltaBinaryPacked, int64s},
		{"int64, dictionary", parquet.Int64Type, &parquet.RLEDictionary, few},
		{"int64, old dictionary", parquet.Int64Type, &parquet.PlainDictionary, few},
		{"int96", parquet.Int96Type, &parquet.Plain, func(t *rapid.T) parquet.Value {
			return parquet.Int96Value([3]uint32{rapid.Uint32().Draw(t, "v"), 2, 3})
		}},
		{"floats", parquet.FloatType, &parquet.Plain, func(t *rapid.T) parquet.Value { return parquet.FloatValue(rapid.Float32().Draw(t, "v")) }},
		{"doubles", parquet.DoubleType, &parquet.Plain, func(t *rapid.T) parquet.Value { return parquet.DoubleValue(rapid.Float64().Draw(t, "v")) }},
		{"doubles, split", parquet.DoubleType, &parquet.ByteStreamSplit, func(t *rapid.T) parquet.Value { return parquet.DoubleValue(rapid.Float64().Draw(t, "v")) }},
		{"doubles, dictionary", parquet.DoubleType, &parquet.RLEDictionary, func(t *rapid.T) parquet.Value { return parquet.DoubleValue(rapid.Float64().Draw(t, "v")) }},
		{"texts, plain", parquet.ByteArrayType, &parquet.Plain, texts},
		{"texts, dictionary", parquet.ByteArrayType, &parquet.RLEDictionary, texts},
		{"texts, delta lengths", parquet.ByteArrayType, &parquet.DeltaLengthByteArray, texts},
		{"texts, delta", parquet.ByteArrayType, &parquet.DeltaByteArray, texts},
		{"fixed, plain", parquet.FixedLenByteArrayType(7), &parquet.Plain, seven},
		{"fixed, delta", parquet.FixedLenByteArrayType(7), &parquet.DeltaByteArray, seven},
		{"fixed, dictionary", parquet.FixedLenByteArrayType(7), &parquet.RLEDictionary, seven},
	}
}

// Whatever the library writes is read as it was written: every type in every
// encoding, with and without nulls, in any codec, page version, page size and
// number of row groups, in batches of any size.
func TestScanReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, l := range layouts() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { checkLayout(t, l) })
		})
	}
}

func checkLayout(t *rapid.T, l layout) {
	optional := rapid.Bool().Draw(t, "optional")
	node := parquet.Encoded(parquet.Leaf(l.of), l.encoding)
	if optional {
		node = parquet.Optional(node)
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("root", parquet.Group{"column": node}),
		parquet.Compression(rapid.SampledFrom([]compress.Codec{&parquet.Uncompressed, &parquet.Gzip, &parquet.Snappy, &parquet.Zstd}).Draw(t, "codec")),
		parquet.DataPageVersion(rapid.IntRange(1, 2).Draw(t, "version")),
		parquet.PageBufferSize(rapid.SampledFrom([]int{1, 64, 1 << 20}).Draw(t, "page size")),
		parquet.MaxRowsPerRowGroup(rapid.SampledFrom([]int64{3, 100, 1 << 30}).Draw(t, "group size")))
	want := []string{}
	run := rapid.IntRange(1, 20).Draw(t, "run")
	for range rapid.IntRange(0, 15).Draw(t, "runs") {
		v := l.value(t)
		level := 0
		switch {
		case optional && rapid.Bool().Draw(t, "null"):
			v = parquet.NullValue()
		case optional:
			level = 1
		}
		for range run {
			if _, err := w.WriteRows([]parquet.Row{{v.Level(0, level, 0)}}); err != nil {
				t.Fatal(err)
			}
			want = append(want, shown(v))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := drain(out.Bytes(), rapid.SampledFrom([]int{1, 7, 256}).Draw(t, "batch"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
	if err := same(out.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// shown is a value as text, to compare what the library wrote with what came.
func shown(v parquet.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Kind() == parquet.Boolean && v.Boolean():
		return "1"
	case v.Kind() == parquet.Boolean:
		return "0"
	case v.Kind() == parquet.Int32:
		return strconv.Itoa(int(v.Int32()))
	case v.Kind() == parquet.Int64:
		return strconv.FormatInt(v.Int64(), 10)
	case v.Kind() == parquet.Int96:
		w := v.Int96()
		return fmt.Sprintf("%08x", []uint32{swap(w[0]), swap(w[1]), swap(w[2])})
	case v.Kind() == parquet.Float:
		return bits(float64(v.Float()))
	case v.Kind() == parquet.Double:
		return bits(v.Double())
	default:
		return hex.EncodeToString(v.ByteArray())
	}
}

func bits(f float64) string { return strconv.FormatUint(math.Float64bits(f), 16) }

func swap(w uint32) uint32 { return w<<24 | w<<8&0xff0000 | w>>8&0xff00 | w>>24 }

// drain reads the first column of a file as text.
func drain(content []byte, batch int) ([]string, error) {
	f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	rows := []string{}
	s := f.Scan()
	for {
		n, err := s.Next(batch)
		if err != nil || n == 0 {
			return rows, err
		}
		v := s.Columns[0]
		for i := range n {
			switch {
			case v.Null[i]:
				rows = append(rows, "null")
			case v.Texts != nil && f.Columns[0].Type.String() == "INT96":
				b := v.Texts[i]
				rows = append(rows, fmt.Sprintf("[%x %x %x]", b[:4], b[4:8], b[8:12]))
			case v.Texts != nil:
				rows = append(rows, hex.EncodeToString(v.Texts[i]))
			case v.Doubles != nil:
				rows = append(rows, bits(v.Doubles[i]))
			default:
				rows = append(rows, strconv.FormatInt(v.Integers[i], 10))
			}
		}
	}
}

// row has columns in every kind of encoding.
type row struct {
	Text   string  `parquet:"a,dict"`
	Number *int64  `parquet:"b,optional"`
	Double float64 `parquet:"c"`
	Flag   *bool   `parquet:"d,optional"`
	Delta  string  `parquet:"e,delta"`
	Big    int64   `parquet:"f,delta"`
}

// A damaged file is an error or reads as something else, and nothing else happens:
// cut anywhere, or with any byte changed. Where pages have checksums, no changed
// byte of their data goes unnoticed.
func TestDamage(t *testing.T) {
	t.Parallel()
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Gzip, &parquet.Snappy, &parquet.Zstd} {
		t.Run(codec.String(), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			w := parquet.NewGenericWriter[row](&out, parquet.Compression(codec))
			for i := range 40 {
				r := row{Text: fmt.Sprint("text ", i%7), Double: float64(i), Delta: strconv.Itoa(i), Big: int64(i)}
				if i%3 > 0 {
					r.Number, r.Flag = new(int64(i)), new(i%2 == 0)
				}
				if _, err := w.Write([]row{r}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			content := out.Bytes()
			for n := range content {
				_, _ = drainPages(content[:n])
				if _, err := drain(content[:n], 16); err == nil {
					t.Errorf("%d of %d bytes are read without error", n, len(content))
				}
			}
			for i := range content {
				for _, change := range []byte{0x01, 0xff} {
					damaged := bytes.Clone(content)
					damaged[i] ^= change
					_, _ = drain(damaged, 16)
					_, _ = drainPages(damaged)
				}
			}
		})
	}
}

func FuzzScan(f *testing.F) {
	for version := 1; version <= 2; version++ {
		for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd} {
			var out bytes.Buffer
			w := parquet.NewGenericWriter[row](&out, parquet.Compression(codec), parquet.DataPageVersion(version))
			if _, err := w.Write([]row{{"a", new(int64(1)), 1, new(true), "x", 4}, {"b", nil, 2, nil, "xy", 5}}); err != nil {
				f.Fatal(err)
			}
			if err := w.Close(); err != nil {
				f.Fatal(err)
			}
			f.Add(out.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		scan, rows := s.Scan(), int64(0)
		for range 1000 { // a file may well say that it has more rows than there is time for
			n, err := scan.Next(256)
			if err != nil {
				return
			}
			if rows += int64(n); n == 0 {
				break
			}
		}
		if rows > s.Rows {
			t.Errorf("%d rows of %d", rows, s.Rows)
		}
	})
}
