package transport_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/personalised-prevention/nhs"
)

func signedJWT(t testing.TB) nhs.SignedJWT {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return nhs.SignedJWT{APIKey: "app", KeyID: "k", Signer: key}
}
