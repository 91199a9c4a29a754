package parity_test

import (
	"path/filepath"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// BenchmarkLaidOutByCode asks the reference question, and one code alone, of rows in order of code: of the index of a
// store, and of DuckDB over Parquet in the same order and, for one code, over the files of the index.
func BenchmarkLaidOutByCode(b *testing.B) {
	dir := questionStore(b, *peopleInBenchmarks)
	db := questionViews(b, dir)
	sorted := filepath.Join(b.TempDir(), "sorted.parquet")
	for _, statement := range []string{
		"COPY (SELECT * FROM gpes_journal ORDER BY CODE, NHS_NUMBER) TO '" + sorted + "' (FORMAT parquet, COMPRESSION snappy)",
		"CREATE OR REPLACE VIEW gpes_journal AS SELECT * FROM read_parquet('" + sorted + "')",
	} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	store, err := columnar.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	if err := columnar.Index(b.Context(), store, []*cohort.Table{gpes.Table()}); err != nil {
		b.Fatal(err)
	}
	if store, err = columnar.Open(dir); err != nil {
		b.Fatal(err)
	}
	asked := func(plan *cohort.Plan) func(b *testing.B) int {
		return func(b *testing.B) int {
			b.Helper()
			result, err := columnar.Run(b.Context(), plan, store, columnar.OutcomesOnly())
			if err != nil {
				b.Fatal(err)
			}
			return result.Members()
		}
	}
	b.Run("question", func(b *testing.B) {
		forms := handWritten()
		medians := race(b, contender{"filtered", count(db, forms["filtered"])}, contender{"literal", count(db, forms["literal"])},
			contender{"columnar", asked(question(b))})
		b.ReportMetric(times(best(medians, "filtered", "literal"), medians["columnar"]), "hand/columnar")
	})
	b.Run("one code", func(b *testing.B) {
		code := diagnoses()[0]
		medians := race(b,
			contender{"duckdb", count(db, "SELECT count(DISTINCT NHS_NUMBER) FROM gpes_journal WHERE CODE = '"+code+"'")},
			contender{"duckdb-index", count(db, "SELECT count(*) FROM (SELECT DISTINCT filename, _person FROM read_parquet('"+
				filepath.Join(dir, gpes.Table().Name(), "_index", "rows-*.parquet")+"', filename = true) WHERE CODE = '"+code+"')")},
			contender{"columnar", asked(oneCode(b, code))})
		b.ReportMetric(times(best(medians, "duckdb", "duckdb-index"), medians["columnar"]), "hand/columnar")
	})
}

func oneCode(b *testing.B, code string) *cohort.Plan {
	b.Helper()
	list, err := codelist.New(codelist.Info{ID: "one", Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, code)
	if err != nil {
		b.Fatal(err)
	}
	definition, err := cohort.New("one-code", "1", cohort.Include("has it", gpes.Journal.Where(gpes.Code.In(list)).Exists()))
	if err != nil {
		b.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		b.Fatal(err)
	}
	return plan
}
