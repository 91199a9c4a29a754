package columnar

import (
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// program answers a plan for one block after the other. What it works out lies in buffers that it uses again, so each
// goroutine has its own.
type program struct {
	plan   *tree.Plan
	block  *block
	people scope

	fields []*field
	groups []*group
	rows   []*rowSet
	states []interface{ reset() } // what knows something of the block
	steps  []question
	order  []int // of the steps, the cheap ones first
	err    error

	answers                   []answer // of the steps
	dead                      words
	steady, members, referred words
	failed, once              words // who fails any step, exactly one
	fails                     []words
}

// how says whom the steps are asked about.
type how uint8

const (
	// everything asks every step about everybody.
	everything how = iota
	// counts leaves out what changes no count of an attrition: the steps after the first that a person fails, once a
	// person has failed two.
	counts
	// outcomes leaves out who has failed a step.
	outcomes
)

// run answers the steps for a block.
func (p *program) run(b *block, how how) error {
	p.block, p.err = b, nil
	p.people.size(b.people)
	for _, s := range p.states {
		s.reset()
	}
	n := b.people
	p.failed, p.once = p.failed.fit(n), p.once.fit(n)
	for i := range p.steps {
		p.fails[i] = p.fails[i].fit(n)
	}
	for _, step := range p.order {
		live := p.live(step, how)
		a := &p.answers[step]
		a.yes, a.no = a.yes.fit(n), a.no.fit(n)
		if live.empty() {
			continue
		}
		given := p.steps[step].ask(live)
		if p.err != nil {
			return p.err
		}
		for i, word := range live {
			a.yes[i], a.no[i] = given.yes[i]&word, given.no[i]&word
		}
		fails := p.fails[step]
		p.effect(step, tree.Fails, live, fails)
		for i, word := range fails {
			p.once[i] = p.once[i]&^word | word&^p.failed[i]
			p.failed[i] |= word
		}
	}
	return nil
}

// live are the people whom a step is asked about.
func (p *program) live(step int, how how) words {
	p.dead = p.dead.fit(p.people.n)
	switch how {
	case outcomes:
		p.dead.add(p.failed)
	case counts:
		for _, fails := range p.fails[:step] {
			p.dead.add(fails)
		}
		for i := range p.dead {
			p.dead[i] &= p.failed[i] &^ p.once[i]
		}
	case everything:
	}
	for i, word := range p.people.all {
		p.dead[i] = word &^ p.dead[i]
	}
	return p.dead
}

// effect adds, of the people who are live, those with whom a step does something.
func (p *program) effect(step int, effect tree.Effect, live, to words) {
	s, a := p.plan.Steps[step], p.answers[step]
	for i, word := range live {
		if s.Yes == effect {
			to[i] |= word & a.yes[i]
		}
		if s.No == effect {
			to[i] |= word & a.no[i]
		}
		if s.Unknown == effect {
			to[i] |= word &^ a.yes[i] &^ a.no[i]
		}
	}
}

// newProgram compiles a plan. With another program of the plan, what can be shared is.
func newProgram(plan *tree.Plan, other *program) *program {
	p := &program{plan: plan}
	p.people.program = p
	c := compiler{program: p, lists: map[*group][]*codelist.List{}}
	for _, rows := range plan.Rows {
		c.rowSet(rows)
	}
	for i, g := range p.groups {
		switch {
		case g.column < 0:
		case other != nil:
			g.matcher = other.groups[i].matcher
		default:
			g.matcher = newMatcher(c.lists[g])
		}
	}
	var costs []int
	for i, step := range plan.Steps {
		p.steps = append(p.steps, c.question(step.Criterion, &p.people))
		costs = append(costs, min(cost(step.Criterion), rowsCost))
		p.order = append(p.order, i)
	}
	slices.SortStableFunc(p.order, func(a, b int) int { return costs[a] - costs[b] })
	p.answers, p.fails = make([]answer, len(p.steps)), make([]words, len(p.steps))
	return p
}
