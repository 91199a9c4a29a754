package pdstest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs/internal/wait"
)

// Fault is something going wrong with a request. The zero Fault is nothing.
type Fault struct {
	Status int    // answer with this status, in PDS's words
	Code   string // answer with this code of PDS's, with its status unless Status says another

	Header http.Header // headers of that answer, in addition to PDS's own or in their place
	Body   string      // body of that answer, in place of PDS's words
	Done   bool        // handle the request before that answer, which hides a success
	Lose   bool        // handle the request, but cut the connection in place of an answer
	Halve  bool        // handle the request, but answer with the first half of the body

	// Delay waits, in real time, before the answer. A write for which the gateway
	// does not wait as long, which is 10 seconds or what X-Sync-Wait asks for, is
	// done, but answered with status 503.
	Delay time.Duration
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	overspent := s.count(r)
	fault := s.options.Fault(r)
	if patience := syncWait(r); patience > 0 && fault.Delay > patience {
		fault.Delay, fault.Status, fault.Done = patience, http.StatusServiceUnavailable, true
	}
	if !pause(r.Context(), fault.Delay) {
		panic(http.ErrAbortHandler)
	}
	switch {
	case fault.Status != 0 || fault.Code != "":
		if fault.Done {
			s.answer(r)
		}
		fault.reply().write(w, r)
	case overspent != nil:
		overspent.write(w, r)
	case fault.Lose:
		s.answer(r)
		panic(http.ErrAbortHandler)
	case fault.Halve:
		a := s.answer(r)
		a.body = a.body[:len(a.body)/2]
		a.write(w, r)
	default:
		s.answer(r).write(w, r)
	}
}

func (f Fault) reply() *reply {
	a := failure(f.Status)
	if f.Code != "" {
		a = refuse(f.Code, "")
	}
	if f.Status != 0 {
		a.status = f.Status
	}
	if f.Body != "" {
		a.body, a.media = []byte(f.Body), http.DetectContentType([]byte(f.Body))
	}
	for name, values := range f.Header {
		if a.header == nil {
			a.header = http.Header{}
		}
		a.header[name] = values
	}
	return a
}

// syncWait is how long the gateway waits for a write, or 0 for what is none.
func syncWait(r *http.Request) time.Duration {
	if r.Method != http.MethodPatch && r.Method != http.MethodPost {
		return 0
	}
	seconds, err := strconv.ParseFloat(r.Header.Get("X-Sync-Wait"), 64)
	if err != nil || seconds < 0.25 || seconds > 29 {
		seconds = 10
	}
	return time.Duration(seconds * float64(time.Second))
}

// pause waits, and reports whether somebody still waits for the answer.
func pause(ctx context.Context, d time.Duration) bool {
	return d <= 0 || wait.For(ctx, d) == nil
}

// limits are the state of the rate limits.
type limits struct {
	minute  time.Time   // when the current minute began
	spent   int         // requests that arrived in it
	last    time.Time   // when the last request was let through
	creates []time.Time // when the creations of the last second arrived
}

// count counts a request, and refuses one that exceeds a rate limit.
func (s *Server) count(r *http.Request) *reply {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if r.Method == http.MethodPost && callOf(r).kind == patients && !s.limits.mayCreate(now, s.options.CreatesPerSecond) {
		return refuse("TOO_MANY_REQUESTS", "There have been too many Create Patient requests. Please try again later.")
	}
	if now.Sub(s.limits.minute) >= time.Minute {
		s.limits.minute, s.limits.spent = now, 0
	}
	s.limits.spent++
	quota, spike := s.options.PerMinute, s.options.SpikePerSecond
	if quota > 0 && s.limits.spent > quota {
		return refuse("TOO_MANY_REQUESTS", fmt.Sprintf(
			"Your application, pdstest, has exceeded its quota of %d requests every 1 minute(s) and is being rate limited.", quota)+rateLimits)
	}
	if spike > 0 && now.Sub(s.limits.last) < time.Second/time.Duration(spike) {
		return failure(http.StatusTooManyRequests)
	}
	s.limits.last = now
	return nil
}

// mayCreate lets at most limit creations through in any second.
func (l *limits) mayCreate(now time.Time, limit int) bool {
	if limit <= 0 {
		return true
	}
	for len(l.creates) > 0 && now.Sub(l.creates[0]) >= time.Second {
		l.creates = l.creates[1:]
	}
	if len(l.creates) >= limit {
		return false
	}
	l.creates = append(l.creates, now)
	return true
}
