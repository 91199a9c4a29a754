package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
)

const digestPrefix = "sha256:"

// Digest is a SHA-256 digest, written "sha256:" and 64 lower-case hexadecimal digits.
// The zero Digest stands for "none" and is refused wherever a digest is required.
type Digest [sha256.Size]byte

// ParseDigest reads the text form and nothing else: upper case or a missing prefix is an error.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	raw, err := hex.DecodeString(strings.TrimPrefix(s, digestPrefix))
	if err != nil || len(raw) != len(d) {
		return Digest{}, &FieldError{Field: "digest", Reason: "must be sha256: and 64 hexadecimal digits"}
	}
	copy(d[:], raw)
	if d.String() != s {
		return Digest{}, &FieldError{Field: "digest", Reason: "must be sha256: and lower-case hexadecimal digits"}
	}
	return d, nil
}

// IsZero reports whether the digest is absent.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns the text form.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// MarshalText returns the text form.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form, as [ParseDigest] does.
func (d *Digest) UnmarshalText(text []byte) error {
	parsed, err := ParseDigest(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// digestOf hashes the canonical form of v. The domain keeps equal bytes with different meanings
// (a facet, a manifest, a gate table) from sharing a digest.
func digestOf(domain string, v any) Digest {
	buf := append([]byte("nhs-prevention/"+domain+"/v1"), 0)
	return sha256.Sum256(appendCanonical(buf, reflect.ValueOf(v)))
}
