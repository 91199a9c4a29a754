package flatfile_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// kind is a type of column, with values as texts.
type kind struct {
	column flatfile.Column
	draw   func(t *rapid.T) any // int64, float64 or string
}

func kinds() []kind {
	column := func(t format.Type, l format.LogicalTypeValue) flatfile.Column {
		return flatfile.Column{Name: "c", Type: t, Logical: l}
	}
	integers := func(low, high int64) func(*rapid.T) any {
		return func(t *rapid.T) any { return rapid.Int64Range(low, high).Draw(t, "v") }
	}
	return []kind{
		{column(format.Boolean, nil), integers(0, 1)},
		{column(format.Int32, nil), integers(math.MinInt32, math.MaxInt32)},
		{column(format.Int32, new(format.DateType)), integers(-10, 10)},
		{column(format.Int64, nil), integers(math.MinInt64, math.MaxInt64)},
		{column(format.Int64, &format.IntType{BitWidth: 64}), integers(0, 100)},
		{column(format.Double, nil), func(t *rapid.T) any {
			special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 1.5, -2.25}
			return rapid.OneOf(rapid.Float64(), rapid.SampledFrom(special)).Draw(t, "v")
		}},
		{column(format.ByteArray, nil), func(t *rapid.T) any { return string(rapid.SliceOfN(rapid.Byte(), 0, 90).Draw(t, "v")) }},
		{column(format.ByteArray, new(format.StringType)), func(t *rapid.T) any {
			return strings.Repeat(rapid.StringN(0, 3, -1).Draw(t, "v"), rapid.SampledFrom([]int{1, 40}).Draw(t, "times"))
		}},
	}
}

// Whatever is appended, in any mixture of ways, is what two readers read, and what the
// statistics and the page index say of it is true.
func TestColumnWriter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds()).Draw(t, "kind")
		k.column.Optional = rapid.Bool().Draw(t, "optional")
		layout := flatfile.Layout{
			Codec:     rapid.SampledFrom([]format.CompressionCodec{format.Uncompressed, format.Snappy, format.Zstd}).Draw(t, "codec"),
			PageRows:  rapid.SampledFrom([]int{1, 9, 100, 0}).Draw(t, "page rows"),
			GroupRows: rapid.SampledFrom([]int{1, 50, 0}).Draw(t, "group rows"),
			Sorted:    []string{"c"}, CreatedBy: "test",
		}
		var out bytes.Buffer
		w, err := flatfile.NewColumnWriter(&out, []flatfile.Column{k.column}, layout)
		if err != nil {
			t.Fatal(err)
		}
		a := w.Columns[0]
		var pool, want []any
		for range rapid.IntRange(1, 9).Draw(t, "distinct") {
			pool = append(pool, k.draw(t))
		}
		use(a, pool)
		for range rapid.IntRange(0, 6).Draw(t, "batches") {
			start := len(want)
			for range rapid.IntRange(0, 4).Draw(t, "calls") {
				want = append(want, appendSome(t, a, k, pool)...)
			}
			if err := w.EndBatch(len(want) - start); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "flush") {
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := w.Rows(); got != int64(len(want)) {
			t.Fatalf("Rows = %d of %d", got, len(want))
		}
		shownWant := []string{}
		for _, v := range want {
			shownWant = append(shownWant, shownAny(v, k.column))
		}
		got, err := drain(out.Bytes(), rapid.SampledFrom([]int{1, 7, 256}).Draw(t, "batch"))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(shownWant, got); d != "" {
			t.Fatalf("own reader (-want +got)\n%s", d)
		}
		checkWithLibrary(t, out.Bytes(), shownWant)
	})
}

func use(a *flatfile.Appender, pool []any) {
	switch pool[0].(type) {
	case int64:
		a.UseIntegers(all[int64](pool))
	case float64:
		a.UseDoubles(all[float64](pool))
	default:
		a.UseTexts(all[string](pool))
	}
}

func all[T any](values []any) (out []T) {
	for _, v := range values {
		x, _ := v.(T)
		out = append(out, x)
	}
	return out
}

// appendSome appends rows in one of the ways, and returns them, nil where there is none.
func appendSome(t *rapid.T, a *flatfile.Appender, k kind, pool []any) (rows []any) {
	n := rapid.SampledFrom([]int{0, 1, 3, 8, 20, 100, 1500}).Draw(t, "n")
	at := rapid.IntRange(0, len(pool)-1).Draw(t, "at")
	switch way := rapid.IntRange(0, 4).Draw(t, "way"); {
	case way == 0 && k.column.Optional:
		a.Null(n)
		return make([]any, n)
	case way <= 1:
		switch v := pool[at].(type) {
		case int64:
			a.Integer(v, n)
		case float64:
			a.Double(v, n)
		case string:
			a.Text(v, n)
		}
	case way == 2:
		a.Index(uint32(at), n)
	default:
		return appendBatch(t, a, k, pool, n, way == 3)
	}
	for range n {
		rows = append(rows, pool[at])
	}
	return rows
}

