package synthetic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// The extract is two months old: each of these people would be messaged in error without a look at PDS.
func TestExtractIsStale(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	pop := large(t)
	var northEast []string
	for n := range 24 {
		northEast = append(northEast, fmt.Sprintf("A99%03d", n+1))
	}
	counts := make(map[string]int)
	ask(t, pop, map[string]cohort.Criterion{
		"dead":        person.DeathStatus.Known(),
		"registered":  person.Practice.Known(),
		"in practice": person.Practice.In(northEast...),
	}, func(i int, extract map[string]bool) {
		p := pop.Person(i)
		dead, registered := p.DeathStatus != "", p.Practice != ""
		for change, seen := range map[string]bool{
			"died":      dead && !extract["dead"],
			"rose":      !dead && extract["dead"],
			"left":      !dead && !registered && extract["registered"],
			"came back": registered && !extract["registered"],
			"moved":     registered && extract["registered"] && strings.HasPrefix(p.Practice, "A") != extract["in practice"],
		} {
			if seen {
				counts[change]++
			}
		}
	})
	for change, least := range map[string]int{"died": 15, "left": 25, "moved": 10} {
		if counts[change] < least {
			t.Errorf("%s since the extract: %d people, want at least %d", change, counts[change], least)
		}
	}
	if counts["rose"]+counts["came back"] > 0 {
		t.Errorf("%d people rose from the dead and %d came back", counts["rose"], counts["came back"])
	}
}

func TestJournalsAreDirty(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	largest := "G99012" // of the practices of its board
	questions := map[string]cohort.Criterion{
		"entry without date":         gpes.Journal.Where(cohort.Not(gpes.Date.Known())).Exists(),
		"entry without typing date":  gpes.Journal.Where(cohort.Not(gpes.RecordDate.Known())).Exists(),
		"entry in the future":        gpes.Journal.Where(gpes.Date.After(extractDay())).Exists(),
		"entry centuries ahead":      gpes.Journal.Where(gpes.Date.After(cohort.MustDate("2400-01-01"))).Exists(),
		"reading not taken":          gpes.Journal.Where(gpes.Value1.Is(0)).Exists(),
		"reading ten times too high": gpes.Journal.Where(gpes.Value1.Above(500)).Exists(),
		"sex unknown":                gpes.Journal.Where(cohort.Not(gpes.Sex.Known())).Exists(),
		"area unknown":               gpes.Journal.Where(cohort.Not(gpes.LSOA.Known())).Exists(),
		"ethnicity missing":          gpes.Journal.Where(cohort.Not(gpes.Ethnicity.Known())).Exists(),
		"entry of another practice": cohort.All(person.Practice.Is(largest),
			gpes.Journal.Where(cohort.Not(gpes.Practice.Is(largest))).Exists()),
	}
	found := make(map[string]int)
	ask(t, large(t), questions, func(_ int, yes map[string]bool) {
		for name, is := range yes {
			if is {
				found[name]++
			}
		}
	})
	for name := range questions {
		if found[name] == 0 {
			t.Errorf("nobody has: %s", name)
		}
	}
}

// row is a journal row as an explanation shows it.
type row struct{ date, typed, code, value1, value2 string }

func TestJournalsKeepToALifetime(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	pop := population(t, synthetic.Config{Seed: 11, People: 3000, On: on()})
	definition, err := cohort.New("rows", "1.0.0", cohort.Include("any", gpes.Journal.Where(cohort.Any(
		gpes.Date.Known(), gpes.RecordDate.Known(), gpes.Code.Known(), gpes.Value1.Known(), gpes.Value2.Known(),
	)).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	rows, twice, late := 0, 0, 0
	for i := range pop.Len() {
		why, err := plan.Explain(t.Context(), pop.Record(i))
		if err != nil {
			t.Fatal(err)
		}
		p, seen := pop.Person(i), make(map[row]bool)
		for _, evidence := range why.Steps[0].Finding.Evidence {
			values := make(map[string]string)
			for _, v := range evidence.Values {
				values[v.Name] = v.Value
			}
			r := row{
				values["DATE"], values["RECORD_DATE"], values["CODE"],
				values["VALUE1_CONDITION"], values["VALUE2_CONDITION"],
			}
			rows++
			if seen[r] {
				twice++
			}
			seen[r] = true
			if r.typedYears() >= 1 {
				late++
			}
			r.check(t, p)
		}
	}
	if rows < 3*pop.Len() {
		t.Errorf("%d rows for %d people are too few", rows, pop.Len())
	}
	expected{0.5, 0.25}.check(t, "rows entered twice", twice, rows)
	expected{0.5, 0.3}.check(t, "rows typed years later", late, rows)
}

// typedYears returns how many whole years later the row was typed; negative when that is not known.
func (r row) typedYears() int {
	date, err := cohort.ParseDate(r.date)
	typed, errTyped := cohort.ParseDate(r.typed)
	if err != nil || errTyped != nil {
		return -1
	}
	return date.Age(typed)
}

// check fails when the row lies outside care, other than by the dirt that belongs.
func (r row) check(t *testing.T, p synthetic.Person) {
	t.Helper()
	const missing = "not known"
	if r.date == missing || r.date > extractDay().String() {
		return
	}
	if r.typed != missing && (r.typed < r.date || r.typed > extractDay().String()) {
		t.Errorf("an entry of %s was typed on %s", r.date, r.typed)
	}
	if r.date < p.DateOfBirth {
		t.Errorf("an entry of %s is from before birth", r.date)
	}
	if p.DateOfDeath != "" && r.date > p.DateOfDeath {
		t.Errorf("an entry of %s is from after death", r.date)
	}
}
