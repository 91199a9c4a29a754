package caas_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// Whatever is written reads back identically.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type key struct {
			kind   caas.RecordType
			number nhs.Number
		}
		records := rapid.SliceOfNDistinct(records(), 0, 6, func(r caas.Record) key { return key{r.Type, r.Number} }).Draw(t, "records")
		var out bytes.Buffer
		w := caas.NewWriter(&out)
		for i := range records {
			if err := w.Write(records[i]); err != nil {
				t.Fatal(err)
			}
			records[i].Row = int64(i + 1)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := caas.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		got, errs := read(f)
		if d := compare(records, append([]caas.Record{}, got...)); d != "" || len(errs) > 0 {
			t.Fatalf("%v (-want +got)\n%s", errs, d)
		}
	})
}

// records generates records with any content that a file can hold.
func records() *rapid.Generator[caas.Record] {
	dates := rapid.Custom(func(t *rapid.T) nhs.Date {
		y, m := rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month")
		text := rapid.SampledFrom([]string{
			"", fmt.Sprintf("%04d", y), fmt.Sprintf("%04d%02d", y, m), fmt.Sprintf("%04d%02d%02d", y, m, rapid.IntRange(1, 28).Draw(t, "day")),
		}).Draw(t, "precision")
		if text == "" {
			return nhs.Date{}
		}
		d, err := nhs.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
	numbers := rapid.Map(rapid.IntRange(0, 300_000), number)
	booleans := rapid.Ptr(rapid.Bool(), true)
	texts := rapid.StringN(0, 12, -1)
	return rapid.Custom(func(t *rapid.T) caas.Record {
		r := caas.Record{
			Type:               rapid.SampledFrom([]caas.RecordType{caas.Add, caas.Amend, caas.Delete}).Draw(t, "type"),
			Number:             numbers.Draw(t, "number"),
			ChangeTimestamp:    rapid.Int64().Draw(t, "changed"),
			SerialChangeNumber: rapid.Int64().Draw(t, "serial"),
			Gender:             rapid.SampledFrom([]caas.Gender{"", caas.GenderNotKnown, caas.GenderFemale, "-7"}).Draw(t, "gender"),
			DeathStatus:        rapid.SampledFrom([]caas.DeathStatus{"", "0", caas.DeathInformal, caas.DeathFormal}).Draw(t, "death"),
		}
		if rapid.Bool().Draw(t, "merged") {
			r.SupersededBy = numbers.Draw(t, "superseded")
		}
		for _, field := range []*string{
			&r.PrimaryCareProvider, &r.CurrentPosting, &r.NamePrefix, &r.GivenName, &r.OtherGivenName, &r.FamilyName,
			&r.PreviousFamilyName, &r.AddressLines[0], &r.AddressLines[1], &r.AddressLines[2], &r.AddressLines[3],
			&r.AddressLines[4], &r.Postcode, &r.PAFKey, &r.ReasonForRemoval, &r.HomeTelephone, &r.MobileTelephone,
			&r.Email, &r.PreferredLanguage,
		} {
			*field = texts.Draw(t, "text")
		}
		for _, field := range []*nhs.Date{
			&r.PrimaryCareProviderFrom, &r.CurrentPostingFrom, &r.BirthDate, &r.AddressFrom, &r.ReasonForRemovalFrom,
			&r.DeathDate, &r.HomeTelephoneFrom, &r.MobileTelephoneFrom, &r.EmailFrom,
		} {
			*field = dates.Draw(t, "date")
		}
		for _, field := range []**bool{&r.InterpreterRequired, &r.Invalid, &r.Eligible} {
			*field = booleans.Draw(t, "boolean")
		}
		return r
	})
}

func TestWriterRefusesWhatWouldNotReadBack(t *testing.T) {
	t.Parallel()
	n := number(0)
	for want, r := range map[string]caas.Record{
		"nhs_number must not be empty; use WriteNilReturn":             {Type: caas.Add},
		"record_type is not ADD, AMENDED or DEL":                       {Type: "DELETE", Number: n},
		"record has an Extra value for which the Writer has no column": {Type: caas.Add, Number: n, Extra: map[string]any{"x": n.Reveal()}},
		"gender is not a whole number as text":                         {Type: caas.Add, Number: n, Gender: "01"},
		"death_status is not a whole number as text":                   {Type: caas.Add, Number: n, DeathStatus: "9999999999"},
		"given_name is longer than 64 kB":                              {Type: caas.Add, Number: n, GivenName: string(make([]byte, 64<<10+1))},
	} {
		var out bytes.Buffer
		w := caas.NewWriter(&out)
		err := w.Write(r)
		if err == nil || err.Error() != want || !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("got %v, want %q", err, want)
			continue
		}
		assertMasked(t, err.Error(), n)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if f := open(t, out.Bytes()); f.Rows() != 0 {
			t.Errorf("%q: %d rows were written", want, f.Rows())
		}
	}
}

func TestNilReturn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	if err := errors.Join(w.WriteNilReturn(), w.Close()); err != nil {
		t.Fatal(err)
	}
	records, errs := read(open(t, out.Bytes()))
	if len(records) != 1 || !records[0].NilReturn() || len(errs) != 0 {
		t.Errorf("%v, %v", records, errs)
	}
}

