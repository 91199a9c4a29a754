package caas_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// subscription writes a subscription file.
func subscription(tb testing.TB, people ...nhs.Number) []byte {
	tb.Helper()
	var out bytes.Buffer
	n, err := caas.WriteSubscription(&out, slices.Values(people))
	if err != nil || n != len(people) {
		tb.Fatalf("%d people, %v", n, err)
	}
	return out.Bytes()
}

// readSubscription returns all numbers and errors of a subscription file.
func readSubscription(content []byte) (people []nhs.Number, errs []error) {
	for n, err := range caas.ReadSubscription(bytes.NewReader(content), int64(len(content))) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		people = append(people, n)
	}
	return people, errs
}

// The file has the shape of the one that the public consumer sends.
func TestWriteSubscription(t *testing.T) {
	t.Parallel()
	content := subscription(t, number(0), number(1))
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	const want = "message schema {\n\toptional binary nhs_number (STRING);\n}"
	if got := f.Schema().String(); got != want {
		t.Errorf("schema %s, want %s", got, want)
	}
	groups := f.Metadata().RowGroups
	if len(groups) != 1 || groups[0].NumRows != 2 || groups[0].Columns[0].MetaData.Codec.String() != "SNAPPY" {
		t.Errorf("row groups %+v", groups)
	}
	type row struct {
		Number *string `parquet:"nhs_number"`
	}
	rows, err := parquet.Read[row](bytes.NewReader(content), int64(len(content)))
	if err != nil || len(rows) != 2 || *rows[0].Number != number(0).Reveal() || *rows[1].Number != number(1).Reveal() {
		t.Errorf("rows do not hold the numbers, %v", err)
	}
}

// However many there are, they are in one row group, and read back in order.
func TestSubscription_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		indexes := rapid.SliceOfNDistinct(rapid.IntRange(0, 5000), 1, 300, rapid.ID[int]).Draw(t, "people")
		var people []nhs.Number
		for _, i := range indexes {
			people = append(people, number(i))
		}
		var out bytes.Buffer
		if n, err := caas.WriteSubscription(&out, slices.Values(people)); n != len(people) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		got, errs := readSubscription(out.Bytes())
		if errs != nil || !slices.Equal(got, people) {
			t.Fatalf("read %d of %d people, %v", len(got), len(people), errs)
		}
	})
	var people []nhs.Number
	for n := range everybody {
		if people = append(people, n); len(people) == 50_000 {
			break
		}
	}
	if got, errs := readSubscription(subscription(t, people...)); errs != nil || !slices.Equal(got, people) {
		t.Errorf("read %d of %d people, %v", len(got), len(people), errs)
	}
}

func TestWriteSubscription_refuses(t *testing.T) {
	t.Parallel()
	for want, people := range map[string]iter.Seq[nhs.Number]{
		"people must not be nil":                                    nil,
		"people must be at least one":                               slices.Values([]nhs.Number{}),
		"people must have NHS numbers: person 2 has none":           slices.Values([]nhs.Number{number(0), {}}),
		"people must be different: person 3 is one of those before": slices.Values([]nhs.Number{number(0), number(1), number(0)}),
		"people must be at most 1000000: use several files":         everybody,
	} {
		n, err := caas.WriteSubscription(io.Discard, people)
		if n != 0 {
			t.Errorf("%s: %d people", want, n)
		}
		assertArgument(t, want, err, "people")
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q", err, want)
		}
		if err != nil {
			assertMasked(t, err.Error(), number(0))
		}
	}
	_, err := caas.WriteSubscription(nil, slices.Values([]nhs.Number{number(0)}))
	assertArgument(t, "no writer", err, "writer")
}

// everybody yields more people than a file may name.
func everybody(yield func(nhs.Number) bool) {
	for serial := int64(994_000_000); ; serial++ {
		sum, weight := int64(0), int64(2)
		for rest := serial; rest > 0; rest /= 10 {
			sum += rest % 10 * weight
			weight++
		}
		check := (11 - sum%11) % 11
		if check == 10 {
			continue
		}
		if n, err := nhs.NumberFromInt(serial*10 + check); err != nil || !yield(n) {
			return
		}
	}
}

