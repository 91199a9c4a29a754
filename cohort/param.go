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

// Binding is a parameter with its value, for [Definition.Bind].
type Binding struct {
	name  string
	value any // Date, float64, []string or *codelist.List, by the type of Param
}