// The file has the columns of the published one, in order, optional and gzipped.
func TestWrittenSchemaIsThePublishedOne(t *testing.T) {
	t.Parallel()
	sample := published(t, "caas/add_1_-_CAAS_BREAST_SCREENING_COHORT.parquet")
	diff(t, outline(t, sample), outline(t, file(t, caas.Record{Type: caas.Add, Number: number(0)})))
}

func outline(t *testing.T, content []byte) []string {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, c := range f.Root().Columns() {
		chunk := f.Metadata().RowGroups[0].Columns[i].MetaData
		logical := c.Type().LogicalType()
		out = append(out, fmt.Sprint(c.Name(), " ", c.Type().Kind(), " ", logical, " ", c.Optional(), " ", chunk.Codec))
	}
	return out
}

func TestManyRowsMakeManyRowGroups(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 100,001 rows")
	}
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	const rows = 100_001
	for range rows {
		if err := w.WriteNilReturn(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for r, err := range open(t, out.Bytes()).Records() {
		if err != nil {
			t.Fatal(err)
		}
		last = r.Row
	}
	if last != rows || rowGroups(t, out.Bytes()) != 2 {
		t.Errorf("%d rows, %d row groups", last, rowGroups(t, out.Bytes()))
	}
}

// Texts that do not compress make a row group of fewer rows, so that memory stays
// flat.
func TestLongTextsMakeShortRowGroups(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 70 MB")
	}
	noise := rand.NewChaCha8([32]byte{1})
	text := make([]byte, 64<<10)
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	for i := range 1100 {
		_, _ = noise.Read(text)
		if err := w.Write(caas.Record{Type: caas.Add, Number: number(i), GivenName: string(text)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	records, errs := read(open(t, out.Bytes()))
	if len(records) != 1100 || len(errs) > 0 || rowGroups(t, out.Bytes()) != 2 || records[1099].GivenName != string(text) {
		t.Errorf("%d records, %v, %d row groups", len(records), errs, rowGroups(t, out.Bytes()))
	}
}

func rowGroups(t *testing.T, content []byte) int {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return len(f.RowGroups())
}

// A destination that fails is an error of Write or Close, never silence.
func TestWriterReportsAFailingDestination(t *testing.T) {
	t.Parallel()
	w := caas.NewWriter(failing{})
	err := errors.Join(w.Write(caas.Record{Type: caas.Add, Number: number(0)}), w.Close())
	if !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if err := w.Write(caas.Record{Type: caas.Add, Number: number(1)}); !errors.Is(err, errFull) {
		t.Errorf("after the failure: %v", err)
	}
	w = caas.NewWriter(&bytes.Buffer{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.WriteNilReturn() == nil || w.Close() == nil {
		t.Error("a complete file goes on")
	}
}

var errFull = errors.New("no space left")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }
