package cohort_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
)

// stayed is one hospital stay of a test; zero values are missing.
type stayed struct {
	from  string
	days  float64
	codes []string
}

func stayRecord(rows ...stayed) *cohort.Record {
	r := record()
	for _, s := range rows {
		cells := []cohort.Cell[cohort.RowPred[stay]]{diagnoses.Of(s.codes...)}
		if s.days != 0 {
			cells = append(cells, stayDays.Of(s.days))
		}
		stayOf(r, s.from, "", cells...)
	}
	return r
}

// TestSummaries asks every summary for every order in which the rows can arrive.
func TestSummaries(t *testing.T) {
	t.Parallel()
	long := stays.Where(stayDays.Above(2))
	tests := []struct {
		name string
		rows []stayed
		want map[string]any // nil for missing
	}{
		{"no rows", nil, map[string]any{
			"min": nil, "max": nil, "sum": nil, "mean": nil, "first": nil, "last": nil, "distinct days": 0, "distinct codes": 0,
		}},
		{"one row", []stayed{{"2025-01-01", 3, []string{strokeCode}}}, map[string]any{
			"min": 3, "max": 3, "sum": 3, "mean": 3, "first": "2025-01-01", "last": "2025-01-01", "distinct days": 1, "distinct codes": 1,
		}},
		{"only missing values", []stayed{{}, {codes: []string{"R69X"}, days: 999}}, map[string]any{
			"min": nil, "max": nil, "sum": nil, "mean": nil, "first": nil, "last": nil, "distinct days": 0, "distinct codes": 0,
		}},
		{"missing values are skipped", []stayed{{"2025-01-02", 4, nil}, {"", 999, []string{strokeCode}}, {from: "2025-01-01"}, {days: 1}}, map[string]any{
			"min": 1, "max": 4, "sum": 5, "mean": 2.5, "first": "2025-01-01", "last": "2025-01-02", "distinct days": 2, "distinct codes": 1,
		}},
		{"repeats", []stayed{{"2025-01-01", 2, []string{strokeCode, faintCode}}, {"2025-01-01", 2, []string{strokeCode}}, {"2025-03-01", 2, []string{diabetesCode, strokeCode}}}, map[string]any{
			"min": 2, "max": 2, "sum": 6, "mean": 2, "first": "2025-01-01", "last": "2025-03-01", "distinct days": 2, "distinct codes": 3,
		}},
		{"decimals", []stayed{{days: 0.1}, {days: 0.2}, {days: -0.3}, {days: 0.3}}, map[string]any{
			"min": -0.3, "max": 0.3, "sum": 0.3, "mean": 0.075,
		}},
		{"small beside large", []stayed{{days: 1e17}, {days: 1}, {days: -1e17}, {days: 0.5}}, map[string]any{
			"min": -1e17, "max": 1e17, "sum": 1.5, "mean": 0.375,
		}},
		{"narrowed", []stayed{{days: 1}, {days: 2}, {days: 3}, {days: 4}}, map[string]any{"long sum": 7, "long mean": 3.5, "long min": 3}},
		{"narrowed to nothing", []stayed{{days: 1}, {days: 2}}, map[string]any{"long sum": nil, "long mean": nil, "long min": nil}},
	}
	numbers := map[string]cohort.NumberSeries{
		"min": cohort.Min(stays, stayDays), "max": cohort.Max(stays, stayDays), "sum": cohort.Sum(stays, stayDays),
		"mean": cohort.Mean(stays, stayDays), "distinct days": cohort.CountDistinct(stays, admitted),
		"distinct codes": cohort.CountDistinct(stays, diagnoses),
		"long sum":       cohort.Sum(long, stayDays), "long mean": cohort.Mean(long, stayDays), "long min": cohort.Min(long, stayDays),
	}
	days := map[string]cohort.DateSeries{"first": cohort.Min(stays, admitted), "last": cohort.Max(stays, admitted)}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for name, want := range test.want {
				var is cohort.Criterion
				switch want := want.(type) {
				case nil:
					known := numbers[name].Known()
					if series, ok := days[name]; ok {
						known = series.Known()
					}
					is = cohort.Not(known)
				case string:
					is = days[name].On(cohort.MustDate(want))
				case int:
					is = numbers[name].Is(float64(want))
				case float64:
					is = numbers[name].Is(want)
				}
				plan := planOf(t, is)
				for rows := range permutations(test.rows) {
					if got := plan.Evaluate(stayRecord(rows...)).Steps[1].Verdict; got != yes {
						t.Fatalf("%s of %v is not %v", name, rows, want)
					}
				}
			}
		})
	}
}

