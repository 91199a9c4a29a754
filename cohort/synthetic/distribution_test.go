package synthetic_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func on() cohort.Date { return cohort.MustDate("2026-11-01") }

func extractDay() cohort.Date { return on().AddMonths(-synthetic.ExtractLag) }

func large(t *testing.T) *synthetic.Population {
	t.Helper()
	return population(t, synthetic.Config{Seed: 7, People: 20000, On: on()})
}

// expected is a figure of the table: percentages, and how far from it a sample of 20,000 may lie.
type expected struct{ percent, within float64 }

func (e expected) check(t *testing.T, what string, count, of int) {
	t.Helper()
	if got := 100 * float64(count) / float64(of); math.Abs(got-e.percent) > e.within {
		t.Errorf("%s: %.2f%%, want %.2f%% within %.2f", what, got, e.percent, e.within)
	}
}

// about asks something about a person, whose age it is told.
type about func(p synthetic.Person, age int) bool

// personFigure is one of the tables: of how many percent of people something is so, or of some of them.
type personFigure struct {
	what      string
	percent   float64
	is, among about
}

func aged(from, to int) about {
	return func(_ synthetic.Person, age int) bool { return age >= from && age < to }
}

func reads(p synthetic.Person, _ int) bool    { return p.ReadsApp }
func mobile(p synthetic.Person, _ int) bool   { return p.HasMobile }
func email(p synthetic.Person, _ int) bool    { return p.HasEmail }
func dead(p synthetic.Person, _ int) bool     { return p.DeathStatus != "" }
func everyone(_ synthetic.Person, _ int) bool { return true }

// personFigures are those of people as PDS shows them.
func personFigures() []personFigure {
	gender := func(code string) about { return func(p synthetic.Person, _ int) bool { return p.Gender == code } }
	birth := func(digits int) about {
		return func(p synthetic.Person, _ int) bool { return len(p.DateOfBirth) == digits }
	}
	informal := func(p synthetic.Person, _ int) bool { return p.DeathStatus == "1" }
	left := func(p synthetic.Person, _ int) bool { return p.ReasonForRemoval != "" && p.ReasonForRemoval != "DEA" }
	noticed := func(p synthetic.Person, _ int) bool {
		return p.ReasonForRemoval == "DEA" && p.DateOfDeath < on().AddDays(-14).String()
	}
	return []personFigure{
		{"women", 50.92, gender(person.Female), everyone},
		{"men", 48.93, gender(person.Male), everyone},
		{"sex not known", 0.1, gender("0"), everyone},
		{"sex not given", 0.05, gender("9"), everyone},
		{"born in a month", 0.2, birth(7), everyone},
		{"born in a year", 0.1, birth(4), everyone},
		{"no birth", 0.05, birth(0), everyone},
		{"no address", 0.05, func(p synthetic.Person, _ int) bool { return p.LSOA == "Z99999999" && p.Postcode == "" }, everyone},
		{"restricted", 0.3, func(p synthetic.Person, _ int) bool { return p.Restricted }, everyone},
		{"superseded", 0.3, func(p synthetic.Person, _ int) bool { return p.SupersededBy != cohort.Key{} }, everyone},
		{"left", 3, left, everyone},
		{"left in the last of two years", 50, func(p synthetic.Person, _ int) bool { return p.DateOfRemoval > on().AddMonths(-12).String() }, left},
		{"died informally", 15, informal, dead},
		{"undated", 30, func(p synthetic.Person, _ int) bool { return p.DateOfDeath == "" }, informal},
		{
			"died in the last six of twelve months", 50,
			func(p synthetic.Person, _ int) bool { return p.DateOfDeath > on().AddMonths(-6).String() },
			func(p synthetic.Person, _ int) bool { return p.DateOfDeath != "" },
		},
		{"notified in the second of two weeks", 50, func(p synthetic.Person, _ int) bool {
			return p.DateOfRemoval >= cohort.MustDate(p.DateOfDeath).AddDays(7).String()
		}, noticed},
		{"dead under 20", 0.02, dead, aged(0, 20)},
		{"dead from 20", 0.05, dead, aged(20, 40)},
		{"dead from 40", 0.3, dead, aged(40, 60)},
		{"dead from 60", 1.8, dead, aged(60, 80)},
		{"dead from 80", 10, dead, aged(80, 200)},
		{"app of children", 0, reads, aged(0, 13)},
		{"app from 13", 78, reads, aged(13, 65)},
		{"app from 65", 62, reads, aged(65, 80)},
		{"app from 80", 28, reads, aged(80, 200)},
		{"mobile of children", 70, mobile, aged(0, 13)},
		{"mobile from 13", 93, mobile, aged(13, 65)},
		{"mobile from 65", 85, mobile, aged(65, 80)},
		{"mobile from 80", 55, mobile, aged(80, 200)},
		{"email of children", 50, email, aged(0, 13)},
		{"email from 13", 80, email, aged(13, 65)},
		{"email from 65", 65, email, aged(65, 80)},
		{"email from 80", 30, email, aged(80, 200)},
	}
}

