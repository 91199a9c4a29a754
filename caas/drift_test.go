package caas_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

func codecs() []compress.Codec {
	return []compress.Codec{&parquet.Uncompressed, &parquet.Gzip, &parquet.Snappy, &parquet.Zstd}
}

// Rows are the same in whatever way they are stored: any codec, page version and
// encoding, columns required or optional, few or many pages and row groups.
func TestStorageMayDrift(t *testing.T) {
	t.Parallel()
	type plain struct {
		Type   string  `parquet:"record_type,plain"`
		Number int64   `parquet:"nhs_number,plain"`
		Name   *string `parquet:"given_name,optional,plain"`
		Death  *int32  `parquet:"death_status,optional"`
		Valid  *bool   `parquet:"invalid_flag,optional"`
	}
	type dictionary struct {
		Type   *string `parquet:"record_type,optional,dict"`
		Number *int64  `parquet:"nhs_number,optional,dict"`
		Name   *string `parquet:"given_name,optional,dict"`
		Death  *int32  `parquet:"death_status,optional,dict"`
		Valid  *bool   `parquet:"invalid_flag,optional"`
	}
	type delta struct {
		Type   string `parquet:"record_type,delta"`
		Number int64  `parquet:"nhs_number,delta"`
		Name   string `parquet:"given_name,delta"`
		Death  *int32 `parquet:"death_status,optional"`
		Valid  *bool  `parquet:"invalid_flag,optional"`
	}
	var want []caas.Record
	var asPlain []plain
	var asDictionary []dictionary
	var asDelta []delta
	for i := range 300 {
		r := caas.Record{Row: int64(i + 1), Type: caas.Amend, Number: number(i), GivenName: fmt.Sprint("Ann ", i%9)}
		n, kind := r.Number.Int(), string(r.Type)
		p := plain{Type: kind, Number: n, Name: &r.GivenName}
		if i%3 == 0 {
			r.DeathStatus, p.Death = caas.DeathFormal, new(int32(2))
			r.Invalid, p.Valid = new(i%2 == 0), new(i%2 == 0)
		}
		want = append(want, r)
		asPlain = append(asPlain, p)
		asDictionary = append(asDictionary, dictionary{&kind, &n, p.Name, p.Death, p.Valid})
		asDelta = append(asDelta, delta{kind, n, r.GivenName, p.Death, p.Valid})
	}
	for _, codec := range codecs() {
		for version := 1; version <= 2; version++ {
			for _, page := range []int{100, 1 << 20} {
				for _, group := range []int64{70, 1 << 20} {
					options := []parquet.WriterOption{
						parquet.Compression(codec), parquet.DataPageVersion(version), parquet.PageBufferSize(page), parquet.MaxRowsPerRowGroup(group),
					}
					for encoding, content := range map[string][]byte{
						"plain":      parquetFile(t, options, asPlain...),
						"dictionary": parquetFile(t, options, asDictionary...),
						"delta":      parquetFile(t, options, asDelta...),
					} {
						records, errs := read(open(t, content))
						if d := compare(want, records); d != "" || len(errs) > 0 {
							t.Errorf("%s, %s, version %d, pages of %d, groups of %d: %v\n%s", encoding, codec, version, page, group, errs, d)
						}
					}
				}
			}
		}
	}
}

// Dates come in the forms that the public consumer reads, and in days.
func TestDateForms(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
		Born   string `parquet:"date_of_birth,plain"`
	}
	for text, want := range map[string]string{
		"19600111": "1960-01-11", "196001": "1960-01", "1960": "1960", "1960-01-11": "1960-01-11", "1960-01": "1960-01", "": "",
		"11/01/1960 00:00:00": "1960-01-11", "1/01/1960 12:00:00 AM": "1960-01-01", "11/01/1960 12:30:00 PM": "1960-01-11", "11/01/1960": "1960-01-11",
		"11/01/1960 15:30:00 PM": "1960-01-11", // so the consumer has it
		"1960-01-11T00:00:00":    "1960-01-11", "1960-01-11T23:59:59.123": "1960-01-11", "1960-01-11T00:00:00Z": "1960-01-11",
		"1960-05-11T00:00:00+01:00": "1960-05-11", "1960-01-11T00:00:00.000Z": "1960-01-11", "1960-01-11 00:00:00": "1960-01-11",
		"20000229": "2000-02-29",

		"19600230": "bad", "19601301": "bad", "1960-13": "bad", "19000229": "bad", "0": "bad", "0000": "bad", "60": "bad", "1960011": "bad",
		"01/13/1960 00:00:00": "bad", "1960-01-11T": "bad", "1960-01-11Tnoon": "bad", "1960-01-11T25:00:00": "bad", "1960T00:00:00": "bad",
		"196001 00:00:00": "bad", "11/01/1960 00:00:00 trailing": "bad", "1960/01/11": "bad", "1960-1-11": "bad", " 19600111": "bad", "today": "bad",
	} {
		records, errs := read(open(t, parquetFile(t, nil, row{"ADD", 9990000018, text})))
		switch {
		case want == "bad":
			if len(errs) != 1 || errs[0].Error() != "row 1: date_of_birth is not a date" {
				t.Errorf("%q: %v", text, errs)
			}
		case len(records) != 1 || records[0].BirthDate.String() != want:
			t.Errorf("%q: %v, want %s", text, errs, want)
		}
	}
}

