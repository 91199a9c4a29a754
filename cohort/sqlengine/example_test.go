package sqlengine_test

import (
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// The query can be read before it is run.
func Example() {
	asthma := codelist.Must(codelist.New(codelist.Info{
		ID: "asthma", Version: "1", System: codelist.SNOMEDCT, Source: "Asthma, one concept.",
	}, "195967001"))
	diagnosed := gpes.Journal.Where(gpes.Code.In(asthma), gpes.Date.Within(cohort.Years(5), cohort.Index))
	definition, err := cohort.New("asthma", "1",
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("has asthma", diagnosed.Exists()))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	query, err := sqlengine.Compile(plan, sqlengine.Spark,
		sqlengine.Table("gpes.journal", sqlengine.Source{Name: []string{"dars", "gdppr"}}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(query.SQL(sqlengine.Members))
	fmt.Println(len(query.Args(sqlengine.Members)), "argument")
	// Output:
	// WITH list_1 AS (
	//   SELECT explode(split(CAST(? AS STRING), chr(10))) AS code
	// ),
	// codes_1 AS (
	//   SELECT code, bool_or(list = 1) AS list_1
	//   FROM (SELECT code, 1 AS list FROM list_1) AS lists
	//   GROUP BY code
	// ),
	// people AS (
	//   SELECT t.`nhs_number` AS id
	//   FROM `person` AS t
	//   WHERE CAST(t.`date_of_birth` AS DATE) BETWEEN DATE '1950-06-02' AND DATE '1985-06-01'
	//     AND t.`nhs_number` IS NOT NULL
	// ),
	// gpes_journal_rows AS (
	//   SELECT t.`NHS_NUMBER` AS id,
	//     (k1.list_1 AND CAST(t.`DATE` AS DATE) BETWEEN DATE '2020-06-01' AND DATE '2025-06-01') AS rows_1
	//   FROM `dars`.`gdppr` AS t
	//   INNER JOIN codes_1 AS k1 ON k1.code = CAST(t.`CODE` AS STRING)
	//   INNER JOIN people ON people.id = t.`NHS_NUMBER`
	// ),
	// gpes_journal_facts AS (
	//   SELECT r.id,
	//     bool_or(r.rows_1) AS rows_1_exists
	//   FROM gpes_journal_rows AS r
	//   WHERE r.rows_1
	//   GROUP BY r.id
	// ),
	// answers AS (
	//   SELECT people.id,
	//     coalesce(gpes_journal_facts.rows_1_exists, FALSE) AS step_2
	//   FROM people
	//   LEFT JOIN gpes_journal_facts ON gpes_journal_facts.id = people.id
	// ),
	// repeated AS (
	//   SELECT (SELECT count(*) - count(DISTINCT t.`nhs_number`) FROM `person` AS t WHERE t.`nhs_number` IS NOT NULL) AS n
	// )
	// SELECT CAST(id AS STRING) AS person,
	//   (SELECT n FROM repeated) AS repeated,
	//   1 AS outcome
	// FROM answers
	// WHERE step_2 IS TRUE
	// UNION ALL
	// SELECT '', n, 0
	// FROM repeated
	// WHERE n > 0
	// 1 argument
}
