package cohort

import (
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// NumberValue is a number that may be missing. Comparing a missing number gives unknown.
type NumberValue[P Predicate[P]] struct{ value value }

// DateValue is a day that may be missing. Comparing a missing day gives unknown.
type DateValue[P Predicate[P]] struct{ value value }

// TextValue is a text that may be missing. Comparing a missing text gives unknown.
type TextValue[P Predicate[P]] struct{ value value }

// CodeValue is a code of a coding system that may be missing. Looking up a missing code gives unknown.
type CodeValue[P Predicate[P]] struct{ value value }

// CodesValue is any number of codes of one coding system, such as all the diagnoses of an admission. It is
// missing when no code is known.
type CodesValue[P Predicate[P]] struct{ value value }

// A series is a value that belongs to a person: asking about it gives a [Criterion].
type (
	// NumberSeries is a number per person, such as an age or a count.
	NumberSeries = NumberValue[Criterion]
	// DateSeries is a day per person, such as the date of birth.
	DateSeries = DateValue[Criterion]
	// TextSeries is a text per person, such as the registered practice.
	TextSeries = TextValue[Criterion]
	// CodeSeries is a code per person, such as that of the latest entry of some kind.
	CodeSeries = CodeValue[Criterion]
	// CodesSeries is any number of codes per person, such as the diagnoses of the latest admission.
	CodesSeries = CodesValue[Criterion]
)

// A column is a value that belongs to a row of table E: asking about it gives a [RowPred]. Columns of
// different tables have different types, so mixing tables does not compile.
type (
	// NumberColumn is a column of numbers.
	NumberColumn[E any] = NumberValue[RowPred[E]]
	// DateColumn is a column of days.
	DateColumn[E any] = DateValue[RowPred[E]]
	// TextColumn is a column of texts.
	TextColumn[E any] = TextValue[RowPred[E]]
	// CodeColumn is a column of codes.
	CodeColumn[E any] = CodeValue[RowPred[E]]
	// CodesColumn is a column of any number of codes, from one or more source columns.
	CodesColumn[E any] = CodesValue[RowPred[E]]
)

// Operand is something a value of type T can be compared with: for days, a [Date], a parameter such as
// [Index], or a day that differs from person to person. A column is not an operand.
type Operand[T any] interface {
	operand(kind T, owner Criterion) value
}

func (d Date) operand(Date, Criterion) value { return constant{datum: dateDatum(d)} } //nolint:ireturn // a tree is a sum type

//nolint:ireturn // a tree is a sum type
func (p Param[T]) operand(T, Criterion) value {
	return constant{datum: missing(DateKind), param: string(p)}
}

//nolint:ireturn,unused // as above; the linter does not see that a generic type implements Operand
func (v DateValue[P]) operand(Date, P) value { return v.value }

// Is asks whether the number is exactly x.
func (v NumberValue[P]) Is(x float64) P { return v.compare(equal, x) }

// AtLeast asks whether the number is x or more.
func (v NumberValue[P]) AtLeast(x float64) P { return v.compare(atLeast, x) }

// AtMost asks whether the number is x or less.
func (v NumberValue[P]) AtMost(x float64) P { return v.compare(atMost, x) }

// Above asks whether the number is more than x.
func (v NumberValue[P]) Above(x float64) P { return v.compare(greater, x) }

// Below asks whether the number is less than x.
func (v NumberValue[P]) Below(x float64) P { return v.compare(less, x) }

// Between asks whether the number lies between low and high, both included.
func (v NumberValue[P]) Between(low, high float64) P {
	return wrap[P](betweenNode{v.value, constant{datum: numberDatum(low)}, constant{datum: numberDatum(high)}})
}

// Known asks whether there is a number at all.
func (v NumberValue[P]) Known() P { return wrap[P](knownNode(v)) }

func (v NumberValue[P]) compare(op operator, x float64) P {
	return wrap[P](compareNode{v.value, op, constant{datum: numberDatum(x)}})
}

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
	return wrap[P](betweenNode{v.value, beforeValue{of: end, by: period}, end})
}

// Known asks whether there is a day at all.
func (v DateValue[P]) Known() P { return wrap[P](knownNode(v)) }

func (v DateValue[P]) compare(op operator, day Operand[Date]) P {
	return wrap[P](compareNode{v.value, op, dayOperand(day)})
}

// Is asks whether the text is exactly the given one.
func (v TextValue[P]) Is(text string) P { return v.In(text) }

// In asks whether the text is one of those given.
func (v TextValue[P]) In(texts ...string) P {
	return wrap[P](inTextsNode{value: v.value, texts: sortedSet(texts)})
}

// InParam asks whether the text is one of those that the parameter brings.
func (v TextValue[P]) InParam(texts Param[[]string]) P {
	return wrap[P](inTextsNode{value: v.value, param: string(texts)})
}

// Known asks whether there is a text at all.
func (v TextValue[P]) Known() P { return wrap[P](knownNode(v)) }

// In asks whether the code is in the list.
func (v CodeValue[P]) In(list *codelist.List) P {
	return wrap[P](inCodesNode{value: v.value, list: list})
}

// InParam asks whether the code is in the list that the parameter brings.
func (v CodeValue[P]) InParam(list Param[*codelist.List]) P {
	return wrap[P](inCodesNode{value: v.value, param: string(list)})
}

// Known asks whether there is a code at all.
func (v CodeValue[P]) Known() P { return wrap[P](knownNode(v)) }

// AnyIn asks whether at least one of the codes is in the list. It is no when some code is known and none
// is in the list, and unknown when no code is known.
func (v CodesValue[P]) AnyIn(list *codelist.List) P {
	return wrap[P](inCodesNode{value: v.value, list: list})
}

// AnyInParam asks whether at least one of the codes is in the list that the parameter brings.
func (v CodesValue[P]) AnyInParam(list Param[*codelist.List]) P {
	return wrap[P](inCodesNode{value: v.value, param: string(list)})
}

// Known asks whether at least one code is known.
func (v CodesValue[P]) Known() P { return wrap[P](knownNode(v)) }

// AgeOn is the age in completed years, on a day, of someone born on another; see [Date.Age].
func AgeOn(born, on Operand[Date]) NumberSeries {
	return NumberSeries{ageValue{dayOperand(born), dayOperand(on), inYears}}
}

// AgeInMonthsOn is the age in completed months, on a day, of someone born on another; see
// [Date.AgeInMonths].
func AgeInMonthsOn(born, on Operand[Date]) NumberSeries {
	return NumberSeries{ageValue{dayOperand(born), dayOperand(on), inMonths}}
}

// dayOperand tolerates nil, which New then refuses with the step's name.
//
//nolint:ireturn // a tree is a sum type
func dayOperand(day Operand[Date]) value {
	if day == nil {
		return nil
	}
	return day.operand(Date{}, Criterion{})
}

func sortedSet(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}
