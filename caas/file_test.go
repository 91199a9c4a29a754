package caas_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// TestPublishedSamplesLoseNothing reads the published files, writes them again
// and compares both, value for value, below the public types.
func TestPublishedSamplesLoseNothing(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]caas.RecordType{
		"caas/add_1_-_CAAS_BREAST_SCREENING_COHORT.parquet":     caas.Add,
		"caas/amended_1_-_CAAS_BREAST_SCREENING_COHORT.parquet": caas.Amend,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample := published(t, name)
			records, errs := read(open(t, sample))
			if len(errs) != 0 || len(records) != 1 || records[0].Type != want || records[0].Extra != nil {
				t.Fatalf("%d records, errors %v", len(records), errs)
			}
			diff(t, rawValues(t, sample), rawValues(t, file(t, records...)))
		})
	}
}

// rawValues returns the values of a Parquet file by column name as text; null and
// "" are the same in a cohort file.
func rawValues(t *testing.T, content []byte) []map[string]string {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	names := f.Schema().Columns()
	rows := make([]parquet.Row, f.NumRows()+1)
	n, err := parquet.NewReader(f).ReadRows(rows)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[:n] {
		values := map[string]string{}
		for _, v := range row {
			values[names[v.Column()][0]] = ""
			if !v.IsNull() {
				values[names[v.Column()][0]] = v.String()
			}
		}
		out = append(out, values)
	}
	return out
}

// Cohort files of different writers mean the same with different types.
func TestTypesMayDrift(t *testing.T) {
	t.Parallel()
	n := nhs.MustNumber("9990000018")
	other := nhs.MustNumber("9990000026")
	want := caas.Record{
		Row: 1, Type: caas.Add, Number: n, SupersededBy: other, ChangeTimestamp: 20240524000000,
		BirthDate: day(t, "1960-01-11"), PrimaryCareProviderFrom: day(t, "2013-04"),
		Gender: caas.GenderFemale, DeathStatus: caas.DeathFormal, MobileTelephone: "7888888888",
		InterpreterRequired: new(true), Eligible: new(false),
	}
	type asText struct {
		Type       string `parquet:"record_type"`
		Number     string `parquet:"nhs_number"`
		Superseded string `parquet:"superseded_by_nhs_number"`
		Changed    string `parquet:"change_time_stamp"`
		Born       string `parquet:"date_of_birth"`
		Since      string `parquet:"primary_care_effective_from_date"`
		Gender     string `parquet:"gender"`
		Death      string `parquet:"death_status"`
		Mobile     string `parquet:"mobile_telephone_number"`
		Interprets string `parquet:"is_interpreter_required"`
		Eligible   string `parquet:"eligibility"`
		Posting    string `parquet:"current_posting,optional"`
	}
	type asIntegers struct {
		Type       string `parquet:"record_type,dict"`
		Number     int64  `parquet:"nhs_number"`
		Superseded int64  `parquet:"superseded_by_nhs_number"`
		Changed    int64  `parquet:"change_time_stamp"`
		Born       int32  `parquet:"date_of_birth"`
		Since      int64  `parquet:"primary_care_effective_from_date"`
		Gender     int32  `parquet:"gender"`
		Death      int64  `parquet:"death_status"`
		Mobile     int64  `parquet:"mobile_telephone_number"`
		Interprets int32  `parquet:"is_interpreter_required"`
		Eligible   bool   `parquet:"eligibility"`
	}
	type asDoubles struct {
		Type       string  `parquet:"record_type,enum"`
		Number     float64 `parquet:"nhs_number"`
		Superseded float64 `parquet:"superseded_by_nhs_number"`
		Changed    float64 `parquet:"change_time_stamp"`
		Born       float64 `parquet:"date_of_birth"`
		Since      float64 `parquet:"primary_care_effective_from_date"`
		Gender     float64 `parquet:"gender"`
		Death      float64 `parquet:"death_status"`
		Mobile     float64 `parquet:"mobile_telephone_number"`
		Interprets float64 `parquet:"is_interpreter_required"`
		Eligible   float64 `parquet:"eligibility"`
		Home       float64 `parquet:"home_telephone_number"`
		Serial     float64 `parquet:"serial_change_number"`
	}
	plain := []parquet.WriterOption{parquet.DefaultEncodingFor(parquet.ByteArray, &parquet.Plain)}
	with := func(codec compress.Codec, page int) []parquet.WriterOption {
		return append([]parquet.WriterOption{parquet.Compression(codec), parquet.DataPageVersion(page)}, plain...)
	}
	text := asText{"ADD", "9990000018", "9990000026", "20240524000000", "1960-01-11T00:00:00", "201304", "2", "2", "7888888888", "1", "false", ""}
	british := text
	british.Born = "11/01/1960 00:00:00"
	for name, content := range map[string][]byte{
		"text, uncompressed":   parquetFile(t, plain, text),
		"text, British dates":  parquetFile(t, plain, british),
		"integers, snappy, v2": parquetFile(t, with(&parquet.Snappy, 2), asIntegers{"ADD", 9990000018, 9990000026, 20240524000000, 19600111, 201304, 2, 2, 7888888888, 1, false}),
		"integers, gzip, v1":   parquetFile(t, with(&parquet.Gzip, 1), asIntegers{"ADD", 9990000018, 9990000026, 20240524000000, 19600111, 201304, 2, 2, 7888888888, 1, false}),
		"doubles, NaN absent":  parquetFile(t, plain, asDoubles{"ADD", 9990000018, 9990000026, 20240524000000, 19600111, 201304, 2, 2, 7888888888, 1, 0, math.NaN(), math.NaN()}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, errs := read(open(t, content))
			diff(t, []caas.Record{want}, records)
			diff(t, []string(nil), texts(errs))
		})
	}
}

