package cohort

import (
	"fmt"
	"slices"
	"strings"
)

// The rules that judge by what the catalogue says of the data.

// emptyFields finds columns that are rarely filled where people pass because there is nothing in them:
// negative is whether a person passes by a no.
func (l *linter) emptyFields(n node, negative bool) {
	if inner, ok := n.(notNode); ok {
		l.emptyFields(inner.of, !negative)
		return
	}
	if _, ok := n.(isUnknownNode); ok {
		return // it says so
	}
	if parts := partsOf(n); len(parts) > 0 {
		for _, part := range parts {
			l.emptyFields(part, negative)
		}
		return
	}
	if negative {
		l.emptyValues(n, nil)
		l.absentRows(n)
	}
}

// absentRows looks at rows whose absence lets people pass.
func (l *linter) absentRows(n node) {
	exists, ok := n.(existsNode)
	if !ok || !canMatch(exists.rows) {
		return
	}
	complete := exists.rows.table.info.Complete
	if notBefore(exists.rows).Compare(complete) < 0 {
		l.add(PartlyReported, "begin the window then, ask another source as well, or say why less will do",
			"people pass when there is no %s, and not all were reported before %v", rowsPhrase(exists.rows), complete)
	}
}

// emptyValues looks at the columns that a question reads, of the person or of a row among some.
func (l *linter) emptyValues(n node, of *rows) {
	walker{shallow: true, yield: func(part any) bool {
		switch part := part.(type) {
		case columnValue:
			l.emptyColumn(part.table, part.column, of)
		case pickValue:
			l.emptyColumn(part.rows.table, part.column, &part.rows)
		case summaryValue:
			l.emptyColumn(part.rows.table, part.column, &part.rows)
		case rows:
			for _, predicate := range part.where {
				l.emptyPredicate(predicate, part, true)
			}
		}
		return true
	}}.node(n)
}

// emptyPredicate looks at what rows are narrowed by: however it is asked, a row in which the value is missing
// is not counted, unless that is what is asked for.
func (l *linter) emptyPredicate(n node, of rows, yes bool) {
	if _, ok := n.(isUnknownNode); ok {
		return
	}
	if inner, ok := n.(notNode); ok {
		l.emptyPredicate(inner.of, of, !yes)
		return
	}
	parts := partsOf(n)
	for _, part := range parts {
		l.emptyPredicate(part, of, yes)
	}
	if _, known := n.(knownNode); len(parts) == 0 && (yes || !known) {
		l.emptyValues(n, &of)
	}
}

func (l *linter) emptyColumn(t *Table, column int, of *rows) {
	info := t.info.Columns[column]
	if info.Filled == 0 || info.Filled >= rarely || info.Kind == NumberKind && of != nil && coded(*of) {
		return
	}
	l.add(RarelyFilled, "ask for what is known, or say what else shows it",
		"people pass when there is nothing in %s %s, which is filled in at most %s%% of rows", t.Name(), info.Name, formatNumber(info.Filled))
}

// coded reports whether rows are narrowed to some codes.
func coded(r rows) bool {
	return slices.ContainsFunc(conjuncts(r.where), func(n node) bool { _, ok := n.(inCodesNode); return ok })
}

// conjuncts are what every row must fulfil.
func conjuncts(where []node) (all []node) {
	for _, n := range where {
		if part, ok := n.(allNode); ok {
			all = append(all, conjuncts(part.of)...)
		} else {
			all = append(all, n)
		}
	}
	return all
}

