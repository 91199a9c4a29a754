package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs/internal/wait"
)

// checkRetry decides after every attempt whether there is another one, and notes
// the wait before it.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	state := stateOf(ctx)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if c.tokenRefused(state, resp) {
		state.wait = 0
		return true, nil
	}
	if !state.Repeatable || state.attempts >= c.settings.Retry.MaxAttempts {
		return false, nil
	}
	asked := time.Duration(0)
	switch {
	case err != nil:
		if !networkFault(err) {
			return false, nil
		}
	case !c.worthRetrying(state, resp):
		return false, nil
	default:
		asked = retryAfter(resp.Header, c.settings.Now())
		if c.config.MinRetryAfter != nil {
			asked = max(asked, c.config.MinRetryAfter(resp.StatusCode))
		}
	}
	if asked > c.settings.Retry.MaxRetryAfter {
		return false, nil // sooner than asked would be refused again; the caller decides
	}
	state.wait = asked
	if asked == 0 {
		state.retries++
		state.wait = c.settings.Retry.Wait(state.retries, c.settings.Random)
	}
	return true, nil
}

// tokenRefused reports a 401 that a new access token may mend, once in a call.
func (c *Client) tokenRefused(state *callState, resp *http.Response) bool {
	if resp == nil || resp.StatusCode != http.StatusUnauthorized || state.token == "" || state.renewed {
		return false
	}
	state.renewed = true
	c.config.App.Reject(state.token)
	return true
}

func (c *Client) worthRetrying(state *callState, resp *http.Response) bool {
	if resp.StatusCode < http.StatusBadRequest {
		return false
	}
	code := ""
	if issues := c.issues(resp); len(issues) > 0 {
		code = issues[0].Code
	}
	if state.Retry != nil {
		return state.Retry(resp.StatusCode, code)
	}
	return c.config.Retry(resp.StatusCode, code)
}

// waitForRetry waits as long as checkRetry said. It stands in for the library's
// own wait, which does not know the reason of a retry.
func (c *Client) waitForRetry(req *http.Request) error {
	ctx := req.Context()
	state := stateOf(ctx)
	c.logRetry(ctx, state)
	return wait.For(ctx, state.wait)
}

func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// networkFault reports whether err came from the network, rather than from what
// happens before sending or from a certificate, which will be no better next time.
func networkFault(err error) bool {
	_, notSent := errors.AsType[notSentError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return !notSent && !certificate && !errors.Is(err, errTooLarge)
}

// notSentError marks a failure before an attempt was sent: no turn within the
// deadline, no access token, no secure address.
type notSentError struct{ cause error }

func (e notSentError) Error() string { return e.cause.Error() }
func (e notSentError) Unwrap() error { return e.cause }

// retryAfter reads the Retry-After header: seconds, or a date. A missing or
// unreadable one is zero.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(min(s, 1<<31)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
