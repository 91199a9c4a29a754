package optout

import (
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/bits"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Result is who of a [List] may be used, because they have not opted out. It lives
// in memory only, as long as the caller keeps it: it takes one bit a person besides
// the list. It hides itself like a list. It is immutable and safe for concurrent
// use; the zero Result is stale.
type Result struct {
	list    *List
	allowed []uint64 // a bit for each of the list's numbers
	summary Summary
	expires time.Time
}

// Summary is what a result is without persons, to be kept as evidence. Of a list of
// a few people counts say something about each: apply a disclosure policy before
// such counts go anywhere.
type Summary struct {
	LocalID   string    `json:"localId"`
	MessageID string    `json:"messageId"` // of the request
	ReplyID   string    `json:"replyId"`   // message id of the reply
	Sent      time.Time `json:"sent"`      // as in the [Receipt]
	Received  time.Time `json:"received"`

	Asked    int `json:"asked"` // people, without sentinels that are not among them
	Allowed  int `json:"allowed"`
	OptedOut int `json:"optedOut"`

	SentinelsRemoved int `json:"sentinelsRemoved"` // all that had to be
	SentinelsLeft    int `json:"sentinelsLeft"`    // all that had to be

	Request string `json:"request"` // digest of the file sent, keyed
	Reply   string `json:"reply"`   // digest of the file that came, keyed
}

// Summary returns the counts, times and digests.
func (r *Result) Summary() Summary { return r.summary }

// Expires returns when the result must no longer be used: the maximum age after the
// request was sent, because the service does not say when it looked.
func (r *Result) Expires() time.Time { return r.expires }

// Fresh reports whether the result may be used at a time.
func (r *Result) Fresh(now time.Time) bool { return now.Before(r.expires) }

// Allows reports whether a person has not opted out and may be used. The error is
// [ErrStale], or [ErrNotAsked] for somebody the request did not ask about.
func (r *Result) Allows(now time.Time, person nhs.Number) (bool, error) {
	allowed, err := r.allows(now, person)
	if err != nil {
		return false, fmt.Errorf("optout: %w", err)
	}
	return allowed, nil
}

func (r *Result) allows(now time.Time, person nhs.Number) (bool, error) {
	if !r.Fresh(now) {
		return false, ErrStale
	}
	at, asked := slices.BinarySearchFunc(r.list.numbers, person, nhs.Number.Compare)
	if !asked || contains(r.list.planted, person) {
		return false, ErrNotAsked
	}
	return r.has(at), nil
}

// Filter goes through people, in their order, and yields those who may be used. It
// ends with the first error: of people, or of [Result.Allows] at the time that now
// then returns.
func (r *Result) Filter(now func() time.Time, people iter.Seq2[nhs.Number, error]) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		if now == nil || people == nil {
			yield(nhs.Number{}, &nhs.ArgumentError{Name: "clock and people", Reason: "must not be nil"})
			return
		}
		read := 0
		for person, err := range people {
			allowed := false
			if err != nil {
				err = redact.Error(err)
			} else {
				allowed, err = r.allows(now(), person)
			}
			if err != nil {
				yield(nhs.Number{}, fmt.Errorf("optout: after %d people: %w", read, err))
				return
			}
			read++
			if allowed && !yield(person, nil) {
				return
			}
		}
	}
}

// Format prints a mask for every verb.
func (r *Result) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[opt-out result]") }

// LogValue logs a mask.
func (r *Result) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// MarshalText refuses, so that no encoder stores the result by mistake.
func (r *Result) MarshalText() ([]byte, error) { return nil, errStored }

// complete fills in what the request knows, when the service's say is complete.
func (r *Result) complete(request Receipt, maxAge time.Duration) {
	left := 0
	for _, word := range r.allowed {
		left += bits.OnesCount64(word)
	}
	for _, n := range r.list.planted {
		if r.left(n) {
			left--
		}
	}
	r.expires = request.Sent.Add(maxAge)
	r.summary = Summary{
		LocalID: request.LocalID, MessageID: request.MessageID, Sent: request.Sent, Request: request.Digest,
		Asked: r.list.People(), Allowed: left, OptedOut: r.list.People() - left,
		SentinelsRemoved: len(r.list.sentinels.OptedOut), SentinelsLeft: len(r.list.sentinels.NotOptedOut),
	}
}

func newResult(list *List) *Result {
	return &Result{list: list, allowed: make([]uint64, (len(list.numbers)+63)/64)}
}

func (r *Result) has(at int) bool { return r.allowed[at/64]>>(at%64)&1 != 0 }

func (r *Result) set(at int) { r.allowed[at/64] |= 1 << (at % 64) }

// left reports whether a sentinel was left in.
func (r *Result) left(sentinel nhs.Number) bool {
	at, _ := slices.BinarySearchFunc(r.list.numbers, sentinel, nhs.Number.Compare)
	return r.has(at)
}

// checkSentinels compares what the service said with what it had to say.
func (r *Result) checkSentinels() error {
	removed, remained := 0, 0
	for _, n := range r.list.sentinels.OptedOut {
		if !r.left(n) {
			removed++
		}
	}
	for _, n := range r.list.sentinels.NotOptedOut {
		if r.left(n) {
			remained++
		}
	}
	if out, in := len(r.list.sentinels.OptedOut), len(r.list.sentinels.NotOptedOut); removed < out || remained < in {
		return fmt.Errorf("%w: of %d known to have opted out %d were removed, of %d known not to have %d were left in",
			ErrSentinel, out, removed, in, remained)
	}
	return nil
}
