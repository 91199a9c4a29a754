package cohort

import (
	"math"
	"slices"
)

// The values at which the search asks whether the answer changes.

// between returns a value between two, or false when they are next to each other.
func (s *search) between(a, b datum) (datum, bool) {
	if a.kind == DateKind {
		mid := a.date.number + (b.date.number-a.date.number)/2
		return dateDatum(Date{mid}), mid != a.date.number
	}
	grid := s.make.decimal
	low, high := math.Round(a.number*grid), math.Round(b.number*grid)
	mid := math.Floor((low + high) / 2)
	return numberDatum(mid / grid), mid > low && mid < high
}

// beside returns the value next to x.
func (s *search) beside(x datum, by int) datum {
	if x.kind == DateKind {
		return dateDatum(x.date.AddDays(by))
	}
	return numberDatum((math.Round(x.number*s.make.decimal) + float64(by)) / s.make.decimal)
}

// days are between which the answer may change: those that the plan names, and ever larger steps away.
func (s *search) days(x datum) []datum {
	probes := []datum{x, dateDatum(MustDate("1850-01-01")), dateDatum(MustDate("2150-01-01"))}
	near := []Date{x.date, s.make.ref}
	for part := range s.plan.parts {
		if v, ok := part.(value); ok {
			if d, ok := fixed(v); ok && d.kind == DateKind {
				near = append(near, d.date)
			}
		}
	}
	for _, day := range near {
		for _, by := range []int{1, 30, 365, 3000, 15000, 30000} {
			probes = append(probes, dateDatum(day.AddDays(-by)), dateDatum(day), dateDatum(day.AddDays(by)))
		}
	}
	return distinctOf(probes)
}

// numbers are between which the answer may change.
func (s *search) numbers(x datum, d draft, t *Table, column int) []datum {
	near := []datum{x}
	for part := range s.plan.parts {
		if v, ok := part.(constant); ok && v.datum.kind == NumberKind {
			near = append(near, v.datum)
		}
	}
	for _, cells := range d.rows(t) {
		if cells[column].known() {
			near = append(near, cells[column])
		}
	}
	var probes []datum
	for _, n := range near {
		for _, by := range []float64{0, 1 / s.make.decimal, 1, 10, 100, 1000} {
			probes = append(probes, numberDatum(n.number-by), numberDatum(n.number+by))
		}
	}
	for i, n := range probes {
		probes[i] = numberDatum(math.Round(n.number*s.make.decimal) / s.make.decimal)
	}
	return distinctOf(append(probes, x))
}

// names are texts or codes to exchange for others: those the step asks about, and one it does not.
func (s *search) names(t *Table, column int) (names []datum) {
	kind := t.info.Columns[column].Kind
	for part := range walk(s.plan.steps[s.step].criterion) {
		switch n := part.(type) {
		case inTextsNode:
			if kind == TextKind {
				names = append(names, s.make.texts(n, Yes)...)
				names = append(names, s.make.texts(n, No)...)
			}
		case inCodesNode:
			if system := t.info.Columns[column].System; kind == kindOf(n.value) && compatible(n.list.System(), system) {
				names = append(names, s.make.codes(n, Yes)...)
				names = append(names, s.make.codes(n, No)...)
			}
		}
	}
	return distinctOf(names)
}

func distinctOf(values []datum) []datum {
	slices.SortFunc(values, datum.compare)
	return slices.CompactFunc(values, func(a, b datum) bool { return a.compare(b) == 0 })
}
