package pdstest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

func TestServer_rateLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	s := serve(t, pdstest.Options{PerMinute: 2, Now: func() time.Time { return now }}, anna(t))
	var got []int
	for range 3 {
		got = append(got, get(s, "/Patient/9990000018").Code)
	}
	rec := get(s, "/Patient/9990000018")
	if rec.Header().Get("Retry-After") != "" || !strings.Contains(rec.Body.String(), "exceeded its quota of 2 requests") {
		t.Errorf("got %v %s", rec.Header(), rec.Body)
	}
	now = now.Add(time.Minute)
	got = append(got, get(s, "/Patient/9990000018").Code)
	if diff := cmp.Diff([]int{200, 200, 429, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if s.Requests() != 5 {
		t.Errorf("%d requests, want 5", s.Requests())
	}
}

func TestServer_faults(t *testing.T) {
	t.Parallel()
	var fault pdstest.Fault
	s := serve(t, pdstest.Options{Fault: func(*http.Request) pdstest.Fault { return fault }}, anna(t))
	for status, code := range map[int]string{
		401: "ACCESS_DENIED", 408: "UNABLE_TO_CALL_SERVICE", 429: "TOO_MANY_REQUESTS", 500: "UNKNOWN_ERROR", 502: "UNKNOWN_ERROR", 503: "SERVICE_UNAVAILABLE",
	} {
		fault = pdstest.Fault{Status: status}
		rec := get(s, "/Patient/9990000018")
		if rec.Code != status || !strings.Contains(rec.Body.String(), `"`+code+`"`) || (rec.Header().Get("Retry-After") == "5") != (status == 503) {
			t.Errorf("got %d %v %s", rec.Code, rec.Header(), rec.Body)
		}
	}
	fault = pdstest.Fault{Status: 503, Header: http.Header{"Retry-After": {"9"}}, Body: "<html>down</html>"}
	rec := get(s, "/Patient/9990000018")
	if rec.Header().Get("Retry-After") != "9" || rec.Body.String() != fault.Body || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		t.Errorf("got %v %s", rec.Header(), rec.Body)
	}
	fault = pdstest.Fault{Lose: true}
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // the very value that net/http looks for
			t.Errorf("recovered %v", r)
		}
	}()
	get(s, "/Patient/9990000018")
	t.Error("the answer was not lost")
}

// PDS's own spike arrests: requests come evenly, and few of them create.
func TestServer_spikes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s := serve(t, pdstest.Options{SpikePerSecond: 10, Now: clock}, anna(t))
	var got []int
	for _, wait := range []time.Duration{0, 99 * time.Millisecond, time.Millisecond, 100 * time.Millisecond, 50 * time.Millisecond} {
		now = now.Add(wait)
		got = append(got, get(s, own).Code)
	}
	if diff := cmp.Diff([]int{200, 429, 200, 200, 429}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	refused(t, get(s, own), 429, "TOO_MANY_REQUESTS", "Your application, pdstest, has created a spike in traffic and is being rate limited. "+
		"Please reduce the frequency of your requests. Please see: https://digital.nhs.uk/developer/guides-and-documentation/reference-guide#rate-limits for more details.")

	s = pdstest.New(pdstest.Options{CreatesPerSecond: 3, Now: clock})
	got = nil
	for _, wait := range []time.Duration{0, 0, 400 * time.Millisecond, 0, 599 * time.Millisecond, time.Millisecond, 0, 0} {
		now = now.Add(wait)
		got = append(got, send(s, http.MethodPost, "/Patient", "", func(h http.Header) { h.Del("Authorization") }).Code)
	}
	if diff := cmp.Diff([]int{401, 401, 401, 429, 429, 401, 401, 429}, got); diff != "" { // before the token is looked at
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	refused(t, send(s, http.MethodPost, "/Patient", "", nil), 429, "TOO_MANY_REQUESTS", "There have been too many Create Patient requests. Please try again later.")
	if rec := get(s, own); rec.Code != 404 {
		t.Errorf("reading is limited too: %d", rec.Code)
	}
}

// A success that the answer hides.
func TestServer_hiddenSuccess(t *testing.T) {
	t.Parallel()
	const male = `{"op":"replace","path":"/gender","value":"male"}`
	for name, fault := range map[string]pdstest.Fault{
		"unavailable": {Status: 503, Done: true},
		"by code":     {Code: "UNABLE_TO_CALL_SERVICE", Done: true},
		"malformed":   {Halve: true},
		"web page":    {Status: 502, Done: true, Body: "<html><body>Bad gateway</body></html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faulty := true
			s := serve(t, pdstest.Options{Token: worker(), Fault: func(*http.Request) pdstest.Fault {
				if faulty {
					return fault
				}
				return pdstest.Fault{}
			}}, anna(t))
			rec := patch(s, male)
			if fault.Halve && (rec.Code != 200 || json.Valid(rec.Body.Bytes())) || !fault.Halve && rec.Code < 400 {
				t.Errorf("got %d %s", rec.Code, rec.Body)
			}
			faulty = false
			refused(t, patch(s, male), 409, "RESOURCE_VERSION_MISMATCH", "")
			if p := decode(t, get(s, own).Body.Bytes()); p.Gender != pds.Male || p.Version != "2" {
				t.Errorf("the update is not made: version %s", p.Version)
			}
		})
	}
}

