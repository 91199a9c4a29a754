package notify_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/notify"
)

// table is a database of one table that understands the journal's queries alone.
// The module internal/sqljournal tests the journal in a real one.
type table struct {
	mu      sync.Mutex
	rows    []driver.Value // records, by number
	queries []string
	err     error // of every query
	readErr error // of reading rows
}

// Connect implements [driver.Connector], and with the methods below the rest.
func (d *table) Connect(context.Context) (driver.Conn, error) { return &tableConn{d}, nil }

// Driver implements [driver.Connector].
func (d *table) Driver() driver.Driver { return nil }

type tableConn struct{ *table }

func (c *tableConn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (c *tableConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }
func (c *tableConn) Close() error                        { return nil }

func (c *tableConn) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queries = append(c.queries, query)
	if c.err != nil {
		return nil, c.err
	}
	if args[1].Value != int64(len(c.rows)) {
		return nil, errors.New("duplicate key")
	}
	c.rows = append(c.rows, args[2].Value)
	return driver.ResultNoRows, nil
}

func (c *tableConn) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queries = append(c.queries, query)
	if c.err != nil {
		return nil, c.err
	}
	if len(args) == 1 {
		last := driver.Value(nil)
		if len(c.rows) > 0 {
			last = int64(len(c.rows) - 1)
		}
		return &tableRows{rows: [][]driver.Value{{last}}}, nil
	}
	rows := &tableRows{err: c.readErr}
	first, _ := args[1].Value.(int64)
	end, _ := args[2].Value.(int64)
	for number := first; number < min(end, int64(len(c.rows))); number++ {
		rows.rows = append(rows.rows, []driver.Value{number, c.rows[number]})
	}
	return rows, nil
}

type tableRows struct {
	rows [][]driver.Value
	err  error
}

func (r *tableRows) Columns() []string {
	if len(r.rows) == 0 {
		return []string{"number", "record"}
	}
	return make([]string, len(r.rows[0]))
}

func (r *tableRows) Close() error { return nil }

func (r *tableRows) Next(into []driver.Value) error {
	switch {
	case len(r.rows) == 0 && r.err != nil:
		return r.err
	case len(r.rows) == 0:
		return io.EOF
	}
	copy(into, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

func openSQL(t *testing.T, d *table, options notify.SQLOptions) *notify.SQLJournal {
	t.Helper()
	db := sql.OpenDB(d)
	t.Cleanup(func() { _ = db.Close() })
	journal, err := notify.OpenSQLJournal(t.Context(), db, "run", options)
	if err != nil {
		t.Fatal(err)
	}
	return journal
}

func TestSQLJournal(t *testing.T) {
	t.Parallel()
	d := &table{}
	journal := openSQL(t, d, notify.SQLOptions{Table: "care.notify_2026", Placeholder: func(n int) string { return fmt.Sprintf("$%d", n) }})
	var want []notify.Record
	for range 5 {
		for _, record := range someRecords() {
			if err := journal.Append(t.Context(), record); err != nil {
				t.Fatal(err)
			}
			want = append(want, record)
		}
	}
	again := openSQL(t, d, notify.SQLOptions{})
	for _, j := range []*notify.SQLJournal{journal, again} {
		if diff := cmp.Diff(want, collect(t, j.Records(t.Context()))); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
	for range again.Records(t.Context()) {
		break // a reader may stop
	}
	if want := "INSERT INTO care.notify_2026 (run, number, record) VALUES ($1, $2, $3)"; d.queries[1] != want {
		t.Errorf("query is %s", d.queries[1])
	}
	if want := "SELECT number, record FROM notify_journal WHERE run = ? AND number >= ? AND number < ? ORDER BY number"; d.queries[len(d.queries)-1] != want {
		t.Errorf("query is %s", d.queries[len(d.queries)-1])
	}
}

func TestSQLJournalFailures(t *testing.T) {
	t.Parallel()
	d := &table{}
	journal := openSQL(t, d, notify.SQLOptions{})
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := journal.Append(stopped, someRecords()[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error is %v", err)
	}
	if err := journal.Append(t.Context(), someRecords()[0]); err != nil {
		t.Errorf("after it: %v", err)
	}
	readErr := func() (err error) {
		for _, err = range journal.Records(t.Context()) {
		}
		return err
	}
	d.readErr = errKilled
	if err := readErr(); !errors.Is(err, errKilled) {
		t.Errorf("reading: error is %v", err)
	}
	d.readErr, d.err = nil, errKilled
	if err := readErr(); !errors.Is(err, errKilled) {
		t.Errorf("asking: error is %v", err)
	}
	if err := journal.Append(t.Context(), someRecords()[0]); !errors.Is(err, errKilled) {
		t.Errorf("writing: error is %v", err)
	}
	d.err = nil
	if err := journal.Append(t.Context(), someRecords()[0]); !errors.Is(err, notify.ErrJournalBroken) {
		t.Errorf("after a failure: error is %v", err)
	}
	d.rows = nil
	if err := readErr(); !errors.Is(err, notify.ErrJournalCorrupt) {
		t.Errorf("rows gone: error is %v", err)
	}
	d.rows = []driver.Value{"{"}
	if err := readErr(); !errors.Is(err, notify.ErrJournalCorrupt) {
		t.Errorf("no record: error is %v", err)
	}
	d.err = errKilled
	if _, err := notify.OpenSQLJournal(t.Context(), sql.OpenDB(d), "run", notify.SQLOptions{}); !errors.Is(err, errKilled) {
		t.Errorf("opening: error is %v", err)
	}
}

func TestSQLJournalArguments(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(&table{})
	_, err := notify.OpenSQLJournal(t.Context(), nil, "run", notify.SQLOptions{})
	checkArgument(t, "database", err, "database must not be nil")
	for _, run := range []string{"", " ", strings.Repeat("r", 101)} {
		_, err := notify.OpenSQLJournal(t.Context(), db, run, notify.SQLOptions{})
		checkArgument(t, "run", err, "run must be 1 to 100 bytes and not blank")
	}
	for _, name := range []string{"a.", ".a", "a..b", "a.b.c.d", "1a", "a-b", "a b", "a;--", `"a"`, "é"} {
		_, err := notify.OpenSQLJournal(t.Context(), db, "run", notify.SQLOptions{Table: name})
		checkArgument(t, name, err, "table must be letters, digits and underscores, perhaps after a schema and a point")
	}
}
