package caas

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/personalised-prevention/nhs"
)

// FileName is what the name of a cohort file says. There are two forms:
//
//	20251027100135103118_BEFB67_-_CAAS_BREAST_SCREENING_COHORT.parquet
//	BSS_20240601121212_n10.parquet
//
// The first, message id and workflow, is what the public consumer stores under.
// The second, acronym, time and row count, is CaaS's own; "<prefix>_-_" may
// precede it.
//
// Source: dtos-cohort-manager, FileNameParser and its history.
type FileName struct {
	MessageID string // the part before "_-_", or ""
	Workflow  string // of the first form
	Acronym   string // of the second form: the programme, such as "BSS"
	Created   string // of the second form: yyyyMMddHHmmss; its time zone is not stated
	Rows      int64  // of the second form: the row count; -1 where not stated
}

var (
	countedName  = regexp.MustCompile(`(?i)^(?:(.+)_-_)?(\w+)_(\d{14})_n(0|[1-9]\d{0,17})\.parquet$`)
	workflowName = regexp.MustCompile(`(?i)^(.+)_-_(\w+)\.parquet$`)
)

// ParseFileName reads the name of a cohort file, upper or lower case. Another
// name is an [*nhs.ArgumentError].
func ParseFileName(name string) (FileName, error) {
	if m := countedName.FindStringSubmatch(name); m != nil {
		rows, err := strconv.ParseInt(m[4], 10, 64)
		if err == nil {
			return FileName{MessageID: m[1], Acronym: m[2], Created: m[3], Rows: rows}, nil
		}
	}
	if m := workflowName.FindStringSubmatch(name); m != nil {
		return FileName{MessageID: m[1], Workflow: m[2], Rows: -1}, nil
	}
	return FileName{}, &nhs.ArgumentError{Name: "file name", Reason: "must be that of a cohort file"}
}

// CheckRows compares the row count of the name, if it has one, with that of the
// file. The error wraps [ErrFile].
func (n FileName) CheckRows(f *File) error {
	if n.Rows < 0 || n.Rows == f.Rows() {
		return nil
	}
	return fmt.Errorf("%w: its name says %d rows, it has %d", ErrFile, n.Rows, f.Rows())
}
