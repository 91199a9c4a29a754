package campaign

import (
	"context"
	"errors"
	"fmt"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// ErrNothingUncertain means that no run of the campaign has stopped at that batch:
// it has been settled already, or is another campaign's.
var ErrNothingUncertain = errors.New("no run has stopped at that batch")

// SettleBatch says whether NHS Notify has the batch at which [Campaign.Send]
// stopped with a [*notify.UncertainError], when somebody has found out: from
// callbacks, or from those who run the service. It is on the disk when SettleBatch
// returns nil; then call Send again. Whoever says false of a batch that was
// accepted has its people messaged twice.
func (c *Campaign) SettleBatch(ctx context.Context, uncertain *notify.UncertainError, accepted bool) error {
	if uncertain == nil {
		return &nhs.ArgumentError{Name: "uncertain", Reason: "must be the error that Send returned"}
	}
	if err := c.settleBatch(ctx, uncertain, accepted); err != nil {
		return fmt.Errorf("campaign: settle batch: %w", err)
	}
	return nil
}

func (c *Campaign) settleBatch(ctx context.Context, uncertain *notify.UncertainError, accepted bool) error {
	if err := c.recall(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	runs := c.runs
	c.mu.Unlock()
	for _, r := range runs {
		if !sends(r.Stage) {
			continue
		}
		found, err := c.settleIn(ctx, r, uncertain, accepted)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if found {
			return c.recall(ctx)
		}
	}
	return ErrNothingUncertain
}

// settleIn settles the batch if it is the one that the run's journal ends in the
// middle of.
func (c *Campaign) settleIn(ctx context.Context, r *run, uncertain *notify.UncertainError, accepted bool) (found bool, err error) {
	journal, err := c.journal(r)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	var last notify.Record
	for record, err := range journal.Records(ctx) {
		if err != nil {
			return false, err
		}
		last = record
	}
	if last.Kind != notify.RecordPlanned || last.Reference != uncertain.Batch.Reference {
		return false, nil
	}
	return true, journal.Append(ctx, uncertain.Settle(accepted))
}
