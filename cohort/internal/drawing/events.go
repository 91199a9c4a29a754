package drawing

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// source draws what is asked about the rows of one event table.
type source interface {
	exists(d drawer) cohort.Criterion
	daySeries(d drawer) cohort.DateSeries
	numberSeries(d drawer) measure[cohort.NumberSeries]
	summary(d drawer) measure[cohort.NumberSeries]
	textSeries(d drawer) words[cohort.TextSeries]
	codeSeries(d drawer) coded[cohort.CodeSeries]
	codesSeries(d drawer) coded[cohort.CodesSeries]
}

func (s events[E]) exists(d drawer) cohort.Criterion { return s.where(d).Exists() }

func (s events[E]) daySeries(d drawer) cohort.DateSeries {
	column := one(d, "column", s.dates...)
	switch d.below(4, "day of rows") {
	case 0:
		return cohort.Latest(s.where(d), column)
	case 1:
		return cohort.Earliest(s.where(d), column)
	case 2:
		return cohort.Min(s.where(d), column)
	default:
		return cohort.Max(s.where(d), column)
	}
}

func (s events[E]) numberSeries(d drawer) measure[cohort.NumberSeries] {
	column := one(d, "column", s.numbers...)
	of := func(series cohort.NumberSeries, numbers []float64) measure[cohort.NumberSeries] {
		return measure[cohort.NumberSeries]{series, numbers}
	}
	switch d.below(8, "number of rows") {
	case 0:
		return of(cohort.Latest(s.where(d), column), numberPool())
	case 1:
		return of(cohort.Earliest(s.where(d), column), numberPool())
	case 2:
		return of(s.where(d).Count(), counts())
	case 3:
		return of(cohort.Min(s.where(d), column), numberPool())
	case 4:
		return of(cohort.Max(s.where(d), column), numberPool())
	default:
		return s.summary(d)
	}
}

// summary draws one of all that is known of a column.
func (s events[E]) summary(d drawer) measure[cohort.NumberSeries] {
	column := one(d, "column", s.numbers...)
	of := func(series cohort.NumberSeries, numbers []float64) measure[cohort.NumberSeries] {
		return measure[cohort.NumberSeries]{series, numbers}
	}
	switch d.below(4, "summary") {
	case 0:
		return of(cohort.Sum(s.where(d), column), sums())
	case 1:
		return of(cohort.Mean(s.where(d), column), sums())
	case 2:
		gap := one(d, "gap", cohort.Days(1), cohort.Months(1), cohort.Days(90), cohort.Months(3), cohort.Years(1), cohort.Days(30))
		return of(s.where(d).Episodes(gap), counts())
	default:
		return of(s.distinct(d, s.where(d)), counts())
	}
}

func (s events[E]) distinct(d drawer, rows cohort.Rows[E]) cohort.NumberSeries {
	switch kind := d.below(5, "distinct"); {
	case kind == 0 && len(s.codes) > 0:
		return cohort.CountDistinct(rows, one(d, "column", s.codes...).value)
	case kind == 1 && len(s.wide) > 0:
		return cohort.CountDistinct(rows, one(d, "column", s.wide...).value)
	case kind == 2:
		return cohort.CountDistinct(rows, one(d, "column", s.texts...).value)
	case kind == 3:
		return cohort.CountDistinct(rows, one(d, "column", s.numbers...))
	default:
		return cohort.CountDistinct(rows, one(d, "column", s.dates...))
	}
}

func (s events[E]) textSeries(d drawer) words[cohort.TextSeries] {
	column := one(d, "column", s.texts...)
	return words[cohort.TextSeries]{pick(d, s.where(d), column.value), column.texts}
}

func (s events[E]) codeSeries(d drawer) coded[cohort.CodeSeries] {
	column := one(d, "column", s.codes...)
	return coded[cohort.CodeSeries]{pick(d, s.where(d), column.value), column.system}
}

func (s events[E]) codesSeries(d drawer) coded[cohort.CodesSeries] {
	column := one(d, "column", s.wide...)
	return coded[cohort.CodesSeries]{pick(d, s.where(d), column.value), column.system}
}

func pick[E, S any](d drawer, rows cohort.Rows[E], column cohort.Column[E, S]) S {
	if d.often("latest") {
		return cohort.Latest(rows, column)
	}
	return cohort.Earliest(rows, column)
}

