package cohort_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// visit marks the columns of a table whose catalogue entry says all that lint goes by.
type visit struct{}

var (
	visitSchema = cohort.EventTable[visit](cohort.TableInfo{
		Name: "visits", Row: "visit", Order: []string{"DAY"}, From: cohort.MustDate("2010-04-01"), Until: cohort.MustDate("2024-03-31"),
		Columns: []cohort.ColumnInfo{
			{Name: "DAY", Kind: cohort.DateKind, Filled: 100},
			{Name: "END", Kind: cohort.DateKind},
			{Name: "KIND", Kind: cohort.TextKind, Unknowns: []string{"9"}, Values: map[string]string{"1": "first", "2": "other", "9": "not known"}},
			{Name: "CAUSE", Kind: cohort.TextKind, Filled: 3},
			{Name: "DIAG", Kind: cohort.CodeKind, System: codelist.ICD10, Unknowns: []string{"R69X"}, From: cohort.MustDate("2015-04-01")},
		},
	})
	visits     = cohort.RowsOf(visitSchema)
	visitDay   = visitSchema.Date("DAY")
	visitEnd   = visitSchema.Date("END")
	visitKind  = visitSchema.Text("KIND")
	visitCause = visitSchema.Text("CAUSE")
	visitDiag  = visitSchema.Code("DIAG")
)

// clinic marks the columns of a table to which not everybody reported from the first day.
type clinic struct{}

var (
	clinicSchema = cohort.EventTable[clinic](cohort.TableInfo{
		Name: "clinics", Row: "clinic", Order: []string{"DAY"}, From: cohort.MustDate("2010-04-01"), Complete: cohort.MustDate("2020-01-01"),
		Columns: []cohort.ColumnInfo{{Name: "DAY", Kind: cohort.DateKind, Filled: 100}},
	})
	clinics   = cohort.RowsOf(clinicSchema)
	clinicDay = clinicSchema.Date("DAY")
)

func rules(plan *cohort.Plan) []string {
	var found []string
	for _, f := range plan.Lint() {
		found = append(found, fmt.Sprintf("%d %s", f.Step, f.Rule))
	}
	slices.Sort(found)
	return found
}

