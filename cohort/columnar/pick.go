package columnar

import (
	"math"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// pick takes the last of some columns from the row that is the first by all of them: in each, known values before missing
// ones, the latest or the earliest of them first. With one column it is the largest or the smallest value.
type pick struct {
	order  []int
	latest bool
	kind   tree.Kind // of the last
	out    column

	best       []float64 // of one column in order; the larger, the earlier its row comes
	bestText   []string
	seen, tied words
	left       []piece // rows that are the first so far, of several of one person
	alone      piece   // a row that is the first by itself
	held       bool    // whether the scope is that of the only piece
}

func newPick(table *tree.Table, order []int, latest bool) *pick {
	return &pick{order: order, latest: latest, kind: table.Columns[order[len(order)-1]].Kind}
}

func (g *pick) fit(people int) {
	g.out.fit(g.kind, people)
	g.seen, g.tied = g.seen.fit(people), g.tied.fit(people)
}

func (g *pick) values() *column { return &g.out }

func (g *pick) gather(rows *rowSet, pieces []piece, missing words) {
	g.held = rows.held && rows.used == 1 && len(pieces) == 1 && len(pieces[0].rows) == rows.scope.n
	rows.held = false
	g.out.clear(missing)
	last := len(g.order) - 1
	if last > 0 {
		pieces = g.copyOf(pieces)
	}
	for _, at := range g.order[:last] {
		g.rank(&rows.scope, pieces, at, missing, nil)
		g.lead(&rows.scope, pieces, at)
		g.settle(&rows.scope, pieces)
		if g.tied.empty() {
			return
		}
	}
	g.rank(&rows.scope, pieces, g.order[last], missing, &g.out)
}

// copyOf copies pieces, which are then narrowed in place.
func (g *pick) copyOf(pieces []piece) []piece {
	for len(g.left) < len(pieces) {
		g.left = append(g.left, piece{})
	}
	for i, p := range pieces {
		to := &g.left[i]
		to.segment, to.rows, to.people = p.segment, append(to.rows[:0], p.rows...), append(to.people[:0], p.people...)
	}
	return g.left[:len(pieces)]
}

// take makes the scope that of a piece, unless it is.
func (g *pick) take(s *scope, p *piece) {
	if !g.held {
		s.take(p.segment, p.rows, p.people)
	}
	g.held = false
}

// rank finds the best value of a column for each person and, with out, keeps it there.
func (g *pick) rank(s *scope, pieces []piece, at int, missing words, out *column) {
	if kind := s.table.Columns[at].Kind; kind == tree.Date || kind == tree.Number {
		g.best = extend(g.best, len(missing)*64)
		clearIn(g.best, missing, math.Inf(-1))
	} else {
		g.bestText = extend(g.bestText, len(missing)*64)
		clearIn(g.bestText, missing, "")
	}
	for _, p := range pieces {
		if len(p.rows) == 0 {
			continue
		}
		g.take(s, &p)
		c := s.cell(at)
		for i, person := range p.people {
			if !g.improve(c, i, person) || out == nil {
				continue
			}
			out.set(int(person), c, i)
		}
	}
}

// improve reports whether a value is better than the best so far, and makes it that.
func (g *pick) improve(c *column, i int, person int32) bool {
	switch c.kind {
	case tree.Date, tree.Number:
		key := g.key(c, i)
		if key <= g.best[person] {
			return false
		}
		g.best[person] = key
	case tree.Text, tree.Code, tree.Codes:
		text, best := c.texts[i], g.bestText[person]
		if text == "" || best != "" && (text > best) != g.latest || text == best {
			return false
		}
		g.bestText[person] = text
	}
	return true
}

// key orders days and numbers.
func (g *pick) key(c *column, i int) float64 {
	if !c.known(i) {
		return math.Inf(-1)
	}
	var x float64
	if c.kind == tree.Date {
		x = float64(c.days[i])
	} else {
		x = c.numbers[i]
	}
	if g.latest {
		return x
	}
	return -x
}

// lead keeps the rows with the best value, and notes of whom there are several.
func (g *pick) lead(s *scope, pieces []piece, at int) {
	clear(g.seen)
	clear(g.tied)
	for n := range pieces {
		p := &pieces[n]
		if len(p.rows) == 0 {
			continue
		}
		g.held = len(pieces) == 1 // it has just been ranked
		g.take(s, p)
		c, k := s.cell(at), 0
		for i, person := range p.people {
			if !g.leads(c, i, person) {
				continue
			}
			p.rows[k], p.people[k] = p.rows[i], person
			k++
			if g.seen.has(person) {
				g.tied.set(person)
			}
			g.seen.set(person)
		}
		p.rows, p.people = p.rows[:k], p.people[:k]
	}
}

func (g *pick) leads(c *column, i int, person int32) bool {
	switch c.kind {
	case tree.Date, tree.Number:
		return g.key(c, i) == g.best[person] // the very same number
	case tree.Text, tree.Code, tree.Codes:
	}
	return c.texts[i] == g.bestText[person]
}

// settle picks from the rows that are the first by themselves, and leaves the others.
func (g *pick) settle(s *scope, pieces []piece) {
	for n := range pieces {
		p, alone, k := &pieces[n], &g.alone, 0
		alone.rows, alone.people = alone.rows[:0], alone.people[:0]
		for i, person := range p.people {
			if g.tied.has(person) {
				p.rows[k], p.people[k] = p.rows[i], person
				k++
			} else {
				alone.rows, alone.people = append(alone.rows, p.rows[i]), append(alone.people, person)
			}
		}
		p.rows, p.people = p.rows[:k], p.people[:k]
		if len(alone.rows) == 0 {
			continue
		}
		s.take(p.segment, alone.rows, alone.people)
		c := s.cell(g.order[len(g.order)-1])
		for i, person := range alone.people {
			g.out.set(int(person), c, i)
		}
	}
}