// where narrows the rows of the table, or leaves them as they are.
func (s events[E]) where(d drawer) cohort.Rows[E] {
	rows := s.rows
	if d.all {
		return rows
	}
	for range d.below(3, "predicates") {
		rows = rows.Where(s.predicate(d))
	}
	return rows
}

// predicate draws a question about a row.
func (s events[E]) predicate(d drawer) cohort.RowPred[E] {
	leaf := d.leaf()
	d = d.deeper()
	kinds := 9
	if leaf {
		kinds = 6
	}
	switch d.below(kinds, "row question") {
	case 0:
		return comparison(d, one(d, "column", s.dates...))
	case 1:
		if len(s.codes) > 0 {
			column := one(d, "column", s.codes...)
			return inList(d, column.value, column.system)
		}
	case 2:
		if len(s.wide) > 0 {
			column := one(d, "column", s.wide...)
			return anyInList(d, column.value, column.system)
		}
	case 3:
		return size(d, measure[cohort.NumberColumn[E]]{one(d, "column", s.numbers...), numberPool()})
	case 4:
		column := one(d, "column", s.texts...)
		return oneOf(d, column.value, column.texts)
	case 5:
		if d.often("known") {
			return s.known(d)
		}
		return cohort.InOrder(one(d, "column", s.dates...), one(d, "column", s.dates...))
	case 6:
		return combination(d, s.when(d))
	case 7:
		return comparison(d, s.day(d))
	case 8:
		return size(d, s.number(d))
	}
	return comparison(d, s.dates[0])
}

func (s events[E]) known(d drawer) cohort.RowPred[E] {
	switch kind := d.below(5, "known"); {
	case kind == 0 && len(s.codes) > 0:
		return s.code(d).value.Known()
	case kind == 1 && len(s.wide) > 0:
		return one(d, "column", s.wide...).value.Known()
	case kind == 2:
		return s.text(d).Known()
	case kind == 3:
		return s.number(d).value.Known()
	default:
		return s.day(d).Known()
	}
}

// day draws one of the row in hand.
func (s events[E]) day(d drawer) cohort.DateColumn[E] {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return one(d, "column", s.dates...)
	}
	if d.often("shift") {
		return shift(d, s.day(d))
	}
	return choose(d, s.when(d), func() cohort.DateColumn[E] { return s.day(d) }, cohort.Least, cohort.Greatest)
}

// number draws one of the row in hand.
func (s events[E]) number(d drawer) measure[cohort.NumberColumn[E]] {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return measure[cohort.NumberColumn[E]]{one(d, "column", s.numbers...), numberPool()}
	}
	switch d.below(4, "number of the row") {
	case 0:
		return span(d, s.day(d), s.day(d))
	case 1:
		age := cohort.AgeAt(one(d, "day of the person", dateFields()...), one(d, "column", s.dates...))
		return measure[cohort.NumberColumn[E]]{age, lengths()}
	case 2:
		return measure[cohort.NumberColumn[E]]{person.AgeInMonthsAt(one(d, "column", s.dates...)), lengths()}
	default:
		var numbers []float64
		return measure[cohort.NumberColumn[E]]{choose(d, s.when(d), func() cohort.NumberColumn[E] {
			part := s.number(d)
			numbers = append(numbers, part.numbers...)
			return part.value
		}, cohort.Least, cohort.Greatest), numbers}
	}
}

// text draws one of the row in hand.
func (s events[E]) text(d drawer) cohort.TextColumn[E] {
	column := func() cohort.TextColumn[E] { return one(d, "column", s.texts...).value }
	if d.leaf() {
		return column()
	}
	return choose(d, s.when(d), column)
}

// code draws one of the row in hand.
func (s events[E]) code(d drawer) coded[cohort.CodeColumn[E]] {
	first := one(d, "column", s.codes...)
	if d.leaf() {
		return first
	}
	return coded[cohort.CodeColumn[E]]{choose(d, s.when(d), func() cohort.CodeColumn[E] {
		if other := one(d, "column", s.codes...); other.system == first.system {
			return other.value
		}
		return first.value
	}), first.system}
}

// when draws the conditions of a choice in the row in hand.
func (s events[E]) when(d drawer) func() cohort.RowPred[E] {
	return func() cohort.RowPred[E] { return s.predicate(d) }
}
