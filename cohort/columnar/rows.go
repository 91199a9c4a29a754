package columnar

import (
	"iter"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// piece is some rows of a segment, in order, and the people whose they are.
type piece struct {
	segment      *segment
	rows, people []int32
}

// rowSet is a compiled [tree.Rows]: the rows of some people for which every predicate is yes.
type rowSet struct {
	program *program
	group   *group
	bit     int // in the masks of the group
	scope   scope
	fixed   []question // predicates that ask about the row alone
	owned   []question // predicates that ask about the person too
	hoists  []*hoist   // what they ask about the person

	done, missing words
	dense         bool    // many are missing
	pieces        []piece // of people who are done
	used          int     // how many of pieces are
	held          bool    // whether the scope still is that of the last of them, just after cover
	asks          []*ask
}

func (r *rowSet) reset() {
	r.used = 0
	r.done = r.done.fit(r.program.people.n)
}

// cover finds the rows of people who have not been asked about.
func (r *rowSet) cover(live words) {
	if !lacking(&r.missing, live, r.done) {
		return
	}
	r.group.cover(r.missing)
	r.dense = 4*r.missing.count() > r.program.people.n
	first := r.used
	for i := range r.group.used {
		r.narrow(&r.group.found[i])
	}
	r.done.add(r.missing)
	if len(r.owned) == 0 || r.used == first {
		return
	}
	people := r.missing.fit(r.program.people.n)
	for _, p := range r.pieces[first:r.used] {
		for _, person := range p.people {
			people.set(person)
		}
	}
	for _, h := range r.hoists {
		h.cover(people)
	}
	found := r.pieces[first:r.used]
	r.used = first
	for i := range found {
		r.filter(&found[i], r.owned)
		if len(found[i].rows) > 0 {
			r.pieces[r.used], found[i] = found[i], r.pieces[r.used]
			r.used++
		}
	}
}

// narrow keeps of the candidates of the group those of missing people for which the predicates about the row
// are yes.
func (r *rowSet) narrow(of *candidates) {
	if r.used == len(r.pieces) {
		r.pieces = append(r.pieces, piece{})
	}
	p := &r.pieces[r.used]
	p.segment = of.segment
	if of.whole != 0 {
		r.whole(p, of)
		return
	}
	p.rows, p.people = extend(p.rows, len(of.rows)), extend(p.people, len(of.rows))
	k := 0
	for i, row := range of.rows {
		person := row.person()
		p.rows[k], p.people[k] = row.row(), person
		k += int(of.masks[i] >> r.bit & (r.missing[person>>6] >> (person & 63)) & 1)
	}
	p.rows, p.people = p.rows[:k], p.people[:k]
	r.keep(p, r.fixed)
}

// whole is narrow for a segment of which all rows are candidates, or none.
func (r *rowSet) whole(p *piece, of *candidates) {
	if of.whole>>r.bit&1 == 0 {
		return
	}
	people, first, k := of.segment.people, int32(of.segment.first), 0 //nolint:gosec // a block has fewer people
	p.rows, p.people = extend(p.rows, len(people)), extend(p.people, len(people))
	fixed := r.fixed
	if days, low, high, ok := r.leading(of.segment); ok {
		fixed = fixed[1:]
		width := uint32(high - low) //nolint:gosec // not negative
		for row, day := range days {
			person := people[row] + first
			p.rows[k], p.people[k] = int32(row), person
			in := one(uint32(day-low) <= width) //nolint:gosec // what lies before low wraps round
			k += in & int(r.missing[person>>6]>>(person&63)&1)
		}
	} else {
		for row, person := range people {
			person += first
			p.rows[k], p.people[k] = int32(row), person
			k += int(r.missing[person>>6] >> (person & 63) & 1)
		}
	}
	p.rows, p.people = p.rows[:k], p.people[:k]
	r.keep(p, fixed)
}

// leading reads all days of a segment when the first predicate is about them, and about many of the people.
func (r *rowSet) leading(seg *segment) (days []tree.Day, low, high tree.Day, ok bool) {
	if len(r.fixed) == 0 || !r.dense {
		return nil, 0, 0, false
	}
	q, ok := r.fixed[0].(*dayRange)
	if !ok {
		return nil, 0, 0, false
	}
	of, ok := q.of.(cell)
	if !ok {
		return nil, 0, 0, false
	}
	days, err := seg.columns[of.at][0].days(nil)
	if err != nil {
		r.program.fail(err)
		days = make([]tree.Day, seg.rows)
	}
	return days, q.low, q.high, true
}

// keep keeps the rows for which the predicates about the row are yes.
func (r *rowSet) keep(p *piece, fixed []question) {
	r.filter(p, fixed)
	if len(p.rows) > 0 {
		r.used++
	}
}

// filter keeps the rows for which every question is yes.
func (r *rowSet) filter(p *piece, questions []question) {
	r.held = false
	if len(questions) == 0 || len(p.rows) == 0 {
		return
	}
	s := &r.scope
	s.take(p.segment, p.rows, p.people)
	for _, q := range questions {
		if days, ok := q.(*dayRange); ok {
			s.keepDays(days.of.read(s.all).days, days.low, days.high)
		} else {
			s.keep(q.ask(s.all).yes)
		}
		if s.n == 0 {
			break
		}
	}
	p.rows, p.people = s.rows, s.people
	r.held = true
}

// hoist is a value, or a question, of the person that a predicate about a row asks.
type hoist struct {
	rows          *rowSet
	value         series   // this
	question      question // or this, of the person
	done, missing words
	column        column // by person
	answer        answer
	out           column // by row
	asked         answer
}

func (h *hoist) reset() { h.done = h.done.fit(h.rows.program.people.n) }

// cover works it out for people for whom it is not known yet.
func (h *hoist) cover(people words) {
	if !lacking(&h.missing, people, h.done) {
		return
	}
	if h.value != nil {
		c := h.value.read(h.missing)
		h.column.fit(c.kind, h.rows.program.people.n)
		h.column.merge(c, h.missing)
	} else {
		a := h.question.ask(h.missing)
		if h.done.empty() {
			h.answer.fit(people)
		}
		for i, word := range h.missing {
			h.answer.yes[i] |= word & a.yes[i]
			h.answer.no[i] |= word & a.no[i]
		}
	}
	h.done.add(h.missing)
}

func (h *hoist) read(words) *column {
	h.out.gather(&h.column, h.rows.scope.people)
	return &h.out
}

func (h *hoist) ask(live words) answer {
	out := h.asked.fit(live)
	for i, person := range h.rows.scope.people {
		if h.answer.yes.has(person) {
			out.put(i, true)
		} else if h.answer.no.has(person) {
			out.put(i, false)
		}
	}
	return *out
}

// split takes rows and people apart.
func (p *piece) split(rows []ownRow) {
	p.rows, p.people = extend(p.rows, len(rows)), extend(p.people, len(rows))
	for i, row := range rows {
		p.rows[i], p.people[i] = row.row(), row.person()
	}
}

// of yields some people, those who can have rows, and where in starts theirs are.
func (seg *segment) of(people words) iter.Seq2[int, int] {
	return func(yield func(person, at int) bool) {
		for person := range people.each {
			if at := person - seg.first; at >= 0 && at < len(seg.starts)-1 && !yield(person, at) {
				return
			}
		}
	}
}
