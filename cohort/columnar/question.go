package columnar

import (
	"github.com/personalised-prevention/nhs/internal/tree"
)

// question is a compiled [tree.Node]. It belongs to one [scope], and its buffers to one goroutine.
type question interface {
	// ask answers for the items that are live; what it says of others means nothing. The answer is good until the
	// next one.
	ask(live words) answer
}

// answer says for which items the answer is yes and for which it is no. For others it is unknown.
type answer struct{ yes, no words }

// fit returns an answer for as many items as live has words.
func (a *answer) fit(live words) *answer {
	a.yes, a.no = a.yes.fit(len(live)*64), a.no.fit(len(live)*64)
	return a
}

// settled makes the answer of a question that is never unknown.
func (a *answer) settled(live words) answer {
	for i, word := range live {
		a.no[i] = word &^ a.yes[i]
	}
	return *a
}

// combined is yes when every part is, or with or when any part is. It does not ask further about what one part has settled.
type combined struct {
	or   bool
	of   []question
	live words
	out  answer
}

func (q *combined) ask(live words) answer {
	out := q.out.fit(live)
	open, settled := out.yes, out.no // or is the same with yes and no exchanged
	if q.or {
		open, settled = settled, open
	}
	copy(open, live)
	q.live = q.live.copyOf(live)
	for _, part := range q.of {
		if q.live.empty() {
			break
		}
		a := part.ask(q.live)
		goes, ends := a.yes, a.no
		if q.or {
			goes, ends = ends, goes
		}
		for i, word := range q.live {
			end := ends[i] & word
			open[i] &= goes[i]
			settled[i] |= end
			q.live[i] &^= end
		}
	}
	return *out
}

// someOf is yes when n parts are.
type someOf struct {
	n            int
	of           []question
	yes, unknown []int32
	out          answer
}

func (q *someOf) ask(live words) answer {
	out := q.out.fit(live)
	q.yes, q.unknown = extend(q.yes, len(live)*64), extend(q.unknown, len(live)*64)
	clear(q.yes)
	clear(q.unknown)
	for _, part := range q.of {
		a := part.ask(live)
		for i, word := range live {
			tally(q.yes[i*64:], a.yes[i]&word)
			tally(q.unknown[i*64:], word&^a.yes[i]&^a.no[i])
		}
	}
	for i := range q.yes {
		switch yes := int(q.yes[i]); {
		case yes >= q.n:
			out.yes.set(int32(i))
		case yes+int(q.unknown[i]) < q.n:
			out.no.set(int32(i))
		}
	}
	return *out
}

func tally(counts []int32, word uint64) {
	for i := 0; word != 0; i, word = i+1, word>>1 {
		counts[i] += int32(word & 1)
	}
}

type notOf struct{ of question }

func (q notOf) ask(live words) answer {
	a := q.of.ask(live)
	return answer{a.no, a.yes}
}

// certain is yes when its part is yes or, with unknown, when that is unknown; otherwise no.
type certain struct {
	of      question
	unknown bool
	out     answer
}

func (q *certain) ask(live words) answer {
	a, out := q.of.ask(live), q.out.fit(live)
	for i, word := range live {
		out.yes[i] = word & a.yes[i]
		if q.unknown {
			out.yes[i] = word &^ a.yes[i] &^ a.no[i]
		}
	}
	return out.settled(live)
}

// comparison compares two values.
type comparison struct {
	left, right series
	op          tree.Op
	out         answer
}

func (q *comparison) ask(live words) answer {
	left, right, out := q.left.read(live), q.right.read(live), q.out.fit(live)
	for w, word := range live {
		for i := w * 64; word != 0; i, word = i+1, word>>1 {
			if word&1 == 0 || !left.known(i) || !right.known(i) {
				continue
			}
			out.put(i, holds(q.op, left.compare(i, right, i)))
		}
	}
	return *out
}

func holds(op tree.Op, sign int) bool {
	switch op {
	case tree.Less:
		return sign < 0
	case tree.AtMost:
		return sign <= 0
	case tree.Equal:
		return sign == 0
	case tree.AtLeastAs:
		return sign >= 0
	case tree.Greater:
	}
	return sign > 0
}

// isKnown asks whether there is a value.
type isKnown struct {
	of  series
	out answer
}

func (q *isKnown) ask(live words) answer {
	c, out := q.of.read(live), q.out.fit(live)
	for w, word := range live {
		for i := w * 64; word != 0; i, word = i+1, word>>1 {
			if word&1 != 0 && c.known(i) {
				out.put(i, true)
			}
		}
	}
	return out.settled(live)
}

func (a *answer) put(i int, yes bool) {
	if yes {
		a.yes[i>>6] |= 1 << (i & 63)
	} else {
		a.no[i>>6] |= 1 << (i & 63)
	}
}