// days compares the days of rows with those that the source has, and with the index date.
func (l *linter) days(r rows) {
	if !canMatch(r) {
		return // said already
	}
	first := notBefore(r)
	last, bounded := lastDayOf(r)
	info, what := r.table.info, rowsPhrase(r)
	from := info.From
	for part := range walk(allNode{r.where}) {
		if c, ok := part.(columnValue); ok && c.table == r.table && c.info().From.Compare(from) > 0 {
			from = c.info().From
		}
	}
	switch {
	case !last.IsZero() && last.Compare(from) < 0:
		l.add(BeyondData, "ask for later days, or another source", "no %s can be: the data begin on %v", what, from)
	case !first.IsZero() && !info.Until.IsZero() && first.Compare(info.Until) > 0:
		l.add(BeyondData, "ask for earlier days, or another source", "no %s can be: the data end on %v", what, info.Until)
	case !first.IsZero() && first.Compare(from) < 0:
		l.add(BeyondData, "begin the window then, or say why less will do", "%s: the window reaches back to %v and the data begin on %v", what, first, from)
	case !last.IsZero() && !info.Until.IsZero() && last.Compare(info.Until) > 0 && !first.IsZero():
		l.add(BeyondData, "end the window then, or use the source that follows", "%s: the window reaches to %v and the data end on %v", what, last, info.Until)
	case !first.IsZero() && !last.IsZero() && info.Lag != (Period{}) && first.Compare(info.Lag.before(last)) >= 0:
		l.add(BeyondData, "ask for a longer window, or an earlier one", "%s: the window of %v to %v is no longer than the %v that the newest data lag behind", what, first, last, info.Lag)
	}
	if day, ok := l.index(); ok && !bounded {
		l.add(ReadsFuture, "narrow the rows with NotAfter(cohort.Index)", "%s: a row after %v (%s) counts too", what, day, string(Index))
	}
}

// index returns the index date of the plan, if it has one that is the same for everybody.
func (l *linter) index() (Date, bool) {
	for part := range l.plan.parts {
		if v, ok := part.(constant); ok && v.param == string(Index) {
			return v.datum.date, true
		}
	}
	return Date{}, false
}

// lastDayOf returns the last day on which rows can match, or zero when it is not the same for everybody.
// bounded is whether there is one at all, by any of the days in a row.
func lastDayOf(r rows) (last Date, bounded bool) {
	for _, n := range conjuncts(r.where) {
		var of, high value
		op := atMost
		switch n := n.(type) {
		case betweenNode:
			of, high = n.value, n.high
		case compareNode:
			of, high, op = n.left, n.right, n.op
			if op == atLeast || op == greater {
				of, high, op = n.right, n.left, turned(op)
			}
		default:
			continue
		}
		if kindOf(of) != DateKind || !columnsOfRow(of) || columnsOfRow(high) {
			continue
		}
		bounded = true
		day, same := fixed(high)
		if column, ok := of.(columnValue); ok && same && column.column == r.table.order[0] {
			if op == less {
				day.date = day.date.AddDays(-1)
			}
			if last.IsZero() || day.date.Compare(last) < 0 {
				last = day.date
			}
		}
	}
	return last, bounded
}

// age finds ages on a day that stays when the index date moves on.
func (l *linter) age(v spanValue) {
	if !v.age {
		return
	}
	if _, has := l.index(); !has {
		return
	}
	literal, named := false, false
	for part := range walkValue(v.to) {
		switch part := part.(type) {
		case constant:
			literal, named = literal || part.param == "", named || part.param != ""
		case columnValue, pickValue, summaryValue, eachValue:
			named = true
		}
	}
	if literal && !named {
		l.add(FixedAge, "count to cohort.Index, or to a parameter", "%s is on a day that stays when %s moves on", strings.TrimSuffix(valuePhrase(v), ","), string(Index))
	}
}

// codes finds codes that a column never holds.
func (l *linter) codes(n inCodesNode) {
	table, column := columnOf(n.value)
	if table == nil {
		return
	}
	info := table.info.Columns[column]
	var never []string
	for code := range n.list.Exact() {
		if _, listed := info.Values[code]; len(info.Values) > 0 && !listed || slices.Contains(info.Unknowns, code) {
			never = append(never, code)
		}
	}
	l.never(table, info, never, "of code list "+n.list.ID()+" "+n.list.Version())
}

// texts finds texts that a column never holds.
func (l *linter) texts(n inTextsNode) {
	table, column := columnOf(n.value)
	if table == nil {
		return
	}
	info := table.info.Columns[column]
	var never []string
	for _, text := range n.texts {
		if _, listed := info.Values[text]; len(info.Values) > 0 && !listed || slices.Contains(info.Unknowns, text) {
			never = append(never, text)
		}
	}
	l.never(table, info, never, "asked for")
}

func (l *linter) never(t *Table, info ColumnInfo, never []string, where string) {
	const shown = 5
	if len(never) == 0 {
		return
	}
	more := ""
	if len(never) > shown {
		more = fmt.Sprintf(" and %d more", len(never)-shown)
	}
	l.add(NoSuchValue, "take a value that the catalogue lists",
		"%q%s %s: %s %s reads none of it as a value", never[:min(len(never), shown)], more, where, t.Name(), info.Name)
}
