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

func sortedSet(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}
