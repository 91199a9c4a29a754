package parity_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// The reference question: aged 40 to 74, alive, one of 200 diagnoses in five years, none of 300 others ever, and a last
// systolic blood pressure of 140 or more.

//nolint:gochecknoglobals // a flag
var peopleInBenchmarks = flag.Int("people", 200_000, "how many people benchmarks ask about, with 19 journal entries each")

const systolic = "271649006"

// diagnoses and exclusions are codes.
func diagnoses() []string  { return concepts(0, 200) }
func exclusions() []string { return concepts(200, 500) }

// concepts makes up codes of SNOMED CT: numbers with a check digit.
func concepts(from, before int) (codes []string) {
	for n := from; n < before; n++ {
		for digit := range 10 {
			code := fmt.Sprintf("%d00%d", 300_000+n, digit)
			if _, err := codelist.New(codelist.Info{ID: "x", Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, code); err == nil {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

func questionIndex() cohort.Date { return cohort.MustDate("2025-10-01") }

func question(tb testing.TB) *cohort.Plan {
	tb.Helper()
	list := func(id string, codes ...string) *codelist.List {
		l, err := codelist.New(codelist.Info{ID: id, Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
		if err != nil {
			tb.Fatal(err)
		}
		return l
	}
	entries := gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index))
	definition, err := cohort.New("reference-question", "1",
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("has died", person.DateOfDeath.NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("diagnosis in five years", gpes.Journal.Where(gpes.Code.In(list("diagnoses", diagnoses()...)),
			gpes.Date.Within(cohort.Years(5), cohort.Index)).Exists()),
		cohort.Exclude("exclusion ever", entries.Where(gpes.Code.In(list("exclusions", exclusions()...))).Exists()),
		cohort.Include("high systolic", cohort.Latest(entries.Where(gpes.Code.In(list("systolic", systolic)), gpes.Value1.Known()),
			gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(questionIndex()))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// patient is somebody whom the reference question is asked about. Days count from 1970-01-01.
type patient struct {
	key        int64
	born, died int // 0 for alive
	entries    []entry
}

// entry is a journal entry.
type entry struct {
	day, recorded int
	code          string
	value         float64 // NaN for none
}

// The columns that settle which of two entries of one day is the later, and that nobody has here.
func emptyNumbers() []string {
	return []string{"VALUE2_CONDITION", "VALUE1_PRESCRIPTION", "VALUE2_PRESCRIPTION"}
}

func emptyTexts() []string { return []string{"EPISODE_CONDITION", "EPISODE_PRESCRIPTION", "PRACTICE"} }

const questionDay = 20362 // 2025-10-01

// patients makes people up, their entries in order of day.
func patients(n int) iter.Seq[patient] {
	included, excluded, other := diagnoses(), exclusions(), concepts(500, 5500)
	return func(yield func(patient) bool) {
		dice := rand.New(rand.NewPCG(1, 2))
		for i := range n {
			p := patient{key: int64(9_990_000_000 + 7*i), born: questionDay - dice.IntN(36500)}
			if dice.IntN(20) == 0 {
				p.died = questionDay - dice.IntN(3650)
			}
			for range dice.IntN(39) {
				e := entry{day: questionDay - dice.IntN(7300), code: other[dice.IntN(len(other))], value: math.NaN()}
				e.recorded = e.day + dice.IntN(9)
				switch roll := dice.IntN(1000); {
				case roll < 80:
					e.code, e.value = systolic, float64(90+dice.IntN(90))
				case roll < 120:
					e.code = included[dice.IntN(len(included))]
				case roll < 125:
					e.code = excluded[dice.IntN(len(excluded))]
				}
				p.entries = append(p.entries, e)
			}
			slices.SortFunc(p.entries, func(a, b entry) int {
				return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.recorded, b.recorded), cmp.Compare(a.value, b.value))
			})
			if !yield(p) {
				return
			}
		}
	}
}

// questionStore writes a population as a store. Keys are numbers, codes texts.
func questionStore(tb testing.TB, people int) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	text, number := flatfile.Column{Type: format.ByteArray, Logical: &format.StringType{}, Optional: true}, flatfile.Column{Type: format.Double, Optional: true}
	date, key := flatfile.Column{Type: format.Int32, Logical: &format.DateType{}, Optional: true}, flatfile.Column{Type: format.Int64}
	persons := create(tb, dir, person.Table(), "nhs_number", named(key, "nhs_number"), named(date, "date_of_birth"), named(date, "date_of_death"))
	columns := []flatfile.Column{named(key, "NHS_NUMBER"), named(date, "DATE"), named(date, "RECORD_DATE"), named(text, "CODE"), named(number, "VALUE1_CONDITION")}
	for _, name := range emptyNumbers() {
		columns = append(columns, named(number, name))
	}
	for _, name := range emptyTexts() {
		columns = append(columns, named(text, name))
	}
	journal := create(tb, dir, gpes.Table(), "NHS_NUMBER", columns...)
	for p := range patients(people) {
		persons.Columns[0].Integer(p.key, 1)
		persons.Columns[1].Integer(int64(p.born), 1)
		if p.died == 0 {
			persons.Columns[2].Null(1)
		} else {
			persons.Columns[2].Integer(int64(p.died), 1)
		}
		end(tb, persons, 1)
		for _, e := range p.entries {
			journal.Columns[0].Integer(p.key, 1)
			journal.Columns[1].Integer(int64(e.day), 1)
			journal.Columns[2].Integer(int64(e.recorded), 1)
			journal.Columns[3].Text(e.code, 1)
			if math.IsNaN(e.value) {
				journal.Columns[4].Null(1)
			} else {
				journal.Columns[4].Double(e.value, 1)
			}
			for _, empty := range journal.Columns[5:] {
				empty.Null(1)
			}
			end(tb, journal, 1)
		}
	}
	for _, w := range []*tableWriter{persons, journal} {
		if err := errors.Join(w.Close(), w.file.Close()); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

type tableWriter struct {
	*flatfile.ColumnWriter
	file *os.File
}

func named(c flatfile.Column, name string) flatfile.Column { c.Name = name; return c }

func create(tb testing.TB, dir string, table *cohort.Table, key string, columns ...flatfile.Column) *tableWriter {
	tb.Helper()
	if err := os.Mkdir(filepath.Join(dir, table.Name()), 0o755); err != nil {
		tb.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, table.Name(), "part-0.parquet"))
	if err != nil {
		tb.Fatal(err)
	}
	w, err := flatfile.NewColumnWriter(file, columns, flatfile.Layout{Codec: format.Snappy, GroupRows: 122_880, Sorted: []string{key}, CreatedBy: "parity"})
	if err != nil {
		tb.Fatal(err)
	}
	return &tableWriter{w, file}
}

func end(tb testing.TB, w *tableWriter, rows int) {
	tb.Helper()
	if err := w.EndBatch(rows); err != nil {
		tb.Fatal(err)
	}
}

// handWritten are forms of the reference question in SQL, over tables of the published columns.
func handWritten() map[string]string {
	in := func(codes []string) string { return "('" + strings.Join(codes, "', '") + "')" }
	const persons = `FROM person p WHERE p.date_of_birth > DATE '1950-10-01' AND p.date_of_birth <= DATE '1985-10-01'
		AND (p.date_of_death IS NULL OR p.date_of_death > DATE '2025-10-01')`
	dx, no := in(diagnoses()), in(exclusions())
	return map[string]string{
		"exists": `WITH sbp AS (SELECT NHS_NUMBER, arg_max(VALUE1_CONDITION, row(DATE, RECORD_DATE, VALUE1_CONDITION)) AS v FROM gpes_journal
			WHERE CODE = '` + systolic + `' AND DATE <= DATE '2025-10-01' AND VALUE1_CONDITION IS NOT NULL GROUP BY NHS_NUMBER)
			SELECT count(*) ` + persons + `
			AND EXISTS (SELECT 1 FROM gpes_journal e WHERE e.NHS_NUMBER = p.nhs_number AND e.CODE IN ` + dx + `
				AND e.DATE BETWEEN DATE '2020-10-01' AND DATE '2025-10-01')
			AND NOT EXISTS (SELECT 1 FROM gpes_journal e WHERE e.NHS_NUMBER = p.nhs_number AND e.CODE IN ` + no + ` AND e.DATE <= DATE '2025-10-01')
			AND EXISTS (SELECT 1 FROM sbp WHERE sbp.NHS_NUMBER = p.nhs_number AND sbp.v >= 140)`,
		"filtered": `WITH codes AS (SELECT unnest([` + dx[1:len(dx)-1] + `]) AS code, 1 AS k UNION ALL SELECT unnest([` + no[1:len(no)-1] + `]), 2
			UNION ALL SELECT '` + systolic + `', 3),
			f AS (SELECT e.NHS_NUMBER, bool_or(c.k = 1 AND e.DATE >= DATE '2020-10-01') AS inc, bool_or(c.k = 2) AS exc,
				arg_max(e.VALUE1_CONDITION, row(e.DATE, e.RECORD_DATE, e.VALUE1_CONDITION)) FILTER (WHERE c.k = 3 AND e.VALUE1_CONDITION IS NOT NULL) AS v
				FROM gpes_journal e JOIN codes c ON c.code = e.CODE WHERE e.DATE <= DATE '2025-10-01' GROUP BY e.NHS_NUMBER)
			SELECT count(*) FROM f JOIN (SELECT nhs_number ` + persons + `) p ON p.nhs_number = f.NHS_NUMBER
			WHERE f.inc AND coalesce(f.exc, false) = false AND f.v >= 140`,
		"literal": `WITH e AS (SELECT NHS_NUMBER, DATE, RECORD_DATE, VALUE1_CONDITION,
				CASE WHEN CODE = '` + systolic + `' THEN 3 WHEN CODE IN ` + no + ` THEN 2 ELSE 1 END AS k FROM gpes_journal
				WHERE DATE <= DATE '2025-10-01' AND CODE IN ('` + systolic + `', ` + dx[1:len(dx)-1] + `, ` + no[1:len(no)-1] + `))
			SELECT count(*) FROM (SELECT e.NHS_NUMBER FROM e SEMI JOIN (SELECT nhs_number ` + persons + `) b ON b.nhs_number = e.NHS_NUMBER
			GROUP BY e.NHS_NUMBER HAVING bool_or(k = 1 AND DATE >= DATE '2020-10-01') AND NOT bool_or(k = 2)
			AND arg_max(VALUE1_CONDITION, row(DATE, RECORD_DATE, VALUE1_CONDITION)) FILTER (WHERE k = 3 AND VALUE1_CONDITION IS NOT NULL) >= 140)`,
	}
}