// TestLintLeavesGoodDefinitionsAlone: a finding that a clinician would call noise trains people to ignore lint.
func TestLintLeavesGoodDefinitionsAlone(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]*cohort.Plan{
		"talking therapies": talkingTherapies(t), "example": examplePlan(),
	} {
		for _, finding := range plan.Lint() {
			t.Errorf("%s: %v", name, finding)
		}
	}
	// This is so: the diagnoses have no last day.
	if diff := cmp.Diff([]string{"4 reads-future"}, rules(sample(t))); diff != "" {
		t.Errorf("sample (-want +got):\n%s", diff)
	}
	if got := rules(tour(t)); !slices.Contains(got, "10 never-no") {
		t.Errorf("tour: the earlier of a day and the index is never after the index: %v", got)
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	age, asthma := person.AgeOn(index), gpes.Code.In(list(t, "asthma", asthmaCode))
	both := gpes.Code.In(list(t, "both", asthmaCode, hypertensionCode))
	past := gpes.Journal.Where(gpes.Date.NotAfter(index))
	include := func(label string, c cohort.Criterion) cohort.Step {
		return cohort.Include(label, c).IfUnknown(cohort.TreatAsNo)
	}
	exclude := func(label string, c cohort.Criterion) cohort.Step {
		return cohort.Exclude(label, c).IfUnknown(cohort.TreatAsNo)
	}
	one := func(c cohort.Criterion) []cohort.Step { return []cohort.Step{include("a", c)} }
	two := func(a, b cohort.Criterion) []cohort.Step { return []cohort.Step{include("a", a), include("b", b)} }
	dayOf := cohort.MustDate
	windowed := func(from, to string) []cohort.Step {
		return one(visits.Where(visitDay.Between(dayOf(from), dayOf(to))).Exists())
	}
	tests := []struct {
		name  string
		steps []cohort.Step
		want  []string // of steps, of which "registered" is the first
	}{
		{"ages that exclude each other", two(age.AtLeast(40), age.Below(40)), []string{"3 contradiction"}},
		{"ages that meet", two(age.AtLeast(40), age.AtMost(40)), nil},
		{"between two whole numbers", two(age.Above(39), age.Below(40)), []string{"3 contradiction"}},
		{"ages in one question", one(cohort.All(age.AtLeast(40), age.Below(40))), []string{"2 never-yes"}},
		{"ages of which one will do", one(cohort.Any(age.Below(40), age.AtLeast(40))), []string{"2 never-no"}},
		{"ages with a gap", one(cohort.Any(age.Below(40), age.Above(40))), nil},
		{"excluded altogether", []cohort.Step{include("a", age.Between(40, 74)), exclude("b", age.AtLeast(30))}, []string{"3 contradiction"}},
		{"excluded in part", []cohort.Step{include("a", age.Between(40, 74)), exclude("b", age.AtLeast(70))}, nil},
		{"wider after narrower", two(age.Between(45, 70), age.Between(40, 74)), []string{"3 implied"}},
		{"narrower after wider", two(age.Between(40, 74), age.Between(45, 70)), nil},
		{"let through as unknown", []cohort.Step{cohort.Include("a", age.AtLeast(45)).IfUnknown(cohort.TreatAsYes), include("b", age.AtLeast(40))}, nil},
		{"ages on two days", two(age.AtLeast(40), cohort.AgeOn(person.DateOfBirth, cohort.Day(index).Minus(cohort.Years(5))).Below(40)), nil},
		{"a day that excludes", two(person.DateOfDeath.After(index), person.DateOfDeath.Before(index)), []string{"3 contradiction"}},
		{"a day with one left", two(person.DateOfDeath.After(index), person.DateOfDeath.Before(cohort.Day(index).Plus(cohort.Days(2)))), nil},
		{"a day with none left", two(person.DateOfDeath.After(index), person.DateOfDeath.Before(cohort.Day(index).Plus(cohort.Days(1)))), []string{"3 contradiction"}},
		{"two texts", two(person.Practice.In("A81001", "A81002"), person.Practice.Is("A81003")), []string{"3 contradiction"}},
		{"texts in common", two(person.Practice.In("A81001", "A81002"), person.Practice.In("A81002", "A81003")), nil},
		{"texts taken out", []cohort.Step{include("a", person.Practice.In("A81001", "A81002")), exclude("b", person.Practice.In("A81001", "A81002", "A81003"))}, []string{"3 contradiction"}},
		{"known and not", two(person.LSOA.Is("E01000001"), cohort.Not(person.LSOA.Known())), []string{"3 contradiction"}},
		{"known because it is some value", two(person.LSOA.Is("E01000001"), person.LSOA.Known()), []string{"3 implied"}},
		{"a count below zero", one(past.Count().Below(0)), []string{"2 never-yes"}},
		{"a count of none or more", one(past.Count().AtLeast(0)), []string{"2 never-no"}},
		{"a count", one(past.Count().AtLeast(1)), nil},
		{"codes of one entry apart", one(past.Where(asthma, gpes.Code.In(list(t, "pressure", pressureCode))).Exists()), []string{"2 never-yes"}},
		{"codes of one entry in common", one(past.Where(asthma, both).Exists()), nil},
		{"codes of one entry taken out", one(past.Where(asthma, cohort.Not(both)).Exists()), []string{"2 never-yes"}},
		{"days of one entry apart", one(past.Where(gpes.Date.After(index)).Exists()), []string{"2 never-yes"}},
		{"in a part of any", one(cohort.Any(past.Where(asthma).Exists(), past.Count().Below(0))), []string{"2 never-yes"}},
		{"a condition of a case", one(cohort.Case(cohort.When(past.Count().Below(0), cohort.Number(1)), cohort.Otherwise(cohort.Number(2))).AtLeast(2)), []string{"2 never-yes"}},

		{"rarely filled, excluded", []cohort.Step{exclude("a", visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), visitCause.Is("x")).Exists())}, []string{"2 rarely-filled"}},
		{"rarely filled, included", one(visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), visitCause.Is("x")).Exists()), nil},
		{"rarely filled, absence included", one(cohort.Not(visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), visitCause.Is("x")).Exists())), []string{"2 rarely-filled"}},
		{"rarely filled, turned round twice", []cohort.Step{exclude("a", cohort.Not(visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), visitCause.Is("x")).Exists()))}, nil},
		{"rarely filled, rows taken out", []cohort.Step{exclude("a", visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), cohort.Not(visitCause.Is("x"))).Exists())}, []string{"2 rarely-filled"}},
		{"rarely filled, asked for as empty", []cohort.Step{exclude("a", visits.Where(visitDay.NotAfter(dayOf("2024-01-01")), cohort.Not(visitCause.Known())).Exists())}, nil},
		{"rarely filled, picked", []cohort.Step{exclude("a", cohort.Latest(past, gpes.EpisodeCondition).Is("F"))}, []string{"2 rarely-filled"}},
		{"a measurement by its code", []cohort.Step{exclude("a", cohort.Latest(past.Where(asthma), gpes.Value2).AtLeast(90))}, nil},
		{"a measurement by no code", []cohort.Step{exclude("a", cohort.Latest(past, gpes.Value2).AtLeast(90))}, []string{"2 rarely-filled"}},

		{"partly reported, excluded", []cohort.Step{exclude("a", clinics.Where(clinicDay.NotAfter(dayOf("2024-01-01"))).Exists())}, []string{"2 partly-reported"}},
		{"partly reported, included", one(clinics.Where(clinicDay.NotAfter(dayOf("2024-01-01"))).Exists()), nil},
		{"partly reported, absence included", one(cohort.Not(clinics.Where(clinicDay.Between(dayOf("2019-12-31"), dayOf("2024-01-01"))).Exists())), []string{"2 partly-reported"}},
		{"partly reported, absence excluded", []cohort.Step{exclude("a", cohort.Not(clinics.Where(clinicDay.NotAfter(dayOf("2024-01-01"))).Exists()))}, nil},
		{"partly reported, as one of several", []cohort.Step{exclude("a", cohort.Any(age.Above(99), clinics.Where(clinicDay.NotAfter(dayOf("2024-01-01"))).Exists()))}, []string{"2 partly-reported"}},
		{"all reported", []cohort.Step{exclude("a", clinics.Where(clinicDay.Between(dayOf("2020-01-01"), dayOf("2024-01-01"))).Exists())}, nil},
		{"all reported within the window", []cohort.Step{exclude("a", clinics.Where(clinicDay.Within(cohort.Years(1), index)).Exists())}, nil},

		{"before the data begin", windowed("2005-01-01", "2009-12-31"), []string{"2 beyond-data"}},
		{"reaching back too far", windowed("2009-01-01", "2012-12-31"), []string{"2 beyond-data"}},
		{"from the first day to the last", windowed("2010-04-01", "2024-03-31"), nil},
		{"a day after the last", windowed("2020-01-01", "2024-04-01"), []string{"2 beyond-data"}},
		{"after the data end", windowed("2024-04-01", "2025-01-01"), []string{"2 beyond-data"}},
		{"before a column begins", one(visits.Where(visitDay.Between(dayOf("2012-01-01"), dayOf("2020-01-01")), visitDiag.In(icd(t, "stroke", strokeCode))).Exists()), []string{"2 beyond-data"}},
		{"after a column begins", one(visits.Where(visitDay.Between(dayOf("2015-04-01"), dayOf("2020-01-01")), visitDiag.In(icd(t, "stroke", strokeCode))).Exists()), nil},
		{"no longer than the lag", one(gpes.Journal.Where(gpes.Date.Within(cohort.Months(2), index)).Exists()), []string{"2 beyond-data"}},
		{"longer than the lag", one(gpes.Journal.Where(gpes.Date.Within(cohort.Months(3), index)).Exists()), nil},

		{"no last day", two(age.AtLeast(40), gpes.Journal.Where(asthma).Exists()), []string{"3 reads-future"}},
		{"a first day only", two(age.AtLeast(40), gpes.Journal.Where(gpes.Date.NotBefore(dayOf("2020-01-01"))).Exists()), []string{"3 reads-future"}},
		{"a last day", two(age.AtLeast(40), past.Where(asthma).Exists()), nil},
		{"the day of other rows", two(age.AtLeast(40), gpes.Journal.Where(gpes.Date.On(cohort.Latest(past, gpes.Date))).Exists()), nil},
		{"another day of the row", two(age.AtLeast(40), visits.Where(visitEnd.Before(index)).Exists()), nil},
		{"one day of the row against another", two(age.AtLeast(40), visits.Where(cohort.InOrder(visitDay, visitEnd)).Exists()), []string{"3 reads-future"}},
		{"nothing to be after", one(gpes.Journal.Where(asthma).Exists()), nil},

		{"age on a day written down", two(past.Exists(), cohort.AgeOn(person.DateOfBirth, dayOf("2025-06-30")).AtLeast(75)), []string{"3 fixed-age"}},
		{"age at the end of a year written down", two(past.Exists(), cohort.AgeOn(person.DateOfBirth, cohort.Day(dayOf("2025-06-30")).EndOf(cohort.FinancialYear)).AtLeast(75)), []string{"3 fixed-age"}},
		{"age at the end of the year", two(past.Exists(), person.AgeReachedIn(cohort.FinancialYear, index).AtLeast(75)), nil},
		{"age at death", two(past.Exists(), cohort.AgeOn(person.DateOfBirth, person.DateOfDeath).AtLeast(75)), nil},
		{"no date but this", one(cohort.AgeOn(person.DateOfBirth, dayOf("2025-06-30")).AtLeast(75)), nil},

		{"a text that is not listed", one(visits.Where(visitKind.In("1", "first")).Exists()), []string{"2 no-such-value"}},
		{"texts that are listed", one(visits.Where(visitKind.In("1", "2")).Exists()), nil},
		{"a column without a list", one(person.Practice.Is("X")), nil},
		{"a code that means not known", one(visits.Where(visitDiag.In(icd(t, "open", strokeCode, "R69X"))).Exists()), []string{"2 no-such-value"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := bind(t, append([]cohort.Step{registered()}, test.steps...)...)
			if diff := cmp.Diff(test.want, rules(plan)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, plan.Lint())
			}
			for _, f := range plan.Lint() {
				if f.Fix == "" || !strings.Contains(f.String(), f.Text) || f.Label == "" {
					t.Errorf("incomplete: %+v", f)
				}
			}
		})
	}
}
