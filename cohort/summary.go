package cohort

import (
	"math/big"
	"slices"
	"strconv"
)

// The summaries of rows. None of them depends on the order in which rows arrive.

// Episodes is the number of episodes that the rows make up: runs of rows whose days lie no more than the gap
// apart. Rows are taken in order of the table's date column; a row begins a new episode when its day is
// later than the day before it in that order plus the gap. With Days(3), the days 1, 4, 6, 10 and 12 of a
// month are two episodes, 1 to 6 and 10 to 12. Rows without a day are not counted, and an explanation shows
// them; without dated rows there are no episodes. It is never missing.
func (r Rows[E]) Episodes(gap Period) NumberSeries { return NumberSeries{episodesValue{r.rows, gap}} }

// CountDistinct is how many different values a column has in the rows; of a column of codes, how many
// different codes. Missing values are not counted. It is never missing.
func CountDistinct[E, S any](of Rows[E], column Column[E, S]) NumberSeries {
	return NumberSeries{summarise(of.rows, column.at(RowPred[E]{}), distinct)}
}

// Min is the smallest number, or the first day, that a column has in the rows. Missing values are left out;
// it is missing when there are no others.
func Min[E, S any](of Rows[E], column Ordered[E, S]) S {
	return column.series(summarise(of.rows, column.at(RowPred[E]{}), minimum))
}

// Max is the largest number, or the last day, that a column has in the rows. Missing values are left out; it
// is missing when there are no others.
func Max[E, S any](of Rows[E], column Ordered[E, S]) S {
	return column.series(summarise(of.rows, column.at(RowPred[E]{}), maximum))
}

// Sum is what the numbers of a column add up to. Missing values are left out; it is missing, not zero, when
// there are no others. The sum is that of the decimal numbers as the data write them, so that 0.1 and 0.2
// make 0.3, fifteen times 2.67 make 40.05, and the order of rows does not matter: each number stands for
// the shortest decimal that reads back as the same float64, these are added exactly, and the total is
// rounded once to the nearest float64.
func Sum[E any](of Rows[E], column NumberColumn[E]) NumberSeries {
	return NumberSeries{summarise(of.rows, column.value, sum)}
}

// Mean is the exact sum of the numbers of a column, see [Sum], divided by how many they are, and then
// rounded once. Missing values are left out; it is missing when there are no others.
func Mean[E any](of Rows[E], column NumberColumn[E]) NumberSeries {
	return NumberSeries{summarise(of.rows, column.value, mean)}
}

// summarise sums up a column of the rows' table. Anything else is left as it is, for New to refuse.
//
//nolint:ireturn // a tree is a sum type
func summarise(of rows, column value, how summary) value {
	c, ok := column.(columnValue)
	if !ok || c.table != of.table {
		return column
	}
	return summaryValue{of, c.column, how}
}

// summary reads a column in every matching row. Rows in which it is missing are noted as undecided.
func (e evaluator) summary(v summaryValue) datum {
	m := e.matching(v.rows)
	var used, unused []int
	var known []datum
	for _, at := range m.yes {
		if d := m.frame.at(at, v.column); d.known() {
			used, known = append(used, at), append(known, d)
		} else {
			unused = append(unused, at)
		}
	}
	m.undecided = slices.Concat(unused, m.undecided)
	result := v.how.of(known, kindOf(v))
	if v.how == minimum || v.how == maximum {
		// One row that has it is evidence enough.
		used = slices.DeleteFunc(used, func(at int) bool { return m.frame.at(at, v.column).compare(result) != 0 })
		used = used[:min(len(used), 1)]
	}
	e.note(v.rows, used, m, v.column)
	return result
}

// of sums up known values of one kind; kind is that of the result.
func (s summary) of(values []datum, kind Kind) datum {
	switch {
	case s == distinct:
		return numberDatum(float64(countDistinct(values)))
	case len(values) == 0:
		return missing(kind)
	case s == minimum:
		return slices.MinFunc(values, datum.compare)
	case s == maximum:
		return slices.MaxFunc(values, datum.compare)
	}
	total := exactSum(values)
	if s == mean {
		total.Quo(total, big.NewRat(int64(len(values)), 1))
	}
	x, _ := total.Float64()
	return numberDatum(x)
}

func countDistinct(values []datum) int {
	var different []datum
	for _, d := range values {
		for one := range d.each {
			if !slices.ContainsFunc(different, func(o datum) bool { return o.compare(one) == 0 }) {
				different = append(different, one)
			}
		}
	}
	return len(different)
}

// exactSum adds numbers as decimals.
func exactSum(values []datum) *big.Rat {
	total := new(big.Rat)
	for _, d := range values {
		decimal, ok := new(big.Rat).SetString(strconv.FormatFloat(d.number, 'e', -1, 64))
		if !ok {
			panic("cohort: a number that is not finite") // no column holds one
		}
		total.Add(total, decimal)
	}
	return total
}

// episodes counts runs of dated rows.
func (e evaluator) episodes(v episodesValue) datum {
	m := e.matching(v.rows)
	column := v.rows.table.order[0]
	var dated, undated []int
	var days []Date
	for _, at := range m.yes {
		if d := m.frame.at(at, column); d.known() {
			dated, days = append(dated, at), append(days, d.date)
		} else {
			undated = append(undated, at)
		}
	}
	m.undecided = slices.Concat(undated, m.undecided)
	e.note(v.rows, dated, m)
	slices.SortFunc(days, Date.Compare)
	episodes := 0
	for i, day := range days {
		if i == 0 || day.Compare(v.gap.after(days[i-1])) > 0 {
			episodes++
		}
	}
	return numberDatum(float64(episodes))
}
