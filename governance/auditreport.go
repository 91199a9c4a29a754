package governance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/personalised-prevention/nhs/internal/durable"
)

// AuditReport is what an [Audit] proved, and what it found.
type AuditReport struct {
	Origin string
	// Entries is the length of the log and Covered how much of it the checkpoints vouch for.
	Entries, Covered int64
	Checkpoints      []AuditedCheckpoint
	// Trusts are the trust files, in order.
	Trusts []TrustFile
	// Notes, Permits, Manifests and Outcomes count what was examined.
	Notes, Permits, Manifests, Outcomes int
	// Batches are those that were covered when they were authorised.
	Batches []AuditedBatch
	// Recorded is how many files the log says are beside it, and Unchanged how many of them are, as they were
	// recorded: [AuditDirectory] looks at them, and [Audit] does not.
	Recorded, Unchanged int
	// Findings are what should not be in the log, in order, and what is wrong with files.
	Findings []Finding
}

// AuditedCheckpoint is a checkpoint and when each witness co-signed it, in the order of the keys.
type AuditedCheckpoint struct {
	Checkpoint

	Cosigned []time.Time
}

// AuditedBatch is a batch and what covered it.
type AuditedBatch struct {
	Entry      int64
	At         time.Time
	Proposal   string
	Stage      Stage
	Reference  string
	Recipients int
	// Repeat says that the batch had been authorised before, and counts once.
	Repeat bool
	Gates  []AuditedGate
}

// AuditedGate is a gate, whose approvals counted for it, and where those are in the log.
type AuditedGate struct {
	Gate    string
	People  []PersonID
	Entries []int64
}

// Finding is something in the log that should not be there.
type Finding struct {
	Entry int64
	Err   error
}

// String gives the place and what is wrong, on one line: what was found may say anything.
func (f Finding) String() string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, fmt.Sprintf("entry %d: %s", f.Entry, f.Err))
}

// Proved reports whether nothing was found.
func (r *AuditReport) Proved() bool { return len(r.Findings) == 0 }

// String says what was proved, or what was found.
func (r *AuditReport) String() string {
	var b strings.Builder
	verdict := "PROVED"
	if !r.Proved() {
		verdict = "NOT PROVED"
	}
	fmt.Fprintf(&b, "%s: %s\n", r.Origin, verdict)
	fmt.Fprintf(&b, "  %d entries, %d of them under %d checkpoints\n", r.Entries, r.Covered, len(r.Checkpoints))
	for _, c := range r.Checkpoints {
		fmt.Fprintf(&b, "    %d entries, root %s", c.Size, c.Root)
		for _, at := range c.Cosigned {
			fmt.Fprintf(&b, ", witnessed %s", formatTime(at))
		}
		if len(c.Cosigned) == 0 {
			b.WriteString(", by the operator alone: no witness was asked for")
		}
		b.WriteString("\n")
	}
	for _, t := range r.Trusts {
		fmt.Fprintf(&b, "  trust file %d of %s: %d people, gates %s\n", t.Serial, t.IssuedAt.UTC().Format(time.DateOnly), len(t.People), t.Gates)
	}
	fmt.Fprintf(&b, "  examined: %d notes, %d permits, %d lists, %d outcomes\n", r.Notes, r.Permits, r.Manifests, r.Outcomes)
	fmt.Fprintf(&b, "  %d batches were covered when they were authorised\n", len(r.Batches))
	for _, s := range r.sums() {
		fmt.Fprintf(&b, "    %s at stage %s: %d people in %d batches\n", s.proposal, s.stage, s.recipients, s.batches)
	}
	fmt.Fprintf(&b, "  %d files were recorded beside the log, and %d of them are as they were recorded\n", r.Recorded, r.Unchanged)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  FOUND %s\n", f)
	}
	return b.String()
}

type auditSum struct {
	proposal            string
	stage               Stage
	recipients, batches int
}

// sums adds up batches by proposal and stage, in the order they were first seen.
func (r *AuditReport) sums() []auditSum {
	var list []auditSum
	for _, b := range r.Batches {
		if b.Repeat {
			continue
		}
		i := 0
		for i < len(list) && (list[i].proposal != b.Proposal || list[i].stage != b.Stage) {
			i++
		}
		if i == len(list) {
			list = append(list, auditSum{proposal: b.Proposal, stage: b.Stage})
		}
		list[i].recipients += b.Recipients
		list[i].batches++
	}
	return list
}

// The files of a log's directory.
const (
	// LogFile is the name of the log.
	LogFile = "audit.log"

	checkpointPrefix = "checkpoint-"
	checkpointSuffix = ".note"
)

// KeepCheckpoint writes a signed checkpoint beside its log, named by its size. One of the same size that is
// there already is kept; it must be of the same log.
func KeepCheckpoint(dir string, signed []byte) error {
	c, err := parseCheckpoint(unopened(string(signed)))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, c.fileName())
	switch kept, err := os.ReadFile(path); { //nolint:gosec // in a directory of the caller's
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("governance: checkpoint: %w", err)
	case unopened(string(kept)) != c.Text():
		return fmt.Errorf("%w: another checkpoint of %d entries has been kept", ErrTampered, c.Size)
	default:
		return nil
	}
	return durable.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(signed)
		return err
	})
}

// fileName is where a checkpoint is kept.
func (c Checkpoint) fileName() string {
	return fmt.Sprintf("%s%012d%s", checkpointPrefix, c.Size, checkpointSuffix)
}

// AuditDirectory is [Audit] for the files of a directory: [LogFile], what [KeepCheckpoint] wrote, and what
// [Authority.RecordFiles] recorded, which must all be there and the same. It changes nothing there.
//
// Whoever has the directory can put all of it back to an earlier state, which is then proved as far as it
// goes. Pass a signed checkpoint that was kept elsewhere, such as the file of the [Witness], and that is
// found.
func AuditDirectory(ctx context.Context, dir string, keys AuditKeys, elsewhere ...[]byte) (*AuditReport, error) {
	checkpoints, err := keptCheckpoints(dir)
	if err != nil {
		return nil, err
	}
	for i, signed := range elsewhere {
		checkpoints = append(checkpoints, signedCheckpoint{fmt.Sprintf("elsewhere[%d]", i), signed})
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("governance: audit: %w", err)
	}
	defer func() { _ = root.Close() }()
	storage, err := openReadOnly(filepath.Join(dir, LogFile))
	if err != nil {
		return nil, err
	}
	defer func() { _ = storage.Close() }()
	return audit(ctx, storage, checkpoints, keys, root.FS())
}

func isCheckpoint(name string) bool {
	return strings.HasPrefix(name, checkpointPrefix) && strings.HasSuffix(name, checkpointSuffix) && !strings.Contains(name, "/")
}

// keptCheckpoints reads what KeepCheckpoint wrote.
func keptCheckpoints(dir string) ([]signedCheckpoint, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("governance: audit: %w", err)
	}
	var list []signedCheckpoint
	for _, f := range files {
		if !isCheckpoint(f.Name()) {
			continue
		}
		signed, err := os.ReadFile(filepath.Join(dir, f.Name())) //nolint:gosec // in a directory of the caller's
		if err != nil {
			return nil, fmt.Errorf("governance: audit: %w", err)
		}
		// Another checkpoint under this name hides that this one is gone.
		if c, err := parseCheckpoint(unopened(string(signed))); err == nil && c.fileName() != f.Name() {
			return nil, fmt.Errorf("%w: %s is the checkpoint of %d entries", ErrTampered, f.Name(), c.Size)
		}
		list = append(list, signedCheckpoint{f.Name(), signed})
	}
	return list, nil
}
