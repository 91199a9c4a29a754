package columnar

import (
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// textQuestion asks something of every known text. Where texts are coded by a dictionary, it asks once for each value
// that occurs.
type textQuestion struct {
	of series
	is func(string) bool
	// settled is for a question that a missing text answers with no.
	settled bool
	known   []*textAnswers // of the dictionaries in use
	out     answer
}

// coded is a series of texts that may be coded by one dictionary.
type coded interface {
	series
	// codes returns the dictionary and the position in it of every item, nil if they are not so coded.
	codes() (d *dictionary, ids []uint32)
}

func isInList(list *codelist.List) func(string) bool {
	return func(code string) bool { return anyCode(code, list.Contains) }
}

func isInTexts(texts []string) func(string) bool {
	return func(text string) bool {
		_, in := slices.BinarySearch(texts, text)
		return in
	}
}

func (q *textQuestion) ask(live words) answer {
	out := q.out.fit(live)
	if c, ok := q.of.(coded); ok {
		if d, ids := c.codes(); d != nil {
			q.askCodes(q.answersOf(d), ids, live)
			return q.end(live)
		}
	}
	texts := q.of.read(live).texts
	for i := range live.each {
		if texts[i] != "" {
			out.put(i, q.is(texts[i]))
		}
	}
	return q.end(live)
}

func (q *textQuestion) end(live words) answer {
	if q.settled {
		return q.out.settled(live)
	}
	return q.out
}

// textAnswers are the answers for the values of a dictionary, those that have been asked.
type textAnswers struct {
	of      *dictionary
	answers []textAnswer
}

type textAnswer uint8

const (
	notAsked textAnswer = iota
	textMissing
	textNo
	textYes
)

func (q *textQuestion) askCodes(known *textAnswers, ids []uint32, live words) {
	for w, word := range live {
		if word == 0 {
			continue
		}
		var yes, no uint64
		for i, id := range ids[w*64 : min(w*64+64, len(ids))] {
			a := known.answers[id]
			if a == notAsked {
				a = q.answer(known.of.spelled()[id])
				known.answers[id] = a
			}
			yes |= bit(a == textYes) << (i & 63)
			no |= bit(a == textNo) << (i & 63)
		}
		q.out.yes[w], q.out.no[w] = word&yes, word&no
	}
}

func (q *textQuestion) answer(text string) textAnswer {
	switch {
	case text == "":
		return textMissing
	case q.is(text):
		return textYes
	default:
		return textNo
	}
}

func (q *textQuestion) answersOf(d *dictionary) *textAnswers {
	for _, known := range slices.Backward(q.known) {
		if known.of == d {
			return known
		}
	}
	q.known = slices.DeleteFunc(q.known, func(known *textAnswers) bool { return known.of.size == 0 })
	known := &textAnswers{of: d, answers: make([]textAnswer, d.size)}
	q.known = append(q.known, known)
	return known
}

// codes returns the codes of the rows in hand.
func (v cell) codes() (*dictionary, []uint32) {
	s := v.scope
	vectors := s.segment.columns[v.at]
	if len(vectors) != 1 {
		return nil, nil
	}
	d := vectors[0].dictionary()
	if d == nil || !d.isText() {
		return nil, nil
	}
	ids, err := vectors[0].ids()
	if err != nil {
		s.program.fail(err)
		return nil, nil
	}
	if s.rows == nil {
		return d, ids[s.from:s.to]
	}
	s.ids = extend(s.ids, s.n)
	for i, row := range s.rows {
		s.ids[i] = ids[row]
	}
	return d, s.ids
}

// codes returns the codes of everybody in the block, if the rows of all come from one dictionary.
func (f *field) codes() (*dictionary, []uint32) {
	people, parts := &f.of.program.people, f.of.rows()
	of := cell{&f.rows, f.at}
	var dictionary *dictionary
	for i, seg := range f.of.whole {
		f.rows.takeAll(seg, seg.starts[0], seg.starts[len(seg.starts)-1])
		d, ids := of.codes()
		switch {
		case d == nil || i > 0 && d != dictionary:
			return nil, nil
		case len(f.of.whole) == 1:
			return d, ids
		case i == 0:
			dictionary, f.ids = d, extend(f.ids, people.n)
		}
		copy(f.ids[seg.first:], ids)
	}
	if dictionary != nil {
		return dictionary, f.ids
	}
	for i, p := range parts {
		f.rows.take(p.segment, p.rows, p.people)
		d, ids := of.codes()
		if d == nil || i > 0 && d != dictionary {
			return nil, nil
		}
		if i == 0 {
			dictionary = d
			f.ids = extend(f.ids, people.n)
			for person := range f.ids {
				f.ids[person] = uint32(d.size - 1) //nolint:gosec // that of missing values
			}
		}
		for at, person := range p.people {
			f.ids[person] = ids[at]
		}
	}
	return dictionary, f.ids
}
