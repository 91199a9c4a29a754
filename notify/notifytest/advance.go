package notifytest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// Subscriber is where callbacks go.
type Subscriber struct {
	URL    string
	Secret notify.CallbackSecret
	Client *http.Client // nil means one without options

	// Early sends a message's first callback before the answer to the request that
	// sends the message.
	Early bool

	// Disorder sends each callback at a random moment between its event and the end
	// of the [Server.Advance], and about one in three twice, as Seed decides.
	Disorder bool
	Seed     uint64

	// Late holds about one callback in three back for up to this long, beyond the
	// end of the Advance if need be.
	Late time.Duration
}

// Subscribe registers the subscriber of all events from now on.
func (s *Server) Subscribe(subscriber Subscriber) {
	if subscriber.Client == nil {
		subscriber.Client = &http.Client{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriber = &subscriber
	s.random = rand.New(rand.NewPCG(subscriber.Seed, 0)) //nolint:gosec // a seed, so that tests can be repeated
}

// Lost returns how many callbacks have been given up.
func (s *Server) Lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Advance moves simulated time on by d, from event to event, and sends the
// callbacks of what happens meanwhile one after the other. Those answered with 429
// or 5xx, or not at all, are sent again after 5 seconds, 10, 20 and so on up to 300,
// but not before a Retry-After has passed, for two hours. Other refusals, and a
// negative Retry-After, lose the callback, as in the real service; so do two hours
// of failure. An event due in this Advance is sent by its end, unless it is sent
// again or late.
//
// The error is that of the context: time has moved all the same, and the next
// Advance sends the rest.
func (s *Server) Advance(ctx context.Context, d time.Duration) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	target := s.now().Add(d)
	final := s.advanced + d
	s.mu.Unlock()
	for ctx.Err() == nil {
		e, subscriber, ok := s.nextCallback(target)
		if !ok {
			break
		}
		s.deliver(ctx, subscriber, e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced = final
	return ctx.Err()
}

// expect queues the first event of a new message.
func (s *Server) expect(m *message) {
	e := event{message: m, due: m.accepted.Add(untilPending)}
	if s.subscriber != nil && s.subscriber.Early { // which has the first at once
		e.step, e.due = 1, m.accepted.Add(untilEnriched)
	}
	s.events.add(e)
}

// early sends the first callbacks of messages whose sender does not know yet that
// they have been accepted.
func (s *Server) early(ctx context.Context, added []*message) {
	s.mu.Lock()
	subscriber := s.subscriber
	s.mu.Unlock()
	if subscriber == nil || !subscriber.Early {
		return
	}
	for _, m := range added {
		s.deliver(ctx, subscriber, event{message: m, due: m.accepted, when: m.accepted})
	}
}

// nextCallback moves time to the next callback due by target, and lets happen what
// happens until then.
func (s *Server) nextCallback(target time.Time) (event, *Subscriber, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		e, ok := s.events.next(target)
		if !ok {
			return event{}, nil, false
		}
		s.advanced = max(s.advanced, e.due.Sub(s.options.Now()))
		switch {
		case e.when.IsZero():
			s.happen(e, target)
		case s.subscriber != nil:
			return e, s.subscriber, true
		}
	}
}

// happen makes callbacks of an event, and queues the next event of its message.
func (s *Server) happen(e event, target time.Time) {
	e.when = e.due
	if steps := e.message.timeline(); e.step+1 < len(steps) {
		s.events.add(event{message: e.message, step: e.step + 1, due: e.message.accepted.Add(steps[e.step+1].after)})
	}
	if s.subscriber == nil {
		return
	}
	copies := 1
	if s.subscriber.Disorder && s.random.IntN(3) == 0 {
		copies = 2
	}
	for range copies {
		e.due = e.when
		if s.subscriber.Disorder {
			e.due = e.due.Add(s.upTo(target.Sub(e.when)))
		}
		if s.subscriber.Late > 0 && s.random.IntN(3) == 0 {
			e.due = e.due.Add(s.upTo(s.subscriber.Late))
		}
		s.events.add(e)
	}
}

// upTo draws a duration of at most d.
func (s *Server) upTo(d time.Duration) time.Duration {
	return time.Duration(s.random.Int64N(int64(max(d, 0)) + 1))
}

// Now returns the simulated time. While a callback of [Server.Advance] is under way
// it is the callback's.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// now is the simulated time. The lock must be held.
func (s *Server) now() time.Time { return s.options.Now().Add(s.advanced) }
