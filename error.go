package nhs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/internal/redact"
)

// Sentinel errors, matched with [errors.Is]. Every [*Error] unwraps to one.
var (
	ErrInvalid      = errors.New("invalid request")         // 400, 405, 406, 413, 415, 417, 422
	ErrUnauthorized = errors.New("not authorised")          // 401, or no access token to be had
	ErrForbidden    = errors.New("forbidden")               // 403
	ErrNotFound     = errors.New("not found")               // 404, 410
	ErrConflict     = errors.New("conflict")                // 409, 412
	ErrRateLimited  = errors.New("rate limited")            // 425, 429
	ErrUnavailable  = errors.New("service unavailable")     // 408, 5xx, or no answer at all
	ErrUnexpected   = errors.New("unexpected answer")       // a status or body outside the service's contract
	ErrDuplicate    = errors.New("already received before") // an idempotent write repeated
)

// Error reports a request that a service did not fulfil.
//
// Its text holds no path, query, body, token or NHS number. The text in Issues
// comes from the service and may hold personal data: it is not part of Error().
type Error struct {
	Op         string        // client method, such as "pds.Get"
	StatusCode int           // HTTP status; 0 when no answer arrived, so a write may or may not have taken effect
	Code       string        // the service's own code, such as "RESOURCE_NOT_FOUND"
	RequestID  string        // the X-Request-ID or X-Correlation-ID sent, for support calls
	RetryAfter time.Duration // how long the service asked to wait; 0 when it did not say
	Attempts   int           // requests sent for this call
	Issues     []Issue       // what the service said, in its order; may hold personal data
	Kind       error         // the sentinel, where the status alone does not tell; nil otherwise
	Cause      error         // the network or decoding failure behind it, if any
}

// Issue is one complaint of a service: a FHIR OperationOutcome issue, a JSON:API
// error or a MESH error detail.
type Issue struct {
	Code     string // the service's code
	Severity string // FHIR severity, if any
	Pointer  string // JSON pointer or header name of the offending input, if any
	Text     string // human-readable text; may hold personal data
}

// Error implements the error interface.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	if e.StatusCode == 0 {
		b.WriteString("no answer")
	} else {
		fmt.Fprintf(&b, "%d %s", e.StatusCode, http.StatusText(e.StatusCode))
	}
	if kind := e.sentinel(); kind != nil && (e.Kind != nil || e.StatusCode == 0) {
		b.WriteString(": " + kind.Error())
	}
	if e.Cause != nil {
		b.WriteString(": " + redact.Text(e.Cause.Error()))
	}
	var notes []string
	if code := redact.Code(e.Code); code != "" {
		notes = append(notes, code)
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+e.RequestID)
	}
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// Format prints [Error.Error] for every verb, so that %#v does not print Issues.
func (e *Error) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(e.Error())) }

// LogValue logs the error without personal data.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("op", e.Op),
		slog.Int("status", e.StatusCode),
		slog.String("code", redact.Code(e.Code)),
		slog.String("request_id", e.RequestID),
		slog.Int("attempts", e.Attempts),
	)
}

// Unwrap returns the sentinel and the cause.
func (e *Error) Unwrap() []error {
	var errs []error
	if kind := e.sentinel(); kind != nil {
		errs = append(errs, kind)
	}
	if e.Cause != nil {
		errs = append(errs, e.Cause)
	}
	return errs
}

// Retryable reports whether the same request may succeed later. A call that its
// caller cancelled is not.
func (e *Error) Retryable() bool {
	return (errors.Is(e, ErrRateLimited) || errors.Is(e, ErrUnavailable)) && !errors.Is(e, context.Canceled)
}

func (e *Error) sentinel() error {
	if e.Kind != nil {
		return e.Kind
	}
	switch s := e.StatusCode; {
	case s == 0:
		return ErrUnavailable
	case s == http.StatusUnauthorized:
		return ErrUnauthorized
	case s == http.StatusForbidden:
		return ErrForbidden
	case s == http.StatusNotFound, s == http.StatusGone:
		return ErrNotFound
	case s == http.StatusConflict, s == http.StatusPreconditionFailed:
		return ErrConflict
	case s == http.StatusTooEarly, s == http.StatusTooManyRequests:
		return ErrRateLimited
	case s == http.StatusRequestTimeout, s >= http.StatusInternalServerError:
		return ErrUnavailable
	case s >= http.StatusBadRequest:
		return ErrInvalid
	default:
		return ErrUnexpected
	}
}

// ArgumentError reports an argument refused before any request was made.
type ArgumentError struct {
	Name   string // the argument, field or option
	Reason string // what is wrong with it; never the value itself
}

// Error implements the error interface.
func (e *ArgumentError) Error() string { return e.Name + " " + e.Reason }

// Unwrap returns [ErrInvalid].
func (e *ArgumentError) Unwrap() error { return ErrInvalid }

// AuthError reports that no access token could be had.
type AuthError struct {
	StatusCode  int    // HTTP status of the token endpoint; 0 when it gave no answer or was not asked
	Code        string // the endpoint's error, such as "invalid_request"; "user token" for the error of a [UserToken]
	Description string // the endpoint's error_description, shortened, with numbers masked
	Cause       error  // the network failure behind it, if any
}

// Error implements the error interface.
func (e *AuthError) Error() string {
	text := "access token: "
	switch {
	case e.StatusCode != 0:
		text += fmt.Sprintf("%d %s", e.StatusCode, e.Code)
	case e.Code != "":
		text += e.Code
	default:
		text += "no answer"
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return redact.Text(text)
}

// Format prints [AuthError.Error] for every verb.
func (e *AuthError) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(e.Error())) }

// Unwrap returns [ErrUnauthorized], or [ErrUnavailable] when the token endpoint
// was not reachable or not well, and the cause.
func (e *AuthError) Unwrap() []error {
	kind := ErrUnauthorized
	if (e.StatusCode == 0 && e.Code == "") || e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= http.StatusInternalServerError {
		kind = ErrUnavailable
	}
	if e.Cause != nil {
		return []error{kind, e.Cause}
	}
	return []error{kind}
}
