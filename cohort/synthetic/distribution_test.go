package synthetic_test

import (
	"math"
	"regexp"
	"slices"
	"strings"
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

func TestPeopleFollowTheTable(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	type question struct {
		expected

		about func(p synthetic.Person, age int) bool
	}
	questions := map[string]question{
		"under 20":        {expected{23.0, 1}, func(_ synthetic.Person, age int) bool { return age < 20 }},
		"20 to 39":        {expected{26.4, 1}, func(_ synthetic.Person, age int) bool { return age >= 20 && age < 40 }},
		"40 to 59":        {expected{26.4, 1}, func(_ synthetic.Person, age int) bool { return age >= 40 && age < 60 }},
		"60 to 79":        {expected{19.3, 1}, func(_ synthetic.Person, age int) bool { return age >= 60 && age < 80 }},
		"80 or over":      {expected{4.9, 0.6}, func(_ synthetic.Person, age int) bool { return age >= 80 }},
		"women":           {expected{50.9, 1.2}, func(p synthetic.Person, _ int) bool { return p.Gender == person.Female }},
		"men":             {expected{48.9, 1.2}, func(p synthetic.Person, _ int) bool { return p.Gender == person.Male }},
		"sex not known":   {expected{0.1, 0.08}, func(p synthetic.Person, _ int) bool { return p.Gender == "0" }},
		"sex not given":   {expected{0.05, 0.05}, func(p synthetic.Person, _ int) bool { return p.Gender == "9" }},
		"partial birth":   {expected{0.3, 0.12}, func(p synthetic.Person, _ int) bool { return len(p.DateOfBirth) == 4 || len(p.DateOfBirth) == 7 }},
		"no birth":        {expected{0.05, 0.05}, func(p synthetic.Person, _ int) bool { return p.DateOfBirth == "" }},
		"no address":      {expected{0.05, 0.05}, func(p synthetic.Person, _ int) bool { return p.LSOA == "Z99999999" && p.Postcode == "" }},
		"London":          {expected{15.6, 0.8}, func(p synthetic.Person, _ int) bool { return strings.HasPrefix(p.Postcode, "LB") }},
		"restricted":      {expected{0.3, 0.12}, func(p synthetic.Person, _ int) bool { return p.Restricted }},
		"superseded":      {expected{0.3, 0.12}, func(p synthetic.Person, _ int) bool { return p.SupersededBy != cohort.Key{} }},
		"dead":            {expected{0.94, 0.25}, func(p synthetic.Person, _ int) bool { return p.DeathStatus != "" }},
		"dead, informal":  {expected{0.145, 0.1}, func(p synthetic.Person, _ int) bool { return p.DeathStatus == "1" }},
		"dead, undated":   {expected{0.045, 0.045}, func(p synthetic.Person, _ int) bool { return p.DeathStatus != "" && p.DateOfDeath == "" }},
		"removed, living": {expected{3, 0.4}, func(p synthetic.Person, _ int) bool { return p.ReasonForRemoval != "" && p.ReasonForRemoval != "DEA" }},
		"no practice":     {expected{3.8, 0.5}, func(p synthetic.Person, _ int) bool { return p.Practice == "" }},
		"reads the app":   {expected{62.5, 2}, func(p synthetic.Person, _ int) bool { return p.ReadsApp }},
		"text only":       {expected{31, 3}, func(p synthetic.Person, _ int) bool { return !p.ReadsApp && p.HasMobile }},
		"unreachable":     {expected{3.2, 1.5}, func(p synthetic.Person, _ int) bool { return !p.ReadsApp && !p.HasMobile && !p.HasEmail }},
	}
	counts := make(map[string]int)
	pop := large(t)
	for p, err := range pop.People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		born, err := cohort.ParseDate(p.DateOfBirth)
		age := -1
		if err == nil {
			age = born.Age(on())
		}
		for name, q := range questions {
			if (age >= 0 || !strings.ContainsAny(name, "0123456789")) && q.about(p, age) {
				counts[name]++
			}
		}
	}
	for name, q := range questions {
		q.check(t, name, counts[name], pop.Len())
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