// The files of 2024: no eligibility, a superseding number of 32 bits, an
// interpreter as text, and whether a value is "" or null means nothing.
func TestOldFiles(t *testing.T) {
	t.Parallel()
	type row struct {
		Type       string  `parquet:"record_type,plain"`
		Number     int64   `parquet:"nhs_number"`
		Superseded *int32  `parquet:"superseded_by_nhs_number,optional"`
		Name       *string `parquet:"given_name,optional,plain"`
		Postcode   string  `parquet:"postcode,plain"`
		Removal    string  `parquet:"reason_for_removal,plain"`
		Died       *string `parquet:"date_of_death,optional,plain"`
		Interprets *string `parquet:"is_interpreter_required,optional,plain"`
	}
	small, err := nhs.NumberFromInt(1_000_000_003)
	for i := int64(1_000_000_004); err != nil; i++ {
		small, err = nhs.NumberFromInt(i)
	}
	records, errs := read(open(t, parquetFile(t, nil,
		row{"ADD", 9990000018, nil, new("Ann"), "ZZ99 3CZ", "", nil, new("1")},
		row{"ADD", 9990000026, new(int32(small.Int())), nil, "ZZZSECUR", "ORR", new(""), new("0")},
		row{"ADD", 9990000034, nil, new(""), "", "", new("2020"), new("")},
		row{"ADD", 9990000042, nil, nil, "", "", nil, nil},
	)))
	diff(t, []string(nil), texts(errs))
	want := []caas.Record{
		{Row: 1, Number: nhs.MustNumber("9990000018"), GivenName: "Ann", Postcode: "ZZ99 3CZ", InterpreterRequired: new(true)},
		{Row: 2, Number: nhs.MustNumber("9990000026"), SupersededBy: small, Postcode: "ZZZSECUR", ReasonForRemoval: "ORR", InterpreterRequired: new(false)},
		{Row: 3, Number: nhs.MustNumber("9990000034"), DeathDate: day(t, "2020")},
		{Row: 4, Number: nhs.MustNumber("9990000042")},
	}
	for i := range want {
		want[i].Type = caas.Add
	}
	diff(t, want, records)
}

// meant is a type to which a file adds a meaning.
type meant struct {
	parquet.Type
	logical format.LogicalTypeValue
}

func (m meant) LogicalType() *format.LogicalType         { return &format.LogicalType{Value: m.logical} }
func (m meant) ConvertedType() *deprecated.ConvertedType { return nil }

