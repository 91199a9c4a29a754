package transport_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// TestOverARealConnection runs the chain against a real server that refuses an
// access token, loses a connection and then answers.
func TestOverARealConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var tokens []string
	mux := http.NewServeMux()
	issued := 0
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		issued++
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","expires_in":599}`, issued)
	})
	mux.HandleFunc("GET /Patient/{id}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		tokens = append(tokens, r.Header.Get("Authorization"))
		switch len(tokens) {
		case 1:
			w.WriteHeader(http.StatusUnauthorized)
		case 2:
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, `{"ID":"x"}`)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	app, err := nhs.NewApp(nhs.Loopback(server.URL), signedJWT(t), nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := transport.New(transport.Config{App: app, Service: nhs.PDS, Rate: nhs.Rate{PerSecond: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := transport.Do[patient](t.Context(), chain, transport.Call{Op: "pds.Get", Repeatable: true}, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/Patient/1", nil)
		if err != nil {
			return nil, err
		}
		return chain.Do(req)
	})
	if err != nil || p.ID != "x" {
		t.Fatalf("got %v, %v", p, err)
	}
	if got := strings.Join(tokens, ", "); got != "Bearer t1, Bearer t2, Bearer t2" {
		t.Errorf("tokens: %s", got)
	}
}
