package governance

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

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

// Sign returns the checkpoint as a signed note. An operator signs, and a witness may sign as well.
func (c Checkpoint) Sign(signers ...*Signer) ([]byte, error) { return signText(c.Text(), signers) }

// OpenCheckpoint reads a signed checkpoint of the log with this origin. Every one of the verifier keys
// must have signed it: name the operator's and the witness's to require both.
func OpenCheckpoint(signed []byte, origin string, verifierKeys ...string) (Checkpoint, error) {
	if len(verifierKeys) == 0 {
		return Checkpoint{}, &FieldError{Field: "verifierKeys", Reason: "must not be empty"}
	}
	var text string
	for i, key := range verifierKeys {
		v, err := note.NewVerifier(key)
		if err != nil {
			return Checkpoint{}, &FieldError{Field: fmt.Sprintf("verifierKeys[%d]", i), Reason: "must be a verifier key"}
		}
		n, err := note.Open(signed, note.VerifierList(v))
		if err != nil {
			return Checkpoint{}, fmt.Errorf("governance: checkpoint: verifierKeys[%d]: %w", i, openError(err))
		}
		text = n.Text
	}
	c, err := parseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, &FieldError{Field: "origin", Reason: "is not that of the checkpoint"}
	}
	return c, nil
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
// error is [ErrTampered], [ErrTruncated], a [*TornTailError] or the storage's own.
func Verify(ctx context.Context, storage Storage, trusted Checkpoint) error {
	origin := trusted.Origin
	l, err := OpenLog(ctx, storage, origin)
	if err != nil {
		return err
	}
	if l.Size() < trusted.Size {
		return fmt.Errorf("%w: %d entries, not %d", ErrTruncated, l.Size(), trusted.Size)
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
	hashes := make(tlog.RecordProof, len(p.Hashes))
	for i, h := range p.Hashes {
		hashes[i] = tlog.Hash(h)
	}
	err := tlog.CheckRecord(hashes, trusted.Size, tlog.Hash(trusted.Root), p.Index, tlog.RecordHash(p.Record))
	if err != nil {
		return Entry{}, fmt.Errorf("%w: the proof does not lead to the checkpoint", ErrTampered)
	}
	return decodeEntry(p.Record, p.Index)
}
