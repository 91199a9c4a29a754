package parity_test

import (
	"context"
	"database/sql"
	"fmt"

	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// sqlEngine is cohort/sqlengine over one connection to a database.
type sqlEngine struct {
	dialect sqlengine.Dialect
	conn    *sql.Conn
	tables  []sqlengine.Option
	plant   func(query string, args []any) (string, []any) // a fault, or nil
	dir     string
}

// openSQL opens the engine of a dialect.
func openSQL(tb testing.TB, dialect sqlengine.Dialect) *sqlEngine {
	tb.Helper()
	open := map[sqlengine.Dialect]func(testing.TB) *sql.DB{
		sqlengine.DuckDB: engines.DuckDB, sqlengine.PostgreSQL: engines.PostgreSQL, sqlengine.Spark: engines.Spark,
	}[dialect]
	conn, err := open(tb).Conn(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return &sqlEngine{dialect: dialect, conn: conn, dir: tb.TempDir()}
}

func (e *sqlEngine) load(ctx context.Context, p *population) error {
	e.tables = nil
	for _, s := range p.sheets {
		e.tables = append(e.tables, sqlengine.Table(s.table.Name(), sqlengine.Source{Name: []string{s.name}}))
	}
	switch e.dialect {
	case sqlengine.PostgreSQL:
		return p.copyToPostgres(ctx, e.conn)
	case sqlengine.DuckDB:
		return p.viewParquet(ctx, e.conn, e.dir, duckDBTable)
	default:
		return p.viewParquet(ctx, e.conn, e.dir, sparkView)
	}
}

// ask asks in each way: for everybody, for members and for counts.
func (e *sqlEngine) ask(ctx context.Context, plan *cohort.Plan) (answers, error) {
	a := answers{people: map[string]cohort.Result{}}
	query, err := sqlengine.Compile(plan, e.dialect, e.tables...)
	if err != nil {
		return a, err
	}
	left := map[string]cohort.Outcome{}
	for someone, err := range query.Verdicts(ctx, e) {
		if err != nil {
			return a, err
		}
		a.people[someone.Key.Reveal()] = someone.Result
		if someone.Result.Outcome != cohort.NotMember {
			left[someone.Key.Reveal()] = someone.Result.Outcome
		}
	}
	for m, err := range query.Members(ctx, e) {
		if err != nil {
			return a, err
		}
		if left[m.Key.Reveal()] != m.Outcome {
			return a, fmt.Errorf("among the members is one who is %v to Verdicts", left[m.Key.Reveal()])
		}
		delete(left, m.Key.Reveal())
	}
	if len(left) > 0 {
		return a, fmt.Errorf("%d are not among the members", len(left))
	}
	attrition, err := query.Run(ctx, e)
	if err != nil {
		return a, err
	}
	a.counts = attrition.Raw()
	return a, nil
}

// QueryContext runs a statement, with the fault when there is one.
func (e *sqlEngine) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if e.plant != nil {
		query, args = e.plant(query, args)
	}
	return e.conn.QueryContext(ctx, query, args...)
}

func TestDuckDB(t *testing.T) {
	t.Parallel()
	agree(t, openSQL(t, sqlengine.DuckDB), tame, published)
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	agree(t, openSQL(t, sqlengine.PostgreSQL), tame, published)
}

func TestSpark(t *testing.T) {
	t.Parallel()
	agree(t, openSQL(t, sqlengine.Spark), tameTogether, publishedFew)
}
