package sqlengine_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

func TestRun(t *testing.T) {
	t.Parallel()
	query := compile(t, small(t), sqlengine.DuckDB)
	// repeated, people, members, referred; excluded, unknown and only this of each step
	db := &answer{columns: 10, rows: [][]driver.Value{{int64(0), int64(100), int64(20), int64(5), int64(60), int64(0), int64(30), int64(15), int64(5), int64(15)}}}
	attrition, err := query.Run(t.Context(), db.db(t))
	if err != nil {
		t.Fatal(err)
	}
	want := cohort.Counts{People: 100, Members: 20, Referred: 5, Steps: []cohort.StepCounts{
		{Label: "has asthma", Excluded: 60, Remaining: 40, OnlyThis: 30},
		{Label: "aged 40 to 74", Excluded: 15, Remaining: 25, Unknown: 5, Refers: 5, OnlyThis: 15},
	}}
	if diff := cmp.Diff(want, attrition.Raw()); diff != "" {
		t.Error(diff)
	}
	if db.asked != query.SQL(sqlengine.Counts) || len(db.args) != len(query.Args(sqlengine.Counts)) || !db.closed {
		t.Errorf("asked %d arguments, closed: %v", len(db.args), db.closed)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	db := &answer{columns: 3, rows: [][]driver.Value{{"9990000018", int64(0), int64(1)}, {"9990000026", int64(0), int64(2)}, {"9990000034", int64(0), int64(1)}}}
	query := compile(t, small(t), sqlengine.DuckDB)
	var got []string
	for member, err := range query.Members(t.Context(), db.db(t)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, member.Key.Reveal()+" "+member.Outcome.String())
		if len(got) == 2 {
			break
		}
	}
	if diff := cmp.Diff([]string{"9990000018 a member", "9990000026 referred"}, got); diff != "" || !db.closed {
		t.Error(diff, db.closed)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	db := &answer{columns: 4, rows: [][]driver.Value{
		{"9990000018", int64(0), int64(2), int64(2)}, {"9990000026", int64(0), int64(2), int64(0)}, {"9990000034", int64(0), int64(1), int64(0)},
	}}
	var got []cohort.Result
	for someone, err := range compile(t, small(t), sqlengine.DuckDB).Verdicts(t.Context(), db.db(t)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, someone.Result)
	}
	want := []cohort.Result{
		{Outcome: cohort.Member, Steps: []cohort.StepResult{{Verdict: cohort.Yes, Effect: cohort.Passes}, {Verdict: cohort.Yes, Effect: cohort.Passes}}},
		{Outcome: cohort.Referred, Steps: []cohort.StepResult{{Verdict: cohort.Yes, Effect: cohort.Passes}, {Verdict: cohort.Unknown, Effect: cohort.Refers}}},
		{Outcome: cohort.NotMember, Steps: []cohort.StepResult{{Verdict: cohort.No, Effect: cohort.Fails}, {Verdict: cohort.Unknown, Effect: cohort.Refers}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestAnswersAreChecked runs all three questions against databases that do not do as they should.
func TestAnswersAreChecked(t *testing.T) {
	t.Parallel()
	broken := errors.New(`could not convert "9990000018" to DATE`)
	person := []driver.Value{"9990000018", int64(0), int64(2), int64(2)}
	tests := []struct {
		name string
		ask  sqlengine.Ask
		db   *answer
		want error
		says string
	}{
		{"refused", sqlengine.Counts, &answer{refuse: broken}, broken, "DuckDB refuses"},
		{"no row", sqlengine.Counts, &answer{columns: 10}, sqlengine.ErrAnswer, "no row"},
		{"two rows", sqlengine.Counts, &answer{columns: 10, rows: [][]driver.Value{zeros(10), zeros(10)}}, sqlengine.ErrAnswer, "more than one"},
		{"wrong counts", sqlengine.Counts, &answer{columns: 10, rows: [][]driver.Value{append([]driver.Value{int64(0), int64(1)}, zeros(8)...)}}, nil, "remain"},
		{"a count that is NULL", sqlengine.Counts, &answer{columns: 10, rows: [][]driver.Value{append([]driver.Value{nil}, zeros(9)...)}}, sqlengine.ErrAnswer, "NULL"},
		{"repeated people counted", sqlengine.Counts, &answer{columns: 10, rows: [][]driver.Value{append([]driver.Value{int64(3)}, zeros(9)...)}}, sqlengine.ErrRepeated, "has 3 more"},
		{"columns of counts", sqlengine.Counts, &answer{columns: 9}, sqlengine.ErrAnswer, "9 columns, not 10"},
		{"refused members", sqlengine.Members, &answer{refuse: broken}, broken, "Members"},
		{"columns of members", sqlengine.Members, &answer{columns: 4}, sqlengine.ErrAnswer, "4 columns, not 3"},
		{"outcome that is none", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{"9990000018", int64(0), int64(0)}}}, sqlengine.ErrAnswer, "outcome 0"},
		{"outcome that is NULL", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{"9990000018", int64(0), nil}}}, sqlengine.ErrAnswer, "NULL"},
		{"key that is NULL", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{nil, int64(0), int64(1)}}}, sqlengine.ErrAnswer, "NULL"},
		{"repeated members", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{"9990000018", int64(1), int64(1)}}}, sqlengine.ErrRepeated, "repeated"},
		{"repeated, and no members", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{"", int64(2), int64(0)}}}, sqlengine.ErrRepeated, "has 2 more"},
		{"members, then an error", sqlengine.Members, &answer{columns: 3, rows: [][]driver.Value{{"9990000018", int64(0), int64(1)}}, fail: broken}, broken, "Members"},
		{"columns of verdicts", sqlengine.Verdicts, &answer{columns: 3}, sqlengine.ErrAnswer, "3 columns, not 4"},
		{"verdict that is NULL", sqlengine.Verdicts, &answer{columns: 4, rows: [][]driver.Value{{"9990000018", int64(0), nil, int64(2)}}}, sqlengine.ErrAnswer, "NULL"},
		{"verdict that is none", sqlengine.Verdicts, &answer{columns: 4, rows: [][]driver.Value{{"9990000018", int64(0), int64(2), int64(3)}}}, sqlengine.ErrAnswer, "step 2 has the verdict 3"},
		{"verdict that is text", sqlengine.Verdicts, &answer{columns: 4, rows: [][]driver.Value{{"9990000018", int64(0), "yes", int64(2)}}}, sqlengine.ErrAnswer, "another type"},
		{"repeated people", sqlengine.Verdicts, &answer{columns: 4, rows: [][]driver.Value{{"9990000018", int64(1), int64(2), int64(2)}}}, sqlengine.ErrRepeated, "repeated"},
		{"verdicts, then an error", sqlengine.Verdicts, &answer{columns: 4, rows: [][]driver.Value{person}, fail: broken}, broken, "Verdicts"},
	}
	query := compile(t, small(t), sqlengine.DuckDB)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := ask(t.Context(), query, test.ask, test.db.db(t))
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v; want %v and %q", err, test.want, test.says)
			}
			if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "9990000018") {
				t.Errorf("the error tells who: %s", text)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, question := range []sqlengine.Ask{sqlengine.Members, sqlengine.Verdicts} {
		ctx, cancel := context.WithCancel(t.Context())
		row := []driver.Value{"9990000018", int64(0), int64(1)}
		db := &answer{columns: 3, each: cancel}
		if question == sqlengine.Verdicts {
			db.columns, row = 4, []driver.Value{"9990000018", int64(0), int64(2), int64(2)}
		}
		for range 1_000_000 {
			db.rows = append(db.rows, row)
		}
		if err := ask(ctx, compile(t, small(t), sqlengine.DuckDB), question, db.db(t)); !errors.Is(err, context.Canceled) {
			t.Errorf("question %d: got %v", question, err)
		}
		cancel()
	}
}

