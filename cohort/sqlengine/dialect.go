package sqlengine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Dialect is the SQL of one engine.
type Dialect uint8

// The dialects.
const (
	Spark      Dialect = iota + 1 // Spark SQL 3.4 and later, and Databricks SQL
	DuckDB                        // DuckDB 1.1 and later
	PostgreSQL                    // PostgreSQL 12 and later, in a database whose encoding is UTF8
)

// String returns the name of the engine.
func (d Dialect) String() string {
	switch d {
	case Spark:
		return "Spark"
	case DuckDB:
		return "DuckDB"
	case PostgreSQL:
		return "PostgreSQL"
	default:
		return "dialect " + strconv.Itoa(int(d))
	}
}

// quote quotes a name.
func (d Dialect) quote(name string) string {
	mark := `"`
	if d == Spark {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}

// asText reads a value as a text that is compared byte by byte.
func (d Dialect) asText(x string) string {
	switch d {
	case Spark:
		return "CAST(" + x + " AS STRING)"
	case DuckDB:
		return "CAST(" + x + " AS VARCHAR)"
	case PostgreSQL:
	}
	return "CAST(" + x + ` AS TEXT) COLLATE "C"`
}

// asNumber reads a value as a float64.
func (d Dialect) asNumber(x string) string {
	if d == PostgreSQL {
		return "CAST(" + x + " AS DOUBLE PRECISION)"
	}
	return "CAST(" + x + " AS DOUBLE)"
}

// number writes a number that is one exactly. Whole numbers are written plainly: they are converted where needed.
func (d Dialect) number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e9 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	digits := strconv.FormatFloat(x, 'e', -1, 64)
	switch d {
	case Spark:
		return digits + "D"
	case DuckDB:
		return digits
	case PostgreSQL:
	}
	return "CAST('" + digits + "' AS DOUBLE PRECISION)"
}

// day writes a day of the calendar.
func day(d tree.Day) string {
	year, month, dayOfMonth := d.Civil()
	return fmt.Sprintf("DATE '%04d-%02d-%02d'", year, int(month), dayOfMonth)
}

// shift adds months and then days, and stops at the ends of the calendar. It names x several times.
func (d Dialect) shift(x string, months, days int) string {
	if months != 0 {
		x = clamp(x, d.addMonths(x, months), func(from tree.Day) tree.Day { return from.AddMonths(months) }, months > 0)
	}
	if days != 0 {
		x = clamp(x, d.addDays(x, days), func(from tree.Day) tree.Day { return from.AddDays(days) }, days > 0)
	}
	return x
}

// clamp gives the end of the calendar for those days that reach it, and otherwise moved.
func clamp(x, moved string, move func(tree.Day) tree.Day, later bool) string {
	if later {
		reach := calendar.Search(func(from tree.Day) bool { return move(from) == calendar.Last })
		return fmt.Sprintf("CASE WHEN %s >= %s THEN %s ELSE %s END", x, day(reach), day(calendar.Last), moved)
	}
	reach := calendar.Search(func(from tree.Day) bool { return move(from) > calendar.First }) - 1
	return fmt.Sprintf("CASE WHEN %s <= %s THEN %s ELSE %s END", x, day(min(reach, calendar.Last)), day(calendar.First), moved)
}

func (d Dialect) addMonths(x string, months int) string {
	switch d {
	case Spark:
		return fmt.Sprintf("add_months(%s, %d)", x, months)
	case DuckDB:
		return fmt.Sprintf("CAST(%s + to_months(%d) AS DATE)", x, months)
	case PostgreSQL:
	}
	return fmt.Sprintf("CAST(%s + make_interval(months => %d) AS DATE)", x, months)
}

func (d Dialect) addDays(x string, days int) string {
	if d == Spark {
		return fmt.Sprintf("date_add(%s, %d)", x, days)
	}
	return fmt.Sprintf("(%s + (%d))", x, days)
}

// span counts completed units between two days. It names both several times.
func (d Dialect) span(from, to string, unit tree.Unit) string {
	part := func(name, x string) string { return "CAST(EXTRACT(" + name + " FROM " + x + ") AS INTEGER)" }
	years := part("YEAR", to) + " - " + part("YEAR", from)
	switch unit {
	case tree.InYears:
		inYear := func(x string) string { return part("MONTH", x) + " * 32 + " + part("DAY", x) }
		return fmt.Sprintf("(%s - CASE WHEN %s < %s THEN 1 ELSE 0 END)", years, inYear(to), inYear(from))
	case tree.InMonths:
		return fmt.Sprintf("((%s) * 12 + %s - %s - CASE WHEN %s < %s THEN 1 ELSE 0 END)", years,
			part("MONTH", to), part("MONTH", from), part("DAY", to), part("DAY", from))
	case tree.InDays:
	}
	if d == Spark {
		return fmt.Sprintf("datediff(%s, %s)", to, from)
	}
	return fmt.Sprintf("(%s - %s)", to, from)
}

