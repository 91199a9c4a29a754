package parity_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// planted are the faults for a dialect: all of them for DuckDB, and for the others those in what they say in their own way,
// and some of what they say alike.
func planted(dialect sqlengine.Dialect) []fault {
	switch dialect {
	case sqlengine.PostgreSQL:
		return append(postgresFaults(), alike(len(shared()))...)
	case sqlengine.Spark:
		return append(sparkFaults(), alike(1)...)
	default:
		return faults()
	}
}

// wrongly matches what an engine says of a statement that is none: such a fault is no fault.
func wrongly(dialect sqlengine.Dialect) *regexp.Regexp {
	return regexp.MustCompile(map[sqlengine.Dialect]string{
		sqlengine.DuckDB:     `(Parser|Binder|Catalog) Error|statement parameters`,
		sqlengine.PostgreSQL: `SQLSTATE (42|08)|expected \d+ arguments`,
		sqlengine.Spark:      `PARSE_SYNTAX_ERROR|UNRESOLVED_|DATATYPE_MISMATCH|UNBOUND_`,
	}[dialect])
}

// shared are faults in what all dialects say in the same words.
func shared() []string {
	return []string{
		"what is unknown is certain",
		"a window ends a day later", "the calendar ends a day early", "rows that are unknown count", "every year begins in January", "a code is missing",
		"a number or day from a bound on does not reach it", "a number or day up to a bound does not reach it", "a bound that is left out is in it, below",
		"numbers are compared with one more", "a window begins a day later", "people are as old as they become tomorrow", "empty texts are kept",
		"days outside the calendar are kept", "equal values count each time", "people who fail several steps are left out by each alone",
	}
}

// alike are the first of them.
func alike(n int) []fault {
	all := faults()
	var some []fault
	for _, name := range shared()[:n] {
		some = append(some, all[slices.IndexFunc(all, func(f fault) bool { return f.name == name })])
	}
	return some
}

func postgresFaults() []fault {
	return []fault{
		swap("the latest row is the earliest", ` DESC NULLS LAST`, ` ASC NULLS LAST`),
		swap("the earliest row is the latest", ` ASC NULLS LAST`, ` DESC NULLS LAST`),
		swap("missing values come first", `NULLS LAST`, `NULLS FIRST`),
		swap("ties go by arrival", `(ORDER BY [^,()]*)(, [^()]*)`, `$1`),
		swap("texts are compared as in English", ` COLLATE "C"`, ``),
		swap("a month is 30 days", `months => (-?\d+)`, `days => 30 * ($1)`),
		swap("floats are added", ` AS NUMERIC\)`, ` AS DOUBLE PRECISION)`),
		swap("several codes are in no order", ` WHERE code IS NOT NULL ORDER BY code`, ` ORDER BY code DESC`),
		swap("days that mean not known are kept", ` AND CAST\(t\."[^"]+" AS DATE\) NOT IN \([^)]*\)`, ``),
		swap("numbers that mean not known are kept", ` AND CAST\(t\."[^"]+" AS DOUBLE PRECISION\) NOT IN \([^)]*\)`, ``),
		swap("capitals are small letters", `k(\d+)\.code = (CAST\([^()]*\) COLLATE "C")`, `lower(k$1.code) = lower($2)`),
	}
}

func sparkFaults() []fault {
	return []fault{
		swap("the latest row is the earliest", `max_by`, `min_by`),
		swap("the earliest row is the latest", `min_by`, `max_by`),
		call("ties are turned round", "struct", func(by []string) []string {
			slices.Reverse(by[1:])
			return by
		}),
		call("missing values come first", "struct", func(by []string) []string {
			return slices.DeleteFunc(by, func(x string) bool { return strings.HasSuffix(x, " IS NULL") })
		}),
		swap("a month is 30 days", `add_months\((.*?), (-?\d+)\)`, `date_add($1, 30 * ($2))`),
		swap("floats are added", `AS DECIMAL\(38, 18\)`, `AS DOUBLE`),
		swap("days that mean not known are kept", " AND CAST\\(t\\.`[^`]+` AS DATE\\) NOT IN \\([^)]*\\)", ``),
		swap("several codes are in no order", `array_sort\(`, `reverse(`),
	}
}
