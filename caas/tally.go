package caas

import "errors"

// Tally counts the rows of a cohort file by what they are. Its zero value is ready.
//
//	var tally caas.Tally
//	for record, err := range file.Records() {
//		tally.Count(record, err)
//		...
//	}
type Tally struct {
	Adds       int64 // records of type ADD
	Amends     int64 // records of type AMENDED
	Deletes    int64 // records of type DEL
	NilReturns int64 // rows that say that there is nothing to report
	Refused    int64 // rows that are not usable, repeated ones among them
	Repeated   int64 // of those refused, rows with the record type and NHS number of an earlier one
}

// Count adds what [File.Records] yields. An error that is not about a row counts
// nothing.
func (t *Tally) Count(r Record, err error) {
	if err != nil {
		if _, ok := errors.AsType[*RowError](err); ok {
			t.Refused++
			if errors.Is(err, ErrRepeated) {
				t.Repeated++
			}
		}
		return
	}
	switch {
	case r.NilReturn():
		t.NilReturns++
	case r.Type == Add:
		t.Adds++
	case r.Type == Amend:
		t.Amends++
	case r.Type == Delete:
		t.Deletes++
	default: // a record that does not come from a file
		t.Refused++
	}
}

// Rows returns how many rows have been counted.
func (t *Tally) Rows() int64 { return t.Records() + t.NilReturns + t.Refused }

// Records returns how many of them are changes to the cohort.
func (t *Tally) Records() int64 { return t.Adds + t.Amends + t.Deletes }

// Content says what a whole file amounts to.
func (t *Tally) Content() Content {
	switch {
	case t.Rows() == 0:
		return ContentNothing
	case t.NilReturns == 0:
		return ContentChanges
	case t.Rows() == t.NilReturns:
		return ContentNilReturn
	default:
		return ContentMixed
	}
}

// Content is what a cohort file amounts to. That no file came at all is not among
// its values: there is no [Tally] then.
type Content string

// What a cohort file may amount to.
const (
	ContentChanges   Content = "changes"    // changes to the cohort, or rows that should be
	ContentNilReturn Content = "nil return" // the sender says that nothing has changed
	ContentNothing   Content = "nothing"    // no row at all, not even a nil return: ask the sender
	ContentMixed     Content = "mixed"      // a nil return among other rows, which contradict it: ask the sender
)
