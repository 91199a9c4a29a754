package pdstest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