// columnFile writes a file with record type, NHS number and one column more of the
// given node, which may be null.
func columnFile(t *testing.T, name string, node parquet.Node, values ...parquet.Value) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("root", parquet.Group{
		"record_type": parquet.String(), "nhs_number": parquet.Leaf(parquet.Int64Type), name: parquet.Optional(node),
	}))
	for i, v := range values {
		level := 1
		if v.IsNull() {
			level = 0
		}
		row := parquet.Row{}
		for j, c := range w.Schema().Columns() {
			switch c[0] {
			case "record_type":
				row = append(row, parquet.ByteArrayValue([]byte("ADD")).Level(0, 0, j))
			case "nhs_number":
				row = append(row, parquet.Int64Value(number(i).Int()).Level(0, 0, j))
			default:
				row = append(row, v.Level(0, level, j))
			}
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A writer that has seen only nulls of a column does not know its type, and says so.
func TestColumnOfNothing(t *testing.T) {
	t.Parallel()
	node := parquet.Leaf(meant{parquet.Int32Type, new(format.NullType)})
	records, errs := read(open(t, columnFile(t, "superseded_by_nhs_number", node, parquet.NullValue())))
	diff(t, []caas.Record{{Row: 1, Type: caas.Add, Number: number(0)}}, records)
	diff(t, []string(nil), texts(errs))
}

// Numbers without sign are what they are, also beyond the range of those with one.
func TestUnsignedNumbers(t *testing.T) {
	t.Parallel()
	n, err := nhs.NumberFromInt(4_000_000_004) // beyond 2^31
	for i := int64(4_000_000_005); err != nil; i++ {
		n, err = nhs.NumberFromInt(i)
	}
	for name, tt := range map[string]struct {
		node  parquet.Node
		value parquet.Value
	}{
		"32 bits": {parquet.Uint(32), parquet.Int32Value(int32(uint32(n.Int())))},
		"64 bits": {parquet.Uint(64), parquet.Int64Value(n.Int())},
		"delta":   {parquet.Encoded(parquet.Uint(32), &parquet.DeltaBinaryPacked), parquet.Int32Value(int32(uint32(n.Int())))},
	} {
		records, errs := read(open(t, columnFile(t, "superseded_by_nhs_number", tt.node, tt.value)))
		if len(records) != 1 || records[0].SupersededBy != n {
			t.Errorf("%s: %v, %v", name, records, errs)
		}
	}
}

// Columns beyond the 38 survive being read and written, with their values, types
// and what the file says these mean.
func TestExtraColumnsAreWrittenBack(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		node  parquet.Node
		value parquet.Value
		want  any
		kind  caas.ExtraType
	}{
		"text":          {parquet.String(), parquet.ByteArrayValue([]byte("North")), "North", caas.ExtraText},
		"empty text":    {parquet.String(), parquet.ByteArrayValue([]byte{}), "", caas.ExtraText},
		"bytes":         {parquet.Leaf(parquet.ByteArrayType), parquet.ByteArrayValue([]byte{0xff, 0}), "\xff\x00", caas.ExtraText},
		"JSON":          {parquet.JSON(), parquet.ByteArrayValue([]byte("{}")), "{}", caas.ExtraText},
		"enumeration":   {parquet.Enum(), parquet.ByteArrayValue([]byte("A")), "A", caas.ExtraText},
		"BSON":          {parquet.BSON(), parquet.ByteArrayValue([]byte("A")), "A", caas.ExtraText},
		"UUID":          {parquet.UUID(), parquet.FixedLenByteArrayValue([]byte("0123456789abcdef")), "0123456789abcdef", caas.ExtraText},
		"fixed":         {parquet.Leaf(parquet.FixedLenByteArrayType(3)), parquet.FixedLenByteArrayValue([]byte("abc")), "abc", caas.ExtraText},
		"int96":         {parquet.Leaf(parquet.Int96Type), parquet.Int96Value(deprecated.Int96{0x64636261, 0x68676665, 0x6c6b6a69}), "abcdefghijkl", caas.ExtraText},
		"integer":       {parquet.Leaf(parquet.Int64Type), parquet.Int64Value(math.MinInt64), int64(math.MinInt64), caas.ExtraInteger},
		"short integer": {parquet.Int(16), parquet.Int32Value(-3), int64(-3), caas.ExtraInteger},
		"unsigned":      {parquet.Uint(32), parquet.Int32Value(-1), int64(math.MaxUint32), caas.ExtraInteger},
		"date":          {parquet.Date(), parquet.Int32Value(-3643), int64(-3643), caas.ExtraInteger},
		"time":          {parquet.Time(parquet.Millisecond), parquet.Int32Value(7), int64(7), caas.ExtraInteger},
		"timestamp":     {parquet.TimestampAdjusted(parquet.Microsecond, false), parquet.Int64Value(7), int64(7), caas.ExtraInteger},
		"nanoseconds":   {parquet.Timestamp(parquet.Nanosecond), parquet.Int64Value(7), int64(7), caas.ExtraInteger},
		"decimal":       {parquet.Decimal(2, 9, parquet.Int32Type), parquet.Int32Value(199), int64(199), caas.ExtraInteger},
		"double":        {parquet.Leaf(parquet.DoubleType), parquet.DoubleValue(0.1), 0.1, caas.ExtraDouble},
		"float":         {parquet.Leaf(parquet.FloatType), parquet.FloatValue(0.5), 0.5, caas.ExtraDouble},
		"boolean":       {parquet.Leaf(parquet.BooleanType), parquet.BooleanValue(true), true, caas.ExtraBoolean},
		"nothing":       {parquet.Leaf(meant{parquet.Int32Type, new(format.NullType)}), parquet.NullValue(), nil, caas.ExtraInteger},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := columnFile(t, "more", tt.node, tt.value, parquet.NullValue())
			f := open(t, content)
			extra := f.ExtraColumns()
			if len(extra) != 1 || extra[0].Name != "more" || extra[0].Type != tt.kind {
				t.Fatalf("columns %+v", extra)
			}
			records, errs := read(f)
			if len(records) != 2 || len(errs) != 0 || records[0].Extra["more"] != tt.want || records[1].Extra != nil {
				t.Fatalf("got %v, %v", records, errs)
			}
			var out bytes.Buffer
			w := caas.NewWriter(&out, extra...)
			if err := errors.Join(w.Write(records[0]), w.Write(records[1]), w.Close()); err != nil {
				t.Fatal(err)
			}
			again := open(t, out.Bytes())
			got, _ := read(again)
			diff(t, records, got)
			before, after := outline(t, content), outline(t, out.Bytes())
			want, _, _ := strings.Cut(before[len(before)-columnsBehind(before, "more")], " UNCOMPRESSED")
			if have, _, _ := strings.Cut(after[38], " GZIP"); have != want && name != "nothing" {
				t.Errorf("column %q, want %q", have, want)
			}
		})
	}
}

