package cohort

import (
	"fmt"
	"strconv"
)

// How counts become fit to be published.
//
// The parts of a table are Members, Referred and the Excluded of each step; they add up to the totals,
// People and the Remaining of each step. The other counts lie below these: Unknown and OnlyThis below
// Excluded or below a total, and Referred below all that the steps refer.
//
// A part that the policy hides could be worked out of a total that it is in. So a total is shown, rounded,
// only when each of its parts is; otherwise all that is said of it follows from the parts. No more can be
// shown: how a total rounds would, for some counts, exclude some number that the hidden part may have, and
// to show it just when it does not would say that it does not.
//
// A count that lies below a sum with hidden parts is shown when it is clear of the least that the sum can
// be, and hidden otherwise. Hidden, it looks like a small one.
//
// So whatever number from HideFrom to HideTo a hidden count has, there are people with whom everything
// that is published is the same. The tests try all small tables.

// Publish applies a policy to the counts. A policy that hides nothing, has no mark, does not round or
// rounds to zero is refused. What the definition alone decides, such as that no step refers anybody, is
// shown as 0 under every policy.
func (a *Attrition) Publish(policy Disclosure) (*Published, error) {
	if err := policy.check(); err != nil {
		return nil, fmt.Errorf("cohort: Publish: policy %q: %w", policy.Name, err)
	}
	t := policy.suppress(a)
	published := &Published{
		Policy: policy.Name, Legend: policy.legend(), Members: policy.text(t.members), Referred: policy.text(t.referred),
		Steps: make([]PublishedStep, len(t.excluded)),
	}
	total := t.remaining()
	for i := len(t.excluded) - 1; i >= 0; i-- {
		step := PublishedStep{
			Label: a.counts.Steps[i].Label, Excluded: policy.text(t.excluded[i]), Remaining: policy.total(total),
			Unknown: policy.text(t.unknown[i]), Refers: "0", OnlyThis: policy.text(policy.cell(a.counts.Steps[i].OnlyThis)),
		}
		if a.treats[i] == unknownRefers {
			step.Refers = step.Unknown
		}
		published.Steps[i] = step
		total = t.add(total, t.excluded[i])
	}
	published.People = policy.total(total)
	return published, nil
}

// cell is a count and what a reader knows of it.
type cell struct {
	exact     int
	shown     bool
	low, high int
}

// cell applies the policy to one count by itself.
func (d Disclosure) cell(n int) cell {
	if d.hidden(n) {
		return cell{n, false, d.HideFrom, d.HideTo}
	}
	shown := d.round(n)
	if shown == 0 {
		return cell{shown: true}
	}
	return cell{n, true, max(shown-d.RoundTo/2, d.HideTo+1), shown + (d.RoundTo-1)/2}
}

// hide hides a count that the policy by itself shows. It looks like one that the policy hides.
func (d Disclosure) hide(c cell) cell { return cell{c.exact, false, d.HideFrom, d.HideTo} }

func (d Disclosure) text(c cell) string {
	if !c.shown {
		return d.Mark
	}
	return strconv.Itoa(d.round(c.exact))
}

// tally is several counts added up.
type tally struct {
	exact     int
	rounded   int // of those that are shown
	low, high int // what a reader knows of it
	hidden    bool
}

func (d Disclosure) add(s tally, c cell) tally {
	s.exact += c.exact
	s.low += c.low
	s.high += c.high
	s.hidden = s.hidden || !c.shown
	if c.shown {
		s.rounded += d.round(c.exact)
	}
	if !s.hidden && !d.SumRounded {
		shown := d.cell(s.exact)
		s.low, s.high = max(s.low, shown.low), min(s.high, shown.high)
	}
	return s
}

func (d Disclosure) total(s tally) string {
	switch {
	case s.hidden && s.rounded == 0:
		return d.Mark
	case d.SumRounded:
		return strconv.Itoa(s.rounded)
	case s.high >= unbounded:
		return fmt.Sprintf("%d or more", s.low)
	case s.hidden:
		return fmt.Sprintf("%d to %d", s.low, s.high)
	default:
		return strconv.Itoa(d.round(s.exact))
	}
}

