package caas

import (
	"errors"
	"fmt"
	"io"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// Writer writes a cohort file: the 38 columns, all optional, compressed with
// gzip, in row groups of 100,000 rows. What it writes, [File.Records] reads back
// identically. It holds one row group, compressed, in memory. It is not safe for
// concurrent use.
type Writer struct {
	columns []column
	checks  []column        // those that may refuse a value
	extra   map[string]bool // names
	file    *flatfile.Writer
	record  Record // at hand, so that each need not be allocated
	rows    int64  // of the row group
	err     error  // what every call returns from now on
}

const (
	rowGroupRows  = 100_000
	rowGroupBytes = 64 << 20
)

// NewWriter returns a Writer to w. Extra columns come after the 38; values in
// [Record.Extra] go into them by name. Close completes the file; it does not close
// w.
func NewWriter(w io.Writer, extra ...ExtraColumn) *Writer {
	out := &Writer{columns: columns(), extra: map[string]bool{}}
	taken := map[string]bool{}
	for _, c := range out.columns {
		taken[c.Name] = true
	}
	for _, e := range extra {
		c, ok := e.column()
		if !ok || taken[e.Name] || len(taken) == flatfile.MaxColumns {
			out.err = &nhs.ArgumentError{Name: "extra columns", Reason: "must be at most 218, with types, and with names that are not taken"}
			return out
		}
		taken[e.Name], out.extra[e.Name] = true, true
		out.columns = append(out.columns, c)
	}
	var files []flatfile.Column
	for _, c := range out.columns {
		files = append(files, c.Column)
		if c.check != nil {
			out.checks = append(out.checks, c)
		}
	}
	out.file = flatfile.NewWriter(w, files, "nhs-go version "+nhs.Version)
	return out
}

// Write adds a record. It refuses, with an [*nhs.ArgumentError], a record that
// would not read back: without NHS number or known type, with an Extra value that
// has no column or does not go into it, with a code that is no number or text
// beyond 64 kB. Nothing is written then.
func (w *Writer) Write(r Record) error {
	switch {
	case w.err != nil:
		return w.err
	case r.Number.IsZero():
		return &nhs.ArgumentError{Name: columnNumber, Reason: "must not be empty; use WriteNilReturn"}
	case !r.Type.known():
		return &nhs.ArgumentError{Name: columnType, Reason: errType.Error()}
	}
	for name := range r.Extra {
		if !w.extra[name] {
			return &nhs.ArgumentError{Name: "record", Reason: "has an Extra value for which the Writer has no column"}
		}
	}
	w.record = r
	for i := range w.checks {
		if err := w.checks[i].check(&w.record); err != nil {
			return &nhs.ArgumentError{Name: w.checks[i].Name, Reason: err.Error()}
		}
	}
	return w.write()
}

// WriteNilReturn adds the row that says that there is nothing to report: an NHS
// number of 0 and nothing else.
func (w *Writer) WriteNilReturn() error {
	if w.err != nil {
		return w.err
	}
	w.record = Record{}
	return w.write()
}

// Close completes the file.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.fail(w.file.Close()); err != nil {
		return err
	}
	w.err = errClosed
	return nil
}

var errClosed = errors.New("caas: the cohort file is complete")

// write adds the record that is at hand.
func (w *Writer) write() error {
	for i := range w.columns {
		w.columns[i].write(&w.record, w.file.Columns[i])
	}
	w.rows++
	// How much there is changes slowly, and takes a while to find out.
	if w.rows < rowGroupRows && (w.rows%64 > 0 || w.file.Held() < rowGroupBytes) {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	err := w.file.Flush(w.rows)
	w.rows = 0
	return w.fail(err)
}

// fail makes an error of the destination the last thing that happens.
func (w *Writer) fail(err error) error {
	if err != nil {
		w.err = fmt.Errorf("caas: writing a cohort file: %w", err)
	}
	return w.err
}
