package parity_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// BenchmarkSpark compares the SQL that is made of the reference question with SQL that is written by hand, on Spark, in one
// session, on the same files. One machine tells what the SQL costs, not how a cluster shares it out.
func BenchmarkSpark(b *testing.B) {
	dir := questionStore(b, *peopleInBenchmarks)
	e := openSQL(b, sqlengine.Spark)
	// The tests ask so little that compiling does not pay.
	for _, setting := range []string{
		"spark.sql.codegen.wholeStage=true", "spark.sql.codegen.factoryMode=FALLBACK", "spark.sql.adaptive.enabled=true", "spark.sql.shuffle.partitions=4",
	} {
		if err := e.run(b.Context(), "SET "+setting); err != nil {
			b.Fatal(err)
		}
	}
	plan := question(b)
	for _, s := range layOut(nil, plan).sheets {
		if err := e.run(b.Context(), "CREATE OR REPLACE TEMP VIEW "+s.name+" USING parquet OPTIONS (path '"+s.file(dir)+"')"); err != nil {
			b.Fatal(err)
		}
	}
	query, err := sqlengine.Compile(plan, sqlengine.Spark, sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"gpes_journal"}}))
	if err != nil {
		b.Fatal(err)
	}
	words := strings.NewReplacer("unnest([", "explode(array(", "])", "))", "arg_max(", "max_by(", "row(", "struct(", "SEMI JOIN", "LEFT SEMI JOIN")
	contenders := []contender{{"sqlengine", func(b *testing.B) int { return members(b, query, e) }}}
	for _, form := range []string{"exists", "filtered", "literal"} {
		contenders = append(contenders, contender{form, count(e.conn, words.Replace(handWritten()[form]))})
	}
	medians := race(b, contenders...)
	b.ReportMetric(times(medians["sqlengine"], best(medians, "filtered", "literal")), "sqlengine/hand")
	b.ReportMetric(times(medians["sqlengine"], medians["exists"]), "sqlengine/exists")
}
