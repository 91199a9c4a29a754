package sqljournal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

const membershipTables = `
CREATE TABLE member (
	nhs_number    BIGINT PRIMARY KEY,
	in_cohort     BOOLEAN NOT NULL,
	superseded_by BIGINT NOT NULL,
	serial        BIGINT NOT NULL,
	timestamp     BIGINT NOT NULL,
	delivery      TEXT NOT NULL,
	arrived       BIGINT NOT NULL,
	position      BIGINT NOT NULL,
	digests       TEXT NOT NULL,
	postcode      TEXT NOT NULL
);
CREATE TABLE change (
	delivery TEXT NOT NULL,
	position BIGINT NOT NULL,
	kind     TEXT NOT NULL,
	reason   TEXT NOT NULL,
	PRIMARY KEY (delivery, position)
)`

// membership is a cohort in a database, within a transaction. What the programme
// keeps of its own is a postcode, and a list of changes that others work off.
type membership struct{ tx *sql.Tx }

func (m membership) Member(ctx context.Context, number nhs.Number) (caas.Member, error) {
	p := caas.Member{Number: number}
	var supersededBy, arrived int64
	var digests string
	err := m.tx.QueryRowContext(ctx, `SELECT in_cohort, superseded_by, serial, timestamp, delivery, arrived, position, digests
		FROM member WHERE nhs_number = ?`, number.Int()).
		Scan(&p.In, &supersededBy, &p.Serial, &p.Timestamp, &p.Delivery, &arrived, &p.Position, &digests)
	if errors.Is(err, sql.ErrNoRows) {
		return caas.Member{}, nil
	}
	if err != nil {
		return caas.Member{}, err
	}
	if supersededBy != 0 {
		p.SupersededBy, err = nhs.NumberFromInt(supersededBy)
	}
	if arrived != 0 {
		p.Arrived = time.Unix(arrived, 0).UTC()
	}
	p.Digests = strings.Fields(digests)
	return p, err
}

func (m membership) Commit(ctx context.Context, c caas.Change, r caas.Record, people ...caas.Member) error {
	_, err := m.tx.ExecContext(ctx, `INSERT INTO change (delivery, position, kind, reason) VALUES (?, ?, ?, ?)`,
		c.Delivery, c.Row, string(c.Kind), string(c.Reasons[0]))
	for _, p := range people {
		if err != nil {
			return err
		}
		var arrived int64
		if !p.Arrived.IsZero() {
			arrived = p.Arrived.Unix()
		}
		_, err = m.tx.ExecContext(ctx, `REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.Number.Int(), p.In, p.SupersededBy.Int(), p.Serial, p.Timestamp, p.Delivery, arrived, p.Position,
			strings.Join(p.Digests, " "), r.Postcode)
	}
	return err
}

// applyIn applies a delivery in one transaction, which fails at a record, or at none
// if that is 0.
func applyIn(ctx context.Context, db *sql.DB, d caas.Delivery, record int) (caas.Totals, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return caas.Totals{}, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	totals, err := caas.Applier{
		Members: membership{tx}, Supersession: caas.SupersessionMoves,
		Each: func(caas.Change) error {
			if record--; record == 0 {
				return errStopped
			}
			return nil
		},
	}.Apply(ctx, d)
	if err != nil {
		return totals, err
	}
	return totals, tx.Commit()
}

// The transaction of a delivery that ends in the middle leaves nothing behind, so
// everything is stored by the one that does not, and once.
func TestMembership(t *testing.T) {
	t.Parallel()
	deliveries := []caas.Delivery{
		{ID: "monday", Arrived: time.Date(2026, 11, 2, 6, 0, 0, 999_999_999, time.UTC), Records: records(
			caas.Record{Type: caas.Add, Number: number(0), Postcode: "LS1 6AE"},
			caas.Record{Type: caas.Add, Number: number(1)},
			caas.Record{Type: caas.Add, Number: number(2)},
		)},
		{ID: "tuesday", Arrived: time.Date(2026, 11, 3, 6, 0, 0, 999_999_999, time.UTC), Records: records(
			caas.Record{Type: caas.Amend, Number: number(0), Postcode: "LS1 4AP"},
			caas.Record{Type: caas.Delete, Number: number(1), ReasonForRemoval: "SCT"},
			caas.Record{Type: caas.Amend, Number: number(2), SupersededBy: number(3)},
			caas.Record{Type: caas.Delete, Number: number(1)},
		)},
	}
	db := database(t)
	if _, err := db.ExecContext(t.Context(), membershipTables); err != nil {
		t.Fatal(err)
	}
	for i, d := range deliveries {
		for record := range 3 + i { // stops at each
			if _, err := applyIn(t.Context(), db, d, record+1); !errors.Is(err, errStopped) {
				t.Fatalf("%s, record %d: %v", d.ID, record+1, err)
			}
		}
		if _, err := applyIn(t.Context(), db, d, 0); err != nil {
			t.Fatal(err)
		}
	}
	// Monday's delivery comes again, after Tuesday's: nothing has stamps.
	totals, err := applyIn(t.Context(), db, deliveries[0], 0)
	if err != nil || totals.Outdated != 3 {
		t.Errorf("again: %+v, %v", totals, err)
	}
	var got string
	err = db.QueryRowContext(t.Context(), "SELECT group_concat(delivery || ' ' || position || ' ' || kind || ' ' || reason, ', ') FROM change").Scan(&got)
	const want = "monday 1 joined unknown, monday 2 joined unknown, monday 3 joined unknown, " +
		"tuesday 1 amended unknown, tuesday 2 left SCT, tuesday 3 superseded superseded, tuesday 4 unchanged unknown"
	if err != nil || got != want {
		t.Errorf("changes are %s, %v", got, err)
	}
	var members string
	err = db.QueryRowContext(t.Context(), "SELECT group_concat(nhs_number || ' ' || postcode, ', ') FROM member WHERE in_cohort").Scan(&members)
	if want := fmt.Sprintf("%d LS1 4AP, %d ", number(0).Int(), number(3).Int()); err != nil || members != want {
		t.Errorf("%d members, %v", strings.Count(members, ",")+1, err)
	}
}

func records(list ...caas.Record) func(func(caas.Record, error) bool) {
	return func(yield func(caas.Record, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}