// suppressed is a table in which it is settled what is shown. Each step refers all for whom it is unknown,
// or nobody, so unknown stands for both.
type suppressed struct {
	Disclosure
	members, referred cell
	excluded, unknown []cell
}

func (d Disclosure) suppress(a *Attrition) suppressed {
	t := suppressed{Disclosure: d, members: d.cell(a.counts.Members), referred: d.cell(a.counts.Referred)}
	refers := false
	for i, step := range a.counts.Steps {
		t.excluded = append(t.excluded, d.cell(step.Excluded))
		refers = refers || a.treats[i] == unknownRefers
	}
	if !refers {
		t.referred = cell{shown: true} // as the definition says
	}
	t.unknown = t.unknowns(a)
	if !t.covered(a) {
		t.referred = d.hide(t.referred)
		t.unknown = t.unknowns(a)
	}
	if !t.referred.shown && t.open(a) {
		t.referred.high = unbounded
	}
	return t
}

// unbounded is more than all people.
const unbounded = 1 << 40

// open reports whether a hidden Referred may be a large one that is hidden to cover the number of people
// whom a step refers.
func (t suppressed) open(a *Attrition) bool {
	steps, hidden := 0, false
	for i, c := range t.unknown {
		if a.treats[i] == unknownRefers {
			steps++
			hidden = hidden || !c.shown
		}
	}
	return steps > 1 && hidden
}

// remaining is what remains after the last step.
func (t suppressed) remaining() tally { return t.add(t.add(tally{}, t.members), t.referred) }

// unknowns settles Unknown, given the parts.
func (t suppressed) unknowns(a *Attrition) []cell {
	margin := 0
	if t.referred.shown {
		// At least those Referred are referred by a step: a count of these cannot pass for a small one. Who
		// sees it hidden knows that it is large, and that must fit the least that the sum can be.
		margin = t.RoundTo
	}
	cells := make([]cell, len(t.excluded))
	remaining, referable := t.remaining(), t.add(tally{}, t.referred) // referable: all who remain but members
	for i := len(cells) - 1; i >= 0; i-- {
		n := a.counts.Steps[i].Unknown
		switch a.treats[i] {
		case unknownNever:
			cells[i] = cell{shown: true}
		case unknownFails:
			cells[i] = t.cell(n) // below Excluded: where that is hidden this is small as well
		case unknownPasses:
			cells[i] = t.below(n, remaining, 0)
		case unknownRefers:
			cells[i] = t.below(n, referable, margin)
		}
		remaining, referable = t.add(remaining, t.excluded[i]), t.add(referable, t.excluded[i])
	}
	return cells
}

// below settles a count that is at most a tally, and shown only when clear of its least by a margin.
func (d Disclosure) below(n int, t tally, margin int) cell {
	c := d.cell(n)
	if c.shown && c.low > 0 && t.hidden && c.low+margin > t.low {
		return d.hide(c)
	}
	return c
}

// covered reports whether each hidden number of people whom a step refers can be as small as any, given
// Referred: everybody referred in the end was referred by a step.
func (t suppressed) covered(a *Attrition) bool {
	if !t.referred.shown {
		return true
	}
	most, small := 0, 0
	for i, c := range t.unknown {
		switch {
		case a.treats[i] != unknownRefers:
		case c.shown:
			most += c.high
		case t.hidden(c.exact):
			small++
		default:
			return true // it is hidden for being large, and can cover all
		}
	}
	return small == 0 || t.referred.high <= most+t.HideFrom+t.HideTo*(small-1)
}

func (d Disclosure) legend() string {
	totals := "a total of which a part is hidden is given as all that it can be"
	if d.SumRounded {
		totals = "totals are added up from the counts that are shown"
	}
	return fmt.Sprintf("%s stands for %d to %d, or for a count that would give such a one away; other counts are rounded to the nearest %d; %s.",
		d.Mark, d.HideFrom, d.HideTo, d.RoundTo, totals)
}
