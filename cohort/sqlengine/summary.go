package sqlengine

import (
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// summary sums a column of rows up.
func (s scope) summary(v tree.Summary) string {
	column := v.Rows.Table.Columns[v.Column]
	aggregate := func(what, function string) string {
		return s.fact(v.Rows, what+"_"+column.Name, func(p *pass, rows string) string {
			return function + p.of(v.Rows, v.Column) + ") FILTER (WHERE " + rows + ")"
		})
	}
	decimals := func() string {
		return s.fact(v.Rows, "sum_"+column.Name, func(p *pass, rows string) string {
			return s.total("CASE WHEN " + rows + " THEN " + p.of(v.Rows, v.Column) + " END")
		})
	}
	switch v.How {
	case tree.Min:
		return aggregate("min", "min(")
	case tree.Max:
		return aggregate("max", "max(")
	case tree.Sum:
		return s.rounded(decimals())
	case tree.Mean:
		return s.quotient(decimals(), aggregate("known", "count("))
	case tree.Distinct:
	}
	if column.Kind != tree.Codes {
		return "coalesce(" + aggregate("distinct", "count(DISTINCT ") + ", 0)"
	}
	p := s.passOf(v.Rows)
	name := p.distinct(v.Rows, v.Column)
	s.join(name)
	return "coalesce(" + name + ".n, 0)"
}

// The sums are those of decimals. DuckDB and Spark have 38 digits, 18 of them after the point: a number that does not
// fit stops the query, rather than being rounded. PostgreSQL has as many as are needed, but beyond 2^53 writes a number
// as another decimal than the nearest of the shortest.

// total sums numbers up as decimals.
func (d Dialect) total(x string) string {
	const inexact = "'a number cannot be summed exactly: it is 1e15 or more, or has more than 18 decimals'"
	const large = "'numbers cannot be summed exactly: they come to 1e18 or more'"
	text, fail := "VARCHAR", func(why string) string { return "error(" + why + ")" }
	switch d {
	case PostgreSQL:
		// What fails depends on the number, so that it does not fail before there is one.
		return "sum(CASE WHEN abs(" + x + ") <= 9007199254740992 THEN CAST(CAST(" + x + " AS TEXT) AS NUMERIC) WHEN " + x +
			" IS NOT NULL THEN CAST('a number cannot be summed exactly: it is beyond 2^53' || left(CAST(" + x + " AS TEXT), 0) AS NUMERIC) END)"
	case Spark:
		text, fail = "STRING", func(why string) string { return "CAST(raise_error(" + why + ") AS DECIMAL(38, 18))" }
	case DuckDB:
	}
	decimal := "CAST(CAST(" + x + " AS " + text + ") AS DECIMAL(38, 18))"
	sum := "sum(CASE WHEN abs(" + x + ") >= 1000000000000000 THEN " + fail(inexact) +
		" WHEN CAST(CAST(" + decimal + " AS " + text + ") AS DOUBLE) = " + x + " THEN " + decimal +
		" WHEN " + x + " IS NOT NULL THEN " + fail(inexact) + " END)"
	// Outside of its ANSI mode Spark would say NULL of a sum that does not fit.
	return "CASE WHEN abs(" + sum + ") < 1000000000000000000 THEN " + sum + " WHEN count(" + x + ") > 0 THEN " + fail(large) + " END"
}

// rounded is the number next to a decimal.
func (d Dialect) rounded(decimal string) string {
	switch d {
	case Spark:
		return "CAST(CAST(" + decimal + " AS STRING) AS DOUBLE)"
	case DuckDB:
		return "CAST(CAST(" + decimal + " AS VARCHAR) AS DOUBLE)"
	case PostgreSQL:
	}
	return "CAST(" + decimal + " AS DOUBLE PRECISION)"
}

// quotient is the number next to a decimal divided by a count. It names both several times.
func (d Dialect) quotient(decimal, n string) string {
	switch d {
	case Spark:
		// Long division, nine digits at a time: the whole part, and four times what is left over.
		n = "nullif(" + n + ", 0)"
		whole := "CAST(abs(" + decimal + ") AS BIGINT)"
		decimals := "CAST(abs(" + decimal + ") % 1 * 1000000000000000000 AS BIGINT)"
		digits := []string{"CAST(concat(CASE WHEN " + decimal + " < 0 THEN '-' ELSE '' END", "CAST(" + whole + " DIV " + n + " AS STRING)"}
		rest := "(" + whole + " % " + n + ")"
		for _, next := range []string{decimals + " DIV 1000000000", decimals + " % 1000000000", "0", "0"} {
			left := "(" + rest + " * 1000000000 + " + next + ")"
			digits = append(digits, "lpad(CAST("+left+" DIV "+n+" AS STRING), 9, '0')")
			rest = "(" + left + " % " + n + ")"
		}
		return strings.Join(digits, ", ") + ", 'E-36') AS DOUBLE)"
	case DuckDB:
		whole := "CAST(replace(CAST(abs(" + decimal + ") AS VARCHAR), '.', '') AS HUGEINT)"
		return "CAST(CASE WHEN " + decimal + " < 0 THEN '-' ELSE '' END || CAST(" + whole + " // " + n + " AS VARCHAR) || lpad(CAST(" + whole + " % " + n +
			" * 1000000000000000000 // " + n + " AS VARCHAR), 18, '0') || 'e-36' AS DOUBLE)"
	case PostgreSQL:
	}
	return "CAST((" + decimal + " + CAST(0 AS NUMERIC(1000, 400))) / " + n + " AS DOUBLE PRECISION)"
}
