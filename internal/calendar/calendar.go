// Package calendar counts days, months and years in one way for the reference evaluator and for every engine
// that runs in this process. Package cohort says what the rules are; its Date is a [Day] in public.
package calendar

import (
	"sort"
	"time"
)

// Day counts from 0001-01-01, which is day 1, to 9999-12-31; 0 is no day. All functions give no day for no day.
type Day int32

// The ends of the calendar and a day between them.
const (
	First Day = 1       // 0001-01-01
	Last  Day = 3652059 // 9999-12-31
	// Epoch is 1970-01-01, from which Parquet and most engines count.
	Epoch Day = 719163
)

// Of numbers a day that exists.
func Of(year int, month time.Month, day int) Day {
	m := int(month) - 3
	if m < 0 {
		m += 12
		year--
	}
	n := 365*year + year/4 - year/100 + year/400 + (153*m+2)/5 + day - 1
	return Day(n - 305) //nolint:gosec // the days of years 1 to 9999 fit
}

// Civil returns the year, month and day of the month; zeros for no day.
func (d Day) Civil() (year int, month time.Month, day int) {
	if d == 0 {
		return 0, 0, 0
	}
	// Count from 1 March of year 0, so that a leap day is the last day of its year, and work in whole
	// 400-year cycles of 146,097 days.
	n := int(d) + 305
	cycle, n := n/146097, n%146097
	yearOfCycle := (n - n/1460 + n/36524 - n/146096) / 365
	dayOfYear := n - (365*yearOfCycle + yearOfCycle/4 - yearOfCycle/100)
	shifted := (5*dayOfYear + 2) / 153 // months since March
	day = dayOfYear - (153*shifted+2)/5 + 1
	year = cycle*400 + yearOfCycle
	if shifted >= 10 {
		return year + 1, time.Month(shifted - 9), day
	}
	return year, time.Month(shifted + 3), day
}

// MonthLength returns the number of days of a month.
func MonthLength(year int, month time.Month) int {
	lengths := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if month == time.February && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return lengths[month-1]
}

// AddDays stops at the ends of the calendar.
func (d Day) AddDays(n int) Day {
	if d == 0 {
		return d
	}
	n = max(-int(Last), min(n, int(Last)))
	return max(First, min(d+Day(n), Last))
}

// AddMonths takes the last day of a month that is too short, and stops at the ends of the calendar.
func (d Day) AddMonths(n int) Day {
	if d == 0 {
		return d
	}
	n = max(-12*10000, min(n, 12*10000))
	year, month, day := d.Civil()
	months := year*12 + int(month) - 1 + n
	if months < 12 {
		return First
	}
	year, month = months/12, time.Month(months%12+1)
	if year > 9999 {
		return Last
	}
	return Of(year, month, min(day, MonthLength(year, month)))
}

// Add adds months and then days.
func (d Day) Add(months, days int) Day { return d.AddMonths(months).AddDays(days) }

// StartOfYear returns the first day of the year that d falls in, for years that begin on the first of month.
func (d Day) StartOfYear(month time.Month) Day {
	if d == 0 {
		return d
	}
	begins := d.yearFrom(month)
	if begins < 1 {
		return First
	}
	return Of(begins, month, 1)
}

// EndOfYear returns the last day of that year.
func (d Day) EndOfYear(month time.Month) Day {
	if d == 0 {
		return d
	}
	next := d.yearFrom(month) + 1
	if next > 9999 {
		return Last
	}
	return Of(next, month, 1).AddDays(-1)
}

// yearFrom returns the calendar year in which the year that d falls in begins.
func (d Day) yearFrom(first time.Month) int {
	year, month, _ := d.Civil()
	if month < first {
		return year - 1
	}
	return year
}

// Years returns the years completed from d to another day.
func (d Day) Years(to Day) int {
	fromYear, fromMonth, fromDay := d.Civil()
	year, month, day := to.Civil()
	if month < fromMonth || month == fromMonth && day < fromDay {
		return year - fromYear - 1
	}
	return year - fromYear
}

// Months returns the months completed from d to another day.
func (d Day) Months(to Day) int {
	fromYear, fromMonth, fromDay := d.Civil()
	year, month, day := to.Civil()
	months := (year-fromYear)*12 + int(month-fromMonth)
	if day < fromDay {
		return months - 1
	}
	return months
}

// Search returns the first day for which a condition holds that holds for all days after it, or the day after the
// last.
func Search(condition func(Day) bool) Day {
	return First + Day(sort.Search(int(Last), func(i int) bool { return condition(First + Day(i)) })) //nolint:gosec // within the calendar
}
