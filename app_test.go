package nhs_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
)

// testKey is made once: key generation is slow, and any key will do.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pkcs1() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})
}

const (
	base     = "https://127.0.0.1/api" // a path, to catch absolute addresses
	tokenURL = base + "/oauth2/token"
)

func credentials() nhs.SignedJWT {
	return nhs.SignedJWT{APIKey: "key-of-app", KeyID: "int-1", PrivateKey: pkcs1()}
}

func newApp(t *testing.T, mock *httpmock.MockTransport, opts ...nhs.Option) *nhs.App {
	t.Helper()
	opts = append([]nhs.Option{nhs.WithHTTPClient(&http.Client{Transport: mock})}, opts...)
	app, err := nhs.NewApp(nhs.Loopback(base+"/"), credentials(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func tokenAnswer(n int) httpmock.Responder {
	return httpmock.NewStringResponder(http.StatusOK,
		fmt.Sprintf(`{"access_token":"token-%d","expires_in":"599","token_type":"Bearer","issued_at":"1690000000000"}`, n))
}

func TestNewAppRefuses(t *testing.T) {
	t.Parallel()
	ec := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("no key")})
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("1024-bit keys are not to be had:", err)
	}
	tests := []struct {
		name  string
		env   nhs.Environment
		creds nhs.Credentials
		opt   []nhs.Option
		want  string
	}{
		{name: "unknown environment", env: "live", creds: nhs.Anonymous{}, want: "environment"},
		{name: "no loopback", env: nhs.Loopback("http://example.org"), creds: nhs.Anonymous{}, want: "environment must be on loopback"},
		{name: "not http", env: nhs.Loopback("ftp://127.0.0.1"), creds: nhs.Anonymous{}, want: "environment"},
		{name: "no credentials", env: nhs.Sandbox, want: "credentials"},
		{name: "no API key", env: nhs.Sandbox, creds: nhs.SignedJWT{KeyID: "k", PrivateKey: pkcs1()}, want: "API key"},
		{name: "no key id", env: nhs.Sandbox, creds: nhs.SignedJWT{APIKey: "a", PrivateKey: pkcs1()}, want: "key id"},
		{name: "no PEM", env: nhs.Sandbox, creds: nhs.SignedJWT{APIKey: "a", KeyID: "k", PrivateKey: []byte("secret")}, want: "private key must be PEM"},
		{name: "broken key", env: nhs.Sandbox, creds: nhs.SignedJWT{APIKey: "a", KeyID: "k", PrivateKey: ec}, want: "private key"},
		{name: "small key", env: nhs.Sandbox, creds: nhs.SignedJWT{APIKey: "a", KeyID: "k", Signer: small}, want: "2048 bits"},
		{name: "zero option", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{{}}, want: "option"},
		{name: "nil client", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithHTTPClient(nil)}, want: "HTTP client"},
		{name: "nil logger", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithLogger(nil)}, want: "logger"},
		{name: "nil clock", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithClock(nil)}, want: "clock"},
		{name: "nil random", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithRandom(nil)}, want: "random"},
		{name: "empty user agent", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithUserAgent("")}, want: "user agent"},
		{name: "negative retry", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: -1})}, want: "retry"},
		{name: "unknown service", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithRate("pdz", nhs.Rate{PerSecond: 1})}, want: "service"},
		{name: "zero rate", env: nhs.Sandbox, creds: nhs.Anonymous{}, opt: []nhs.Option{nhs.WithRate(nhs.PDS, nhs.Rate{})}, want: "rate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := nhs.NewApp(tt.env, tt.creds, tt.opt...)
			if !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one naming %q", err, tt.want)
			}
		})
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	for env, want := range map[nhs.Environment][3]string{
		nhs.Sandbox:        {"https://sandbox.api.service.nhs.uk", "https://sandbox.api.service.nhs.uk/oauth2/token", ""},
		nhs.Integration:    {"https://int.api.service.nhs.uk", "https://int.api.service.nhs.uk/oauth2/token", "https://msg.intspineservices.nhs.uk"},
		nhs.Production:     {"https://api.service.nhs.uk", "https://api.service.nhs.uk/oauth2/token", "https://mesh-sync.spineservices.nhs.uk"},
		nhs.Loopback(base): {base, tokenURL, base},
	} {
		if got := [3]string{env.API(), env.TokenURL(), env.MESH()}; got != want {
			t.Errorf("%s: got %v, want %v", env, got, want)
		}
	}
}