func appendBatch(t *rapid.T, a *flatfile.Appender, k kind, pool []any, n int, byPlace bool) (rows []any) {
	step := rapid.SampledFrom([]int{1, 2, 7}).Draw(t, "step")
	gap := rapid.SampledFrom([]int{1, 2, 5, 1 << 30}).Draw(t, "gap") // between nulls
	var null []bool
	if k.column.Optional && gap < 1<<30 {
		null = make([]bool, n)
	}
	values, places := make([]any, n), make([]uint32, n)
	fresh := rapid.Bool().Draw(t, "distinct")
	for i := range n {
		places[i] = uint32(i * step / 3 % len(pool))
		values[i] = pool[places[i]]
		if s, ok := values[i].(string); ok && fresh && !byPlace {
			values[i] = s + strconv.Itoa(i)
		}
		rows = append(rows, values[i])
		if null != nil && i%gap == 0 {
			null[i], rows[i] = true, nil
		}
	}
	switch values := values; {
	case byPlace:
		a.Indexes(places, null)
	case k.column.Type == format.Double:
		a.Doubles(all[float64](values), null)
	case k.column.Type == format.ByteArray && step == 1:
		var b [][]byte
		for _, s := range all[string](values) {
			b = append(b, []byte(s))
		}
		a.Bytes(b, null)
	case k.column.Type == format.ByteArray:
		a.Texts(all[string](values), null)
	case k.column.Type == format.Int32 && step == 1:
		var narrow []int32
		for _, v := range all[int64](values) {
			narrow = append(narrow, int32(v))
		}
		a.Int32s(narrow, null)
	default:
		a.Integers(all[int64](values), null)
	}
	return rows
}

func shownAny(v any, c flatfile.Column) string {
	switch v := v.(type) {
	case nil:
		return shown(parquet.NullValue())
	case float64:
		return shown(parquet.DoubleValue(v))
	case string:
		return shown(parquet.ByteArrayValue([]byte(v)))
	case int64:
		if c.Type == format.Boolean {
			return shown(parquet.BooleanValue(v != 0))
		}
		return shown(parquet.Int64Value(v))
	}
	panic("another type")
}

// checkWithLibrary reads a file of one column with another reader, and holds the
// statistics and the page index against the values.
func checkWithLibrary(t rapid.TB, file []byte, want []string) {
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for i, group := range f.RowGroups() {
		chunk := group.ColumnChunks()[0]
		var values []parquet.Value
		pages := chunk.Pages()
		for {
			p, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			of := make([]parquet.Value, p.NumValues())
			if n, err := p.Values().ReadValues(of); n != len(of) {
				t.Fatal(n, err)
			}
			for _, v := range of {
				values = append(values, v.Clone())
			}
		}
		pages.Close()
		meta := f.Metadata().RowGroups[i].Columns[0]
		if f.Metadata().RowGroups[0].Columns[0].ColumnIndexOffset == 0 {
			meta.ColumnIndexOffset = 0 // the library looks for all of them where the first is
		}
		checkIndex(t, chunk, &meta, values)
		for _, v := range values {
			got = append(got, shown(v))
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("library (-want +got)\n%s", d)
	}
}

// checkIndex holds the page index of a chunk, and its statistics, against its values.
func checkIndex(t rapid.TB, chunk parquet.ColumnChunk, meta *format.ColumnChunk, values []parquet.Value) {
	offsets, err := chunk.OffsetIndex()
	if err != nil {
		t.Fatal(err)
	}
	all := pageOf(chunk, values)
	if s := meta.MetaData.Statistics; s.NullCount != all.nulls || s.MinValue != nil != (all.some && !all.nan && !unsigned(chunk)) {
		t.Fatalf("statistics %+v of %+v", s, all)
	} else if s.MinValue != nil {
		all.checkWithin(t, chunk.Type().Kind().Value(s.MinValue), chunk.Type().Kind().Value(s.MaxValue))
	}
	if meta.ColumnIndexOffset == 0 {
		return
	}
	bounds, err := chunk.ColumnIndex()
	if err != nil {
		t.Fatal(err)
	}
	compare := chunk.Type().Compare
	var before []parquet.Value
	for i := range offsets.NumPages() {
		from, to := offsets.FirstRowIndex(i), int64(len(values))
		if i+1 < offsets.NumPages() {
			to = offsets.FirstRowIndex(i + 1)
		}
		p := pageOf(chunk, values[from:to])
		if p.nan || p.nulls != bounds.NullCount(i) || bounds.NullPage(i) == p.some {
			t.Fatalf("page %d: %+v, index says %d, %v", i, p, bounds.NullCount(i), bounds.NullPage(i))
		}
		if !p.some {
			continue
		}
		low, high := bounds.MinValue(i), bounds.MaxValue(i)
		p.checkWithin(t, low, high)
		if before != nil && bounds.IsAscending() && (compare(before[0], low) > 0 || compare(before[1], high) > 0) {
			t.Fatal("not ascending")
		}
		before = []parquet.Value{low, high}
	}
}

func unsigned(chunk parquet.ColumnChunk) bool { return chunk.Type().String() == "INT(64,false)" }

// summary is what is true of some values.
type summary struct {
	some, nan bool
	nulls     int64
	low, high parquet.Value
	compare   func(a, b parquet.Value) int
}

func pageOf(chunk parquet.ColumnChunk, values []parquet.Value) summary {
	s := summary{compare: chunk.Type().Compare}
	for _, v := range values {
		switch {
		case v.IsNull():
			s.nulls++
			continue
		case v.Kind() == parquet.Double && math.IsNaN(v.Double()):
			s.nan = true
		}
		if !s.some || s.compare(v, s.low) < 0 {
			s.low = v
		}
		if !s.some || s.compare(v, s.high) > 0 {
			s.high = v
		}
		s.some = true
	}
	return s
}

// checkWithin holds bounds against the values: those of short values are values.
func (s summary) checkWithin(t rapid.TB, low, high parquet.Value) {
	short := s.low.Kind() != parquet.ByteArray || len(s.low.ByteArray()) <= 64 && len(s.high.ByteArray()) <= 64
	below, above := s.compare(low, s.low), s.compare(high, s.high)
	if below > 0 || above < 0 || short && (below != 0 || above != 0) {
		t.Fatalf("bounds %v and %v of values from %v to %v", low, high, s.low, s.high)
	}
}
