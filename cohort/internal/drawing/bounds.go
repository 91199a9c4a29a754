package drawing

import (
	"iter"
	"math"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// bounds are the values that occur in some plans, and how far they reach from other values.
type bounds struct {
	days    []calendar.Day
	numbers []float64
	texts   []string
	codes   map[codelist.System][]string
	periods []period
}

type period struct{ months, days int }

// boundsOf collects what plans compare with.
func boundsOf(plans []*tree.Plan) *bounds {
	b := &bounds{codes: map[codelist.System][]string{}}
	for _, plan := range plans {
		for _, step := range plan.Steps {
			for part := range Parts(step.Criterion) {
				b.add(part)
			}
		}
	}
	return b
}

func (b *bounds) add(part any) {
	switch part := part.(type) {
	case tree.Constant:
		switch part.Of {
		case tree.Date:
			b.days = append(b.days, part.Day)
		case tree.Number:
			b.numbers = append(b.numbers, part.Number)
		case tree.Text, tree.Code, tree.Codes:
			b.texts = append(b.texts, part.Text)
		}
	case tree.InTexts:
		b.texts = append(b.texts, part.Texts...)
	case tree.InCodes:
		system := part.List.System()
		for code := range part.List.Exact() {
			b.codes[system] = append(b.codes[system], code)
		}
		for from, before := range part.List.Ranges() {
			b.codes[system] = append(b.codes[system], from, before, from+"0")
		}
	case tree.Compare:
		b.reach(part.Left, part.Right)
		b.reach(part.Right, part.Left)
	case tree.Between:
		b.reach(part.Value, part.Low, part.High)
	case tree.Shift:
		b.periods = append(b.periods, period{part.Months, part.Days}, period{-part.Months, -part.Days})
	case tree.Episodes:
		b.periods = append(b.periods, period{part.Months, part.Days}, period{-part.Months, -part.Days})
	}
}

// reach notes the lengths of time that a value is compared with.
func (b *bounds) reach(value tree.Value, with ...tree.Value) {
	for part := range all(value) {
		span, ok := part.(tree.Span)
		for i := 0; ok && i < len(with); i++ {
			for other := range all(with[i]) {
				if constant, ok := other.(tree.Constant); ok && math.Abs(constant.Number) < 1000 {
					b.length(span.Unit, int(constant.Number))
				}
			}
		}
	}
}

func (b *bounds) length(unit tree.Unit, n int) {
	length := map[tree.Unit]period{tree.InYears: {12 * n, 0}, tree.InMonths: {n, 0}, tree.InDays: {0, n}}[unit]
	b.periods = append(b.periods, length, period{-length.months, -length.days})
}

// Parts yields questions, and every question, value and set of rows that lies in them; rows that are asked about in
// several places come as often.
func Parts(of ...tree.Node) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, node := range of {
			if !eachPart(node, yield) {
				return
			}
		}
	}
}

// all yields a part and what lies in it.
func all(part any) iter.Seq[any] {
	return func(yield func(any) bool) { eachPart(part, yield) }
}

// eachPart reports whether to go on.
func eachPart(part any, yield func(any) bool) bool {
	if part == nil {
		return true
	}
	if !yield(part) {
		return false
	}
	for _, inner := range tree.Parts(part) {
		if !eachPart(inner, yield) {
			return false
		}
	}
	return true
}
