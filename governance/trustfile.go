package governance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const (
	trustTitle = "nhs-prevention trust v1"
	maxTrust   = 512 << 10 // bytes of a signed trust file
)

// TrustFile says which people, keys and roles count, and by which gate table, as text that people can read.
// Whoever holds the root keys signs it.
type TrustFile struct {
	// Serial grows by one or more with every file: a log that has one takes no earlier one.
	Serial   int
	IssuedAt time.Time
	// Gates is the [GatesDigest] of the gate table.
	Gates  Digest
	People []Person
}

// Roots are the keys that sign trust files: the few that everything else rests on.
type Roots struct {
	// Keys are verifier keys, as [Signer.VerifierKey] returns them.
	Keys []string
	// Threshold is how many of them must sign.
	Threshold int
}

// Sign returns the signed note for [OpenTrust].
func (f TrustFile) Sign(signers ...*Signer) ([]byte, error) {
	if _, err := f.trust(); err != nil {
		return nil, err
	}
	return signText(f.Text(), signers)
}

// Text is the body that is read and signed.
func (f TrustFile) Text() string {
	p := newPage(trustTitle)
	p.line("serial", strconv.Itoa(f.Serial))
	p.line("issued-at", formatTime(f.IssuedAt))
	p.line("gates", f.Gates.String())
	for _, person := range f.People {
		p.line("person", string(person.ID))
		for _, k := range person.Keys {
			p.line("key", k.Valid.String()+" "+k.Verifier)
		}
		for _, g := range person.Roles {
			p.line("role", g.Valid.String()+" "+string(g.Role))
		}
	}
	return p.String()
}

// OpenTrust reads a signed trust file. As many root keys as the threshold says must have signed it, and
// nobody else.
func OpenTrust(signed []byte, roots Roots) (*Trust, error) {
	if len(signed) > maxTrust {
		return nil, &FieldError{Field: "trust", Reason: fmt.Sprintf("must be at most %d bytes", maxTrust)}
	}
	keys, err := roots.verifiers()
	if err != nil {
		return nil, err
	}
	n, err := openNote(signed, note.VerifierList(keys...))
	if err != nil {
		return nil, fmt.Errorf("governance: trust: %w", err)
	}
	if len(n.Sigs) < roots.Threshold {
		return nil, fmt.Errorf("governance: trust: signed by %d root keys of the %d it needs", len(n.Sigs), roots.Threshold)
	}
	f, err := parseTrustFile(n.Text)
	if err != nil {
		return nil, err
	}
	t, err := f.trust()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(roots.Keys, t.holds) {
		return nil, &FieldError{Field: "trust", Reason: "must not give a root key to a person who signs approvals"}
	}
	t.file, t.signed = f, string(signed)
	return t, nil
}

// File returns the trust file the trust was opened from; it is zero for one of [NewTrust].
func (t *Trust) File() TrustFile { return t.file }

func (t *Trust) holds(verifier string) bool {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return false
	}
	for id, k := range t.keys {
		if k.public == publicKey(verifier) || id == (keyID{v.Name(), v.KeyHash()}) {
			return true
		}
	}
	return false
}

// verifiers checks the roots. One key under two names would count twice.
func (r Roots) verifiers() ([]note.Verifier, error) {
	var c checker
	var list []note.Verifier
	var keys []string
	for i, k := range r.Keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			c.fail(fmt.Sprintf("roots.keys[%d]", i), "must be a verifier key")
			continue
		}
		list = append(list, v)
		keys = append(keys, publicKey(k))
	}
	unique(&c, "roots.keys", keys)
	unique(&c, "roots.keys", namesOf(list, func(v note.Verifier) keyID { return keyID{v.Name(), v.KeyHash()} }))
	c.require(r.Threshold >= 1 && r.Threshold <= len(r.Keys), "roots.threshold", "must be between 1 and the number of keys")
	return list, c.err()
}

// trust checks the file.
func (f TrustFile) trust() (*Trust, error) {
	var c checker
	c.positive("serial", f.Serial)
	c.time("issued-at", f.IssuedAt)
	c.digest("gates", f.Gates)
	if err := c.err(); err != nil {
		return nil, err
	}
	return NewTrust(f.People...)
}

// parseTrustFile reads the body of a note. It accepts only the text that [TrustFile.Text] writes.
func parseTrustFile(text string) (TrustFile, error) {
	r, err := readPage(text, trustTitle)
	if err != nil {
		return TrustFile{}, err
	}
	serial, err := strconv.Atoi(r.value("serial"))
	if err != nil {
		return TrustFile{}, errBody
	}
	f := TrustFile{Serial: serial, IssuedAt: r.time("issued-at"), Gates: r.digest("gates")}
	for id, ok := r.next("person"); ok; id, ok = r.next("person") {
		p := Person{ID: PersonID(id)}
		for value, ok := r.next("key"); ok; value, ok = r.next("key") {
			valid, verifier := parseValidity(value)
			p.Keys = append(p.Keys, Key{Verifier: verifier, Valid: valid})
		}
		for value, ok := r.next("role"); ok; value, ok = r.next("role") {
			valid, role := parseValidity(value)
			p.Roles = append(p.Roles, Grant{Role: Role(role), Valid: valid})
		}
		f.People = append(f.People, p)
	}
	if f.Text() != text {
		return TrustFile{}, errBody
	}
	return f, nil
}

// String returns both ends.
func (v Validity) String() string { return formatTime(v.From) + " " + formatTime(v.Until) }

// parseValidity reads both ends and what follows them.
func parseValidity(s string) (v Validity, rest string) {
	from, s, _ := strings.Cut(s, " ")
	until, rest, _ := strings.Cut(s, " ")
	start, errFrom := time.Parse(time.RFC3339Nano, from)
	end, errUntil := time.Parse(time.RFC3339Nano, until)
	if errFrom != nil || errUntil != nil {
		return Validity{}, rest
	}
	return Validity{start.UTC(), end.UTC()}, rest
}
