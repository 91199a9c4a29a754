package cohort

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// search looks for the witnesses of one step.
type search struct {
	plan  *Plan
	step  int
	make  *maker
	reads map[*Table][]bool // the columns that the step reads

	found []pair
	seen  map[string]int // what a pair shows, to where it is in found
}

// pair is two people who differ in one thing and whom the step tells apart.
type pair struct {
	a, b     draft
	kindA    WitnessKind // Inside, unless b is undecided
	kindB    WitnessKind // Outside or Undecided
	what     string      // the one thing: a column, or rows of a table
	from, to string      // what it is for a and for b
	how      change
	others   int // how many other steps do not pass, for both together
}

// change is a way to change one thing; what tells most comes first.
type change int

const (
	moved     change = iota // a number or a day to the next
	further                 // the same, on both sides one further: a bound is no single value
	exchanged               // a text or a code for another
	rowWise                 // a row more or less
	rowsWise                // a row more and a row less than that
	emptied                 // a value for none
)

const (
	maxPairs   = 24
	maxUnknown = 12
)

func (p *Plan) search(step int) *search {
	s := &search{plan: p, step: step, make: newMaker(p), reads: map[*Table][]bool{}, seen: map[string]int{}}
	alone := &Plan{steps: p.steps[step : step+1]}
	for _, facts := range alone.tables() {
		columns := make([]bool, len(facts.table.info.Columns))
		for _, column := range facts.Columns {
			columns[facts.table.index(column.Name)] = true
		}
		s.reads[facts.table] = columns
	}
	passes, fails := Yes, No
	if p.steps[step].exclude {
		passes, fails = No, Yes
	}
	explored := map[string]bool{}
	for _, d := range s.bases(passes, fails, Unknown) {
		if key := d.fingerprint(); !explored[key] {
			explored[key] = true
			s.explore(d)
		}
	}
	return s
}

// bases makes people for whom the step has each answer and, if possible, every other step passes.
func (s *search) bases(answers ...Verdict) (bases []draft) {
	criteria, want := make([]node, len(s.plan.steps)), make([]Verdict, len(s.plan.steps))
	for i, step := range s.plan.steps {
		criteria[i], want[i] = step.criterion, VerdictOf(!step.exclude)
	}
	own := func(int, Verdict) bool { return true }
	does := func(i int, v Verdict) bool {
		if i == s.step {
			return own(i, v)
		}
		return s.plan.steps[i].effect(v) == Passes
	}
	s.make.left = maxQuestions
	start, _ := s.make.mend(criteria, want, draft{}, spot{}, does)
	for _, answer := range answers {
		s.make.left = maxQuestions
		want[s.step] = answer
		own = func(_ int, v Verdict) bool { return v == answer }
		proposals := s.make.question(criteria[s.step], answer, start, spot{})
		for _, proposal := range proposals {
			s.make.left = maxQuestions / len(proposals)
			if mended, ok := s.make.mend(criteria, want, proposal, spot{}, does); ok {
				proposal = mended
			}
			bases = append(bases, proposal)
		}
	}
	return bases
}

// side is where a person stands.
func (s *search) side(d draft) WitnessKind {
	step := s.plan.steps[s.step]
	switch v := d.ask(step.criterion, spot{}); {
	case v == Unknown:
		return Undecided
	case step.effect(v) == Passes:
		return Inside
	default:
		return Outside
	}
}

// others is how many other steps do not pass.
func (s *search) others(d draft) (n int) {
	for i, step := range s.plan.steps {
		if i != s.step && step.effect(d.ask(step.criterion, spot{})) != Passes {
			n++
		}
	}
	return n
}

// explore changes one thing at a time.
func (s *search) explore(d draft) {
	for _, sheet := range d.sheets {
		reads := s.reads[sheet.table]
		if reads == nil {
			continue
		}
		for row, cells := range sheet.rows {
			if !sheet.table.perPerson() {
				s.row(d, sheet.table, row, cells)
			}
			for column := range cells {
				if reads[column] {
					s.cell(d, sheet.table, row, column)
				}
			}
		}
	}
}

// row takes a row away, and adds others like it.
func (s *search) row(d draft, t *Table, row int, cells []datum) {
	like := fmt.Sprintf(" like %s row %d", t.Name(), row+1)
	none := d.remove(t, row)
	two, _ := d.add(t, cells)
	three, _ := two.add(t, cells)
	s.compare(rowWise, t.Name(), d, none, "a row"+like, "no such row")
	s.compare(rowWise, t.Name(), d, two, "no second row"+like, "a second row"+like)
	if s.side(none) != s.side(d) {
		s.compare(rowsWise, t.Name(), two, none, "a second row"+like, "no such row")
	}
	if s.side(two) != s.side(d) {
		s.compare(rowsWise, t.Name(), none, three, "no row"+like, "a third row"+like)
	}
}

