package pds

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"iter"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
	"github.com/personalised-prevention/nhs/internal/wait"
)

// tracer is one run of a trace. It belongs to the goroutine of the caller's loop, on
// which the caller's numbers are read too.
type tracer struct {
	client  *Client
	numbers iter.Seq2[nhs.Number, error]
	now     func() time.Time
	start   time.Time

	skip      int  // how many numbers are done already
	skipCheck byte // and what they must sum to

	total    int
	report   func(Progress) // nil for none
	outcomes map[TraceOutcome]int

	taken   int             // numbers read
	sum     hash.Hash       // of the numbers read
	turn    <-chan struct{} // closed when the last person asked for has had a turn
	running sync.WaitGroup
}

// asked is the answer for one person, or an error that ends the trace.
type asked struct {
	Traced

	fatal error
}

// inFlight bounds the people who are being asked for, or wait for an earlier
// person's result to be returned.
const inFlight = 64

// run returns the error that ends the trace early, nil if there is none or nobody
// wants to know it.
func (t *tracer) run(ctx context.Context, yield func(Traced, error) bool) error {
	next, stop := iter.Pull2(t.numbers)
	defer stop()
	if err := t.forward(next); err != nil {
		return fmt.Errorf("%s: %w", opTrace, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer t.running.Wait()
	defer cancel()
	var queue []<-chan asked // in the order of the numbers
	var end error            // of the numbers
	for more := true; more || len(queue) > 0; {
		if more && len(queue) < inFlight {
			number, err, ok := next()
			switch {
			case !ok:
				more = false
			case err != nil && !errors.Is(err, nhs.ErrInvalid):
				more, end = false, fmt.Errorf("%s: numbers: %w", opTrace, err)
			default:
				queue = append(queue, t.ask(ctx, number, err))
			}
		}
		block := !more || len(queue) == inFlight
		a, ok := first(ctx, queue, block)
		if !ok {
			continue
		}
		if a.fatal != nil {
			return a.fatal
		}
		queue = queue[1:]
		t.note(a.Traced)
		if !yield(a.Traced, nil) {
			return nil
		}
	}
	return end
}

// first receives the first answer of the queue, if there is one or it is worth
// waiting for.
func first(ctx context.Context, queue []<-chan asked, block bool) (asked, bool) {
	switch {
	case len(queue) == 0:
		return asked{}, false
	case !block:
		select {
		case a := <-queue[0]:
			return a, true
		default:
			return asked{}, false
		}
	}
	select {
	case a := <-queue[0]:
		return a, true
	case <-ctx.Done():
		return asked{fatal: fmt.Errorf("%s: %w", opTrace, ctx.Err())}, true
	}
}

// forward skips the numbers that are done.
func (t *tracer) forward(next func() (nhs.Number, error, bool)) error {
	for t.taken < t.skip {
		number, err, ok := next()
		if err != nil && !errors.Is(err, nhs.ErrInvalid) {
			return fmt.Errorf("numbers: %w", err)
		}
		if !ok {
			return refuse("checkpoint", "must be of the same numbers; there are fewer")
		}
		if check := t.take(number); t.taken == t.skip && check != t.skipCheck {
			return refuse("checkpoint", "must be of the same numbers in the same order")
		}
	}
	return nil
}

// take counts a number and returns the check of all so far. Eight bits of it tell
// other numbers apart well enough, and tell nothing about a person.
func (t *tracer) take(number nhs.Number) byte {
	t.taken++
	_, _ = t.sum.Write(number.AppendDigits([]byte{','}))
	s := t.sum.Sum(make([]byte, 0, 4))
	return s[0] ^ s[1] ^ s[2] ^ s[3]
}

// ask starts asking for a number, unless err says that it is none.
func (t *tracer) ask(ctx context.Context, number nhs.Number, err error) <-chan asked {
	answer := make(chan asked, 1)
	r := Traced{Index: t.taken, Asked: number}
	r.check = t.take(number)
	if err == nil && number.IsZero() {
		err = refuse("NHS number", "must not be zero")
	}
	if err != nil {
		r.Asked, r.Outcome, r.Err = nhs.Number{}, TraceInvalid, err
		answer <- asked{Traced: r}
		return answer
	}
	before, done := t.turn, make(chan struct{})
	t.turn = done
	t.running.Go(func() {
		fatal := t.client.trace(ctx, &r, before, done)
		answer <- asked{Traced: r, fatal: fatal}
	})
	return answer
}

// While the reason for having no answer is temporary, a person is asked for again
// after the first pause, twice that, and so on up to the last: together more than a
// minute's quota.
const (
	firstPause = 5 * time.Second
	lastPause  = 40 * time.Second
)

// trace completes r, or returns an error that ends the trace. It has its first turn
// after the person before, and then lets the next one have theirs.
func (c *Client) trace(ctx context.Context, r *Traced, before <-chan struct{}, had chan<- struct{}) error {
	call := transport.Call{Op: opTrace, Repeatable: true, Paced: true}
	select {
	case <-before:
	case <-ctx.Done():
	}
	err := c.pace.wait(ctx)
	close(had)
	for pause := firstPause; err == nil; pause *= 2 {
		p, failure := c.get(ctx, call, r.Asked)
		c.pace.learn(failure)
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case errors.Is(failure, nhs.ErrUnauthorized), errors.Is(failure, nhs.ErrForbidden):
			return failure
		case temporary(failure) && pause <= lastPause:
			if err = wait.For(ctx, pause); err == nil {
				err = c.pace.wait(ctx)
			}
		case failure != nil:
			r.Outcome, r.Err = outcomeOfError(failure), failure
			return nil
		default:
			r.Outcome, r.Patient = outcomeOf(r.Asked, p), p
			return nil
		}
	}
	return fmt.Errorf("%s: %w", opTrace, err)
}

func temporary(err error) bool {
	return errors.Is(err, nhs.ErrRateLimited) || errors.Is(err, nhs.ErrUnavailable)
}
