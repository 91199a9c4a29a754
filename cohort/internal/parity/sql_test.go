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
	sparing bool
	asked   int
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

// ask asks for everybody, for members and for counts. A sparing engine is asked for either of the last two only every
// third time.
func (e *sqlEngine) ask(ctx context.Context, plan *cohort.Plan) (answers, error) {
	query, err := sqlengine.Compile(plan, e.dialect, e.tables...)
	if err != nil {
		return answers{}, err
	}
	e.asked++
	a := answers{people: map[string]cohort.Result{}}
	for someone, err := range query.Verdicts(ctx, e) {
		if err != nil {
			return a, err
		}
		a.people[someone.Key.Reveal()] = someone.Result
	}
	if !e.sparing || e.asked%3 == 0 {
		if err := e.askMembers(ctx, query, a); err != nil {
			return a, err
		}
	}
	if !e.sparing || e.asked%3 == 1 {
		attrition, err := query.Run(ctx, e)
		if err != nil {
			return a, err
		}
		a.counts = new(attrition.Raw())
	}
	return a, nil
}

// askMembers asks for the members, who have to be those among the answers.
func (e *sqlEngine) askMembers(ctx context.Context, query *sqlengine.Query, a answers) error {
	left := map[string]cohort.Outcome{}
	for key, result := range a.people {
		if result.Outcome != cohort.NotMember {
			left[key] = result.Outcome
		}
	}
	for m, err := range query.Members(ctx, e) {
		if err != nil {
			return err
		}
		if left[m.Key.Reveal()] != m.Outcome {
			return fmt.Errorf("among the members is one who is %v to Verdicts", left[m.Key.Reveal()])
		}
		delete(left, m.Key.Reveal())
	}
	if len(left) > 0 {
		return fmt.Errorf("%d are not among the members", len(left))
	}
	return nil
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
	e := openSQL(t, sqlengine.Spark)
	e.sparing = true // a statement takes about a second
	agree(t, e, tameTogether, publishedFew)
}
