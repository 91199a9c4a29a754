package columnar

import (
	"math/bits"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// piece is some rows of a segment, in order, and the people whose they are.
type piece struct {
	segment      *segment
	rows, people []int32
	masks        []uint64 // of candidates: which sets of rows each may be in
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
	pieces        []piece // of people who are done
	used          int     // how many of pieces are
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
	first := r.used
	for i := range r.group.used {
		r.narrow(&r.group.pieces[i])
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
func (r *rowSet) narrow(of *piece) {
	if r.used == len(r.pieces) {
		r.pieces = append(r.pieces, piece{})
	}
	p := &r.pieces[r.used]
	p.segment = of.segment
	p.rows, p.people = extend(p.rows, len(of.rows)), extend(p.people, len(of.rows))
	k := 0
	for i, mask := range of.masks {
		person := of.people[i]
		p.rows[k], p.people[k] = of.rows[i], person
		k += int(mask >> r.bit & (r.missing[person>>6] >> (person & 63)) & 1)
	}
	p.rows, p.people = p.rows[:k], p.people[:k]
	r.filter(p, r.fixed)
	if len(p.rows) > 0 {
		r.used++
	}
}

// filter keeps the rows for which every question is yes.
func (r *rowSet) filter(p *piece, questions []question) {
	for _, q := range questions {
		if len(p.rows) == 0 {
			return
		}
		r.scope.take(p.segment, p.rows, p.people)
		p.keep(q.ask(r.scope.all).yes)
	}
}

// keep keeps the rows for which yes is.
func (p *piece) keep(yes words) {
	k := 0
	for w, word := range yes {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			p.rows[k], p.people[k] = p.rows[i], p.people[i]
			k++
		}
	}
	p.rows, p.people = p.rows[:k], p.people[:k]
}

// hoist is a value, or a question, of the person that a predicate about a row asks.
type hoist struct {
	rows          *rowSet
	value         series   // one of these two, of the person
	question      question //
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

// group finds the candidates of several sets of rows in one pass over a column of codes. Without codes all rows are.
type group struct {
	program       *program
	table         *tree.Table
	at            int // the table in the plan
	column        int // or -1
	matcher       *matcher
	done, missing words
	pieces        []piece
	used          int
}

func (g *group) reset() {
	g.used = 0
	g.done = g.done.fit(g.program.people.n)
}

// cover finds the candidates of people who have not been asked about.
func (g *group) cover(live words) {
	if !lacking(&g.missing, live, g.done) {
		return
	}
	for _, seg := range g.program.block.tables[g.at] {
		if seg.rows == 0 {
			continue
		}
		if g.used == len(g.pieces) {
			g.pieces = append(g.pieces, piece{})
		}
		p := &g.pieces[g.used]
		p.segment = seg
		if err := g.scan(p); err != nil {
			g.program.fail(err, g.table, g.column)
			return
		}
		if len(p.rows) > 0 {
			g.used++
		}
	}
	g.done.add(g.missing)
}

func (g *group) scan(p *piece) error {
	p.rows, p.people, p.masks = p.rows[:0], p.people[:0], p.masks[:0]
	seg := p.segment
	seg.each(func(person, row int32) {
		if g.missing.has(person) {
			p.rows, p.people, p.masks = append(p.rows, row), append(p.people, person), append(p.masks, ^uint64(0))
		}
	})
	if g.column < 0 || len(p.rows) == 0 {
		return nil
	}
	clear(p.masks)
	for _, v := range seg.columns[g.column] {
		if err := textsOf(v, p.rows, func(i int, text string) { p.masks[i] |= g.matcher.mask(text) }); err != nil {
			return err
		}
	}
	k := 0
	for i, mask := range p.masks {
		if mask != 0 {
			p.rows[k], p.people[k], p.masks[k] = p.rows[i], p.people[i], mask
			k++
		}
	}
	p.rows, p.people, p.masks = p.rows[:k], p.people[:k], p.masks[:k]
	return nil
}
