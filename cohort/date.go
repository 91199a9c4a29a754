package cohort

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Date is a complete calendar day, as used in England (Europe/London). It has no time of day and no
// zone, and nothing in this package reads a clock.
//
// The zero Date means "no date": in a [Record] it is a missing value. Dates run from 0001-01-01 to
// 9999-12-31 and arithmetic stops at those ends. Dates can be compared with ==.
type Date struct {
	number calendar.Day
}

// ErrDate is wrapped by every error about a text or a day that is not in the calendar.
var ErrDate = errors.New("not a calendar date")

// NewDate returns the given day, or an error wrapping [ErrDate] when the calendar has no such day.
func NewDate(year int, month time.Month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < time.January || month > time.December || day < 1 || day > calendar.MonthLength(year, month) {
		return Date{}, fmt.Errorf("%w: year %d, month %d, day %d", ErrDate, year, int(month), day)
	}
	return Date{calendar.Of(year, month, day)}, nil
}

// ParseDate reads an ISO date such as 2025-06-01. Partial dates, such as 1932 or 1932-05, are refused
// because they are not complete days: leave such a value missing.
func ParseDate(text string) (Date, error) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return Date{}, fmt.Errorf("%w: want the form 2006-01-02", ErrDate)
	}
	year, ok1 := digits(text[:4])
	month, ok2 := digits(text[5:7])
	day, ok3 := digits(text[8:])
	if !ok1 || !ok2 || !ok3 {
		return Date{}, fmt.Errorf("%w: want the form 2006-01-02", ErrDate)
	}
	return NewDate(year, time.Month(month), day)
}

// MustDate is [ParseDate] for dates written in source code: it panics when text is not a date.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(fmt.Sprintf("cohort.MustDate(%q): %v", text, err))
	}
	return d
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d.number == 0 }

// Civil returns the year, month and day of the month; zeros for the zero Date.
func (d Date) Civil() (year int, month time.Month, day int) { return d.number.Civil() }

// Compare returns -1, 0 or +1 as d is before, the same as, or after other.
func (d Date) Compare(other Date) int { return cmp.Compare(d.number, other.number) }

// AddDays returns the day n days after d, or before it when n is negative.
func (d Date) AddDays(n int) Date { return Date{d.number.AddDays(n)} }

// AddMonths returns the same day of the month n months later, or earlier when n is negative. When that
// month is too short the answer is its last day, in both directions:
//
//	2003-01-31 plus 1 month    is 2003-02-28
//	2025-03-31 minus 1 month   is 2025-02-28
//	2024-02-29 plus 12 months  is 2025-02-28
//
// The rule is that of Spark, Java and DuckDB, so a database asked the same question agrees, and a window
// reaching back n months is never shorter than n whole months. Ages do not use it: see [Date.Age].
func (d Date) AddMonths(n int) Date { return Date{d.number.AddMonths(n)} }

// Age returns how many years someone born on d has completed on the given day, as the law counts them: a
// person born on 29 February has the birthday on 1 March in a year without that day. It is negative
// before birth and means nothing when either date is zero.
func (d Date) Age(on Date) int { return d.number.Years(on.number) }

// AgeInMonths returns how many months someone born on d has completed on the given day: the largest n for
// which the day n months before it, by the rule of [Date.AddMonths], is d or later. A month is completed on
// the day of the month of birth or, in a month without that day, on the first of the next month:
//
//	born 2025-01-31   has completed no month on 2025-02-28, and 1 month on 2025-03-01
//	born 2024-02-29   has completed 11 months on 2025-02-28, and 12 months on 2025-03-01
//
// So twelve of these months always make one year of [Date.Age]. It is negative before birth and means
// nothing when either date is zero.
func (d Date) AgeInMonths(on Date) int { return d.number.Months(on.number) }

// String returns the ISO form, such as 2025-06-01, or "no date".
func (d Date) String() string {
	if d.IsZero() {
		return "no date"
	}
	year, month, day := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", year, int(month), day)
}

// MarshalText writes the ISO form; the zero Date writes nothing.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func digits(text string) (n int, ok bool) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return n, true
}
