package governance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Audit reads a log as somebody who trusts nobody but the holders of some keys. It needs no network and no
// other file than the log and its checkpoints; [AuditDirectory] also compares the files that were recorded
// beside it. It checks that
//
//   - every checkpoint is signed by the operator and co-signed by every witness, and the log still begins
//     with everything each of them committed to;
//   - the trust files are signed by the roots, none earlier than the one before, and the gate table is the
//     one they name;
//   - every note was good when it was logged, by the keys, roles and rules of that time;
//   - every permit, build, manifest, batch and outcome was what the log allowed at that time: every batch
//     was covered by a permit and by the approvals of every gate, within its window, hours, ages and caps;
//   - the times in the log agree with those of the witnesses: nothing was put in later than it says.
//
// The error is one of reading, or means that the files contradict each other or their signatures. What the
// log says that it should not is in [AuditReport.Findings].
func Audit(ctx context.Context, storage Storage, checkpoints [][]byte, keys AuditKeys) (*AuditReport, error) {
	list := make([]signedCheckpoint, len(checkpoints))
	for i, signed := range checkpoints {
		list[i] = signedCheckpoint{fmt.Sprintf("checkpoints[%d]", i), signed}
	}
	return audit(ctx, storage, list, keys, nil)
}

// signedCheckpoint is a signed checkpoint and what errors call it.
type signedCheckpoint struct {
	name   string
	signed []byte
}

// audit also compares the files that were recorded, if it is given those of a directory.
func audit(ctx context.Context, storage Storage, checkpoints []signedCheckpoint, keys AuditKeys, dir fs.FS) (*AuditReport, error) {
	if err := keys.check(); err != nil {
		return nil, err
	}
	if len(checkpoints) == 0 {
		return nil, &FieldError{Field: "checkpoints", Reason: "must not be empty: nothing else vouches for the end of a log"}
	}
	l, err := OpenLog(ctx, storage, keys.Origin)
	if err != nil {
		return nil, err
	}
	a := &auditor{keys: keys, report: &AuditReport{Origin: keys.Origin, Entries: l.Size()}}
	for _, s := range checkpoints {
		c, times, err := openCheckpoint(s.signed, keys.Origin, keys.checkpointKeys())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if err := l.holds(c); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		a.report.Checkpoints = append(a.report.Checkpoints, AuditedCheckpoint{Checkpoint: c, Cosigned: times[1:]})
		a.report.Covered = max(a.report.Covered, c.Size)
	}
	if err := a.replay(l.since(0)); err != nil {
		return nil, err
	}
	if err := a.compareFiles(dir); err != nil {
		return nil, err
	}
	if rest := a.report.Entries - a.report.Covered; rest > 0 {
		a.find(a.report.Covered, fmt.Errorf("%w: %d entries are after the last checkpoint", errUncovered, rest))
	}
	return a.report, nil
}

// auditor replays a log.
type auditor struct {
	keys    AuditKeys
	report  *AuditReport
	judge   *judge
	tabled  bool // the gate table is the one of the trust file
	entries []Entry
}

func (a *auditor) find(entry int64, err error) {
	a.report.Findings = append(a.report.Findings, Finding{Entry: entry, Err: err})
}

// replay asks about every entry what the authority must have asked before it wrote it.
func (a *auditor) replay(entries []Entry) error {
	j, err := newJudge(nil, nil)
	if err != nil {
		return err
	}
	a.judge = j
	for _, e := range entries {
		if err := a.examine(e); err != nil {
			a.find(e.Index, err)
		}
		for _, c := range a.report.Checkpoints {
			for _, at := range c.Cosigned {
				if err := checkWitnessed(e, c.Size, at); err != nil {
					a.find(e.Index, err)
				}
			}
		}
		a.entries = append(a.entries, e)
		if a.judge.trust != nil {
			a.judge.ledger.apply(e)
		}
	}
	return nil
}

// What an audit finds.
var (
	errUncovered   = errors.New("not vouched for")
	errNoTrust     = errors.New("no good trust file is in force")
	errNoGates     = errors.New("the gate table that the trust file names is not in force")
	errUnknown     = errors.New("its content is not in the log")
	errContradicts = errors.New("contradicts what the log says")
	errTime        = errors.New("its time contradicts a witness")
)

// checkWitnessed compares the time of an entry with that of a cosignature. An entry the witness saw is not
// later, and one that it did not see is not earlier.
func checkWitnessed(e Entry, size int64, at time.Time) error {
	switch {
	case e.Index < size && e.At.After(at.Add(clockSkew)):
		return fmt.Errorf("%w: it says %s and was there at %s", errTime, formatTime(e.At), formatTime(at))
	case e.Index >= size && e.At.Before(at.Add(-clockSkew)):
		return fmt.Errorf("%w: it says %s and was not there at %s", errTime, formatTime(e.At), formatTime(at))
	default:
		return nil
	}
}