func TestDateColumnsMayBeDays(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
		Born   int32  `parquet:"date_of_birth,date"`
	}
	records, errs := read(open(t, parquetFile(t, nil, row{"ADD", 9990000018, -3643}, row{"DEL", 9990000018, math.MaxInt32})))
	if len(records) != 1 || records[0].BirthDate != day(t, "1960-01-11") {
		t.Errorf("records %v", records)
	}
	diff(t, []string{"row 2: date_of_birth is not a date"}, texts(errs))
}

func TestUnknownColumnsAreKept(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string   `parquet:"record_type,plain"`
		Number int64    `parquet:"nhs_number"`
		Clinic string   `parquet:"clinic,plain"`
		Round  int32    `parquet:"round"`
		Risk   float64  `parquet:"risk"`
		Rough  float32  `parquet:"rough"`
		Big    int64    `parquet:"big"`
		Urgent bool     `parquet:"urgent"`
		Absent *float64 `parquet:"absent,optional"`
	}
	records, errs := read(open(t, parquetFile(t, nil, row{"ADD", 9990000018, "North", 3, 0.25, 0.5, 7, true, nil})))
	want := []caas.Record{{Row: 1, Type: caas.Add, Number: nhs.MustNumber("9990000018"), Extra: map[string]any{
		"clinic": "North", "round": int64(3), "risk": 0.25, "rough": 0.5, "big": int64(7), "urgent": true,
	}}}
	diff(t, want, records)
	diff(t, []string(nil), texts(errs))
}

// A bad row is named and left out, and the rows after it are read.
func TestBadRowsDoNotEndTheFile(t *testing.T) {
	t.Parallel()
	type row struct {
		Type       *string `parquet:"record_type,optional,plain"`
		Number     *string `parquet:"nhs_number,optional,plain"`
		Superseded string  `parquet:"superseded_by_nhs_number,plain"`
		Born       string  `parquet:"date_of_birth,plain"`
		Gender     string  `parquet:"gender,plain"`
		Interprets string  `parquet:"is_interpreter_required,plain"`
		GivenName  string  `parquet:"given_name,plain"`
	}
	add, n := new("ADD"), new("9990000018")
	rows := []row{
		{Type: add, Number: n},
		{Type: add, Number: new("9990000019")},
		{Type: add, Number: new("999000001x")},
		{Type: add, Number: new("")},
		{Type: add},
		{Type: new("DELETE"), Number: n},
		{Number: n},
		{Type: add, Number: n},
		{Type: new("DEL"), Number: n},
		{Type: new("AMENDED"), Number: n, Born: "19601332"},
		{Type: new("AMENDED"), Number: n, Born: "a day in May"},
		{Type: new("AMENDED"), Number: n, Gender: "F"},
		{Type: new("AMENDED"), Number: n, Superseded: "9990000019"},
		{Type: new("AMENDED"), Number: n, Interprets: "perhaps"},
		{Type: new("AMENDED"), Number: n, GivenName: strings.Repeat("x", 64<<10+1)},
		{Type: new("AMENDED"), Number: n, Born: "1960", Interprets: "True"},
		{Type: add, Number: new("0000000000")},
	}
	records, errs := read(open(t, parquetFile(t, nil, rows...)))
	diff(t, []string{
		"row 2: nhs_number is not a valid NHS number",
		"row 3: nhs_number is not a whole number",
		"row 4: nhs_number is missing",
		"row 5: nhs_number is missing",
		"row 6: record_type is not ADD, AMENDED or DEL",
		"row 7: record_type is not ADD, AMENDED or DEL",
		"row 8: nhs_number comes a second time with the same record type",
		"row 10: date_of_birth is not a date",
		"row 11: date_of_birth is not a date",
		"row 12: gender is not a whole number",
		"row 13: superseded_by_nhs_number is not a valid NHS number",
		"row 14: is_interpreter_required is not a boolean",
		"row 15: given_name is longer than 64 kB",
	}, texts(errs))
	var got []string
	for _, r := range records {
		got = append(got, fmt.Sprint(r.Row, " ", r.Type, " ", r.NilReturn()))
	}
	diff(t, []string{"1 ADD false", "9 DEL false", "16 AMENDED false", "17 ADD true"}, got)
	for _, err := range errs {
		if _, ok := errors.AsType[*caas.RowError](err); !ok {
			t.Errorf("%v is no RowError", err)
		}
		assertMasked(t, err.Error(), nhs.MustNumber("9990000018"))
	}
}

