package parity_test

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
	"github.com/expr-lang/expr"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Subject is a person as general evaluators of expressions see one: with the age worked out, and entries in order.
type Subject struct {
	Age     int
	Alive   bool
	Entries []Entry
}

// Entry is a journal entry.
type Entry struct {
	Day   int
	Code  string
	Value float64
}

// Lists are the code lists of the reference question.
type Lists struct{ Included, Excluded map[string]bool }

func subjects(n int) (all []Subject) {
	index := questionIndex()
	epoch := cohort.MustDate("1970-01-01")
	for p := range patients(n) {
		s := Subject{Age: epoch.AddDays(p.born).Age(index), Alive: p.died == 0}
		for _, e := range p.entries {
			s.Entries = append(s.Entries, Entry{e.day, e.code, e.value})
		}
		all = append(all, s)
	}
	return all
}

func set(codes []string) map[string]bool {
	all := map[string]bool{}
	for _, code := range codes {
		all[code] = true
	}
	return all
}

// BenchmarkEvaluators asks the reference question of people in memory, one by one with the evaluators of expressions
// and all together with cohort/columnar.
func BenchmarkEvaluators(b *testing.B) {
	n := min(*peopleInBenchmarks, 50_000)
	everybody := subjects(n)
	lists := Lists{set(diagnoses()), set(exclusions())}
	plan, memory := question(b), questionMemory(b, n)
	medians := race(b,
		contender{"columnar", func(b *testing.B) int {
			result, err := columnar.Run(b.Context(), plan, memory)
			if err != nil {
				b.Fatal(err)
			}
			return result.Members()
		}},
		contender{"columnar-one-thread", func(b *testing.B) int {
			result, err := columnar.Run(b.Context(), plan, memory, columnar.Workers(1))
			if err != nil {
				b.Fatal(err)
			}
			return result.Members()
		}},
		contender{"expr", withExpr(b, everybody, lists)},
		contender{"cel", withCEL(b, everybody, lists)})
	for name, median := range medians {
		b.ReportMetric(float64(median.Nanoseconds())/float64(n), name+"-ns/person")
	}
	own := medians["columnar-one-thread"]
	b.ReportMetric(times(medians["expr"], own), "expr/columnar")
	b.ReportMetric(times(medians["cel"], own), "cel/columnar")
}

func times(a, b time.Duration) float64 { return float64(a) / float64(b) }

func withExpr(b *testing.B, everybody []Subject, lists Lists) func(*testing.B) int {
	b.Helper()
	type environment struct {
		Person Subject
		Lists  Lists
	}
	program, err := expr.Compile(`Person.Age >= 40 && Person.Age <= 74 && Person.Alive &&
		any(Person.Entries, .Day >= 18536 && .Day <= 20362 && .Code in Lists.Included) &&
		none(Person.Entries, .Day <= 20362 && .Code in Lists.Excluded) &&
		(findLast(Person.Entries, .Code == "`+systolic+`" && .Day <= 20362)?.Value ?? 0.0) >= 140`, expr.Env(environment{}), expr.AsBool())
	if err != nil {
		b.Fatal(err)
	}
	return func(b *testing.B) (members int) {
		for i := range everybody {
			got, err := expr.Run(program, environment{everybody[i], lists})
			if err != nil {
				b.Fatal(err)
			}
			if got == true {
				members++
			}
		}
		return members
	}
}

func withCEL(b *testing.B, everybody []Subject, lists Lists) func(*testing.B) int {
	b.Helper()
	environment, err := cel.NewEnv(ext.NativeTypes(reflect.TypeFor[Subject](), reflect.TypeFor[Entry]()), cel.OptionalTypes(),
		cel.Variable("person", cel.ObjectType("parity_test.Subject")), cel.Variable("included", cel.MapType(cel.StringType, cel.BoolType)),
		cel.Variable("excluded", cel.MapType(cel.StringType, cel.BoolType)))
	if err != nil {
		b.Fatal(err)
	}
	ast, issues := environment.Compile(`person.Age >= 40 && person.Age <= 74 && person.Alive &&
		person.Entries.exists(e, e.Day >= 18536 && e.Day <= 20362 && e.Code in included) &&
		!person.Entries.exists(e, e.Day <= 20362 && e.Code in excluded) &&
		person.Entries.filter(e, e.Code == "` + systolic + `" && e.Day <= 20362).map(e, e.Value).last().orValue(0.0) >= 140.0`)
	if issues.Err() != nil {
		b.Fatal(issues.Err())
	}
	program, err := environment.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		b.Fatal(err)
	}
	return func(b *testing.B) (members int) {
		variables := map[string]any{"included": lists.Included, "excluded": lists.Excluded}
		for i := range everybody {
			variables["person"] = &everybody[i]
			got, _, err := program.Eval(variables)
			if err != nil {
				b.Fatal(err)
			}
			if got == types.True {
				members++
			}
		}
		return members
	}
}

// questionMemory holds the same people in columns.
func questionMemory(tb testing.TB, n int) *columnar.Memory {
	tb.Helper()
	var keys, codes []string
	var born, died, days, recorded []int32
	var values []float64
	starts := []int32{0}
	for p := range patients(n) {
		keys = append(keys, strconv.FormatInt(p.key, 10))
		born = append(born, int32(p.born))
		if p.died == 0 {
			p.died = math.MinInt32
		}
		died = append(died, int32(p.died))
		for _, e := range p.entries {
			days, recorded = append(days, int32(e.day)), append(recorded, int32(e.recorded))
			codes, values = append(codes, e.code), append(values, e.value)
		}
		starts = append(starts, int32(len(days)))
	}
	m := columnar.NewMemory(keys)
	columns := []columnar.Column{columnar.Days("DATE", days), columnar.Days("RECORD_DATE", recorded), columnar.Texts("CODE", codes), columnar.Numbers("VALUE1_CONDITION", values)}
	none := make([]float64, len(days))
	for i := range none {
		none[i] = math.NaN()
	}
	for _, name := range emptyNumbers() {
		columns = append(columns, columnar.Numbers(name, none))
	}
	for _, name := range emptyTexts() {
		columns = append(columns, columnar.Texts(name, make([]string, len(days))))
	}
	if err := errors.Join(
		m.Table(person.Table(), nil, columnar.Days("date_of_birth", born), columnar.Days("date_of_death", died)),
		m.Table(gpes.Table(), starts, columns...)); err != nil {
		tb.Fatal(err)
	}
	return m
}
