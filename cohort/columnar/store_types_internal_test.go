package columnar

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// storeOf returns a store of a table "t" with a column "v" of the values, one row a person, without a table of people.
func storeOf(t *testing.T, node parquet.Node, values ...parquet.Value) *Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "t"), 0o755); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("root", parquet.Group{"key": parquet.Leaf(parquet.Int64Type), "v": parquet.Optional(node)}))
	for i, v := range values {
		level := 1
		if v.IsNull() {
			level = 0
		}
		if _, err := w.WriteRows([]parquet.Row{{parquet.Int64Value(int64(i+101)).Level(0, 0, 0), v.Level(0, level, 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "t", "a.parquet"), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planOf reads column "v" of table "t" as a kind.
func planOf(c tree.Column) *tree.Plan {
	c.Name, c.Sources = "v", []string{"v"}
	return &tree.Plan{Tables: []*tree.Table{{Name: "t", PersonKeys: []string{"key"}, Columns: []tree.Column{c}, Dated: -1}}}
}

// readAll returns the values of a store of one column, and what was read.
func readAll(t *testing.T, s *Store, plan *tree.Plan) (values []string, read Reading, err error) {
	t.Helper()
	shards, err := s.shards(t.Context(), plan, 1)
	if err != nil {
		return nil, read, err
	}
	lines, _, err := drainShards(t, plan, shards, &read)
	for _, line := range lines {
		values = append(values, line[strings.LastIndexByte(line, ' ')+1:])
	}
	return values, read, err
}

// Every type that a store takes is read as what it means.
func TestTypes(t *testing.T) {
	t.Parallel()
	day := func(year int, month time.Month, of int) string {
		return strconv.Itoa(int(calendar.Of(year, month, of)))
	}
	text, null := func(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }, parquet.NullValue()
	summer := time.Date(2025, 6, 1, 23, 30, 0, 0, time.UTC) // 2 June in England
	winter := time.Date(2025, 1, 1, 23, 30, 0, 0, time.UTC)
	early := time.Date(1932, 5, 3, 0, 0, 0, 0, time.UTC)
	julian := func(t time.Time) parquet.Value {
		days := uint32(t.Unix()/86400 + 2440588)
		nanos := uint64(t.Unix()%86400) * 1e9
		return parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), days})
	}
	dates, numbers, texts := tree.Column{Kind: tree.Date}, tree.Column{Kind: tree.Number}, tree.Column{Kind: tree.Text}
	for name, test := range map[string]struct {
		node   parquet.Node
		column tree.Column
		values []parquet.Value
		want   string
		read   ColumnReading
	}{
		"days": {parquet.Date(), tree.Column{Kind: tree.Date, Days: []tree.Day{calendar.Of(1800, 1, 1)}}, []parquet.Value{
			parquet.Int32Value(0), null, parquet.Int32Value(int32(calendar.Of(1800, 1, 1) - calendar.Epoch)), parquet.Int32Value(1 << 30), parquet.Int32Value(-719162), parquet.Int32Value(-719163),
		}, day(1970, 1, 1) + " 0 0 0 1 0", ColumnReading{Unknown: 1, OutsideCalendar: 2}},
		"milliseconds in UTC": {parquet.Timestamp(parquet.Millisecond), dates, []parquet.Value{
			parquet.Int64Value(summer.UnixMilli()), parquet.Int64Value(winter.UnixMilli()), parquet.Int64Value(-1),
		}, day(2025, 6, 2) + " " + day(2025, 1, 1) + " " + day(1970, 1, 1), ColumnReading{}}, // England was an hour ahead in 1970
		"microseconds without a zone": {parquet.TimestampAdjusted(parquet.Microsecond, false), dates, []parquet.Value{
			parquet.Int64Value(summer.UnixMicro()), parquet.Int64Value(early.UnixMicro() - 1),
		}, day(2025, 6, 1) + " " + day(1932, 5, 2), ColumnReading{}},
		"nanoseconds in UTC":    {parquet.Timestamp(parquet.Nanosecond), dates, []parquet.Value{parquet.Int64Value(summer.UnixNano())}, day(2025, 6, 2), ColumnReading{}},
		"points in time of old": {parquet.Leaf(parquet.Int96Type), dates, []parquet.Value{julian(summer), julian(winter)}, day(2025, 6, 2) + " " + day(2025, 1, 1), ColumnReading{}},
		"texts of days": {parquet.String(), dates, []parquet.Value{
			text("2025-06-01"), text("20250601"), text("2025-06-01T23:59:59Z"), text("2025-06-01 00:00"), text(""), null,
			text("1932-05"), text("2025-02-29"), text("0000-01-01"), text("2025/06/01"), text("x"), text("2024-02-29"),
		}, strings.Repeat(day(2025, 6, 1)+" ", 4) + "0 0 0 0 0 0 0 " + day(2024, 2, 29), ColumnReading{OutsideCalendar: 1, Unreadable: 4}},
		"doubles": {parquet.Leaf(parquet.DoubleType), tree.Column{Kind: tree.Number, Numbers: []float64{7001}}, []parquet.Value{
			parquet.DoubleValue(1.5), null, parquet.DoubleValue(7001), parquet.DoubleValue(math.Inf(1)),
		}, "1.5" + strings.Repeat(" NaN", 3), ColumnReading{Unknown: 1, NotFinite: 1}},
		"floats":                {parquet.Leaf(parquet.FloatType), numbers, []parquet.Value{parquet.FloatValue(0.5)}, "0.5", ColumnReading{}},
		"integers as numbers":   {parquet.Int(32), numbers, []parquet.Value{parquet.Int32Value(-7)}, "-7", ColumnReading{}},
		"unsigned integers":     {parquet.Uint(32), numbers, []parquet.Value{parquet.Int32Value(-1)}, "4.294967295e+09", ColumnReading{}},
		"long unsigned ones":    {parquet.Uint(64), texts, []parquet.Value{parquet.Int64Value(-1)}, `"18446744073709551615"`, ColumnReading{}},
		"decimals":              {parquet.Decimal(2, 9, parquet.Int32Type), numbers, []parquet.Value{parquet.Int32Value(-110)}, "-1.1", ColumnReading{}},
		"large decimals":        {parquet.Decimal(3, 18, parquet.Int64Type), numbers, []parquet.Value{parquet.Int64Value(900719925474099301)}, "9.007199254740992e+14", ColumnReading{}},
		"decimals in bytes":     {parquet.Decimal(2, 10, parquet.ByteArrayType), numbers, []parquet.Value{text("\xff\x9c"), text("\x01\x00")}, "-1 2.56", ColumnReading{}},
		"decimals of a length":  {parquet.Decimal(1, 10, parquet.FixedLenByteArrayType(5)), numbers, []parquet.Value{parquet.FixedLenByteArrayValue([]byte{0, 0, 0, 0, 15})}, "1.5", ColumnReading{}},
		"decimals as codes":     {parquet.Decimal(0, 18, parquet.Int64Type), tree.Column{Kind: tree.Code}, []parquet.Value{parquet.Int64Value(271649006)}, `"271649006"`, ColumnReading{}},
		"texts":                 {parquet.String(), tree.Column{Kind: tree.Text, Texts: []string{"-"}}, []parquet.Value{text("a"), text("-"), text(""), null}, `"a" "" "" ""`, ColumnReading{Unknown: 1}},
		"bytes":                 {parquet.Leaf(parquet.ByteArrayType), texts, []parquet.Value{text("a")}, `"a"`, ColumnReading{}},
		"texts of a length":     {parquet.Leaf(parquet.FixedLenByteArrayType(2)), texts, []parquet.Value{parquet.FixedLenByteArrayValue([]byte("ab"))}, `"ab"`, ColumnReading{}},
		"integers as codes":     {parquet.Int(64), tree.Column{Kind: tree.Code, Texts: []string{"9"}}, []parquet.Value{parquet.Int64Value(-12), parquet.Int64Value(9)}, `"-12" ""`, ColumnReading{Unknown: 1}},
		"truth values as texts": {parquet.Leaf(parquet.BooleanType), texts, []parquet.Value{parquet.BooleanValue(true), parquet.BooleanValue(false), null}, `"true" "false" ""`, ColumnReading{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, encoding := range []string{"as it comes", "by dictionary"} {
				node := test.node
				if encoding == "by dictionary" && node.Type().Kind() != parquet.Boolean && node.Type().Kind() != parquet.Int96 {
					node = parquet.Encoded(node, &parquet.RLEDictionary)
				}
				values, read, err := readAll(t, storeOf(t, node, test.values...), planOf(test.column))
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(values, " "); got != test.want {
					t.Errorf("%s: got %s, want %s", encoding, got, test.want)
				}
				if want := test.read; want != (ColumnReading{}) {
					want.Table, want.Column = "t", "v"
					if len(read.Columns) != 1 || read.Columns[0] != want {
						t.Errorf("%s: got %+v, want %+v", encoding, read.Columns, want)
					}
				} else if len(read.Columns) > 0 {
					t.Errorf("%s: got %+v", encoding, read.Columns)
				}
			}
		})
	}
}

// A column of another type is an error that names it, before anything is read.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node parquet.Node
		kind tree.Kind
		want string
	}{
		"a number as day":  {parquet.Int(32), tree.Date, "holds no days"},
		"a text as number": {parquet.String(), tree.Number, "holds no numbers"},
		"a day as number":  {parquet.Date(), tree.Number, "holds no numbers"},
		"a double as code": {parquet.Leaf(parquet.DoubleType), tree.Code, "as codes are"},
		"a day as text":    {parquet.Date(), tree.Text, "is none of texts"},
		"a time as day":    {parquet.Time(parquet.Millisecond), tree.Date, "holds no days"},
		"a UUID as text":   {parquet.UUID(), tree.Text, "is none of texts"},
		"a decimal code":   {parquet.Decimal(2, 9, parquet.Int32Type), tree.Code, "as codes are"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readAll(t, storeOf(t, test.node), planOf(tree.Column{Kind: test.kind}))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), `t/a.parquet: column "v"`) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A text may be as long as flatfile reads one.
func TestLongText(t *testing.T) {
	t.Parallel()
	for length, fits := range map[int]bool{64 << 10: true, 64<<10 + 1: false} {
		s := storeOf(t, parquet.String(), parquet.ByteArrayValue([]byte(strings.Repeat("x", length))))
		values, _, err := readAll(t, s, planOf(tree.Column{Kind: tree.Text}))
		if fits != (err == nil) || fits && len(values[0]) != length+2 || !fits && !strings.Contains(err.Error(), "longer than 64 KiB") {
			t.Errorf("a text of %d bytes: %v", length, err)
		}
	}
}
