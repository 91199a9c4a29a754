package nhstest_test

import (
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/nhstest"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	formType      = "application/x-www-form-urlencoded"
)

// forge is everything about a token request that a test may spoil.
type forge struct {
	mediaType string
	form      url.Values
	header    map[string]any
	claims    jwt.MapClaims
	method    jwt.SigningMethod
	key       any
	mangle    func(assertion string) string
}

// endpoint is a token endpoint that knows one application.
type endpoint struct {
	services *nhstest.NHS
	keyID    string
	key      *rsa.PrivateKey
	now      time.Time
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{now: time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)}
	e.services = start(t, nhstest.Options{Now: func() time.Time { return e.now }})
	credentials, err := e.services.Register("app-1")
	if err != nil {
		t.Fatal(err)
	}
	e.keyID = credentials.KeyID
	if e.key, err = jwt.ParseRSAPrivateKeyFromPEM(credentials.PrivateKey); err != nil {
		t.Fatal(err)
	}
	return e
}

// good returns a request that the endpoint accepts.
func (e *endpoint) good(id string) *forge {
	return &forge{
		mediaType: formType,
		form:      url.Values{"grant_type": {"client_credentials"}, "client_assertion_type": {assertionType}},
		header:    map[string]any{"alg": "RS512", "typ": "JWT", "kid": e.keyID},
		claims: jwt.MapClaims{
			"iss": "app-1", "sub": "app-1", "aud": e.services.Environment().TokenURL(),
			"jti": id, "exp": e.now.Add(5 * time.Minute).Unix(),
		},
		method: jwt.SigningMethodRS512,
		key:    e.key,
		mangle: func(assertion string) string { return assertion },
	}
}

