package optout

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/mesh"
)

// Sentinel errors, matched with [errors.Is].
var (
	// ErrRefused means that the service refused the file and checked nobody. Mend
	// what the error says, and send again under the next sequence number.
	ErrRefused = errors.New("the service refused the file")

	// ErrUndelivered means that the service did not collect the file within MESH's
	// five days, or that MESH could not deliver it. Check recipient and workflow.
	ErrUndelivered = errors.New("the file was not delivered")

	// ErrMismatch means that what came cannot be the reply to this request: it is
	// malformed, or has a number twice or one that was not asked about. Nothing of it
	// is believed.
	ErrMismatch = errors.New("the reply does not fit the request")

	// ErrSentinel means that a planted person was not removed, or not left in, as they
	// had to be. The check does not work, and nothing of its reply is believed.
	ErrSentinel = errors.New("the service is wrong about a sentinel")

	ErrPending  = errors.New("no reply yet") // look again in five minutes or later
	ErrNoReply  = errors.New("no reply")     // as a [*NoReplyError]
	ErrStale    = errors.New("the result is too old: ask again")
	ErrNotAsked = errors.New("the person was not in the request") // and so nothing is known of them

	// ErrNotAcknowledged means that a result was used, but that its reply may still be
	// in the inbox. Do not wait for it again: call [Checker.Discard].
	ErrNotAcknowledged = errors.New("the result was used, but its reply could not be acknowledged")

	errStored = errors.New("optout: it is about persons, and not to be stored: keep the Summary")
)

// ReplyError reports what came in place of a reply that can be used. Its message
// stays in the inbox, so that a crash does not lose it: call [Checker.Discard] when
// the failure is on record.
type ReplyError struct {
	LocalID   string // of the request
	MessageID string // of the message that came
	Err       error  // wraps [ErrRefused], [ErrUndelivered], [ErrMismatch] or [ErrSentinel]
}

// Error implements the error interface.
func (e *ReplyError) Error() string {
	return "optout: request " + e.LocalID + ": message " + redact.Name(e.MessageID) + ": " + e.Err.Error()
}

// Format prints [ReplyError.Error] for every verb.
func (e *ReplyError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// Unwrap returns the cause.
func (e *ReplyError) Unwrap() error { return e.Err }

// NoReplyError reports that no reply has come for too long. One that comes later is
// still found by [Checker.Collect] and [Checker.Wait].
type NoReplyError struct {
	LocalID string        // of the request
	Waited  time.Duration // since it was sent
	Status  mesh.Status   // of the request, by MESH; "" if it does not tell
}

// Error implements the error interface.
func (e *NoReplyError) Error() string {
	fate, advice := "MESH does not say what became of it", "check that the recipient still takes requests"
	switch e.Status {
	case mesh.StatusAccepted, mesh.StatusUploading:
		fate = "the service has not collected it"
	case mesh.StatusAcknowledged:
		fate, advice = "the service has collected it", "check subject and local id: it ignores requests whose it does not like"
	case mesh.StatusUndeliverable, mesh.StatusError:
		fate = "MESH could not deliver it"
	}
	return fmt.Sprintf("optout: no reply to request %s in %s: %s; %s", e.LocalID, e.Waited.Round(time.Second), fate, advice)
}

// Unwrap returns [ErrNoReply].
func (e *NoReplyError) Unwrap() error { return ErrNoReply }
