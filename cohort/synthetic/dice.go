package synthetic

import (
	"sort"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// topic names one use of randomness. Every topic of every person has dice of its own, so that drawing more
// about one topic, or adding a topic at the end, changes nothing else about anybody.
type topic uint64

const (
	topicNumber topic = iota
	topicTwin
	topicIdentity
	topicHome
	topicEvents
	topicContact
	topicJournal
)

// dice is a stream of random draws: the SplitMix64 generator of Steele, Lea and Flood (2014). It is written
// out here because a population must never change, whatever becomes of a library's generator, and because
// streams start by the million.
type dice struct{ state uint64 }

func newDice(seed uint64, person int, t topic) dice {
	return dice{mix(mix(mix(seed)+uint64(person)) + uint64(t))} //nolint:gosec // an index is not negative
}

func (d *dice) next() uint64 {
	d.state += 0x9E3779B97F4A7C15
	return mix(d.state)
}

// unit returns a number in [0, 1).
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// below returns one of 0 to n-1.
func (d *dice) below(n int) int { return int(d.unit() * float64(n)) }

// day returns a day from one to another, both included; the latter when they are in the wrong order.
func (d *dice) day(from, to calendar.Day) calendar.Day {
	if from >= to {
		return to
	}
	return from.AddDays(d.below(int(to-from) + 1))
}

// chance is true the given percentage of times.
func (d *dice) chance(percent float64) bool { return d.unit()*100 < percent }

// normal returns a value around mean with the given standard deviation, never more than six of them away.
// A sum of twelve uniform draws needs no function that processors compute differently, and the conversion
// keeps the compiler from fusing two roundings into one, which some processors can.
func (d *dice) normal(mean, deviation float64) float64 {
	sum := -6.0
	for range 12 {
		sum += d.unit()
	}
	return mean + float64(sum*deviation)
}

// share is one outcome of a distribution. Its weight is in percent in the tables, which need not sum to
// exactly 100.
type share[T any] struct {
	weight float64
	value  T
}

// pick draws one of the outcomes.
func pick[T any](d *dice, shares []share[T]) T {
	total := 0.0
	for _, s := range shares {
		total += s.weight
	}
	at := float64(d.unit() * total) // not fused: see normal
	for _, s := range shares {
		if at -= s.weight; at < 0 {
			return s.value
		}
	}
	return shares[len(shares)-1].value
}

// choice is a distribution prepared for being drawn from often: the weights added up, of which the last is all.
type choice struct{ limits []float64 }

func newChoice[T any](shares []share[T]) (c choice) {
	total := 0.0
	for _, s := range shares {
		total += s.weight
		c.limits = append(c.limits, total)
	}
	return c
}

// draw returns the place of one of the outcomes.
func (c choice) draw(d *dice) int {
	last := len(c.limits) - 1
	at := float64(d.unit() * c.limits[last]) // not fused: see normal
	if last < 8 {
		for i, limit := range c.limits[:last] {
			if at < limit {
				return i
			}
		}
		return last
	}
	return min(sort.Search(last, func(i int) bool { return at < c.limits[i] }), last)
}

// mix spreads every bit of z over the result.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
