package synthetic_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// figure is one of the tables: in how many percent of a table's rows a column is as asked.
type figure struct {
	table, column string
	percent       float64
	is            func(cell string) bool
}

func filled(cell string) bool { return cell != "" }

func equals(values ...string) func(string) bool {
	return func(cell string) bool { return slices.Contains(values, cell) }
}

// figures are those of the parameters, mostly published ones.
func figures() []figure {
	coded := func(cell string) bool { return cell != "" && cell != "-" && cell != "&" }
	return []figure{
		{"gpes.journal", "DATE", 0.03, equals("1800-01-01")},
		{"gpes.journal", "DATE", 0.02, func(cell string) bool { return cell > extractDay().String() }},
		{"gpes.journal", "RECORD_DATE", 99.94, filled},
		{"gpes.journal", "ETHNIC", 36.8, filled},
		{"gpes.journal", "EPISODE_PRESCRIPTION", 17.3, filled},
		{"gpes.journal", "VALUE1_PRESCRIPTION", 17.3, filled},
		{"gpes.journal", "VALUE2_PRESCRIPTION", 29.4, filled},
		{"gpes.journal", "VALUE1_CONDITION", 30.1, filled},
		{"gpes.journal", "VALUE2_CONDITION", 1.5, filled},
		{"gpes.journal", "LINKS", 1.3, filled},
		{"hes.apc", "DIAG_4_01", 0.5, equals("R69X")},
		{"hes.apc", "DIAG_4_02", 82, filled},
		{"hes.apc", "DIAG_4_03", 57, filled},
		{"hes.apc", "DIAG_4_05", 35, filled},
		{"hes.apc", "DIAG_4_08", 17.5, filled},
		{"hes.apc", "DIAG_4_10", 11.4, filled},
		{"hes.apc", "DIAG_4_20", 1.2, filled},
		{"hes.apc", "OPERTN_4_01", 59.1, coded},
		{"hes.apc", "OPERTN_4_01", 99.8, filled},
		{"hes.apc", "OPERTN_4_02", 39, filled},
		{"hes.apc", "OPERTN_4_03", 21, filled},
		{"hes.apc", "OPERTN_4_05", 6, filled},
		{"hes.apc", "ADMIDATE", 0.03, equals("1800-01-01", "1801-01-01")},
		{"hes.apc", "AEKEY", 10.3, filled},
		{"hes.apc", "SUSSPELLID", 70, filled},
		{"hes.op", "DIAG_4_01", 97, equals("R69X")},
		{"hes.op", "DIAG_4_02", 0.7, filled},
		{"hes.op", "OPERTN_4_01", 36.9, coded},
		{"hes.op", "DNADATE", 58.3, equals("1800-01-01", "1801-01-01")},
		{"hes.ae", "DIAG2_01", 71, filled},
		{"hes.ecds", "DIAGNOSIS_CODE_1", 67.6, filled},
		{"hes.ecds", "CHIEF_COMPLAINT", 78.4, filled},
		{"hes.ecds", "ACUITY", 83.9, filled},
		{"hes.ecds", "ARRIVAL_DATE", 0.13, equals("1900-01-01")},
		{"hes.cc", "BESTMATCH", 43.7, filled},
		{"sact.outcomes", "DATE_OF_FINAL_TREATMENT", 60, filled},
	}
}

// Rows follow the tables, at national proportions, within what their number allows: five standard deviations.
func TestRowsFollowTheTables(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	config := synthetic.Config{Seed: 3, People: 1000, On: on(), Rows: synthetic.National()}
	dir := written(t, config, synthetic.Files{})
	read := make(map[string]grid)
	for _, table := range catalogue() {
		read[table.Name()] = readTable(t, dir, table.Name())
	}
	for _, f := range figures() {
		g := read[f.table]
		at, n, rows := g.column(f.column), 0, len(g)-1
		for _, row := range g[1:] {
			if f.is(row[at]) {
				n++
			}
		}
		// Rows of one person are not drawn apart from each other, so the sample is smaller than it looks.
		p := f.percent / 100
		within := 5*math.Sqrt(p*(1-p)/float64(rows)) + 0.015*p
		if got := float64(n) / float64(rows); math.Abs(got-p) > within {
			t.Errorf("%s %s: %.3f%% of %d rows, want %.3f%% within %.3f", f.table, f.column, 100*got, rows, f.percent, 100*within)
		}
	}
	for name, want := range synthetic.National() {
		// Care is uneven: a person's rows vary by about their mean.
		got, within := float64(len(read[name])-1)/float64(config.People), 0.1*want+0.01
		switch {
		case strings.HasPrefix(name, "sact."), strings.HasPrefix(name, "rtds."):
			within = 0.5*want + 0.05 // few people have any
		case name == "hes.ae":
			within = 0.15 * want // who was born too late has none
		}
		if math.Abs(got-want) > within {
			t.Errorf("%s: %.3f rows a person, want %.3f within %.3f", name, got, want, within)
		}
	}
}

// Published cohorts find somebody, with the short code lists of package library.
func TestCohortsAreNotEmpty(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	rows := synthetic.National().Times(0.066)
	for _, unasked := range []string{"hes.op", "hes.ae", "hes.ecds", "hes.cc"} {
		delete(rows, unasked)
	}
	pop := population(t, synthetic.Config{Seed: 7, People: 20000, On: on(), Rows: rows})
	empty := make(map[string]*cohort.Plan)
	for _, e := range library.Catalogue() {
		index := extractDay()
		if e.ID == "rsv-75to79-2024" { // a programme that is over
			index = cohort.MustDate("2025-06-01")
		}
		plan, err := e.Plan(index)
		if err != nil {
			t.Fatal(err)
		}
		empty[e.ID] = plan
	}
	for record, err := range pop.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(empty, func(_ string, plan *cohort.Plan) bool { return plan.Evaluate(record).Outcome == cohort.Member })
		if len(empty) == 0 {
			return
		}
	}
	t.Errorf("nobody is in %v", slices.Sorted(maps.Keys(empty)))
}
