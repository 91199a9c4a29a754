package cohort

import "slices"

// Choosing between values: by conditions, or by which are known.

// Value is a number, a day, a text or a code that belongs to a person or to a row, as P says; V is its type.
type Value[P, V any] interface {
	at(owner P) value
	same(v value) V
}

// OrderedValue is a [Value] that is a number or a day.
type OrderedValue[P, V any] interface {
	Value[P, V]
	ordered()
}

// Branch is one of the values of a [Case], made by [When] or [Otherwise].
type Branch[V any] struct {
	when node // nil for Otherwise
	then value
	// of makes a value of type V; each kind of value has its own.
	of func(value) V
}

// When is the branch of a [Case] that applies when the condition is yes.
func When[P Predicate[P], V Value[P, V]](condition P, v V) Branch[V] {
	var owner P
	return Branch[V]{condition.unwrap(), v.at(owner), v.same}
}

// Otherwise is the last branch of a [Case], which applies when no other does.
func Otherwise[P Predicate[P], V Value[P, V]](v V) Branch[V] {
	var owner P
	return Branch[V]{nil, v.at(owner), v.same}
}

// Case is the value of the first branch that applies:
//
//	stage := cohort.Case(
//		cohort.When(pressure.AtLeast(180), cohort.Number(3)),
//		cohort.When(pressure.AtLeast(160), cohort.Number(2)),
//		cohort.Otherwise(cohort.Number(1)))
//
// The conditions are asked in order. When one is unknown before any is yes, nobody can tell which branch
// applies and the value is missing; write IsYes(condition) where unknown should count as no. When no
// condition is yes and there is no Otherwise, it is missing too.
func Case[V any](first Branch[V], others ...Branch[V]) V {
	v := caseValue{}
	for i, b := range slices.Concat([]Branch[V]{first}, others) {
		if b.when == nil && i > 0 && i == len(others) {
			v.otherwise = b.then
			break
		}
		v.branches = append(v.branches, branch{b.when, b.then})
	}
	if first.of == nil { // no When made it, which New says
		var none V
		return none
	}
	return first.of(v)
}

// Coalesce is the first of the values that is known, in the order given; missing when none is.
func Coalesce[P Predicate[P], V Value[P, V]](first V, others ...V) V {
	return choose[P](firstKnown, first, others)
}

// Least is the smallest of the numbers, or the first of the days, that are known; missing when none is.
func Least[P Predicate[P], V OrderedValue[P, V]](first V, others ...V) V {
	return choose[P](least, first, others)
}

// Greatest is the largest of the numbers, or the last of the days, that are known; missing when none is.
func Greatest[P Predicate[P], V OrderedValue[P, V]](first V, others ...V) V {
	return choose[P](greatest, first, others)
}

// Number is a given number as a series, for use in [Case] and [Coalesce].
func Number(x float64) NumberSeries { return NumberSeries{constant{datum: numberDatum(x)}} }

// Text is a given text as a series, for use in [Case] and [Coalesce].
func Text(text string) TextSeries { return TextSeries{constant{datum: textDatum(TextKind, text)}} }

func choose[P any, V Value[P, V]](how choice, first V, others []V) V {
	var owner P
	of := []value{first.at(owner)}
	for _, v := range others {
		of = append(of, v.at(owner))
	}
	return first.same(chosenValue{of, how})
}

// branch decides which value applies. It asks every condition, so that an explanation shows them all.
func (e evaluator) branch(v caseValue, r row) datum {
	decided := No
	chosen := missing(kindOf(v))
	for _, b := range v.branches {
		verdict, then := e.verdict(b.when, r), e.value(b.then, r)
		if decided == No && verdict == Yes {
			chosen = then
		}
		if decided == No {
			decided = verdict
		}
	}
	if v.otherwise != nil {
		if otherwise := e.value(v.otherwise, r); decided == No {
			chosen = otherwise
		}
	}
	return chosen
}

// chosen reads every value and chooses between those that are known.
func (e evaluator) chosen(v chosenValue, r row) datum {
	var known []datum
	for _, each := range v.of {
		if d := e.value(each, r); d.known() {
			known = append(known, d)
		}
	}
	switch {
	case len(known) == 0:
		return missing(kindOf(v))
	case v.how == least:
		return slices.MinFunc(known, datum.compare)
	case v.how == greatest:
		return slices.MaxFunc(known, datum.compare)
	default:
		return known[0]
	}
}

func (NumberValue[P]) same(v value) NumberValue[P] { return NumberValue[P]{v} }
func (DateValue[P]) same(v value) DateValue[P]     { return DateValue[P]{v} }
func (TextValue[P]) same(v value) TextValue[P]     { return TextValue[P]{v} }
func (CodeValue[P]) same(v value) CodeValue[P]     { return CodeValue[P]{v} }
