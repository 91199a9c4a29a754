package drawing

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func (d drawer) daySeries() cohort.DateSeries {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return one(d, "day of the person", dateFields()...)
	}
	switch d.below(7, "day") {
	case 0, 1:
		return one(d, "table", sources()...).daySeries(d)
	case 2, 3:
		return shift(d, d.daySeries())
	case 4:
		return choice(d, d.daySeries, cohort.Least, cohort.Greatest)
	case 5:
		return shift(d, cohort.Day(d.dayOperand()))
	default:
		return one(d, "day of the person", dateFields()...)
	}
}

func (d drawer) numberSeries() measure[cohort.NumberSeries] {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return d.shortNumber()
	}
	switch d.below(8, "number") {
	case 0, 1, 2, 3:
		return one(d, "table", sources()...).numberSeries(d)
	case 4:
		return span(d, d.daySeries(), d.daySeries())
	case 5:
		var numbers []float64
		return measure[cohort.NumberSeries]{choice(d, func() cohort.NumberSeries {
			part := d.numberSeries()
			numbers = append(numbers, part.numbers...)
			return part.value
		}, cohort.Least, cohort.Greatest), numbers}
	case 6:
		x := d.number()
		return measure[cohort.NumberSeries]{cohort.Number(x), []float64{x, x + 1}}
	default:
		return d.shortNumber()
	}
}

// shortNumber draws one about the person alone.
func (d drawer) shortNumber() measure[cohort.NumberSeries] {
	switch d.below(3, "short number") {
	case 0:
		return measure[cohort.NumberSeries]{person.AgeOn(d.dayOfAge()), lengths()}
	case 1:
		return measure[cohort.NumberSeries]{person.AgeInMonthsOn(d.dayOfAge()), lengths()}
	default:
		return measure[cohort.NumberSeries]{person.IMDDecile, numberPool()}
	}
}

func (d drawer) dayOfAge() cohort.Operand[cohort.Date] {
	if d.often("parameter") {
		return d.dayParam()
	}
	return d.day()
}

func (d drawer) textSeries() words[cohort.TextSeries] {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return one(d, "text of the person", textFields()...)
	}
	switch d.below(4, "text") {
	case 0:
		return one(d, "table", sources()...).textSeries(d)
	case 1:
		var texts []string
		return words[cohort.TextSeries]{choice(d, func() cohort.TextSeries {
			part := d.textSeries()
			texts = append(texts, part.texts...)
			return part.value
		}), texts}
	case 2:
		text := one(d, "literal", anyText()...)
		return words[cohort.TextSeries]{cohort.Text(text), append(anyText(), text)}
	default:
		return one(d, "text of the person", textFields()...)
	}
}

func (d drawer) codeSeries() coded[cohort.CodeSeries] {
	from := one(d, "coded table", codedSources()...)
	d = d.deeper()
	first := from.codeSeries(d)
	if d.leaf() || d.often("one code") {
		return first
	}
	return coded[cohort.CodeSeries]{choice(d, func() cohort.CodeSeries {
		if other := from.codeSeries(d); other.system == first.system {
			return other.value
		}
		return first.value
	}), first.system}
}

// The values below are those of persons and of rows alike.

// shift works out another day.
func shift[P cohort.Predicate[P]](d drawer, v cohort.DateValue[P]) cohort.DateValue[P] {
	year := one(d, "year", cohort.CalendarYear, cohort.FinancialYear, cohort.AcademicYear)
	switch d.below(4, "shift") {
	case 0:
		return v.Minus(d.period())
	case 1:
		return v.Plus(d.period())
	case 2:
		return v.StartOf(year)
	default:
		return v.EndOf(year)
	}
}

func span[P cohort.Predicate[P]](d drawer, from, to cohort.DateValue[P]) measure[cohort.NumberValue[P]] {
	unit := one(d, "unit", cohort.YearsBetween[P], cohort.MonthsBetween[P], cohort.DaysBetween[P])
	return measure[cohort.NumberValue[P]]{unit(from, to), lengths()}
}

// choice chooses between values of a person.
func choice[V cohort.Value[cohort.Criterion, V]](d drawer, part func() V, extremes ...func(first V, others ...V) V) V {
	return choose(d, d.criterion, part, extremes...)
}

func choose[P cohort.Predicate[P], V cohort.Value[P, V]](d drawer, when func() P, part func() V, extremes ...func(first V, others ...V) V) V {
	switch how := d.below(3+len(extremes), "choice"); how {
	case 0:
		return cohort.Coalesce(part(), part())
	case 1:
		return cohort.Case(cohort.When(when(), part()), cohort.When(when(), part()))
	case 2:
		return cohort.Case(cohort.When(when(), part()), cohort.Otherwise(part()))
	default:
		return extremes[how-3](part(), part())
	}
}

func oneOf[P cohort.Predicate[P]](d drawer, v cohort.TextValue[P], of []string) P {
	if d.below(4, "text parameter") == 3 {
		// One parameter for texts of all kinds: what none of them means by "not known".
		return v.InParam(bound(d, "texts", func() []string { return append(d.texts(anyText()), "1", "E01000001") }))
	}
	return v.In(d.texts(of)...)
}

func inList[P cohort.Predicate[P]](d drawer, v cohort.CodeValue[P], system codelist.System) P {
	if d.below(4, "list parameter") == 3 {
		return v.InParam(d.listParam(system))
	}
	return v.In(d.list(system))
}

func anyInList[P cohort.Predicate[P]](d drawer, v cohort.CodesValue[P], system codelist.System) P {
	if d.below(4, "list parameter") == 3 {
		return v.AnyInParam(d.listParam(system))
	}
	return v.AnyIn(d.list(system))
}

func (d drawer) listParam(system codelist.System) cohort.Param[*codelist.List] {
	return bound(d, cohort.Param[*codelist.List]("codes of "+string(system)), func() *codelist.List { return d.list(system) })
}
