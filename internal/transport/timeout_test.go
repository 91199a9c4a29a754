package transport_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// The time an attempt may take does not include the wait for its turn: a crowd
// of callers is slow, not failing.
func TestTimeoutStartsWithTheTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{Timeout: 2 * time.Second}, nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1}))
		b.answers(status(200, `{}`))
		start := time.Now()
		var wg sync.WaitGroup
		for range 11 {
			wg.Go(func() {
				if _, _, err := b.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("eleven calls at one a second took %s", took)
		}
	})
}

// The timeout covers the body, and the caller's own client may set it.
func TestTimeoutOfTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: stuckBody{req.Context()}, Request: req}, nil
		})
		b := setup(t, transport.Config{Timeout: time.Hour},
			nhs.WithHTTPClient(&http.Client{Transport: stuck, Timeout: 3 * time.Second}),
			nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
		start := time.Now()
		_, _, err := b.get(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, nhs.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %s, want 3 s", took)
		}
		silent(t, err.Error())
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// stuckBody never sends a byte.
type stuckBody struct{ ctx context.Context } //nolint:containedctx // it stands for a connection

func (b stuckBody) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (stuckBody) Close() error { return nil }
