package synthetic_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// tally compares how often something was drawn with the sum of how likely that was each time.
type tally struct {
	drawn              int
	expected, variance float64
}

func (c *tally) add(percent float64, is bool) {
	p := percent / 100
	c.expected += p
	c.variance += p * (1 - p)
	if is {
		c.drawn++
	}
}

// check allows five standard errors.
func (c *tally) check(t *testing.T, what string) {
	t.Helper()
	if within := 5 * math.Sqrt(c.variance); !(math.Abs(float64(c.drawn)-c.expected) <= within) {
		t.Errorf("%s: drawn %d times, want %.0f within %.0f", what, c.drawn, c.expected, within)
	}
}

// checkFully checks as well that there was enough to tell half as much again.
func (c *tally) checkFully(t *testing.T, what string) {
	t.Helper()
	c.check(t, what)
	if !(c.expected/2 > 5*math.Sqrt(c.variance)) {
		t.Errorf("%s: %.0f expected are too few to tell", what, c.expected)
	}
}

// tallies are tallies by name.
type tallies map[string]*tally

func (all tallies) of(name string) *tally {
	if all[name] == nil {
		all[name] = new(tally)
	}
	return all[name]
}

// drawn calls each with many people who have rows in some tables.
func drawn(t *testing.T, people int, rows synthetic.Rows, each func(synthetic.Drawn)) {
	t.Helper()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	population(t, synthetic.Config{Seed: 7, People: people, On: on(), Rows: rows}).Drawn(each)
}

// ethnicShares are published, by the Census of 2021, but for splits within groups.
func ethnicShares() map[string]float64 {
	return map[string]float64{
		"B": 0.9, "C": 6.5, "D": 0.9, "E": 0.4, "F": 0.8, "G": 0.8, "H": 3.1, "J": 2.7, "K": 1.1, "L": 1.6, "M": 1, "N": 2.5,
		"P": 0.5, "R": 0.7, "S": 2.1,
	}
}

// likelyOther returns in percent how likely somebody who says so is outside category A.
func likelyOther(d synthetic.Drawn) float64 {
	percent := 25.6 * []float64{1.3, 1.2, 0.95, 0.55, 0.5}[min(d.Age/20, 4)]
	if d.Region == "London" {
		return 2.4 * percent
	}
	return 0.74 * percent
}

// qof are prevalences of all ages that QOF publishes, some from memory, in percent.
func qof() map[string]float64 {
	return map[string]float64{
		"COPD": 1.9, "CKD": 3.4, "severe mental illness": 0.84, "AF": 2.1, "heart failure": 1.0, "cancer": 3.5,
		"dementia": 0.8, "epilepsy": 0.8, "learning disability": 0.6, "PAD": 0.6, "rheumatoid arthritis": 0.8,
	}
}

// Everybody has the conditions and histories of the tables as often as they say, by age, and an ethnicity by age and region.
func TestHistoriesFollowTheTable(t *testing.T) {
	t.Parallel()
	const people = 480_000
	traits := synthetic.Traits()
	of := make(map[string]int) // traits by code
	for i, trait := range traits {
		for _, code := range trait.Codes {
			if _, ok := of[code]; ok {
				t.Fatalf("two traits have the code %s", code)
			}
			of[code] = i
		}
	}
	categories := ethnicShares()
	whole, ages := make([]tally, len(traits)), make([][5]tally, len(traits))
	ethnic := make(tallies)
	has := make([]bool, len(traits))
	others := [...]string{"others under 20", "others from 20", "others from 40", "others from 60", "others from 80"}
	drawn(t, people, synthetic.Rows{"person": 1, "gpes.journal": 4.6}, func(d synthetic.Drawn) { // its core, and histories
		clear(has)
		for _, code := range d.Column("gpes.journal", "CODE") {
			if i, ok := of[code]; ok {
				has[i] = true
			}
		}
		for i, trait := range traits {
			if (trait.Sex == "" || trait.Sex == d.Sex) && d.Age >= trait.From {
				whole[i].add(trait.Percent(d.Age), has[i])
				ages[i][min(d.Age/20, 4)].add(trait.Percent(d.Age), has[i])
			} else if has[i] {
				t.Errorf("%s at %d", trait.Name, d.Age)
			}
		}
		if !d.InCare {
			return
		}
		const said = 0.96
		other := likelyOther(d)
		for category, share := range categories {
			ethnic.of(category).add(said*other*share/25.6, d.Ethnicity == category)
		}
		ethnic.of("not stated").add(100*(1-said), d.Ethnicity == "Z")
		for _, what := range []string{"others", "others in " + d.Region, others[min(d.Age/20, 4)]} {
			ethnic.of(what).add(said*other, d.Ethnicity != "A" && d.Ethnicity != "Z")
		}
	})
	for i, trait := range traits {
		whole[i].checkFully(t, trait.Name)
		for age := range ages[i] {
			ages[i][age].check(t, fmt.Sprintf("%s from %d", trait.Name, 20*age))
		}
		if want, ok := qof()[trait.Name]; ok {
			if got := 100 * float64(whole[i].drawn) / people; math.Abs(got-want) > want/4 {
				t.Errorf("%s: %.2f%% of all, and QOF publishes %.2f", trait.Name, got, want)
			}
		}
	}
	for what, c := range ethnic {
		c.checkFully(t, "ethnic category "+what)
	}
}

