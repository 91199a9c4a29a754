package governance

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs notes for one person with one Ed25519 key. It is safe for concurrent use if the key is.
type Signer struct {
	person      PersonID
	key         crypto.Signer
	public      ed25519.PublicKey
	verifierKey string
	verifier    note.Verifier
}

// NewSigner wraps a key that may live in a smartcard, a security module or a cloud service. Its public
// key must be an ed25519.PublicKey.
func NewSigner(person PersonID, key crypto.Signer) (*Signer, error) {
	var c checker
	c.word("person", string(person))
	c.require(key != nil, "key", "is required")
	if err := c.err(); err != nil {
		return nil, err
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, &FieldError{Field: "key", Reason: "must be an Ed25519 key"}
	}
	verifierKey, err := note.NewEd25519VerifierKey(string(person), public)
	if err != nil {
		return nil, fmt.Errorf("governance: key: %w", err)
	}
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return nil, fmt.Errorf("governance: key: %w", err)
	}
	return &Signer{person: person, key: key, public: public, verifierKey: verifierKey, verifier: verifier}, nil
}

// NewSigningKey makes a key in memory from 32 bytes of random, for tests, demonstrations and services.
// The same bytes make the same key.
func NewSigningKey(random io.Reader, person PersonID) (*Signer, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("governance: random: %w", err)
	}
	return NewSigner(person, ed25519.NewKeyFromSeed(seed))
}

// VerifierKey is the public half in the text form of C2SP signed notes: name, key hash and key.
func (s *Signer) VerifierKey() string { return s.verifierKey }

// Person describes the signer for a [Trust], with this key and these roles valid for one period.
func (s *Signer) Person(valid Validity, roles ...Role) Person {
	p := Person{ID: s.person, Keys: []Key{{Verifier: s.verifierKey, Valid: valid}}}
	for _, r := range roles {
		p.Roles = append(p.Roles, Grant{Role: r, Valid: valid})
	}
	return p
}

// signText makes a signed note of a body.
func signText(text string, signers []*Signer) ([]byte, error) {
	if len(signers) == 0 {
		return nil, &FieldError{Field: "signers", Reason: "must not be empty"}
	}
	adapted := make([]note.Signer, len(signers))
	for i, s := range signers {
		if s == nil {
			return nil, &FieldError{Field: "signers", Reason: "must not hold nil"}
		}
		adapted[i] = noteSigner{s}
	}
	signed, err := note.Sign(&note.Note{Text: text}, adapted...)
	if err != nil {
		return nil, fmt.Errorf("governance: sign: %w", err)
	}
	return signed, nil
}

// noteSigner gives a Signer the shape of a note.Signer.
type noteSigner struct{ s *Signer }

func (n noteSigner) Name() string { return n.s.verifier.Name() }

func (n noteSigner) KeyHash() uint32 { return n.s.verifier.KeyHash() }

// Sign checks what the key returned: a faulty device is found here and not when the note is needed.
func (n noteSigner) Sign(msg []byte) ([]byte, error) {
	sig, err := n.s.key.Sign(nil, msg, crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	if !n.s.verifier.Verify(msg, sig) {
		return nil, errors.New("the key returned a signature that does not verify")
	}
	return sig, nil
}
