package cohort

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// datum is one value of any kind, possibly missing. A missing datum has a zero date, a NaN, an empty text
// or no codes, so that a column of a record needs no second array to say which values are missing.
type datum struct {
	kind   Kind
	date   Date
	number float64
	text   string // for several codes: all of them, sorted and distinct, one after the other
}

// codeEnd stands between several codes. It sorts before everything else, as the end of a text does.
const codeEnd = "\x00"

func missing(k Kind) datum { return datum{kind: k, number: math.NaN()} }

func dateDatum(d Date) datum { return datum{kind: DateKind, date: d} }

// numberDatum adds zero so that minus zero becomes zero: they are equal and must look equal.
func numberDatum(x float64) datum { return datum{kind: NumberKind, number: x + 0} }

// codesDatum takes a set, sorted and distinct.
func codesDatum(set []string) datum { return textDatum(CodesKind, strings.Join(set, codeEnd)) }

func textDatum(k Kind, text string) datum { return datum{kind: k, text: text} }

func (d datum) known() bool {
	switch d.kind {
	case DateKind:
		return !d.date.IsZero()
	case NumberKind:
		return !math.IsNaN(d.number)
	case TextKind, CodeKind, CodesKind:
	}
	return d.text != ""
}

// compare orders two known values of one kind; text by its bytes, several codes by the first that differs.
func (d datum) compare(other datum) int {
	switch d.kind {
	case DateKind:
		return d.date.Compare(other.date)
	case NumberKind:
		return cmp.Compare(d.number, other.number)
	case TextKind, CodeKind, CodesKind:
	}
	return strings.Compare(d.text, other.text)
}

// each yields several codes one by one, and anything else as it is.
func (d datum) each(yield func(datum) bool) {
	if d.kind != CodesKind {
		yield(d)
		return
	}
	for code := range strings.SplitSeq(d.text, codeEnd) {
		if !yield(textDatum(CodeKind, code)) {
			return
		}
	}
}

// String returns the value as a sentence shows it.
func (d datum) String() string {
	switch {
	case !d.known():
		return "not known"
	case d.kind == DateKind:
		return d.date.String()
	case d.kind == NumberKind:
		return formatNumber(d.number)
	case d.kind == CodesKind:
		return strings.ReplaceAll(d.text, codeEnd, ", ")
	default:
		return d.text
	}
}

func formatNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
