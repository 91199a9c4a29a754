package caas

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs"
)

// Writer writes a cohort file: the 38 columns, all optional, compressed with
// gzip, in row groups of 20,000 rows. What it writes, [File.Records] reads back
// identically. It is not safe for concurrent use.
type Writer struct {
	columns []column
	file    *parquet.GenericWriter[any]
	rows    []parquet.Row // one, reused
}

const rowGroupRows = 20_000

// NewWriter returns a Writer to w. Close completes the file; it does not close w.
func NewWriter(w io.Writer) *Writer {
	all := columns()
	return &Writer{
		columns: all,
		file: parquet.NewGenericWriter[any](w, schema(all),
			parquet.Compression(&parquet.Gzip),
			parquet.DataPageVersion(1),
			parquet.MaxRowsPerRowGroup(rowGroupRows),
			parquet.CreatedBy("nhs-go", nhs.Version, "")),
		rows: []parquet.Row{make(parquet.Row, len(all))},
	}
}

// Write adds a record. It refuses, with an [*nhs.ArgumentError], a record that
// would not read back: without NHS number or known type, with Extra values, with
// a code that is no number or text beyond 64 kB. Nothing is written then.
func (w *Writer) Write(r Record) error {
	switch {
	case r.Number.IsZero():
		return &nhs.ArgumentError{Name: columnNumber, Reason: "must not be empty; use WriteNilReturn"}
	case !r.Type.known():
		return &nhs.ArgumentError{Name: columnType, Reason: errType.Error()}
	case len(r.Extra) > 0:
		return &nhs.ArgumentError{Name: "record", Reason: "has Extra values, which a cohort file has no columns for"}
	}
	return w.write(&r)
}

// WriteNilReturn adds the row that says that there is nothing to report: an NHS
// number of 0 and nothing else.
func (w *Writer) WriteNilReturn() error { return w.write(&Record{}) }

// Close completes the file.
func (w *Writer) Close() error {
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("caas: completing the cohort file: %w", err)
	}
	return nil
}

func (w *Writer) write(r *Record) error {
	row := w.rows[0]
	for i, c := range w.columns {
		v, err := c.write(r)
		if err != nil {
			return &nhs.ArgumentError{Name: c.name, Reason: err.Error()}
		}
		level := 1
		if v.IsNull() {
			level = 0
		}
		row[i] = v.Level(0, level, i)
	}
	if _, err := w.file.WriteRows(w.rows); err != nil {
		return fmt.Errorf("caas: writing a cohort file: %w", err)
	}
	return nil
}
