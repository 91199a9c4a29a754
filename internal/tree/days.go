package tree

import (
	"time"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Interval is the days from First to Last; none when First is after Last.
type Interval struct{ First, Last Day }

// AllDays is the whole calendar.
func AllDays() Interval { return Interval{calendar.First, calendar.Last} }

// And is the days of both.
func (i Interval) And(other Interval) Interval {
	return Interval{max(i.First, other.First), min(i.Last, other.Last)}
}

// DaysOf reports for which days of one value a comparison is yes, where everything else in it is the same for
// everybody: an age, a window or the year that a day falls in comes down to days, because what is worked out of a day
// never turns back when the day goes on.
//
//nolint:ireturn // a tree is a sum type
func DaysOf(n Node) (of Value, when Interval, ok bool) {
	switch n := n.(type) {
	case Compare:
		if right, ok := n.Right.(Constant); ok {
			return solve(n.Left, n.Op, right)
		}
		if left, ok := n.Left.(Constant); ok {
			return solve(n.Right, n.Op.Turned(), left)
		}
	case Between:
		low, ok1 := n.Low.(Constant)
		high, ok2 := n.High.(Constant)
		if !ok1 || !ok2 {
			return nil, Interval{}, false
		}
		of, from, ok1 := solve(n.Value, AtLeastAs, low)
		_, to, ok2 := solve(n.Value, AtMost, high)
		return of, from.And(to), ok1 && ok2
	default:
	}
	return nil, Interval{}, false
}

// Turned is the comparison with its sides exchanged.
func (op Op) Turned() Op {
	switch op {
	case Less:
		return Greater
	case AtMost:
		return AtLeastAs
	case AtLeastAs:
		return AtMost
	case Greater:
		return Less
	case Equal:
	}
	return op
}

// Apply moves a day; no day for no day.
func (v Shift) Apply(d Day) Day { return d.Add(v.Months, v.Days) }

// Apply gives the first or the last day of the year of a day; no day for no day.
func (v Edge) Apply(d Day) Day {
	if v.End {
		return d.EndOfYear(time.Month(v.Month))
	}
	return d.StartOfYear(time.Month(v.Month))
}

// Count counts completed units from one day to another.
func (u Unit) Count(from, to Day) int {
	switch u {
	case InMonths:
		return from.Months(to)
	case InYears:
		return from.Years(to)
	case InDays:
	}
	return int(to - from)
}

// solve finds the days of a value for which what is worked out of it compares with a constant as op says.
//
//nolint:ireturn // a tree is a sum type
func solve(v Value, op Op, with Constant) (of Value, when Interval, ok bool) {
	m, ok := monotonic(v)
	if !ok {
		return nil, Interval{}, false
	}
	limit := with.Number
	if with.Of == Date {
		limit = float64(with.Day)
	}
	if m.falls {
		f := m.f
		m.f, limit, op = func(d Day) float64 { return -f(d) }, -limit, op.Turned()
	}
	least := calendar.Search(func(d Day) bool { return m.f(d) >= limit })
	above := calendar.Search(func(d Day) bool { return m.f(d) > limit })
	switch op {
	case Less:
		return m.of, Interval{calendar.First, least - 1}, true
	case AtMost:
		return m.of, Interval{calendar.First, above - 1}, true
	case Equal:
		return m.of, Interval{least, above - 1}, true
	case AtLeastAs:
		return m.of, Interval{least, calendar.Last}, true
	case Greater:
	}
	return m.of, Interval{above, calendar.Last}, true
}

// monotone is a value worked out of a day; a later day never makes it smaller or, when it falls, greater.
type monotone struct {
	of    Value
	f     func(Day) float64
	falls bool
}

func monotonic(v Value) (monotone, bool) {
	switch v := v.(type) {
	case Constant:
		return monotone{}, false
	case Shift:
		return worked(v.Of, v.Apply)
	case Edge:
		return worked(v.Of, v.Apply)
	case Span:
		if to, ok := v.To.(Constant); ok {
			m, ok := monotonic(v.From)
			inner := m.f
			m.f, m.falls = func(d Day) float64 { return float64(v.Unit.Count(Day(inner(d)), to.Day)) }, true
			return m, ok
		}
		if from, ok := v.From.(Constant); ok {
			m, ok := monotonic(v.To)
			inner := m.f
			m.f = func(d Day) float64 { return float64(v.Unit.Count(from.Day, Day(inner(d)))) }
			return m, ok
		}
		return monotone{}, false
	default:
		if KindOf(v) != Date {
			return monotone{}, false
		}
		return monotone{of: v, f: func(d Day) float64 { return float64(d) }}, true
	}
}

// worked is a day worked out of another.
func worked(of Value, f func(Day) Day) (monotone, bool) {
	m, ok := monotonic(of)
	inner := m.f
	m.f = func(d Day) float64 { return float64(f(Day(inner(d)))) }
	return m, ok
}
