package governance

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const auditKeysTitle = "nhs-prevention audit keys v1"

// AuditKeys are what an auditor has to know beforehand, from the people themselves and not from whoever
// runs the log. Everything else is in the log's own files.
type AuditKeys struct {
	// Origin names the log.
	Origin string
	// Roots sign the trust files.
	Roots Roots
	// Operator is the verifier key that signs checkpoints, and Witnesses are the cosigner keys of those
	// who must have co-signed each of them.
	Operator  string
	Witnesses []string
}

// Text writes the keys as "name: value" lines.
func (k AuditKeys) Text() string {
	p := newPage(auditKeysTitle)
	p.line("origin", k.Origin)
	p.line("threshold", strconv.Itoa(k.Roots.Threshold))
	for _, root := range k.Roots.Keys {
		p.line("root", root)
	}
	p.line("operator", k.Operator)
	for _, w := range k.Witnesses {
		p.line("witness", w)
	}
	return p.String()
}

// ParseAuditKeys reads the text that [AuditKeys.Text] writes.
func ParseAuditKeys(text string) (AuditKeys, error) {
	r, err := readPage(strings.ReplaceAll(text, "\r\n", "\n"), auditKeysTitle)
	if err != nil {
		return AuditKeys{}, errAuditKeys
	}
	k := AuditKeys{Origin: r.value("origin")}
	k.Roots.Threshold, err = strconv.Atoi(r.value("threshold"))
	if err != nil {
		return AuditKeys{}, errAuditKeys
	}
	for value, ok := r.next("root"); ok; value, ok = r.next("root") {
		k.Roots.Keys = append(k.Roots.Keys, value)
	}
	k.Operator = r.value("operator")
	for value, ok := r.next("witness"); ok; value, ok = r.next("witness") {
		k.Witnesses = append(k.Witnesses, value)
	}
	if k.Text() != strings.ReplaceAll(text, "\r\n", "\n") {
		return AuditKeys{}, errAuditKeys
	}
	return k, k.check()
}

var errAuditKeys = errors.New("governance: audit keys: must be a title and the lines origin, threshold, root (each), operator " +
	"and witness (each), in this order, as AuditKeys.Text writes them")

func (k AuditKeys) check() error {
	var c checker
	c.text("origin", k.Origin)
	if _, err := k.Roots.verifiers(); err != nil {
		c.errs = append(c.errs, err)
	}
	for i, n := range k.checkpointKeys() {
		_, err := parseVerifierKey(n.key)
		c.require(err == nil, n.name, "must be a verifier key")
		c.require(i == 0 || !samePublicKey(n.key, k.Operator), n.name, "must not be the operator: a witness is somebody else")
	}
	unique(&c, "witnesses", k.Witnesses)
	return c.err()
}

// checkpointKeys are the keys that must have signed every checkpoint, the operator's first.
func (k AuditKeys) checkpointKeys() []namedKey {
	keys := []namedKey{{"operator", k.Operator}}
	for i, w := range k.Witnesses {
		keys = append(keys, namedKey{fmt.Sprintf("witnesses[%d]", i), w})
	}
	return keys
}

// samePublicKey compares two verifier keys without their names and their kinds.
func samePublicKey(x, y string) bool {
	key := func(s string) string {
		if parts := strings.SplitN(s, "+", 3); len(parts) == 3 {
			return publicKey(s)[1:]
		}
		return s
	}
	return key(x) == key(y)
}
