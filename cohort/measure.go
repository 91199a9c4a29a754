package cohort

import (
	"fmt"
	"slices"
)

func (e evaluator) value(v value, r row) datum {
	switch v := v.(type) {
	case constant:
		return v.datum
	case columnValue:
		return e.column(v, r)
	case pickValue:
		return e.pick(v)
	case countValue:
		m := e.matching(v.rows)
		e.note(v.rows, m.yes, m)
		return numberDatum(float64(len(m.yes)))
	case summaryValue:
		return e.summary(v)
	case episodesValue:
		return e.episodes(v)
	case spanValue:
		from, to := e.value(v.from, r), e.value(v.to, r)
		if !from.known() || !to.known() {
			return missing(NumberKind)
		}
		return numberDatum(float64(v.count(from.date, to.date)))
	case shiftValue:
		if !v.fixed.IsZero() {
			return dateDatum(v.fixed)
		}
		return dateDatum(v.day(e.value(v.of, r).date))
	case edgeValue:
		if !v.fixed.IsZero() {
			return dateDatum(v.fixed)
		}
		return dateDatum(v.day(e.value(v.of, r).date))
	case eachValue:
		return e.value(v.of, r)
	case caseValue:
		return e.branch(v, r)
	case chosenValue:
		return e.chosen(v, r)
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

// column reads the row in hand or, for a table with one row per person, that row.
func (e evaluator) column(v columnValue, r row) datum {
	if !v.table.perPerson() {
		return r.frame.at(r.at, v.column)
	}
	d := missing(v.info().Kind)
	if f := e.record.find(v.table); f != nil {
		d = f.at(0, v.column)
	}
	if e.finding != nil {
		e.finding.Evidence = append(e.finding.Evidence, fieldEvidence(v, d))
	}
	return d
}

// pick reads a column of the first matching row in the total order of the table.
func (e evaluator) pick(v pickValue) datum {
	m := e.matching(v.rows)
	if len(m.yes) == 0 {
		e.note(v.rows, nil, m)
		return missing(kindOf(v))
	}
	order := append(slices.Clone(v.rows.table.order), v.column)
	best := m.yes[0]
	for _, at := range m.yes[1:] {
		if m.frame.precedes(at, best, order, v.latest) {
			best = at
		}
	}
	e.note(v.rows, []int{best}, m, v.column)
	return m.frame.at(best, v.column)
}

// matches are the positions of a person's rows for which every predicate is yes, and of those for which
// that is unknown. The frame is nil when the person has no row of the table.
type matches struct {
	frame          *frame
	yes, undecided []int
}

func (e evaluator) matching(r rows) matches {
	m := matches{frame: e.record.find(r.table)}
	if m.frame == nil {
		return m
	}
	quiet := evaluator{record: e.record} // rows are noted as evidence, not question by question
	var all node = allNode{r.where}
	for at := range m.frame.n {
		switch quiet.verdict(all, row{m.frame, at}) {
		case Yes:
			m.yes = append(m.yes, at)
		case Unknown:
			m.undecided = append(m.undecided, at)
		case No:
		}
	}
	return m
}

// precedes reports whether row a comes before row b when the latest, or the earliest, row comes first.
// Missing values come last either way.
func (f *frame) precedes(a, b int, order []int, latest bool) bool {
	for _, column := range order {
		x, y := f.at(a, column), f.at(b, column)
		if x.known() != y.known() {
			return x.known()
		}
		if !x.known() {
			continue
		}
		if sign := x.compare(y); sign != 0 {
			return (sign > 0) == latest
		}
	}
	return false
}
