package cohort

import (
	"math"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// domain is the set of what a value can be.
type domain struct {
	absent bool             // it is missing
	known  bool             // it is not
	ranges []interval       // of a number or a day; nil is all
	texts  []string         // of a text: all it can be; nil is all
	not    []string         // of a text: what it cannot be
	in     []*codelist.List // of one code: lists that it is in
	out    []*codelist.List // of one code: lists that it is not in
}

// interval is a range of numbers, or of days by number.
type interval struct {
	low, high         float64
	lowOpen, highOpen bool
}

func everything() interval { return interval{low: math.Inf(-1), high: math.Inf(1)} }

func (i interval) empty() bool { return i.low > i.high || i.low == i.high && (i.lowOpen || i.highOpen) }

func (i interval) and(o interval) interval {
	if o.low > i.low || o.low == i.low && o.lowOpen {
		i.low, i.lowOpen = o.low, o.lowOpen
	}
	if o.high < i.high || o.high == i.high && o.highOpen {
		i.high, i.highOpen = o.high, o.highOpen
	}
	return i
}

// whole leaves only whole numbers at the ends.
func (i interval) whole() interval {
	if low := math.Ceil(i.low); low != i.low || i.lowOpen && !math.IsInf(i.low, 0) {
		if i.lowOpen && low == i.low {
			low++
		}
		i.low, i.lowOpen = low, false
	}
	if high := math.Floor(i.high); high != i.high || i.highOpen && !math.IsInf(i.high, 0) {
		if i.highOpen && high == i.high {
			high--
		}
		i.high, i.highOpen = high, false
	}
	return i
}

func (d domain) empty() bool {
	switch {
	case d.absent:
		return d.known
	case d.ranges != nil && !slices.ContainsFunc(d.ranges, func(i interval) bool { return !i.empty() }):
		return true
	case d.texts != nil && !slices.ContainsFunc(d.texts, func(text string) bool { return !slices.Contains(d.not, text) }):
		return true
	}
	for i, list := range d.in {
		if slices.ContainsFunc(d.in[:i], func(o *codelist.List) bool { return disjoint(list, o) }) ||
			slices.ContainsFunc(d.out, func(o *codelist.List) bool { return within(list, o) }) {
			return true
		}
	}
	return false
}

func (d domain) and(o domain) domain {
	d.absent, d.known = d.absent || o.absent, d.known || o.known
	switch {
	case d.ranges == nil:
		d.ranges = o.ranges
	case o.ranges != nil:
		var both []interval
		for _, a := range d.ranges {
			for _, b := range o.ranges {
				if i := a.and(b); !i.empty() {
					both = append(both, i)
				}
			}
		}
		d.ranges = append([]interval{}, both...)
	}
	switch {
	case d.texts == nil:
		d.texts = o.texts
	case o.texts != nil:
		d.texts = slices.DeleteFunc(slices.Clone(d.texts), func(text string) bool { return !slices.Contains(o.texts, text) })
	}
	d.not, d.in, d.out = slices.Concat(d.not, o.not), slices.Concat(d.in, o.in), slices.Concat(d.out, o.out)
	return d
}

// within reports whether all of a is in b. Lists with patterns are not compared, unless they are the same.
func within(a, b *codelist.List) bool {
	if a.Hash() == b.Hash() {
		return true
	}
	for range a.Ranges() {
		return false
	}
	for code := range a.Exact() {
		if !b.Contains(code) {
			return false
		}
	}
	return true
}

func disjoint(a, b *codelist.List) bool {
	for range a.Ranges() {
		return false
	}
	for code := range a.Exact() {
		if b.Contains(code) {
			return false
		}
	}
	return true
}
