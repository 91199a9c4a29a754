package governance

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

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

// List is a sealed list of recipients, each once. It is immutable and safe for concurrent use, and holds
// 32 bytes for each of them.
type List struct {
	tokens []Token // in byte order
	digest Digest
}

// NewList seals a list. The order in which it was built means nothing; a repeated token is an error:
// nobody is on a list twice.
func NewList(tokens []Token) (*List, error) {
	sorted := slices.Clone(tokens)
	slices.SortFunc(sorted, compareTokens)
	for i := range sorted {
		if i > 0 && sorted[i] == sorted[i-1] {
			return nil, &FieldError{Field: "tokens", Reason: "must not repeat a recipient"}
		}
	}
	return &List{tokens: sorted, digest: Digest(merkleRoot(sorted))}, nil
}

func compareTokens(x, y Token) int { return bytes.Compare(x[:], y[:]) }

// Digest is the Merkle root (RFC 6962) over the tokens in byte order: what a [Manifest] says of its list.
func (l *List) Digest() Digest { return l.digest }

// Len returns how many recipients are on the list.
func (l *List) Len() int { return len(l.tokens) }

// Contains reports whether a recipient is on the list.
func (l *List) Contains(t Token) bool {
	_, found := slices.BinarySearchFunc(l.tokens, t, compareTokens)
	return found
}

// Prove returns a proof that a recipient is on the list, which shows no other: what answers the question
// of one person whether they were on it.
func (l *List) Prove(t Token) (ListProof, error) {
	index, found := slices.BinarySearchFunc(l.tokens, t, compareTokens)
	if !found {
		return ListProof{}, &FieldError{Field: "token", Reason: "is not on the list"}
	}
	hashes, err := tlog.ProveRecord(int64(len(l.tokens)), int64(index), tlog.HashReaderFunc(l.storedHashes))
	if err != nil {
		return ListProof{}, fmt.Errorf("governance: list: prove: %w", err)
	}
	return ListProof{Index: int64(index), Size: int64(len(l.tokens)), Hashes: digests(hashes)}, nil
}

// storedHashes gives tlog the roots of whole subtrees, which are disjoint for one proof.
func (l *List) storedHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		hashes[i] = merkleRoot(l.tokens[n<<level : (n+1)<<level])
	}
	return hashes, nil
}

// ListProof shows that one recipient is on a list.
type ListProof struct {
	// Index is the recipient's place and Size the length of the list.
	Index, Size int64
	Hashes      []Digest
}

// Check proves the recipient against the digest of a list.
func (p ListProof) Check(list Digest, t Token) error {
	if err := tlog.CheckRecord(tlogHashes(p.Hashes), p.Size, tlog.Hash(list), p.Index, tlog.RecordHash(t[:])); err != nil {
		return fmt.Errorf("%w: the proof does not lead to the list", ErrTampered)
	}
	return nil
}

// merkleRoot keeps one hash for each complete subtree, so its memory does not grow with the list.
func merkleRoot(leaves []Token) tlog.Hash {
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
	return subtrees[0]
}
