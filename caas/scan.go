package caas

import (
	"iter"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Records reads the rows in order, holding a part of the file in memory. A row
// that is not usable comes as a [*RowError] without a Record, and reading goes
// on; any other error is the last, and may come after good records if the damage
// is further on in the file. These rows are not usable: an NHS number, date or
// other value that cannot be read; a record type other than ADD, AMENDED and DEL;
// the record type and NHS number of an earlier row ([ErrRepeated]).
//
// A nil return is a Record whose [Record.NilReturn] is true; see [Tally] for what
// it makes of the file.
//
// To know repeated rows, a pass remembers the NHS number of each, in some 20
// bytes a row at most: less than the row takes in the file. Apart from that,
// memory does not grow with the file.
func (f *File) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s := newScan(f)
		for {
			n, err := s.rows.Next(len(s.records))
			if err != nil {
				yield(Record{}, fileError(err))
				return
			}
			if n == 0 {
				return
			}
			s.columns(n)
			for i := range n {
				if p := s.row(i); p != nil {
					if !yield(Record{}, p) {
						return
					}
				} else if !yield(s.records[i], nil) {
					return
				}
			}
			s.done += int64(n)
			clear(s.records)
			clear(s.problems)
		}
	}
}

// batchRows is how many rows are read at a time: few enough for the processor's
// caches, many enough to make up for turning from column to column.
const batchRows = 256

// scan is one pass over the rows.
type scan struct {
	rows     *flatfile.Scan
	bindings []binding
	late     []late // bindings whose values are put in when a record is handed over
	seen     map[identity]struct{}
	done     int64 // rows before the batch

	// The batch.
	records  []Record
	problems []*RowError // what is wrong with the record, if anything
	text     []byte      // of one record
	flags    flags
}

// late is a binding with its column's values.
type late struct {
	*binding
	values *flatfile.Vector
}

func newScan(f *File) *scan {
	size := max(1, min(batchRows, f.Rows()))
	s := &scan{
		rows: f.file.Scan(), bindings: f.bindings, seen: make(map[identity]struct{}, min(f.Rows(), 1<<16)), // a file may claim any number
		records: make([]Record, size), problems: make([]*RowError, size),
	}
	for i := range f.bindings {
		if b := &f.bindings[i]; b.read == nil {
			s.late = append(s.late, late{b, s.rows.Columns[i]})
		}
	}
	return s
}

// columns reads a batch of n rows, column by column, as far as that can be done
// without keeping much.
func (s *scan) columns(n int) {
	for c := range s.bindings {
		b, v := &s.bindings[c], s.rows.Columns[c]
		if b.read == nil {
			for i := range v.Texts {
				if !v.Null[i] && len(v.Texts[i]) > maxText {
					s.refuse(i, b.name, errTooLong)
				}
			}
			continue
		}
		for i := range n {
			if v.Null[i] {
				if b.name == columnNumber {
					s.refuse(i, b.name, errMissing)
				}
				continue
			}
			if err := b.read(&s.records[i], cell{v, i, b.kind, &s.flags}); err != nil {
				s.refuse(i, b.name, err)
			}
		}
	}
}

// refuse notes what is wrong with row i of the batch, unless something else was.
func (s *scan) refuse(i int, column string, reason error) {
	if s.problems[i] == nil {
		s.problems[i] = &RowError{Row: s.done + int64(i) + 1, Column: redact.Text(column), Reason: reason.Error(), cause: reason}
	}
}

// row completes row i of the batch, or returns what is wrong with it.
func (s *scan) row(i int) *RowError {
	r := &s.records[i]
	r.Row = s.done + int64(i) + 1
	if s.problems[i] == nil {
		s.complete(r, i)
		s.judge(r, i)
	}
	p := s.problems[i]
	if p != nil && r.Type.known() {
		p.Type = r.Type
	}
	return p
}

// complete puts in the texts, which share one allocation, and the extra values.
func (s *scan) complete(r *Record, i int) {
	s.text = s.text[:0]
	for _, l := range s.late {
		if l.text != nil && !l.values.Null[i] {
			s.text = append(s.text, l.values.Texts[i]...)
		}
	}
	all := string(s.text)
	for _, l := range s.late {
		switch {
		case l.values.Null[i]:
		case l.text != nil:
			n := len(l.values.Texts[i])
			*l.text(r), all = all[:n], all[n:]
		default:
			if r.Extra == nil {
				r.Extra = map[string]any{}
			}
			r.Extra[l.name] = cell{l.values, i, l.kind, nil}.any()
		}
	}
}

// identity is what may come only once in a file, in 32 bits: the type, and the
// NHS number without its check digit.
type identity uint32

func identityOf(t RecordType, n nhs.Number) identity {
	id := identity(n.Int()/10) * 4 //nolint:gosec // nine digits
	switch t {
	case Add:
		return id + 1
	case Amend:
		return id + 2
	case Delete:
	}
	return id + 3
}

// judge refuses a record that means nothing, or came before.
func (s *scan) judge(r *Record, i int) {
	if r.NilReturn() {
		return
	}
	if !r.Type.known() {
		s.refuse(i, columnType, errType)
		return
	}
	id := identityOf(r.Type, r.Number)
	if _, repeated := s.seen[id]; repeated {
		s.refuse(i, columnNumber, ErrRepeated)
		return
	}
	s.seen[id] = struct{}{}
}
