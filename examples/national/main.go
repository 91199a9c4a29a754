// National evaluates published cohorts over a nation's records on one machine. It writes
// an invented population, in every data set's shape, as Parquet files; asks for three
// cohorts of the library in one pass each over those files, with attrition; asks other
// engines the same, and holds their answers against the reference evaluator, person by
// person and step by step. For Databricks, DuckDB and PostgreSQL it writes the SQL.
//
//	go run ./examples/national -people 20000 -out out/national
//
// Ten million people take minutes and 15 GB of disk; memory stays as it is. The people
// are invented, and the code lists short illustrations of the real ones.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
)

// cohorts are those of the library that are asked for.
var cohorts = []string{"nhs-health-check", "nhs-diabetes-prevention", "talking-therapies-underrepresented"} //nolint:gochecknoglobals // does not change

type options struct {
	people, check int
	rows          float64
	seed          uint64
	out           string
}

func main() {
	var o options
	flag.IntVar(&o.people, "people", 20_000, "how many people to invent, up to 10,000,000 and more")
	flag.Float64Var(&o.rows, "rows", 0.1, "how many rows a person has, 1 being as many as in England: about 290")
	flag.IntVar(&o.check, "check", 1_000, "how many of the people the reference evaluator decides about, too")
	flag.Uint64Var(&o.seed, "seed", 7, "another seed, other people")
	flag.StringVar(&o.out, "out", "out/national", "directory for the files of the population, of members and of SQL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "national:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is the whole story, one chapter after the other.
func run(ctx context.Context, o options, out io.Writer) error {
	day := cohort.MustDate("2026-11-01")
	store, err := generate(ctx, o, day, out)
	if err != nil {
		return err
	}
	var differ int
	var plans []*cohort.Plan
	var results []*columnar.Result
	for _, id := range cohorts {
		plan, err := published(id, day)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n== %s ==\n\n", id)
		result, err := evaluate(ctx, o, plan, store, out)
		if err != nil {
			return err
		}
		n, err := compare(ctx, o, plan, store, out)
		if err != nil {
			return err
		}
		differ, plans, results = differ+n, append(plans, plan), append(results, result)
	}
	n, err := indexed(ctx, o, plans, results, out)
	if err != nil {
		return err
	}
	if err := writeSQL(o, plans, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "\npeople=%d cohorts=%d differences=%d\n", o.people, len(cohorts), differ+n)
	if differ+n > 0 {
		return errors.New("the engines differ")
	}
	return nil
}
