package sqlengine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Database answers queries: a [sql.DB], [sql.Conn] or [sql.Tx].
type Database interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ErrRepeated is wrapped by the error about people who are in a table several times that has one row a person.
var ErrRepeated = errors.New("people are repeated")

// ErrAnswer is wrapped by errors about an answer that the query cannot have: another statement was run, or the driver
// changes what the engine says.
var ErrAnswer = errors.New("not an answer to the query")

// Person is one person and what was decided.
type Person struct {
	Key    cohort.Key
	Result cohort.Result
}

// Member is a person who is a member or is referred.
type Member struct {
	Key     cohort.Key
	Outcome cohort.Outcome
}

// Run counts the population, step by step. Only counts leave the database.
func (q *Query) Run(ctx context.Context, db Database) (*cohort.Attrition, error) {
	var attrition *cohort.Attrition
	n := len(q.tree.Steps)
	err := q.read(ctx, db, Counts, 4+3*n, func(rows *sql.Rows) error {
		if attrition != nil {
			return fmt.Errorf("%w: there is more than one row", ErrAnswer)
		}
		counts, err := q.counts(rows)
		if err == nil {
			attrition, err = q.plan.Attrition(counts)
		}
		return err
	})
	if err == nil && attrition == nil {
		err = fmt.Errorf("%w: there is no row", ErrAnswer)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlengine: Run: %w", err)
	}
	return attrition, nil
}

// counts reads the row of Counts.
func (q *Query) counts(rows *sql.Rows) (cohort.Counts, error) {
	n := len(q.tree.Steps)
	numbers := make([]int64, 4+3*n)
	into := make([]any, len(numbers))
	for i := range numbers {
		into[i] = &numbers[i]
	}
	if err := scan(rows, into); err != nil {
		return cohort.Counts{}, err
	}
	if err := repeatedError(numbers[0]); err != nil {
		return cohort.Counts{}, err
	}
	counts := cohort.Counts{People: int(numbers[1]), Members: int(numbers[2]), Referred: int(numbers[3])}
	remaining := counts.People
	for i, step := range q.tree.Steps {
		excluded, unknown, only := int(numbers[4+3*i]), int(numbers[5+3*i]), int(numbers[6+3*i])
		remaining -= excluded
		s := cohort.StepCounts{Label: step.Label, Excluded: excluded, Remaining: remaining, Unknown: unknown, OnlyThis: only}
		if step.Unknown == tree.Refers {
			s.Refers = unknown
		}
		counts.Steps = append(counts.Steps, s)
	}
	return counts, nil
}

// Members yields the members and those who are referred, in no order, as the database finds them. An error is the last
// that is yielded.
func (q *Query) Members(ctx context.Context, db Database) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		var key string
		var repeated, outcome int64
		into := []any{&key, &repeated, &outcome}
		err := q.read(ctx, db, Members, 3, func(rows *sql.Rows) error {
			if err := scan(rows, into); err != nil {
				return err
			}
			if err := repeatedError(repeated); err != nil {
				return err
			}
			if outcome != int64(cohort.Member) && outcome != int64(cohort.Referred) {
				return fmt.Errorf("%w: outcome %d", ErrAnswer, outcome)
			}
			if !yield(Member{cohort.NewKey(key), cohort.Outcome(outcome)}, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Member{}, fmt.Errorf("sqlengine: Members: %w", err))
		}
	}
}

// Verdicts yields everybody in the population with the answer of every step, in no order, as the database finds them.
// An error is the last that is yielded.
func (q *Query) Verdicts(ctx context.Context, db Database) iter.Seq2[Person, error] {
	n := len(q.tree.Steps)
	return func(yield func(Person, error) bool) {
		var key string
		numbers := make([]int64, 1+n)
		into := []any{&key}
		for i := range numbers {
			into = append(into, &numbers[i])
		}
		err := q.read(ctx, db, Verdicts, 2+n, func(rows *sql.Rows) error {
			if err := scan(rows, into); err != nil {
				return err
			}
			if err := repeatedError(numbers[0]); err != nil {
				return err
			}
			result, err := q.result(numbers[1:])
			if err != nil {
				return err
			}
			if !yield(Person{cohort.NewKey(key), result}, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Person{}, fmt.Errorf("sqlengine: Verdicts: %w", err))
		}
	}
}

// result makes the decision of the answers of all steps.
func (q *Query) result(verdicts []int64) (cohort.Result, error) {
	result := cohort.Result{Outcome: cohort.Member, Steps: make([]cohort.StepResult, len(verdicts))}
	for i, step := range q.tree.Steps {
		if verdicts[i] < int64(cohort.Unknown) || verdicts[i] > int64(cohort.Yes) {
			return cohort.Result{}, fmt.Errorf("%w: step %d has the verdict %d", ErrAnswer, i+1, verdicts[i])
		}
		verdict := cohort.Verdict(verdicts[i])
		effect := cohort.Effect([...]tree.Effect{cohort.Unknown: step.Unknown, cohort.No: step.No, cohort.Yes: step.Yes}[verdict])
		result.Steps[i] = cohort.StepResult{Verdict: verdict, Effect: effect}
		switch {
		case effect == cohort.Fails:
			result.Outcome = cohort.NotMember
		case effect == cohort.Refers && result.Outcome == cohort.Member:
			result.Outcome = cohort.Referred
		}
	}
	return result, nil
}

// errStop ends reading early.
var errStop = errors.New("enough")

// read runs a statement and hands out its rows.
func (q *Query) read(ctx context.Context, db Database, ask Ask, columns int, each func(*sql.Rows) error) (err error) {
	if db == nil {
		return errors.New("the database is nil: open one with the driver of " + q.dialect.String())
	}
	text, args := q.statements[ask].render(q.dialect)
	driver := func(err error) error {
		if err == nil {
			return nil
		}
		return redact.Error(&driverError{err, text})
	}
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%v refuses the query: %w", q.dialect, driver(err))
	}
	defer func() { err = errors.Join(err, driver(rows.Close())) }()
	names, err := rows.Columns()
	if err != nil {
		return driver(err)
	}
	if len(names) != columns {
		return fmt.Errorf("%w: there are %d columns, not %d", ErrAnswer, len(names), columns)
	}
	for rows.Next() {
		if err := each(rows); err != nil {
			if ended := rows.Err(); ended != nil && !errors.Is(err, errStop) {
				return driver(ended) // while the row was read
			}
			return err
		}
	}
	return driver(rows.Err())
}

// scan reads a row. The error does not tell what is in it.
func scan(rows *sql.Rows, into []any) error {
	if err := rows.Scan(into...); err != nil {
		return fmt.Errorf("%w: a column is NULL or of another type", ErrAnswer)
	}
	return nil
}

func repeatedError(n int64) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%w: a table that has one row a person has %d more: remove them, or name a view without them in Table", ErrRepeated, n)
}
