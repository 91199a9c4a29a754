package nhs

import (
	"fmt"
	"time"
)

// Date is a calendar date that may be known only to the month or the year:
// "1932-05-17", "1932-05" or "1932". Such partial dates are normal in NHS
// records, so no clinical date in this module is a [time.Time]. The zero Date
// means "no date". Dates are comparable values.
type Date struct {
	year       int16
	month, day int8 // zero where not known
}

// DateOf returns the date of a whole day. It refuses a day that does not exist,
// and years outside 1 to 9999.
func DateOf(year int, month time.Month, day int) (Date, error) {
	d := Date{year: int16(year), month: int8(month), day: int8(day)} //nolint:gosec // checked below
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Date{}, badDate()
	}
	return d, nil
}

// DateIn returns the calendar date of the instant t in its own location.
func DateIn(t time.Time) Date {
	y, m, d := t.Date()
	return Date{year: int16(y), month: int8(m), day: int8(d)} //nolint:gosec // a time's parts fit
}

// ParseDate reads "yyyy-mm-dd", "yyyy-mm" or "yyyy" (FHIR date), and the compact
// forms "yyyymmdd" and "yyyymm" of cohort files. The error is an [*ArgumentError]
// that does not repeat the text.
func ParseDate(text string) (Date, error) {
	var y, m, d int
	ok := false
	switch len(text) {
	case 4:
		y, ok = digits(text)
		if ok && y >= 1 {
			return Date{year: int16(y)}, nil //nolint:gosec // four digits
		}
	case 6:
		y, m, ok = digits2(text[:4], text[4:])
	case 7:
		y, m, ok = digits2(text[:4], text[5:])
		ok = ok && text[4] == '-'
	case 8:
		y, m, ok = digits2(text[:4], text[4:6])
		if ok {
			d, ok = digits(text[6:])
		}
	case 10:
		y, m, ok = digits2(text[:4], text[5:7])
		if ok {
			d, ok = digits(text[8:])
		}
		ok = ok && text[4] == '-' && text[7] == '-'
	}
	switch {
	case !ok || y < 1 || m < 1 || m > 12:
		return Date{}, badDate()
	case len(text) < 8:
		return Date{year: int16(y), month: int8(m)}, nil
	default:
		return DateOf(y, time.Month(m), d)
	}
}

// IsZero reports whether d is the zero Date, which stands for no date.
func (d Date) IsZero() bool { return d.year == 0 }

// Parts returns year, month and day; month and day are zero where not known.
func (d Date) Parts() (year int, month time.Month, day int) {
	return int(d.year), time.Month(d.month), int(d.day)
}

// Whole reports whether the day is known.
func (d Date) Whole() bool { return d.day != 0 }

// String returns the FHIR form at the known precision, such as "1932-05", or ""
// for the zero Date.
func (d Date) String() string { return d.join("-") }

// Compact returns the form of cohort files, such as "193205", or "" for the zero
// Date.
func (d Date) Compact() string { return d.join("") }

func (d Date) join(separator string) string {
	switch {
	case d.IsZero():
		return ""
	case d.month == 0:
		return fmt.Sprintf("%04d", d.year)
	case d.day == 0:
		return fmt.Sprintf("%04d%s%02d", d.year, separator, d.month)
	default:
		return fmt.Sprintf("%04d%s%02d%s%02d", d.year, separator, d.month, separator, d.day)
	}
}

// MarshalText returns [Date.String].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDate] reads; empty text gives the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

func badDate() error {
	return &ArgumentError{Name: "date", Reason: "must be an existing yyyy-mm-dd, yyyy-mm or yyyy"}
}

// daysIn returns the length of a month. Files with millions of dates ask for it, so
// it does not ask the calendar of the time package.
func daysIn(year int, month time.Month) int {
	switch {
	case month == time.April, month == time.June, month == time.September, month == time.November:
		return 30
	case month != time.February:
		return 31
	case year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	default:
		return 28
	}
}

func digits2(a, b string) (x, y int, ok bool) {
	x, okX := digits(a)
	y, okY := digits(b)
	return x, y, okX && okY
}

func digits(s string) (value int, ok bool) {
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		value = value*10 + int(c)
	}
	return value, true
}
