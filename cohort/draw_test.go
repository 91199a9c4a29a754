package cohort_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Questions and data are drawn from the same few values, so that bounds are met exactly.

func drawDay(t *rapid.T) cohort.Date {
	base := rapid.SampledFrom([]cohort.Date{
		day, day.AddMonths(-12), day.AddDays(-90), cohort.MustDate("1950-06-01"), cohort.MustDate("2024-02-29"),
		cohort.MustDate("2025-02-28"), cohort.MustDate("2025-03-31"), cohort.MustDate("2024-08-31"), cohort.MustDate("2024-12-31"),
	}).Draw(t, "day")
	return base.AddDays(rapid.IntRange(-1, 1).Draw(t, "shift"))
}

// drawMonthEnd draws days from which months and years are hard to count.
func drawMonthEnd(t *rapid.T) cohort.Date {
	return rapid.SampledFrom([]cohort.Date{
		cohort.MustDate("2023-12-31"), cohort.MustDate("2024-01-31"), cohort.MustDate("2024-02-29"),
		cohort.MustDate("2025-01-31"), cohort.MustDate("2025-02-28"), cohort.MustDate("2025-03-01"),
	}).Draw(t, "end of a month")
}

func drawCodes(t *rapid.T) *codelist.List {
	codes := rapid.SliceOfN(rapid.SampledFrom([]string{hypertensionCode, asthmaCode, pressureCode}), 1, 3).Draw(t, "codes")
	slices.Sort(codes)
	codes = slices.Compact(codes)
	return codelist.Must(codelist.New(codelist.Info{ID: strings.Join(codes, "-"), Version: "1", System: codelist.SNOMEDCT, Source: "drawn"}, codes...))
}

func drawNumber(t *rapid.T) float64 {
	return rapid.SampledFrom([]float64{0, 0.3, 0.6, 1, 2, 3, 11, 12, 40, 74, 75, 140, 140.5}).Draw(t, "number")
}

func drawPeriod(t *rapid.T) cohort.Period {
	return rapid.SampledFrom([]cohort.Period{cohort.Years(1), cohort.Months(3), cohort.Months(1), cohort.Days(90), cohort.Days(1)}).Draw(t, "period")
}

func drawOperand(t *rapid.T, depth int) cohort.Operand[cohort.Date] {
	switch rapid.IntRange(0, 3).Draw(t, "operand") {
	case 0:
		return drawDay(t)
	case 1:
		return index
	default:
		return drawDateSeries(t, depth)
	}
}

func drawDateSeries(t *rapid.T, depth int) cohort.DateSeries {
	if depth == 0 {
		return rapid.SampledFrom([]cohort.DateSeries{person.DateOfBirth, person.DateOfDeath}).Draw(t, "date field")
	}
	switch rapid.IntRange(0, 8).Draw(t, "date series") {
	case 7:
		return drawChoice(t, depth, drawDateSeries, cohort.Least, cohort.Greatest)
	case 0:
		return person.DateOfDeath
	case 1:
		return drawPick(t, drawRows(t, depth-1), gpes.Date)
	case 2:
		return cohort.Min(drawStays(t, depth-1), discharged)
	case 3:
		return cohort.Day(drawOperand(t, depth-1))
	case 4, 5, 6:
		return drawShift(t, drawDateSeries(t, depth-1))
	default:
		return cohort.Max(drawRows(t, depth-1), gpes.Date)
	}
}

// drawChoice chooses between values drawn one level down.
func drawChoice[V cohort.Value[cohort.Criterion, V]](
	t *rapid.T, depth int, draw func(t *rapid.T, depth int) V, extremes ...func(first V, others ...V) V,
) V {
	part := func() V { return draw(t, depth-1) }
	how := rapid.IntRange(0, 2+len(extremes)).Draw(t, "choice")
	if how > 2 {
		return extremes[how-3](part(), part())
	}
	when := func() cohort.Branch[V] { return cohort.When(drawCriterion(t, depth-1), part()) }
	switch how {
	case 0:
		return cohort.Coalesce(part(), part())
	case 1:
		return cohort.Case(when(), when())
	default:
		return cohort.Case(when(), cohort.Otherwise(part()))
	}
}

func drawTextSeries(t *rapid.T, depth int) cohort.TextSeries {
	switch rapid.IntRange(0, 3).Draw(t, "text series") {
	case 0:
		return person.LSOA
	case 1:
		return cohort.Text(rapid.SampledFrom([]string{"F", "1"}).Draw(t, "text"))
	case 2:
		if depth > 0 {
			return drawChoice(t, depth, drawTextSeries)
		}
	}
	return person.Gender
}

func drawCodeSeries(t *rapid.T, depth int) cohort.CodeSeries {
	if depth > 0 && rapid.Bool().Draw(t, "choice of codes") {
		return drawChoice(t, depth, drawCodeSeries)
	}
	return drawPick(t, drawRows(t, depth), gpes.Code)
}