// TestSumsAreExact adds hundredths, which whole numbers can check.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		hundredths := make([]int, 1+random.IntN(40))
		total := 0
		r := record()
		for i := range hundredths {
			hundredths[i] = random.IntN(2_000_000) - 500_000
			total += hundredths[i]
			cohort.Append(r, stayDays.Of(float64(hundredths[i])/100))
		}
		sum, mean := float64(total)/100, float64(total)/float64(100*len(hundredths))
		if got := ask(t, cohort.Sum(stays, stayDays).Is(sum), r); got != yes {
			t.Fatalf("the sum of %v hundredths is not %v", hundredths, sum)
		}
		if got := ask(t, cohort.Mean(stays, stayDays).Is(mean), r); got != yes {
			t.Fatalf("the mean of %v hundredths is not %v", hundredths, mean)
		}
	}
}

// TestInfinityIsMissing checks that no column holds what cannot be added.
func TestInfinityIsMissing(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		r := record()
		cohort.Append(r, stayDays.Of(x))
		cohort.Append(r, stayDays.Of(2))
		if got := ask(t, cohort.Sum(stays, stayDays).Is(2), r); got != yes {
			t.Errorf("the sum with %v is not that without", x)
		}
	}
}

func TestEpisodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		days []string
		gap  cohort.Period
		want float64
	}{
		{"none", nil, cohort.Days(3), 0},
		{"only undated", []string{"", ""}, cohort.Days(3), 0},
		{"one", []string{"2025-01-01"}, cohort.Days(3), 1},
		{"two runs", []string{"2025-01-01", "2025-01-04", "2025-01-06", "2025-01-10", "2025-01-12"}, cohort.Days(3), 2},
		{"wider gap", []string{"2025-01-01", "2025-01-04", "2025-01-06", "2025-01-10", "2025-01-12"}, cohort.Days(4), 1},
		{"narrower gap", []string{"2025-01-01", "2025-01-04", "2025-01-06", "2025-01-10", "2025-01-12"}, cohort.Days(1), 5},
		{"undated are left out", []string{"2025-01-01", "", "2025-01-05"}, cohort.Days(3), 2},
		{"one day again", []string{"2025-01-01", "2025-01-01", "2025-01-01"}, cohort.Days(1), 1},
		{"each gap by itself", []string{"2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"}, cohort.Days(1), 1},
		{"a month, last day", []string{"2025-01-15", "2025-02-15"}, cohort.Months(1), 1},
		{"a month, day after", []string{"2025-01-15", "2025-02-16"}, cohort.Months(1), 2},
		{"a short month, last day", []string{"2025-01-31", "2025-02-28"}, cohort.Months(1), 1},
		{"a short month, day after", []string{"2025-01-31", "2025-03-01"}, cohort.Months(1), 2},
		{"a year from a leap day", []string{"2024-02-29", "2025-02-28"}, cohort.Years(1), 1},
		{"a year and a day from a leap day", []string{"2024-02-29", "2025-03-01"}, cohort.Years(1), 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := planOf(t, stays.Episodes(test.gap).Is(test.want))
			for days := range permutations(test.days) {
				var rows []stayed
				for _, day := range days {
					rows = append(rows, stayed{from: day})
				}
				if got := plan.Evaluate(stayRecord(rows...)).Steps[1].Verdict; got != yes {
					t.Fatalf("%v are not %v episodes", days, test.want)
				}
			}
		})
	}
}

// TestSummaryEvidence checks what an explanation shows for each summary.
func TestSummaryEvidence(t *testing.T) {
	t.Parallel()
	r := stayRecord(stayed{"2025-01-05", 4, nil}, stayed{days: 2}, stayed{from: "2025-01-01"}, stayed{"2025-01-03", 2, nil})
	tests := []struct {
		name            string
		series          cohort.NumberSeries
		used, undecided []int
	}{
		{"sum", cohort.Sum(stays, stayDays), []int{1, 2, 4}, []int{3}},
		{"mean", cohort.Mean(stays, stayDays), []int{1, 2, 4}, []int{3}},
		{"min", cohort.Min(stays, stayDays), []int{2}, []int{3}},
		{"max", cohort.Max(stays, stayDays), []int{1}, []int{3}},
		{"distinct", cohort.CountDistinct(stays, stayDays), []int{1, 2, 4}, []int{3}},
		{"episodes", stays.Episodes(cohort.Days(1)), []int{1, 3, 4}, []int{2}},
		{"narrowed", cohort.Max(stays.Where(admitted.NotAfter(cohort.MustDate("2025-01-04"))), stayDays), []int{4}, []int{3, 2}},
	}
	for _, test := range tests {
		why, err := planOf(t, test.series.AtLeast(0)).Explain(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var used, undecided []int
		for _, e := range why.Steps[1].Finding.Evidence {
			if e.Undecided {
				undecided = append(undecided, e.Row)
			} else {
				used = append(used, e.Row)
			}
		}
		if !slices.Equal(used, test.used) || !slices.Equal(undecided, test.undecided) {
			t.Errorf("%s: rows %v, undecided %v; want %v and %v", test.name, used, undecided, test.used, test.undecided)
		}
	}
}
