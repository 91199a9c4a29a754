package pds

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
)

// TraceOutcome says what became of one person in a [Client.Trace].
type TraceOutcome string

// The outcomes of a trace. Of those that hold for a person at once, the result
// has the first of dead, restricted and superseded; the Patient answers for all.
const (
	TraceFound      TraceOutcome = "found"
	TraceDead       TraceOutcome = "dead"       // see Patient.Deceased
	TraceRestricted TraceOutcome = "restricted" // see Patient.Restricted
	TraceSuperseded TraceOutcome = "superseded" // the Patient has another number, which is to be used from now on
	TraceNotFound   TraceOutcome = "not found"  // nobody's number, or an invalidated record's
	TraceInvalid    TraceOutcome = "invalid"    // not an NHS number
	TraceFailed     TraceOutcome = "failed"     // not known: trace again
)

// Traced is the result of tracing one person.
type Traced struct {
	Index   int          // place in the numbers asked, from 0
	Asked   nhs.Number   // the number asked; zero if it is invalid
	Outcome TraceOutcome // what became of it
	Patient *Patient     // nil if invalid, not found or failed
	Err     error        // the reason of invalid, not found and failed; may be ErrInvalidated

	check byte
}

// Checkpoint returns what [Resume] continues from after this result. It is short
// text that tells no number.
func (t Traced) Checkpoint() string { return fmt.Sprintf("%d-%02x", t.Index+1, t.check) }

// LogValue logs what became of the person, not whom.
func (t Traced) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("index", t.Index), slog.String("outcome", string(t.Outcome)), slog.Any("error", t.Err))
}

// Progress is how far a trace has come.
type Progress struct {
	Done     int                  // results so far, those before a checkpoint included
	Total    int                  // as given to OnProgress
	Outcomes map[TraceOutcome]int // results of this run
	Rate     float64              // results a second of this run; 0 when not known yet
	Left     time.Duration        // until the end, at that rate; 0 when not known
}

// TraceOption changes a [Client.Trace]. Options validate: a bad one makes the trace
// end with its error at once.
type TraceOption struct {
	apply func(*tracer) error
}

// Resume continues after the result that the checkpoint is of: the numbers up to
// there are skipped. They must be the same numbers in the same order; others are
// likely to be recognised and refused. An empty checkpoint is the beginning.
func Resume(checkpoint string) TraceOption {
	return TraceOption{func(t *tracer) error {
		if checkpoint == "" {
			t.skip, t.skipCheck = 0, 0
			return nil
		}
		done, check, _ := strings.Cut(checkpoint, "-")
		n, err := strconv.Atoi(done)
		sum, sumErr := strconv.ParseUint(check, 16, 8)
		if err != nil || sumErr != nil || n < 1 || (Traced{Index: n - 1, check: byte(sum)}).Checkpoint() != checkpoint {
			return refuse("checkpoint", "must be one that a trace gave")
		}
		t.skip, t.skipCheck = n, byte(sum)
		return nil
	}}
}

// OnProgress calls report before each result, on the goroutine of the loop. Total
// is how many numbers there are, 0 if that is not known.
func OnProgress(total int, report func(Progress)) TraceOption {
	return TraceOption{func(t *tracer) error {
		if total < 0 || report == nil {
			return refuse("progress", "must have a function, and no negative total")
		}
		t.total, t.report = total, report
		return nil
	}}
}

// Trace looks up any number of people and returns a result for each, in order.
//
//	for r, err := range patients.Trace(ctx, numbers) {
//		if err != nil {
//			return err // start again with pds.Resume(checkpoint)
//		}
//		checkpoint = r.Checkpoint()
//	}
//
// An [nhs.ErrInvalid] among the numbers, as from [nhs.ParseNumber], is an invalid
// person. Any other error of theirs ends the trace after the results before it, as
// do the end of ctx and a refusal of the credentials or the application, whoever is
// asked for: an [nhs.ErrUnauthorized] or [nhs.ErrForbidden]. Nothing else does: what
// is temporary is asked again for a minute and more before it is a failed person.
//
// Requests leave evenly, at the pace of the [nhs.App], as many at once as that
// takes, up to 64; so numbers are read up to 64 people ahead. After a 429 the trace
// slows to a half, and again, down to a 16th, and recovers as requests succeed. Other
// requests of the App are served in between. Leaving the loop cancels what is on
// its way.
//
// Trace needs application-restricted or healthcare worker access; see [ErrAccess].
func (c *Client) Trace(ctx context.Context, numbers iter.Seq2[nhs.Number, error], opts ...TraceOption) iter.Seq2[Traced, error] {
	return func(yield func(Traced, error) bool) {
		t, err := newTracer(c, numbers, opts)
		if err == nil {
			err = t.run(ctx, yield)
		}
		if err != nil {
			yield(Traced{}, err)
		}
	}
}

const opTrace = "pds.Trace"

func newTracer(c *Client, numbers iter.Seq2[nhs.Number, error], opts []TraceOption) (*tracer, error) {
	if err := c.permit(opTrace, nhs.ApplicationAccess, nhs.HealthcareWorkerAccess); err != nil {
		return nil, err
	}
	if numbers == nil {
		return nil, fmt.Errorf("%s: %w", opTrace, refuse("numbers", "must not be nil"))
	}
	now := c.app.Settings().Now
	begun := make(chan struct{})
	close(begun)
	t := &tracer{
		client: c, numbers: numbers, now: now, start: now(),
		outcomes: map[TraceOutcome]int{}, sum: fnv.New32a(), turn: begun,
	}
	for _, opt := range opts {
		if opt.apply == nil {
			return nil, fmt.Errorf("%s: %w", opTrace, refuse("option", "must not be the zero TraceOption"))
		}
		if err := opt.apply(t); err != nil {
			return nil, fmt.Errorf("%s: %w", opTrace, err)
		}
	}
	return t, nil
}

// note counts a result and reports progress.
func (t *tracer) note(r Traced) {
	if t.report == nil {
		return
	}
	t.outcomes[r.Outcome]++
	p := Progress{Done: r.Index + 1, Total: t.total, Outcomes: maps.Clone(t.outcomes)}
	if took := t.now().Sub(t.start).Seconds(); took > 0 {
		p.Rate = float64(p.Done-t.skip) / took
		p.Left = time.Duration(float64(max(p.Total-p.Done, 0)) / p.Rate * float64(time.Second))
	}
	t.report(p)
}

// outcomeOf is what a patient is to who asked for a number.
func outcomeOf(asked nhs.Number, p *Patient) TraceOutcome {
	switch {
	case p.Deceased():
		return TraceDead
	case p.Restricted():
		return TraceRestricted
	case p.Superseded(asked):
		return TraceSuperseded
	default:
		return TraceFound
	}
}

// outcomeOfError is what an error says of a person. It may be final, or not.
func outcomeOfError(err error) TraceOutcome {
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
	case errors.Is(err, nhs.ErrNotFound):
		return TraceNotFound
	case ok && e.Code == codeInvalidID:
		return TraceInvalid
	default:
		return TraceFailed
	}
}