// TestDriverErrors: what a row holds is masked, what the statement names is not.
func TestDriverErrors(t *testing.T) {
	t.Parallel()
	query := compile(t, small(t), sqlengine.DuckDB)
	for said, want := range map[string]string{
		`Could not convert string 'SMITH' to DATE`:                       `Could not convert string '[masked]' to DATE`,
		`invalid syntax for type date: "O"Brien's " (SQLSTATE 22P02)`:    `invalid syntax for type date: "[masked]" (SQLSTATE 22P02)`,
		`invalid syntax: "12 "Elm" Road, 'x'"`:                           `invalid syntax: "[masked]"`,
		`The value 'O'Brien' of the type "VARCHAR" can't be cast`:        `The value '[masked]' of the type "VARCHAR" can't be cast`,
		`the value 'LS1 6AE`:                                             `the value '[masked]`,
		`relation "gpes.journal" does not exist, nor does "gpes.people"`: `relation "gpes.journal" does not exist, nor does "[masked]"`,
		`table "t" has no column "CODE"`:                                 `table "t" has no column "CODE"`,
		`no day: "" Elm"`:                                                `no day: "[masked]"`,
		`'999 000 0018', 9990000018`:                                     `'[masked]', [redacted]`,
		`it doesn't, and won't`:                                          `it doesn't, and won't`,
	} {
		db := &answer{refuse: errors.New(said)}
		if err := ask(t.Context(), query, sqlengine.Counts, db.db(t)); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestConnectionIsReleased: however reading ends, the connection is free for the next question.
func TestConnectionIsReleased(t *testing.T) {
	t.Parallel()
	query := compile(t, small(t), sqlengine.DuckDB)
	member := []driver.Value{"9990000018", int64(0), int64(1)}
	for name, rows := range map[string][][]driver.Value{
		"all": {member, member}, "a row that is none": {member, {nil, nil, nil}}, "repeated": {{"", int64(1), int64(0)}},
	} {
		fake := &answer{columns: 3, rows: rows}
		db := fake.db(t)
		for _, end := range []string{"at the end", "at once", "with a panic"} {
			func() {
				defer func() { _ = recover() }()
				for range query.Members(t.Context(), db) {
					if end == "at once" {
						break
					}
					if end == "with a panic" {
						panic(end)
					}
				}
			}()
			if open := db.Stats().InUse; open != 0 || !fake.closed {
				t.Errorf("%s, %s: %d connections are in use", name, end, open)
			}
		}
	}
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	query := compile(t, small(t), sqlengine.Spark)
	for _, question := range []sqlengine.Ask{sqlengine.Counts, sqlengine.Members, sqlengine.Verdicts} {
		if err := ask(t.Context(), query, question, nil); err == nil || !strings.Contains(err.Error(), "driver of Spark") {
			t.Errorf("got %v", err)
		}
	}
}

// ask returns the error of a question.
func ask(ctx context.Context, query *sqlengine.Query, question sqlengine.Ask, db sqlengine.Database) error {
	switch question {
	case sqlengine.Members:
		for _, err := range query.Members(ctx, db) {
			if err != nil {
				return err
			}
		}
	case sqlengine.Verdicts:
		for _, err := range query.Verdicts(ctx, db) {
			if err != nil {
				return err
			}
		}
	case sqlengine.Counts:
		_, err := query.Run(ctx, db)
		return err
	}
	return nil
}

func zeros(n int) []driver.Value {
	values := make([]driver.Value, n)
	for i := range values {
		values[i] = int64(0)
	}
	return values
}
