// Package transport is the one way requests leave this module. A client package
// makes a [Client] for its service and runs every operation through [Do] or
// [Stream]; the chain is
//
//	redact -> retry -> limit -> authenticate -> send -> decode
//
// Redact keeps URLs, and so NHS numbers, out of errors and logs. Retry repeats
// what may be repeated, with the same request id. Limit paces each attempt,
// authenticate gives each attempt its own credentials, and decode turns the
// answer into a value or an [*nhs.Error].
package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/uuid"
)

// Config describes a service to the chain.
type Config struct {
	App     *nhs.App
	Service nhs.Service
	Rate    nhs.Rate      // the service's own pace; nhs.WithRate overrides it
	Timeout time.Duration // of one attempt, answer included; 0 leaves it to the context

	// RequestIDHeader carries the id of the call, the same in all its attempts:
	// "X-Request-ID", "X-Correlation-ID", or "" for a service that has none.
	RequestIDHeader string

	// Authorize adds credentials to one attempt. Nil means the App's access token.
	Authorize func(*http.Request) error

	// Errors reads the body of a refusal into issues, the first one's code
	// standing for the whole. Nil, or no issues, leaves only the status.
	Errors func(status int, body []byte) []nhs.Issue

	// Retry says whether a refusal is worth repeating, for a call that may be
	// repeated. Nil means 408, 425, 429, 502, 503 and 504.
	Retry func(status int, code string) bool

	// MinRetryAfter is the least wait the service wants after a status, in case
	// the answer does not say; 0 means none. Nil means none.
	MinRetryAfter func(status int) time.Duration
}

// Client is the chain for one service. It is safe for concurrent use and is what
// the generated clients call to send a request.
type Client struct {
	config   Config
	settings nhs.Settings
	retry    *retryablehttp.Client
}