func TestLeadingZerosComeBack(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
	}
	want, err := nhs.NumberFromInt(10000008)
	for i := int64(10000000); err != nil; i++ {
		want, err = nhs.NumberFromInt(i)
	}
	records, _ := read(open(t, parquetFile(t, nil, row{"ADD", want.Int()})))
	if len(records) != 1 || records[0].Number != want || !strings.HasPrefix(records[0].Number.Reveal(), "00") {
		t.Errorf("%d records", len(records))
	}
}

func TestFilesThatAreNoCohortFiles(t *testing.T) {
	t.Parallel()
	type noNumber struct {
		Type string `parquet:"record_type,plain"`
	}
	type noType struct {
		Number int64 `parquet:"nhs_number"`
	}
	type list struct {
		Type   string   `parquet:"record_type,plain"`
		Number int64    `parquet:"nhs_number"`
		Names  []string `parquet:"given_name,plain"`
	}
	type timestamp struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
		Born   int64  `parquet:"date_of_birth,timestamp"`
	}
	type float struct {
		Type   string  `parquet:"record_type,plain"`
		Number float32 `parquet:"nhs_number"`
	}
	good := file(t, caas.Record{Type: caas.Add, Number: number(0)})
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":            {nil, "the file is too short"},
		"text":             {[]byte("nhs_number,record_type\n9990000018,ADD\n"), "the file is not Parquet, or is encrypted"},
		"cut short":        {good[:len(good)-1], "the file is not Parquet, or is encrypted"},
		"footer cut short": {append(bytes.Clone(good[:len(good)-100]), good[len(good)-8:]...), "the footer has bytes left over"},
		"footer too long":  {append(bytes.Clone(good[:len(good)-8]), 0xff, 0xff, 0xff, 0xff, 'P', 'A', 'R', '1'), "the footer is too long"},
		"no NHS number":    {parquetFile(t, nil, noNumber{"ADD"}), "column nhs_number is missing"},
		"no record type":   {parquetFile(t, nil, noType{1}), "column record_type is missing"},
		"lists":            {parquetFile(t, nil, list{"ADD", 1, []string{"a"}}), "column 3 holds more than one value"},
		"timestamps":       {parquetFile(t, nil, timestamp{"ADD", 1, 1}), "column date_of_birth: type TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS) is not supported"},
		"another codec":    {parquetFile(t, []parquet.WriterOption{parquet.Compression(&parquet.Lz4Raw)}, noType{1}), "column 1: compression LZ4_RAW is not supported"},
		"short floats":     {parquetFile(t, nil, float{"ADD", 1}), "column nhs_number: type FLOAT is not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := caas.OpenFile(bytes.NewReader(tt.content), int64(len(tt.content)))
			if !errors.Is(err, caas.ErrFile) || err.Error() != "not a readable cohort file: "+tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := caas.OpenFile(nil, 0); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("nil reader: %v", err)
	}
}

func TestReadingStopsWithTheCaller(t *testing.T) {
	t.Parallel()
	f := open(t, file(t, caas.Record{Type: caas.Add, Number: number(0)}, caas.Record{Type: caas.Add, Number: number(1)}))
	if f.Rows() != 2 {
		t.Errorf("%d rows", f.Rows())
	}
	for range 2 {
		seen := 0
		for range f.Records() {
			seen++
			break
		}
		if seen != 1 {
			t.Errorf("saw %d", seen)
		}
	}
}

func TestRecordMasksItself(t *testing.T) {
	t.Parallel()
	r := caas.Record{Row: 7, Type: caas.Add, Number: number(0), FamilyName: "Houlaghan"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "record", r)
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "record", r)
	text := fmt.Sprintf("%v %+v %#v %s %d %v %s", r, r, r, r, r, &r, log.String())
	assertMasked(t, text, r.Number)
	if strings.Contains(text, "Houlaghan") || !strings.Contains(text, "Record(row 7)") {
		t.Errorf("printed as %s", text)
	}
}

func FuzzFile(f *testing.F) {
	f.Add(file(f, caas.Record{Type: caas.Add, Number: number(0), GivenName: "A", BirthDate: day(f, "1960")}))
	type row struct {
		Type   string  `parquet:"record_type,dict"`
		Number float64 `parquet:"nhs_number"`
		Name   string  `parquet:"given_name,plain"`
		Extra  bool    `parquet:"extra"`
	}
	for page := 1; page <= 2; page++ {
		for _, codec := range codecs() {
			f.Add(parquetFile(f, []parquet.WriterOption{parquet.Compression(codec), parquet.DataPageVersion(page)},
				row{"ADD", 9990000018, "A", true}, row{"DEL", 0, "", false}, row{"ADD", 1, "B", true}))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := caas.OpenFile(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		rows := 0
		for _, err := range file.Records() {
			if rows++; rows > 10_000 {
				break // a file may well say that it has more rows than there is time for
			}
			if err == nil {
				continue
			}
			if _, ok := errors.AsType[*caas.RowError](err); !ok && !errors.Is(err, caas.ErrFile) {
				t.Errorf("unexpected %v", err)
			}
		}
	})
}