// mean is how much of something there is each time.
type mean struct{ n, sum, squares float64 }

func (m *mean) add(x float64) { m.n, m.sum, m.squares = m.n+1, m.sum+x, m.squares+x*x }

// checkTimes compares it with a number of times that is drawn evenly up to twice the mean, rounded, but at least once.
func (m *mean) checkTimes(t *testing.T, what string, want float64) {
	t.Helper()
	want += 1 / (4 * want) // as none is made one
	got := m.sum / m.n
	if within := 5 * math.Sqrt((m.squares/m.n-got*got)/m.n); !(math.Abs(got-want) <= within) || within > want/4 {
		t.Errorf("%s: %.3f, want %.3f within %.3f", what, got, want, within)
	}
}

// each counts rows by what they have in some columns.
func each(columns ...[]string) map[string]int {
	counts := make(map[string]int)
	for row := range columns[0] {
		var cells []string
		for _, c := range columns {
			cells = append(cells, c[row])
		}
		counts[strings.Join(cells, " ")]++
	}
	return counts
}

// cancer is what is counted of treatments.
type cancer struct {
	shares, people           tallies
	drugs, courses           []synthetic.Treatment
	regimens, cycles, visits mean
}

// choose counts one of the treatments that somebody of a sex can have.
func (c *cancer) choose(of []synthetic.Treatment, sex, name string) {
	all := 0.0
	for _, t := range of {
		if t.Sex == "" || t.Sex == sex {
			all += t.Share
		}
	}
	for _, t := range of {
		if t.Sex == "" || t.Sex == sex {
			c.shares.of(t.Name).add(100*t.Share/all, t.Name == name)
		}
	}
}

// percentTreated is assumed, by age.
func percentTreated(age int) float64 { return []float64{0.15, 0.8, 3.2, 11, 14}[min(age/20, 4)] }

// systemic counts the regimens of a person.
func (c *cancer) systemic(t *testing.T, d synthetic.Drawn) {
	t.Helper()
	regimens := d.Column("sact.regimens", "MAPPED_REGIMEN")
	percent := percentTreated(d.Age) * 50 / 100
	c.people.of("with drugs").add(percent, len(regimens) > 0)
	c.people.of(fmt.Sprint("treated from ", 20*min(d.Age/20, 4))).add(percent, len(regimens) > 0)
	if len(regimens) == 0 {
		return
	}
	c.regimens.add(float64(len(regimens)))
	for _, name := range regimens {
		if name != "" {
			c.choose(c.drugs, d.Sex, name)
		}
	}
	of, starts := d.Column("sact.cycles", "MERGED_REGIMEN_ID"), d.Column("sact.cycles", "START_DATE_OF_CYCLE")
	first, last := d.Column("sact.regimens", "START_DATE_OF_REGIMEN"), dayNumber(extractDay().String())
	cycles := each(of)
	for i, id := range d.Column("sact.regimens", "MERGED_REGIMEN_ID") {
		if start, err := strconv.Atoi(first[i]); err == nil && d.InCare && start+13*21 < last { // all cycles are over
			c.cycles.add(float64(cycles[id]))
		}
	}
	for i := 1; i < len(starts); i++ {
		from, err1 := strconv.Atoi(starts[i-1])
		to, err2 := strconv.Atoi(starts[i])
		if cmp.Or(err1, err2) == nil && of[i] == of[i-1] && to-from != 21 {
			t.Fatalf("%d days from cycle to cycle", to-from)
		}
	}
	for _, n := range each(d.Column("sact.drugs", "MERGED_CYCLE_ID"), d.Column("sact.drugs", "DRUG_GROUP")) {
		c.visits.add(float64(n))
	}
}

