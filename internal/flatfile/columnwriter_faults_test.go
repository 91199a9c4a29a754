package flatfile_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

func fourColumns() []flatfile.Column {
	return []flatfile.Column{
		{Name: "key", Type: format.Int64},
		{Name: "day", Type: format.Int32, Logical: new(format.DateType), Optional: true},
		{Name: "value", Type: format.Double, Optional: true},
		{Name: "code", Type: format.ByteArray, Logical: new(format.StringType)},
	}
}

// A misuse is an error that names the column, of the batch and of everything after.
func TestColumnWriterMisuse(t *testing.T) {
	t.Parallel()
	right := func(w *flatfile.ColumnWriter) {
		w.Columns[0].Integer(1, 2)
		w.Columns[1].Null(2)
		w.Columns[2].Double(1, 2)
		w.Columns[3].Text("a", 2)
	}
	tests := map[string]struct {
		batch func(w *flatfile.ColumnWriter)
		want  string
	}{
		"too few rows":         {func(w *flatfile.ColumnWriter) { right(w); w.Columns[2].Null(-1) }, "column 3: the nulls"},
		"too many rows":        {func(w *flatfile.ColumnWriter) { right(w); w.Columns[3].Text("b", 1) }, "column 4 has got 3 rows in a batch of 2"},
		"another type":         {func(w *flatfile.ColumnWriter) { w.Columns[0].Text("1", 2) }, "column 1: a value of another type"},
		"another type of many": {func(w *flatfile.ColumnWriter) { w.Columns[3].Doubles([]float64{1, 2}, nil) }, "column 4: a value of another type"},
		"a long text":          {func(w *flatfile.ColumnWriter) { w.Columns[3].Text(strings.Repeat("x", flatfile.MaxText+1), 2) }, "too long"},
		"a long text of many": {func(w *flatfile.ColumnWriter) {
			w.Columns[3].Texts([]string{strings.Repeat("x", flatfile.MaxText+1)}, nil)
		}, "too long"},
		"a large number":         {func(w *flatfile.ColumnWriter) { w.Columns[1].Integer(1<<31, 2) }, "column 2: a number does not fit"},
		"a large number of many": {func(w *flatfile.ColumnWriter) { w.Columns[1].Integers([]int64{0, 1 << 31}, nil) }, "column 2: a number does not fit"},
		"null in required":       {func(w *flatfile.ColumnWriter) { w.Columns[0].Integers([]int64{1, 2}, []bool{false, true}) }, "column 1: no value"},
		"null run in required":   {func(w *flatfile.ColumnWriter) { w.Columns[0].Null(2) }, "column 1: no value"},
		"nulls of other length":  {func(w *flatfile.ColumnWriter) { w.Columns[1].Integers([]int64{1, 2}, []bool{true}) }, "column 2: the nulls"},
		"no dictionary":          {func(w *flatfile.ColumnWriter) { w.Columns[3].Indexes([]uint32{0, 0}, nil) }, "column 4: a place beyond"},
		"no dictionary of one":   {func(w *flatfile.ColumnWriter) { w.Columns[3].Index(0, 2) }, "column 4: a place beyond"},
		"dictionary of another":  {func(w *flatfile.ColumnWriter) { w.Columns[3].UseIntegers([]int64{1}) }, "column 4: a value of another type"},
		"flushed within a batch": {func(w *flatfile.ColumnWriter) { right(w); _ = w.Flush() }, "a batch that has not ended"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			w, err := flatfile.NewColumnWriter(&out, fourColumns(), flatfile.Layout{})
			if err != nil {
				t.Fatal(err)
			}
			test.batch(w)
			err = w.EndBatch(2)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			right(w)
			if again := w.EndBatch(2); !errors.Is(again, err) {
				t.Errorf("the next error is %v", again)
			}
			if again := w.Close(); !errors.Is(again, err) {
				t.Errorf("Close: %v", again)
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes are written", out.Len())
			}
			w.Reset(&out)
			right(w)
			if err := errors.Join(w.EndBatch(2), w.Close()); err != nil {
				t.Errorf("after Reset: %v", err)
			}
			if f, err := flatfile.Open(bytes.NewReader(out.Bytes()), int64(out.Len())); err != nil || f.Rows != 2 {
				t.Errorf("after Reset: %v", err)
			}
		})
	}
}

func TestNewColumnWriterRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		columns []flatfile.Column
		layout  flatfile.Layout
	}{
		"no columns":   {nil, flatfile.Layout{}},
		"many columns": {make([]flatfile.Column, flatfile.MaxColumns+1), flatfile.Layout{}},
		"a type":       {[]flatfile.Column{{Name: "c", Type: format.Int96}}, flatfile.Layout{}},
		"no type":      {[]flatfile.Column{{Name: "c", Type: 99}}, flatfile.Layout{}},
		"a codec":      {fourColumns(), flatfile.Layout{Codec: format.Gzip}},
		"no codec":     {fourColumns(), flatfile.Layout{Codec: 99}},
		"an order":     {fourColumns(), flatfile.Layout{Sorted: []string{"key", "other"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := flatfile.NewColumnWriter(io.Discard, test.columns, test.layout); err == nil {
				t.Error("no error")
			}
		})
	}
}

// failing takes some bytes, and then fails or falls short.
type failing struct {
	left  int
	short bool
	calls int
}

var errFull = errors.New("the disk is full")

func (f *failing) Write(b []byte) (int, error) {
	f.calls++
	if f.left >= len(b) {
		f.left -= len(b)
		return len(b), nil
	}
	if f.short {
		return f.left, nil
	}
	return f.left, errFull
}

// Whenever the underlying writer fails, its error comes out, and no more is written.
func TestColumnWriterFullDisk(t *testing.T) {
	t.Parallel()
	write := func(out io.Writer) error {
		w, err := flatfile.NewColumnWriter(out, fourColumns(), flatfile.Layout{GroupRows: 100})
		if err != nil {
			return err
		}
		for range 3 {
			w.Columns[0].Integer(1, 100)
			w.Columns[1].Null(100)
			w.Columns[2].Double(1, 100)
			w.Columns[3].Text("a", 100)
			_ = w.EndBatch(100)
		}
		err = w.Close()
		if again := w.Close(); !errors.Is(again, err) {
			t.Errorf("Close again: %v after %v", again, err)
		}
		return err
	}
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole.Len() {
		if err := write(&failing{left: n}); !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		if err := write(&failing{left: n, short: true}); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

func TestColumnWriterClosed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := flatfile.NewColumnWriter(&out, fourColumns(), flatfile.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err := flatfile.Open(bytes.NewReader(out.Bytes()), int64(out.Len())); err != nil || f.Rows != 0 {
		t.Fatalf("an empty file: %v", err)
	}
	w.Columns[0].Integer(1, 1)
	if err := w.EndBatch(1); err == nil {
		t.Error("rows are taken after Close")
	}
}
