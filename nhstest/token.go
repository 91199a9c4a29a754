package nhstest

import (
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// tokens is the token endpoint. It exchanges client assertions for access tokens,
// and knows which of them a service may accept.
//
// Source: NHSDigital/identity-service-api @ 5100cca3.
type tokens struct {
	audience string // the endpoint's own address
	now      func() time.Time
	random   io.Reader

	mu     sync.Mutex
	apps   map[string]map[string]*rsa.PublicKey // API key -> key id -> registered key
	used   map[string]time.Time                 // jti seen, and when it may be forgotten
	issued map[string]grant                     // by access token
}

// grant is what an access token stands for.
type grant struct {
	expires time.Time
	user    pdstest.Token // zero for an application
}

// tokenLife is the platform's.
const tokenLife = 599 * time.Second

func newTokens(now func() time.Time, random io.Reader) *tokens {
	return &tokens{
		now: now, random: random,
		apps: map[string]map[string]*rsa.PublicKey{}, used: map[string]time.Time{}, issued: map[string]grant{},
	}
}

// register makes one more public key known for an application and returns its
// key id.
func (t *tokens) register(apiKey string, key *rsa.PublicKey) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.apps[apiKey] == nil {
		t.apps[apiKey] = map[string]*rsa.PublicKey{}
	}
	keyID := "test-" + strconv.Itoa(len(t.apps[apiKey])+1)
	t.apps[apiKey][keyID] = key
	return keyID
}

// revoke forgets every access token.
func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.issued)
}

var errToken = errors.New("the access token is missing, unknown or expired")

// authorize accepts a request that carries a live access token.
func (t *tokens) authorize(r *http.Request) error {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t.mu.Lock()
	defer t.mu.Unlock()
	if g, issued := t.issued[token]; !bearer || !issued || !t.now().Before(g.expires) {
		return errToken
	}
	return nil
}

// user says who has signed in for the access token of a request.
func (t *tokens) user(r *http.Request) pdstest.Token {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issued[token].user
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
	status, answer := http.StatusOK, map[string]string{} // every value is a string, as on the platform
	if token, refusal := t.exchange(r); refusal == nil {
		answer["access_token"], answer["token_type"] = token, "Bearer"
		answer["expires_in"] = strconv.Itoa(int(tokenLife.Seconds()))
		answer["issued_at"] = strconv.FormatInt(t.now().UnixMilli(), 10)
	} else {
		status = refusal.status
		answer["error"], answer["error_description"] = refusal.code, refusal.description
		answer["message_id"] = "nhstest"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	maxForm       = 64 << 10
)

func (t *tokens) exchange(r *http.Request) (string, *tokenError) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return "", badRequest("Content-Type header must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return "", badRequest("the form cannot be read")
	}
	assertion := r.PostForm.Get("client_assertion")
	switch grant := r.PostForm.Get("grant_type"); {
	case grant == "":
		return "", badRequest("grant_type is missing")
	case grant != "client_credentials":
		return "", &tokenError{http.StatusBadRequest, "unsupported_grant_type", "grant_type is invalid"}
	case r.PostForm.Get("client_assertion_type") != assertionType:
		return "", badRequest("Missing or invalid client_assertion_type - must be '" + assertionType + "'")
	case assertion == "":
		return "", badRequest("Missing client_assertion")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if refusal := t.check(assertion); refusal != nil {
		return "", refusal
	}
	token, err := t.issue(pdstest.Token{})
	if err != nil {
		return "", &tokenError{http.StatusInternalServerError, "server_error", "no randomness"}
	}
	return token, nil
}

// issue makes an access token. The caller holds the lock.
func (t *tokens) issue(user pdstest.Token) (string, error) {
	secret := make([]byte, 18)
	if _, err := io.ReadFull(t.random, secret); err != nil {
		return "", err
	}
	token := hex.EncodeToString(secret)
	t.issued[token] = grant{expires: t.now().Add(tokenLife), user: user}
	return token, nil
}

// check accepts a valid assertion once. The order is the platform's: what can be
// told from the assertion alone; single use, which spends the jti even if the
// assertion then fails; the application; the key, the signature and the claims
// it covers.
func (t *tokens) check(text string) *tokenError {
	a, refusal := parseAssertion(text)
	if refusal != nil {
		return refusal
	}
	if refusal := a.checkForm(t.now()); refusal != nil {
		return refusal
	}
	if refusal := t.spend(a.id()); refusal != nil {
		return refusal
	}
	keys, known := t.apps[a.issuer()]
	if !known {
		return unauthorised("Invalid 'iss'/'sub' claims in client_assertion JWT")
	}
	return a.verify(keys, t.audience, t.now())
}

// spend accepts a jti once within the time for which an assertion can live.
func (t *tokens) spend(id string) *tokenError {
	now := t.now()
	for old, until := range t.used {
		if now.After(until) {
			delete(t.used, old)
		}
	}
	if _, seen := t.used[id]; seen {
		return badRequest("Non-unique 'jti' claim in client_assertion JWT")
	}
	t.used[id] = now.Add(maxAssertionLife)
	return nil
}
