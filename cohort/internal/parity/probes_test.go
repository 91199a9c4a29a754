package parity_test

import "strings"

// probes are the questions on which dialects differ, or might.
func probes() []probe {
	codes := strings.Repeat("123456789012\n", 39_999) + "é'\\x"
	return []probe{
		{
			name:   "kleene",
			duckDB: `SELECT NULL AND FALSE, NULL OR TRUE, NULL AND TRUE, NOT (CAST(NULL AS BOOLEAN))`,
			want:   `false,true,null,null`,
		},
		{
			name: "add months clamps",
			duckDB: `SELECT CAST(DATE '2003-01-31' + INTERVAL 1 MONTH AS DATE),
				CAST(DATE '2025-03-31' - INTERVAL 1 MONTH AS DATE),
				CAST(DATE '2024-02-29' + INTERVAL 12 MONTH AS DATE),
				CAST(DATE '2025-02-28' + INTERVAL 1 MONTH AS DATE)`,
			postgres: `SELECT CAST(DATE '2003-01-31' + INTERVAL '1 MONTH' AS DATE),
				CAST(DATE '2025-03-31' - INTERVAL '1 MONTH' AS DATE),
				CAST(DATE '2024-02-29' + INTERVAL '12 MONTH' AS DATE),
				CAST(DATE '2025-02-28' + INTERVAL '1 MONTH' AS DATE)`,
			spark: `SELECT add_months(DATE '2003-01-31', 1),
				add_months(DATE '2025-03-31', -1),
				add_months(DATE '2024-02-29', 12),
				add_months(DATE '2025-02-28', 1)`,
			want: `2003-02-28,2025-02-28,2025-02-28,2025-03-28`,
		},
		{
			name:     "add months bound",
			duckDB:   `SELECT CAST(CAST(? AS DATE) + to_months(CAST(? AS INTEGER)) AS DATE)`,
			postgres: `SELECT CAST(CAST($1 AS DATE) + make_interval(months => $2::int) AS DATE)`,
			spark:    `SELECT add_months(CAST(? AS DATE), CAST(? AS INT))`,
			args:     []any{day("2003-01-31"), -11},
			want:     `2002-02-28`,
		},
		{
			name:     "add days",
			duckDB:   `SELECT CAST(? AS DATE) + CAST(? AS INTEGER)`,
			postgres: `SELECT CAST($1 AS DATE) + CAST($2 AS INTEGER)`,
			spark:    `SELECT date_add(CAST(? AS DATE), CAST(? AS INT))`,
			args:     []any{day("2024-02-28"), 2},
			want:     `2024-03-01`,
		},
		{
			name:     "date as text bound",
			duckDB:   `SELECT CAST(? AS DATE)`,
			postgres: `SELECT CAST($1::text AS DATE)`,
			spark:    `SELECT CAST(? AS DATE)`,
			args:     []any{"2024-02-29"},
			want:     `2024-02-29`,
		},
		{
			name:   "first and last day",
			duckDB: `SELECT DATE '0001-01-01', DATE '9999-12-31', DATE '9999-12-31' - DATE '0001-01-01'`,
			spark:  `SELECT DATE '0001-01-01', DATE '9999-12-31', datediff(DATE '9999-12-31', DATE '0001-01-01')`,
			want:   `0001-01-01,9999-12-31,3652058`,
		},
		{
			name: "below the first day",
			duckDB: `SELECT GREATEST(CAST(DATE '0001-02-01' - INTERVAL 240 MONTH AS DATE), DATE '0001-01-01'),
				GREATEST(DATE '0001-02-01' - 73000, DATE '0001-01-01'),
				LEAST(CAST(DATE '9999-02-01' + INTERVAL 240 MONTH AS DATE), DATE '9999-12-31'),
				LEAST(DATE '9999-02-01' + 73000, DATE '9999-12-31')`,
			postgres: `SELECT GREATEST(CAST(DATE '0001-02-01' - INTERVAL '240 MONTH' AS DATE), DATE '0001-01-01'),
				GREATEST(DATE '0001-02-01' - 73000, DATE '0001-01-01'),
				LEAST(CAST(DATE '9999-02-01' + INTERVAL '240 MONTH' AS DATE), DATE '9999-12-31'),
				LEAST(DATE '9999-02-01' + 73000, DATE '9999-12-31')`,
			spark: `SELECT GREATEST(add_months(DATE '0001-02-01', -240), DATE '0001-01-01'),
				GREATEST(date_add(DATE '0001-02-01', -73000), DATE '0001-01-01'),
				LEAST(add_months(DATE '9999-02-01', 240), DATE '9999-12-31'),
				LEAST(date_add(DATE '9999-02-01', 73000), DATE '9999-12-31')`,
			want: `0001-01-01,0001-01-01,9999-12-31,9999-12-31`,
		},
		{
			name:   "greatest passes nulls over",
			duckDB: `SELECT GREATEST(NULL, 1, 2), LEAST(NULL, 1, 2)`,
			want:   `2,1`,
		},
		{
			name: "months completed",
			duckDB: `SELECT (year(b) - year(a)) * 12 + month(b) - month(a) - CASE WHEN day(b) < day(a) THEN 1 ELSE 0 END
				FROM (SELECT DATE '2025-01-31' AS a, DATE '2025-02-28' AS b) AS t`,
			postgres: `SELECT CAST((EXTRACT(YEAR FROM b) - EXTRACT(YEAR FROM a)) * 12 + EXTRACT(MONTH FROM b) - EXTRACT(MONTH FROM a) - CASE WHEN EXTRACT(DAY FROM b) < EXTRACT(DAY FROM a) THEN 1 ELSE 0 END AS INTEGER)
				FROM (SELECT DATE '2025-01-31' AS a, DATE '2025-02-28' AS b) AS t`,
			spark: `SELECT (year(b) - year(a)) * 12 + month(b) - month(a) - CASE WHEN day(b) < day(a) THEN 1 ELSE 0 END
				FROM (SELECT DATE '2025-01-31' AS a, DATE '2025-02-28' AS b) AS t`,
			want: `0`,
		},
		{
			name: "extract is standard",
			duckDB: `SELECT CAST(EXTRACT(YEAR FROM DATE '2025-01-31') AS INTEGER) * 12 + CAST(EXTRACT(MONTH FROM DATE '2025-01-31') AS INTEGER),
				CAST(EXTRACT(DAY FROM DATE '2025-01-31') AS INTEGER)`,
			want: `24301,31`,
		},
		{
			name: "financial year",
			duckDB: `SELECT CASE WHEN y < 1 THEN DATE '0001-01-01' ELSE make_date(y, 4, 1) END
				FROM (SELECT year(d) - CASE WHEN month(d) < 4 THEN 1 ELSE 0 END AS y FROM (VALUES (DATE '2025-03-31'), (DATE '2025-04-01'), (DATE '0001-03-31')) AS t(d)) AS u`,
			postgres: `SELECT CASE WHEN y < 1 THEN DATE '0001-01-01' ELSE make_date(y, 4, 1) END
				FROM (SELECT EXTRACT(YEAR FROM d)::int - CASE WHEN EXTRACT(MONTH FROM d) < 4 THEN 1 ELSE 0 END AS y FROM (VALUES (DATE '2025-03-31'), (DATE '2025-04-01'), (DATE '0001-03-31')) AS t(d)) AS u`,
			spark: `SELECT CASE WHEN y < 1 THEN DATE '0001-01-01' ELSE make_date(y, 4, 1) END
				FROM (SELECT year(d) - CASE WHEN month(d) < 4 THEN 1 ELSE 0 END AS y FROM (VALUES (DATE '2025-03-31'), (DATE '2025-04-01'), (DATE '0001-03-31')) AS t(d)) AS u`,
			want: `2024-04-01;2025-04-01;0001-01-01`,
		},
		{
			name: "bytes order",
			duckDB: `SELECT s
				FROM (VALUES ('a'), ('B'), ('é'), ('Z'), ('_'), ('😀'), (chr(65535))) AS t(s) ORDER BY s`,
			postgres: `SELECT s
				FROM (VALUES ('a'), ('B'), ('é'), ('Z'), ('_'), ('😀'), (chr(65535))) AS t(s) ORDER BY s COLLATE "C"`,
			spark: `SELECT s
				FROM (VALUES ('a'), ('B'), ('é'), ('Z'), ('_'), ('😀'), ('\uffff')) AS t(s) ORDER BY s`,
			want: `B;Z;_;a;é;￿;😀`,
		},
		{
			name:   "trailing blanks and case count",
			duckDB: `SELECT 'a ' = 'a', 'A' = 'a', 'a' IN ('A', 'a ')`,
			want:   `false,false,false`,
		},
		{
			name:     "a text is bound as it is",
			duckDB:   `SELECT CAST(? AS VARCHAR)`,
			postgres: `SELECT $1::text`,
			spark:    `SELECT ?`,
			args:     []any{"'\\' \\\\u0041 \\u0041 ${env:HOME} ${spark.app.name} \"`? -- /* $1\r\n\té😀"},
			want:     "'\\' \\\\u0041 \\u0041 ${env:HOME} ${spark.app.name} \"`? -- /* $1\r\n\té😀",
		},
		{
			name:     "composed is not decomposed",
			duckDB:   `SELECT ? = ?`,
			postgres: `SELECT $1::text = $2::text`,
			spark:    `SELECT ? = ?`,
			args:     []any{"\u00e9", "e\u0301"},
			want:     `false`,
		},
		{
			name:     "integer division",
			duckDB:   `SELECT 7 // 2, 7 / 2`,
			postgres: `SELECT 7 / 2, 7 / 2.0::float8`,
			spark:    `SELECT 7 DIV 2, 7 / 2`,
			want:     `3,3.5`,
		},
		{
			name: "nan",
			duckDB: `SELECT 'NaN'::DOUBLE = 'NaN'::DOUBLE,
				'NaN'::DOUBLE > 'Infinity'::DOUBLE,
				isnan('NaN'::DOUBLE),
				isinf('-Infinity'::DOUBLE)`,
			postgres: `SELECT 'NaN'::float8 = 'NaN'::float8,
				'NaN'::float8 > 'Infinity'::float8,
				'NaN'::float8 = 'NaN',
				'-Infinity'::float8 IN ('Infinity', '-Infinity')`,
			spark: `SELECT double('NaN') = double('NaN'),
				double('NaN') > double('Infinity'),
				isnan(double('NaN')),
				double('-Infinity') IN (double('Infinity'), double('-Infinity'))`,
			want: `true,true,true,true`,
		},
		{
			name: "not finite",
			duckDB: `SELECT x
				FROM (VALUES (1.5::DOUBLE), ('NaN'::DOUBLE), ('-Infinity'::DOUBLE), ('Infinity'::DOUBLE)) AS t(x) WHERE x BETWEEN -1.7976931348623157e308::DOUBLE AND 1.7976931348623157e308::DOUBLE`,
			postgres: `SELECT x
				FROM (VALUES (1.5::float8), ('NaN'::float8), ('-Infinity'::float8), ('Infinity'::float8)) AS t(x) WHERE x BETWEEN -1.7976931348623157e308::float8 AND 1.7976931348623157e308::float8`,
			spark: `SELECT x
				FROM (VALUES (1.5D), (double('NaN')), (double('-Infinity')), (double('Infinity'))) AS t(x) WHERE x BETWEEN -1.7976931348623157e308D AND 1.7976931348623157e308D`,
			want: `1.5`,
		},
		{
			name: "minus zero",
			duckDB: `SELECT -0.0::DOUBLE = 0.0::DOUBLE,
				count(DISTINCT x)
				FROM (VALUES (('-0.0')::DOUBLE), (0.0::DOUBLE)) AS t(x)`,
			postgres: `SELECT '-0'::float8 = '0'::float8,
				count(DISTINCT x)
				FROM (VALUES ('-0'::float8), ('0'::float8)) AS t(x)`,
			spark: `SELECT double('-0') = double('0'),
				count(DISTINCT x)
				FROM (VALUES (double('-0')), (double('0'))) AS t(x)`,
			want: `true,1`,
		},
		{
			name:   "nulls last",
			duckDB: `SELECT x FROM (VALUES (1), (NULL), (2)) AS t(x) ORDER BY x DESC NULLS LAST`,
			want:   `2;1;null`,
		},
		{
			name: "row_number",
			duckDB: `SELECT p,
				x
				FROM (SELECT p, x, row_number() OVER (PARTITION BY p ORDER BY d DESC NULLS LAST, x DESC NULLS LAST) AS n FROM (VALUES (1, 5, 1), (1, 5, 2), (2, NULL, 7), (2, 4, NULL)) AS t(p, d, x)) AS u WHERE n = 1 ORDER BY p`,
			want: `1,2;2,null`,
		},
		{
			name: "aggregate filter",
			duckDB: `SELECT count(*) FILTER (WHERE x > 1),
				max(x) FILTER (WHERE x < 3),
				bool_or(x > 2),
				bool_or(x > 2) FILTER (WHERE x < 0)
				FROM (VALUES (1), (2), (3)) AS t(x)`,
			want: `2,2,true,null`,
		},
		{
			name: "max of struct",
			duckDB: `SELECT (max({'d': d, 'x': x}) FILTER (WHERE x < 9)).x
				FROM (VALUES (5, 1), (5, 2), (4, 7)) AS t(d, x)`,
			postgres: `SELECT (max(ARRAY[d, x]) FILTER (WHERE x < 9))[2]
				FROM (VALUES (5, 1), (5, 2), (4, 7)) AS t(d, x)`,
			spark: `SELECT (max(struct(d, x)) FILTER (WHERE x < 9)).x
				FROM (VALUES (5, 1), (5, 2), (4, 7)) AS t(d, x)`,
			want: `2`,
		},
		{
			name:   "arg_max",
			duckDB: `SELECT arg_max(x, d) FROM (VALUES (5, 1), (6, 2), (4, 7)) AS t(d, x)`,
			postgres: `SELECT (array_agg(x ORDER BY d DESC NULLS LAST))[1]
				FROM (VALUES (5, 1), (6, 2), (4, 7)) AS t(d, x)`,
			spark: `SELECT max_by(x, d) FROM (VALUES (5, 1), (6, 2), (4, 7)) AS t(d, x)`,
			want:  `2`,
		},
		{
			name: "episodes",
			duckDB: `SELECT p,
				sum(CASE WHEN before IS NULL OR d > before + 3 THEN 1 ELSE 0 END)
				FROM (SELECT p, d, lag(d) OVER (PARTITION BY p ORDER BY d) AS before FROM (VALUES (1, DATE '2025-01-01'), (1, DATE '2025-01-04'), (1, DATE '2025-01-06'), (1, DATE '2025-01-10'), (1, DATE '2025-01-12')) AS t(p, d)) AS u GROUP BY p`,
			want: `1,2`,
		},
		{
			name:   "count distinct",
			duckDB: `SELECT count(DISTINCT x) FROM (VALUES ('a'), ('b'), (NULL), ('a')) AS t(x)`,
			want:   `2`,
		},
		{
			name: "codes in one text",
			duckDB: `SELECT count(*),
				count(DISTINCT c),
				max(c)
				FROM (SELECT unnest(string_split(CAST(? AS VARCHAR), chr(10))) AS c) AS t`,
			postgres: `SELECT count(*),
				count(DISTINCT c),
				max(c COLLATE "C")
				FROM unnest(string_to_array($1::text, chr(10))) AS t(c)`,
			spark: `SELECT count(*), count(DISTINCT c), max(c) FROM (SELECT explode(split(?, '\n')) AS c) AS t`,
			args:  []any{codes},
			want:  `40000,2,é'\x`,
		},
		{
			name: "values as table",
			duckDB: `SELECT a.c,
				b.c
				FROM (SELECT unnest(string_split(CAST(? AS VARCHAR), chr(10))) AS c) AS a JOIN (SELECT unnest(string_split(CAST(? AS VARCHAR), chr(10))) AS c) AS b ON a.c = b.c`,
			postgres: `SELECT a.c,
				b.c
				FROM unnest(string_to_array($1::text, chr(10))) AS a(c) JOIN unnest(string_to_array($2::text, chr(10))) AS b(c) ON a.c = b.c`,
			spark: `SELECT a.c,
				b.c
				FROM (SELECT explode(split(?, '\n')) AS c) AS a JOIN (SELECT explode(split(?, '\n')) AS c) AS b ON a.c = b.c`,
			args: []any{"x\ny", "y\nz"},
			want: `y,y`,
		},
		{
			name:     "numbers bound",
			duckDB:   `SELECT CAST(? AS DOUBLE) = 0.1::DOUBLE, CAST(? AS BIGINT)`,
			postgres: `SELECT CAST($1 AS float8) = 0.1::float8, CAST($2 AS BIGINT)`,
			spark:    `SELECT CAST(? AS DOUBLE) = 0.1D, CAST(? AS BIGINT)`,
			args:     []any{0.1, int64(1) << 62},
			want:     `true,4611686018427387904`,
		},
		{
			name: "sum is exact",
			duckDB: `SELECT CAST(CAST(sum(CAST(CAST(x AS VARCHAR) AS DECIMAL(38,18))) AS VARCHAR) AS DOUBLE)
				FROM (VALUES (0.1::DOUBLE), (0.2::DOUBLE)) AS t(x)`,
			postgres: `SELECT CAST(sum(CAST(CAST(x AS TEXT) AS NUMERIC)) AS float8)
				FROM (VALUES (0.1::float8), (0.2::float8)) AS t(x)`,
			spark: `SELECT CAST(sum(CAST(CAST(x AS STRING) AS DECIMAL(38,18))) AS DOUBLE)
				FROM (VALUES (0.1D), (0.2D)) AS t(x)`,
			want: `0.3`,
		},
		{
			name: "sum of large and small",
			duckDB: `SELECT CAST(CAST(sum(CAST(CAST(x AS VARCHAR) AS DECIMAL(38,18))) AS VARCHAR) AS DOUBLE)
				FROM (VALUES (0.30000000000000004::DOUBLE), (9007199254740993::DOUBLE), (-9007199254740992::DOUBLE)) AS t(x)`,
			postgres: `SELECT CAST(sum(CAST(CAST(x AS TEXT) AS NUMERIC)) AS float8)
				FROM (VALUES (0.30000000000000004::float8), (9007199254740993::float8), (-9007199254740992::float8)) AS t(x)`,
			spark: `SELECT CAST(sum(CAST(CAST(x AS STRING) AS DECIMAL(38,18))) AS DOUBLE)
				FROM (VALUES (0.30000000000000004D), (9007199254740993D), (-9007199254740992D)) AS t(x)`,
			want: `0.30000000000000004`,
		},
		{
			name:   "materialised",
			duckDB: `WITH a AS MATERIALIZED (SELECT 1 AS x) SELECT x FROM a`,
			spark:  `WITH a AS (SELECT 1 AS x) SELECT x FROM a`,
			want:   `1`,
		},
		{
			name:   "quoted names",
			duckDB: `SELECT "a ""b" FROM (SELECT 1 AS "a ""b") AS t`,
			spark:  "SELECT `a ``b` FROM (SELECT 1 AS `a ``b`) AS t",
			want:   `1`,
		},
		{
			name:   "deep case",
			duckDB: `SELECT CASE WHEN TRUE THEN NULL WHEN FALSE THEN 1 END IS NULL`,
			want:   `true`,
		},
	}
}
