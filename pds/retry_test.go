package pds_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

const unavailable = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"timeout",
	"details":{"coding":[{"code":"SERVICE_UNAVAILABLE"}]}}]}`

func TestClient_Get_waitsAsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(answer(http.StatusServiceUnavailable, "application/fhir+json", unavailable, "Retry-After", "5"),
			fhir(http.StatusOK, minimal)))
		start := time.Now()
		if _, err := b.client.Get(t.Context(), nhs.MustNumber(secret)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v, want 5 s", took)
		}
		if diff := cmp.Diff([]string{"same", "same"}, sameIDs(b.requests())); diff != "" {
			t.Errorf("X-Request-ID (-want +got):\n%s", diff)
		}
		silent(t, b.log.String())
	})
}

// sameIDs says of each request whether its X-Request-ID is that of the first.
func sameIDs(requests []*http.Request) []string {
	var ids []string
	for _, r := range requests {
		id := r.Header.Get("X-Request-ID")
		switch {
		case id == "":
			ids = append(ids, "none")
		case id == requests[0].Header.Get("X-Request-ID"):
			ids = append(ids, "same")
		default:
			ids = append(ids, "other")
		}
	}
	return ids
}

func TestClient_Get_repeats(t *testing.T) {
	t.Parallel()
	html := answer(http.StatusBadGateway, "text/html", "<html>"+secret+"</html>")
	for name, first := range map[string]httpmock.Responder{
		"408":           fhir(http.StatusRequestTimeout, unavailable),
		"429 no header": answer(http.StatusTooManyRequests, "application/json", unavailable),
		"500":           fhir(http.StatusInternalServerError, unavailable),
		"502 HTML":      html,
		"503 no header": fhir(http.StatusServiceUnavailable, ""),
		"504":           fhir(http.StatusGatewayTimeout, ""),
		"network":       func(*http.Request) (*http.Response, error) { return nil, errCut },
		"slow":          slow,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, play(first, first, fhir(http.StatusOK, minimal)),
					nhs.WithRetry(nhs.RetryPolicy{MinWait: 8 * time.Second, MaxWait: 20 * time.Second}))
				start := time.Now()
				if _, err := b.client.Get(t.Context(), nhs.MustNumber(secret)); err != nil {
					t.Fatal(err)
				}
				if n := len(b.requests()); n != 3 {
					t.Errorf("%d requests, want 3", n)
				}
				took := time.Since(start)
				if name == "slow" {
					took -= 60 * time.Second // two attempts given up after 30 s each
				}
				if took > 24*time.Second {
					t.Errorf("waited %v, more than the upper bounds of 8 s and 16 s", took)
				}
				silent(t, b.log.String())
			})
		})
	}
}

var errCut = errors.New("connection reset while reading " + secret)

// slow answers never.
func slow(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func TestClient_Get_gaveUp(t *testing.T) {
	t.Parallel()
	big := `{"resourceType":"Patient","id":"` + secret + strings.Repeat(" ", 17<<20) + `"}`
	for name, test := range map[string]struct {
		answer   httpmock.Responder
		want     error
		requests int
	}{
		"always 429":      {fhir(http.StatusTooManyRequests, unavailable), nhs.ErrRateLimited, 4},
		"always 502 HTML": {answer(http.StatusBadGateway, "text/html", "<p>"+secret), nhs.ErrUnavailable, 4},
		"always cut":      {func(*http.Request) (*http.Response, error) { return nil, errCut }, nhs.ErrUnavailable, 4},
		"always slow":     {slow, nhs.ErrUnavailable, 4},
		"long wait asked": {answer(http.StatusServiceUnavailable, "application/json", "{}", "Retry-After", "7200"), nhs.ErrUnavailable, 1},
		"too large":       {fhir(http.StatusOK, big), nhs.ErrUnavailable, 1},
		"malformed":       {fhir(http.StatusOK, `{"id":"`+secret), nhs.ErrUnexpected, 1},
		"other types":     {fhir(http.StatusOK, `{"resourceType":"Patient","id":`+secret+`}`), nhs.ErrUnexpected, 1},
		"empty":           {fhir(http.StatusOK, ""), nhs.ErrUnexpected, 1},
		"HTML with 200":   {answer(http.StatusOK, "text/html", "<p>"+secret), nhs.ErrUnexpected, 1},
		"redirect":        {answer(http.StatusFound, "text/html", "", "Location", target), nhs.ErrUnexpected, 1},
		"bad id":          {fhir(http.StatusOK, `{"resourceType":"Patient","id":"9990000019"}`), nhs.ErrUnexpected, 1},
		"no birth date":   {fhir(http.StatusOK, `{"resourceType":"Patient","id":"`+secret+`","birthDate":`+secret+`}`), nhs.ErrUnexpected, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, play(test.answer))
				_, err := b.client.Get(t.Context(), nhs.MustNumber(secret))
				if !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if errors.Is(err, nhs.ErrInvalid) || errors.Is(err, nhs.ErrNotFound) {
					t.Errorf("%v is also another error", err)
				}
				if n := len(b.requests()); n != test.requests {
					t.Errorf("%d requests, want %d", n, test.requests)
				}
				silent(t, err.Error())
				silent(t, b.log.String())
			})
		})
	}
}

func TestClient_Get_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(answer(http.StatusServiceUnavailable, "application/json", "", "Retry-After", "50")))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := b.client.Get(ctx, nhs.MustNumber(secret))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3 s", took)
		}
		silent(t, err.Error())
	})
}

// A crowd of callers waits for its turns, longer than one request may take.
func TestClient_Get_crowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(fhir(http.StatusOK, minimal)))
		const callers = 501
		start := time.Now()
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				if _, err := b.client.Get(t.Context(), nhs.MustNumber(secret)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != 100*time.Second {
			t.Errorf("took %v, want 100 s: 5 a second", took)
		}
	})
}

func TestClient_Search_repeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(fhir(http.StatusRequestTimeout, unavailable),
			fhir(http.StatusOK, `{"resourceType":"Bundle","type":"searchset","total":0}`)))
		found, err := b.client.Search(t.Context(), pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05-17"))})
		if err != nil || len(found) != 0 || len(b.requests()) != 2 {
			t.Errorf("got %v, %v after %d requests", found, err, len(b.requests()))
		}
	})
}
