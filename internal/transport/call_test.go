package transport_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

func (b *bench) call(ctx context.Context, call transport.Call) error {
	_, _, err := transport.Do[patient](ctx, b.chain, call, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return nil, err
		}
		return b.chain.Do(req)
	})
	return err
}

// Who has had a turn already does not wait for another, but for a second attempt.
func TestPacedCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		paced    bool
		failures int
		want     time.Duration // until two calls are answered
	}{
		{paced: false, want: time.Second},
		{paced: true, want: 0},
		{paced: true, failures: 3, want: 2 * time.Second}, // three repeats
	} {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, transport.Config{}, nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1}), nhs.WithRetry(nhs.RetryPolicy{MaxWait: 1}))
			seen := b.answers(append(slices.Repeat([]httpmock.Responder{status(http.StatusBadGateway, "")}, test.failures), status(http.StatusOK, "{}"))...)
			start := time.Now()
			for range 2 {
				if err := b.call(t.Context(), transport.Call{Op: "pds.Trace", Repeatable: true, Paced: test.paced}); err != nil {
					t.Error(err)
				}
			}
			if took := time.Since(start).Round(time.Millisecond); took != test.want || len(*seen) != 2+test.failures {
				t.Errorf("paced %t: %d requests in %v, want %v", test.paced, len(*seen), took, test.want)
			}
		})
	}
}

func TestRetryOfTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, transport.Config{})
		rule := func(code int, text string) bool { return code != http.StatusBadGateway || text != "LATER" }
		seen := b.answers(status(http.StatusBadGateway, `{"Code":"LATER"}`))
		if err := b.call(t.Context(), transport.Call{Op: "pds.Create", Repeatable: true, Retry: rule}); err == nil || len(*seen) != 1 {
			t.Errorf("got %v after %d requests, want one", err, len(*seen))
		}
		seen = b.answers(status(http.StatusTeapot, ""), status(http.StatusOK, "{}"))
		if err := b.call(t.Context(), transport.Call{Op: "pds.Create", Repeatable: true, Retry: rule}); err != nil || len(*seen) != 2 {
			t.Errorf("got %v after %d requests, want two", err, len(*seen))
		}
	})
}
