package sqlengine

import "github.com/personalised-prevention/nhs/internal/tree"

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
// fit stops the query, rather than being rounded. PostgreSQL has as many as are needed.

const tooLarge = "'a number cannot be summed exactly: it is 1e15 or more, or has more than 18 decimals'"

// total sums numbers up as decimals.
func (d Dialect) total(x string) string {
	switch d {
	case Spark:
		decimal := "CAST(CAST(" + x + " AS STRING) AS DECIMAL(38, 18))"
		return "sum(CASE WHEN abs(" + x + ") >= 1e15D THEN CAST(raise_error(" + tooLarge + ") AS DECIMAL(38, 18)) WHEN CAST(CAST(" + decimal + " AS STRING) AS DOUBLE) = " + x +
			" THEN " + decimal + " WHEN " + x + " IS NOT NULL THEN CAST(raise_error(" + tooLarge + ") AS DECIMAL(38, 18)) END)"
	case DuckDB:
		decimal := "CAST(CAST(" + x + " AS VARCHAR) AS DECIMAL(38, 18))"
		return "sum(CASE WHEN abs(" + x + ") >= 1e15 THEN error(" + tooLarge + ") WHEN CAST(CAST(" + decimal + " AS VARCHAR) AS DOUBLE) = " + x +
			" THEN " + decimal + " WHEN " + x + " IS NOT NULL THEN error(" + tooLarge + ") END)"
	case PostgreSQL:
	}
	return "sum(CAST(CAST(" + x + " AS TEXT) AS NUMERIC))"
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
		n = "nullif(" + n + ", 0)"
		// Long division: the whole part, then nine digits and nine again.
		whole := "CAST(replace(CAST(abs(" + decimal + ") AS STRING), '.', '') AS DECIMAL(38, 0))"
		rest := "CAST(" + whole + " % " + n + " AS BIGINT)"
		next := "((" + rest + " * 1000000000) % " + n + ")"
		digits := func(rest string) string {
			return "lpad(CAST((" + rest + " * 1000000000) DIV " + n + " AS STRING), 9, '0')"
		}
		return "CAST(concat(CASE WHEN " + decimal + " < 0 THEN '-' ELSE '' END, CAST(CAST((" + whole + " - " + rest + ") / " + n +
			" AS DECIMAL(38, 0)) AS STRING), " + digits(rest) + ", " + digits(next) + ", 'E-36') AS DOUBLE)"
	case DuckDB:
		whole := "CAST(replace(CAST(abs(" + decimal + ") AS VARCHAR), '.', '') AS HUGEINT)"
		return "CAST(CASE WHEN " + decimal + " < 0 THEN '-' ELSE '' END || CAST(" + whole + " // " + n + " AS VARCHAR) || lpad(CAST(" + whole + " % " + n +
			" * 1000000000000000000 // " + n + " AS VARCHAR), 18, '0') || 'e-36' AS DOUBLE)"
	case PostgreSQL:
	}
	return "CAST((" + decimal + " + CAST(0 AS NUMERIC(1000, 400))) / " + n + " AS DOUBLE PRECISION)"
}