// ask sends a request and returns status and answer, of which every value is text.
func (e *endpoint) ask(t *testing.T, f *forge) (int, map[string]string) {
	t.Helper()
	token := &jwt.Token{Header: f.header, Claims: f.claims, Method: f.method}
	assertion, err := token.SignedString(f.key)
	if err != nil {
		t.Fatal(err)
	}
	form := maps.Clone(f.form)
	if text := f.mangle(assertion); text != "" && !form.Has("client_assertion") {
		form.Set("client_assertion", text)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.services.Environment().TokenURL(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", f.mediaType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("media type %q", got)
	}
	return resp.StatusCode, answer
}

// refused asks, and expects to be refused.
func (e *endpoint) refused(t *testing.T, f *forge, status int, code, description string) {
	t.Helper()
	gotStatus, got := e.ask(t, f)
	if got["message_id"] == "" {
		t.Error("no message_id")
	}
	delete(got, "message_id")
	if gotStatus != status {
		t.Errorf("status %d, want %d", gotStatus, status)
	}
	if diff := cmp.Diff(map[string]string{"error": code, "error_description": description}, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestTokens_refusals(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	const (
		invalid = "invalid_request"
		form    = "Missing or invalid client_assertion_type - must be '" + assertionType + "'"
		badJWT  = "Malformed JWT in client_assertion"
		noKid   = "Missing 'kid' header in client_assertion JWT"
		badTyp  = "Invalid 'typ' header in client_assertion JWT - must be 'JWT'"
		badAlg  = "Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'"
		issSub  = "Missing or non-matching 'iss'/'sub' claims in client_assertion JWT"
		noJTI   = "Missing 'jti' claim in client_assertion JWT"
		badJTI  = "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID"
		badAud  = "Missing or invalid 'aud' claim in client_assertion JWT"
		noExp   = "Missing 'exp' claim in client_assertion JWT"
		oddExp  = "Invalid 'exp' claim in client_assertion JWT - must be an integer"
		oldExp  = "Invalid 'exp' claim in client_assertion JWT - JWT has expired"
		farExp  = "Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future"
		badSign = "JWT signature verification failed"
	)
	for name, tt := range map[string]struct {
		spoil       func(*forge)
		status      int
		code        string
		description string
	}{
		"content type":     {func(f *forge) { f.mediaType = "application/json" }, 400, invalid, "Content-Type header must be application/x-www-form-urlencoded"},
		"no content type":  {func(f *forge) { f.mediaType = "" }, 400, invalid, "Content-Type header must be application/x-www-form-urlencoded"},
		"no grant":         {func(f *forge) { f.form.Del("grant_type") }, 400, invalid, "grant_type is missing"},
		"other grant":      {func(f *forge) { f.form.Set("grant_type", "password") }, 400, "unsupported_grant_type", "grant_type is invalid"},
		"no type":          {func(f *forge) { f.form.Del("client_assertion_type") }, 400, invalid, form},
		"other type":       {func(f *forge) { f.form.Set("client_assertion_type", "jwt-bearer") }, 400, invalid, form},
		"no assertion":     {func(f *forge) { f.mangle = func(string) string { return "" } }, 400, invalid, "Missing client_assertion"},
		"not a JWT":        {func(f *forge) { f.form.Set("client_assertion", "a.b") }, 400, invalid, badJWT},
		"header not JSON":  {func(f *forge) { f.mangle = func(s string) string { return "e" + s[1:7] + "!" + s[7:] } }, 400, invalid, badJWT},
		"no signature":     {func(f *forge) { f.mangle = func(s string) string { return s[:strings.LastIndex(s, ".")] } }, 400, invalid, badJWT},
		"no kid":           {func(f *forge) { delete(f.header, "kid") }, 400, invalid, noKid},
		"empty kid":        {func(f *forge) { f.header["kid"] = "" }, 400, invalid, noKid},
		"unknown kid":      {func(f *forge) { f.header["kid"] = "test-9" }, 401, invalid, "Invalid 'kid' header in client_assertion JWT - no matching public key"},
		"no typ":           {func(f *forge) { delete(f.header, "typ") }, 400, invalid, badTyp},
		"other typ":        {func(f *forge) { f.header["typ"] = "JWS" }, 400, invalid, badTyp},
		"weaker algorithm": {func(f *forge) { f.method, f.header["alg"] = jwt.SigningMethodRS256, "RS256" }, 400, invalid, badAlg},
		"symmetric": {func(f *forge) {
			f.method, f.key, f.header["alg"] = jwt.SigningMethodHS512, []byte("secret"), "HS512"
		}, 400, invalid, badAlg},
		"unsigned": {func(f *forge) {
			f.method, f.key, f.header["alg"] = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "none"
		}, 400, invalid, badAlg},
		"made-up algorithm":   {func(f *forge) { f.header["alg"] = "RS1024" }, 400, invalid, badAlg},
		"no algorithm":        {func(f *forge) { delete(f.header, "alg") }, 400, invalid, badAlg},
		"no issuer":           {func(f *forge) { delete(f.claims, "iss") }, 400, invalid, issSub},
		"no subject":          {func(f *forge) { delete(f.claims, "sub") }, 400, invalid, issSub},
		"other subject":       {func(f *forge) { f.claims["sub"] = "app-2" }, 400, invalid, issSub},
		"issuer is no text":   {func(f *forge) { f.claims["iss"], f.claims["sub"] = 1, 1 }, 400, invalid, issSub},
		"unknown application": {func(f *forge) { f.claims["iss"], f.claims["sub"] = "app-2", "app-2" }, 401, invalid, "Invalid 'iss'/'sub' claims in client_assertion JWT"},
		"no jti":              {func(f *forge) { delete(f.claims, "jti") }, 400, invalid, noJTI},
		"empty jti":           {func(f *forge) { f.claims["jti"] = "" }, 400, invalid, noJTI},
		"jti is a number":     {func(f *forge) { f.claims["jti"] = 1 }, 400, invalid, badJTI},
		"no audience":         {func(f *forge) { delete(f.claims, "aud") }, 401, invalid, badAud},
		"other audience":      {func(f *forge) { f.claims["aud"] = "https://api.service.nhs.uk/oauth2/token" }, 401, invalid, badAud},
		"several audiences":   {func(f *forge) { f.claims["aud"] = []any{f.claims["aud"]} }, 401, invalid, badAud},
		"no exp":              {func(f *forge) { delete(f.claims, "exp") }, 400, invalid, noExp},
		"exp is text":         {func(f *forge) { f.claims["exp"] = "soon" }, 400, invalid, oddExp},
		"exp has a fraction":  {func(f *forge) { f.claims["exp"] = float64(e.now.Unix()) + 0.5 }, 400, invalid, oddExp},
		"expired":             {func(f *forge) { f.claims["exp"] = e.now.Unix() }, 400, invalid, oldExp},
		"expired long ago":    {func(f *forge) { f.claims["exp"] = -1e300 }, 400, invalid, oldExp},
		"too far ahead":       {func(f *forge) { f.claims["exp"] = e.now.Add(5*time.Minute + time.Second).Unix() }, 400, invalid, farExp},
		"never expires":       {func(f *forge) { f.claims["exp"] = 1e300 }, 400, invalid, farExp},
		"another's signature": {func(f *forge) {
			f.mangle = func(s string) string { return s[:len(s)-8] + "AAAAAAAA" }
		}, 401, "public_key error", badSign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := e.good(name)
			tt.spoil(f)
			e.refused(t, f, tt.status, tt.code, tt.description)
		})
	}
}

func TestTokens_accepted(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	status, got := e.ask(t, e.good("1"))
	if status != http.StatusOK || len(got["access_token"]) < 20 {
		t.Errorf("status %d, token of %d characters", status, len(got["access_token"]))
	}
	delete(got, "access_token")
	want := map[string]string{"token_type": "Bearer", "expires_in": "599", "issued_at": "1772445600000"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	charset := e.good("2")
	charset.mediaType = formType + "; charset=utf-8"
	if status, _ := e.ask(t, charset); status != http.StatusOK {
		t.Errorf("with a charset: status %d", status)
	}
}

// A jti is spent by its first use, even if the assertion was refused for a later
// reason, and for as long as the assertion could live.
func TestTokens_singleUse(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	const reused = "Non-unique 'jti' claim in client_assertion JWT"
	if status, _ := e.ask(t, e.good("1")); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	e.refused(t, e.good("1"), 400, "invalid_request", reused)

	unknown := e.good("2")
	unknown.header["kid"] = "test-9"
	_, _ = e.ask(t, unknown)
	e.refused(t, e.good("2"), 400, "invalid_request", reused)

	e.now = e.now.Add(5 * time.Minute)
	e.refused(t, e.good("1"), 400, "invalid_request", reused)
	e.now = e.now.Add(time.Second)
	if status, _ := e.ask(t, e.good("1")); status != http.StatusOK {
		t.Errorf("later: status %d", status)
	}
}

// Of several faults the endpoint names the one that the platform finds first.
func TestTokens_order(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	f := e.good("1")
	f.mediaType = "text/plain"
	f.form = url.Values{}
	f.header = map[string]any{"alg": "RS1024"}
	f.claims = jwt.MapClaims{}
	seen := map[string]bool{}
	for _, mend := range []func(){
		func() { f.mediaType = formType },
		func() { f.form.Set("grant_type", "client_credentials") },
		func() { f.form.Set("client_assertion_type", assertionType) },
		func() { f.header["kid"] = "test-9" },
		func() { f.header["typ"] = "JWT" },
		func() { f.claims["iss"], f.claims["sub"], f.claims["jti"] = "app-2", "app-2", 1 },
		func() { f.claims["jti"] = "1" },
		func() { f.claims["exp"] = e.now.Add(time.Hour).Unix() },
		func() { f.claims["exp"] = e.now.Add(-time.Hour).Unix() },
		func() { f.claims["iss"], f.claims["sub"] = "app-1", "app-1" },
		func() { f.header["alg"] = "RS512" },
		func() {
			f.header["kid"], f.mangle = e.keyID, func(s string) string { return s[:len(s)-8] + "AAAAAAAA" }
		},
		func() { f.mangle = func(s string) string { return s } },
		func() { f.claims["exp"] = e.now.Add(time.Minute).Unix() },
	} {
		if id, ok := f.claims["jti"].(string); ok {
			f.claims["jti"] = id + "1" // refused after it was spent
		}
		status, answer := e.ask(t, f)
		if why := answer["error_description"]; status == http.StatusOK || seen[why] {
			t.Fatalf("status %d %q, seen before: %t", status, why, seen[why])
		} else {
			seen[why] = true
		}
		mend()
	}
	f.claims["jti"], f.claims["aud"] = "last", e.services.Environment().TokenURL()
	if status, answer := e.ask(t, f); status != http.StatusOK {
		t.Errorf("all mended: status %d %q", status, answer["error_description"])
	}
}
