package sqlengine_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// bind makes a plan of steps that are asked on 1 June 2025.
func bind(tb testing.TB, steps ...cohort.Step) *cohort.Plan {
	tb.Helper()
	definition, err := cohort.New("tested", "1", steps...)
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

func compile(tb testing.TB, plan *cohort.Plan, dialect sqlengine.Dialect, options ...sqlengine.Option) *sqlengine.Query {
	tb.Helper()
	query, err := sqlengine.Compile(plan, dialect, options...)
	if err != nil {
		tb.Fatal(err)
	}
	return query
}

// small is a plan of two steps, the second of which refers.
func small(tb testing.TB) *cohort.Plan {
	tb.Helper()
	asthma := codelist.Must(codelist.New(codelist.Info{ID: "asthma", Version: "1", System: codelist.SNOMEDCT, Source: "one"}, "195967001"))
	return bind(tb,
		cohort.Include("has asthma", gpes.Journal.Where(gpes.Code.In(asthma)).Exists()),
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer))
}

func dialects() []sqlengine.Dialect {
	return []sqlengine.Dialect{sqlengine.Spark, sqlengine.DuckDB, sqlengine.PostgreSQL}
}

// answer is a database that gives one answer to whatever it is asked.
type answer struct {
	columns int
	rows    [][]driver.Value
	refuse  error  // instead of an answer
	fail    error  // after the rows
	each    func() // before each row
	asked   string
	args    []driver.NamedValue
	closed  bool
}

func (a *answer) db(tb testing.TB) *sql.DB {
	tb.Helper()
	db := sql.OpenDB(a)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func (a *answer) Connect(context.Context) (driver.Conn, error) { return a, nil }
func (*answer) Driver() driver.Driver                          { return nil }
func (*answer) Prepare(string) (driver.Stmt, error)            { return nil, errors.New("not prepared") }

func (*answer) Begin() (driver.Tx, error) { return nil, errors.New("no transactions") }
func (*answer) Close() error              { return nil }

func (a *answer) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	a.asked, a.args = query, args
	if a.refuse != nil {
		return nil, a.refuse
	}
	return &answerRows{answer: a}, nil
}

type answerRows struct {
	*answer
	at int
}

func (r *answerRows) Columns() []string { return make([]string, r.columns) }

func (r *answerRows) Close() error {
	r.closed = true
	return nil
}

func (r *answerRows) Next(into []driver.Value) error {
	if r.each != nil {
		r.each()
	}
	if r.at < len(r.rows) {
		copy(into, r.rows[r.at])
		r.at++
		return nil
	}
	if r.fail != nil {
		return r.fail
	}
	return io.EOF
}