// drawShift works out another day.
func drawShift[P cohort.Predicate[P]](t *rapid.T, v cohort.DateValue[P]) cohort.DateValue[P] {
	year := rapid.SampledFrom([]cohort.Year{cohort.CalendarYear, cohort.FinancialYear, cohort.AcademicYear}).Draw(t, "year")
	switch rapid.IntRange(0, 3).Draw(t, "shift") {
	case 0:
		return v.Plus(drawPeriod(t))
	case 1:
		return v.Minus(drawPeriod(t))
	case 2:
		return v.StartOf(year)
	default:
		return v.EndOf(year)
	}
}

func drawSpan[P cohort.Predicate[P]](t *rapid.T, from, to cohort.DateValue[P]) cohort.NumberValue[P] {
	return rapid.SampledFrom([]func(from, to cohort.DateValue[P]) cohort.NumberValue[P]{
		cohort.DaysBetween[P], cohort.MonthsBetween[P], cohort.YearsBetween[P],
	}).Draw(t, "span")(from, to)
}

func drawNumberSeries(t *rapid.T, depth int) cohort.NumberSeries {
	switch rapid.IntRange(0, 12).Draw(t, "number series") {
	case 10:
		if depth == 0 {
			return cohort.Number(drawNumber(t))
		}
		return drawChoice(t, depth, drawNumberSeries, cohort.Least, cohort.Greatest)
	case 0:
		return cohort.AgeOn(person.DateOfBirth, drawOperand(t, depth))
	case 1:
		return cohort.AgeInMonthsOn(person.DateOfBirth, drawOperand(t, depth))
	case 2:
		return drawRows(t, depth).Count()
	case 3:
		return drawPick(t, drawRows(t, depth), gpes.Value1)
	case 4:
		if rapid.Bool().Draw(t, "of the journal") {
			return drawRows(t, depth).Episodes(drawPeriod(t))
		}
		return drawStays(t, depth).Episodes(drawPeriod(t))
	case 5:
		return cohort.CountDistinct(drawRows(t, depth), gpes.Date)
	case 6:
		return cohort.CountDistinct(drawStays(t, depth), diagnoses)
	case 7:
		return cohort.Sum(drawStays(t, depth), stayDays)
	case 8:
		return cohort.Mean(drawRows(t, depth), gpes.Value1)
	case 9:
		return drawSpan(t, drawDateSeries(t, depth), drawDateSeries(t, depth))
	case 11:
		return drawSpan(t, cohort.Day(drawMonthEnd(t)), cohort.Day(drawMonthEnd(t)))
	default:
		extreme := rapid.SampledFrom([]func(cohort.Rows[stay], cohort.Ordered[stay, cohort.NumberSeries]) cohort.NumberSeries{
			cohort.Min[stay, cohort.NumberSeries], cohort.Max[stay, cohort.NumberSeries],
		}).Draw(t, "extreme")
		return extreme(drawStays(t, depth), stayDays)
	}
}

func drawPick[E, S any](t *rapid.T, rows cohort.Rows[E], column cohort.Column[E, S]) S {
	if rapid.Bool().Draw(t, "latest") {
		return cohort.Latest(rows, column)
	}
	return cohort.Earliest(rows, column)
}

func drawRows(t *rapid.T, depth int) cohort.Rows[gpes.Entry] {
	var where []cohort.RowPred[gpes.Entry]
	for range rapid.IntRange(0, 2).Draw(t, "predicates") {
		where = append(where, drawRowPred(t, depth))
	}
	return gpes.Journal.Where(where...)
}

func drawRowPred(t *rapid.T, depth int) cohort.RowPred[gpes.Entry] {
	switch rapid.IntRange(0, 6).Draw(t, "row question") {
	case 0:
		return gpes.Code.In(drawCodes(t))
	case 1:
		return drawComparison(t, gpes.Date, depth)
	case 2:
		return drawBound(t, gpes.Value1)
	case 3:
		return gpes.EpisodeCondition.In("F", "N")
	case 4:
		return gpes.RecordDate.Known()
	default:
		if depth == 0 {
			return gpes.Code.Known()
		}
		return drawCombination(t, func() cohort.RowPred[gpes.Entry] { return drawRowPred(t, depth-1) })
	}
}

func drawICD(t *rapid.T) *codelist.List {
	codes := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{strokeCode, diabetesCode, faintCode}), 1, 2, rapid.ID).Draw(t, "codes")
	slices.Sort(codes)
	return codelist.Must(codelist.New(codelist.Info{ID: strings.Join(codes, "-"), Version: "1", System: codelist.ICD10, Source: "drawn"}, codes...))
}

func drawStays(t *rapid.T, depth int) cohort.Rows[stay] {
	var where []cohort.RowPred[stay]
	for range rapid.IntRange(0, 2).Draw(t, "predicates") {
		where = append(where, drawStayPred(t, depth))
	}
	return stays.Where(where...)
}

