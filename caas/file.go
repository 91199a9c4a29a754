package caas

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas/internal/guard"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// ErrFile says that a file is not a cohort file, or is damaged. It is about the
// file as a whole; a bad row is a [*RowError].
var ErrFile = errors.New("not a readable cohort file")

// RowError reports a row that is not usable. Its text names row and column, never
// the value.
type RowError struct {
	Row    int64  // position in the file, from 1
	Column string // such as "date_of_birth"
	Reason string // what is wrong: "is not a date"
}

// Error implements the error interface.
func (e *RowError) Error() string {
	return fmt.Sprintf("row %d: %s %s", e.Row, e.Column, e.Reason)
}

// File is a cohort file open for reading. It is safe for concurrent use if its
// reader is.
type File struct {
	file   *parquet.File
	reader io.ReaderAt
	size   int64
	leaves []leaf
}

// leaf is a column as it is in the file.
type leaf struct {
	name string
	read func(*Record, cell) error
	days bool
}

// OpenFile reads the outline of a cohort file of size bytes. Columns are matched
// by name: missing ones leave their fields empty, others go to Record.Extra.
// Compression may be gzip, snappy or none. The error wraps [ErrFile].
func OpenFile(r io.ReaderAt, size int64) (*File, error) {
	if r == nil {
		return nil, &nhs.ArgumentError{Name: "reader", Reason: "must not be nil"}
	}
	f := &File{reader: r, size: size}
	if err := guard.Footer(r, size); err != nil {
		return nil, fileError(err)
	}
	err := safely(func() (err error) {
		f.file, err = parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		return nil, fileError(err)
	}
	if err := safely(f.bind); err != nil {
		return nil, fileError(err)
	}
	return f, nil
}

// bind matches the columns of the file with those known.
func (f *File) bind() error {
	known := map[string]column{}
	for _, c := range columns() {
		known[c.name] = c
	}
	found := map[string]bool{}
	for _, node := range f.file.Root().Columns() {
		name := node.Name()
		switch {
		case !node.Leaf() || node.Repeated():
			return errors.New("a column holds more than one value")
		case found[name]:
			return errors.New("a column comes twice")
		}
		found[name] = true
		l := leaf{name: name, read: extra(name)}
		if c, ok := known[name]; ok {
			l.read = c.read
			days, err := checkType(node.Type())
			if err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			l.days = days
		}
		f.leaves = append(f.leaves, l)
	}
	for _, name := range []string{columnType, columnNumber} {
		if !found[name] {
			return fmt.Errorf("column %s is missing", name)
		}
	}
	rows := int64(0)
	for _, group := range f.file.Metadata().RowGroups {
		if err := guard.Rows(group.NumRows, f.size); err != nil {
			return err
		}
		rows += group.NumRows
	}
	if rows != f.file.NumRows() {
		return errors.New("the row groups do not add up to the rows")
	}
	return nil
}

// checkType refuses types whose values would be misread, and reports whether the
// values are days.
func checkType(t parquet.Type) (days bool, err error) {
	if l := t.LogicalType(); l != nil && l.Value != nil {
		kind := l.String()
		switch {
		case kind == "DATE":
			return true, nil
		case kind != "STRING" && kind != "ENUM" && (len(kind) < 3 || kind[:3] != "INT"):
			return false, fmt.Errorf("type %s is not supported", kind)
		}
	}
	if kind := t.Kind(); kind == parquet.Float || kind == parquet.Int96 {
		return false, fmt.Errorf("type %s is not supported", kind)
	}
	return false, nil
}

// Rows returns the number of rows that the file says it has.
func (f *File) Rows() int64 { return f.file.NumRows() }

// Records reads the rows in order, holding a part of the file in memory. A row
// that is not usable comes as a [*RowError] without a Record, and reading goes
// on; any other error is the last. These rows are not usable: an NHS number,
// date or other value that cannot be read; a record type other than ADD, AMENDED
// and DEL; the record type and NHS number of an earlier row.
//
// A nil return is a Record whose [Record.NilReturn] is true. To know repeated
// rows, a pass remembers the NHS number of each: some 50 bytes a row.
func (f *File) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s := scan{file: f, seen: map[identity]bool{}, yield: yield}
		for i := range f.file.RowGroups() {
			if !s.group(i) {
				return
			}
		}
	}
}

// identity is what may come only once in a file.
type identity struct {
	kind   RecordType
	number nhs.Number
}

// scan is one pass over the rows.
type scan struct {
	file  *File
	row   int64
	seen  map[identity]bool
	yield func(Record, error) bool
}

// group reads one row group and reports whether to go on.
func (s *scan) group(i int) bool {
	meta := &s.file.file.Metadata().RowGroups[i]
	if err := guard.RowGroup(s.file.reader, s.file.size, meta); err != nil {
		s.yield(Record{}, fileError(err))
		return false
	}
	var rows parquet.Rows
	if err := safely(func() error { rows = s.file.file.RowGroups()[i].Rows(); return nil }); err != nil {
		s.yield(Record{}, fileError(err))
		return false
	}
	defer func() { _ = safely(rows.Close) }()
	batch := make([]parquet.Row, 64)
	read := make([]outcome, 0, len(batch))
	for left := meta.NumRows; left > 0; {
		read = read[:0]
		err := safely(func() error {
			n, err := rows.ReadRows(batch)
			for _, row := range batch[:n] {
				read = append(read, s.record(row))
			}
			return err
		})
		for _, r := range read {
			if !s.yield(r.record, r.err) {
				return false
			}
		}
		left -= int64(len(read))
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			s.yield(Record{}, fileError(err))
			return false
		case len(read) == 0 && left > 0, left < 0:
			s.yield(Record{}, fileError(errors.New("a row group does not have the rows it says")))
			return false
		}
	}
	return true
}

// outcome is what a row became: a record or a [*RowError].
type outcome struct {
	record Record
	err    error
}

func (s *scan) record(row parquet.Row) outcome {
	s.row++
	r := Record{Row: s.row}
	bad := func(column string, reason error) outcome {
		return outcome{err: &RowError{Row: s.row, Column: redact.Text(column), Reason: reason.Error()}}
	}
	for _, v := range row {
		l := s.file.leaves[v.Column()]
		c := cell{value: v, days: l.days}
		switch {
		case v.IsNull():
			if l.name == columnNumber {
				return bad(columnNumber, errMissing)
			}
		default:
			if err := l.read(&r, c); err != nil {
				return bad(l.name, err)
			}
		}
	}
	if r.NilReturn() {
		return outcome{record: r}
	}
	if !r.Type.known() {
		return bad(columnType, errType)
	}
	id := identity{r.Type, r.Number}
	if s.seen[id] {
		return bad(columnNumber, errRepeated)
	}
	s.seen[id] = true
	return outcome{record: r}
}

// safely runs f, which works on a file that may be hostile, and turns a panic of
// the Parquet library into an error.
func safely(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the data are inconsistent")
		}
	}()
	return f()
}

// fileError wraps what went wrong with a file. The library's own errors may quote
// the file, so they go in as masked text.
func fileError(err error) error {
	return fmt.Errorf("%w: %s", ErrFile, redact.Text(err.Error()))
}
