package codelist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	// Source says where the codes were published, under which licence, and how complete they are.
	Source string
}

// List is an immutable set of codes of one coding system. Two lists with the same codes have the same
// hash, whatever their names.
type List struct {
	info  Info
	codes []string // sorted, distinct
	set   map[string]struct{}
	hash  string
}

// ErrInvalid is wrapped by errors about codes that do not belong to the coding system.
var ErrInvalid = errors.New("invalid code")

// New makes a list from codes written in source code. Codes are normalised and repeats are dropped. An
// incomplete Info, an empty list or an invalid code is refused.
func New(info Info, codes ...string) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	normal := make([]string, len(codes))
	for i, code := range codes {
		normal[i] = info.System.Normalise(code)
		if err := info.System.Check(normal[i]); err != nil {
			return nil, fmt.Errorf("codelist %s: %w: code %d (%q): %w", info.ID, ErrInvalid, i+1, code, err)
		}
	}
	return build(info, normal)
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

// Source returns the note on origin, licence and completeness.
func (l *List) Source() string { return l.info.Source }

// Len returns the number of codes.
func (l *List) Len() int { return len(l.codes) }

// Contains reports whether the list holds the code, written as the data write it.
func (l *List) Contains(code string) bool {
	_, ok := l.set[code]
	return ok
}

// Codes yields the codes in byte order.
func (l *List) Codes() iter.Seq[string] { return slices.Values(l.codes) }

// Hash returns the SHA-256, in hexadecimal, of the coding system and the codes: the content and nothing
// else.
func (l *List) Hash() string { return l.hash }

// String returns the name, version and number of codes.
func (l *List) String() string {
	return fmt.Sprintf("%s %s (%d %s codes)", l.info.ID, l.info.Version, len(l.codes), l.info.System)
}

// build makes the list from codes that are already normal and valid.
func build(info Info, codes []string) (*List, error) {
	if len(codes) == 0 {
		return nil, fmt.Errorf("codelist %s: no codes; a list must hold at least one", info.ID)
	}
	codes = slices.Compact(slices.Sorted(slices.Values(codes)))
	set := make(map[string]struct{}, len(codes))
	for _, code := range codes {
		set[code] = struct{}{}
	}
	sum := sha256.Sum256([]byte(string(info.System) + "\n" + strings.Join(codes, "\n") + "\n"))
	return &List{info: info, codes: codes, set: set, hash: hex.EncodeToString(sum[:])}, nil
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
	if !text.OneLine(i.Source) {
		return fmt.Errorf("codelist %s: Info.Source is required, in printable characters: say where the codes come from and under which licence", i.ID)
	}
	return nil
}