// radiation counts the courses of a person.
func (c *cancer) radiation(d synthetic.Drawn) {
	fractions := d.Column("rtds.prescriptions", "PRESCRIBEDFRACTIONS")
	at := slices.IndexFunc(fractions, func(n string) bool { return n != "17" })
	percent := percentTreated(d.Age) * 55 / 100
	c.people.of("irradiated").add(percent, at >= 0)
	c.people.of(fmt.Sprint("treated from ", 20*min(d.Age/20, 4))).add(percent, at >= 0)
	// Radiotherapy at 10 to 35, since 2009.
	if d.Sex == person.Female && d.Age >= 10 && d.Age < 52 {
		c.people.of("lymphoma").add(0.1, slices.Contains(fractions, "17"))
	}
	if at < 0 {
		return
	}
	cancers := d.Column("rtds.attendances", "RADIOTHERAPYDIAGNOSISICD")
	if cancers[at] != "" {
		c.choose(c.courses, d.Sex, cancers[at]+" "+fractions[at])
	}
	episodes := d.Column("rtds.attendances", "RADIOTHERAPYEPISODEID")
	start, err := strconv.Atoi(d.Column("rtds.attendances", "APPTDATE")[at])
	if over := err == nil && d.InCare && start+60 < dayNumber(extractDay().String()); over && fractions[at] == "30" {
		// Evenly from none to 36, so that half of long courses have as many as the mean.
		c.people.of("fractions").add(100*(1-17.5/36), each(episodes)[episodes[at]] >= 18)
	}
}

func TestCancerFollowsTheTable(t *testing.T) {
	t.Parallel()
	rows := synthetic.Rows{"person": 1}
	for _, table := range []string{
		"sact.regimens", "sact.cycles", "sact.drugs", "sact.administrations", "rtds.attendances", "rtds.prescriptions",
	} {
		rows[table] = synthetic.National()[table]
	}
	c := &cancer{shares: make(tallies), people: make(tallies)}
	c.drugs, c.courses = synthetic.Treatments()
	drawn(t, 800_000, rows, func(d synthetic.Drawn) {
		c.systemic(t, d)
		c.radiation(d)
	})
	for _, all := range []tallies{c.shares, c.people} {
		for what, n := range all {
			n.checkFully(t, what)
		}
	}
	c.regimens.checkTimes(t, "regimens", 2)
	c.cycles.checkTimes(t, "cycles", 6)
	c.visits.checkTimes(t, "visits", 1.5)
}

func dayNumber(day string) int {
	at, _ := time.Parse(time.DateOnly, day)
	return int(at.Unix() / 86400)
}

// Of many periods of critical care, a few have days that are said to be many; of diagnoses, most are named.
func TestHospitalsFollowTheTable(t *testing.T) {
	t.Parallel()
	named := synthetic.NamedDiagnoses()
	days := []string{
		"CCLEV2DAYS", "CCLEV3DAYS", "ACARDSUPDAYS", "ARESSUPDAYS", "BCARDSUPDAYS", "BRESSUPDAYS", "RENSUPDAYS", "NEUROSUPDAYS",
		"LIVERSUPDAYS", "DERMSUPDAYS", "GISUPDAYS",
	}
	var many, names tally
	drawn(t, 12_000, synthetic.Rows{"person": 1, "hes.apc": 10, "hes.cc": 10}, func(d synthetic.Drawn) {
		for _, column := range days {
			for _, cell := range d.Column("hes.cc", column) {
				if cell != "" {
					many.add(0.05, cell == "998")
				}
			}
		}
		for _, code := range d.Column("hes.apc", "DIAG_4_02") {
			if code != "" {
				names.add(60, slices.Contains(named, code))
			}
		}
	})
	many.checkFully(t, "998 days")
	names.checkFully(t, "named diagnoses")
}

// A run that fails or is cancelled leaves no goroutine.
func TestWriteLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // others have goroutines
	pop := population(t, some(3000))
	before := runtime.NumGoroutine()
	cancelled, cancel := context.WithCancel(t.Context())
	_, err := pop.Write(cancelled, t.TempDir(), synthetic.Files{Parts: 12, Workers: 4, Progress: func(synthetic.Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// A folder goes while parts are being written.
	dir := t.TempDir()
	_, err = pop.Write(t.Context(), dir, synthetic.Files{Parts: 12, Workers: 4, Progress: func(synthetic.Progress) {
		_ = os.RemoveAll(filepath.Join(dir, "hes.apc"))
	}})
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
