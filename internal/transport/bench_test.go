package transport_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// BenchmarkGet compares one small GET, decoded, through the whole chain with the
// same over net/http alone, against one loopback server.
func BenchmarkGet(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":"599"}`)
			return
		}
		_, _ = io.WriteString(w, `{"ID":"9990000018"}`)
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2}}

	b.Run("chain", func(b *testing.B) {
		app, err := nhs.NewApp(nhs.Loopback(server.URL), signedJWT(b), nhs.WithHTTPClient(client), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e9, Burst: 1e6}))
		if err != nil {
			b.Fatal(err)
		}
		chain, err := transport.New(transport.Config{App: app, Service: nhs.PDS, RequestIDHeader: "X-Request-ID"})
		if err != nil {
			b.Fatal(err)
		}
		get := func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			if err != nil {
				return nil, err
			}
			return chain.Do(req)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := transport.Do[patient](b.Context(), chain, transport.Call{Op: "pds.Get", Repeatable: true}, get); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer t")
			req.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			var p patient
			err = json.NewDecoder(resp.Body).Decode(&p)
			_ = resp.Body.Close()
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkToken compares reading the cached access token with reading a field.
func BenchmarkToken(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":"599"}`)
	}))
	defer server.Close()
	app, err := nhs.NewApp(nhs.Loopback(server.URL), signedJWT(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			if _, err := app.Token(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("clock alone", func(b *testing.B) {
		now := app.Settings().Now
		for b.Loop() {
			_ = now()
		}
	})
}
