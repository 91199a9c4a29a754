package caas

import (
	"math"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// limit reads a limit of days.
func (x *exporter) limit(n treeNode, t table, e *eventsTree) bool {
	if !n.Value.column(t.name, t.date) {
		return false
	}
	from := func(v *treeValue) bool {
		return x.end(v, 0, &e.dates.RelativeEarliestTime, &e.dates.FixedEarliestDate, e, true)
	}
	to := func(v *treeValue) bool {
		if x.isReference(v) {
			e.open = false
			return true
		}
		return x.end(v, 0, &e.dates.RelativeLatestTime, &e.dates.FixedLatestDate, e, false)
	}
	switch n.Op {
	case "between":
		low := n.Low
		if low.Is == "before" && low.Months > 0 && low.Days == 0 && x.isReference(low.Of) && x.isReference(n.High) && e.dates.WithinLastMonths == nil {
			e.dates.WithinLastMonths, e.open = new(low.Months), false
			return true
		}
		return from(low) && to(n.High)
	case "<=":
		return to(n.To)
	case ">=":
		return from(n.To)
	case "<":
		return x.end(n.To, -1, nil, &e.dates.FixedLatestDate, e, false)
	case ">":
		return x.end(n.To, 1, nil, &e.dates.FixedEarliestDate, e, true)
	default:
		return false
	}
}

// end reads one end of a window, so many days after a given day: relative to the
// reference where that can be written, or fixed.
func (x *exporter) end(v *treeValue, shift int, relative **int, fixed **string, e *eventsTree, earliest bool) bool {
	n, isRelative := x.relativeTime(v)
	if isRelative && relative != nil && *relative == nil {
		*relative = &n
		if !earliest {
			e.open = e.open && !x.notAfter(v)
		}
		return true
	}
	day, ok := x.dayOf(v)
	if !ok {
		return false
	}
	e.fixed = e.fixed || v.Is != "date" || v.Param != ""
	day = day.AddDays(shift)
	if *fixed != nil {
		known, err := cohort.ParseDate(**fixed)
		if err != nil {
			return false
		}
		if (known.Compare(day) > 0) == earliest {
			day = known
		}
	}
	*fixed = new(day.String())
	if !earliest && day.Compare(x.reference) <= 0 {
		e.open = false
	}
	return true
}

// notAfter reports whether a day is the reference or before it.
func (x *exporter) notAfter(v *treeValue) bool {
	day, ok := x.dayOf(v)
	return ok && day.Compare(x.reference) <= 0
}

// relativeTime writes a day counted from the reference in the unit agreed.
func (x *exporter) relativeTime(v *treeValue) (int, bool) {
	if v == nil || v.Is != "before" && v.Is != "after" || !x.isReference(v.Of) {
		if x.unit != "" && x.isReference(v) {
			return 0, true
		}
		return 0, false
	}
	n, other := v.Months, v.Days
	if x.unit == DaysBefore || x.unit == DaysAfter {
		n, other = v.Days, v.Months
	}
	if x.unit == "" || other != 0 {
		return 0, false
	}
	if (v.Is == "before") != (x.unit == DaysBefore || x.unit == MonthsBefore) {
		n = -n
	}
	return n, true
}

// dayOf works out a day that is the same for everybody.
func (x *exporter) dayOf(v *treeValue) (cohort.Date, bool) {
	if day, _, ok := v.day(); ok {
		return day, true
	}
	if v == nil || v.Is != "before" && v.Is != "after" {
		return cohort.Date{}, false
	}
	of, ok := x.dayOf(v.Of)
	if v.Is == "before" {
		return of.AddMonths(-v.Months).AddDays(-v.Days), ok
	}
	return of.AddMonths(v.Months).AddDays(v.Days), ok
}

// bands reads a question about the age on the reference: one band, or any of several.
func (x *exporter) bands(n treeNode) ([]band, bool) {
	n = bare(n)
	if n.Op == "any" {
		var out []band
		for _, part := range n.Of {
			b, ok := x.band(bare(part))
			if !ok {
				return nil, false
			}
			out = append(out, b)
		}
		return out, len(out) > 0
	}
	b, ok := x.band(n)
	return []band{b}, ok
}

func (x *exporter) band(n treeNode) (band, bool) {
	switch n.Op {
	case "all":
		var out band
		for _, part := range n.Of {
			b, ok := x.band(bare(part))
			if !ok {
				return band{}, false
			}
			out.least = max(out.least, b.least)
			if b.below > 0 && (out.below == 0 || b.below < out.below) {
				out.below = b.below
			}
		}
		return out, out.possible()
	case "between":
		low, ok1 := x.months(n.Value, n.Low, math.Ceil)
		high, ok2 := x.months(n.Value, n.High, above)
		out := band{low, high}
		return out, ok1 && ok2 && out.possible() && low > 0
	case ">=":
		least, ok := x.months(n.Value, n.To, math.Ceil)
		return band{least: least}, ok && least > 0
	case ">":
		least, ok := x.months(n.Value, n.To, above)
		return band{least: least}, ok && least > 0
	case "<":
		below, ok := x.months(n.Value, n.To, math.Ceil)
		return band{below: below}, ok && below > 0
	case "<=":
		below, ok := x.months(n.Value, n.To, above)
		return band{below: below}, ok && below > 0
	default:
		return band{}, false
	}
}

// above is the least whole number above a number.
func above(f float64) float64 { return math.Floor(f) + 1 }

// months reads an age on the reference that is compared with a number, rounded to a
// whole one. Twelve completed months are one completed year.
func (x *exporter) months(age, to *treeValue, round func(float64) float64) (int, bool) {
	if age == nil || to == nil || to.Number == nil || math.Abs(*to.Number) > 1e6 {
		return 0, false
	}
	born := age.Born != nil && age.Born.column(person.Table().Name(), "date_of_birth")
	if !born || !x.isReference(age.On) {
		return 0, false
	}
	n := int(round(*to.Number))
	switch age.Is {
	case "ageInMonths":
		return n, true
	case "age":
		return 12 * n, true
	default:
		return 0, false
	}
}

func (b band) possible() bool { return !b.none() && (b.below == 0 || b.least < b.below) }

// constraint writes a band in the published form.
func (b band) constraint() PatientAgeConstraint {
	return PatientAgeConstraint{MinMonths: &b.least, MaxMonths: &b.below}
}
