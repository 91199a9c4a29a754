package caas

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// ErrFile says that a file is not a cohort file, or is damaged. It is about the
// file as a whole; a bad row is a [*RowError].
var ErrFile = errors.New("not a readable cohort file")

// ErrRepeated is what a [*RowError] unwraps to if an earlier row of the file had
// the same record type and NHS number.
var ErrRepeated = errors.New("comes a second time with the same record type")

// RowError reports a row that is not usable. Its text names row and column, never
// the value.
type RowError struct {
	Row    int64      // position in the file, from 1
	Column string     // such as "date_of_birth"
	Reason string     // what is wrong: "is not a date"
	Type   RecordType // of the record, "" if it is not known: a row of type DEL that is put aside leaves somebody in the cohort

	cause error
}

// Error implements the error interface.
func (e *RowError) Error() string {
	return fmt.Sprintf("row %d: %s %s", e.Row, e.Column, e.Reason)
}

// Format prints [RowError.Error] for every verb.
func (e *RowError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// Unwrap returns what is wrong: [ErrRepeated], or an error without a name.
func (e *RowError) Unwrap() error { return e.cause }

// File is a cohort file open for reading. It is safe for concurrent use if its
// reader is.
type File struct {
	file     *flatfile.File
	bindings []binding
	extra    []ExtraColumn
}

// binding ties a column of the file to where its values go: through read, or into
// the text field, or else into Extra.
type binding struct {
	name string
	kind kind
	read func(*Record, cell) error
	text func(*Record) *string
}

// OpenFile reads the outline of a cohort file of size bytes. Columns are matched
// by name: missing ones leave their fields empty, others go to Record.Extra.
// Pages may be of version 1 or 2, plain, dictionary or delta encoded, and
// compressed with gzip, snappy, zstd or not at all. The error wraps [ErrFile].
//
// However hostile a file is, reading it takes at most some 500 MB of memory, and
// that only if it does inflate so far.
func OpenFile(r io.ReaderAt, size int64) (*File, error) {
	if r == nil {
		return nil, &nhs.ArgumentError{Name: "reader", Reason: "must not be nil"}
	}
	file, err := flatfile.Open(r, size)
	if err != nil {
		return nil, fileError(err)
	}
	f := &File{file: file}
	if err := f.bind(); err != nil {
		return nil, fileError(err)
	}
	return f, nil
}

// bind matches the columns of the file with those known.
func (f *File) bind() error {
	known := map[string]column{}
	for _, c := range columns() {
		known[c.Name] = c
	}
	found := map[string]bool{}
	for i := range f.file.Columns {
		in := &f.file.Columns[i]
		if found[in.Name] {
			return errors.New("a column comes twice")
		}
		found[in.Name] = true
		b := binding{name: in.Name, kind: cellKind(in)}
		if c, ok := known[in.Name]; !ok {
			f.extra = append(f.extra, extraColumn(in))
		} else if err := checkType(in); err != nil {
			return fmt.Errorf("column %s: %w", in.Name, err)
		} else if c.text != nil && b.kind == kindText {
			b.text = c.text
		} else {
			b.read = c.read
		}
		f.bindings = append(f.bindings, b)
	}
	for _, name := range []string{columnType, columnNumber} {
		if !found[name] {
			return fmt.Errorf("column %s is missing", name)
		}
	}
	return nil
}

// checkType refuses types whose values would be misread.
func checkType(c *flatfile.Column) error {
	switch l := c.Logical.(type) {
	case nil, *format.StringType, *format.EnumType, *format.JsonType, *format.DateType, *format.IntType:
	case *format.NullType: // nothing is there, so the writer did not know a type
	default:
		return fmt.Errorf("type %s is not supported", l)
	}
	if c.Type == format.Float || c.Type == format.Int96 {
		return fmt.Errorf("type %s is not supported", c.Type)
	}
	return nil
}

// Rows returns the number of rows that the file says it has.
func (f *File) Rows() int64 { return f.file.Rows }

// ExtraColumns returns the columns beyond the 38, in the order of the file. A
// [Writer] that is given them can write the records of the file back.
func (f *File) ExtraColumns() []ExtraColumn { return append([]ExtraColumn(nil), f.extra...) }

// fileError wraps what went wrong with a file. Errors from below may quote the
// file, so they go in as masked text.
func fileError(err error) error {
	return fmt.Errorf("%w: %s", ErrFile, redact.Text(err.Error()))
}
