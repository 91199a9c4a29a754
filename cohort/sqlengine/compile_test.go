package sqlengine_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// TestEverythingCompiles compiles definitions drawn at random: all of the language is said in every dialect, always in
// the same words, with as many arguments as markers.
func TestEverythingCompiles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := drawing.Plan(t, drawing.Size{})
		dialect := rapid.SampledFrom(dialects()).Draw(t, "dialect")
		query, err := sqlengine.Compile(plan, dialect)
		if err != nil {
			t.Fatal(err)
		}
		again, err := sqlengine.Compile(plan, dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, ask := range []sqlengine.Ask{sqlengine.Counts, sqlengine.Members, sqlengine.Verdicts} {
			text, args := query.SQL(ask), query.Args(ask)
			if text != again.SQL(ask) || fmt.Sprint(args) != fmt.Sprint(again.Args(ask)) {
				t.Fatalf("%v compiles to two statements", dialect)
			}
			if strings.ContainsAny(text, "\x00;") {
				t.Fatalf("%v: %q", dialect, text)
			}
			if dialect == sqlengine.Spark && strings.Count(text, "?") != len(args) {
				t.Fatalf("%d markers and %d arguments", strings.Count(text, "?"), len(args))
			}
			if dialect != sqlengine.Spark && len(args) > 0 && !strings.Contains(text, fmt.Sprintf("$%d", len(args))) {
				t.Fatalf("no marker for the last of %d arguments", len(args))
			}
		}
	})
}

// hostile are texts that would be something else than themselves, if they got into a query.
func hostile() []string {
	return []string{
		`'; DROP TABLE person; --`, `\'; DROP TABLE person; --`, `" OR ""="`, "` OR ``=`", `/* */`, `$1`, `?`, `:name`, `${spark.app.name}`, `{{param}}`,
		"%s", "O’Brien", "𝔘", `\`, `\\x27`, `''`, "@var",
	}
}

// TestHostileTexts looks for texts of the plan in the query.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	for _, text := range hostile() {
		plan := bind(t,
			cohort.Include(text+" label", person.Practice.In(text+" field")).IfUnknown(cohort.TreatAsNo),
			cohort.Include("row", gpes.Journal.Where(gpes.Practice.In(text+" cell")).Exists()),
			cohort.Include("value", cohort.Coalesce(person.LSOA, cohort.Text(text+" value")).In(text+" value")).IfUnknown(cohort.TreatAsNo), born())
		for _, dialect := range dialects() {
			bound, literal := compile(t, plan, dialect), compile(t, plan, dialect, sqlengine.Literals())
			for _, ask := range []sqlengine.Ask{sqlengine.Counts, sqlengine.Members, sqlengine.Verdicts} {
				for _, sql := range []string{bound.SQL(ask), literal.SQL(ask)} {
					for _, suffix := range []string{" label", " field", " cell", " value"} {
						if strings.Contains(sql, text+suffix) || strings.Contains(sql, suffix+"'") {
							t.Errorf("%v: %q is in the query", dialect, text)
						}
					}
				}
				args := fmt.Sprint(bound.Args(ask)...)
				for _, suffix := range []string{" field", " cell", " value"} {
					if !strings.Contains(args, text+suffix) {
						t.Errorf("%v: %q is not an argument", dialect, text+suffix)
					}
					if !strings.Contains(literal.SQL(ask), "'"+hex.EncodeToString([]byte(text+suffix))+"'") {
						t.Errorf("%v: %q is not in digits", dialect, text+suffix)
					}
				}
				if len(literal.Args(ask)) != 0 {
					t.Errorf("%v: arguments beside literals", dialect)
				}
			}
		}
	}
}

// TestHostileNames looks for names in the query: they are quoted.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, name := range append(hostile(), "\r\n--", "\x1b", "\u202e", "a\tb") {
		source := sqlengine.Source{Name: []string{name, name + "2"}, Key: name + " key", Columns: map[string]string{"CODE": name + " code"}}
		for _, dialect := range dialects() {
			mark := `"`
			if dialect == sqlengine.Spark {
				mark = "`"
			}
			quoted := func(name string) string { return mark + strings.ReplaceAll(name, mark, mark+mark) + mark }
			text := compile(t, small(t), dialect, sqlengine.Table("gpes.journal", source)).SQL(sqlengine.Counts)
			for _, want := range []string{quoted(name) + "." + quoted(name+"2") + " AS t", "t." + quoted(name+" key") + " AS id", "t." + quoted(name+" code")} {
				if !strings.Contains(text, want) {
					t.Errorf("%v: no %s in\n%s", dialect, want, text)
				}
			}
		}
	}
}