func drawStayPred(t *rapid.T, depth int) cohort.RowPred[stay] {
	switch rapid.IntRange(0, 9).Draw(t, "stay question") {
	case 0:
		return diagnoses.AnyIn(drawICD(t))
	case 1:
		return operations.Known()
	case 2:
		if rapid.Bool().Draw(t, "choice in a row") {
			return drawComparison(t, cohort.Coalesce(discharged, admitted), depth)
		}
		if rapid.Bool().Draw(t, "case in a row") {
			return drawComparison(t, cohort.Case(cohort.When(diagnoses.Known(), admitted), cohort.Otherwise(discharged)), depth)
		}
		return drawComparison(t, drawShift(t, discharged), depth)
	case 3:
		if depth > 0 && rapid.Bool().Draw(t, "against a series") {
			return drawBoundValue(t, stayDays, depth-1)
		}
		return drawBound(t, stayDays)
	case 4:
		return stayKey.In("a", "b")
	case 5:
		return cohort.InOrder(admitted, discharged)
	case 6:
		return drawBound(t, drawSpan(t, admitted, drawShift(t, discharged)))
	case 7:
		age := rapid.SampledFrom([]func(cohort.DateColumn[stay]) cohort.NumberColumn[stay]{person.AgeAt[stay], person.AgeInMonthsAt[stay]}).Draw(t, "age at")
		return drawBound(t, age(admitted))
	default:
		if depth == 0 {
			return diagnoses.Known()
		}
		return drawCombination(t, func() cohort.RowPred[stay] { return drawStayPred(t, depth-1) })
	}
}

func drawComparison[P cohort.Predicate[P]](t *rapid.T, v cohort.DateValue[P], depth int) P {
	other := drawOperand(t, depth)
	switch rapid.IntRange(0, 8).Draw(t, "comparison") {
	case 0:
		return v.On(other)
	case 1:
		return v.Before(other)
	case 2:
		return v.NotAfter(other)
	case 3:
		return v.NotBefore(other)
	case 4:
		return v.After(other)
	case 5:
		return v.Known()
	case 6:
		return v.WithinAfter(drawPeriod(t), other)
	case 7:
		if rapid.Bool().Draw(t, "any order") {
			return v.Between(person.DateOfBirth, other)
		}
		return v.Between(cohort.Day(other).Minus(drawPeriod(t)), other)
	default:
		return v.Within(drawPeriod(t), other)
	}
}

func drawBound[P cohort.Predicate[P]](t *rapid.T, v cohort.NumberValue[P]) P {
	x := drawNumber(t)
	switch rapid.IntRange(0, 6).Draw(t, "bound") {
	case 0:
		return v.Is(x)
	case 1:
		return v.AtLeast(x)
	case 2:
		return v.AtMost(x)
	case 3:
		return v.Above(x)
	case 4:
		return v.Below(x)
	case 5:
		return v.Known()
	default:
		return v.Between(x, x+rapid.SampledFrom([]float64{0, 1, 50}).Draw(t, "width"))
	}
}

// drawBoundValue compares with a number of the person.
func drawBoundValue[P cohort.Predicate[P]](t *rapid.T, v cohort.NumberValue[P], depth int) P {
	x := drawNumberSeries(t, depth)
	switch rapid.IntRange(0, 5).Draw(t, "bound by value") {
	case 0:
		return v.IsValue(x)
	case 1:
		return v.AtLeastValue(x)
	case 2:
		return v.AtMostValue(x)
	case 3:
		return v.AboveValue(x)
	case 4:
		return v.BelowValue(x)
	default:
		return v.BetweenValues(x, drawNumberSeries(t, depth))
	}
}

func drawCombination[P cohort.Predicate[P]](t *rapid.T, part func() P) P {
	parts := make([]P, rapid.IntRange(1, 3).Draw(t, "parts"))
	for i := range parts {
		parts[i] = part()
	}
	switch rapid.IntRange(0, 5).Draw(t, "combination") {
	case 4:
		return cohort.IsYes(parts[0])
	case 5:
		return cohort.IsUnknown(parts[0])
	case 0:
		return cohort.All(parts...)
	case 1:
		return cohort.Any(parts...)
	case 2:
		return cohort.AtLeast(rapid.IntRange(1, len(parts)).Draw(t, "n"), parts...)
	default:
		return cohort.Not(parts[0])
	}
}

func drawCriterion(t *rapid.T, depth int) cohort.Criterion {
	switch rapid.IntRange(0, 11).Draw(t, "question") {
	case 0:
		return drawComparison(t, drawDateSeries(t, depth), depth)
	case 1, 2:
		return drawBound(t, drawNumberSeries(t, depth))
	case 3:
		if depth == 0 {
			return drawBound(t, drawNumberSeries(t, depth))
		}
		return drawBoundValue(t, drawNumberSeries(t, depth-1), depth-1)
	case 4:
		return drawTextSeries(t, depth).In(person.Female, "F")
	case 5:
		return drawRows(t, depth).Exists()
	case 6:
		return drawStays(t, depth).Exists()
	case 7:
		return drawCodeSeries(t, depth).In(drawCodes(t))
	case 8:
		return drawPick(t, drawStays(t, depth), diagnoses).AnyIn(drawICD(t))
	case 9:
		return cohort.Define("known-area", "1", person.LSOA.Known())
	default:
		if depth == 0 {
			return person.DateOfBirth.Known()
		}
		return drawCombination(t, func() cohort.Criterion { return drawCriterion(t, depth-1) })
	}
}
