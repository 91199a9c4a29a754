package cohort

// The questions about days, and the days and lengths of time that are worked out from others.

// On asks whether the day is the given day.
func (v DateValue[P]) On(day Operand[Date]) P { return v.compare(equal, day) }

// Before asks whether the day is earlier than the given day.
func (v DateValue[P]) Before(day Operand[Date]) P { return v.compare(less, day) }

// NotAfter asks whether the day is the given day or earlier.
func (v DateValue[P]) NotAfter(day Operand[Date]) P { return v.compare(atMost, day) }

// NotBefore asks whether the day is the given day or later.
func (v DateValue[P]) NotBefore(day Operand[Date]) P { return v.compare(atLeast, day) }

// After asks whether the day is later than the given day.
func (v DateValue[P]) After(day Operand[Date]) P { return v.compare(greater, day) }

// Within asks whether the day lies in the period that ends on the given day, both ends included: with
// Years(1) and 2025-06-01, from 2024-06-01 to 2025-06-01.
func (v DateValue[P]) Within(period Period, upTo Operand[Date]) P {
	end := dayOperand(upTo)
	return wrap[P](betweenNode{v.value, shiftValue{of: end, by: period}, end})
}

// WithinAfter asks whether the day lies in the period that begins on the given day, both ends included:
// with Days(30) and 2025-06-01, from 2025-06-01 to 2025-07-01.
func (v DateValue[P]) WithinAfter(period Period, from Operand[Date]) P {
	begin := dayOperand(from)
	return wrap[P](betweenNode{v.value, begin, shiftValue{of: begin, by: period, later: true}})
}

// Between asks whether the day is one from the first given day to the last, both included. One known end
// can settle that it is not.
func (v DateValue[P]) Between(from, to Operand[Date]) P {
	return wrap[P](betweenNode{v.value, dayOperand(from), dayOperand(to)})
}

// Known asks whether there is a day at all.
func (v DateValue[P]) Known() P { return wrap[P](knownNode(v)) }

func (v DateValue[P]) compare(op operator, day Operand[Date]) P {
	return wrap[P](compareNode{v.value, op, dayOperand(day)})
}

// Day is a given day, or a parameter such as [Index], as a series, for what only a series has:
//
//	cohort.Day(cohort.Index).Minus(cohort.Years(5))
//	cohort.DaysBetween(person.DateOfDeath, cohort.Day(cohort.Index))
func Day(day Operand[Date]) DateSeries { return DateSeries{dayOperand(day)} }

// Plus is the day that lies a period after this one; months are added by the rule of [Date.AddMonths].
func (v DateValue[P]) Plus(period Period) DateValue[P] {
	return DateValue[P]{shiftValue{of: v.value, by: period, later: true}}
}

// Minus is the day that lies a period before this one; months are taken away by the rule of
// [Date.AddMonths].
func (v DateValue[P]) Minus(period Period) DateValue[P] {
	return DateValue[P]{shiftValue{of: v.value, by: period}}
}

// StartOf is the first day of the year that the day falls in.
func (v DateValue[P]) StartOf(year Year) DateValue[P] {
	return DateValue[P]{edgeValue{of: v.value, year: year}}
}

// EndOf is the last day of the year that the day falls in.
func (v DateValue[P]) EndOf(year Year) DateValue[P] {
	return DateValue[P]{edgeValue{of: v.value, year: year, end: true}}
}

// InOrder asks whether the first day is not after the second, both in one row: with the day of admission and
// the day of discharge, whether the discharge is not before the admission. To compare days of a person use
// the methods of [DateSeries], and for more than the order [DaysBetween].
func InOrder[E any](first, second DateColumn[E]) RowPred[E] {
	return RowPred[E]{compareNode{first.value, atMost, second.value}}
}

// DaysBetween is the number of days from one day to another, both of a person or both in one row: 0 when
// they are the same, negative when the second is earlier, missing when either is.
func DaysBetween[P Predicate[P]](from, to DateValue[P]) NumberValue[P] {
	return NumberValue[P]{spanValue{from: from.value, to: to.value, unit: inDays}}
}

// MonthsBetween is the number of months completed from one day to another, both of a person or both in one
// row, counted like an age: see [Date.AgeInMonths]. It is negative when the second day is earlier, and
// rounded down: from a day to the day before it is -1.
func MonthsBetween[P Predicate[P]](from, to DateValue[P]) NumberValue[P] {
	return NumberValue[P]{spanValue{from: from.value, to: to.value, unit: inMonths}}
}

// YearsBetween is the number of years completed from one day to another, both of a person or both in one
// row, counted like an age: see [Date.Age]. It is negative when the second day is earlier, and rounded down:
// from a day to the day before it is -1.
func YearsBetween[P Predicate[P]](from, to DateValue[P]) NumberValue[P] {
	return NumberValue[P]{spanValue{from: from.value, to: to.value, unit: inYears}}
}

// AgeOn is the age in completed years, on a day, of someone born on another; see [Date.Age].
func AgeOn(born, on Operand[Date]) NumberSeries {
	return NumberSeries{spanValue{dayOperand(born), dayOperand(on), inYears, true}}
}

// AgeInMonthsOn is the age in completed months, on a day, of someone born on another; see
// [Date.AgeInMonths].
func AgeInMonthsOn(born, on Operand[Date]) NumberSeries {
	return NumberSeries{spanValue{dayOperand(born), dayOperand(on), inMonths, true}}
}

// AgeAt is the age in completed years, on the day of a row, of someone born on the given day:
// rows.Where(cohort.AgeAt(person.DateOfBirth, day).Between(10, 19)). See [Date.Age].
func AgeAt[E any](born Operand[Date], on DateColumn[E]) NumberColumn[E] {
	return NumberColumn[E]{spanValue{dayOperand(born), on.value, inYears, true}}
}

// AgeInMonthsAt is the age in completed months, on the day of a row, of someone born on the given day; see
// [Date.AgeInMonths].
func AgeInMonthsAt[E any](born Operand[Date], on DateColumn[E]) NumberColumn[E] {
	return NumberColumn[E]{spanValue{dayOperand(born), on.value, inMonths, true}}
}

// day works out the day for the one it is counted from; no date for no date.
func (v shiftValue) day(of Date) Date {
	if v.later {
		return v.by.after(of)
	}
	return v.by.before(of)
}

// day works out the day for one of the year; no date for no date.
func (v edgeValue) day(of Date) Date {
	if v.end {
		return of.EndOf(v.year)
	}
	return of.StartOf(v.year)
}

// count counts completed units between two dates.
func (v spanValue) count(from, to Date) int {
	switch v.unit {
	case inMonths:
		return from.AgeInMonths(to)
	case inYears:
		return from.Age(to)
	case inDays:
	}
	return int(to.number - from.number)
}
