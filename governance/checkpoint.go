package governance

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint commits to everything in a log up to a size. Keep it where whoever runs the log cannot
// change it; the log can then be checked against it for ever.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Digest
}

// Text is the body of a C2SP tlog-checkpoint.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign returns the checkpoint as a signed note, for the operator of the log. A [Witness] co-signs it.
func (c Checkpoint) Sign(signers ...*Signer) ([]byte, error) { return signText(c.Text(), signers) }

// OpenCheckpoint reads a signed checkpoint of the log with this origin. Every one of the verifier keys
// must have signed it: name the operator's [Signer.VerifierKey] and the witness's [Signer.CosignerKey] to
// require both.
func OpenCheckpoint(signed []byte, origin string, verifierKeys ...string) (Checkpoint, error) {
	if len(verifierKeys) == 0 {
		return Checkpoint{}, &FieldError{Field: "verifierKeys", Reason: "must not be empty"}
	}
	keys := make([]namedKey, len(verifierKeys))
	for i, key := range verifierKeys {
		keys[i] = namedKey{fmt.Sprintf("verifierKeys[%d]", i), key}
	}
	c, _, err := openCheckpoint(signed, origin, keys)
	return c, err
}

// namedKey is a verifier key and what errors call it.
type namedKey struct{ name, key string }

// openCheckpoint also returns when each key co-signed, or the zero time for a key that only signed.
func openCheckpoint(signed []byte, origin string, keys []namedKey) (Checkpoint, []time.Time, error) {
	var text string
	times := make([]time.Time, len(keys))
	for i, k := range keys {
		v, err := parseVerifierKey(k.key)
		if err != nil {
			return Checkpoint{}, nil, &FieldError{Field: k.name, Reason: "must be a verifier key"}
		}
		n, err := note.Open(signed, note.VerifierList(v))
		if err != nil {
			return Checkpoint{}, nil, fmt.Errorf("governance: checkpoint: %s: %w", k.name, openError(err))
		}
		text = n.Text
		times[i], _ = cosignedAt(n.Sigs[0])
	}
	if !strictSignatures(signed) {
		return Checkpoint{}, nil, errors.New("governance: checkpoint: a signature is not in the one form it is written in")
	}
	c, err := parseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if c.Origin != origin {
		return Checkpoint{}, nil, &FieldError{Field: "origin", Reason: "is not that of the checkpoint"}
	}
	return c, times, nil
}

// strictSignatures reports whether the signatures of an opened note have no stray bits at the end of their
// base64, which note.Open forgives: no bit of a checkpoint can be changed unnoticed.
func strictSignatures(signed []byte) bool {
	for line := range strings.Lines(string(signed[len(unopened(string(signed)))+1:])) {
		sig := line[strings.LastIndexByte(line, ' ')+1:]
		if _, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(sig, "\n")); err != nil {
			return false
		}
	}
	return true
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, errBody
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, errBody
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errBody
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: Digest(root)}
	if c.Text() != text {
		return Checkpoint{}, errBody
	}
	return c, nil
}

// Verify reads a log from storage again and checks that it still begins with everything the trusted
// checkpoint committed to, and that what follows is consistent. It needs no keys and no network. The
// error is [ErrTampered], [ErrTruncated], a [*TornTailError] or the storage's own. An [Audit] checks as
// well what the log says.
func Verify(ctx context.Context, storage Storage, trusted Checkpoint) error {
	l, err := OpenLog(ctx, storage, trusted.Origin)
	if err != nil {
		return err
	}
	return l.holds(trusted)
}

// holds checks that the log begins with everything a checkpoint committed to.
func (l *Log) holds(trusted Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tree.size() < trusted.Size {
		return fmt.Errorf("%w: %d entries, not %d", ErrTruncated, l.tree.size(), trusted.Size)
	}
	root, err := tlog.TreeHash(trusted.Size, &l.tree)
	if err != nil {
		return fmt.Errorf("governance: verify: %w", err)
	}
	if Digest(root) != trusted.Root {
		return fmt.Errorf("%w: the first %d entries are not those of the checkpoint", ErrTampered, trusted.Size)
	}
	return nil
}

// Proof shows that one entry is in a log.
type Proof struct {
	Index int64
	// Record is the entry as it is stored.
	Record []byte
	Hashes []Digest
}

// Check proves the entry against a trusted checkpoint and returns it.
func (p Proof) Check(trusted Checkpoint) (Entry, error) {
	err := tlog.CheckRecord(tlogHashes(p.Hashes), trusted.Size, tlog.Hash(trusted.Root), p.Index, tlog.RecordHash(p.Record))
	if err != nil {
		return Entry{}, fmt.Errorf("%w: the proof does not lead to the checkpoint", ErrTampered)
	}
	return decodeEntry(p.Record, p.Index)
}

// ConsistencyProof shows that a log has everything it had when it was shorter.
type ConsistencyProof struct{ Hashes []Digest }

// Check proves that the later checkpoint has everything the earlier one had. Every log has what an empty
// one had.
func (p ConsistencyProof) Check(earlier, later Checkpoint) error {
	switch {
	case earlier.Origin != later.Origin && earlier.Size > 0:
		return &FieldError{Field: "origin", Reason: "must be the same for both checkpoints"}
	case earlier.Size > later.Size:
		return fmt.Errorf("%w: %d entries, not %d", ErrTruncated, later.Size, earlier.Size)
	case earlier.Size == 0:
		return nil
	}
	err := tlog.CheckTree(tlogHashes(p.Hashes), later.Size, tlog.Hash(later.Root), earlier.Size, tlog.Hash(earlier.Root))
	if err != nil {
		return fmt.Errorf("%w: the later checkpoint does not follow from the earlier one", ErrTampered)
	}
	return nil
}

func tlogHashes(list []Digest) []tlog.Hash {
	hashes := make([]tlog.Hash, len(list))
	for i, h := range list {
		hashes[i] = tlog.Hash(h)
	}
	return hashes
}

func digests(list []tlog.Hash) []Digest {
	hashes := make([]Digest, len(list))
	for i, h := range list {
		hashes[i] = Digest(h)
	}
	return hashes
}