// TestNamesOfTables keeps the common tables apart from those of the database.
func TestNamesOfTables(t *testing.T) {
	t.Parallel()
	text := compile(t, small(t), sqlengine.DuckDB,
		sqlengine.Table("person", sqlengine.Source{Name: []string{"People"}}),
		sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"answers"}})).SQL(sqlengine.Counts)
	for _, want := range []string{"people_2 AS (", `FROM "People" AS t`, "answers_2 AS (", `FROM "answers" AS t`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	plan := small(t)
	tests := []struct {
		name    string
		plan    *cohort.Plan
		dialect sqlengine.Dialect
		option  sqlengine.Option
		says    string
	}{
		{"no plan", nil, sqlengine.Spark, sqlengine.TextKeys(), "plan is nil"},
		{"no dialect", plan, 0, sqlengine.TextKeys(), "there is no dialect 0"},
		{"no such dialect", plan, 4, sqlengine.TextKeys(), "there is no dialect 4"},
		{"empty name", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Name: []string{"a", ""}}), `table "person": a name is empty`},
		{"NUL in a key", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Key: "a\x00"}), "NUL"},
		{"column that is not UTF-8", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Columns: map[string]string{"gender": "\xff"}}), "UTF-8"},
		{"column without name", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Columns: map[string]string{"gender": ""}}), "empty"},
		{"absent column with a name", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Columns: map[string]string{"gender": "g"}, Absent: []string{"gender"}}), "absent and has a name"},
		{"column that is not published", plan, sqlengine.Spark, sqlengine.Table("gpes.journal", sqlengine.Source{Columns: map[string]string{"Code": "snomed"}}), `table "gpes.journal": there is no published column "Code"`},
		{"absent column that is not published", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Absent: []string{"dob"}}), `no published column "dob"`},
		{"key among the columns", plan, sqlengine.Spark, sqlengine.Table("gpes.journal", sqlengine.Source{Columns: map[string]string{"NHS_NUMBER": "n"}}), `"NHS_NUMBER" says whose row it is: give its name in Source.Key`},
		{"nobody to ask about", never(t), sqlengine.Spark, sqlengine.Everybody(), "reads no table"},
		{"form of days", plan, sqlengine.Spark, sqlengine.Table("person", sqlengine.Source{Days: 3}), "form of days"},
		{"no population", plan, sqlengine.Spark, sqlengine.Population(""), "published table"},
		{"population without key", plan, sqlengine.Spark, sqlengine.Population("hes.apc"), `the population: table "hes.apc" has no published column`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			query, err := sqlengine.Compile(test.plan, test.dialect, test.option)
			if query != nil || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
	twice := sqlengine.Table("person", sqlengine.Source{})
	if _, err := sqlengine.Compile(plan, sqlengine.Spark, twice, twice); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("got %v", err)
	}
}