func TestPeopleFollowTheTable(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	figures := personFigures()
	counts, of := make([]int, len(figures)), make([]int, len(figures))
	bands := []float64{5.4, 5.9, 6.0, 5.7, 6.0, 6.6, 7.0, 6.7, 6.3, 6.4, 6.9, 6.7, 5.8, 4.9, 5.0, 3.6, 2.5, 2.4}
	inBand, known := make([]int, len(bands)), 0
	for p, err := range population(t, synthetic.Config{Seed: 7, People: 200_000, On: on()}).People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		age := -1
		if born, err := cohort.ParseDate(p.DateOfBirth); err == nil {
			age = born.Age(on())
			inBand[min(born.Age(extractDay())/5, len(bands)-1)]++
			known++
		}
		for i, f := range figures {
			if f.among(p, age) {
				of[i]++
				if f.is(p, age) {
					counts[i]++
				}
			}
		}
	}
	for i, f := range figures {
		closeTo(t, f.what, f.percent, counts[i], of[i])
	}
	for i, percent := range bands {
		closeTo(t, fmt.Sprint("aged from ", 5*i), percent/0.998, inBand[i], known) // the bands are 99.8% in all
	}
}

func TestPeopleAreWellFormed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	day := `\d{4}-\d{2}-\d{2}`
	shapes := map[string]*regexp.Regexp{
		"DateOfBirth":      regexp.MustCompile(`^(|\d{4}|\d{4}-\d{2}|` + day + `)$`),
		"DateOfDeath":      regexp.MustCompile(`^(|` + day + `)$`),
		"DateOfRemoval":    regexp.MustCompile(`^(|` + day + `)$`),
		"Postcode":         regexp.MustCompile(`^(|[A-Z]{2}\d \d[A-Z]{2})$`),
		"LSOA":             regexp.MustCompile(`^(E01\d{6}|Z99999999)$`),
		"Practice":         regexp.MustCompile(`^(|[A-P]\d{5})$`),
		"ReasonForRemoval": regexp.MustCompile(`^(|[A-Z]{3})$`),
		"name":             regexp.MustCompile(`^\p{Lu}[\pL'-]+ \p{Lu}[\pL'-]+$`),
	}
	areas := make(map[string]string)
	for p, err := range large(t).People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"DateOfBirth": p.DateOfBirth, "DateOfDeath": p.DateOfDeath, "DateOfRemoval": p.DateOfRemoval,
			"Postcode": p.Postcode, "LSOA": p.LSOA, "Practice": p.Practice,
			"ReasonForRemoval": p.ReasonForRemoval, "name": p.GivenName + " " + p.FamilyName,
		} {
			if !shapes[name].MatchString(text) {
				t.Fatalf("%s %q has the wrong shape", name, text)
			}
		}
		for _, day := range []string{p.DateOfDeath, p.DateOfRemoval} {
			if day != "" && (day > on().String() || day < p.DateOfBirth) {
				t.Fatalf("death or removal on %s of someone born on %s", day, p.DateOfBirth)
			}
		}
		if (p.ReasonForRemoval == "") != (p.DateOfRemoval == "") || p.ReasonForRemoval == "DEA" && p.DeathStatus != "2" {
			t.Fatalf("removal %q on %q with death status %q", p.ReasonForRemoval, p.DateOfRemoval, p.DeathStatus)
		}
		if known, ok := areas[p.Postcode]; ok && known != p.LSOA {
			t.Fatalf("a postcode lies in two areas, %s and %s", known, p.LSOA)
		}
		areas[p.Postcode] = p.LSOA
	}
}

