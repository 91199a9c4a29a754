package nhstest

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokens is the token endpoint: it checks client assertions the way the platform
// does, in its order and with its words, and issues access tokens.
//
// Source: NHSDigital/identity-service-api @ 5100cca3.
type tokens struct {
	audience string // the endpoint's own address
	now      func() time.Time
	random   io.Reader

	mu     sync.Mutex
	apps   map[string]map[string]*rsa.PublicKey // API key -> kid -> key
	used   map[string]time.Time                 // jti seen, and when it may be forgotten
	issued map[string]time.Time                 // access token and when it expires
}

// tokenLife is the platform's.
const tokenLife = 599 * time.Second

func newTokens(now func() time.Time, random io.Reader) *tokens {
	return &tokens{
		now: now, random: random,
		apps: map[string]map[string]*rsa.PublicKey{}, used: map[string]time.Time{}, issued: map[string]time.Time{},
	}
}

// register makes a public key known for an application.
func (t *tokens) register(apiKey, keyID string, key *rsa.PublicKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.apps[apiKey] == nil {
		t.apps[apiKey] = map[string]*rsa.PublicKey{}
	}
	t.apps[apiKey][keyID] = key
}

// revoke forgets every access token, as if all had expired.
func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.issued)
}

// authorize accepts a request that carries a live access token.
func (t *tokens) authorize(r *http.Request) error {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return errors.New("Missing Authorization header") //nolint:staticcheck // the platform's words
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	expires, known := t.issued[token]
	switch {
	case !known:
		return errors.New("Invalid Access Token") //nolint:staticcheck // the platform's words
	case !t.now().Before(expires):
		return errors.New("Access token expired") //nolint:staticcheck // the platform's words
	default:
		return nil
	}
}

// tokenError is the endpoint's refusal.
type tokenError struct {
	status            int
	code, description string
}

func badRequest(description string) *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_request", description}
}

func unauthorised(description string) *tokenError {
	return &tokenError{http.StatusUnauthorized, "invalid_request", description}
}

// ServeHTTP implements [http.Handler].
func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	token, refusal := t.exchange(r)
	status, answer := http.StatusOK, map[string]string{ // every value is a string, as on the platform
		"access_token": token, "token_type": "Bearer",
		"expires_in": strconv.Itoa(int(tokenLife.Seconds())), "issued_at": strconv.FormatInt(t.now().UnixMilli(), 10),
	}
	if refusal != nil {
		status, answer = refusal.status, map[string]string{
			"error": refusal.code, "error_description": refusal.description, "message_id": "nhstest",
		}
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}

func (t *tokens) exchange(r *http.Request) (string, *tokenError) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return "", badRequest("Content-Type header must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return "", badRequest("the form cannot be read")
	}
	switch grant := r.PostForm.Get("grant_type"); grant {
	case "client_credentials":
	case "":
		return "", badRequest("grant_type is missing")
	default:
		return "", &tokenError{http.StatusBadRequest, "unsupported_grant_type", "grant_type is invalid"}
	}
	if r.PostForm.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return "", badRequest("Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'")
	}
	assertion := r.PostForm.Get("client_assertion")
	if assertion == "" {
		return "", badRequest("Missing client_assertion")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if refusal := t.check(assertion); refusal != nil {
		return "", refusal
	}
	secret := make([]byte, 18)
	if _, err := io.ReadFull(t.random, secret); err != nil {
		return "", &tokenError{http.StatusInternalServerError, "server_error", "no randomness"}
	}
	token := hex.EncodeToString(secret)
	t.issued[token] = t.now().Add(tokenLife)
	return token, nil
}

// check accepts a valid assertion once.
func (t *tokens) check(assertion string) *tokenError {
	claims := jwt.MapClaims{}
	parsed, parts, err := jwt.NewParser().ParseUnverified(assertion, claims)
	if err != nil {
		return badRequest("Malformed JWT in client_assertion")
	}
	kid, _ := parsed.Header["kid"].(string)
	if kid == "" {
		return badRequest("Missing 'kid' header in client_assertion JWT")
	}
	if parsed.Header["typ"] != "JWT" {
		return badRequest("Invalid 'typ' header in client_assertion JWT - must be 'JWT'")
	}
	if parsed.Header["alg"] != "RS512" {
		return badRequest("Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'")
	}
	issuer, _ := claims["iss"].(string)
	if issuer == "" || claims["sub"] != issuer {
		return badRequest("Missing or non-matching 'iss'/'sub' claims in client_assertion JWT")
	}
	keys, known := t.apps[issuer]
	if !known {
		return unauthorised("Invalid 'iss'/'sub' claims in client_assertion JWT")
	}
	id, _ := claims["jti"].(string)
	if refusal := t.checkClaims(claims, id); refusal != nil {
		return refusal
	}
	key, known := keys[kid]
	if !known {
		return unauthorised("Invalid 'kid' header in client_assertion JWT - no matching public key")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || jwt.SigningMethodRS512.Verify(strings.Join(parts[:2], "."), signature, key) != nil {
		return &tokenError{http.StatusUnauthorized, "public_key error", "JWT signature verification failed"}
	}
	t.used[id] = t.now().Add(2 * maxAssertionLife)
	return nil
}

// maxAssertionLife is how far ahead exp may be.
const maxAssertionLife = 5 * time.Minute

func (t *tokens) checkClaims(claims jwt.MapClaims, id string) *tokenError {
	now := t.now()
	for old, until := range t.used {
		if now.After(until) {
			delete(t.used, old)
		}
	}
	switch {
	case claims["jti"] == nil:
		return badRequest("Missing 'jti' claim in client_assertion JWT")
	case id == "":
		return badRequest("Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID")
	case !t.used[id].IsZero():
		return badRequest("Non-unique 'jti' claim in client_assertion JWT")
	case claims["aud"] != t.audience:
		return unauthorised("Missing or invalid 'aud' claim in client_assertion JWT")
	case claims["exp"] == nil:
		return badRequest("Missing 'exp' claim in client_assertion JWT")
	}
	exp, ok := claims["exp"].(float64)
	expires := time.Unix(int64(exp), 0)
	switch {
	case !ok || exp != math.Trunc(exp):
		return badRequest("'exp' claim in client_assertion JWT must be an integer")
	case !now.Before(expires):
		return badRequest("Invalid 'exp' claim in client_assertion JWT - JWT has expired")
	case expires.Sub(now) > maxAssertionLife:
		return badRequest("Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future")
	default:
		return nil
	}
}
