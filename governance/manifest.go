package governance

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Manifest describes a built list without showing anyone on it. Building again changes it and voids
// the gates that cover it.
type Manifest struct {
	// Proposal is the root of the proposal it was built for.
	Proposal Digest `json:"proposal"`
	// Plan is the digest of what was run, suppressions included.
	Plan      Digest     `json:"plan"`
	Snapshots []Snapshot `json:"snapshots"`
	// Included is how many people are on the list; Exclusions says why the others are not.
	Included   int         `json:"included"`
	Exclusions []Exclusion `json:"exclusions"`
	// Sentinels says how the planted test identities fared.
	Sentinels []SentinelResult `json:"sentinels"`
	// Recipients is the [RecipientsDigest] of the list.
	Recipients Digest    `json:"recipients"`
	BuiltAt    time.Time `json:"builtAt"`
}

// Snapshot is the state of a data set that was read.
type Snapshot struct {
	DataSet string    `json:"dataSet"`
	ID      string    `json:"id"`
	TakenAt time.Time `json:"takenAt"`
}

// Exclusion counts the people left out for one reason.
type Exclusion struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// SentinelResult counts the test identities of one kind that were planted and that were caught.
type SentinelResult struct {
	Kind    string `json:"kind"`
	Planted int    `json:"planted"`
	Caught  int    `json:"caught"`
}

// Digest is what the summary and release gates sign.
func (m Manifest) Digest() Digest { return digestOf("manifest", m) }

// Validate reports everything wrong with the manifest. Each error is a [*FieldError].
func (m Manifest) Validate() error {
	var c checker
	c.digest("manifest.proposal", m.Proposal)
	c.digest("manifest.plan", m.Plan)
	c.digest("manifest.recipients", m.Recipients)
	c.count("manifest.included", m.Included)
	c.time("manifest.builtAt", m.BuiltAt)
	for i, s := range m.Snapshots {
		at := fmt.Sprintf("manifest.snapshots[%d].", i)
		c.text(at+"dataSet", s.DataSet)
		c.text(at+"id", s.ID)
		c.time(at+"takenAt", s.TakenAt)
		c.require(!s.TakenAt.After(m.BuiltAt), at+"takenAt", "must not be later than builtAt")
	}
	unique(&c, "manifest.snapshots", namesOf(m.Snapshots, func(s Snapshot) string { return s.DataSet }))
	for i, e := range m.Exclusions {
		at := fmt.Sprintf("manifest.exclusions[%d].", i)
		c.text(at+"reason", e.Reason)
		c.count(at+"count", e.Count)
	}
	unique(&c, "manifest.exclusions", namesOf(m.Exclusions, func(e Exclusion) string { return e.Reason }))
	for i, s := range m.Sentinels {
		at := fmt.Sprintf("manifest.sentinels[%d].", i)
		c.text(at+"kind", s.Kind)
		c.count(at+"planted", s.Planted)
		c.count(at+"caught", s.Caught)
	}
	unique(&c, "manifest.sentinels", namesOf(m.Sentinels, func(s SentinelResult) string { return s.Kind }))
	return c.err()
}

// clone copies the manifest so that its owner's later changes cannot reach ours.
func (m Manifest) clone() Manifest {
	m.Snapshots = slices.Clone(m.Snapshots)
	m.Exclusions = slices.Clone(m.Exclusions)
	m.Sentinels = slices.Clone(m.Sentinels)
	return m
}

// Token stands for one recipient of one proposal. Without the sealer's key it says nothing about who
// that is, so destroying the key unlinks every log and manifest from people.
type Token [sha256.Size]byte

// Sealer turns recipients into tokens.
type Sealer struct {
	key      []byte
	proposal string
}

// NewSealer keeps a secret key of at least 32 random bytes, for one proposal. Tokens of different
// proposals cannot be compared.
func NewSealer(key []byte, proposalID string) (*Sealer, error) {
	var c checker
	c.require(len(key) >= sha256.Size, "key", "must be at least %d bytes", sha256.Size)
	c.text("proposalID", proposalID)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &Sealer{key: bytes.Clone(key), proposal: proposalID}, nil
}

// Token seals what identifies a recipient, such as an NHS number in its stored form. It is safe for
// concurrent use.
func (s *Sealer) Token(subject string) Token {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("nhs-prevention/recipient/v1\x00" + s.proposal + "\x00" + subject))
	return Token(mac.Sum(nil))
}

// RecipientsDigest is the Merkle root (RFC 6962) over the tokens in byte order, so the order in which a
// list was built means nothing and one person's place can be proved without showing the others. A
// repeated token is an error: nobody is on a list twice.
func RecipientsDigest(tokens []Token) (Digest, error) {
	sorted := slices.Clone(tokens)
	slices.SortFunc(sorted, func(x, y Token) int { return bytes.Compare(x[:], y[:]) })
	if len(slices.Compact(sorted)) < len(tokens) {
		return Digest{}, &FieldError{Field: "tokens", Reason: "must not repeat a recipient"}
	}
	return merkleRoot(sorted), nil
}

// merkleRoot keeps one hash for each complete subtree, so its memory does not grow with the list.
func merkleRoot(leaves []Token) Digest {
	if len(leaves) == 0 {
		return sha256.Sum256(nil)
	}
	var subtrees []tlog.Hash
	fold := func() {
		last := len(subtrees) - 1
		subtrees[last-1] = tlog.NodeHash(subtrees[last-1], subtrees[last])
		subtrees = subtrees[:last]
	}
	for i, leaf := range leaves {
		subtrees = append(subtrees, tlog.RecordHash(leaf[:]))
		for n := i + 1; n%2 == 0; n /= 2 {
			fold()
		}
	}
	for len(subtrees) > 1 {
		fold()
	}
	return Digest(subtrees[0])
}
