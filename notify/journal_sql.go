package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/personalised-prevention/nhs"
)

// SQLJournal is a [Journal] in a table of the caller's database. It opens no
// connection of its own and knows no driver. The table is the caller's to create:
//
//	CREATE TABLE notify_journal (
//		run    VARCHAR(100) NOT NULL,
//		number INTEGER      NOT NULL,
//		record TEXT         NOT NULL,
//		PRIMARY KEY (run, number)
//	)
//
// The primary key is needed: it stops the second of two processes that have opened
// the same run, before it sends anything. A record holds up to a megabyte and a
// half, the ids of a full batch: MEDIUMTEXT in MySQL, VARCHAR(MAX) in SQL Server.
// A record is as durable as the database makes a committed row; SQLite should run
// with synchronous=FULL, which is its default.
type SQLJournal struct {
	claim

	db      *sql.DB
	run     string
	queries sqlQueries

	mu     sync.Mutex
	next   int // number of the record to be appended
	broken bool
}

// SQLOptions say how a [SQLJournal] talks to its database. The zero value suits
// SQLite, DuckDB and MySQL.
type SQLOptions struct {
	// Table is the table's name, perhaps after that of its schema and a point;
	// notify_journal by default.
	Table string

	// Placeholder returns the n-th placeholder of a query, from 1. Nil means "?";
	// PostgreSQL has "$1", SQL Server "@p1", Oracle ":1".
	Placeholder func(n int) string
}

type sqlQueries struct{ last, read, write string }

// OpenSQLJournal opens the journal of a run, named by the caller, in db. It reads
// where the journal ends.
func OpenSQLJournal(ctx context.Context, db *sql.DB, run string, options SQLOptions) (*SQLJournal, error) {
	if options.Table == "" {
		options.Table = "notify_journal"
	}
	if options.Placeholder == nil {
		options.Placeholder = func(int) string { return "?" }
	}
	switch {
	case db == nil:
		return nil, &nhs.ArgumentError{Name: "database", Reason: "must not be nil"}
	case isBlank(run) || len(run) > maxRun:
		return nil, &nhs.ArgumentError{Name: "run", Reason: "must be 1 to 100 bytes and not blank"}
	case !isTableName(options.Table):
		return nil, &nhs.ArgumentError{Name: "table", Reason: "must be letters, digits and underscores, perhaps after a schema and a point"}
	}
	j := &SQLJournal{db: db, run: run, queries: newSQLQueries(options)}
	var last sql.NullInt64
	if err := db.QueryRowContext(ctx, j.queries.last, run).Scan(&last); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if last.Valid {
		j.next = int(last.Int64) + 1
	}
	return j, nil
}

func newSQLQueries(o SQLOptions) sqlQueries {
	p := o.Placeholder
	return sqlQueries{
		last:  "SELECT MAX(number) FROM " + o.Table + " WHERE run = " + p(1),
		read:  "SELECT number, record FROM " + o.Table + " WHERE run = " + p(1) + " AND number >= " + p(2) + " AND number < " + p(3) + " ORDER BY number",
		write: "INSERT INTO " + o.Table + " (run, number, record) VALUES (" + p(1) + ", " + p(2) + ", " + p(3) + ")",
	}
}

// isTableName keeps anything but a name out of the queries.
func isTableName(name string) bool {
	start, points := true, 0
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		switch {
		case c == '.' && !start:
			start = true
			points++
			continue
		case !letter && (start || c < '0' || c > '9'):
			return false
		}
		start = false
	}
	return !start && points <= 2
}

// Append implements [Journal]. After a failure it is unknown whether the database
// has the record, and every further Append fails with [ErrJournalBroken] until the
// journal is opened again.
func (j *SQLJournal) Append(ctx context.Context, record Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	text, err := record.encode()
	switch {
	case err != nil:
	case j.broken:
		err = ErrJournalBroken
	case ctx.Err() != nil:
		err = ctx.Err()
	default:
		if _, err = j.db.ExecContext(ctx, j.queries.write, j.run, j.next, string(text)); err != nil {
			j.broken = true
		} else {
			j.next++
		}
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Records implements [Journal]. Records appended after the call are not among
// them. No connection is held between records, so that the input may come from the
// same database.
func (j *SQLJournal) Records(ctx context.Context) iter.Seq2[Record, error] {
	const page = 16
	j.mu.Lock()
	end := j.next
	j.mu.Unlock()
	return func(yield func(Record, error) bool) {
		for first := 0; first < end; first += page {
			records, err := j.page(ctx, first, min(first+page, end))
			for _, record := range records {
				if !yield(record, nil) {
					return
				}
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("journal: %w", err))
				return
			}
		}
	}
}

// page reads the records from number first up to end.
func (j *SQLJournal) page(ctx context.Context, first, end int) (records []Record, err error) {
	rows, err := j.db.QueryContext(ctx, j.queries.read, j.run, first, end)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var number int
		var text sql.RawBytes
		if err := rows.Scan(&number, &text); err != nil {
			return records, err
		}
		if number != first+len(records) {
			break
		}
		record, err := decodeRecord(text)
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
	if err := rows.Err(); err != nil {
		return records, err
	}
	if missing := first + len(records); missing < end {
		return records, fmt.Errorf("%w: record %d is missing", ErrJournalCorrupt, missing)
	}
	return records, nil
}
