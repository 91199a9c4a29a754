package synthetic

import (
	"strconv"

	"github.com/personalised-prevention/nhs/cohort"
)

// A population of more than [MaxNumbers] people has pseudonyms in place of NHS numbers: 12 digits or more, so
// that none looks like an NHS number, growing with the index in uneven steps.
const (
	firstPseudonym = 100_000_000_000
	pseudonymStep  = 9973
)

func (p *Population) pseudonymous() bool { return p.Len() > MaxNumbers }

// key returns the key of person i as a number.
func (p *Population) key(i int) int64 {
	if p.pseudonymous() {
		d := p.dice(i, topicPseudonym)
		return firstPseudonym + int64(i)*pseudonymStep + int64(d.below(pseudonymStep))
	}
	n, _ := strconv.ParseInt(p.numbers.at(i), 10, 64) // ten digits
	return n
}

// number returns the key of person i as records have it.
func (p *Population) number(i int) string { return strconv.FormatInt(p.key(i), 10) }

func (p *Population) numberKey(i int) cohort.Key { return cohort.NewKey(p.number(i)) }

// places returns how many places there are for people, in order of key.
func (p *Population) places() int {
	if p.pseudonymous() {
		return p.Len()
	}
	return MaxNumbers
}

// inhabitant returns the index of the person at a place, if there is one.
func (p *Population) inhabitant(place int) (i int, ok bool) {
	if p.pseudonymous() {
		return place, true
	}
	i = p.numbers.index(place)
	return i, i < p.Len()
}
