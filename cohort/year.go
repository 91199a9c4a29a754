package cohort

import (
	"strconv"
	"time"
)

// Year is a kind of year that programmes go by, for [Date.StartOf] and [Date.EndOf].
type Year uint8

// The kinds of year.
const (
	CalendarYear  Year = iota + 1 // 1 January to 31 December
	FinancialYear                 // 1 April to 31 March, also the year of screening programmes
	AcademicYear                  // 1 September to 31 August, the school year in England
)

// String returns "calendar", "financial" or "academic".
func (y Year) String() string {
	switch y {
	case CalendarYear:
		return "calendar"
	case FinancialYear:
		return "financial"
	case AcademicYear:
		return "academic"
	default:
		return "year " + strconv.Itoa(int(y))
	}
}

// StartOf returns the first day of the year that d falls in; no date for no date or no kind of year.
func (d Date) StartOf(year Year) Date {
	if !year.valid() {
		return Date{}
	}
	return Date{d.number.StartOfYear(year.firstMonth())}
}

// EndOf returns the last day of the year that d falls in; no date for no date or no kind of year.
func (d Date) EndOf(year Year) Date {
	if !year.valid() {
		return Date{}
	}
	return Date{d.number.EndOfYear(year.firstMonth())}
}

func (y Year) firstMonth() time.Month {
	switch y {
	case FinancialYear:
		return time.April
	case AcademicYear:
		return time.September
	case CalendarYear:
	}
	return time.January
}

func (y Year) valid() bool { return y >= CalendarYear && y <= AcademicYear }

// yearOf reads what String wrote; anything else is no kind of year.
func yearOf(text string) Year {
	for y := CalendarYear; y.valid(); y++ {
		if y.String() == text {
			return y
		}
	}
	return 0
}
