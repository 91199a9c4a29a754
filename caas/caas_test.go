package caas_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// published returns a published sample, and skips the test where there is none.
func published(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("../../shared/data/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the published sample is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func open(tb testing.TB, content []byte) *caas.File {
	tb.Helper()
	f, err := caas.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// read returns all records and errors of a file.
func read(f *caas.File) (records []caas.Record, errs []error) {
	for r, err := range f.Records() {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		records = append(records, r)
	}
	return records, errs
}

// file writes a cohort file.
func file(tb testing.TB, records ...caas.Record) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// parquetFile writes rows of any shape, as other writers do.
func parquetFile[T any](tb testing.TB, opts []parquet.WriterOption, rows ...T) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, opts...)
	if _, err := w.Write(rows); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func day(tb testing.TB, text string) nhs.Date {
	tb.Helper()
	d, err := nhs.ParseDate(text)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// number returns the i-th of many different test numbers.
func number(i int) nhs.Number {
	// Of two serials in a row, one at least has a check digit.
	for serial := 3 * i; ; serial++ {
		for check := range 10 {
			if n, err := nhs.ParseNumber(fmt.Sprintf("999%06d%d", serial, check)); err == nil {
				return n
			}
		}
	}
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

// assertMasked fails if text shows an NHS number.
func assertMasked(t *testing.T, text string, n nhs.Number) {
	t.Helper()
	if strings.Contains(text, n.Reveal()) || strings.Contains(text, n.Display()) {
		t.Errorf("an NHS number shows in %q", text)
	}
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := compare(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func compare(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(nhs.Number{}, nhs.Date{}))
}
