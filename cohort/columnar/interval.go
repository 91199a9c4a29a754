package columnar

import (
	"math"
	"sort"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// interval is the values for which a comparison with something fixed is yes. A day that is counted from or moved, as an
// age is, never turns back when the day goes on: so the days for which such a comparison is yes are an interval too.
type interval struct {
	of        tree.Value
	kind      tree.Kind
	low, high float64 // days or numbers, both included
}

// rangeOf makes an interval of a comparison, if it is one.
func rangeOf(left tree.Value, op tree.Op, right tree.Value) (interval, bool) {
	if _, ok := left.(tree.Constant); ok {
		left, right, op = right, left, turned(op)
	}
	fixed, ok := right.(tree.Constant)
	if _, also := left.(tree.Constant); !ok || also {
		return interval{}, false
	}
	bound := fixed.Number
	switch fixed.Of {
	case tree.Number:
	case tree.Date:
		bound = float64(fixed.Day)
	case tree.Text, tree.Code, tree.Codes:
		return interval{}, false
	}
	if l := ladderOf(left); tree.KindOf(l.of) == tree.Date {
		low, high := l.days(op, bound)
		return interval{l.of, tree.Date, float64(low), float64(high)}, true
	}
	low, high := math.Inf(-1), math.Inf(1)
	switch op {
	case tree.Less:
		high = math.Nextafter(bound, math.Inf(-1))
	case tree.AtMost:
		high = bound
	case tree.Equal:
		low, high = bound, bound
	case tree.AtLeastAs:
		low = bound
	case tree.Greater:
		low = math.Nextafter(bound, math.Inf(1))
	}
	return interval{left, tree.Number, low, high}, true
}

// and is what lies in both.
func (r interval) and(other interval) interval {
	r.low, r.high = max(r.low, other.low), min(r.high, other.high)
	return r
}

//nolint:ireturn // one of two
func (r interval) question(of series) question {
	if r.kind == tree.Number {
		return &numberRange{of: of, low: r.low, high: r.high}
	}
	if r.low > r.high {
		return &dayRange{of: of, low: -1, high: -1} // no day
	}
	return &dayRange{of: of, low: tree.Day(r.low), high: tree.Day(r.high)}
}

// turned is the comparison read from the right.
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

// ladder is what is worked out from a day: it only rises, or only falls, as the day goes on.
type ladder struct {
	of    tree.Value
	falls bool
	at    func(tree.Day) float64
}

// ladderOf finds the day that a value is worked out from; any other value is worked out from itself.
func ladderOf(v tree.Value) ladder {
	of, day := dayOf(v)
	l := ladder{of: of, at: func(d tree.Day) float64 { return float64(day(d)) }}
	s, ok := v.(tree.Span)
	if !ok {
		return l
	}
	if to, ok := s.To.(tree.Constant); ok {
		of, day := dayOf(s.From)
		return ladder{of, true, func(d tree.Day) float64 { return float64(count(s.Unit, day(d), to.Day)) }}
	}
	if from, ok := s.From.(tree.Constant); ok {
		of, day := dayOf(s.To)
		return ladder{of, false, func(d tree.Day) float64 { return float64(count(s.Unit, from.Day, day(d))) }}
	}
	return l
}

// dayOf finds the day that a day is moved from.
//
//nolint:ireturn // a tree is a sum type
func dayOf(v tree.Value) (of tree.Value, by func(tree.Day) tree.Day) {
	switch m := v.(type) {
	case tree.Shift:
		of, before := dayOf(m.Of)
		by := shifted(m)
		return of, func(d tree.Day) tree.Day { return by(before(d)) }
	case tree.Edge:
		of, before := dayOf(m.Of)
		by := edged(m)
		return of, func(d tree.Day) tree.Day { return by(before(d)) }
	default:
		return v, func(d tree.Day) tree.Day { return d }
	}
}

// days are the days, from the first to the last, for which a comparison is yes.
func (l ladder) days(op tree.Op, bound float64) (low, high tree.Day) {
	low, high = calendar.First, calendar.Last
	narrow := func(upper bool, is func(x float64) bool) {
		if upper != l.falls { // yes from some day on
			low = calendar.First + find(func(d tree.Day) bool { return is(l.at(d)) })
		} else {
			high = calendar.First + find(func(d tree.Day) bool { return !is(l.at(d)) }) - 1
		}
	}
	switch op {
	case tree.Less:
		narrow(false, func(x float64) bool { return x < bound })
	case tree.AtMost:
		narrow(false, func(x float64) bool { return x <= bound })
	case tree.Equal:
		narrow(false, func(x float64) bool { return x <= bound })
		narrow(true, func(x float64) bool { return x >= bound })
	case tree.AtLeastAs:
		narrow(true, func(x float64) bool { return x >= bound })
	case tree.Greater:
		narrow(true, func(x float64) bool { return x > bound })
	}
	return low, high
}

// find returns how many days of the calendar come before the first that is.
func find(is func(tree.Day) bool) tree.Day {
	n := int(calendar.Last)
	return tree.Day(sort.Search(n, func(i int) bool { return is(calendar.First + tree.Day(i)) })) //nolint:gosec // within the calendar
}