func TestTokenAssertion(t *testing.T) {
	t.Parallel()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		t.Fatal(err)
	}
	for name, creds := range map[string]nhs.SignedJWT{
		"PKCS#1": credentials(),
		"PKCS#8": {APIKey: "key-of-app", KeyID: "int-1", PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})},
		"signer": {APIKey: "key-of-app", KeyID: "int-1", Signer: testKey()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := httpmock.NewMockTransport()
			var form url.Values
			mock.RegisterResponder(http.MethodPost, tokenURL, func(req *http.Request) (*http.Response, error) {
				if err := req.ParseForm(); err != nil {
					return nil, err
				}
				form = req.PostForm
				return tokenAnswer(1)(req)
			})
			app, err := nhs.NewApp(nhs.Loopback(base), creds, nhs.WithHTTPClient(&http.Client{Transport: mock}))
			if err != nil {
				t.Fatal(err)
			}
			token, err := app.Token(t.Context())
			if err != nil || token != "token-1" {
				t.Fatalf("got %s, %v", token, err)
			}
			if got := form.Get("grant_type") + " " + form.Get("client_assertion_type"); got !=
				"client_credentials urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
				t.Errorf("form: %s", got)
			}
			claims := jwt.MapClaims{}
			parsed, err := jwt.ParseWithClaims(form.Get("client_assertion"), claims,
				func(*jwt.Token) (any, error) { return testKey().Public(), nil },
				jwt.WithValidMethods([]string{"RS512"}), jwt.WithAudience(tokenURL), jwt.WithIssuer("key-of-app"),
				jwt.WithSubject("key-of-app"), jwt.WithExpirationRequired())
			if err != nil {
				t.Fatal(err)
			}
			exp, _ := claims.GetExpirationTime()
			if left := time.Until(exp.Time); left > 5*time.Minute || left < time.Minute {
				t.Errorf("the assertion is valid for %s", left)
			}
			if parsed.Header["kid"] != "int-1" || parsed.Header["typ"] != "JWT" || claims["jti"] == "" || claims["nbf"] != nil {
				t.Errorf("header %v, claims %v", parsed.Header, claims)
			}
		})
	}
}

func TestTokenIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := httpmock.NewMockTransport()
		fetched := 0
		mock.RegisterResponder(http.MethodPost, tokenURL, func(req *http.Request) (*http.Response, error) {
			fetched++
			time.Sleep(time.Second) // others arrive meanwhile
			return tokenAnswer(fetched)(req)
		})
		app := newApp(t, mock)
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if token, err := app.Token(t.Context()); err != nil || token != "token-1" {
					t.Errorf("got %s, %v", token, err)
				}
			})
		}
		group.Wait()
		want := func(token string, fetches int) {
			t.Helper()
			got, err := app.Token(t.Context())
			if err != nil || got != token || fetched != fetches {
				t.Errorf("got %s after %d fetches, %v; want %s after %d", got, fetched, err, token, fetches)
			}
		}
		time.Sleep(538 * time.Second)
		want("token-1", 1)
		time.Sleep(2 * time.Second) // within a minute of the end of its life
		want("token-2", 2)
		app.Reject("token-1") // late news of an old token
		want("token-2", 2)
		app.Reject("token-2")
		want("token-3", 3)
	})
}

func TestTokenWaiterMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder(http.MethodPost, tokenURL, func(req *http.Request) (*http.Response, error) {
			time.Sleep(time.Minute)
			return tokenAnswer(1)(req)
		})
		app := newApp(t, mock)
		go func() { _, _ = app.Token(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := app.Token(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("error %v after %s", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	const jwks = `{"error":"public_key error","error_description":"The JWKS endpoint, for your client_assertion can't be reached"}`
	tests := []struct {
		name     string
		status   int
		body     string
		attempts int
		is       error
		text     string
	}{
		{"bad key id", 401, `{"error":"invalid_request","error_description":"Invalid 'kid' header in client_assertion JWT - no matching public key","message_id":"m"}`, 1, nhs.ErrUnauthorized, "no matching public key"},
		{"reused jti", 400, `{"error":"invalid_request","error_description":"Non-unique 'jti' claim in client_assertion JWT"}`, 1, nhs.ErrUnauthorized, "jti"},
		{"key set not reachable", 403, jwks, 4, nhs.ErrUnauthorized, "reached"},
		{"unwell", 503, `<html>9990000018</html>`, 4, nhs.ErrUnavailable, "503 Service Unavailable"},
		{"limited", 429, ``, 4, nhs.ErrUnavailable, "429"},
		{"number in the text", 400, `{"error":"invalid_request","error_description":"9990000018 and 999 000 0018"}`, 1, nhs.ErrUnauthorized, "[redacted] and [redacted]"},
		{"no token", 200, `{"expires_in":"599"}`, 1, nhs.ErrUnauthorized, "no access token"},
		{"no expiry", 200, `{"access_token":"secret"}`, 1, nhs.ErrUnauthorized, "expires_in"},
		{"expired already", 200, `{"access_token":"secret","expires_in":0}`, 1, nhs.ErrUnauthorized, "expires_in"},
		{"no JSON", 200, `OK`, 1, nhs.ErrUnauthorized, "no access token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := httpmock.NewMockTransport()
				seen := map[string]bool{}
				mock.RegisterResponder(http.MethodPost, tokenURL, func(req *http.Request) (*http.Response, error) {
					if err := req.ParseForm(); err != nil {
						return nil, err
					}
					seen[req.PostForm.Get("client_assertion")] = true
					return httpmock.NewStringResponse(tt.status, tt.body), nil
				})
				_, err := newApp(t, mock).Token(t.Context())
				auth, ok := errors.AsType[*nhs.AuthError](err)
				if !ok || !errors.Is(err, tt.is) || auth.StatusCode != tt.status {
					t.Fatalf("error %v", err)
				}
				if !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "9990000018") {
					t.Errorf("error %v", err)
				}
				if len(seen) != tt.attempts {
					t.Errorf("%d different assertions, want %d", len(seen), tt.attempts)
				}
			})
		})
	}
}

func TestTokenNetworkFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder(http.MethodPost, tokenURL, httpmock.NewErrorResponder(errors.New("connection reset by 9990000018")))
		_, err := newApp(t, mock).Token(t.Context())
		if !errors.Is(err, nhs.ErrUnavailable) || strings.Contains(err.Error(), "9990000018") || mock.GetTotalCallCount() != 4 {
			t.Errorf("error %v after %d calls", err, mock.GetTotalCallCount())
		}
	})
}

func TestAnonymousHasNoToken(t *testing.T) {
	t.Parallel()
	app, err := nhs.NewApp(nhs.Sandbox, nhs.Anonymous{})
	if err != nil {
		t.Fatal(err)
	}
	app.Reject("anything")
	if token, err := app.Token(t.Context()); token != "" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}
}

func TestCredentialsHideThemselves(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, credentials()); got != "SignedJWT(kid int-1)" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if text, err := json.Marshal(credentials()); err != nil || string(text) != `"SignedJWT(kid int-1)"` {
		t.Errorf("marshals as %s, %v", text, err)
	}
	if got := credentials().LogValue().String(); got != "SignedJWT(kid int-1)" {
		t.Errorf("logs %s", got)
	}
}

func TestWaitPacesEvenly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app := newApp(t, httpmock.NewMockTransport(), nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 100, Burst: 10}))
		start := time.Now()
		for range 11 {
			if err := app.Wait(t.Context(), nhs.PDS, nhs.Rate{PerSecond: 5}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("11 requests at 5 a second took %s", took)
		}
		start = time.Now()
		for range 20 {
			if err := app.Wait(t.Context(), nhs.Notify, nhs.Rate{PerSecond: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("20 requests at 100 a second with a burst of 10 took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := app.Wait(ctx, nhs.PDS, nhs.Rate{PerSecond: 5}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &nhs.Error{
		Op: "pds.Get", StatusCode: 404, Code: "RESOURCE_NOT_FOUND", RequestID: "60e0", Attempts: 2, RetryAfter: time.Second,
		Issues: []nhs.Issue{{Code: "RESOURCE_NOT_FOUND", Text: "no record for 9990000018"}},
	}
	const want = "pds.Get: 404 Not Found (RESOURCE_NOT_FOUND, request 60e0, 2 attempts, retry after 1s)"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(verb, e); got != want {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	logged, err := json.Marshal(fmt.Sprint(e.LogValue()))
	if err != nil || strings.Contains(string(logged), "9990000018") {
		t.Errorf("logged %s, %v", logged, err)
	}
	if e := (&nhs.Error{Cause: context.Canceled}); e.Retryable() {
		t.Error("a cancelled call counts as retryable")
	}
	e = &nhs.Error{Op: "pds.Get", Code: "9990000018", Cause: errors.New("dial 9990000018")}
	if got := e.Error(); got != "pds.Get: no answer: service unavailable: dial [redacted] ([redacted])" {
		t.Errorf("got %s", got)
	}
}

func TestErrorSentinels(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		is        error
		retryable bool
	}{
		0: {nhs.ErrUnavailable, true}, 200: {nhs.ErrUnexpected, false}, 302: {nhs.ErrUnexpected, false},
		400: {nhs.ErrInvalid, false}, 401: {nhs.ErrUnauthorized, false}, 403: {nhs.ErrForbidden, false},
		404: {nhs.ErrNotFound, false}, 408: {nhs.ErrUnavailable, true}, 409: {nhs.ErrConflict, false},
		410: {nhs.ErrNotFound, false}, 412: {nhs.ErrConflict, false}, 422: {nhs.ErrInvalid, false},
		425: {nhs.ErrRateLimited, true}, 429: {nhs.ErrRateLimited, true}, 500: {nhs.ErrUnavailable, true},
	}
	for status, want := range tests {
		e := &nhs.Error{StatusCode: status}
		if !errors.Is(e, want.is) || e.Retryable() != want.retryable {
			t.Errorf("%d: %v, retryable %v", status, e.Unwrap(), e.Retryable())
		}
	}
	if e := (&nhs.Error{StatusCode: 422, Kind: nhs.ErrDuplicate}); !errors.Is(e, nhs.ErrDuplicate) || errors.Is(e, nhs.ErrInvalid) {
		t.Errorf("a kind does not replace the status's: %v", e.Unwrap())
	}
}