func TestPopulations(t *testing.T) {
	t.Parallel()
	plan := small(t)
	journal := bind(t, cohort.Include("entries", gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index)).Exists()))
	tests := []struct {
		name    string
		plan    *cohort.Plan
		options []sqlengine.Option
		want    []string
	}{
		{"person table that is read", plan, nil, []string{`t."nhs_number" AS id`, `FROM "person" AS t`, "count(*) - count(DISTINCT"}},
		{"person table that is not read", journal, nil, []string{`SELECT DISTINCT t."nhs_number" AS id` + "\n  " + `FROM "person" AS t`, "0 AS repeated"}},
		{"of a table", plan, []sqlengine.Option{sqlengine.Population("gpes.journal")}, []string{`SELECT DISTINCT t."NHS_NUMBER" AS id` + "\n  " + `FROM "gpes"."journal" AS t`}},
		{"of a table that is not read", plan, []sqlengine.Option{sqlengine.Population("lists.people"), sqlengine.Table("lists.people", sqlengine.Source{Key: "n"})}, []string{`SELECT DISTINCT t."n" AS id` + "\n  " + `FROM "lists"."people" AS t`}},
		{"everybody", plan, []sqlengine.Option{sqlengine.Everybody()}, []string{"\n  UNION\n"}},
		{"keys as texts", plan, []sqlengine.Option{sqlengine.TextKeys()}, []string{`CAST(t."nhs_number" AS VARCHAR) AS id`, `people.id = CAST(t."NHS_NUMBER" AS VARCHAR)`, `<> ''`}},
		{"unique", plan, []sqlengine.Option{sqlengine.Unique()}, []string{"0 AS repeated"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			query := compile(t, test.plan, sqlengine.DuckDB, test.options...)
			text := query.SQL(sqlengine.Counts) + query.SQL(sqlengine.Members)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
		})
	}
}

// TestSources reads columns that are not where they are published.
func TestSources(t *testing.T) {
	t.Parallel()
	weight := gpes.Journal.Where(gpes.Value1.Above(90), gpes.RecordDate.NotAfter(cohort.Index))
	plan := bind(t, cohort.Include("weighs", cohort.Latest(weight, gpes.Code).Known()))
	for days, want := range map[sqlengine.DayForm]string{
		sqlengine.Dates: `CAST(t."d" AS DATE)`, sqlengine.ISOTexts: "-(0[1-9]|1[0-2])-", sqlengine.CompactTexts: "[0-9]{4}(0[1-9]|1[0-2])[0-3]",
	} {
		for _, dialect := range dialects() {
			text := compile(t, plan, dialect, sqlengine.Table("gpes.journal", sqlengine.Source{
				Columns: map[string]string{"RECORD_DATE": "d"}, Absent: []string{"VALUE2_CONDITION", "VALUE2_PRESCRIPTION", "DATE"}, Days: days,
			})).SQL(sqlengine.Counts)
			if !strings.Contains(strings.ReplaceAll(text, "`", `"`), want) || strings.Contains(text, "VALUE2") {
				t.Errorf("%v: no %s, or an absent column, in\n%s", dialect, want, text)
			}
		}
	}
}

// TestManyCodes makes one argument of a list, however long, and no more than Go and the engine bear of ranges.
func TestManyCodes(t *testing.T) {
	t.Parallel()
	codes := make([]string, 0, 40_000)
	for i := 0; len(codes) < cap(codes); i++ {
		for check := range 10 {
			if code := fmt.Sprintf("%d00%d", 100_000+i, check); codelist.SNOMEDCT.Check(code) == nil {
				codes = append(codes, code)
			}
		}
	}
	many := codelist.Must(codelist.New(codelist.Info{ID: "many", Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...))
	plan := bind(t, cohort.Include("any", gpes.Journal.Where(gpes.Code.In(many), gpes.Date.NotAfter(cohort.Index)).Exists()))
	for _, dialect := range dialects() {
		query := compile(t, plan, dialect)
		if n := len(query.Args(sqlengine.Counts)); n != 1 || len(query.SQL(sqlengine.Counts)) > 4000 {
			t.Errorf("%v: %d arguments and %d bytes", dialect, n, len(query.SQL(sqlengine.Counts)))
		}
	}
}

// never is a plan that reads nothing.
func never(tb testing.TB) *cohort.Plan {
	tb.Helper()
	return bind(tb, cohort.Include("never", cohort.Day(cohort.Index).Before(cohort.MustDate("2025-01-01"))))
}

// born is a step that asks at the index date.
func born() cohort.Step {
	return cohort.Include("born", person.DateOfBirth.NotAfter(cohort.Index)).IfUnknown(cohort.TreatAsNo)
}
