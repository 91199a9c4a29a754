package cohort_test

import (
	"math"
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

const (
	unknown = cohort.Unknown
	no      = cohort.No
	yes     = cohort.Yes
)

func TestFields(t *testing.T) {
	t.Parallel()
	born := func(text string) *cohort.Record { return record(person.DateOfBirth.Of(date(text))) }
	died := func(text string) *cohort.Record { return record(person.DateOfDeath.Of(date(text))) }
	age, months := person.AgeOn(index), person.AgeInMonthsOn(index)
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"40 on the day", age.Between(40, 74), born("1985-06-01"), yes},
		{"40 tomorrow", age.Between(40, 74), born("1985-06-02"), no},
		{"74 for one more day", age.Between(40, 74), born("1950-06-02"), yes},
		{"75 today", age.Between(40, 74), born("1950-06-01"), no},
		{"age unknown", age.Between(40, 74), record(), unknown},
		{"age of a floor date", age.Between(40, 74), born("1800-01-01"), unknown},
		{"age at least", age.AtLeast(75), born("1950-06-01"), yes},
		{"age at most", age.AtMost(74), born("1950-06-01"), no},
		{"age above", age.Above(75), born("1950-06-01"), no},
		{"age below", age.Below(75), born("1950-06-02"), yes},
		{"age exactly", age.Is(75), born("1950-06-01"), yes},
		{"leap birthday, 28 February", cohort.AgeOn(person.DateOfBirth, cohort.MustDate("2025-02-28")).Is(20), born("2004-02-29"), yes},
		{"leap birthday, 1 March", cohort.AgeOn(person.DateOfBirth, cohort.MustDate("2025-03-01")).Is(21), born("2004-02-29"), yes},
		{"age at death", cohort.AgeOn(person.DateOfBirth, person.DateOfDeath).AtLeast(40), born("1950-01-01"), unknown},

		{"6 months today", months.AtLeast(6), born("2024-12-01"), yes},
		{"6 months tomorrow", months.AtLeast(6), born("2024-12-02"), no},
		{"months unknown", months.AtLeast(6), record(), unknown},
		{"month without the day of birth, last day", cohort.AgeInMonthsOn(person.DateOfBirth, cohort.MustDate("2025-02-28")).Is(0), born("2025-01-31"), yes},
		{"month without the day of birth, day after", cohort.AgeInMonthsOn(person.DateOfBirth, cohort.MustDate("2025-03-01")).Is(1), born("2025-01-31"), yes},
		{"leap birthday is 12 months on 1 March", cohort.AgeInMonthsOn(person.DateOfBirth, cohort.MustDate("2025-02-28")).Is(11), born("2024-02-29"), yes},

		{"died that day", person.DateOfDeath.NotAfter(index), died("2025-06-01"), yes},
		{"died the day after", person.DateOfDeath.NotAfter(index), died("2025-06-02"), no},
		{"death not recorded", person.DateOfDeath.NotAfter(index), record(), unknown},
		{"before", person.DateOfDeath.Before(index), died("2025-06-01"), no},
		{"not before", person.DateOfDeath.NotBefore(index), died("2025-06-01"), yes},
		{"after", person.DateOfDeath.After(index), died("2025-06-02"), yes},
		{"on", person.DateOfDeath.On(index), died("2025-06-01"), yes},
		{"on another day", person.DateOfDeath.On(cohort.MustDate("2025-05-31")), died("2025-06-01"), no},
		{"within, first day", person.DateOfDeath.Within(cohort.Months(12), index), died("2024-06-01"), yes},
		{"within, day before", person.DateOfDeath.Within(cohort.Months(12), index), died("2024-05-31"), no},
		{"within, last day", person.DateOfDeath.Within(cohort.Days(90), index), died("2025-06-01"), yes},
		{"within, day after", person.DateOfDeath.Within(cohort.Years(1), index), died("2025-06-02"), no},
		{"within 90 days", person.DateOfDeath.Within(cohort.Days(90), index), died("2025-03-03"), yes},
		{"91 days ago", person.DateOfDeath.Within(cohort.Days(90), index), died("2025-03-02"), no},
		{"within a window of an unknown day", person.DateOfBirth.Within(cohort.Years(1), person.DateOfDeath), born("1950-01-01"), unknown},
		{"an unknown day within an unknown window", person.DateOfBirth.Within(cohort.Years(1), person.DateOfDeath), record(), unknown},

		{"gender", person.Gender.Is(person.Female), record(person.Gender.Of("2")), yes},
		{"gender not known", person.Gender.Is(person.Female), record(person.Gender.Of("0")), unknown},
		{"gender not specified is not male either", cohort.Not(person.Gender.Is(person.Male)), record(person.Gender.Of("9")), unknown},
		{"practice in set", person.Practice.In("A81002", "A81001"), record(), yes},
		{"practice not in set", person.Practice.In("A81002"), record(), no},
		{"outcode missing", person.Outcode.In("LS1"), record(person.Outcode.Of("")), unknown},
		{"dummy area", person.LSOA.In("E01000001"), record(person.LSOA.Of("Z99999999")), unknown},
		{"known", person.LSOA.Known(), record(person.LSOA.Of("E01000001")), yes},
		{"known, dummy area", person.LSOA.Known(), record(person.LSOA.Of("Z99999999")), no},
		{"day known", person.DateOfDeath.Known(), record(), no},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestCombining(t *testing.T) {
	t.Parallel()
	y, n := person.Practice.Known(), person.LSOA.Known()
	u := person.DateOfDeath.NotAfter(index)
	tests := []struct {
		name      string
		criterion cohort.Criterion
		want      cohort.Verdict
	}{
		{"all yes", cohort.All(y, y), yes},
		{"all with no", cohort.All(y, u, n), no},
		{"all with unknown", cohort.All(y, u), unknown},
		{"any no", cohort.Any(n, n), no},
		{"any with yes", cohort.Any(n, u, y), yes},
		{"any with unknown", cohort.Any(n, u), unknown},
		{"not unknown", cohort.Not(u), unknown},
		{"not no", cohort.Not(n), yes},
		{"two of three", cohort.AtLeast(2, y, u, y), yes},
		{"two of three, perhaps", cohort.AtLeast(2, y, u, n), unknown},
		{"two of three, never", cohort.AtLeast(2, n, u, n), no},
		{"defined", cohort.Define("d", "1", cohort.All(y, y)), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, record()); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	linked := func(links ...string) *cohort.Record {
		r := record()
		for _, link := range links {
			cohort.Append(r, gpes.Date.Of(day), gpes.Links.Of(link))
		}
		return r
	}
	hypertension := gpes.Journal.Where(gpes.Code.In(list(t, "hypertension", hypertensionCode)))
	lastYear := hypertension.Where(gpes.Date.Within(cohort.Years(1), index))
	bmi := gpes.Journal.Where(gpes.Value1.Between(4, 200))
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"nothing recorded", hypertension.Exists(), record(), no},
		{"recorded", hypertension.Exists(), journal(entry{code: hypertensionCode}), yes},
		{"another code", hypertension.Exists(), journal(entry{code: asthmaCode}), no},
		{"first day of the window", lastYear.Exists(), journal(entry{code: hypertensionCode, date: "2024-06-01"}), yes},
		{"day before the window", lastYear.Exists(), journal(entry{code: hypertensionCode, date: "2024-05-31"}), no},
		{"undated rows do not count, and are not unknown", lastYear.Exists(), journal(entry{code: hypertensionCode}), no},
		{"a floor date is no date", lastYear.Exists(), journal(entry{code: hypertensionCode, date: "1900-01-01"}), no},
		{"not of undated rows is yes", cohort.Not(lastYear.Exists()), journal(entry{code: hypertensionCode}), yes},
		{"no row counts none", hypertension.Count().Is(0), record(), yes},
		{"two rows", hypertension.Count().AtLeast(2), journal(entry{code: hypertensionCode}, entry{code: asthmaCode}, entry{code: hypertensionCode}), yes},
		{"one row is not two", hypertension.Count().AtLeast(2), journal(entry{code: hypertensionCode}), no},
		{"any of two codes", gpes.Journal.Where(cohort.Any(gpes.Code.In(list(t, "a", asthmaCode)), gpes.Code.In(list(t, "h", hypertensionCode)))).Count().Is(2), journal(entry{code: hypertensionCode}, entry{code: asthmaCode}, entry{code: pressureCode}), yes},
		{"not a code", gpes.Journal.Where(cohort.Not(gpes.Code.In(list(t, "a", asthmaCode)))).Count().Is(1), journal(entry{code: hypertensionCode}, entry{code: asthmaCode}, entry{}), yes},
		{"two of three predicates", gpes.Journal.Where(cohort.AtLeast(2, gpes.Code.Known(), gpes.Date.Known(), gpes.Value1.Known())).Count().Is(1), journal(entry{code: asthmaCode}, entry{code: asthmaCode, value: 1}), yes},
		{"entries after an event of the person's own", gpes.Journal.Where(gpes.Date.After(cohort.Earliest(hypertension, gpes.Date))).Count().Is(1), journal(entry{code: hypertensionCode, date: "2020-01-01"}, entry{code: asthmaCode, date: "2020-01-02"}, entry{code: asthmaCode, date: "2020-01-01"}), yes},
		{"after an event that is not there", gpes.Journal.Where(gpes.Date.After(cohort.Earliest(hypertension, gpes.Date))).Exists(), journal(entry{code: asthmaCode, date: "2020-01-02"}), no},
		{"plausible values only", cohort.Latest(bmi, gpes.Value1).Is(41), journal(entry{date: "2025-02-01", value: 250}, entry{date: "2025-01-01", value: 41}), yes},
		{"latest of a column beyond the ties", cohort.Latest(gpes.Journal, gpes.Links).Is("b"), linked("a", "b"), yes},
		{"latest of a column beyond the ties, other way round", cohort.Latest(gpes.Journal, gpes.Links).Is("b"), linked("b", "a"), yes},
		{"text of the latest", cohort.Latest(hypertension, gpes.EpisodeCondition).Is("N"), journal(entry{code: hypertensionCode}), unknown},
		{"code of the earliest", cohort.Earliest(gpes.Journal, gpes.Code).In(list(t, "a", asthmaCode)), journal(entry{code: asthmaCode, date: "2020-01-01"}, entry{code: hypertensionCode, date: "2021-01-01"}), yes},
		{"date of the latest", cohort.Latest(gpes.Journal, gpes.Date).Within(cohort.Months(1), index), journal(entry{code: asthmaCode, date: "2025-05-01"}), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestOrder checks latest and earliest for every order in which the rows can arrive.
func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		entries          []entry
		latest, earliest float64 // NaN for missing
	}{
		{"none", nil, math.NaN(), math.NaN()},
		{"by date", []entry{{date: "2024-01-01", value: 1}, {date: "2024-01-02", value: 2}, {date: "2023-01-01", value: 3}}, 2, 3},
		{"undated last, either way", []entry{{value: 1}, {date: "2024-01-01", value: 2}}, 2, 2},
		{"only undated", []entry{{value: 1, recorded: "2024-01-01"}, {value: 2, recorded: "2024-01-02"}}, 2, 1},
		{"ties by the day typed", []entry{{date: "2024-01-01", recorded: "2024-01-05", value: 1}, {date: "2024-01-01", recorded: "2024-01-03", value: 2}}, 1, 2},
		{"tie with the day typed missing", []entry{{date: "2024-01-01", value: 1}, {date: "2024-01-01", recorded: "2024-01-03", value: 2}}, 2, 2},
		{"ties by code", []entry{{date: "2024-01-01", code: "75367002", value: 1}, {date: "2024-01-01", code: "271649006", value: 2}}, 1, 2},
		{"ties by value", []entry{{date: "2024-01-01", value: 150}, {date: "2024-01-01", value: 130}, {date: "2024-01-01", value: 140}}, 150, 130},
		{"tie with a missing value", []entry{{date: "2024-01-01"}, {date: "2024-01-01", value: 130}}, 130, 130},
		{"latest has no value", []entry{{date: "2024-01-02"}, {date: "2024-01-01", value: 130}}, math.NaN(), 130},
	}
	is := func(series cohort.NumberSeries, x float64) cohort.Criterion {
		if math.IsNaN(x) {
			return cohort.Not(series.Known())
		}
		return series.Is(x)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for entries := range permutations(test.entries) {
				r := journal(entries...)
				if got := ask(t, is(cohort.Latest(gpes.Journal, gpes.Value1), test.latest), r); got != yes {
					t.Errorf("latest of %v is not %v", entries, test.latest)
				}
				if got := ask(t, is(cohort.Earliest(gpes.Journal, gpes.Value1), test.earliest), r); got != yes {
					t.Errorf("earliest of %v is not %v", entries, test.earliest)
				}
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	u := person.DateOfDeath.NotAfter(index)
	tests := []struct {
		name string
		step cohort.Step
		want cohort.Outcome
	}{
		{"include, no", cohort.Include("x", u).IfUnknown(cohort.TreatAsNo), cohort.NotMember},
		{"include, yes", cohort.Include("x", u).IfUnknown(cohort.TreatAsYes), cohort.Member},
		{"include, refer", cohort.Include("x", u).IfUnknown(cohort.Refer), cohort.Referred},
		{"exclude, no", cohort.Exclude("x", u).IfUnknown(cohort.TreatAsNo), cohort.Member},
		{"exclude, yes", cohort.Exclude("x", u).IfUnknown(cohort.TreatAsYes), cohort.NotMember},
		{"exclude, refer", cohort.Exclude("x", u).IfUnknown(cohort.Refer), cohort.Referred},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := bind(t, registered(), test.step).Evaluate(record()).Outcome; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			failing := cohort.Include("area known", person.LSOA.Known())
			if got := bind(t, registered(), test.step, failing).Evaluate(record()).Outcome; got != cohort.NotMember {
				t.Errorf("with a failing step: got %v, want not a member", got)
			}
		})
	}
}

// permutations yields every order of a few items.
func permutations[T any](items []T) func(func([]T) bool) {
	var each func(done, left []T, yield func([]T) bool) bool
	each = func(done, left []T, yield func([]T) bool) bool {
		if len(left) == 0 {
			return yield(done)
		}
		for i := range left {
			rest := slices.Delete(slices.Clone(left), i, i+1)
			if !each(append(slices.Clone(done), left[i]), rest, yield) {
				return false
			}
		}
		return true
	}
	return func(yield func([]T) bool) { each(nil, items, yield) }
}
