package transport_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/personalised-prevention/nhs"
)

func signedJWT(tb testing.TB) nhs.SignedJWT {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return nhs.SignedJWT{APIKey: "app", KeyID: "k", Signer: key}
}