// New returns the chain for config. App is required.
func New(config Config) (*Client, error) {
	if config.App == nil {
		return nil, &nhs.ArgumentError{Name: "app", Reason: "must not be nil"}
	}
	if config.Retry == nil {
		config.Retry = func(status int, _ string) bool { return retryableStatus(status) }
	}
	settings := config.App.Settings()
	c := &Client{config: config, settings: settings}
	client := *settings.HTTPClient
	timeout := client.Timeout
	if timeout == 0 {
		timeout = config.Timeout
	}
	client.Timeout = 0 // it would also count the wait for a turn and for a token
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = &attempt{client: c, next: next, timeout: timeout}
	c.retry = &retryablehttp.Client{
		HTTPClient:   &client,
		RetryMax:     settings.Retry.MaxAttempts, // checkRetry counts; this only backs it up
		CheckRetry:   c.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		PrepareRetry: c.waitForRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// Call describes one operation.
type Call struct {
	Op string // the client method, such as "pds.Get"

	// Repeatable says that the service makes a repeat of the same request safe:
	// it reads, or it recognises the reference it has seen. Other calls are sent
	// once, but for a refused access token, which cannot have had any effect.
	Repeatable bool

	// Retry, if set, takes the place of Config.Retry for this call.
	Retry func(status int, code string) bool

	// Paced says that the caller has had the first attempt's turn from
	// [nhs.App.Wait] already.
	Paced bool
}

// Answer is a successful response.
type Answer struct {
	StatusCode int
	Header     http.Header
	RequestID  string // "" for a service that has none
	Attempts   int    // requests sent, 1 when the first succeeded
}

// maxBody bounds what an answer may hold: the largest real one, a batch of
// 45,000 message ids, is below 8 MB.
const maxBody = 16 << 20

// Do runs send, which makes the request through a generated client, and decodes
// its answer into a T. An empty body leaves the zero T. Every failure is an
// [*nhs.Error], [*nhs.AuthError] or [*nhs.ArgumentError].
func Do[T any](ctx context.Context, c *Client, call Call, send func(context.Context) (*http.Response, error)) (T, Answer, error) {
	var value T
	state := &callState{Call: call, whole: true}
	resp, answer, err := c.do(ctx, state, send)
	if err != nil {
		return value, answer, err
	}
	_ = resp.Body.Close() // callState.read has read it
	if len(bytes.TrimSpace(state.body)) == 0 {
		return value, answer, nil
	}
	if err := json.Unmarshal(state.body, &value); err != nil {
		return value, answer, state.undecodable(answer.StatusCode)
	}
	return value, answer, nil
}

// Stream runs send like [Do], and leaves the body to the caller, who must close
// it.
func Stream(ctx context.Context, c *Client, call Call, send func(context.Context) (*http.Response, error)) (io.ReadCloser, Answer, error) {
	state := &callState{Call: call}
	resp, answer, err := c.do(ctx, state, send)
	if err != nil {
		return nil, answer, err
	}
	return resp.Body, answer, nil
}

func (c *Client) do(ctx context.Context, state *callState, send func(context.Context) (*http.Response, error)) (*http.Response, Answer, error) {
	if c.config.RequestIDHeader != "" {
		id, err := uuid.New(c.settings.Random)
		if err != nil {
			return nil, Answer{}, fmt.Errorf("request id: %w", err)
		}
		state.requestID = id
	}
	resp, err := send(context.WithValue(ctx, callKey{}, state))
	answer := Answer{RequestID: state.requestID, Attempts: state.attempts}
	if err != nil {
		return nil, answer, state.failure(err)
	}
	answer.StatusCode, answer.Header = resp.StatusCode, resp.Header
	if resp.StatusCode/100 == 2 {
		return resp, answer, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, answer, c.refusal(state, resp)
}

// Do sends req with retries. Generated clients call it; it expects the context
// that [Do] or [Stream] made.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	state := stateOf(req.Context())
	if c.config.RequestIDHeader != "" {
		req.Header.Set(c.config.RequestIDHeader, state.requestID)
	}
	req.Header.Set("User-Agent", c.settings.UserAgent)
	again := &retryablehttp.Request{Request: req}
	if rewind := req.GetBody; rewind != nil {
		// Retries rewind the bytes at hand; the library would copy a reader.
		length := req.ContentLength
		if err := again.SetBody(retryablehttp.ReaderFunc(func() (io.Reader, error) { return rewind() })); err != nil {
			return nil, err
		}
		again.ContentLength = length
	}
	if state.whole {
		again.SetResponseHandler(state.read)
	}
	resp, err := c.retry.Do(again)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, err
	}
	return resp, nil
}

// refusal reads a response that is not a success into an error.
func (c *Client) refusal(state *callState, resp *http.Response) *nhs.Error {
	e := &nhs.Error{
		Op: state.Op, StatusCode: resp.StatusCode, RequestID: state.requestID,
		Attempts: state.attempts, RetryAfter: retryAfter(resp.Header, c.settings.Now()),
	}
	e.Issues = c.issues(resp)
	if len(e.Issues) > 0 {
		e.Code = e.Issues[0].Code
	}
	return e
}

// issues reads the issues in the body of a refusal, and puts the body back for
// the next reader.
func (c *Client) issues(resp *http.Response) []nhs.Issue {
	if c.config.Errors == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	return c.config.Errors(resp.StatusCode, body)
}

// maxErrorBody bounds what is read of a refusal: a hundred issues are below 64 kB.
const maxErrorBody = 1 << 20

// attempt is the inner half of the chain, run for every attempt: limit,
// authenticate, send.
type attempt struct {
	client  *Client
	next    http.RoundTripper
	timeout time.Duration // from sending to the end of the answer; 0 for none
}

// RoundTrip implements [http.RoundTripper].
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	c, ctx := a.client, req.Context()
	state := stateOf(ctx)
	if !state.Paced {
		if err := c.config.App.Wait(ctx, c.config.Service, c.config.Rate); err != nil {
			return nil, notSentError{err}
		}
	}
	state.Paced = false
	req = req.WithContext(ctx) // a copy: an attempt that was given up may still be reading the old
	req.Header = req.Header.Clone()
	if err := c.authorize(req, state); err != nil {
		return nil, notSentError{err}
	}
	state.attempts++
	start := c.settings.Now()
	resp, err := a.send(req)
	c.logAttempt(req, resp, err, state, c.settings.Now().Sub(start))
	return resp, err
}

func (a *attempt) send(req *http.Request) (*http.Response, error) {
	if a.timeout <= 0 {
		return a.next.RoundTrip(req)
	}
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	resp, err := a.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &timedBody{ReadCloser: resp.Body, cancel: cancel}
	return resp, nil
}

// timedBody ends an attempt's timeout when the answer has been read.
type timedBody struct {
	io.ReadCloser

	cancel context.CancelFunc
}

// Close implements [io.Closer].
func (b *timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

func (c *Client) authorize(req *http.Request, state *callState) error {
	if err := secure(req.URL); err != nil {
		return err
	}
	if c.config.Authorize != nil {
		return c.config.Authorize(req)
	}
	token, err := c.config.App.Token(req.Context())
	if err != nil {
		return err
	}
	state.token = token
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// secure refuses to send credentials or patient data in clear, but to loopback.
func secure(u *url.URL) error {
	if u.Scheme == "https" || isLoopback(u.Hostname()) {
		return nil
	}
	return &nhs.ArgumentError{Name: "address", Reason: "must be https, except on loopback"}
}