// cell moves one value to where the answer changes.
func (s *search) cell(d draft, t *Table, row, column int) {
	info := t.info.Columns[column]
	x := d.rows(t)[row][column]
	at := func(x datum) draft { return d.set(t, row, column, t.clean(column, x)) }
	words := func(x datum) string {
		if x = t.clean(column, x); t.perPerson() {
			return fmt.Sprintf("%s %s: %v", t.Name(), info.Name, x)
		}
		return fmt.Sprintf("%s row %d, %s: %v", t.Name(), row+1, info.Name, x)
	}
	pairOf := func(how change, a, b datum) { s.compare(how, t.Name()+" "+info.Name, at(a), at(b), words(a), words(b)) }
	pairOf(emptied, x, missing(info.Kind))
	if !x.known() {
		return
	}
	var probes []datum
	switch info.Kind {
	case DateKind:
		probes = s.days(x)
	case NumberKind:
		probes = s.numbers(x, d, t, column)
	case TextKind, CodeKind, CodesKind:
		for _, other := range s.names(t, column) {
			pairOf(exchanged, x, other)
		}
		return
	}
	slices.SortFunc(probes, datum.compare)
	for i := 1; i < len(probes); i++ {
		a, b := probes[i-1], probes[i]
		before := s.side(at(a))
		if s.side(at(b)) == before {
			continue
		}
		for {
			mid, ok := s.between(a, b)
			if !ok {
				break
			}
			if s.side(at(mid)) == before {
				a = mid
			} else {
				b = mid
			}
		}
		pairOf(moved, a, b)
		pairOf(further, s.beside(a, -1), s.beside(b, 1))
	}
}

// compare keeps two people when the step tells them apart.
func (s *search) compare(how change, what string, a, b draft, from, to string) {
	before, after := s.side(a), s.side(b)
	if before > after {
		a, b, before, after, from, to = b, a, after, before, to, from
	}
	if before != after {
		s.add(pair{a, b, before, after, what, from, to, how, s.others(a) + s.others(b)})
	}
}

// add keeps a pair unless there is one that shows the same line: the same change, with the same answers to every
// question inside the step.
func (s *search) add(found pair) {
	key := found.what + s.answers(found.a) + s.answers(found.b)
	if found.how <= exchanged {
		key += found.from + "\n" + found.to
	}
	at, ok := s.seen[key]
	switch {
	case !ok:
		s.seen[key] = len(s.found)
		s.found = append(s.found, found)
	case found.others < s.found[at].others:
		s.found[at] = found
	}
}

// answers are those to all the questions of the step, the ones about rows for every row.
func (s *search) answers(d draft) string {
	var answers []byte
	var ask func(n node, at spot)
	ask = func(n node, at spot) {
		walker{shallow: true, yield: func(part any) bool {
			switch part := part.(type) {
			case rows:
				if at.table != nil {
					break // the answer about the row in hand says enough
				}
				for i := range d.rows(part.table) {
					for _, predicate := range part.where {
						ask(predicate, spot{part.table, i})
					}
				}
			case node:
				answers = append(answers, '0'+byte(d.ask(part, at)))
			}
			return true
		}}.node(n)
	}
	ask(s.plan.steps[s.step].criterion, spot{})
	return string(answers) + ";"
}

// best returns the pairs, those with someone undecided or those without, of whom the fewest other steps
// decide.
func (s *search) best(open bool) []pair {
	fewest := math.MaxInt
	var out []pair
	for _, p := range s.found {
		if (p.kindB == Undecided) == open {
			fewest, out = min(fewest, p.others), append(out, p)
		}
	}
	out = slices.DeleteFunc(out, func(p pair) bool { return p.others > fewest })
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(a.how, b.how) })
	return out
}

// into puts what was found into the pack.
func (s *search) into(w *StepWitnesses) {
	pairs, open := s.best(false), s.best(true)
	w.LeftOut = max(0, len(pairs)-maxPairs) + max(0, len(open)-maxUnknown)
	numbers := map[WitnessKind]int{}
	for _, p := range slices.Concat(pairs[:min(len(pairs), maxPairs)], open[:min(len(open), maxUnknown)]) {
		numbers[p.kindA]++
		numbers[p.kindB]++
		a, b := s.name(p.kindA, numbers[p.kindA]), s.name(p.kindB, numbers[p.kindB])
		w.Witnesses = append(w.Witnesses, s.witness(p.a, p.kindA, a, b, p.from, p.kindB, p.to), s.witness(p.b, p.kindB, b, a, p.to, p.kindA, p.from))
	}
	if numbers[Inside] == 0 {
		w.Missing = append(w.Missing, MissingWitness{Inside, notFound})
	}
	if numbers[Outside] == 0 {
		w.Missing = append(w.Missing, MissingWitness{Outside, notFound})
	}
	if len(open) == 0 {
		reason := "nobody was found for whom the answer is unknown"
		if !canBeUnknown(s.plan.steps[s.step].criterion) {
			reason = "the answer is never unknown"
		}
		w.Missing = append(w.Missing, MissingWitness{Undecided, reason})
	}
}

const notFound = "no two people were found who differ in one thing and whom the step tells apart; " +
	"it may answer alike for everybody, or draw its line where the search does not reach"

func (s *search) name(kind WitnessKind, number int) string {
	return fmt.Sprintf("step %d %v %d", s.step+1, kind, number)
}

func (s *search) witness(d draft, kind WitnessKind, name, twin, has string, other WitnessKind, otherHas string) Witness {
	record := d.record(name)
	return Witness{
		Name: name, Step: s.step + 1, Kind: kind, Twin: twin,
		Why: fmt.Sprintf("%v with %s; %v with %s", kind, has, other, otherHas), Alone: s.others(d) == 0,
		Facts: d.facts(), Result: s.plan.Evaluate(record), Record: record,
	}
}
