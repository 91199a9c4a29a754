package codelist

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// table is a CSV file with a header line.
type table struct {
	csv    *csv.Reader
	header []string // in small letters
	last   int      // the last line read
}

func openTable(file io.Reader) (*table, error) {
	t := &table{csv: csv.NewReader(withoutMark(file))}
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("line 1: the file is empty; the first line must be a header such as \"code,term\"")
	}
	if err != nil {
		return nil, t.failed(err)
	}
	t.last, _ = t.csv.FieldPos(0)
	t.header = make([]string, len(header))
	for i, name := range header {
		t.header[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return t, nil
}

func (t *table) has(column string) bool { return slices.Contains(t.header, column) }

// first returns the position of the first of the columns that is there.
func (t *table) first(columns ...string) (int, error) {
	for _, column := range columns {
		if at := slices.Index(t.header, strings.ToLower(strings.TrimSpace(column))); at >= 0 {
			return at, nil
		}
	}
	return 0, fmt.Errorf("line 1: no column named %s", strings.Join(columns, ", "))
}

// rows yields the rows after the header, each until the next.
func (t *table) rows(yield func([]string, error) bool) {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(nil, t.failed(err))
			return
		}
		t.last, _ = t.csv.FieldPos(0)
		if !yield(row, nil) {
			return
		}
	}
}

// line returns the line of a field of the row in hand.
func (t *table) line(field int) int {
	line, _ := t.csv.FieldPos(field)
	return line
}

// failed says where, unless the error does.
func (t *table) failed(err error) error {
	if _, ok := errors.AsType[*csv.ParseError](err); ok {
		return err
	}
	return fmt.Errorf("after line %d: %w", t.last, err)
}

// field returns a field of a row, or nothing where the row is cut short.
func field(row []string, at int) string {
	if at >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[at])
}

// withoutMark drops the byte order mark that spreadsheets write.
func withoutMark(file io.Reader) *bufio.Reader {
	buffered := bufio.NewReader(file)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(3)
	}
	return buffered
}
