package columnar

import (
	"math"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// interval is the values for which a comparison with something fixed is yes, days where it comes down to days.
type interval struct {
	of        tree.Value
	kind      tree.Kind
	low, high float64 // days or numbers, both included
}

// rangeOf makes an interval of a comparison, if it is one.
func rangeOf(left tree.Value, op tree.Op, right tree.Value) (interval, bool) {
	if of, when, ok := tree.DaysOf(tree.Compare{Left: left, Op: op, Right: right}); ok {
		return interval{of, tree.Date, float64(when.First), float64(when.Last)}, true
	}
	if _, ok := left.(tree.Constant); ok {
		left, right, op = right, left, op.Turned()
	}
	fixed, ok := right.(tree.Constant)
	if _, also := left.(tree.Constant); !ok || also {
		return interval{}, false
	}
	if fixed.Of != tree.Number {
		return interval{}, false
	}
	bound := fixed.Number
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
