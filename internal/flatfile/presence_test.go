package flatfile_test

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// written returns a file of one optional column.
func written(t *testing.T, typ format.Type, rows int, write func(a *flatfile.Appender)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flatfile.NewColumnWriter(&out, []flatfile.Column{{Name: "c", Type: typ, Optional: true}}, flatfile.Layout{GroupRows: rows * 2 / 3})
	if err != nil {
		t.Fatal(err)
	}
	write(w.Columns[0])
	if err := w.EndBatch(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sparse takes the values out that are null.
func sparse[T any](values []T, null []bool) (some []T, in flatfile.Sparse) {
	in = flatfile.Sparse{Rows: len(values), Present: make([]uint64, 0, 1)}
	for i, v := range values {
		if !null[i] {
			some = append(some, v)
			for i/64 >= len(in.Present) {
				in.Present = append(in.Present, 0)
			}
			in.Present[i/64] |= 1 << (i % 64)
		}
	}
	return some, in
}

// Values of some rows are the same bytes as those of all rows with nulls, also where a dictionary has no more room, and are
// what was written. Pages of texts may end at other rows.
func TestSparse(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and many rows")
	}
	const rows = 150_003
	for name, is := range map[string]func(i int) bool{
		"none":     func(int) bool { return false },
		"most":     func(i int) bool { return i%97 > 0 },
		"few":      func(i int) bool { return i%1003 == 77 },
		"by turns": func(i int) bool { return i*i%7 < 3 },
		"in parts": func(i int) bool { return i/1500%3 == 1 && i < rows/2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			null := make([]bool, rows)
			integers, narrow, doubles := make([]int64, rows), make([]int32, rows), make([]float64, rows)
			texts, places := make([][]byte, rows), make([]uint32, rows)
			for i := range rows {
				null[i] = !is(i)
				integers[i] = int64(i) * math.MaxInt32 // beyond a dictionary
				narrow[i] = int32(i*7%60_000) - 30_000 // days, and more
				doubles[i] = float64(i%5000) / 8
				texts[i] = strconv.AppendInt([]byte("text "), int64(i), 10)
				places[i] = uint32(i * 31 % 50_000)
			}
			words := make([]string, 50_000)
			for i := range words {
				words[i] = "a word that is long enough for many to be too much " + strconv.Itoa(i)
			}
			for _, test := range []struct {
				of      format.Type
				all, in func(a *flatfile.Appender)
				want    func(i int) parquet.Value
			}{
				{
					format.Int64,
					func(a *flatfile.Appender) { a.Integers(integers, null) },
					func(a *flatfile.Appender) { v, in := sparse(integers, null); a.IntegersIn(v, in) },
					func(i int) parquet.Value { return parquet.Int64Value(integers[i]) },
				},
				{
					format.Int32,
					func(a *flatfile.Appender) { a.Int32s(narrow, null) },
					func(a *flatfile.Appender) { v, in := sparse(narrow, null); a.Int32sIn(v, in) },
					func(i int) parquet.Value { return parquet.Int64Value(int64(narrow[i])) },
				},
				{
					format.Double,
					func(a *flatfile.Appender) { a.Doubles(doubles, null) },
					func(a *flatfile.Appender) { v, in := sparse(doubles, null); a.DoublesIn(v, in) },
					func(i int) parquet.Value { return parquet.DoubleValue(doubles[i]) },
				},
				{
					format.ByteArray,
					func(a *flatfile.Appender) { a.Bytes(texts, null) },
					func(a *flatfile.Appender) { v, in := sparse(texts, null); a.BytesIn(v, in) },
					func(i int) parquet.Value { return parquet.ByteArrayValue(texts[i]) },
				},
				{
					format.ByteArray,
					func(a *flatfile.Appender) { a.UseTexts(words); a.Indexes(places, null) },
					func(a *flatfile.Appender) { a.UseTexts(words); v, in := sparse(places, null); a.IndexesIn(v, in) },
					func(i int) parquet.Value { return parquet.ByteArrayValue([]byte(words[places[i]])) },
				},
			} {
				all, in := written(t, test.of, rows, test.all), written(t, test.of, rows, test.in)
				if test.of != format.ByteArray && !bytes.Equal(all, in) {
					t.Errorf("%s: %d bytes with nulls, others of some rows", test.of, len(all))
				}
				want := make([]string, rows)
				for i := range want {
					if want[i] = shown(parquet.NullValue()); !null[i] {
						want[i] = shown(test.want(i))
					}
				}
				if got, err := drain(in, 1000); err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: %d rows are not as written (%v)", test.of, len(got), err)
				}
				checkWithLibrary(t, in, want)
			}
		})
	}
}
