// Package parity holds every engine to the reference evaluator: the same definitions over the same dirty rows have
// to give the same verdict for every person and every step. It is a module of its own because the engines are large:
// DuckDB is linked in (cgo), PostgreSQL and Spark are installed by .ci/engines and started by [Engines]. Without them
// a test is skipped, but with CI=true it fails.
//
// # What is compared
//
// Definitions are drawn at random until they have the whole language in them, and people for them, with what sources hold
// at their worst; the cohorts of cohort/library are asked of synthetic people and of those who are made up for either side of
// every step. For everybody and every step the verdict has to be that of the reference evaluator, and so have the members
// and the counts. cohort/columnar answers from memory, from Parquet files in order, from files that it has sorted itself,
// and with an index by code; cohort/sqlengine on each of the three engines; TestDressed, where tables, keys and days are
// not as published. TestFaultsAreCaught plants faults in the SQL of each engine, in the rows and in the answers, one at a
// time, and sees that each is found. TestNational runs examples/national and asks DuckDB the SQL that it writes.
//
//	go test ./...                                            # all of it, in a few minutes
//	go test -v -run FaultsAreCaught                          # the faults
//	go test -run '^$' -bench . -benchtime 7x -people 1000000 # against hand-written SQL, cel-go and expr
//	go test -tags duckdb_arrow -run '^$' -bench MembersOut   # row by row against columns
//
// # What the engines do alike and what not
//
// TestProbes asks all of this of DuckDB 1.5, PostgreSQL 15 with an English collation, and Spark 4.1 in its ANSI mode,
// which is the default.
//
//	                        DuckDB                        PostgreSQL                   Spark
//	AND, OR, NOT of NULL    strong Kleene                 same                         same
//	GREATEST, LEAST         pass NULL over                same                         same
//	names                   "a""b"                        "a""b"                       `a``b`
//	markers                 ?                             $1                           ?
//	d plus n months         d + to_months(n), cast        make_interval(months => n)   add_months(d, n)
//	    at the month's end  stops there                   same                         same
//	d plus n days           d + n                         d + n                        date_add(d, n)
//	days between            b - a                         b - a                        datediff(b, a)
//	before year 1           allowed                       allowed, but no year 0       allowed
//	texts are compared      by bytes                      by COLLATE "C"               by bytes
//	= of texts              by bytes                      same                         same
//	NaN                     = NaN, > Infinity             same                         same
//	7 / 2                   3.5                           3                            3.5
//	0.1                     decimal                       numeric                      decimal, 0.1D a double
//	lines of one parameter  unnest(string_split(?, ...))  unnest(string_to_array(..))  explode(split(?, ...))
//	text of a double        shortest                      shortest below 2^53          shortest below 2^53
//	exact decimals          DECIMAL(38,18)                NUMERIC                      DECIMAL(38,18)
//	    beyond 10^20        an error                      exact                        an error
//	    beyond 18 decimals  rounded                       exact                        rounded
//	    to a double         through VARCHAR only          rounded once                 rounded once
//	max of a struct         NULL is the largest           no such thing                NULL is the smallest
//	WITH is computed        once: MATERIALIZED            once: MATERIALIZED           perhaps again
//	a statement costs       0.2 ms                        0.2 ms                       0.1 to 1 s
package parity
