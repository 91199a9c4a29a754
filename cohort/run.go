package cohort

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Run decides about every person in people with the reference evaluator, hands each decision to each, and
// returns the counts. It reads one record at a time and keeps none, so memory does not grow with the
// number of people. Each person must come once. With a nil each only the counts are made.
//
// Run stops at the first error of people or of each and when ctx is done; the error wraps that cause.
func (p *Plan) Run(ctx context.Context, people iter.Seq2[*Record, error], each func(*Record, Result) error) (*Attrition, error) {
	if people == nil {
		return nil, errors.New("cohort: Run: people is nil: pass the records to decide about")
	}
	attrition := newAttrition(p)
	for record, err := range people {
		if err == nil && record == nil {
			err = errors.New("the record is nil")
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("cohort: Run: person %d: %w", attrition.counts.People+1, err)
		}
		result := p.Evaluate(record)
		attrition.add(result)
		if each == nil {
			continue
		}
		if err := each(record, result); err != nil {
			return nil, fmt.Errorf("cohort: Run: person %d: %w", attrition.counts.People, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cohort: Run: %w", err)
	}
	return attrition, nil
}
