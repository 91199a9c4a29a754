package codelist

import (
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
	// Code is the text found, unless it may be an NHS number.
	Code string
	// Reason says what is wrong with it.
	Reason string
}

// String returns the problem as a sentence.
func (p Problem) String() string { return fmt.Sprintf("line %d: %q: %s", p.Line, p.Code, p.Reason) }

// CSVOption changes how [ReadCSV], [ReadPCD] and [ReadPCDCluster] read a file.
type CSVOption func(*csvReader)

// CodeColumn names the column that holds the codes, or several: the ids of dm+d stand in VPID and those of
// earlier releases in VPIDPREV. Without it ReadCSV recognises the column by its name: code, id, snomedcode,
// snomed_id, dmd_id or icd, or that of a file of dm+d: APPID, VPPID, APID or VPID.
func CodeColumn(names ...string) CSVOption {
	return func(r *csvReader) { r.columns = names }
}

// Only reads only the rows in which a column holds one of the values, such as the rows of one category. It
// may be given several times.
func Only(column string, values ...string) CSVOption {
	return func(r *csvReader) { r.only = append(r.only, condition{column, values, 0}) }
}

// AsPrefixes takes every code of ICD-10 or OPCS-4 in the file for itself and all codes below it: I61 is
// read as I61*. Lists whose first three characters are compared with the data mean that.
func AsPrefixes() CSVOption {
	return func(r *csvReader) { r.prefixes = true }
}

// ReportInvalid leaves invalid codes out of the list and passes each to report, instead of refusing the
// file.
func ReportInvalid(report func(Problem)) CSVOption {
	return func(r *csvReader) { r.report = report }
}

// WithWithdrawn also reads the members that a reference set of [ReadPCD] no longer has: its
// Active_in_Refset is 0. By default these are left out, since codes are withdrawn when they should not have
// been in the set; codes that SNOMED CT has made inactive stay in the sets, as old entries have them.
func WithWithdrawn() CSVOption {
	return func(r *csvReader) { r.withdrawn = true }
}

// ReadCSV reads a list from a file with a header line, such as the "code,term" download of OpenCodelists.
// A byte order mark, spaces around codes, empty codes and repeated codes are tolerated; codes of ICD-10 and
// OPCS-4 may be patterns as for [New]. An invalid code refuses the whole file, unless [ReportInvalid] is
// given; the error names every such line and wraps [ErrInvalid].
//
// Files that are something else than a list of codes are refused: definitions with excluded codes (see
// [ReadDefinition]) and files of many reference sets (see [ReadPCD]).
func ReadCSV(file io.Reader, info Info, options ...CSVOption) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	r := newCSVReader(info.System, options)
	entries, err := r.list(file)
	if err != nil {
		return nil, fmt.Errorf("codelist %s: %w", info.ID, err)
	}
	return build(info, entries)
}

// condition is on one column of a row.
type condition struct {
	column string
	values []string
	at     int
}

// csvReader reads codes under the options.
type csvReader struct {
	system              System
	columns             []string
	only                []condition
	prefixes, withdrawn bool
	report              func(Problem)
	problems            []error
}

func newCSVReader(system System, options []CSVOption) *csvReader {
	r := &csvReader{system: system}
	for _, option := range options {
		option(r)
	}
	return r
}

func (r *csvReader) list(file io.Reader) ([]entry, error) {
	if r.withdrawn {
		return nil, errors.New("WithWithdrawn is for files of reference sets: see ReadPCD")
	}
	t, err := openTable(file)
	if err != nil {
		return nil, err
	}
	switch {
	case t.has("is_included"):
		return nil, errors.New("line 1: there is a column is_included, so the file defines a list by what is above its codes: read it with ReadDefinition")
	case t.has("active_in_refset") || t.has("cluster_id") && len(r.only) == 0:
		return nil, errors.New("line 1: there is a column Cluster_ID, so the file holds many lists: read it with ReadPCD")
	}
	columns, err := r.codeColumns(t)
	if err != nil {
		return nil, err
	}
	var entries []entry
	err = r.rows(t, func(row []string) error {
		for _, at := range columns {
			if e, ok := r.code(t, row, at); ok {
				entries = append(entries, e)
			}
		}
		return nil
	})
	return entries, err
}

// codeColumns returns where the codes are.
func (r *csvReader) codeColumns(t *table) ([]int, error) {
	if len(r.columns) == 0 {
		at, err := t.first("code", "id", "snomedcode", "snomed_id", "dmd_id", "icd", "appid", "vppid", "apid", "vpid")
		if err != nil {
			return nil, fmt.Errorf("%w; name it with CodeColumn", err)
		}
		return []int{at}, nil
	}
	columns := make([]int, len(r.columns))
	for i, name := range r.columns {
		var err error
		if columns[i], err = t.first(name); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// rows passes on the rows that are to be read. Its error names all invalid codes.
func (r *csvReader) rows(t *table, do func(row []string) error) error {
	for i := range r.only {
		var err error
		if r.only[i].at, err = t.first(r.only[i].column); err != nil {
			return err
		}
	}
	for row, err := range t.rows {
		if err != nil {
			return err
		}
		if slices.ContainsFunc(r.only, func(c condition) bool { return !slices.Contains(c.values, field(row, c.at)) }) {
			continue
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return errors.Join(r.problems...)
}

// code reads a code. What is empty is no code; what is invalid is reported, or kept for the error.
func (r *csvReader) code(t *table, row []string, at int) (entry, bool) {
	text := field(row, at)
	if text == "" {
		return entry{}, false
	}
	e, err := r.system.parse(strings.Clone(text)) // not to hold the whole row
	if err == nil && r.prefixes && !e.pattern() {
		e, err = r.system.parse(text + "*")
	}
	if err == nil {
		return e, true
	}
	problem := Problem{Line: t.line(at), Code: mask(row[at]), Reason: err.Error()}
	if r.report != nil {
		r.report(problem)
	} else {
		r.problems = append(r.problems, fmt.Errorf("%w: %v", ErrInvalid, problem))
	}
	return entry{}, false
}
