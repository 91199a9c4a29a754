package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

const (
	base   = "https://127.0.0.1/base"
	secret = "9990000018" // the NHS number that no log and no error may show
	target = base + "/Patient/" + secret
)

// bench is a chain over a mock, with everything a test looks at.
type bench struct {
	mock  *httpmock.MockTransport
	chain *transport.Client
	log   *bytes.Buffer
}

func setup(t *testing.T, config transport.Config, opts ...nhs.Option) *bench {
	t.Helper()
	b := &bench{mock: httpmock.NewMockTransport(), log: &bytes.Buffer{}}
	logger := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	opts = append([]nhs.Option{
		nhs.WithHTTPClient(&http.Client{Transport: b.mock}), nhs.WithLogger(logger),
		nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}),
	}, opts...)
	app, err := nhs.NewApp(nhs.Loopback(base), nhs.Anonymous{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	config.App, config.Service, config.Rate = app, nhs.PDS, nhs.Rate{PerSecond: 5}
	if config.RequestIDHeader == "" {
		config.RequestIDHeader = "X-Request-ID"
	}
	if config.Errors == nil {
		config.Errors = readIssues
	}
	b.chain, err = transport.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readIssues(_ int, body []byte) []nhs.Issue {
	var answer struct {
		Code string `json:"Code"`
		Text string `json:"Text"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return []nhs.Issue{{Code: answer.Code, Text: answer.Text}}
}

type patient struct {
	ID string `json:"ID"`
}

func (b *bench) get(ctx context.Context) (patient, transport.Answer, error) {
	return transport.Do[patient](ctx, b.chain, transport.Call{Op: "pds.Get", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, target+"?family="+secret, nil)
			if err != nil {
				return nil, err
			}
			return b.chain.Do(req)
		})
}

func (b *bench) post(ctx context.Context, repeatable bool) (patient, transport.Answer, error) {
	return transport.Do[patient](ctx, b.chain, transport.Call{Op: "pds.Create", Repeatable: repeatable},
		func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader("body of "+secret))
			if err != nil {
				return nil, err
			}
			return b.chain.Do(req)
		})
}

// answers registers one responder that plays the given answers in turn, the last
// one for ever, and returns the requests seen.
func (b *bench) answers(responders ...httpmock.Responder) *[]*http.Request {
	seen := &[]*http.Request{}
	var mu sync.Mutex // the mock answers a cancellable request in a goroutine
	play := func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		n := min(len(*seen), len(responders)-1)
		*seen = append(*seen, req)
		mu.Unlock()
		return responders[n](req)
	}
	b.mock.RegisterNoResponder(play)
	return seen
}

func status(code int, body string, header ...string) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		resp := httpmock.NewStringResponse(code, body)
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

var errCut = errors.New("connection reset while reading " + secret)

func cut(*http.Request) (*http.Response, error) { return nil, errCut }

func cutBody(*http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"ID":`), iotest.ErrReader(io.ErrUnexpectedEOF))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
}

// silent fails the test when text shows the secret.
func silent(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, secret) || strings.Contains(text, "999 000 0018") {
		t.Errorf("shows an NHS number: %s", text)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	const ok = `{"ID":"x"}`
	tests := []struct {
		name     string
		answers  []httpmock.Responder
		post     bool // a write that the service does not make safe to repeat
		config   transport.Config
		attempts int
		took     [2]time.Duration // least and most
		is       error
	}{
		{name: "at once", answers: []httpmock.Responder{status(200, ok)}, attempts: 1},
		{name: "Retry-After is exact", answers: []httpmock.Responder{status(503, "", "Retry-After", "30"), status(200, ok)}, attempts: 2, took: [2]time.Duration{30 * time.Second, 30 * time.Second}},
		{name: "Retry-After as a date", answers: []httpmock.Responder{status(429, "", "Retry-After", "Sat, 01 Jan 2000 00:00:20 GMT"), status(200, ok)}, attempts: 2, took: [2]time.Duration{20 * time.Second, 20 * time.Second}},
		{name: "Retry-After beyond the cap ends the call", answers: []httpmock.Responder{status(503, "", "Retry-After", "7200")}, attempts: 1, is: nhs.ErrUnavailable},
		{name: "full jitter without Retry-After", answers: []httpmock.Responder{status(429, ""), status(429, ""), status(200, ok)}, attempts: 3, took: [2]time.Duration{0, 1500 * time.Millisecond}},
		{name: "the service's least wait", config: transport.Config{MinRetryAfter: func(int) time.Duration { return 10 * time.Second }}, answers: []httpmock.Responder{status(425, ""), status(200, ok)}, attempts: 2, took: [2]time.Duration{10 * time.Second, 10 * time.Second}},
		{name: "gives up", answers: []httpmock.Responder{status(504, "")}, attempts: 4, took: [2]time.Duration{0, 4 * time.Second}, is: nhs.ErrUnavailable},
		{name: "network faults", answers: []httpmock.Responder{cut, cut, status(200, ok)}, attempts: 3, took: [2]time.Duration{0, 2 * time.Second}},
		{name: "network faults for ever", answers: []httpmock.Responder{cut}, attempts: 4, took: [2]time.Duration{0, 4 * time.Second}, is: errCut},
		{name: "cut in the middle of the answer", answers: []httpmock.Responder{cutBody, status(200, ok)}, attempts: 2, took: [2]time.Duration{0, time.Second}},
		{name: "cut in the middle for ever", answers: []httpmock.Responder{cutBody}, attempts: 4, took: [2]time.Duration{0, 4 * time.Second}, is: io.ErrUnexpectedEOF},
		{name: "refusals are final", answers: []httpmock.Responder{status(400, "")}, attempts: 1, is: nhs.ErrInvalid},
		{name: "500 is not in the default table", answers: []httpmock.Responder{status(500, "")}, attempts: 1, is: nhs.ErrUnavailable},
		{name: "the service's own table", config: transport.Config{Retry: func(s int, code string) bool { return s == 500 && code != "CONFIG" }}, answers: []httpmock.Responder{status(500, `{"Code":"X"}`), status(500, `{"Code":"CONFIG"}`)}, attempts: 2, took: [2]time.Duration{0, time.Second}, is: nhs.ErrUnavailable},
		{name: "writes go once", post: true, answers: []httpmock.Responder{status(503, "", "Retry-After", "1")}, attempts: 1, is: nhs.ErrUnavailable},
		{name: "a lost write goes once", post: true, answers: []httpmock.Responder{cut}, attempts: 1, is: errCut},
		{name: "redirects are not followed", answers: []httpmock.Responder{status(302, "", "Location", "http://127.0.0.1/"+secret)}, attempts: 1, is: nhs.ErrUnexpected},
		{name: "no JSON", answers: []httpmock.Responder{status(200, "<html>"+secret)}, attempts: 1, is: nhs.ErrUnexpected},
		{name: "empty success", answers: []httpmock.Responder{status(200, "")}, attempts: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, tt.config)
				seen := b.answers(tt.answers...)
				start := time.Now()
				call := b.get
				if tt.post {
					call = func(ctx context.Context) (patient, transport.Answer, error) { return b.post(ctx, false) }
				}
				_, answer, err := call(t.Context())
				if took := time.Since(start); took < tt.took[0] || took > tt.took[1] {
					t.Errorf("took %s, want %s to %s", took, tt.took[0], tt.took[1])
				}
				if !errors.Is(err, tt.is) || (tt.is == nil && err != nil) {
					t.Errorf("error %v, want %v", err, tt.is)
				}
				if len(*seen) != tt.attempts || answer.Attempts != tt.attempts {
					t.Errorf("%d requests, %d counted, want %d", len(*seen), answer.Attempts, tt.attempts)
				}
				for _, req := range *seen {
					if id := req.Header.Get("X-Request-ID"); len(id) != 36 || id != answer.RequestID {
						t.Errorf("request id %q, want %q every time", id, answer.RequestID)
					}
				}
				silent(t, fmt.Sprintf("%v %+v", err, err))
				silent(t, b.log.String())
				if !strings.Contains(b.log.String(), "path=/base/Patient/[redacted]") {
					t.Errorf("the log does not tell the path: %s", b.log)
				}
			})
		})
	}
}

func TestRepeatedWriteSendsTheSameBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{})
		var bodies []string
		b.mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			bodies = append(bodies, fmt.Sprintf("%s %d", body, req.ContentLength))
			if len(bodies) < 3 {
				return nil, errors.Join(err, errCut)
			}
			return httpmock.NewStringResponse(201, `{}`), nil
		})
		if _, _, err := b.post(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		want := "body of " + secret + " 18"
		if len(bodies) != 3 || bodies[0] != want || bodies[1] != want || bodies[2] != want {
			t.Errorf("sent %q", bodies)
		}
	})
}

func TestRefusalIsTyped(t *testing.T) {
	t.Parallel()
	b := setup(t, transport.Config{})
	b.answers(status(404, `{"Code":"RESOURCE_NOT_FOUND","Text":"no `+secret+`"}`, "Retry-After", "5"))
	_, answer, err := b.get(t.Context())
	e, ok := errors.AsType[*nhs.Error](err)
	if !ok || e.Op != "pds.Get" || e.StatusCode != http.StatusNotFound || e.Code != "RESOURCE_NOT_FOUND" || e.RequestID != answer.RequestID ||
		e.RetryAfter != 5*time.Second || len(e.Issues) != 1 || e.Issues[0].Text != "no "+secret {
		t.Errorf("got %+v with issues %v", e, e.Issues)
	}
	silent(t, err.Error())
}

func TestCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{})
		seen := b.answers(status(503, "", "Retry-After", "30"))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, _, err := b.get(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second || len(*seen) != 1 {
			t.Errorf("error %v after %s and %d requests", err, time.Since(start), len(*seen))
		}
		silent(t, err.Error())
	})
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{Timeout: 2 * time.Second})
		hang := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		seen := b.answers(hang, status(200, `{"ID":"x"}`))
		p, _, err := b.get(t.Context())
		if err != nil || p.ID != "x" || len(*seen) != 2 {
			t.Errorf("got %v, %v after %d requests", p, err, len(*seen))
		}
	})
}

func TestEveryAttemptIsPaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{}, nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1}), nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Millisecond}))
		b.answers(status(429, ""), status(429, ""), status(200, `{}`))
		start := time.Now()
		if _, _, err := b.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("three attempts at one a second took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, answer, err := b.get(ctx); !errors.Is(err, context.DeadlineExceeded) || answer.Attempts != 0 {
			t.Errorf("error %v after %d attempts", err, answer.Attempts)
		}
	})
}

func TestAuthorizePerAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		b := setup(t, transport.Config{Authorize: func(req *http.Request) error {
			n++
			req.Header.Set("Authorization", fmt.Sprintf("NHSMESH %d", n))
			return nil
		}})
		seen := b.answers(status(503, ""), status(200, `{}`))
		if _, _, err := b.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a, b := (*seen)[0].Header.Get("Authorization"), (*seen)[1].Header.Get("Authorization"); a != "NHSMESH 1" || b != "NHSMESH 2" {
			t.Errorf("credentials %q, then %q", a, b)
		}
	})
	refuse := &nhs.ArgumentError{Name: "password", Reason: "must not be empty"}
	b := setup(t, transport.Config{Authorize: func(*http.Request) error { return refuse }})
	seen := b.answers(status(200, `{}`))
	if _, _, err := b.get(t.Context()); !errors.Is(err, nhs.ErrInvalid) || len(*seen) != 0 {
		t.Errorf("error %v after %d requests", err, len(*seen))
	}
}

func TestPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, transport.Config{})
	seen := b.answers(status(200, `{}`))
	_, _, err := transport.Do[patient](t.Context(), b.chain, transport.Call{Op: "pds.Get"}, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.service.nhs.uk/"+secret, nil)
		if err != nil {
			return nil, err
		}
		return b.chain.Do(req)
	})
	if !errors.Is(err, nhs.ErrInvalid) || len(*seen) != 0 {
		t.Errorf("error %v after %d requests", err, len(*seen))
	}
	silent(t, err.Error())
}

func TestRequestThatCannotBeMade(t *testing.T) {
	t.Parallel()
	b := setup(t, transport.Config{})
	_, answer, err := transport.Do[patient](t.Context(), b.chain, transport.Call{Op: "pds.Create"}, func(context.Context) (*http.Response, error) {
		return nil, errors.New("invalid character in " + secret)
	})
	if !errors.Is(err, nhs.ErrInvalid) || errors.Is(err, nhs.ErrUnavailable) || answer.Attempts != 0 {
		t.Errorf("error %v", err)
	}
	silent(t, err.Error())
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	b := setup(t, transport.Config{})
	b.answers(status(200, `{"ID":"`+strings.Repeat("x", 17<<20)+`"}`))
	if _, _, err := b.get(t.Context()); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error %v", err)
	}
}

func TestStreamLeavesTheBody(t *testing.T) {
	t.Parallel()
	b := setup(t, transport.Config{})
	b.answers(status(206, "bytes"), status(410, `{"Code":"GONE"}`))
	get := func() (io.ReadCloser, transport.Answer, error) {
		return transport.Stream(t.Context(), b.chain, transport.Call{Op: "mesh.Download"}, func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, base, nil)
			if err != nil {
				return nil, err
			}
			return b.chain.Do(req)
		})
	}
	body, answer, err := get()
	if err != nil || answer.StatusCode != http.StatusPartialContent {
		t.Fatal(answer, err)
	}
	defer func() { _ = body.Close() }()
	if text, err := io.ReadAll(body); err != nil || string(text) != "bytes" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, _, err := get(); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func TestNewNeedsAnApp(t *testing.T) {
	t.Parallel()
	if _, err := transport.New(transport.Config{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("error %v", err)
	}
}
