package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// writeSQL writes the questions as SQL. That for DuckDB begins with views of the files, so that its command-line
// program answers it as it is; the others are for tables of the published names. A program gives its database to
// query.Run instead, and binds the codes.
func writeSQL(o options, plans []*cohort.Plan, out io.Writer) error {
	fmt.Fprint(out, "\n== As SQL ==\n\n")
	for _, plan := range plans {
		for _, dialect := range []sqlengine.Dialect{sqlengine.Spark, sqlengine.DuckDB, sqlengine.PostgreSQL} {
			query, err := sqlengine.Compile(plan, dialect, sqlengine.Literals())
			if err != nil {
				return err
			}
			text := query.SQL(sqlengine.Counts) + ";\n"
			if dialect == sqlengine.DuckDB {
				text = views(o, plan) + text
			}
			file := filepath.Join(o.out, fmt.Sprintf("%s.%v.sql", plan.ID(), dialect))
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				return err
			}
			fmt.Fprintln(out, file)
		}
	}
	return nil
}

// views names the files of the tables that a plan reads as DuckDB does.
func views(o options, plan *cohort.Plan) string {
	var text strings.Builder
	for _, use := range plan.Uses().Tables {
		if schema, _, ok := strings.Cut(use.Table, "."); ok {
			fmt.Fprintf(&text, "CREATE SCHEMA IF NOT EXISTS %s;\n", schema)
		}
		files := filepath.Join(storeIn(o), use.Table, "*.parquet")
		fmt.Fprintf(&text, "CREATE VIEW %s AS FROM '%s';\n", use.Table, strings.ReplaceAll(files, "'", "''"))
	}
	return text.String()
}
