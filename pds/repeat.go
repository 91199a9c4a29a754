package pds

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// ConflictError reports a change that PDS refused because the record has changed
// since it was read. After more than one attempt, the change may be one's own: an
// attempt whose answer was lost.
type ConflictError struct {
	Current *Patient // the record as it is now; nil if it could not be read
	Cause   error    // the refusal, an [*nhs.Error] that is an [nhs.ErrConflict]
}

// Error implements the error interface.
func (e *ConflictError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *ConflictError) Unwrap() error { return e.Cause }

// settleUpdate interprets why an update of number failed. A repeated update that
// changes nothing has taken effect the first time: it succeeds with the record as
// it is. A conflict is a [*ConflictError].
func (c *Client) settleUpdate(ctx context.Context, number nhs.Number, err error) (*Patient, error) {
	e, ok := errors.AsType[*nhs.Error](err)
	switch {
	case !ok:
		return nil, err
	case e.Attempts > 1 && changedNothing(e):
		return c.get(ctx, transport.Call{Op: e.Op, Repeatable: true}, number)
	case e.StatusCode == http.StatusConflict:
		current, getErr := c.get(ctx, transport.Call{Op: e.Op, Repeatable: true}, number)
		if getErr != nil {
			current = nil
		}
		return nil, &ConflictError{Current: current, Cause: e}
	default:
		return nil, err
	}
}

// changedNothing reports the refusal of an update without effect.
func changedNothing(e *nhs.Error) bool {
	for _, issue := range e.Issues {
		if issue.Code == "INVALID_UPDATE" && strings.Contains(issue.Text, "made no changes") {
			return true
		}
	}
	return false
}

// worthRetrying accepts what the gateway and Spine call temporary. A 500 is one
// of them: the gateway hides Spine's own failures behind it.
func worthRetrying(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// worthCreatingAgain accepts the refusals after which nobody has been created, or
// the gateway asks for the same request again. A creation is worth no more risk.
func worthCreatingAgain(status int, _ string) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// createCall describes the creation of a patient, once it is its turn: the gateway
// allows three a second.
func (c *Client) createCall(ctx context.Context, op string) (transport.Call, error) {
	if err := c.app.Wait(ctx, nhs.PDS+" create", nhs.Rate{PerSecond: 3}); err != nil {
		return transport.Call{}, err
	}
	return transport.Call{Op: op, Repeatable: true, Retry: worthCreatingAgain}, nil
}
