package optout

import (
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Sentinels are planted in a request to see whether the check works: people of whom
// the caller knows, from elsewhere, what the service must say. Which they are is
// for the service's owner to agree; none are public.
type Sentinels struct {
	OptedOut []nhs.Number // must be removed in the reply

	// NotOptedOut must remain in the reply. Without one, a reply that is empty or cut
	// short means that the rest have opted out. A high number is best: files are in
	// the order of the numbers, and test people have the highest.
	NotOptedOut []nhs.Number
}

// LogValue logs how many sentinels there are.
func (s Sentinels) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("opted_out", len(s.OptedOut)), slog.Int("not_opted_out", len(s.NotOptedOut)))
}

// List is the people to ask about, each once, with the sentinels. It is immutable.
// It takes 8 bytes a person, and up to three times that while it is read. It hides
// itself: fmt and slog print a mask, and encoders are refused.
type List struct {
	numbers   []nhs.Number // people and sentinels, ascending, each once
	planted   []nhs.Number // the sentinels that are not among the people, ascending
	sentinels Sentinels
	repeated  int
}

// NewList reads the people to ask about. Their order is of no importance, and who
// comes twice is asked about once. An empty list is refused, as is a sentinel that
// is there twice, with an [*nhs.ArgumentError]; an error of people ends the reading.
//
// A sentinel may be among the people. If not, it is in no count and no result.
func NewList(people iter.Seq2[nhs.Number, error], sentinels Sentinels) (*List, error) {
	if people == nil {
		return nil, &nhs.ArgumentError{Name: "people", Reason: "must not be nil"}
	}
	planted := slices.Concat(sentinels.OptedOut, sentinels.NotOptedOut)
	slices.SortFunc(planted, nhs.Number.Compare)
	switch {
	case len(planted) > 0 && planted[0].IsZero():
		return nil, &nhs.ArgumentError{Name: "sentinels", Reason: "must have NHS numbers"}
	case len(slices.Compact(slices.Clone(planted))) < len(planted):
		return nil, &nhs.ArgumentError{Name: "sentinels", Reason: "must not repeat a number"}
	}
	var numbers []nhs.Number
	for number, err := range people {
		switch {
		case err != nil:
			return nil, fmt.Errorf("optout: after %d people: %w", len(numbers), redact.Error(err))
		case number.IsZero():
			return nil, &nhs.ArgumentError{Name: "people", Reason: fmt.Sprintf("must have NHS numbers: number %d is none", len(numbers)+1)}
		}
		numbers = append(numbers, number)
	}
	read := len(numbers)
	if read == 0 {
		return nil, &nhs.ArgumentError{Name: "people", Reason: "must not be empty"}
	}
	slices.SortFunc(numbers, nhs.Number.Compare)
	numbers = slices.Compact(numbers)
	l := &List{repeated: read - len(numbers), sentinels: Sentinels{
		OptedOut: slices.Clone(sentinels.OptedOut), NotOptedOut: slices.Clone(sentinels.NotOptedOut),
	}}
	l.planted = slices.DeleteFunc(planted, func(n nhs.Number) bool { return contains(numbers, n) })
	for _, n := range l.planted {
		at, _ := slices.BinarySearchFunc(numbers, n, nhs.Number.Compare)
		numbers = slices.Insert(numbers, at, n)
	}
	l.numbers = numbers
	return l, nil
}

// People returns how many people are asked about, without the sentinels.
func (l *List) People() int { return len(l.numbers) - len(l.planted) }

// Repeated returns how many times somebody came who was there already.
func (l *List) Repeated() int { return l.repeated }

// Format prints a mask for every verb.
func (l *List) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[opt-out list]") }

// LogValue logs a mask.
func (l *List) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(l)) }

// MarshalText refuses, so that no encoder stores the list by mistake.
func (l *List) MarshalText() ([]byte, error) { return nil, errStored }

// lineSize is the length of a line: ten digits, a comma and a line feed.
const lineSize = 12

// file returns the file that asks about the list.
func (l *List) file() *io.SectionReader {
	return io.NewSectionReader(lines(l.numbers), 0, int64(len(l.numbers))*lineSize)
}

// lines is the content of a file, made when it is read.
type lines []nhs.Number

// ReadAt implements [io.ReaderAt].
func (l lines) ReadAt(p []byte, offset int64) (n int, err error) {
	line := make([]byte, 0, lineSize)
	for n < len(p) {
		if offset >= int64(len(l))*lineSize {
			return n, io.EOF
		}
		line = append(l[offset/lineSize].AppendDigits(line[:0]), ',', '\n')
		read := copy(p[n:], line[offset%lineSize:])
		n, offset = n+read, offset+int64(read)
	}
	return n, nil
}

func contains(sorted []nhs.Number, n nhs.Number) bool {
	_, found := slices.BinarySearchFunc(sorted, n, nhs.Number.Compare)
	return found
}
