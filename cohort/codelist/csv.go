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

// Problem is one code in a file that does not belong to the coding system.
type Problem struct {
	// Line is the line in the file, counting from 1.
	Line int
	// Code is the text found.
	Code string
	// Reason says what is wrong with it.
	Reason string
}

// String returns the problem as a sentence.
func (p Problem) String() string { return fmt.Sprintf("line %d: %q: %s", p.Line, p.Code, p.Reason) }

// CSVOption changes how [ReadCSV] reads a file.
type CSVOption func(*csvReader)

// CodeColumn names the column that holds the codes. Without it the column is recognised by its name:
// code, id, snomedcode, snomed_id, dmd_id or icd.
func CodeColumn(name string) CSVOption {
	return func(r *csvReader) { r.columns = []string{strings.ToLower(strings.TrimSpace(name))} }
}

// ReportInvalid leaves invalid codes out of the list and passes each to report, instead of refusing the
// file.
func ReportInvalid(report func(Problem)) CSVOption {
	return func(r *csvReader) { r.report = report }
}

// ReadCSV reads a list from a file with a header line, such as the "code,term" download of OpenCodelists.
// A byte order mark, spaces around codes, empty codes and repeated codes are tolerated. An invalid code
// refuses the whole file, unless [ReportInvalid] is given; the error names every such line and wraps
// [ErrInvalid].
func ReadCSV(file io.Reader, info Info, options ...CSVOption) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	r := csvReader{columns: []string{"code", "id", "snomedcode", "snomed_id", "dmd_id", "icd"}}
	for _, option := range options {
		option(&r)
	}
	codes, err := r.read(file, info.System)
	if err != nil {
		return nil, fmt.Errorf("codelist %s: %w", info.ID, err)
	}
	return build(info, codes)
}

type csvReader struct {
	columns []string
	report  func(Problem)
}

func (r *csvReader) read(file io.Reader, system System) ([]entry, error) {
	rows := csv.NewReader(withoutMark(file))
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("line 1: the file is empty; the first line must be a header such as \"code,term\"")
	}
	if err != nil {
		return nil, err
	}
	column, err := r.find(header)
	if err != nil {
		return nil, err
	}
	var codes []entry
	var problems []error
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return codes, errors.Join(problems...)
		}
		if err != nil {
			return nil, err
		}
		if column >= len(row) {
			continue // a row cut short has no code
		}
		if strings.TrimSpace(row[column]) == "" {
			continue
		}
		code, err := system.parse(row[column])
		if err != nil {
			line, _ := rows.FieldPos(column)
			problem := Problem{Line: line, Code: row[column], Reason: err.Error()}
			if r.report != nil {
				r.report(problem)
			} else {
				problems = append(problems, fmt.Errorf("%w: %v", ErrInvalid, problem))
			}
			continue
		}
		codes = append(codes, code)
	}
}

// find returns the position of the code column in the header.
func (r *csvReader) find(header []string) (int, error) {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	for _, wanted := range r.columns {
		if at := slices.Index(names, wanted); at >= 0 {
			return at, nil
		}
	}
	return 0, fmt.Errorf("line 1: no column named %s; name it with CodeColumn", strings.Join(r.columns, ", "))
}

// withoutMark drops the byte order mark that spreadsheets write.
func withoutMark(file io.Reader) io.Reader {
	buffered := bufio.NewReader(file)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(3)
	}
	return buffered
}
