package columnar

import (
	"math/bits"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// series is a compiled [tree.Value]. It belongs to one [scope], and its buffers to one goroutine.
type series interface {
	// read works out the values of the items that are live; those of others mean nothing. They are good until the
	// next time.
	read(live words) *column
}

// constant is the same for every item.
type constant struct {
	tree.Constant
	scope *scope
	out   column
	n     int // how many are filled in
}

func (v *constant) read(words) *column {
	v.out.fit(v.Of, v.scope.n)
	if v.n >= v.scope.n {
		return &v.out
	}
	v.n = v.scope.n
	for i := range v.n {
		switch v.Of {
		case tree.Date:
			v.out.days[i] = v.Day
		case tree.Number:
			v.out.numbers[i] = v.Number
		case tree.Text, tree.Code, tree.Codes:
			v.out.texts[i] = v.Text
		}
	}
	return &v.out
}

// cell is a column of the rows in hand, or of the values of a dictionary.
type cell struct {
	scope *scope
	at    int
}

func (v cell) read(words) *column { return v.scope.cell(v.at) }

// span counts from one day to another.
type span struct {
	scope    *scope
	from, to series
	unit     tree.Unit
	out      column
}

func (v *span) read(live words) *column {
	from, to := v.from.read(live).days, v.to.read(live).days
	v.out.fit(tree.Number, v.scope.n)
	v.out.clear(live)
	for i := range live.each {
		if from[i] != 0 && to[i] != 0 {
			v.out.numbers[i] = float64(v.unit.Count(from[i], to[i]))
		}
	}
	return &v.out
}

// moved is another day for every day; no day for no day.
type moved struct {
	scope *scope
	of    series
	by    func(tree.Day) tree.Day
	out   column
}

func (v *moved) read(live words) *column {
	days := v.of.read(live).days
	v.out.fit(tree.Date, v.scope.n)
	for i := range live.each {
		v.out.days[i] = v.by(days[i])
	}
	return &v.out
}

// byCase is the value of the first branch that is yes, if those before it are no.
type byCase struct {
	scope      *scope
	kind       tree.Kind
	when       []question
	then       []series
	otherwise  series // or nil
	live, take words
	out        column
}

func (v *byCase) read(live words) *column {
	v.out.fit(v.kind, v.scope.n)
	v.out.clear(live)
	v.live = v.live.copyOf(live)
	for i, when := range v.when {
		if v.live.empty() {
			return &v.out
		}
		v.take = v.take.copyOf(v.live)
		a := when.ask(v.live)
		for w := range v.live {
			v.take[w] &= a.yes[w]
			v.live[w] &= a.no[w]
		}
		v.put(v.then[i])
	}
	v.take = v.take.copyOf(v.live)
	if v.otherwise != nil {
		v.put(v.otherwise)
	}
	return &v.out
}

func (v *byCase) put(then series) {
	if !v.take.empty() {
		v.out.merge(then.read(v.take), v.take)
	}
}

// choice is the first, the smallest or the largest of the values that are known.
type choice struct {
	scope *scope
	kind  tree.Kind
	of    []series
	how   tree.Chosen
	out   column
}

func (v *choice) read(live words) *column {
	v.out.fit(v.kind, v.scope.n)
	v.out.clear(live)
	for _, each := range v.of {
		c := each.read(live)
		for i := range live.each {
			if c.known(i) && (!v.out.known(i) || v.better(c, i)) {
				v.out.set(i, c, i)
			}
		}
	}
	return &v.out
}

func (v *choice) better(c *column, i int) bool {
	switch v.how {
	case tree.Least:
		return c.compare(i, &v.out, i) < 0
	case tree.Greatest:
		return c.compare(i, &v.out, i) > 0
	case tree.FirstKnown:
	}
	return false
}

// each yields the items that are yes.
func (w words) each(yield func(int) bool) {
	for i, word := range w {
		for ; word != 0; word &= word - 1 {
			if !yield(i*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
