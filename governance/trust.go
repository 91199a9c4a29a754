package governance

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Validity is a period: from From, until but not including Until. Both are required.
type Validity struct{ From, Until time.Time }

func (v Validity) contains(t time.Time) bool { return !t.Before(v.From) && t.Before(v.Until) }

// Person is somebody whose signature counts.
type Person struct {
	ID    PersonID
	Keys  []Key
	Roles []Grant
}

// Key is a public key in the text form of C2SP signed notes. To retire a key, bring its validity to an
// end: what it signed and had logged before then still counts. Remove it only if nothing should, nor
// anything others signed on the same note.
type Key struct {
	Verifier string
	Valid    Validity
}

// Grant gives a role for a period.
type Grant struct {
	Role  Role
	Valid Validity
}

// Trust says which people, keys and roles count, and when. It is immutable.
type Trust struct {
	keys      map[keyID]trustedKey
	roles     map[PersonID][]Grant
	verifiers note.Verifiers
	file      TrustFile // that it was opened from
	signed    string    // and its signed note, or empty
}

// keyID is what a signature line names.
type keyID struct {
	name string
	hash uint32
}

type trustedKey struct {
	person PersonID
	valid  Validity
	public string
}

// NewTrust checks the people. A person may hold several keys; nobody shares one.
//
// It is for tests and rehearsals, where roles are in code: who counts is then whatever the program says.
// Only a trust that [OpenTrust] opened from a signed file can be audited.
func NewTrust(people ...Person) (*Trust, error) {
	t := &Trust{keys: make(map[keyID]trustedKey), roles: make(map[PersonID][]Grant)}
	var c checker
	var verifiers []note.Verifier
	held := make(map[string]bool)
	for i, p := range people {
		at := fmt.Sprintf("people[%d].", i)
		c.word(at+"id", string(p.ID))
		c.require(len(p.Keys) > 0, at+"keys", "must not be empty")
		for _, k := range p.Keys {
			checkValidity(&c, at+"keys.valid", k.Valid)
			v, err := note.NewVerifier(k.Verifier)
			if err != nil {
				c.fail(at+"keys.verifier", "must be a verifier key")
				continue
			}
			// Names are free to choose: one key under two names is still one key, and two keys must
			// not share what a signature line says of them.
			id, public := keyID{v.Name(), v.KeyHash()}, publicKey(k.Verifier)
			_, taken := t.keys[id]
			c.require(!taken && !held[public], at+"keys.verifier", "must not be held twice")
			held[public] = true
			t.keys[id] = trustedKey{p.ID, k.Valid, public}
			verifiers = append(verifiers, v)
		}
		for _, g := range p.Roles {
			c.word(at+"roles.role", string(g.Role))
			checkValidity(&c, at+"roles.valid", g.Valid)
		}
		t.roles[p.ID] = slices.Clone(p.Roles)
	}
	unique(&c, "people", namesOf(people, func(p Person) PersonID { return p.ID }))
	if err := c.err(); err != nil {
		return nil, err
	}
	t.verifiers = note.VerifierList(verifiers...)
	return t, nil
}

// publicKey is the key in a verifier key that note.NewVerifier has accepted, without its name.
func publicKey(verifier string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(verifier, "+", 3)[2])
	if err != nil {
		return verifier
	}
	return string(raw)
}

func checkValidity(c *checker, field string, v Validity) {
	c.time(field+".from", v.From)
	c.time(field+".until", v.Until)
	c.require(v.From.Before(v.Until), field+".until", "must be later than from")
}

// open checks a signed note and returns its body and the distinct people who signed it. Every
// signature must be good and by a key that is valid at the time: one stranger spoils the note, so
// that nothing in the log is ambiguous.
func (t *Trust) open(signed []byte, at time.Time) (text string, people []PersonID, err error) {
	n, err := openNote(signed, t.verifiers)
	if err != nil {
		return "", nil, err
	}
	for _, sig := range n.Sigs {
		k := t.keys[keyID{sig.Name, sig.Hash}]
		if !k.valid.contains(at) {
			return "", nil, fmt.Errorf("governance: note: the key of %s is valid from %s until %s, not at %s",
				k.person, formatTime(k.valid.From), formatTime(k.valid.Until), formatTime(at))
		}
		people = append(people, k.person)
	}
	slices.Sort(people)
	return n.Text, slices.Compact(people), nil
}

// openNote opens a note in which every signature is good and by one of the keys.
func openNote(signed []byte, keys note.Verifiers) (*note.Note, error) {
	n, err := note.Open(signed, keys)
	if err != nil {
		return nil, fmt.Errorf("governance: note: %w", openError(err))
	}
	if len(n.UnverifiedSigs) > 0 {
		return nil, errors.New("governance: note: a signature is by a key that is not trusted")
	}
	if !bytes.Equal(signed, canonicalNote(n)) {
		return nil, errors.New("governance: note: not in the one form it is written in")
	}
	return n, nil
}

// canonicalNote writes an opened note again. note.Open skips repeated signatures and forgives stray bits
// at the end of their base64, which would let one statement have many byte forms.
func canonicalNote(n *note.Note) []byte {
	b := []byte(n.Text + "\n")
	for _, sig := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil {
			return nil
		}
		b = fmt.Appendf(b, "— %s %s\n", sig.Name, base64.StdEncoding.EncodeToString(raw))
	}
	return b
}

// openError drops the parts of an unread note that note.Open quotes.
func openError(err error) error {
	if _, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return errors.New("a signature does not match the text")
	}
	if _, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return errors.New("no signature is by a trusted key")
	}
	return errors.New("not a signed note")
}

// knows reports whether a person is in the trust, with whatever roles.
func (t *Trust) knows(p PersonID) bool {
	_, ok := t.roles[p]
	return ok
}

// rolesAt lists the roles a person holds at a time.
func (t *Trust) rolesAt(p PersonID, at time.Time) []Role {
	var roles []Role
	for _, g := range t.roles[p] {
		if g.Valid.contains(at) {
			roles = append(roles, g.Role)
		}
	}
	return roles
}
