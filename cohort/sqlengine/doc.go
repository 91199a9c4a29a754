// Package sqlengine answers cohort plans where the data are: it compiles a plan to SQL and runs it over the caller's
// [sql.DB]. It imports no driver.
//
//	query, err := sqlengine.Compile(plan, sqlengine.Spark,
//		sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"dars", "gdppr"}, Key: "NHS_NUMBER_DEID"}))
//	attrition, err := query.Run(ctx, db)               // counts, step by step
//	for member, err := range query.Members(ctx, db) {} // members and those who are referred
//	for person, err := range query.Verdicts(ctx, db) {} // every step's answer, for everybody
//
// For Databricks, open the database with its driver for database/sql and compile for [Spark]; for DuckDB and PostgreSQL
// with theirs. DuckDB reads Parquet files through views: CREATE VIEW person AS FROM 'person/*.parquet'.
//
// # The query
//
// A query is one statement for each question, see [Ask]. It reads every event table once, and once more for rows that
// rest on what other rows say. One column says of each row whether it belongs to a set of rows of the plan, aggregates
// sum these up person by person, and one column for each step has the answer: TRUE, FALSE, or NULL for unknown. Code
// lists are tables, made of one parameter each. Ages and windows at days that are the same for everybody are days in the
// query, which an engine can look up.
//
// The latest and the earliest row are taken by all columns that order rows, missing values last, so that the answer does
// not hang on the order in which a database finds them.
//
// Texts of a plan, codes and labels included, are never part of a query: they are parameters, see [Query.Args], or with
// [Literals] hexadecimal digits. Names of tables and columns are quoted. Days and numbers are written out.
//
// # What is read
//
// Tables and columns have their published names unless [Table] says otherwise: person, gpes.journal (a table in a
// schema), and so on. The key of a table is the first of its published ones. Keys have one type in all tables, or
// [TextKeys] is given. Rows without a key are nobody's.
//
// The population is everybody in the person table; see [Population] and [Everybody]. People without rows elsewhere are
// answered, and rows of people elsewhere are passed over. Tables that have one row a person must have no more: if
// somebody is repeated, every question ends with [ErrRepeated], though it be about nobody.
//
// Columns hold what the catalogue says: texts and codes as text, numbers in any numeric type, days as said by [DayForm].
// What the catalogue declares to mean "not known" is read as missing, and so are empty texts, days before year 1 or after
// year 9999, NaN and infinities. A column that a source lacks is named in Source.Absent.
//
// # Assumed
//
//   - Spark: columns of days are DATE or TIMESTAMP_NTZ. A TIMESTAMP is made a day in the time zone of the session: cast
//     it in a view. ANSI mode may be on or off. String columns have the default collation. Where a driver cannot
//     bind arguments, or binds them with EXECUTE IMMEDIATE before Spark 4.1, give [Literals].
//   - DuckDB: string columns have no collation.
//   - PostgreSQL: the encoding of the database is UTF8, and extra_float_digits is at its default or more. Texts are
//     compared as in COLLATE "C", so that an index serves them only if it is in that collation. Tables have been
//     analysed since they were loaded: without that the planner may take minutes for what takes seconds.
//
// # Limits
//
// Everything in the language is said in all three dialects, exactly, but for this:
//
//   - Spark and DuckDB sum decimals of 38 digits, 18 of them after the point. A number of 1e15 or more, or one with more
//     decimals, ends a query with a Sum or a Mean of it in an error, as does a total of 1e18 or more; no answer is
//     given for anybody. In PostgreSQL only a number beyond 2^53 does: what decimal it stands for is not certain there.
//   - A mean is divided to 36 decimals (PostgreSQL: 400) and rounded from there.
//   - PostgreSQL takes at most 65,535 arguments, one for each code list, end of a range, and text.
//   - Engines may quote a value in an error, because a column holds what its type cannot be cast to. What is in quotes and
//     the statement does not name is masked, and so is what could be an NHS number; errors that are taken out with
//     [errors.As] are the driver's own.
//   - What is worked out of days and conditions in so many levels that the text comes to 4 MB is an error of Compile.
package sqlengine
