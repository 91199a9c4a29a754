package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

func quotaAnswer(retryAfter string) *http.Response {
	resp := httpmock.NewStringResponse(429, `{"errors":[{"code":"CM_QUOTA","status":"429"}]}`)
	if retryAfter != "" {
		resp.Header.Set("Retry-After", retryAfter)
	}
	return resp
}

func acceptedAnswer() *http.Response {
	return httpmock.NewStringResponse(201, `{"data":{"id":"b","attributes":{"messages":[]}}}`)
}

// TestBulkSlowsDown answers some requests with 429, and looks at the pauses before
// each request: they grow, outlast the attempts of the retry policy, and shrink
// again.
func TestBulkSlowsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, mock := mocked(t, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 2, MinWait: time.Second, MaxWait: 8 * time.Second}))
		var at []time.Time
		mock.RegisterResponder("POST", api+"/message-batches", func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			switch len(at) {
			case 2, 3, 4, 5, 6:
				return quotaAnswer(""), nil
			case 7:
				return quotaAnswer("60"), nil
			default:
				return acceptedAnswer(), nil
			}
		})
		var pauses []time.Duration
		bulk := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{
			MaxMessages: 1,
			Paused: func(p notify.Pause) {
				if p.Number != 1 || notify.FaultOf(p.Err) != notify.FaultQuota {
					t.Errorf("pause for batch %d: %v", p.Number, p.Err)
				}
				pauses = append(pauses, p.For)
			},
		})
		if _, err := bulk.Send(t.Context(), input(13)); err != nil {
			t.Fatal(err)
		}
		var gaps []time.Duration
		for i := 1; i < len(at); i++ {
			gaps = append(gaps, at[i].Sub(at[i-1]).Round(time.Millisecond))
		}
		s := func(seconds float64) time.Duration { return time.Duration(seconds*1000) * time.Millisecond }
		want := []time.Duration{
			0, s(1), s(2), s(4), s(8), s(8), s(60), // until accepted
			s(6), s(4.5), s(3.375), s(2.531), s(1.898), s(1.424), s(1.068), s(0.801), s(0.601), s(0.451), s(0.338),
		}
		if diff := cmp.Diff(want[:len(gaps)], gaps); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[1:7], pauses); diff != "" {
			t.Errorf("pauses (-want +got):\n%s", diff)
		}
	})
}

// TestBulkRepeatsAfterTimeout lets an attempt run into the client's timeout, and
// the caller's deadline pass in the next batch.
func TestBulkRepeatsAfterTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := newClient(t, nhs.Sandbox, nhs.WithHTTPClient(&http.Client{
			Timeout: time.Second,
			Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if requests++; requests != 2 {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return acceptedAnswer(), nil
			}),
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		result, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{MaxMessages: 1}).Send(ctx, input(2))
		if !errors.Is(err, context.DeadlineExceeded) || result.Accepted != 1 || requests != 3 {
			t.Errorf("%d requests, result is %+v, error %v", requests, result, err)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestBulkStopsForTheAccount wants faults of the account to end a run, rather than
// put everybody into quarantine.
func TestBulkStopsForTheAccount(t *testing.T) {
	t.Parallel()
	for _, code := range []string{notify.CodeCannotSetContact, notify.CodeCannotSetODSCode} {
		client, mock := mocked(t)
		mock.RegisterResponder("POST", api+"/message-batches", httpmock.NewStringResponder(400, fmt.Sprintf(
			`{"errors":[{"code":%q,"source":{"pointer":"/data/attributes/messages/0/recipient/contactDetails"}}]}`, code)))
		var journal notify.MemoryJournal
		result, err := newBulk(t, client, &journal, notify.BulkOptions{}).Send(t.Context(), input(3))
		if refused, ok := errors.AsType[*notify.BatchError](err); !ok || refused.Refused[0].Code != code || result.Quarantined != nil {
			t.Errorf("%s: error is %v, result %+v", code, err, result)
		}
		records := collect(t, journal.Records(t.Context()))
		if last := records[len(records)-1].Kind; last != notify.RecordRefused {
			t.Errorf("%s: last record is %s", code, last)
		}
	}
}

// TestBulkPace sends batches at the pace of the App: within two hundredths of it,
// and never more than one above it in any second.
func TestBulkPace(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{1, 18, 50, 1000} {
		synctest.Test(t, func(t *testing.T) {
			client, mock := mocked(t, nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: rate}))
			var at []time.Time
			mock.RegisterResponder("POST", api+"/message-batches", func(*http.Request) (*http.Response, error) {
				at = append(at, time.Now())
				return acceptedAnswer(), nil
			})
			people := int(3*rate) + 50
			if _, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{MaxMessages: 1}).Send(t.Context(), input(people)); err != nil {
				t.Fatal(err)
			}
			took := at[len(at)-1].Sub(at[0]).Seconds()
			if got := float64(people-1) / took; got < 0.98*rate || got > 1.02*rate {
				t.Errorf("%v a second became %v", rate, got)
			}
			worst := 0
			for first, last := 0, 0; last < len(at); last++ {
				for at[last].Sub(at[first]) >= time.Second {
					first++
				}
				worst = max(worst, last-first+1)
			}
			if worst > int(rate)+1 {
				t.Errorf("%v a second: %d in the worst", rate, worst)
			}
		})
	}
}
