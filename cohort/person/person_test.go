package person_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestTable(t *testing.T) {
	t.Parallel()
	info := person.Table().Info()
	if info.Doc == "" || info.Absence == "" || info.Refresh == "" || len(info.Order) != 0 {
		t.Errorf("the table is not described: %+v", info)
	}
	for _, column := range info.Columns {
		if column.Doc == "" {
			t.Errorf("column %s is not described", column.Name)
		}
	}
}

func TestDeadOn(t *testing.T) {
	t.Parallel()
	died := func(text string) cohort.Cell[cohort.Criterion] { return person.DateOfDeath.Of(cohort.MustDate(text)) }
	formal := person.DeathStatus.Of("2")
	tests := []struct {
		name   string
		fields []cohort.Cell[cohort.Criterion]
		want   cohort.Verdict
	}{
		{"nothing recorded", nil, cohort.Unknown},
		{"the day before", []cohort.Cell[cohort.Criterion]{died("2025-05-31"), formal}, cohort.Yes},
		{"that day", []cohort.Cell[cohort.Criterion]{died("2025-06-01"), formal}, cohort.Yes},
		{"the day after", []cohort.Cell[cohort.Criterion]{died("2025-06-02"), formal}, cohort.No},
		{"without a date", []cohort.Cell[cohort.Criterion]{person.DeathStatus.Of("1")}, cohort.Yes},
		{"with a floor date", []cohort.Cell[cohort.Criterion]{died("1800-01-01"), formal}, cohort.Yes},
		{"without a status", []cohort.Cell[cohort.Criterion]{died("2025-05-31")}, cohort.Yes},
	}
	definition, err := cohort.New("dead", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("dead", person.DeadOn(cohort.Index)).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		if got := plan.Evaluate(cohort.NewRecord("9990000018", test.fields...)).Steps[1].Verdict; got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestAges asks for the ages that programmes go by, of people born on either side of a boundary.
func TestAges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, born, on string
		age            func(day cohort.Operand[cohort.Date]) cohort.NumberSeries
		want           float64
	}{
		{"2 on 31 August 2025", "2023-08-31", "2025-09-01", person.SchoolAge, 2},
		{"1 on 31 August 2025", "2023-09-01", "2025-09-01", person.SchoolAge, 1},
		{"still so in July", "2023-08-31", "2026-07-15", person.SchoolAge, 2},
		{"the last day of the school year before", "2023-08-31", "2025-08-31", person.SchoolAge, 1},
		{"the youngest in Reception", "2021-08-31", "2025-09-03", person.SchoolAge, 4},
		{"the oldest in Reception", "2020-09-01", "2025-09-03", person.SchoolAge, 4},
		{"turns 5 in the school year, on its last day", "2021-08-31", "2025-09-03", in(cohort.AcademicYear), 5},
		{"turns 5 in the school year, on its first day", "2020-09-01", "2025-09-03", in(cohort.AcademicYear), 5},
		{"turns 6 in the school year", "2020-08-31", "2025-09-03", in(cohort.AcademicYear), 6},
		{"born on 29 February, by year of birth", "2004-02-29", "2025-02-28", in(cohort.CalendarYear), 21},
		{"by year of birth, on the first day", "1985-12-31", "2025-01-01", in(cohort.CalendarYear), 40},
		{"by year of birth, on the last day", "1985-12-31", "2025-12-31", in(cohort.CalendarYear), 40},
		{"born the day after", "1986-01-01", "2025-12-31", in(cohort.CalendarYear), 39},
		{"65 in the screening year 2024/25", "1960-03-31", "2024-04-01", in(cohort.FinancialYear), 65},
		{"65 in the screening year 2025/26", "1960-04-01", "2024-04-01", in(cohort.FinancialYear), 64},
		{"65 in the screening year that began", "1960-04-01", "2025-04-01", in(cohort.FinancialYear), 65},
		{"6 months", "2024-12-01", "2025-06-01", person.AgeInMonthsOn, 6},
	}
	for _, test := range tests {
		definition, err := cohort.New("age", "1", cohort.Include("age", test.age(cohort.Index).Is(test.want)).IfUnknown(cohort.TreatAsNo))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate(test.on)))
		if err != nil {
			t.Fatal(err)
		}
		born := person.DateOfBirth.Of(cohort.MustDate(test.born))
		if got := plan.Evaluate(cohort.NewRecord("9990000018", born)).Outcome; got != cohort.Member {
			t.Errorf("%s: born %s, the age on %s is not %v", test.name, test.born, test.on, test.want)
		}
	}
}

func in(year cohort.Year) func(day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return func(day cohort.Operand[cohort.Date]) cohort.NumberSeries { return person.AgeReachedIn(year, day) }
}

func TestUnknownValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cell  cohort.Cell[cohort.Criterion]
		known cohort.Criterion
	}{
		"gender 0":      {person.Gender.Of("0"), person.Gender.Known()},
		"gender 9":      {person.Gender.Of("9"), person.Gender.Known()},
		"dummy area":    {person.LSOA.Of("Z99999999"), person.LSOA.Known()},
		"no practice":   {person.Practice.Of("V81997"), person.Practice.Known()},
		"no birth":      {person.DateOfBirth.Of(cohort.MustDate("1801-01-01")), person.DateOfBirth.Known()},
		"far death":     {person.DateOfDeath.Of(cohort.MustDate("9999-01-01")), person.DateOfDeath.Known()},
		"no removal":    {person.ReasonForRemoval.Of(""), person.ReasonForRemoval.Known()},
		"no day of it":  {person.DateOfRemoval.Of(cohort.Date{}), person.DateOfRemoval.Known()},
		"no postcode":   {person.Postcode.Of(""), person.Postcode.Known()},
		"no outcode":    {person.Outcode.Of(""), person.Outcode.Known()},
		"no care board": {person.ICB.Of(""), person.ICB.Known()},
	}
	for name, test := range tests {
		definition, err := cohort.New("known", "1", cohort.Include("known", test.known))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(cohort.NewRecord("9990000018", test.cell)).Outcome; got != cohort.NotMember {
			t.Errorf("%s counts as known", name)
		}
	}
}
