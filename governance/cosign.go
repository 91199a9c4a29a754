package governance

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// algCosignature marks keys that sign checkpoints together with the time: C2SP tlog-cosignature, version 1,
// with Ed25519.
const algCosignature = 4

// cosigner is the public half of a key that co-signs checkpoints.
type cosigner struct {
	name string
	key  ed25519.PublicKey
}

func (v cosigner) Name() string { return v.name }

func (v cosigner) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(v.name+"\n"), v.encoded()...))
	return binary.BigEndian.Uint32(sum[:])
}

func (v cosigner) encoded() []byte { return append([]byte{algCosignature}, v.key...) }

// Verify implements note.Verifier. The signature starts with the time.
func (v cosigner) Verify(msg, sig []byte) bool {
	at, signature, ok := splitCosignature(sig)
	return ok && ed25519.Verify(v.key, cosigned(msg, at), signature)
}

// verifierKey is the text form, as of note.NewVerifier.
func (v cosigner) verifierKey() string {
	return fmt.Sprintf("%s+%08x+%s", v.name, v.KeyHash(), base64.StdEncoding.EncodeToString(v.encoded()))
}

// cosigned is what a cosigner signs.
func cosigned(checkpoint []byte, at time.Time) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at.Unix()), checkpoint...)
}

func splitCosignature(sig []byte) (at time.Time, signature []byte, ok bool) {
	if len(sig) != 8+ed25519.SignatureSize {
		return time.Time{}, nil, false
	}
	seconds := binary.BigEndian.Uint64(sig)
	if seconds == 0 || seconds > 1<<40 {
		return time.Time{}, nil, false
	}
	return time.Unix(int64(seconds), 0).UTC(), sig[8:], true
}

// verifier is the public half of either kind of key.
type verifier struct{ note.Verifier }

// parseVerifierKey reads the text form.
func parseVerifierKey(s string) (verifier, error) {
	if v, err := note.NewVerifier(s); err == nil {
		return verifier{v}, nil
	}
	parts := strings.SplitN(s, "+", 3)
	if len(parts) != 3 {
		return verifier{}, errVerifierKey
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature {
		return verifier{}, errVerifierKey
	}
	v := cosigner{name: parts[0], key: raw[1:]}
	var c checker
	c.word("name", v.name)
	if c.err() != nil || v.verifierKey() != s {
		return verifier{}, errVerifierKey
	}
	return verifier{v}, nil
}

var errVerifierKey = errors.New("governance: must be a verifier key")

// CosignerKey is the public half for cosignatures, which say when they were made: what [OpenCheckpoint] and
// an audit take for a [Witness].
func (s *Signer) CosignerKey() string { return s.cosigner().verifierKey() }

func (s *Signer) cosigner() cosigner { return cosigner{name: string(s.person), key: s.public} }

// timedSigner gives a Signer the shape of a note.Signer that co-signs.
type timedSigner struct {
	s  *Signer
	at time.Time
}

func (t timedSigner) Name() string { return t.s.cosigner().name }

func (t timedSigner) KeyHash() uint32 { return t.s.cosigner().KeyHash() }

func (t timedSigner) Sign(msg []byte) ([]byte, error) {
	signature, err := t.s.key.Sign(nil, cosigned(msg, t.at), crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	sig := append(binary.BigEndian.AppendUint64(nil, uint64(t.at.Unix())), signature...) //nolint:gosec // checked: after 1970
	if !t.s.cosigner().Verify(msg, sig) {
		return nil, errors.New("the key returned a signature that does not verify")
	}
	return sig, nil
}

// cosignedAt returns the time in a cosignature of an opened note.
func cosignedAt(sig note.Signature) (time.Time, bool) {
	raw, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil || len(raw) < 4 {
		return time.Time{}, false
	}
	at, _, ok := splitCosignature(raw[4:])
	return at, ok
}
