package nhs

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/internal/uuid"
	"github.com/personalised-prevention/nhs/internal/wait"
)

// Credentials say who the application is, or whom it acts for. They are
// [SignedJWT], [UserToken] or [Anonymous].
type Credentials interface {
	// source returns where tokens come from.
	source(env Environment, s Settings) (tokenSource, error)
}

// Anonymous are no credentials: for the sandbox, and for MESH, whose mailboxes
// have their own.
type Anonymous struct{}

func (Anonymous) source(Environment, Settings) (tokenSource, error) { //nolint:unparam // others may fail
	return tokenSource{access: OpenAccess}, nil
}

// SignedJWT are the credentials of application-restricted access: a client
// assertion signed with RS512 and exchanged for an access token. Each assertion
// has its own jti and expires after three minutes (the platform allows five).
//
// Source: NHS England API platform, application-restricted REST APIs, signed JWT
// authentication.
type SignedJWT struct {
	APIKey     string        // the application's API key: iss and sub
	KeyID      string        // kid of the public key registered with the platform
	PrivateKey []byte        // RSA private key as PEM, PKCS#1 or PKCS#8; or leave empty and set Signer
	Signer     crypto.Signer // an RSA key kept elsewhere, such as a hardware module
}

// Format prints the key id only.
func (c SignedJWT) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "SignedJWT(kid "+c.KeyID+")")
}

// LogValue logs the key id only.
func (c SignedJWT) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// MarshalJSON returns the key id only: credentials are not stored by accident.
func (c SignedJWT) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(c)) }

func (c SignedJWT) source(env Environment, s Settings) (tokenSource, error) {
	if c.APIKey == "" {
		return tokenSource{}, &ArgumentError{Name: "API key", Reason: "must not be empty"}
	}
	if c.KeyID == "" {
		return tokenSource{}, &ArgumentError{Name: "key id", Reason: "must not be empty"}
	}
	signer := c.Signer
	if signer == nil {
		key, err := parsePrivateKey(c.PrivateKey)
		if err != nil {
			return tokenSource{}, err
		}
		signer = key
	}
	public, ok := signer.Public().(*rsa.PublicKey)
	if !ok {
		return tokenSource{}, &ArgumentError{Name: "private key", Reason: "must be an RSA key: the platform accepts RS512 only"}
	}
	if public.N.BitLen() < 2048 {
		return tokenSource{}, &ArgumentError{Name: "private key", Reason: "must have 2048 bits or more (the platform asks for 4096)"}
	}
	assertions := &assertionSource{env: env, settings: s, apiKey: c.APIKey, keyID: c.KeyID, signer: signer}
	tokens := newTokenCache(assertions.fetch, s.Now)
	return tokenSource{access: ApplicationAccess, token: tokens.token, reject: tokens.reject}, nil
}

func parsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, &ArgumentError{Name: "private key", Reason: "must be PEM text"}
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, &ArgumentError{Name: "private key", Reason: "must be an unencrypted PKCS#1 or PKCS#8 key"}
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, &ArgumentError{Name: "private key", Reason: "must be an RSA key: the platform accepts RS512 only"}
	}
	return rsaKey, nil
}

// assertionLife is how long a client assertion is valid. The platform refuses
// more than five minutes, and both clocks may be wrong.
const assertionLife = 3 * time.Minute

// assertionSource exchanges signed assertions for access tokens.
type assertionSource struct {
	env      Environment
	settings Settings
	apiKey   string
	keyID    string
	signer   crypto.Signer
}

// fetch asks for a token, again when the endpoint is unwell. Each attempt signs a
// new assertion, because the endpoint accepts a jti once.
func (s *assertionSource) fetch(ctx context.Context) (accessToken, error) {
	for attempt := 1; ; attempt++ {
		token, err := s.attempt(ctx)
		if err == nil || attempt >= s.settings.Retry.MaxAttempts || !worthRetrying(err) {
			return token, err
		}
		s.settings.Logger.InfoContext(ctx, "access token: retrying", "attempt", attempt, "error", err)
		if err := wait.For(ctx, s.settings.Retry.Wait(attempt, s.settings.Random)); err != nil {
			return accessToken{}, &AuthError{Cause: err}
		}
	}
}

