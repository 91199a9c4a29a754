package governance

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/personalised-prevention/nhs/internal/durable"
)

// Witness is somebody other than the operator, such as information governance, who co-signs the checkpoints
// of one log: each only if it has everything that the one before had. An operator who shows two people two
// histories, or rewrites one, has no witness for the second; and the time in each cosignature shows that
// nothing was put in later than it says. It is safe for concurrent use.
//
// The formats are those of C2SP tlog-witness and tlog-cosignature, so other witnesses can be used as well.
type Witness struct {
	path     string
	signer   *Signer
	origin   string
	operator string

	mu   sync.Mutex
	seen Checkpoint
}

// maxRequest bounds a request to a witness.
const maxRequest = 64 << 10

// OpenWitness makes a witness of the log with this origin and this operator's verifier key. What it has
// co-signed last is kept in a file, which is made when there is none: it is the witness's memory, so keep
// it where the operator cannot change it. The signer is the witness's own; its [Signer.CosignerKey] is what
// auditors need.
func OpenWitness(path string, signer *Signer, origin, operator string) (*Witness, error) {
	var c checker
	c.require(path != "", "path", "is required")
	c.require(signer != nil, "signer", "is required")
	c.text("origin", origin)
	_, err := parseVerifierKey(operator)
	c.require(err == nil, "operator", "must be a verifier key")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &Witness{path: filepath.Clean(path), signer: signer, origin: origin, operator: operator}
	kept, err := os.ReadFile(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	if err != nil {
		return nil, fmt.Errorf("governance: witness: %w", err)
	}
	w.seen, err = OpenCheckpoint(kept, origin, operator, signer.CosignerKey())
	if err != nil {
		return nil, fmt.Errorf("governance: witness: what it has seen: %w", err)
	}
	return w, nil
}

// Seen returns the checkpoint that was co-signed last; its size is zero if there is none. The operator
// needs the size for [Log.WitnessRequest].
func (w *Witness) Seen() Checkpoint {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// Cosign checks a [Log.WitnessRequest] and returns the checkpoint with the operator's signature and the
// witness's, made at a time. When it returns nil the witness will remember. The error is [ErrTruncated] or
// [ErrTampered] for a log that has lost or changed what was there.
func (w *Witness) Cosign(request []byte, now time.Time) ([]byte, error) {
	r, err := parseWitnessRequest(request)
	if err != nil {
		return nil, err
	}
	if now.Unix() <= 0 {
		return nil, &FieldError{Field: "now", Reason: "must be a time after 1970"}
	}
	next, err := OpenCheckpoint(r.checkpoint, w.origin, w.operator)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.old != w.seen.Size {
		return nil, &FieldError{Field: "request", Reason: fmt.Sprintf("must start from %d entries, which the witness has seen", w.seen.Size)}
	}
	if err := r.proof.Check(w.seen, next); err != nil {
		return nil, err
	}
	operator, err := parseVerifierKey(w.operator)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(r.checkpoint, note.VerifierList(operator))
	if err != nil {
		return nil, fmt.Errorf("governance: checkpoint: %w", openError(err))
	}
	n.UnverifiedSigs = nil
	signed, err := note.Sign(n, timedSigner{w.signer, now})
	if err != nil {
		return nil, fmt.Errorf("governance: sign: %w", err)
	}
	err = durable.WriteFile(w.path, func(file io.Writer) error {
		_, err := file.Write(signed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("governance: witness: %w", err)
	}
	w.seen = next
	return signed, nil
}

// WitnessRequest asks a witness to co-sign the log as it is now, signed by the operator, given the size of
// the checkpoint the witness has seen last. It is text, to be carried in whatever way.
func (l *Log) WitnessRequest(seen int64, operator *Signer) ([]byte, error) {
	l.mu.Lock()
	grown := l.tree
	l.mu.Unlock()
	proof, err := grown.proveConsistency(seen)
	if err != nil {
		return nil, err
	}
	signed, err := Checkpoint{Origin: l.origin, Size: grown.size(), Root: grown.root()}.Sign(operator)
	if err != nil {
		return nil, err
	}
	return witnessRequest{seen, proof, signed}.text(), nil
}

// witnessRequest is the body of C2SP tlog-witness's add-checkpoint.
type witnessRequest struct {
	old        int64
	proof      ConsistencyProof
	checkpoint []byte
}

func (r witnessRequest) text() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.old)
	for _, h := range r.proof.Hashes {
		b = fmt.Appendf(b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	b = append(b, '\n')
	return append(b, r.checkpoint...)
}

func parseWitnessRequest(request []byte) (witnessRequest, error) {
	head, checkpoint, ok := bytes.Cut(request, []byte("\n\n"))
	first, rest, _ := strings.Cut(string(head), "\n")
	number, isOld := strings.CutPrefix(first, "old ")
	old, err := strconv.ParseInt(number, 10, 64)
	if !ok || !isOld || err != nil || old < 0 || len(request) > maxRequest {
		return witnessRequest{}, errBody
	}
	r := witnessRequest{old: old, checkpoint: checkpoint}
	for line := range strings.Lines(rest) {
		h, err := tlog.ParseHash(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return witnessRequest{}, errBody
		}
		r.proof.Hashes = append(r.proof.Hashes, Digest(h))
	}
	if !bytes.Equal(r.text(), request) {
		return witnessRequest{}, errBody
	}
	return r, nil
}
