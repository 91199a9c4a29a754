package parity_test

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// fault is one thing that is wrong, in one of three places.
type fault struct {
	name string
	// sql changes a statement on its way to the engine.
	sql func(query string, args []any) (string, []any)
	// rows changes what the engine has of a table with many rows a person.
	rows func(rows []sheetRow) []sheetRow
	// answer changes what the engine answers about somebody.
	answer func(*cohort.Result)
}

// faults are planted in everything that is asked of DuckDB, one at a time; some also in what the others are asked.
func faults() []fault {
	return []fault{
		swap("a number or day from a bound on does not reach it", `>=`, `>`),
		swap("a number or day up to a bound does not reach it", `<=`, `<`),
		swap("a bound that is left out is in it, below", `<([^=>])`, `<=$1`),
		swap("a bound that is left out is in it, above", `([^<])>([^=])`, `$1>=$2`),
		each("numbers are compared with one more", `(>=|<=|[<>]) (\d+)\b`, func(m []string) string { return m[1] + " " + oneMore(m[2]) }),
		each("a window ends a day later", `(BETWEEN DATE '[0-9-]+' AND DATE ')([0-9-]+)'`, func(m []string) string { return m[1] + dayAfter(m[2]) + "'" }),
		each("a window begins a day later", `(BETWEEN DATE ')([0-9-]+)('.AND)`, func(m []string) string { return m[1] + dayAfter(m[2]) + m[3] }),
		each("people are as old as they become tomorrow", `(date_of_birth BETWEEN DATE ')([0-9-]+)(' AND DATE ')([0-9-]+)'`,
			func(m []string) string { return m[1] + dayAfter(m[2]) + m[3] + dayAfter(m[4]) + "'" }),
		swap("the latest row is the earliest", `arg_max_null`, `arg_min_null`),
		swap("the earliest row is the latest", `arg_min_null`, `arg_max_null`),
		call("ties go by arrival", "row", func(by []string) []string { return by[:1] }),
		call("ties are turned round", "row", func(by []string) []string {
			slices.Reverse(by[1:])
			return by
		}),
		call("the column that is picked is not in the order", "row", func(by []string) []string { return by[:max(1, len(by)-1)] }),
		swap("rows without a day are the latest", `DATE '0001-01-01' - 1`, `DATE '9999-12-31' + 1`),
		swap("days that mean not known are kept", ` AND CAST\(t\."[^"]+" AS DATE\) NOT IN \([^)]*\)`, ``),
		swap("numbers that mean not known are kept", ` AND CAST\(t\."[^"]+" AS DOUBLE\) NOT IN \([^)]*\)`, ``),
		each("texts that mean not known are kept", `(NOT IN \('')((?:, CAST\(\$\d+ AS VARCHAR\))+\))`, func(m []string) string {
			return m[1] + strings.ReplaceAll(m[2], "CAST", "'no such ' || CAST")
		}),
		swap("empty texts are kept", `<> ''`, `IS NOT NULL`),
		swap("infinities are kept", `BETWEEN -1.7976931348623157e\+308 AND 1.7976931348623157e\+308`, `IS NOT NULL`),
		swap("days outside the calendar are kept", `BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'`, `IS NOT NULL`),
		swap("the calendar ends a day early", `THEN DATE '9999-12-31'`, `THEN DATE '9999-12-30'`),
		swap("a month is 30 days", `to_months\((-?\d+)\)`, `to_days(30 * ($1))`),
		swap("every year begins in January", `, [49](, 1\))`, `, 1$1`),
		swap("floats are added", `AS DECIMAL\(38, 18\)`, `AS DOUBLE`),
		swap("equal values count each time", `count\(DISTINCT `, `count(`),
		swap("rows that are unknown count", `FILTER \(WHERE (r\.\w+)\)`, `FILTER (WHERE $1 IS NOT FALSE)`),
		swap("what is unknown is certain", ` IS TRUE`, ` IS NOT FALSE`),
		swap("capitals are small letters", `k(\d+)\.code = (CAST\([^()]*\))`, `lower(k$1.code) = lower($2)`),
		swap("people who fail several steps are left out by each alone", `failures = 1`, `failures >= 1`),
		{name: "a code is missing", sql: func(query string, args []any) (string, []any) {
			args = slices.Clone(args)
			for i, arg := range args {
				if _, rest, ok := strings.Cut(arg.(string), "\n"); ok {
					args[i] = rest
				}
			}
			return query, args
		}},
		{name: "a row is missing", rows: func(rows []sheetRow) []sheetRow { return slices.Delete(rows, len(rows)/2, len(rows)/2+1) }},
		{name: "a row is there twice", rows: func(rows []sheetRow) []sheetRow { return append(rows, rows[len(rows)/2]) }},
		{name: "a row is another person's", rows: func(rows []sheetRow) []sheetRow {
			rows[0].person = rows[len(rows)-1].person
			return rows
		}},
		{name: "unknown is no", answer: func(r *cohort.Result) { turn(r, cohort.Unknown, cohort.No) }},
		{name: "no is unknown", answer: func(r *cohort.Result) { turn(r, cohort.No, cohort.Unknown) }},
		{name: "the referred are members", answer: func(r *cohort.Result) {
			if r.Outcome == cohort.Referred {
				r.Outcome = cohort.Member
			}
		}},
	}
}

