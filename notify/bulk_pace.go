package notify

import (
	"context"
	"errors"
	"time"

	"github.com/personalised-prevention/nhs"
)

// pace is a pause before each request, on top of the rate the App allows. There is
// none until the service says that it gets too many requests, which it may say of
// those of others: then the pause doubles with each such answer, and shrinks by a
// quarter with each batch accepted.
type pace struct {
	gap         time.Duration
	least, most time.Duration
}

func newPace(p nhs.RetryPolicy) pace { return pace{least: p.MinWait, most: p.MaxWait} }

func (p *pace) slower() { p.gap = min(max(2*p.gap, p.least), p.most) }

func (p *pace) faster() {
	if p.gap -= p.gap / 4; p.gap < p.least/4 {
		p.gap = 0
	}
}

// pause returns how long to wait before the next request, if there is to be one,
// after so many failures of the batch. Only the caller's own ctx ends a run: an
// attempt has a deadline of its own, and may be made again.
func (r *bulkRun) pause(ctx context.Context, err error, failures int) (time.Duration, bool) {
	settings := r.client.app.Settings()
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
	case !ok, ctx.Err() != nil:
		return 0, false
	case e.Attempts == 0 && errors.Is(err, context.DeadlineExceeded):
		return 0, false // the next turn is after the caller's deadline
	case failures >= settings.Retry.MaxAttempts, e.RetryAfter > settings.Retry.MaxRetryAfter:
		return 0, false
	case !passes(e):
		return 0, false
	case FaultOf(err) == FaultQuota:
		r.pace.slower()
		return max(e.RetryAfter, r.pace.gap), true
	case e.RetryAfter > 0:
		return e.RetryAfter, true
	default:
		return settings.Retry.Wait(failures, settings.Random), true
	}
}

// passes reports whether a repeat may fare better. After a success that does not
// say what was accepted it does: what the service has, it answers with a 422.
func passes(e *nhs.Error) bool {
	return e.StatusCode == 0 || e.StatusCode/100 == 2 || worthRetrying(e.StatusCode, e.Code)
}
