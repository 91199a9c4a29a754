package sqlengine

import (
	"sort"
	"time"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// interval is the days from low to high; none when low is after high.
type interval struct{ low, high tree.Day }

// allDays is the whole calendar.
func allDays() interval { return interval{calendar.First, calendar.Last} }

func (i interval) and(other interval) interval {
	return interval{max(i.low, other.low), min(i.high, other.high)}
}

// days reports for which days of one value a comparison is yes, where everything else in it is the same for
// everybody: an age, a window or the year that a day falls in comes down to days that can be written into the query.
//
//nolint:ireturn // a tree is a sum type
func days(n tree.Node) (of tree.Value, when interval, ok bool) {
	switch n := n.(type) {
	case tree.Compare:
		if right, ok := n.Right.(tree.Constant); ok {
			return solve(n.Left, n.Op, right)
		}
		if left, ok := n.Left.(tree.Constant); ok {
			return solve(n.Right, turned(n.Op), left)
		}
	case tree.Between:
		low, ok1 := n.Low.(tree.Constant)
		high, ok2 := n.High.(tree.Constant)
		if !ok1 || !ok2 {
			return nil, interval{}, false
		}
		of, from, ok1 := solve(n.Value, tree.AtLeastAs, low)
		_, to, ok2 := solve(n.Value, tree.AtMost, high)
		return of, from.and(to), ok1 && ok2
	default:
	}
	return nil, interval{}, false
}

// turned is the comparison with its sides exchanged.
func turned(op tree.Op) tree.Op {
	switch op {
	case tree.Less:
		return tree.Greater
	case tree.AtMost:
		return tree.AtLeastAs
	case tree.AtLeastAs:
		return tree.AtMost
	case tree.Greater:
		return tree.Less
	case tree.Equal:
	}
	return op
}

// solve finds the days of a value for which what is worked out of it compares with a constant as op says.
//
//nolint:ireturn // a tree is a sum type
func solve(v tree.Value, op tree.Op, with tree.Constant) (of tree.Value, when interval, ok bool) {
	m, ok := monotonic(v)
	if !ok {
		return nil, interval{}, false
	}
	limit := with.Number
	if with.Of == tree.Date {
		limit = float64(with.Day)
	}
	if m.falls {
		f := m.f
		m.f, limit, op = func(d tree.Day) float64 { return -f(d) }, -limit, turned(op)
	}
	least := search(func(d tree.Day) bool { return m.f(d) >= limit })
	above := search(func(d tree.Day) bool { return m.f(d) > limit })
	switch op {
	case tree.Less:
		return m.of, interval{calendar.First, least - 1}, true
	case tree.AtMost:
		return m.of, interval{calendar.First, above - 1}, true
	case tree.Equal:
		return m.of, interval{least, above - 1}, true
	case tree.AtLeastAs:
		return m.of, interval{least, calendar.Last}, true
	case tree.Greater:
	}
	return m.of, interval{above, calendar.Last}, true
}

// search returns the first day for which a condition holds that holds for all days after it, or the day after the
// last.
func search(condition func(tree.Day) bool) tree.Day {
	const days = int(calendar.Last)
	return calendar.First + tree.Day(sort.Search(days, func(i int) bool { return condition(calendar.First + tree.Day(i)) })) //nolint:gosec // within the calendar
}

// monotone is a value worked out of a day; a later day never makes it smaller or, when it falls, greater.
type monotone struct {
	of    tree.Value
	f     func(tree.Day) float64
	falls bool
}

func monotonic(v tree.Value) (monotone, bool) {
	switch v := v.(type) {
	case tree.Constant:
		return monotone{}, false
	case tree.Shift:
		return worked(v.Of, func(d tree.Day) tree.Day { return d.Add(v.Months, v.Days) })
	case tree.Edge:
		return worked(v.Of, func(d tree.Day) tree.Day {
			if v.End {
				return d.EndOfYear(calendarMonth(v.Month))
			}
			return d.StartOfYear(calendarMonth(v.Month))
		})
	case tree.Span:
		if to, ok := v.To.(tree.Constant); ok {
			m, ok := monotonic(v.From)
			inner := m.f
			m.f, m.falls = func(d tree.Day) float64 { return completed(tree.Day(inner(d)), to.Day, v.Unit) }, true
			return m, ok
		}
		if from, ok := v.From.(tree.Constant); ok {
			m, ok := monotonic(v.To)
			inner := m.f
			m.f = func(d tree.Day) float64 { return completed(from.Day, tree.Day(inner(d)), v.Unit) }
			return m, ok
		}
		return monotone{}, false
	default:
		if tree.KindOf(v) != tree.Date {
			return monotone{}, false
		}
		return monotone{of: v, f: func(d tree.Day) float64 { return float64(d) }}, true
	}
}

// worked is a day worked out of another.
func worked(of tree.Value, f func(tree.Day) tree.Day) (monotone, bool) {
	m, ok := monotonic(of)
	inner := m.f
	m.f = func(d tree.Day) float64 { return float64(f(tree.Day(inner(d)))) }
	return m, ok
}

// completed counts units from one day to another.
func completed(from, to tree.Day, unit tree.Unit) float64 {
	switch unit {
	case tree.InMonths:
		return float64(from.Months(to))
	case tree.InYears:
		return float64(from.Years(to))
	case tree.InDays:
	}
	return float64(to - from)
}

func calendarMonth(month int) time.Month { return time.Month(month) }
