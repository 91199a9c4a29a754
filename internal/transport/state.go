package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// callState travels in the context of one call, through all its attempts.
type callState struct {
	Call
	requestID string
	attempts  int           // sent so far
	retries   int           // waits of the service's or our choosing
	wait      time.Duration // before the next attempt
	token     string        // the access token of the last attempt
	renewed   bool          // the token has been replaced once
	whole     bool          // a success is read to its end inside the retry loop
	body      []byte        // what was read
}

type callKey struct{}

func stateOf(ctx context.Context) *callState {
	state, ok := ctx.Value(callKey{}).(*callState)
	if !ok {
		panic("transport: a request was sent outside Do and Stream")
	}
	return state
}

var (
	errTooLarge  = errors.New("the answer is larger than the service's contract allows")
	errUndecoded = errors.New("the answer does not have the documented shape")
)

// read reads a successful answer to its end, so that a connection cut in the
// middle is a failed attempt like any other. Refusals are read where they are
// understood.
func (s *callState) read(resp *http.Response) error {
	if resp.StatusCode/100 != 2 {
		return nil
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLarge
	}
	s.body = body
	return err
}

// failure turns an error of sending or reading into the module's own, without
// the URL that net/http puts into it.
func (s *callState) failure(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if bad, ok := errors.AsType[*nhs.ArgumentError](err); ok {
		return fmt.Errorf("%s: %w", s.Op, bad)
	}
	if auth, ok := errors.AsType[*nhs.AuthError](err); ok {
		return fmt.Errorf("%s: %w", s.Op, auth)
	}
	_, kept := errors.AsType[notSentError](err)
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if s.attempts == 0 && !kept && !ended {
		// The request could not be made of its arguments. The error may quote them.
		return fmt.Errorf("%s: %w", s.Op, &nhs.ArgumentError{Name: "request", Reason: "cannot be encoded"})
	}
	return &nhs.Error{Op: s.Op, RequestID: s.requestID, Attempts: s.attempts, Cause: err}
}

// undecodable reports a success whose body cannot be read. The decoder's own
// error may quote the body, so it is left out.
func (s *callState) undecodable(status int) error {
	return &nhs.Error{
		Op: s.Op, StatusCode: status, RequestID: s.requestID, Attempts: s.attempts,
		Kind: nhs.ErrUnexpected, Cause: errUndecoded,
	}
}

func (c *Client) logAttempt(req *http.Request, resp *http.Response, err error, s *callState, took time.Duration) {
	ctx := req.Context()
	if !c.settings.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("service", string(c.config.Service)),
		slog.String("op", s.Op),
		slog.String("method", req.Method),
		slog.String("path", redact.Path(req.URL)),
		slog.Int("attempt", s.attempts),
		slog.String("request_id", s.requestID),
		slog.Duration("took", took),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", redact.Text(err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
	}
	c.settings.Logger.LogAttrs(ctx, slog.LevelDebug, "http", attrs...)
}

func (c *Client) logRetry(ctx context.Context, s *callState) {
	c.settings.Logger.LogAttrs(ctx, slog.LevelInfo, "http: trying again",
		slog.String("service", string(c.config.Service)),
		slog.String("op", s.Op),
		slog.Int("attempts", s.attempts),
		slog.String("request_id", s.requestID),
		slog.Duration("wait", s.wait),
	)
}
