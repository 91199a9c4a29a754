package notify

import (
	"context"
	"fmt"
	"iter"
)

// DryRunOptions say what a dry run is to find out. The zero value only counts.
type DryRunOptions struct {
	// Estimate says what a message costs, as a rule by [Templates.Estimate]. Nil
	// leaves the cost out.
	Estimate func(Message) Estimate

	// Show is called with each batch that would be sent and its messages, which
	// are valid during the call. Nil means nobody is shown.
	Show func(BatchPlan, []Message)
}

// Preview is what a [Bulk] would do.
type Preview struct {
	Done BulkResult // by earlier starts

	Batches  int            // to be sent
	Repeats  int            // of these, those sent before whose answer was lost
	Messages int            // to be sent
	Bytes    int64          // of the requests
	Plans    map[string]int // messages by routing plan
	Cost     Estimate       // of the messages to be sent
}

// DryRun goes through messages and journal as [Bulk.Send] would, and makes the
// same checks, but sends nothing, journals nothing, and asks neither Before nor
// Progress. It says what is left to be sent, and what it costs.
func (b *Bulk) DryRun(ctx context.Context, messages iter.Seq2[Message, error], options DryRunOptions) (Preview, error) {
	if messages == nil {
		return Preview{}, errNilMessages()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r, stop := b.run(ctx)
	defer stop()
	d := &dryRun{bulkRun: r, options: options, preview: Preview{Plans: map[string]int{}}}
	err := d.run(ctx, messages)
	if err != nil {
		err = fmt.Errorf("notify.Bulk: dry run: %w", err)
	}
	d.preview.Done = r.result
	return d.preview, err
}

type dryRun struct {
	*bulkRun
	options DryRunOptions
	held    []Message // of the batch being packed, and perhaps the first of the next
	preview Preview
}

func (d *dryRun) run(ctx context.Context, messages iter.Seq2[Message, error]) error {
	if _, err := d.begin(); err != nil {
		return err
	}
	done, err := d.pack(ctx, d.hold(messages), d.batch)
	if err != nil {
		return err
	}
	_, err = d.end(done)
	return err
}

// hold keeps the messages, which a batch has only in encoded form.
func (d *dryRun) hold(messages iter.Seq2[Message, error]) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for m, err := range messages {
			d.held = append(d.held, m)
			if !yield(m, err) {
				return
			}
		}
	}
}

// batch reads how far a batch has got, and counts what is left of it.
func (d *dryRun) batch(ctx context.Context, c *chunk) error {
	packed, first, all := c.references, c.indexes[0], c.len()
	for round := 0; c.len() > 0; round++ {
		a := d.attempt(c, round, packed)
		outcome, ended, err := d.replay(a)
		switch {
		case err != nil:
			return fmt.Errorf("batch %d: %w", c.number, err)
		case !ended:
			left := make([]Message, c.len())
			for i, index := range c.indexes {
				left[i] = d.held[index-first]
			}
			d.count(a, left)
		case outcome.Kind == RecordAccepted:
			d.accepted(c, a.plan, outcome, true)
		default:
			if c, err = d.quarantine(c, outcome); err != nil {
				return err
			}
			continue
		}
		break
	}
	d.held = append(d.held[:0], d.held[all:]...)
	return ctx.Err()
}

func (d *dryRun) count(a *attempt, messages []Message) {
	p := &d.preview
	p.Batches++
	if a.open {
		p.Repeats++
	}
	p.Messages += len(messages)
	p.Bytes += int64(a.plan.Bytes)
	p.Plans[a.plan.Plan] += len(messages)
	if d.options.Estimate != nil {
		for _, m := range messages {
			p.Cost = p.Cost.Plus(d.options.Estimate(m))
		}
	}
	if d.options.Show != nil {
		d.options.Show(a.plan, messages)
	}
}