// A slow answer comes late. To a write, the gateway says after a while that it
// waits no longer, though the write is made.
func TestServer_slow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, wait string
		delay, took  time.Duration
		status       int
	}{
		"a read":               {"GET", "", time.Minute, time.Minute, 200},
		"a write":              {"PATCH", "", 9 * time.Second, 9 * time.Second, 200},
		"a slow write":         {"PATCH", "", 11 * time.Second, 10 * time.Second, 503},
		"a patient client":     {"PATCH", "20", 11 * time.Second, 11 * time.Second, 200},
		"a client in a hurry":  {"PATCH", "0.25", 11 * time.Second, 250 * time.Millisecond, 503},
		"too much of a hurry":  {"PATCH", "0.1", 11 * time.Second, 10 * time.Second, 503},
		"too much of patience": {"PATCH", "30", 11 * time.Second, 10 * time.Second, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				s := serve(t, pdstest.Options{Token: worker(), Now: time.Now, Fault: func(*http.Request) pdstest.Fault {
					return pdstest.Fault{Delay: tt.delay}
				}}, anna(t))
				rec := send(s, tt.method, own, `{"patches":[{"op":"replace","path":"/gender","value":"male"}]}`, func(h http.Header) {
					if tt.wait != "" {
						h.Set("X-Sync-Wait", tt.wait)
					}
				})
				if took := time.Since(started); rec.Code != tt.status || took != tt.took {
					t.Errorf("got %d after %s", rec.Code, took)
				}
				if tag := get(s, own).Header().Get("ETag"); (tag == `W/"2"`) != (tt.method == "PATCH") {
					t.Errorf("version %s", tag)
				}
			})
		})
	}
}

// Nobody is answered who has gone.
func TestServer_gone(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // the very value that net/http looks for
			t.Errorf("recovered %v", r)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := serve(t, pdstest.Options{Fault: func(*http.Request) pdstest.Fault { return pdstest.Fault{Delay: time.Hour} }}, anna(t))
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, root+own, http.NoBody))
	t.Error("answered somebody who had gone")
}

// A client that loses an answer asks again, over a real connection.
func TestServer_lostAnswer(t *testing.T) {
	t.Parallel()
	lost := false
	s := serve(t, pdstest.Options{
		Authorize: func(*http.Request) error { return nil },
		Fault: func(*http.Request) pdstest.Fault {
			first := !lost
			lost = true
			return pdstest.Fault{Lose: first}
		},
	}, anna(t))
	server := httptest.NewServer(s)
	defer server.Close()
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{},
		nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Millisecond}), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		t.Fatal(err)
	}
	p, err := patients.Get(t.Context(), anna(t).Number)
	if err != nil || p.Superseded(anna(t).Number) || s.Requests() != 2 {
		t.Errorf("got %v after %d requests", err, s.Requests())
	}
}