// ask answers questions about every record of a population, as verdicts by question.
func ask(t *testing.T, pop *synthetic.Population, questions map[string]cohort.Criterion, each func(i int, yes map[string]bool)) {
	t.Helper()
	// A step each, so that one pass answers all; the first keeps the definition false without records.
	steps := []cohort.Step{cohort.Include("has an entry", gpes.Journal.Exists())}
	names := []string{""}
	for name, criterion := range questions {
		names = append(names, name)
		steps = append(steps, cohort.Include(name, criterion).IfUnknown(cohort.TreatAsNo))
	}
	definition, err := cohort.New("questions", "1.0.0", steps...)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	if _, err = plan.Run(t.Context(), pop.Records(t.Context()), func(_ *cohort.Record, result cohort.Result) error {
		yes := make(map[string]bool)
		for at, step := range result.Steps {
			yes[names[at]] = step.Verdict == cohort.Yes
		}
		each(i, yes)
		i++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsFollowTheTable(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	has := func(code string) cohort.Rows[gpes.Entry] {
		list := codelist.Must(codelist.New(codelist.Info{
			ID: "test-" + code, Version: "1", System: codelist.SNOMEDCT, Source: "this test",
		}, code))
		return gpes.Journal.Where(gpes.Code.In(list))
	}
	illustrative := func(cluster string) *codelist.List {
		clusters := library.Clusters()
		return clusters[slices.IndexFunc(clusters, func(c library.Cluster) bool { return c.ID == cluster })].List
	}
	diagnosed := func(list *codelist.List) cohort.Criterion { return gpes.Journal.Where(gpes.Code.In(list)).Exists() }
	therapy := gpes.Journal.Where(gpes.Code.In(illustrative("talking-therapies-contact")))
	pressure, bodyMass := has("75367002"), has("60621009")
	raised := cohort.Latest(pressure.Where(gpes.Value1.Between(70, 190)), gpes.Value1).AtLeast(140)
	type question struct {
		expected

		criterion cohort.Criterion
	}
	questions := map[string]question{
		"hypertension":    {expected{15.3, 0.9}, diagnosed(illustrative("HYP_COD"))},
		"diabetes":        {expected{6.5, 0.6}, diagnosed(illustrative("DM_COD"))},
		"asthma":          {expected{6.5, 0.6}, diagnosed(illustrative("AST_COD"))},
		"osteoarthritis":  {expected{10.5, 0.8}, diagnosed(illustrative("osteoarthritis"))},
		"heart disease":   {expected{3.0, 0.4}, diagnosed(illustrative("CHD_COD"))},
		"smoker":          {expected{10, 0.9}, has("77176002").Exists()},
		"ex-smoker":       {expected{17.7, 1}, has("8517006").Exists()},
		"never smoked":    {expected{46, 1.5}, has("266919005").Exists()},
		"pressure":        {expected{45, 3}, pressure.Exists()},
		"raised pressure": {expected{13, 4}, raised},
		"body mass":       {expected{45, 2}, bodyMass.Exists()},
		"obese":           {expected{14.5, 4}, cohort.Latest(bodyMass.Where(gpes.Value1.Between(10, 55)), gpes.Value1).AtLeast(30)},
		"therapy ever":    {expected{11, 1.5}, therapy.Exists()},
		"therapy this year": {
			expected{3, 0.6},
			therapy.Where(gpes.Date.Within(cohort.Months(12), extractDay())).Exists(),
		},
		"no practice":      {expected{3.4, 0.5}, cohort.Not(person.Practice.Known())},
		"known dead":       {expected{0.8, 0.25}, person.DeathStatus.Known()},
		"area unknown":     {expected{0.05, 0.05}, cohort.Not(person.LSOA.Known())},
		"born one day":     {expected{99.65, 0.15}, person.DateOfBirth.Known()},
		"boards of London": {expected{15.1, 0.8}, person.ICB.In("QZD", "QZE")},
	}
	criteria := make(map[string]cohort.Criterion)
	for name, q := range questions {
		criteria[name] = q.criterion
	}
	criteria["category A"] = gpes.Journal.Where(gpes.Ethnicity.Is("A")).Exists()
	criteria["any category"] = gpes.Journal.Where(gpes.Ethnicity.Known()).Exists()
	counts := make(map[string]int)
	pop := large(t)
	ask(t, pop, criteria, func(_ int, yes map[string]bool) {
		for name, is := range yes {
			if is {
				counts[name]++
			}
		}
	})
	for name, q := range questions {
		q.check(t, name, counts[name], pop.Len())
	}
	// Of people with a category in some row, who are older than everybody is.
	expected{76.3, 2}.check(t, "ethnic category A", counts["category A"], counts["any category"])
}
