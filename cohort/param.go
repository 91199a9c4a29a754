package cohort

import "github.com/personalised-prevention/nhs/cohort/codelist"

// Param is a parameter of a definition, known by its name: Param[Date]("start") is a day that [Definition.Bind]
// must be given with "start".Is(day). There are parameters for days, for numbers, for sets of texts and for
// code lists.
type Param[T Date | float64 | []string | *codelist.List] string

// Index is the index date, the day as at which a definition is asked.
const Index Param[Date] = "index"

// Is gives the parameter its value.
func (p Param[T]) Is(value T) Binding { return Binding{name: string(p), value: value} }

// Series is a value of type T that differs from person to person: a [DateSeries] is a Series[Date] and a
// [NumberSeries] a Series[float64].
type Series[T any] interface {
	each(kind T, owner Criterion) value
}

// IsEach gives the parameter a value of each person's own, such as the day of their first diagnosis:
//
//	plan, err := definition.Bind(cohort.Index.IsEach(cohort.Earliest(diagnoses, gpes.Date)))
//
// A criterion written with [Index] is so asked at the person's own date. Where the series is missing,
// whatever is compared with it is unknown; a step that can be unknown because of that must say IfUnknown,
// or Bind refuses. Rows compared with a missing value do not count, so that "no event since the index" is
// true of a person without an index: include only those who have one, with a step that asks Known.
//
// The series may have parameters of its own. They need a value in the same Bind, given with Is.
func (p Param[T]) IsEach(series Series[T]) Binding {
	each := eachValue{param: string(p)}
	if series != nil {
		var kind T
		each.of = series.each(kind, Criterion{})
	}
	return Binding{name: string(p), value: each}
}

// Binding is a parameter with its value, for [Definition.Bind].
type Binding struct {
	name  string
	value any // Date, float64, []string or *codelist.List, by the type of Param, or eachValue
}
