package governance_test

import (
	"crypto"
	"crypto/ed25519"
	"io"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// yubi stands for a key in hardware, which may misbehave.
type yubi struct {
	crypto.Signer
	faulty bool
}

func (y yubi) Sign(random io.Reader, msg []byte, opts crypto.SignerOpts) ([]byte, error) {
	if y.faulty {
		return make([]byte, ed25519.SignatureSize), nil
	}
	return y.Signer.Sign(random, msg, opts)
}

func TestSigner(t *testing.T) {
	t.Parallel()
	key := yubi{Signer: ed25519.NewKeyFromSeed(make([]byte, 32))}
	halt := governance.Halt{Proposal: "p", Reason: "r", SignedAt: start}
	if _, err := halt.Sign(must(governance.NewSigner("a", key))); err != nil {
		t.Error(err)
	}
	key.faulty = true
	if _, err := halt.Sign(must(governance.NewSigner("a", key))); err == nil {
		t.Error("a faulty signature went unnoticed")
	}
	if _, err := halt.Sign(); err == nil {
		t.Error("signed by nobody")
	}
	if _, err := halt.Sign(nil); err == nil {
		t.Error("signed by nil")
	}
	if _, err := governance.NewSigner("two words", key); err == nil {
		t.Error("a name with a space")
	}
	if _, err := governance.NewSigningKey(strings.NewReader("short"), "a"); err == nil {
		t.Error("a key from too little randomness")
	}
}

func TestNewTrustRefuses(t *testing.T) {
	t.Parallel()
	valid := governance.Validity{From: start, Until: start.Add(day)}
	seed := strings.Repeat("k", 32)
	a := must(governance.NewSigningKey(strings.NewReader(seed), "a")).Person(valid, governance.RoleCSO)
	b := must(governance.NewSigningKey(strings.NewReader(seed), "b")).Person(valid, governance.RoleCSO)
	garbled := governance.Person{ID: "c", Keys: []governance.Key{{Verifier: "no key", Valid: valid}}}
	backwards := governance.Person{ID: "a", Keys: a.Keys, Roles: []governance.Grant{{
		Role: "cso", Valid: governance.Validity{From: start, Until: start},
	}}}
	for name, people := range map[string][]governance.Person{
		"two people share a key": {a, b},
		"the same person twice":  {a, a},
		"no key":                 {{ID: "a"}},
		"garbled key":            {garbled},
		"a role for no time":     {backwards},
		"no name":                {{Keys: a.Keys}},
	} {
		if _, err := governance.NewTrust(people...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
