package drawing

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// sharp draws a short question that hangs on one rule: in a long one the answer rarely does.
func (d drawer) sharp() cohort.Criterion {
	d.depth, d.all = 0, d.often("all rows")
	switch d.below(8, "rule") {
	case 0, 1:
		return size(d, one(d, "table", sources()...).summary(d))
	case 2, 3:
		return d.picked()
	case 4:
		return d.endOfMonth()
	case 5:
		return d.birthday()
	case 6:
		year := one(d, "year", cohort.FinancialYear, cohort.AcademicYear, cohort.CalendarYear)
		if d.often("start") {
			return against(d, d.someDay().StartOf(year), startsOfYears())
		}
		return against(d, d.someDay().EndOf(year), endsOfYears())
	default:
		if d.often("far back") {
			return against(d, d.someDay().Minus(cohort.Years(200)), []cohort.Date{cohort.MustDate("0001-01-01")})
		}
		return against(d, d.someDay().Plus(cohort.Years(200)), []cohort.Date{cohort.MustDate("9999-12-31")})
	}
}

// picked asks about one row, which ties decide.
func (d drawer) picked() cohort.Criterion {
	switch d.below(4, "picked") {
	case 0:
		code := d.codeSeries()
		return inList(d, code.value, code.system)
	case 1:
		text := one(d, "table", sources()...).textSeries(d)
		return oneOf(d, text.value, text.texts)
	case 2:
		codes := one(d, "several codes", wideSources()...).codesSeries(d)
		return anyInList(d, codes.value, codes.system)
	default:
		return size(d, one(d, "table", sources()...).numberSeries(d))
	}
}

// endOfMonth adds months to a day, or takes them away, where a month may be too short.
func (d drawer) endOfMonth() cohort.Criterion {
	period := one(d, "months", cohort.Months(1), cohort.Years(1), cohort.Months(3), cohort.Months(13))
	if d.often("later") {
		return against(d, d.someDay().Plus(period), endsOfMonths())
	}
	return against(d, d.someDay().Minus(period), endsOfMonths())
}

// birthday counts months or years up to a day on which a month or a year may be completed.
func (d drawer) birthday() cohort.Criterion {
	on := one(d, "day", endsOfMonths()...).AddDays(one(d, "beside", 0, 0, 0, 1))
	age := one(d, "age", person.AgeOn, person.AgeInMonthsOn)(on)
	if d.often("of another day") {
		age = span(d, d.someDay(), cohort.Day(on)).value
	}
	return size(d, measure[cohort.NumberSeries]{age, lengths()})
}

func (d drawer) someDay() cohort.DateSeries {
	if d.often("field") {
		return one(d, "day of the person", dateFields()...)
	}
	return one(d, "table", sources()...).daySeries(d)
}

func against(d drawer, v cohort.DateSeries, days []cohort.Date) cohort.Criterion {
	day := one(d, "day", days...)
	return one(d, "comparison", cohort.DateSeries.On, cohort.DateSeries.NotAfter, cohort.DateSeries.Before, cohort.DateSeries.NotBefore, cohort.DateSeries.After)(v, day)
}