// examine decides about one entry by those before it.
func (a *auditor) examine(e Entry) error {
	switch {
	case e.Kind == EntryTrust:
	case a.judge.trust == nil:
		return errNoTrust
	case e.Kind == EntryGates:
	case !a.tabled:
		return errNoGates // where there are no gates, none is unmet
	}
	switch e.Kind {
	case EntryTrust:
		return a.examineTrust(e)
	case EntryGates:
		return a.examineGates(e)
	case EntryProposal:
		if e.Content.Proposal.ID != e.Proposal {
			return errContradicts
		}
		return e.Content.Proposal.Validate()
	case EntryApproval, EntryDischarge, EntryHalt, EntryResume:
		return a.examineNote(e)
	case EntryPermit, EntryBuild, EntryManifest, EntryBatch:
		s, err := a.subject(e)
		if err != nil {
			return err
		}
		return a.examinations()[e.Kind](e, s)
	case EntryOutcome:
		return a.examineOutcome(e)
	case EntryFiles:
		return nil // what it says is whole, or the log had not been opened
	default:
		return errContradicts
	}
}

func (a *auditor) examineNote(e Entry) error {
	a.report.Notes++
	admitted, err := a.judge.note([]byte(e.Note), e.At)
	if err == nil && (admitted.Kind != e.Kind || admitted.Proposal != e.Proposal) {
		err = errContradicts
	}
	return err
}

// examinations decide about a permit and what was done with one.
func (a *auditor) examinations() map[EntryKind]func(Entry, *subject) error {
	return map[EntryKind]func(Entry, *subject) error{
		EntryPermit: func(e Entry, s *subject) error {
			a.report.Permits++
			return a.judge.permit(s, e.At)
		},
		EntryBuild: func(e Entry, s *subject) error {
			reasons := a.judge.reasons(s, e.At)
			return reasons.err()
		},
		EntryManifest: func(e Entry, s *subject) error {
			a.report.Manifests++
			return errors.Join(e.Content.Manifest.Validate(), a.judge.manifest(s, *e.Content.Manifest, e.At))
		},
		EntryBatch: a.examineBatch,
	}
}

// subject is what an entry is about: for building, or for sending.
func (a *auditor) subject(e Entry) (*subject, error) {
	p, ok := a.judge.ledger.proposals[e.Root]
	if !ok {
		return nil, fmt.Errorf("%w: proposal %s", errUnknown, e.Root)
	}
	if p.ID != e.Proposal {
		return nil, errContradicts
	}
	if e.Kind == EntryManifest || e.Stage == "" {
		if e.Kind == EntryBatch || e.Kind == EntryPermit && !e.Manifest.IsZero() {
			return nil, errContradicts
		}
		return newSubject(p, nil, ""), nil
	}
	m, ok := a.judge.ledger.manifests[manifestKey{e.Root, e.Manifest}]
	if !ok {
		return nil, fmt.Errorf("%w: manifest %s", errUnknown, e.Manifest)
	}
	return newSubject(p, &m, e.Stage), nil
}

// examineTrust takes a trust file into force, for what comes after it and for what is still to be decided by
// what came before.
func (a *auditor) examineTrust(e Entry) error {
	t, err := OpenTrust([]byte(e.Note), a.keys.Roots)
	if err != nil {
		return err
	}
	if before := a.judge.trust; before != nil && t.file.Serial <= before.file.Serial {
		return fmt.Errorf("%w: serial %d follows serial %d", errContradicts, t.file.Serial, before.file.Serial)
	}
	a.judge.trust, a.judge.ledger = t, newLedger(t)
	a.tabled = GatesDigest(a.judge.gates) == t.file.Gates
	for _, before := range a.entries {
		a.judge.ledger.apply(before)
	}
	a.report.Trusts = append(a.report.Trusts, t.file)
	return nil
}

func (a *auditor) examineGates(e Entry) error {
	if err := checkGates(e.Content.Gates); err != nil {
		return err
	}
	if GatesDigest(e.Content.Gates) != a.judge.trust.file.Gates {
		return fmt.Errorf("%w: the trust file names another gate table", errContradicts)
	}
	a.judge.gates, a.tabled = e.Content.Gates, true
	return nil
}

func (a *auditor) examineBatch(e Entry, s *subject) error {
	if err := a.judge.batch(s, *e.Batch, e.At); err != nil {
		return err
	}
	b := AuditedBatch{
		Entry: e.Index, At: e.At, Proposal: e.Proposal, Stage: e.Stage,
		Reference: e.Batch.Reference, Recipients: e.Batch.Recipients,
	}
	_, b.Repeat = a.judge.ledger.batch(e.Proposal, e.Batch.Reference)
	for _, g := range a.judge.report(s, e.At).Gates {
		b.Gates = append(b.Gates, AuditedGate{Gate: g.Gate, People: g.People, Entries: g.Entries})
	}
	a.report.Batches = append(a.report.Batches, b)
	return nil
}

func (a *auditor) examineOutcome(e Entry) error {
	p, ok := a.judge.ledger.proposals[e.Root]
	if !ok && e.Outcome.total() == 0 {
		return nil // of a proposal that was never permitted, and says so
	}
	if !ok {
		return fmt.Errorf("%w: proposal %s", errUnknown, e.Root)
	}
	a.report.Outcomes++
	judged, err := a.judge.outcome(p, e.Root, e.Stage, e.Outcome.Outcome)
	if err == nil && (judged != *e.Outcome || p.ID != e.Proposal || !slices.Contains(stages(), e.Stage)) {
		err = errContradicts
	}
	return err
}
