package tree_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// TestDays compares the days that a comparison comes down to with the comparison of every single day near its ends.
func TestDays(t *testing.T) {
	t.Parallel()
	table := &tree.Table{Name: "t", Columns: []tree.Column{{Name: "day", Kind: tree.Date}}}
	rapid.Check(t, func(t *rapid.T) {
		someday := rapid.OneOf(
			rapid.Map(rapid.Int32Range(1, int32(calendar.Last)), func(n int32) tree.Day { return tree.Day(n) }),
			rapid.SampledFrom([]tree.Day{calendar.First, calendar.First + 58, calendar.Last, calendar.Last - 59, calendar.Of(2024, 2, 29), calendar.Of(2025, 1, 31), calendar.Of(2025, 4, 1)}))
		field := tree.Value(tree.Field{Table: table})
		worked := func(d tree.Day) tree.Day { return d }
		for range rapid.IntRange(0, 2).Draw(t, "worked out") {
			inner := worked
			if rapid.Bool().Draw(t, "edge") {
				month, end := rapid.SampledFrom([]int{1, 4, 9}).Draw(t, "month"), rapid.Bool().Draw(t, "end")
				field = tree.Edge{Of: field, Month: month, End: end}
				worked = func(d tree.Day) tree.Day {
					if end {
						return inner(d).EndOfYear(time.Month(month))
					}
					return inner(d).StartOfYear(time.Month(month))
				}
				continue
			}
			months, days := rapid.IntRange(-30, 30).Draw(t, "months"), rapid.IntRange(-70, 70).Draw(t, "days")
			field = tree.Shift{Of: field, Months: months, Days: days}
			worked = func(d tree.Day) tree.Day { return inner(d).Add(months, days) }
		}
		other := someday.Draw(t, "other")
		value, limit := field, tree.Constant{Of: tree.Date, Day: other}
		result := func(d tree.Day) float64 { return float64(worked(d)) }
		if rapid.Bool().Draw(t, "span") {
			unit := rapid.SampledFrom([]tree.Unit{tree.InDays, tree.InMonths, tree.InYears}).Draw(t, "unit")
			limit = tree.Constant{Of: tree.Number, Number: float64(rapid.IntRange(-30, 100).Draw(t, "limit")) / 2}
			if rapid.Bool().Draw(t, "from") {
				value = tree.Span{From: field, To: tree.Constant{Of: tree.Date, Day: other}, Unit: unit}
				result = func(d tree.Day) float64 { return float64(unit.Count(worked(d), other)) }
			} else {
				value = tree.Span{From: tree.Constant{Of: tree.Date, Day: other}, To: field, Unit: unit}
				result = func(d tree.Day) float64 { return float64(unit.Count(other, worked(d))) }
			}
		}
		against := limit.Number
		if limit.Of == tree.Date {
			against = float64(limit.Day)
		}
		op := rapid.SampledFrom([]tree.Op{tree.Less, tree.AtMost, tree.Equal, tree.AtLeastAs, tree.Greater}).Draw(t, "op")
		of, when, ok := tree.DaysOf(tree.Compare{Left: value, Op: op, Right: limit})
		if !ok || of != (tree.Field{Table: table}) {
			t.Fatalf("no days of %v", of)
		}
		near := []tree.Day{calendar.First, calendar.Last, other, someday.Draw(t, "day")}
		for beside := tree.Day(-2); beside <= 2; beside++ {
			near = append(near, when.First+beside, when.Last+beside, other+beside)
		}
		for _, d := range near {
			if d < calendar.First || d > calendar.Last {
				continue
			}
			got := result(d)
			want := map[tree.Op]bool{
				tree.Less: got < against, tree.AtMost: got <= against, tree.Equal: got == against,
				tree.AtLeastAs: got >= against, tree.Greater: got > against,
			}[op]
			if in := when.First <= d && d <= when.Last; in != want {
				t.Fatalf("day %d is in %v: %v, want %v", d, when, in, want)
			}
		}
	})
}
