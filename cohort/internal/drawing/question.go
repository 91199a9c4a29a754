package drawing

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
)

// criterion draws a question about a person.
func (d drawer) criterion() cohort.Criterion {
	leaf := d.leaf()
	d = d.deeper()
	if leaf {
		return d.shortCriterion()
	}
	switch d.below(12, "question") {
	case 0, 1:
		return combination(d, d.criterion)
	case 2:
		return comparison(d, d.daySeries())
	case 3, 4:
		return size(d, d.numberSeries())
	case 5:
		text := d.textSeries()
		return oneOf(d, text.value, text.texts)
	case 6, 7:
		return one(d, "table", sources()...).exists(d)
	case 8:
		code := d.codeSeries()
		return inList(d, code.value, code.system)
	case 9:
		codes := one(d, "several codes", wideSources()...).codesSeries(d)
		return anyInList(d, codes.value, codes.system)
	case 10:
		d.names++
		return cohort.Define(fmt.Sprintf("drawn-%d", d.names), "1", d.criterion())
	default:
		return d.known()
	}
}

// shortCriterion draws one about a field of the person.
func (d drawer) shortCriterion() cohort.Criterion {
	switch d.below(4, "short question") {
	case 0:
		return comparison(d, one(d, "day of the person", dateFields()...))
	case 1:
		text := one(d, "text of the person", textFields()...)
		return oneOf(d, text.value, text.texts)
	case 2:
		return size(d, d.numberSeries())
	default:
		return one(d, "table", sources()...).exists(d)
	}
}

func (d drawer) known() cohort.Criterion {
	switch d.below(5, "known") {
	case 0:
		return d.daySeries().Known()
	case 1:
		return d.numberSeries().value.Known()
	case 2:
		return d.textSeries().value.Known()
	case 3:
		return d.codeSeries().value.Known()
	default:
		return one(d, "several codes", wideSources()...).codesSeries(d).value.Known()
	}
}

// The questions below are about persons and about rows alike.

func combination[P cohort.Predicate[P]](d drawer, part func() P) P {
	parts := []P{part()}
	for range d.below(3, "more parts") {
		parts = append(parts, part())
	}
	switch d.below(6, "combination") {
	case 0:
		return cohort.All(parts...)
	case 1:
		return cohort.Any(parts...)
	case 2:
		return cohort.Not(cohort.All(parts...))
	case 3:
		return cohort.AtLeast(1+d.below(len(parts), "at least"), parts...)
	case 4:
		return cohort.IsYes(cohort.Any(parts...))
	default:
		return cohort.IsUnknown(cohort.All(parts...))
	}
}

func comparison[P cohort.Predicate[P]](d drawer, v cohort.DateValue[P]) P {
	switch d.below(11, "comparison") {
	case 0:
		return v.NotAfter(d.dayOperand())
	case 1:
		return v.Before(d.dayOperand())
	case 2:
		return v.NotBefore(d.dayOperand())
	case 3:
		return v.After(d.dayOperand())
	case 4:
		return v.On(d.dayOperand())
	case 5, 6:
		return v.Within(d.period(), d.dayOperand())
	case 7:
		return v.WithinAfter(d.period(), d.dayOperand())
	case 8:
		low, high := d.day(), d.day()
		if low.Compare(high) > 0 {
			low, high = high, low
		}
		return v.Between(low, high)
	default:
		return v.Between(one(d, "day of the person", dateFields()...), d.dayOperand())
	}
}

func (d drawer) dayOperand() cohort.Operand[cohort.Date] {
	switch d.below(4, "operand") {
	case 0:
		return d.day()
	case 1:
		return d.dayParam()
	default:
		return d.daySeries()
	}
}

// size asks how large a number is.
func size[P cohort.Predicate[P]](d drawer, of measure[cohort.NumberValue[P]]) P {
	v := of.value
	if !d.leaf() && d.below(4, "against a value") == 3 {
		return sizeByValue(d, v)
	}
	x := one(d, "number", of.numbers...)
	switch d.below(6, "size") {
	case 0:
		return v.AtLeast(x)
	case 1:
		return v.Above(x)
	case 2:
		return v.AtMost(x)
	case 3:
		return v.Below(x)
	case 4:
		return v.Is(x)
	default:
		return v.Between(x, x+one(d, "width", 0.0, 1, 50))
	}
}

// sizeByValue compares with a parameter, or with a number of the person.
func sizeByValue[P cohort.Predicate[P]](d drawer, v cohort.NumberValue[P]) P {
	switch d.below(6, "size by value") {
	case 0:
		return v.AtLeastValue(d.numberOperand())
	case 1:
		return v.AboveValue(d.numberOperand())
	case 2:
		return v.AtMostValue(d.numberOperand())
	case 3:
		return v.BelowValue(d.numberOperand())
	case 4:
		return v.IsValue(d.numberOperand())
	default:
		return v.BetweenValues(d.numberSeries().value, d.numberOperand())
	}
}

func (d drawer) numberOperand() cohort.Operand[float64] {
	if d.often("parameter") {
		return d.numberParam()
	}
	return d.numberSeries().value
}