// worthRetrying also accepts the refusal that the platform gives when it could
// not reach the key set for a moment.
func worthRetrying(err error) bool {
	auth, ok := errors.AsType[*AuthError](err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, ErrUnavailable):
		return true
	default:
		return ok && auth.StatusCode == http.StatusForbidden && strings.Contains(auth.Description, "can't be reached")
	}
}

func (s *assertionSource) attempt(ctx context.Context) (accessToken, error) {
	assertion, err := s.assertion()
	if err != nil {
		return accessToken{}, err
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.env.TokenURL(), strings.NewReader(form.Encode()))
	if err != nil {
		return accessToken{}, &AuthError{Cause: err}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", s.settings.UserAgent)
	client := *s.settings.HTTPClient
	if client.Timeout == 0 {
		client.Timeout = tokenTimeout
	}
	resp, err := client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return accessToken{}, &AuthError{Cause: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenBody))
	if err != nil {
		return accessToken{}, &AuthError{Cause: err}
	}
	if resp.StatusCode != http.StatusOK {
		return accessToken{}, refusal(resp.StatusCode, body)
	}
	return parseToken(body, s.settings.Now())
}

const (
	tokenTimeout = 30 * time.Second
	maxTokenBody = 64 << 10
)

// assertion returns a new client assertion in compact form. It signs through
// crypto.Signer, so that a key in hardware works like one in memory.
func (s *assertionSource) assertion() (string, error) {
	id, err := uuid.New(s.settings.Random)
	if err != nil {
		return "", &AuthError{Cause: fmt.Errorf("random source: %w", err)}
	}
	now := s.settings.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS512, jwt.MapClaims{
		"iss": s.apiKey,
		"sub": s.apiKey,
		"aud": s.env.TokenURL(),
		"jti": id,
		"iat": now.Unix(),
		"exp": now.Add(assertionLife).Unix(),
	})
	token.Header["kid"] = s.keyID
	text, err := token.SigningString()
	if err != nil {
		return "", &AuthError{Cause: fmt.Errorf("assertion: %w", err)}
	}
	digest := sha512.Sum512([]byte(text))
	signature, err := s.signer.Sign(s.settings.Random, digest[:], crypto.SHA512)
	if err != nil {
		return "", &AuthError{Cause: fmt.Errorf("sign assertion: %w", err)}
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// refusal maps the token endpoint's {error, error_description} answer.
func refusal(status int, body []byte) error {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error == "" {
		answer.Error = http.StatusText(status)
	}
	description := redact.Text(answer.Description)
	if len(description) > 200 {
		description = description[:200] + "..."
	}
	return &AuthError{StatusCode: status, Code: redact.Text(answer.Error), Description: description}
}

// parseToken reads the endpoint's answer, in which expires_in is a string of
// seconds, or a number.
func parseToken(body []byte, now time.Time) (accessToken, error) {
	var answer struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return accessToken{}, &AuthError{StatusCode: http.StatusOK, Code: "invalid_response", Description: "no access token in the answer"}
	}
	var seconds json.Number
	if err := json.Unmarshal(bytes.Trim(answer.ExpiresIn, `"`), &seconds); err != nil {
		return accessToken{}, &AuthError{StatusCode: http.StatusOK, Code: "invalid_response", Description: "expires_in is not a number of seconds"}
	}
	life, err := seconds.Int64()
	if err != nil || life <= 0 || life > 24*3600 {
		return accessToken{}, &AuthError{StatusCode: http.StatusOK, Code: "invalid_response", Description: "expires_in is out of range"}
	}
	return accessToken{value: answer.AccessToken, renewAt: now.Add(renewAfter(time.Duration(life) * time.Second))}, nil
}

// renewAfter leaves a minute of a token's life unused, or a quarter of a short life.
func renewAfter(life time.Duration) time.Duration { return life - min(time.Minute, life/4) }