func TestWriteSubscription_writerFails(t *testing.T) {
	t.Parallel()
	if _, err := caas.WriteSubscription(failing{}, slices.Values([]nhs.Number{number(0)})); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

type textRow struct {
	Number *string `parquet:"nhs_number,plain"`
}

// Files of other shapes are refused, as are damaged ones.
func TestReadSubscription_refuses(t *testing.T) {
	t.Parallel()
	good := subscription(t, number(0))
	type integers struct {
		Number int64 `parquet:"nhs_number"`
	}
	type other struct {
		Number string `parquet:"number"`
	}
	type two struct {
		Number string `parquet:"nhs_number"`
		Name   string `parquet:"name"`
	}
	type list struct {
		Number []string `parquet:"nhs_number"`
	}
	type binary struct {
		Number []byte `parquet:"nhs_number"`
	}
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":          {nil, "too short"},
		"text":           {[]byte(number(0).Reveal() + number(1).Reveal()), "not Parquet"},
		"cut off":        {good[:len(good)-9], "not Parquet"},
		"integers":       {parquetFile(t, nil, integers{number(0).Int()}), "must be text"},
		"bytes":          {parquetFile(t, nil, binary{[]byte(number(0).Reveal())}), "must be text"},
		"another column": {parquetFile(t, nil, other{number(0).Reveal()}), "must have one column"},
		"two columns":    {parquetFile(t, nil, two{number(0).Reveal(), "Ann"}), "must have one column"},
		"a list":         {parquetFile(t, nil, list{[]string{number(0).Reveal()}}), "more than one value"},
		"no rows":        {parquetFile[textRow](t, nil), "one row group"},
		"two row groups": {
			parquetFile(t, []parquet.WriterOption{parquet.MaxRowsPerRowGroup(1)}, textRow{new(number(0).Reveal())}, textRow{new(number(1).Reveal())}),
			"one row group",
		},
		"a cohort file": {file(t, caas.Record{Type: caas.Add, Number: number(0)}), "must have one column"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people, errs := readSubscription(tt.content)
			if people != nil || len(errs) != 1 || !errors.Is(errs[0], caas.ErrSubscriptionFile) || !strings.Contains(errs[0].Error(), tt.want) {
				t.Fatalf("%d people, %v", len(people), errs)
			}
			assertMasked(t, errs[0].Error(), number(0))
		})
	}
	for _, err := range caas.ReadSubscription(nil, 0) {
		assertArgument(t, "no reader", err, "reader")
	}
}

// A bad row does not take the others along.
func TestReadSubscription_rows(t *testing.T) {
	t.Parallel()
	content := parquetFile(t, nil,
		textRow{new(number(0).Reveal())}, textRow{}, textRow{new("9990000019")}, textRow{new(number(1).Display())},
		textRow{new(number(0).Reveal())}, textRow{new("")}, textRow{new(number(1).Reveal())})
	people, errs := readSubscription(content)
	diff(t, []nhs.Number{number(0), number(1)}, people)
	diff(t, []string{
		"row 2: nhs_number is missing", "row 3: nhs_number is not a valid NHS number", "row 4: nhs_number is not a valid NHS number",
		"row 5: nhs_number comes a second time", "row 6: nhs_number is not a valid NHS number",
	}, texts(errs))
}

func TestReadSubscription_stops(t *testing.T) {
	t.Parallel()
	content := subscription(t, number(0), number(1))
	for n := range caas.ReadSubscription(bytes.NewReader(content), int64(len(content))) {
		if n != number(0) {
			t.Error("reading went on")
		}
		break
	}
}

func FuzzReadSubscription(f *testing.F) {
	f.Add(subscription(f, number(0), number(1)))
	for page := 1; page <= 2; page++ {
		for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip} {
			f.Add(parquetFile(f, []parquet.WriterOption{parquet.Compression(codec), parquet.DataPageVersion(page)},
				textRow{new(number(0).Reveal())}, textRow{}, textRow{new("x")}))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		people, errs := readSubscription(content)
		for _, err := range errs {
			if _, ok := errors.AsType[*caas.RowError](err); !ok && !errors.Is(err, caas.ErrSubscriptionFile) {
				t.Errorf("unexpected %v", err)
			}
		}
		if len(people) == 0 {
			return
		}
		if again, errs := readSubscription(subscription(t, people...)); errs != nil || !slices.Equal(people, again) {
			t.Errorf("written and read again: %v", errs)
		}
	})
}
