package columnar

import "github.com/personalised-prevention/nhs/internal/tree"

// ask is something that is asked of a set of rows for every person: whether there are any, a value that is picked from
// them, or what they add up to. It is the [series] of those that have a value.
type ask struct {
	rows          *rowSet
	key           any // the node without its rows: what is asked twice is one ask
	gatherer      gatherer
	done, missing words
	pieces        []piece // rows of the missing people only
}

// gatherer goes through the rows of some people, and keeps a value for each.
type gatherer interface {
	// fit makes room for as many people. What was known is lost.
	fit(people int)
	// gather begins anew for the missing people and goes through all their rows. There are rows of others only
	// when nothing is known of anybody: then they do not matter.
	gather(rows *rowSet, pieces []piece, missing words)
	// values returns what is known, nil when that is no value.
	values() *column
}

func (a *ask) reset() {
	a.done = a.done.fit(a.rows.program.people.n)
	a.gatherer.fit(a.rows.program.people.n)
}

func (a *ask) read(live words) *column {
	a.cover(live)
	return a.gatherer.values()
}

// cover goes through the rows of people for whom that has not been done.
func (a *ask) cover(live words) {
	if !lacking(&a.missing, live, a.done) {
		return
	}
	a.rows.held = false // others may have used the columns since
	a.rows.cover(a.missing)
	pieces := a.rows.pieces[:a.rows.used]
	if !a.done.empty() {
		pieces = a.only(pieces)
	}
	a.gatherer.gather(a.rows, pieces, a.missing)
	a.done.add(a.missing)
}

// only copies the rows of missing people.
func (a *ask) only(pieces []piece) []piece {
	used := 0
	for _, from := range pieces {
		if used == len(a.pieces) {
			a.pieces = append(a.pieces, piece{})
		}
		p := &a.pieces[used]
		p.segment, p.rows, p.people = from.segment, p.rows[:0], p.people[:0]
		for i, person := range from.people {
			if a.missing.has(person) {
				p.rows, p.people = append(p.rows, from.rows[i]), append(p.people, person)
			}
		}
		if len(p.rows) > 0 {
			used++
		}
	}
	return a.pieces[:used]
}

// present notes who has a row.
type present struct{ people words }

func (g *present) fit(people int) { g.people = g.people.fit(people) }

func (g *present) gather(_ *rowSet, pieces []piece, missing words) {
	g.people.remove(missing)
	for _, p := range pieces {
		for _, person := range p.people {
			g.people.set(person)
		}
	}
}

func (g *present) values() *column { return nil }

// exists asks whether there is a row.
type exists struct {
	of  *ask
	out answer
}

func (q *exists) ask(live words) answer {
	q.of.cover(live)
	out := q.out.fit(live)
	for i, word := range q.of.gatherer.(*present).people { //nolint:forcetypeassert // what it was made with
		out.yes[i] = live[i] & word
	}
	return out.settled(live)
}

// counted counts rows.
type counted struct{ out column }

func (g *counted) fit(people int) { g.out.fit(tree.Number, people) }

func (g *counted) gather(_ *rowSet, pieces []piece, missing words) {
	clearIn(g.out.numbers, missing, 0)
	for _, p := range pieces {
		for _, person := range p.people {
			g.out.numbers[person]++
		}
	}
}

func (g *counted) values() *column { return &g.out }
