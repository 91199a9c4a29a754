package caas

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// MaxSubscription is how many people one subscription file may name. Such a file
// fits one request to MESH with ease: nothing public says that CaaS takes files in
// chunks.
const MaxSubscription = 1_000_000

// ErrSubscriptionFile says that a file is not a subscription file, or is damaged.
var ErrSubscriptionFile = errors.New("not a readable subscription file")

// WriteSubscription writes the file that subscribes people, and returns how many:
// Parquet with one column, nhs_number, as text in one row group. It refuses, with an
// [*nhs.ArgumentError] that says where, a person without an NHS number, a person who
// comes twice, nobody at all and more than [MaxSubscription] people. What has been
// written to w is of no use then.
//
// A row group is written whole, and repeats are found by remembering: it holds some
// 40 bytes a person.
func WriteSubscription(w io.Writer, people iter.Seq[nhs.Number]) (int, error) {
	if w == nil {
		return 0, &nhs.ArgumentError{Name: "writer", Reason: "must not be nil"}
	}
	written, err := writeSubscription(w, people)
	return len(written), err
}

// writeSubscription does what [WriteSubscription] does, and returns who is in the
// file.
func writeSubscription(w io.Writer, people iter.Seq[nhs.Number]) (map[nhs.Number]struct{}, error) {
	if people == nil {
		return nil, &nhs.ArgumentError{Name: "people", Reason: "must not be nil"}
	}
	file := parquet.NewGenericWriter[any](w, subscriptionSchema(),
		parquet.Compression(&parquet.Snappy), // as the public consumer's library does unless told otherwise
		parquet.DataPageVersion(1),
		parquet.CreatedBy("nhs-go", nhs.Version, ""))
	seen := map[nhs.Number]struct{}{}
	digits := make([]byte, 0, 10)
	rows := []parquet.Row{make(parquet.Row, 1)}
	for n := range people {
		if err := checkSubscriber(n, seen); err != nil {
			return nil, err
		}
		seen[n] = struct{}{}
		digits = n.AppendDigits(digits[:0])
		rows[0][0] = parquet.ByteArrayValue(digits).Level(0, 1, 0)
		if _, err := file.WriteRows(rows); err != nil {
			return nil, fmt.Errorf("caas: writing a subscription file: %w", err)
		}
	}
	if len(seen) == 0 {
		return nil, &nhs.ArgumentError{Name: "people", Reason: "must be at least one"}
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("caas: completing the subscription file: %w", err)
	}
	return seen, nil
}

func checkSubscriber(n nhs.Number, seen map[nhs.Number]struct{}) error {
	var reason string
	_, again := seen[n]
	switch {
	case n.IsZero():
		reason = fmt.Sprintf("must have NHS numbers: person %d has none", len(seen)+1)
	case again:
		reason = fmt.Sprintf("must be different: person %d is one of those before", len(seen)+1)
	case len(seen) == MaxSubscription:
		reason = fmt.Sprintf("must be at most %d: use several files", MaxSubscription)
	default:
		return nil
	}
	return &nhs.ArgumentError{Name: "people", Reason: reason}
}

// subscriptionSchema is the schema of the one public writer: an optional text.
func subscriptionSchema() *parquet.Schema {
	return parquet.NewSchema("schema", parquet.Group{
		columnNumber: parquet.Optional(parquet.Encoded(parquet.String(), &parquet.Plain)),
	})
}

// ReadSubscription reads the people of a subscription file of size bytes, in order.
// A row that is not usable, because its NHS number is missing, not valid or that of
// an earlier row, comes as a [*RowError] and reading goes on. Any other error wraps
// [ErrSubscriptionFile] and is the last.
func ReadSubscription(r io.ReaderAt, size int64) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		if r == nil {
			yield(nhs.Number{}, &nhs.ArgumentError{Name: "reader", Reason: "must not be nil"})
			return
		}
		file, err := openSubscription(r, size)
		if err != nil {
			yield(nhs.Number{}, subscriptionError(err))
			return
		}
		s := subscribers{rows: file.Scan(), seen: map[nhs.Number]struct{}{}}
		for {
			n, err := s.rows.Next(batchRows)
			if err != nil {
				yield(nhs.Number{}, subscriptionError(err))
				return
			}
			for i := range n {
				if !yield(s.read(i)) {
					return
				}
			}
			if n == 0 {
				return
			}
		}
	}
}

// openSubscription checks the shape of a file.
func openSubscription(r io.ReaderAt, size int64) (*flatfile.File, error) {
	file, err := flatfile.Open(r, size)
	if err != nil {
		return nil, err
	}
	if len(file.Columns) != 1 || file.Columns[0].Name != columnNumber {
		return nil, errors.New("it must have one column, " + columnNumber)
	}
	if _, text := file.Columns[0].Logical.(*format.StringType); !text || file.Columns[0].Type != format.ByteArray {
		return nil, errors.New("column " + columnNumber + " must be text")
	}
	if file.RowGroups() != 1 {
		return nil, errors.New("it must have one row group")
	}
	if file.Rows == 0 {
		return nil, errors.New("it has no rows")
	}
	return file, nil
}

// subscribers is one pass over the rows of a subscription file.
type subscribers struct {
	rows *flatfile.Scan
	row  int64 // read
	seen map[nhs.Number]struct{}
}

// read reads row i of a batch.
func (s *subscribers) read(i int) (nhs.Number, error) {
	s.row++
	bad := func(reason error) (nhs.Number, error) {
		return nhs.Number{}, &RowError{Row: s.row, Column: columnNumber, Reason: reason.Error()}
	}
	in := s.rows.Columns[0]
	if in.Null[i] {
		return bad(errMissing)
	}
	if len(in.Texts[i]) != 10 {
		return bad(errNumber) // nothing but ten digits: [nhs.ParseNumber] takes separators, too
	}
	n, err := nhs.ParseNumber(string(in.Texts[i]))
	if err != nil {
		return bad(errNumber)
	}
	if _, again := s.seen[n]; again {
		return bad(errAgain)
	}
	s.seen[n] = struct{}{}
	return n, nil
}

var errAgain = errors.New("comes a second time")

// subscriptionError wraps what went wrong with a file. Errors from below may quote
// the file, so they go in as masked text.
func subscriptionError(err error) error {
	return fmt.Errorf("%w: %s", ErrSubscriptionFile, redact.Text(err.Error()))
}
