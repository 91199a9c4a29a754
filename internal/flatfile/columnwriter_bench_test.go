package flatfile_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// journal is rows as a GP journal has them, 20 a person.
type journal struct {
	keys   []int64
	days   []int32
	codes  []string
	values []float64
	null   []bool
	free   []string
}

const journalRows = 200_000

func newJournal() (j journal) {
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range journalRows {
		j.keys = append(j.keys, 9990000000+int64(i/20))
		j.days = append(j.days, 15000+dice.Int32N(5000))
		j.codes = append(j.codes, strconv.FormatInt(100_000_000+1_000*int64(dice.ExpFloat64()*50), 10))
		j.values = append(j.values, float64(dice.IntN(200)))
		j.null = append(j.null, dice.IntN(3) > 0)
		j.free = append(j.free, strconv.FormatUint(dice.Uint64(), 36))
	}
	return j
}

// The same rows and codec by columns and, for comparison, by the library's own column
// writers and from structs.
func BenchmarkColumnWriter(b *testing.B) {
	j := newJournal()
	b.Run("columns", func(b *testing.B) {
		columns := []flatfile.Column{
			{Name: "key", Type: format.Int64},
			{Name: "day", Type: format.Int32, Logical: new(format.DateType)},
			{Name: "code", Type: format.ByteArray, Logical: new(format.StringType)},
			{Name: "value", Type: format.Double, Optional: true},
			{Name: "free", Type: format.ByteArray, Logical: new(format.StringType)},
		}
		measure(b, func(out io.Writer) error {
			w, err := flatfile.NewColumnWriter(out, columns, flatfile.Layout{Codec: format.Snappy})
			if err != nil {
				return err
			}
			const batch = 10_000
			for i := 0; i < journalRows; i += batch {
				w.Columns[0].Integers(j.keys[i:i+batch], nil)
				w.Columns[1].Int32s(j.days[i:i+batch], nil)
				w.Columns[2].Texts(j.codes[i:i+batch], nil)
				w.Columns[3].Doubles(j.values[i:i+batch], j.null[i:i+batch])
				w.Columns[4].Texts(j.free[i:i+batch], nil)
				if err := w.EndBatch(batch); err != nil {
					return err
				}
			}
			return w.Close()
		})
	})
	schema := parquet.NewSchema("root", parquet.Group{
		"a": parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.RLEDictionary),
		"b": parquet.Encoded(parquet.Date(), &parquet.RLEDictionary),
		"c": parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"d": parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.RLEDictionary)),
		"e": parquet.Encoded(parquet.String(), &parquet.Plain),
	})
	b.Run("library-columns", func(b *testing.B) {
		columns := j.columns()
		measure(b, func(out io.Writer) error {
			w := parquet.NewGenericWriter[any](out, schema, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1))
			const batch = 10_000
			for i := 0; i < journalRows; i += batch {
				for c, column := range w.ColumnWriters() {
					if _, err := column.WriteRowValues(columns[c][i : i+batch]); err != nil {
						return err
					}
				}
			}
			return w.Close()
		})
	})
	b.Run("library-structs", func(b *testing.B) {
		type row struct {
			Key   int64    `parquet:"a,dict"`
			Day   int32    `parquet:"b,dict,date"`
			Code  string   `parquet:"c,dict"`
			Value *float64 `parquet:"d,optional,dict"`
			Free  string   `parquet:"e,plain"`
		}
		rows := make([]row, journalRows)
		for i := range rows {
			rows[i] = row{j.keys[i], j.days[i], j.codes[i], &j.values[i], j.free[i]}
			if j.null[i] {
				rows[i].Value = nil
			}
		}
		measure(b, func(out io.Writer) error {
			w := parquet.NewGenericWriter[row](out, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1))
			if _, err := w.Write(rows); err != nil {
				return err
			}
			return w.Close()
		})
	})
}

// columns returns the rows as the library's column writers want them.
func (j *journal) columns() [5][]parquet.Value {
	var columns [5][]parquet.Value
	for i := range journalRows {
		value := parquet.DoubleValue(j.values[i]).Level(0, 1, 3)
		if j.null[i] {
			value = parquet.NullValue().Level(0, 0, 3)
		}
		for c, v := range []parquet.Value{
			parquet.Int64Value(j.keys[i]), parquet.Int32Value(j.days[i]), parquet.ByteArrayValue([]byte(j.codes[i])), value,
			parquet.ByteArrayValue([]byte(j.free[i])),
		} {
			columns[c] = append(columns[c], v)
		}
	}
	return columns
}

func measure(b *testing.B, write func(io.Writer) error) {
	b.Helper()
	b.ReportAllocs()
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := write(&out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(journalRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	b.ReportMetric(float64(out.Len())/journalRows, "B/row")
}

// What runs and places cost, as a generator or a store that has them appends them: 20
// rows a person, a dictionary that is known.
func BenchmarkRuns(b *testing.B) {
	columns := []flatfile.Column{{Name: "key", Type: format.Int64}, {Name: "code", Type: format.ByteArray}}
	codes := make([]string, 5000)
	for i := range codes {
		codes[i] = strconv.Itoa(100_000_000 + i)
	}
	places := make([]uint32, journalRows)
	for i := range places {
		places[i] = uint32(i * 7 % len(codes))
	}
	measure(b, func(out io.Writer) error {
		w, err := flatfile.NewColumnWriter(out, columns, flatfile.Layout{Codec: format.Snappy})
		if err != nil {
			return err
		}
		w.Columns[1].UseTexts(codes)
		for i := range journalRows / 20 {
			w.Columns[0].Integer(int64(i), 20)
		}
		w.Columns[1].Indexes(places, nil)
		if err := w.EndBatch(journalRows); err != nil {
			return err
		}
		return w.Close()
	})
}