// columnsBehind returns how far from the end the outline of a column is.
func columnsBehind(outline []string, name string) int {
	for i, line := range outline {
		if strings.HasPrefix(line, name+" ") {
			return len(outline) - i
		}
	}
	return 0
}

// Columns that were not read from a file are text, integers, doubles and booleans.
func TestExtraColumnsOfTheCaller(t *testing.T) {
	t.Parallel()
	columns := []caas.ExtraColumn{
		{Name: "clinic", Type: caas.ExtraText},
		{Name: "round", Type: caas.ExtraInteger},
		{Name: "risk", Type: caas.ExtraDouble},
		{Name: "urgent", Type: caas.ExtraBoolean},
	}
	record := caas.Record{Type: caas.Add, Number: number(0), Extra: map[string]any{"clinic": "North", "round": int64(1 << 40), "risk": 0.1, "urgent": true}}
	var out bytes.Buffer
	w := caas.NewWriter(&out, columns...)
	if err := errors.Join(w.Write(record), w.WriteNilReturn(), w.Close()); err != nil {
		t.Fatal(err)
	}
	records, errs := read(open(t, out.Bytes()))
	record.Row = 1
	diff(t, []caas.Record{record, {Row: 2}}, records)
	diff(t, []string(nil), texts(errs))
	if got := len(outline(t, out.Bytes())); got != 42 {
		t.Errorf("%d columns", got)
	}

	for name, bad := range map[string][]caas.ExtraColumn{
		"no name":       {{Type: caas.ExtraText}},
		"no type":       {{Name: "clinic"}},
		"unknown type":  {{Name: "clinic", Type: "date"}},
		"one of the 38": {{Name: "nhs_number", Type: caas.ExtraText}},
		"twice":         {columns[0], columns[0]},
	} {
		var out bytes.Buffer
		w := caas.NewWriter(&out, bad...)
		for _, err := range []error{w.Write(record), w.WriteNilReturn(), w.Close()} {
			if !errors.Is(err, nhs.ErrInvalid) || out.Len() > 0 {
				t.Errorf("%s: %v, %d bytes", name, err, out.Len())
			}
		}
	}
	n := number(0)
	for want, extra := range map[string]map[string]any{
		"record has an Extra value for which the Writer has no column": {"other": n.Reveal()},
		"clinic is not of the type of its column":                      {"clinic": 7},
		"clinic is longer than 64 kB":                                  {"clinic": strings.Repeat(n.Reveal(), 7000)},
		"round is not of the type of its column":                       {"round": n.Reveal()},
		"risk is not of the type of its column":                        {"risk": int64(1)},
		"urgent is not of the type of its column":                      {"urgent": "true"},
	} {
		err := caas.NewWriter(&bytes.Buffer{}, columns...).Write(caas.Record{Type: caas.Add, Number: n, Extra: extra})
		if !errors.Is(err, nhs.ErrInvalid) || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	short := open(t, columnFile(t, "more", parquet.Int(32))).ExtraColumns()
	err := caas.NewWriter(&bytes.Buffer{}, short...).Write(caas.Record{Type: caas.Add, Number: n, Extra: map[string]any{"more": int64(1 << 40)}})
	if err == nil || err.Error() != "more does not fit into its column" {
		t.Errorf("got %v", err)
	}
}

// A file cut anywhere is an error, never fewer rows or a panic, and says nothing of
// what is in it.
func TestFilesCutShort(t *testing.T) {
	t.Parallel()
	r := caas.Record{Type: caas.Add, Number: number(0), GivenName: number(1).Reveal()}
	content := file(t, r)
	for n := range content {
		f, err := caas.OpenFile(bytes.NewReader(content[:n]), int64(n))
		if err == nil {
			_, errs := read(f)
			err = errors.Join(errs...)
		}
		if !errors.Is(err, caas.ErrFile) {
			t.Errorf("%d of %d bytes: %v", n, len(content), err)
			continue
		}
		assertMasked(t, err.Error(), r.Number)
	}
	for i := 0; i < len(content); i += 5 {
		damaged := bytes.Clone(content)
		damaged[i] ^= 0x55
		f, err := caas.OpenFile(bytes.NewReader(damaged), int64(len(damaged)))
		if err == nil {
			_, errs := read(f)
			err = errors.Join(errs...)
		}
		if err != nil {
			assertMasked(t, err.Error(), number(0))
			assertMasked(t, err.Error(), number(1))
		}
	}
}