// edge gives the first or the last day of a year, and stops at the ends of the calendar. It names x several times.
func (d Dialect) edge(x string, month int, end bool) string {
	begins := "CAST(EXTRACT(YEAR FROM " + x + ") AS INTEGER)"
	if month > 1 {
		begins += fmt.Sprintf(" - CASE WHEN EXTRACT(MONTH FROM %s) < %d THEN 1 ELSE 0 END", x, month)
	}
	if end {
		last := calendar.Of(9999, time.Month(month), 1)
		return fmt.Sprintf("CASE WHEN %s >= %s THEN %s ELSE %s END", x, day(last), day(calendar.Last),
			d.addDays(fmt.Sprintf("make_date(%s + 1, %d, 1)", begins, month), -1))
	}
	first := calendar.Of(1, time.Month(month), 1)
	return fmt.Sprintf("CASE WHEN %s < %s THEN %s ELSE make_date(%s, %d, 1) END", x, day(first), day(calendar.First), begins, month)
}

// list makes rows of a text of several lines: a query with the column code.
func (d Dialect) list(lines string) string {
	switch d {
	case Spark:
		return "SELECT explode(split(CAST(" + lines + " AS STRING), chr(10))) AS code"
	case DuckDB:
		return "SELECT unnest(string_split(CAST(" + lines + " AS VARCHAR), chr(10))) AS code"
	case PostgreSQL:
	}
	return `SELECT unnest(string_to_array(CAST(` + lines + ` AS TEXT), chr(10))) COLLATE "C" AS code`
}

// each makes a row of every one of several columns.
func (d Dialect) each(columns []string) string {
	all := strings.Join(columns, ", ")
	switch d {
	case Spark:
		return "explode(array(" + all + "))"
	case DuckDB:
		return "unnest([" + all + "])"
	case PostgreSQL:
	}
	return "unnest(ARRAY[" + all + "])"
}

// set makes the sorted set of those of several codes that are known, which compares as the codes do one after the
// other.
func (d Dialect) set(codes []string) string {
	all := strings.Join(codes, ", ")
	switch d {
	case Spark:
		return "array_sort(array_distinct(array_compact(array(" + all + "))))"
	case DuckDB:
		return "list_sort(list_distinct([" + all + "]))"
	case PostgreSQL:
	}
	return "ARRAY(SELECT DISTINCT code FROM unnest(ARRAY[" + all + `]) AS codes(code) WHERE code IS NOT NULL ORDER BY code)`
}

// rank is one column of the order of rows.
type rank struct {
	column string
	kind   tree.Kind
	known  bool // always
}

// pick takes a value of the row that is the latest or the earliest by the ranks, missing ones last, among the rows
// for which the condition is true.
func (d Dialect) pick(value string, by []rank, latest bool, condition string) string {
	keys := make([]string, len(by))
	for i, r := range by {
		keys[i] = d.key(r, latest)
	}
	order := strings.Join(keys, ", ")
	which := "min"
	if latest {
		which = "max"
	}
	switch d {
	case Spark:
		return fmt.Sprintf("%s_by(%s, struct(%s)) FILTER (WHERE %s)", which, value, order, condition)
	case DuckDB:
		return fmt.Sprintf("arg_%s_null(%s, row(%s)) FILTER (WHERE %s)", which, value, order, condition)
	case PostgreSQL:
	}
	return fmt.Sprintf("(array_agg(%s ORDER BY %s) FILTER (WHERE %s))[1]", value, order, condition)
}

// key makes an engine put missing values last. In a structure Spark takes them for the smallest and DuckDB for the
// largest.
func (d Dialect) key(r rank, latest bool) string {
	x := r.column
	switch d {
	case Spark:
		if r.kind == tree.Number {
			x += " + 0D" // in a structure minus zero is not zero
		}
		if !latest && !r.known {
			return r.column + " IS NULL, " + x
		}
		return x
	case DuckDB:
		if latest && !r.known {
			return "coalesce(" + x + ", " + below(r.kind) + ")"
		}
		return x
	case PostgreSQL:
	}
	if latest {
		return x + " DESC NULLS LAST"
	}
	return x + " ASC NULLS LAST"
}

// below is smaller than every known value.
func below(kind tree.Kind) string {
	switch kind {
	case tree.Date:
		return day(calendar.First) + " - 1"
	case tree.Number:
		return "CAST('-infinity' AS DOUBLE)"
	case tree.Codes:
		return "[]"
	case tree.Text, tree.Code:
	}
	return "''"
}

// inline keeps an engine from computing a common table once and for all when it is read twice.
func (d Dialect) inline() string {
	if d == Spark {
		return ""
	}
	return "NOT MATERIALIZED " //nolint:misspell // the word of SQL
}
