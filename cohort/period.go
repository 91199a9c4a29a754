package cohort

import "strconv"

// Period is a length of calendar time used in windows and gaps, such as 12 months. Years are twelve months each;
// months follow the rule of [Date.AddMonths]. Make one with [Years], [Months] or [Days].
type Period struct {
	months, days int
}

// Years is a period of n calendar years.
func Years(n int) Period { return Period{months: 12 * n} }

// Months is a period of n calendar months.
func Months(n int) Period { return Period{months: n} }

// Days is a period of n days.
func Days(n int) Period { return Period{days: n} }

// String returns the period in words: "5 years", "18 months", "90 days". Twelve months are one year.
func (p Period) String() string {
	switch {
	case p.months == 0:
		return plural(p.days, "day")
	case p.months%12 == 0:
		return plural(p.months/12, "year")
	default:
		return plural(p.months, "month")
	}
}

// before returns the day that lies p before d.
func (p Period) before(d Date) Date { return d.AddMonths(-p.months).AddDays(-p.days) }

// after returns the day that lies p after d.
func (p Period) after(d Date) Date { return d.AddMonths(p.months).AddDays(p.days) }

// valid reports whether p is positive, is in one unit, and is no longer than 200 years.
func (p Period) valid() bool {
	return (p.months > 0) != (p.days > 0) && p.months >= 0 && p.days >= 0 && p.months <= maxMonths && p.days <= maxDays
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
