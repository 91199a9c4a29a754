package nhs

import (
	"fmt"
	"log/slog"
	"strconv"
)

// Number is an NHS number: ten digits, the last a modulus 11 check digit.
//
// A Number is a small comparable value; the zero Number means "no number". It
// hides itself: every fmt verb and slog print it masked, and its memory holds
// no readable digits, so that fmt reveals nothing of a struct around it either.
// [Number.Reveal] and [Number.Display] show it, on purpose. JSON and text
// marshalling carry the ten digits, because wires and files need them: a JSON log
// of a struct or slice that holds a Number needs [MaskAttr].
//
// Source: NHS Data Dictionary, attribute NHS NUMBER.
type Number struct {
	// scrambled is the number times an odd constant, modulo 2^64. It is no
	// secret, only unreadable: fmt prints unexported fields of an enclosing
	// struct without asking their methods.
	scrambled uint64
}

// scramble and its inverse modulo 2^64.
const (
	scramble   = 0x9E3779B97F4A7C15
	unscramble = 0xF1DE83E19937733D
)

// masked is what a Number prints as.
const masked = "[NHS number]"

// ParseNumber reads an NHS number: ten digits, or three, three and four digits
// separated by single spaces or hyphens. It refuses any other text, a wrong check
// digit and ten zeros with an [*ArgumentError] that does not repeat the text.
//
// It does not look at ranges: test data and real data overlap in them. See
// [Number.IsTest].
func ParseNumber(text string) (Number, error) {
	var chars [10]byte
	switch {
	case len(text) == 10:
		copy(chars[:], text)
	case len(text) == 12 && text[3] == text[7] && (text[3] == ' ' || text[3] == '-'):
		copy(chars[:3], text[:3])
		copy(chars[3:6], text[4:7])
		copy(chars[6:], text[8:])
	default:
		return Number{}, badNumber("must be ten digits, or 3-3-4 digits with spaces or hyphens")
	}
	var value, sofar, sum uint64
	for _, c := range chars {
		digit := uint64(c - '0')
		if digit > 9 {
			return Number{}, badNumber("must hold digits only")
		}
		value = value*10 + digit
		sofar += digit
		sum += sofar // in the end the first digit ten times, the second nine times, the last once
	}
	// The last digit had weight 1: a valid number sums to a multiple of 11.
	// A check value of ten, for which no number is issued, can never match.
	if sum%11 != 0 {
		return Number{}, badNumber("has a wrong check digit")
	}
	if value == 0 {
		return Number{}, badNumber("is all zeros")
	}
	return Number{scrambled: value * scramble}, nil
}

// MustNumber is [ParseNumber] for constants in tests and examples; it panics on
// an invalid number.
func MustNumber(text string) Number {
	n, err := ParseNumber(text)
	if err != nil {
		panic(err)
	}
	return n
}

func badNumber(reason string) error {
	return &ArgumentError{Name: "NHS number", Reason: reason}
}

// NumberFromInt returns the NHS number with the given numeric value. Files that hold
// numbers as integers, such as cohort files, lose leading zeros; this brings
// them back. Errors are those of [ParseNumber].
func NumberFromInt(value int64) (Number, error) {
	if value < 0 || value > 9_999_999_999 {
		return Number{}, badNumber("must be ten digits")
	}
	var digits [10]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + value%10)
		value /= 10
	}
	return ParseNumber(string(digits[:]))
}

// IsZero reports whether n is the zero Number, which stands for no number.
func (n Number) IsZero() bool { return n.scrambled == 0 }

// IsTest reports whether n lies in the block 999 000 0000 to 999 999 9999,
// which is reserved for test people.
func (n Number) IsTest() bool { return n.value() >= 9_990_000_000 }

// Reveal returns the ten digits. The result is personal data: keep it out of
// logs, errors and URLs that are printed.
func (n Number) Reveal() string {
	if n.IsZero() {
		return ""
	}
	return string(n.AppendDigits(make([]byte, 0, 10)))
}

// AppendDigits appends the ten digits to b. Like [Number.Reveal], it reveals.
// The zero Number appends nothing.
func (n Number) AppendDigits(b []byte) []byte {
	if n.IsZero() {
		return b
	}
	v := n.value()
	for div := uint64(1_000_000_000); div > 0; div /= 10 {
		b = append(b, byte('0'+v/div%10))
	}
	return b
}

// Int returns the number as an integer, as cohort files hold it. It reveals.
func (n Number) Int() int64 { return int64(n.value()) } //nolint:gosec // at most ten digits

// Display returns the number the way people read it, "999 000 0018": three,
// three and four digits. Like [Number.Reveal], it reveals.
func (n Number) Display() string {
	if n.IsZero() {
		return ""
	}
	d := n.Reveal()
	return d[:3] + " " + d[3:6] + " " + d[6:]
}

// Compare orders numbers by value, for use with [slices.SortFunc].
func (n Number) Compare(other Number) int {
	switch a, b := n.value(), other.value(); {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// String returns a mask, never the number.
func (n Number) String() string {
	if n.IsZero() {
		return "[no NHS number]"
	}
	return masked
}

// Format prints the mask for every verb and flag.
func (n Number) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(n.String())) }

// LogValue logs the mask.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MaskAttr is a ReplaceAttr for [slog.HandlerOptions]. A JSON log asks a value
// below the top level for its JSON, which of a Number is its digits; MaskAttr has
// such values printed by fmt instead, which masks them.
func MaskAttr(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindAny {
		return a
	}
	return slog.String(a.Key, fmt.Sprint(a.Value.Any()))
}

// MarshalText returns the ten digits, or nothing for the zero Number.
func (n Number) MarshalText() ([]byte, error) { return n.AppendDigits(nil), nil }

// UnmarshalText reads what [ParseNumber] reads; empty text gives the zero Number.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = Number{}
		return nil
	}
	v, err := ParseNumber(string(text))
	if err != nil {
		return err
	}
	*n = v
	return nil
}

// MarshalJSON returns the ten digits as a JSON string, or null for the zero Number.
func (n Number) MarshalJSON() ([]byte, error) {
	if n.IsZero() {
		return []byte("null"), nil
	}
	b := append(make([]byte, 0, 12), '"')
	return append(n.AppendDigits(b), '"'), nil
}

// UnmarshalJSON reads a JSON string that [ParseNumber] accepts. Null and the
// empty string give the zero Number. A JSON number is refused: it may have lost
// its leading zeros.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number{}
		return nil
	}
	text, err := strconv.Unquote(string(data))
	if err != nil {
		return badNumber("must be a JSON string")
	}
	return n.UnmarshalText([]byte(text))
}

func (n Number) value() uint64 { return n.scrambled * unscramble }
