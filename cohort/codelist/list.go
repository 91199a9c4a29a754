package codelist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/internal/text"
)

// Info says what a list is and where it came from.
type Info struct {
	// ID names the list, such as "nhsd-primary-care-domain-refsets/hyp_cod".
	ID string
	// Version is the version of the list, such as "20241205".
	Version string
	// System is the coding system of every code in the list.
	System System
	// Release is the release of the coding system that the list was made with, such as "UK Clinical
	// Edition 39.0.0"; empty when it is not known.
	Release string
	// Source says where the codes were published, under which licence, and how complete they are.
	Source string
}

// List is an immutable set of codes of one coding system: codes one by one and, for ICD-10 and OPCS-4,
// prefixes and ranges. Two lists that hold the same have the same hash, whatever their names and however
// their prefixes and ranges were written. Codes alone are never taken for a prefix, though they may be all
// the codes there are below a category today.
type List struct {
	info    Info
	entries []entry // canonical, in order
	exact   map[string]struct{}
	ranges  []span // sorted, apart
	hash    string
}

// ErrInvalid is wrapped by errors about codes that do not belong to the coding system.
var ErrInvalid = errors.New("invalid code")

// New makes a list of codes. They are normalised and repeats are dropped. An incomplete Info, an empty list
// or an invalid code is refused.
//
// In lists of ICD-10 and OPCS-4 a code may be a pattern instead. These are compared with the codes of the
// data from the left, character by character:
//
//   - A code is itself and nothing else: I20 is not I200, and I10 is not I10X, as the four-character columns
//     of HES write it.
//   - A prefix, I20* or I20%, is every code that begins so: I20, I200, I20X and longer ones. The shortest is
//     a letter, C*. An asterisk of ICD-10, as in G01*, reads the same way: the code and what is below it.
//   - A range of categories, I20-I25, is every code whose first three characters are I20, I25 or between,
//     and so everything below its ends. It may span letters, V01-Y98, in the order of the alphabet.
//   - A range of codes, I20.1-I20.4, is the same with four characters, in one category. It holds neither
//     I20 nor I20X.
//
// A code in the data that is none of the system can fall into a range as its characters order it.
func New(info Info, codes ...string) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	entries := make([]entry, len(codes))
	for i, code := range codes {
		var err error
		if entries[i], err = info.System.parse(code); err != nil {
			return nil, fmt.Errorf("codelist %s: %w: code %d (%s): %w", info.ID, ErrInvalid, i+1, quote(code), err)
		}
	}
	return build(info, entries)
}

// Must is New for lists written in source code: it panics on an error.
func Must(list *List, err error) *List {
	if err != nil {
		panic(err)
	}
	return list
}

// ID returns the name of the list.
func (l *List) ID() string { return l.info.ID }

// Version returns the version of the list.
func (l *List) Version() string { return l.info.Version }

// System returns the coding system.
func (l *List) System() System { return l.info.System }

// Release returns the release of the coding system that the list was made with; empty when it is not known.
func (l *List) Release() string { return l.info.Release }

// Source returns the note on origin, licence and completeness.
func (l *List) Source() string { return l.info.Source }

// Len returns the number of codes and patterns.
func (l *List) Len() int { return len(l.entries) }

// Contains reports whether the list holds the code, written as the data write it.
func (l *List) Contains(code string) bool {
	if _, ok := l.exact[code]; ok {
		return true
	}
	at, ok := slices.BinarySearchFunc(l.ranges, code, func(s span, code string) int { return strings.Compare(s.from, code) })
	return ok || at > 0 && code < l.ranges[at-1].before
}

// Codes yields the codes and patterns in order. [New] makes the same list of them.
func (l *List) Codes() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, e := range l.entries {
			if !yield(e.text) {
				return
			}
		}
	}
}

// Exact yields the codes that are no patterns, in byte order. The list holds these and its Ranges.
func (l *List) Exact() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, e := range l.entries {
			if !e.pattern() && !yield(e.text) {
				return
			}
		}
	}
}

// Ranges yields what the patterns of the list stand for: the first text that is in the range and the first
// after it that no longer is, compared byte by byte. I20-I25 is "I20" and "I26". Ranges come in order and
// do not touch.
func (l *List) Ranges() iter.Seq2[string, string] {
	return func(yield func(from, before string) bool) {
		for _, s := range l.ranges {
			if !yield(s.from, s.before) {
				return
			}
		}
	}
}

// Hash returns the SHA-256, in hexadecimal, of the coding system and the codes and patterns: the content
// and nothing else.
func (l *List) Hash() string { return l.hash }

// String returns the name, version and number of codes and patterns.
func (l *List) String() string {
	what := "codes"
	if len(l.ranges) > 0 {
		what = "codes and patterns"
	}
	return fmt.Sprintf("%s %s (%d %s %s)", l.info.ID, l.info.Version, len(l.entries), l.info.System, what)
}

// build makes the list from valid entries.
func build(info Info, entries []entry) (*List, error) {
	if len(entries) == 0 {
		return nil, fmt.Errorf("codelist %s: no codes; a list must hold at least one", info.ID)
	}
	l := &List{info: info, entries: canonical(info.System.form(), entries), exact: map[string]struct{}{}}
	content := sha256.New()
	_, _ = io.WriteString(content, string(info.System)+"\n")
	for _, e := range l.entries {
		_, _ = io.WriteString(content, e.text+"\n")
		if e.pattern() {
			l.ranges = append(l.ranges, e.span)
		} else {
			l.exact[e.text] = struct{}{}
		}
	}
	l.ranges = join(l.ranges)
	l.hash = hex.EncodeToString(content.Sum(nil))
	return l, nil
}

// canonical returns the entries in the one way that the same set is written. A list without patterns stays
// as it is, but for order and repeats: that all codes below a category happen to be in it does not make
// it a prefix.
func canonical(f form, entries []entry) []entry {
	if !slices.ContainsFunc(entries, entry.pattern) {
		entries = slices.Clone(entries)
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
		return slices.Compact(entries)
	}
	spans := f.spans(entries)
	entries = nil
	for _, s := range spans {
		entries = append(entries, f.entries(s)...) // a union of entries can be written as entries
	}
	return entries
}

func (i Info) check() error {
	if !text.OneLine(i.ID) || !text.OneLine(i.Version) {
		return errors.New("codelist: Info.ID and Info.Version are required, in printable characters")
	}
	switch i.System {
	case SNOMEDCT, DMD, ICD10, OPCS4, AEDiagnosis, AEInvestigation, AETreatment, CriticalCareActivity:
	default:
		return fmt.Errorf("codelist %s: Info.System: unknown coding system %q", i.ID, i.System)
	}
	if i.Release != "" && !text.OneLine(i.Release) {
		return fmt.Errorf("codelist %s: Info.Release holds unprintable characters", i.ID)
	}
	if !text.OneLine(i.Source) {
		return fmt.Errorf("codelist %s: Info.Source is required, in printable characters: say where the codes come from and under which licence", i.ID)
	}
	return nil
}
