package columnar

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// folded works out a number from all the known values that a person has in the rows.
type folded[T any] struct {
	// of hands out the known values of the rows in hand.
	of func(s *scope, put func(i int, x T))
	// fold works out the number. It may change the order of values.
	fold func(values []T) float64
	// none is the number without values.
	none float64

	owned []owned[T]
	run   []T
	out   column
}

// owned is a value and the person whose it is.
type owned[T any] struct {
	person int32
	value  T
}

func (g *folded[T]) fit(people int) { g.out.fit(tree.Number, people) }

func (g *folded[T]) values() *column { return &g.out }

func (g *folded[T]) gather(rows *rowSet, pieces []piece, missing words) {
	clearIn(g.out.numbers, missing, g.none)
	g.owned = g.owned[:0]
	for _, p := range pieces {
		rows.scope.take(p.segment, p.rows, p.people)
		g.of(&rows.scope, func(i int, x T) { g.owned = append(g.owned, owned[T]{p.people[i], x}) })
	}
	byPerson := func(a, b owned[T]) int { return cmp.Compare(a.person, b.person) }
	if !slices.IsSortedFunc(g.owned, byPerson) {
		slices.SortFunc(g.owned, byPerson)
	}
	for i := 0; i < len(g.owned); {
		person := g.owned[i].person
		g.run = g.run[:0]
		for ; i < len(g.owned) && g.owned[i].person == person; i++ {
			g.run = append(g.run, g.owned[i].value)
		}
		g.out.numbers[person] = g.fold(g.run)
	}
}

// days, numbers and texts hand out the known values of a column.

func days(at int) func(*scope, func(int, tree.Day)) {
	return func(s *scope, put func(int, tree.Day)) {
		for i, day := range s.cell(at).days {
			if day != 0 {
				put(i, day)
			}
		}
	}
}

func numbers(at int) func(*scope, func(int, float64)) {
	return func(s *scope, put func(int, float64)) {
		for i, x := range s.cell(at).numbers {
			if !math.IsNaN(x) {
				put(i, x)
			}
		}
	}
}

// texts hands out each of several codes.
func texts(at int) func(*scope, func(int, string)) {
	return func(s *scope, put func(int, string)) {
		for _, v := range s.segment.columns[at] {
			err := s.textsOf(v, func(i int, text string) {
				if text != "" {
					put(i, text)
				}
			})
			if err != nil {
				s.program.fail(err)
			}
		}
	}
}

// newFold makes the gatherer of a summary other than the least and the greatest.
//
//nolint:ireturn // it is one of several
func newFold(how tree.How, kind tree.Kind, at int) gatherer {
	switch {
	case how == tree.Distinct && kind == tree.Date:
		return &folded[tree.Day]{of: days(at), fold: different[tree.Day]}
	case how == tree.Distinct && kind == tree.Number:
		return &folded[float64]{of: numbers(at), fold: different[float64]}
	case how == tree.Distinct:
		return &folded[string]{of: texts(at), fold: different[string]}
	case how == tree.Mean:
		return &folded[float64]{of: numbers(at), fold: func(x []float64) float64 { return quotient(x, len(x)) }, none: math.NaN()}
	default:
		return &folded[float64]{of: numbers(at), fold: func(x []float64) float64 { return quotient(x, 1) }, none: math.NaN()}
	}
}

func different[T cmp.Ordered](values []T) float64 {
	slices.Sort(values)
	return float64(len(slices.Compact(values)))
}

// newEpisodes counts runs of days.
func newEpisodes(v tree.Episodes, at int) *folded[tree.Day] {
	return &folded[tree.Day]{of: days(at), fold: func(days []tree.Day) float64 {
		slices.Sort(days)
		episodes := 1
		for i, day := range days[1:] {
			if day > days[i].Add(v.Months, v.Days) {
				episodes++
			}
		}
		return float64(episodes)
	}}
}

// Most numbers have few decimals. A decimal of up to 15 digits is the shortest that reads back as its float64, so
// these are added as whole numbers of thousandths.
const (
	scale     = 1000
	mostExact = 1e15
)

// quotient adds numbers exactly, as the shortest decimals that read back as them, and divides by n; it rounds once.
func quotient(values []float64, n int) float64 {
	var total int64
	for _, x := range values {
		thousandths := math.Round(x * scale)
		if math.Abs(thousandths) >= mostExact || thousandths/scale != x || total > math.MaxInt64/2 || total < math.MinInt64/2 {
			return exactQuotient(values, n)
		}
		total += int64(thousandths)
	}
	if total > 1<<53 || total < -1<<53 || n > 1<<40 {
		return exactQuotient(values, n)
	}
	return float64(total) / float64(scale*n) // both are exact
}

func exactQuotient(values []float64, n int) float64 {
	total, decimal := new(big.Rat), new(big.Rat)
	for _, x := range values {
		if _, ok := decimal.SetString(strconv.FormatFloat(x, 'e', -1, 64)); ok {
			total.Add(total, decimal)
		}
	}
	x, _ := total.Quo(total, big.NewRat(int64(n), 1)).Float64()
	return x
}
