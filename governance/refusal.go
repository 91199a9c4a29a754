package governance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Why a permit is not issued or does not authorise. A [*RefusedError] unwraps to all that apply.
var (
	// ErrNoPermit means a zero permit, or one for building where one for sending is needed.
	ErrNoPermit = errors.New("no permit")
	// ErrNotApproved means that a gate is not met.
	ErrNotApproved = errors.New("not approved")
	// ErrMismatch means that what is about to happen is not what was approved.
	ErrMismatch = errors.New("not what was approved")
	// ErrHalted means that somebody has halted the proposal.
	ErrHalted = errors.New("halted")
	// ErrNoBasis means that the legal basis has expired, or that the message is direct marketing.
	ErrNoBasis = errors.New("no legal basis")
	// ErrHazard means that a hazard is above the acceptable risk, or a control without proof.
	ErrHazard = errors.New("hazard not controlled")
	// ErrCollision means that another campaign is being sent with the same routing plan.
	ErrCollision = errors.New("another campaign is under way")
	// ErrUnsafe means that the built list failed a check: its size, its sentinels or its record.
	ErrUnsafe = errors.New("unsafe list")
	// ErrStage means that the stage is not on the ladder, that an earlier one is not healthy, or that it has gone
	// over its own limits.
	ErrStage = errors.New("stage not reached")
	// ErrStale means that data or a suppression check is older than approved.
	ErrStale = errors.New("too old")
	// ErrOutsideWindow means before the window opens or after it has closed.
	ErrOutsideWindow = errors.New("outside the window")
	// ErrOutsideHours means outside the sending hours: try again when they begin.
	ErrOutsideHours = errors.New("outside sending hours")
	// ErrOverCap means that the stage or the proposal would exceed its cap.
	ErrOverCap = errors.New("over the cap")
	// ErrOverDailyCap means that the day would exceed its cap: try again tomorrow.
	ErrOverDailyCap = errors.New("over the daily cap")
	// ErrNotLogged means that the log entry could not be written, so the answer is no.
	ErrNotLogged = errors.New("governance: refused: the log entry could not be written")
)

// RefusedError lists every reason for a refusal. Use [errors.Is] with the sentinels.
type RefusedError struct{ Reasons []error }

// Error lists the reasons.
func (e *RefusedError) Error() string {
	texts := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		texts[i] = r.Error()
	}
	return "governance: refused: " + strings.Join(texts, "; ")
}

// Unwrap returns the reasons.
func (e *RefusedError) Unwrap() []error { return e.Reasons }

// refusal collects reasons, and which check each is of.
type refusal struct {
	check   MachineCheck // of the reasons to come
	reasons []error
	failed  []MachineCheck
}

func (r *refusal) add(reason error, format string, args ...any) {
	r.reasons = append(r.reasons, fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...)))
	if r.check != "" && !slices.Contains(r.failed, r.check) {
		r.failed = append(r.failed, r.check)
	}
}

func (r *refusal) unless(ok bool, reason error, format string, args ...any) {
	if !ok {
		r.add(reason, format, args...)
	}
}

// err is nil when nothing was collected.
func (r *refusal) err() error {
	if len(r.reasons) == 0 {
		return nil
	}
	return &RefusedError{Reasons: r.reasons}
}

// sortedKeys lists the keys of a map, so that what is said about them has one order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
