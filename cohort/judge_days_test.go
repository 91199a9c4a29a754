package cohort_test

import (
	"fmt"
	"slices"
	"sync"
)

// everyDay is the calendar from 1850 to 2150, found by going to the next day.
var everyDay = sync.OnceValue(func() []oracle {
	var days []oracle
	for day := (oracle{1850, 1, 1}); day.year < 2150; day = day.next() {
		days = append(days, day)
	}
	return days
})

func position(day oracle) int {
	at, _ := slices.BinarySearchFunc(everyDay(), day, func(a, b oracle) int { return order(a, b) })
	return at
}

func dayOf(text string) (day oracle) {
	if _, err := fmt.Sscanf(text, "%d-%d-%d", &day.year, &day.month, &day.day); err != nil {
		panic(err)
	}
	return day
}

// span counts between the two days of a value.
func (j judge) span(v, row map[string]any, count func(from, to oracle) int) any {
	begin, end := "from", "to"
	if part(v, "born") != nil {
		begin, end = "born", "on"
	}
	from, ok1 := j.value(part(v, begin), row).(oracle)
	to, ok2 := j.value(part(v, end), row).(oracle)
	if !ok1 || !ok2 {
		return nil
	}
	return float64(count(from, to))
}

func (j judge) years(from, to oracle) int {
	switch j.fault {
	case "age is the difference of years":
		return to.year - from.year
	case "leap birthdays fall on 28 February":
		// Years are added to the birth, and the last day of February is taken.
		n := to.year - from.year
		if birthday := back(from, -12*n); to.before(birthday) {
			n--
		}
		return n
	}
	return completed(from, to, 12)
}

func (j judge) months(from, to oracle) int {
	if j.fault == "a short month ends a month of age" {
		n := (to.year-from.year)*12 + to.month - from.month
		if to.before(back(from, -n)) {
			n--
		}
		return n
	}
	return completed(from, to, 1)
}

func (j judge) days(from, to oracle) int {
	n := position(to) - position(from)
	if j.fault == "both days are counted" {
		n++
	}
	return n
}

// shift steps by the period of a value.
func (j judge) shift(day oracle, v map[string]any, later bool) oracle {
	months, days := int(number(v, "months")), int(number(v, "days"))
	if !later {
		months, days = -months, -days
	}
	if months == 0 {
		if j.fault == "periods are a day short" {
			days -= truth(later)
		}
		return everyDay()[position(day)+days]
	}
	there := back(day, -months)
	switch {
	case j.fault == "months overflow" && there.day < day.day:
		return everyDay()[position(there)+day.day-there.day]
	case j.fault == "a month is 30 days":
		return everyDay()[position(day)+30*months]
	}
	return there
}

// edge walks to the first or the last day of a year.
func (j judge) edge(day oracle, year string, end bool) oracle {
	starts := map[string][2]int{"calendar": {1, 1}, "financial": {4, 1}, "academic": {9, 1}}[year]
	switch {
	case j.fault == "the financial year is the tax year" && year == "financial":
		starts[1] = 6
	case j.fault == "the school year begins in August" && year == "academic":
		starts[0] = 8
	}
	at := position(day)
	for everyDay()[at].month != starts[0] || everyDay()[at].day != starts[1] {
		at--
	}
	first := everyDay()[at]
	if !end {
		return first
	}
	for at++; everyDay()[at].month != starts[0] || everyDay()[at].day != starts[1]; at++ {
	}
	if j.fault == "a year ends with the first day of the next" {
		return everyDay()[at]
	}
	return everyDay()[at-1]
}