// swap changes whatever matches a pattern.
func swap(name, pattern, by string) fault {
	r := regexp.MustCompile(pattern)
	return fault{name: name, sql: func(query string, args []any) (string, []any) { return r.ReplaceAllString(query, by), args }}
}

// each changes whatever matches a pattern, by its parts.
func each(name, pattern string, by func(match []string) string) fault {
	r := regexp.MustCompile(pattern)
	return fault{name: name, sql: func(query string, args []any) (string, []any) {
		return r.ReplaceAllStringFunc(query, func(match string) string { return by(r.FindStringSubmatch(match)) }), args
	}}
}

// call changes the arguments of a function.
func call(name, function string, by func(args []string) []string) fault {
	return fault{name: name, sql: func(query string, args []any) (string, []any) {
		before, after, ok := strings.Cut(query, " "+function+"(")
		var changed strings.Builder
		changed.WriteString(before)
		for ok {
			inner, rest := arguments(after)
			changed.WriteString(" " + function + "(" + strings.Join(by(inner), ", "))
			before, after, ok = strings.Cut(rest, " "+function+"(")
			changed.WriteString(before)
		}
		return changed.String(), args
	}}
}

// arguments splits a text that begins behind an opening parenthesis. The rest begins at the closing one.
func arguments(text string) (args []string, rest string) {
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return append(args, strings.TrimSpace(text[start:i])), text[i:]
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			args, start = append(args, strings.TrimSpace(text[start:i])), i+1
		}
	}
	return nil, text
}

func oneMore(number string) string {
	n, _ := strconv.Atoi(number)
	return strconv.Itoa(n + 1)
}

func dayAfter(text string) string { return cohort.MustDate(text).AddDays(1).String() }

func turn(r *cohort.Result, from, to cohort.Verdict) {
	for i := range r.Steps {
		if r.Steps[i].Verdict == from {
			r.Steps[i].Verdict = to
		}
	}
}

// TestFaultsAreCaught: what is asked tells every fault from what is right.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for dialect, trials := range map[sqlengine.Dialect]func() ([]trial, error){
		sqlengine.DuckDB: tame, sqlengine.PostgreSQL: before(sharp, tame), sqlengine.Spark: sharp,
	} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			catchAll(t, openSQL(t, dialect), planted(dialect), trials)
		})
	}
}

func catchAll(t *testing.T, e *sqlEngine, faults []fault, make func() ([]trial, error)) {
	t.Helper()
	trials, err := make()
	if err != nil {
		t.Fatal(err)
	}
	caught := map[string]int{}
	for i, trial := range trials {
		for _, harmed := range []bool{false, true} {
			loaded := false
			for _, fault := range faults {
				if _, ok := caught[fault.name]; ok || (fault.rows != nil) != harmed {
					continue
				}
				if harmed || !loaded {
					if err := e.load(t.Context(), trial.people.with(fault.rows)); err != nil {
						t.Fatal(err)
					}
					loaded = true
				}
				if tells(t, e, fault, trial) {
					caught[fault.name] = i + 1
				}
			}
		}
		if len(caught) == len(faults) {
			break
		}
	}
	for _, fault := range faults {
		if at, ok := caught[fault.name]; ok {
			t.Logf("caught by trial %3d: %s", at, fault.name)
		} else {
			t.Errorf("not caught by %d trials: %s", len(trials), fault.name)
		}
	}
}

// tells reports whether a fault changes the answers to a trial.
func tells(t *testing.T, e *sqlEngine, planted fault, of trial) bool {
	t.Helper()
	for i, plan := range of.plans {
		if planted.sql != nil && !e.changes(t, planted, plan) {
			continue
		}
		e.plant = planted.sql
		got, err := e.ask(t.Context(), plan)
		e.plant = nil
		if err != nil && wrongly(e.dialect).MatchString(err.Error()) {
			t.Fatalf("planted wrongly: %s: %v", planted.name, err)
		}
		if planted.answer != nil {
			for key, result := range got.people {
				result.Steps = slices.Clone(result.Steps)
				planted.answer(&result)
				got.people[key] = result
			}
		}
		if err != nil || got.difference(of.want[i]) != "" {
			return true
		}
	}
	return false
}

// changes reports whether a fault has a place in the statements for a plan.
func (e *sqlEngine) changes(t *testing.T, planted fault, plan *cohort.Plan) bool {
	t.Helper()
	query, err := sqlengine.Compile(plan, e.dialect, e.tables...)
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []sqlengine.Ask{sqlengine.Verdicts, sqlengine.Members, sqlengine.Counts} {
		text, args := planted.sql(query.SQL(ask), query.Args(ask))
		if text != query.SQL(ask) || !reflect.DeepEqual(args, query.Args(ask)) {
			return true
		}
	}
	return false
}

// with is the population with other rows of its event tables; nil leaves it as it is.
func (p *population) with(change func([]sheetRow) []sheetRow) *population {
	if change == nil {
		return p
	}
	q := &population{people: p.people}
	for _, s := range p.sheets {
		other := *s
		other.rows = slices.Clone(s.rows)
		if len(s.table.Info().Order) > 0 && len(s.rows) > 1 {
			other.rows = change(other.rows)
			slices.SortStableFunc(other.rows, func(a, b sheetRow) int { return strings.Compare(a.person, b.person) })
		}
		q.sheets = append(q.sheets, &other)
	}
	return q
}
