package nhstest

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxAssertionLife is how far ahead exp may be.
const maxAssertionLife = 5 * time.Minute

// assertion is a client assertion, of which nothing is believed yet.
type assertion struct {
	header    map[string]any
	claims    jwt.MapClaims
	signed    string
	signature string
}

func parseAssertion(text string) (*assertion, *tokenError) {
	claims := jwt.MapClaims{}
	token, parts, err := jwt.NewParser().ParseUnverified(text, claims)
	odd := errors.Is(err, jwt.ErrTokenUnverifiable) // an algorithm nobody knows; verify refuses it
	if (err != nil && !odd) || len(parts) != 3 {
		return nil, badRequest("Malformed JWT in client_assertion")
	}
	return &assertion{
		header: token.Header, claims: claims,
		signed: parts[0] + "." + parts[1], signature: parts[2],
	}, nil
}

// text returns a header or claim that is a text, or "".
func text(values map[string]any, name string) string {
	s, _ := values[name].(string)
	return s
}

func (a *assertion) issuer() string { return text(a.claims, "iss") }

func (a *assertion) id() string { return text(a.claims, "jti") }

// checkForm checks what an assertion must hold, whoever made it.
func (a *assertion) checkForm(now time.Time) *tokenError {
	exp, number := a.claims["exp"].(float64)
	switch {
	case text(a.header, "kid") == "":
		return badRequest("Missing 'kid' header in client_assertion JWT")
	case !strings.EqualFold(text(a.header, "typ"), "JWT"):
		return badRequest("Invalid 'typ' header in client_assertion JWT - must be 'JWT'")
	case a.issuer() == "" || a.issuer() != text(a.claims, "sub"):
		return badRequest("Missing or non-matching 'iss'/'sub' claims in client_assertion JWT")
	case a.claims["jti"] == nil || a.claims["jti"] == "":
		return badRequest("Missing 'jti' claim in client_assertion JWT")
	case a.id() == "":
		return badRequest("Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID")
	case a.claims["exp"] == nil || a.claims["exp"] == "":
		return badRequest("Missing 'exp' claim in client_assertion JWT")
	case !number || exp != math.Trunc(exp):
		return badRequest("Invalid 'exp' claim in client_assertion JWT - must be an integer")
	case a.remaining(now) > maxAssertionLife.Seconds():
		return badRequest("Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future")
	default:
		return nil
	}
}

// remaining returns the seconds until exp.
func (a *assertion) remaining(now time.Time) float64 {
	exp, _ := a.claims["exp"].(float64)
	return exp - float64(now.Unix())
}

// verify checks the signature with the key that the assertion names, and what it
// vouches for.
func (a *assertion) verify(keys map[string]*rsa.PublicKey, audience string, now time.Time) *tokenError {
	if text(a.header, "alg") != jwt.SigningMethodRS512.Alg() {
		return badRequest("Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'")
	}
	key, known := keys[text(a.header, "kid")]
	if !known {
		return unauthorised("Invalid 'kid' header in client_assertion JWT - no matching public key")
	}
	signature, err := base64.RawURLEncoding.DecodeString(a.signature)
	if err != nil || jwt.SigningMethodRS512.Verify(a.signed, signature, key) != nil {
		return &tokenError{http.StatusUnauthorized, "public_key error", "JWT signature verification failed"}
	}
	switch {
	case a.remaining(now) <= 0:
		return badRequest("Invalid 'exp' claim in client_assertion JWT - JWT has expired")
	case a.claims["aud"] != audience:
		return unauthorised("Missing or invalid 'aud' claim in client_assertion JWT")
	default:
		return nil
	}
}
