package governance

import (
	"slices"
	"strings"
	"time"
)

// peopleToResume is how many distinct people lift a halt.
const peopleToResume = 2

// ledger is what the log says, arranged for decisions. It changes only by apply, which gives the same
// result entry by entry as it does when a log is opened again.
type ledger struct {
	trust      *Trust
	next       int64     // entries applied
	last       time.Time // time of the latest one
	trusted    string    // the trust file in force, if it was signed
	gates      Digest    // of the gate table in force
	table      []Gate    // that table
	statements map[statementKey]statement
	approvals  map[int64]Approval // by log index
	discharges map[dischargeKey][]signatory
	halts      map[string][]halted // by proposal id
	batches    map[string][]batch  // by proposal id, each reference once
	outcomes   map[stageKey]OutcomeEntry
	proposals  map[Digest]Proposal // by root
	permits    map[permitKey]struct{}
	builds     map[int64]Digest // authorised and without a manifest: their roots
	manifests  map[manifestKey]Manifest
	register   map[string]Register
}

// statementKey finds the latest statement of a person about a gate, and about a stage where the gate
// covers it: releasing the pilot and releasing the ramp are different statements.
type statementKey struct {
	proposal string
	gate     string
	stage    Stage
	person   PersonID
}

type statement struct {
	signatory
	approval Approval
	index    int64
}

// signatory is a person and the roles they held when what they signed was logged.
type signatory struct {
	person PersonID
	roles  []Role
}

type dischargeKey struct {
	approval  int64
	condition Condition
}

type halted struct {
	index     int64
	by        []PersonID
	reason    string
	at        time.Time
	resumedBy []PersonID
}

func (h halted) open() bool { return len(h.resumedBy) < peopleToResume }

type batch struct {
	BatchEntry
	at       time.Time
	root     Digest
	manifest Digest
	stage    Stage
}

type stageKey struct {
	root  Digest
	stage Stage
}

type manifestKey struct{ root, manifest Digest }

type permitKey struct {
	root, manifest Digest
	stage          Stage
}

func newLedger(t *Trust) *ledger {
	return &ledger{
		trust:      t,
		statements: make(map[statementKey]statement),
		halts:      make(map[string][]halted),
		batches:    make(map[string][]batch),
		outcomes:   make(map[stageKey]OutcomeEntry),
		approvals:  make(map[int64]Approval),
		discharges: make(map[dischargeKey][]signatory),
		proposals:  make(map[Digest]Proposal),
		permits:    make(map[permitKey]struct{}),
		builds:     make(map[int64]Digest),
		manifests:  make(map[manifestKey]Manifest),
		register:   make(map[string]Register),
	}
}

func (l *ledger) apply(e Entry) {
	l.next = e.Index + 1
	l.last = e.At
	switch e.Kind {
	case EntryTrust:
		l.trusted = e.Note
	case EntryGates:
		l.table, l.gates = e.Content.Gates, GatesDigest(e.Content.Gates)
	case EntryProposal:
		l.proposals[e.Root] = *e.Content.Proposal
	case EntryDischarge:
		l.applyDischarge(e)
	case EntryBuild:
		l.builds[e.Index] = e.Root
	case EntryApproval:
		l.applyApproval(e)
	case EntryHalt:
		l.applyHalt(e)
	case EntryResume:
		l.applyResume(e)
	case EntryManifest:
		delete(l.builds, e.Content.Manifest.Build)
		l.manifests[manifestKey{e.Root, e.Manifest}] = *e.Content.Manifest
	case EntryBatch:
		l.applyBatch(e)
	case EntryOutcome:
		l.outcomes[stageKey{e.Root, e.Stage}] = *e.Outcome
	case EntryPermit:
		l.permits[permitKey{e.Root, e.Manifest, e.Stage}] = struct{}{}
	case EntryFiles: // nothing is decided by it
	}
}

// read opens the note of an entry as of the time it was logged. A note whose signer has since been
// removed from the trust has no people, and so counts for nothing, except that a halt remains a halt.
func (l *ledger) read(e Entry) (text string, people []PersonID) {
	text, people, err := l.trust.open([]byte(e.Note), e.At)
	if err != nil {
		return unopened(e.Note), nil
	}
	return text, people
}

// unopened returns the body of a note whatever its signatures.
func unopened(note string) string { return note[:strings.LastIndex(note, "\n\n")+1] }

func (l *ledger) applyApproval(e Entry) {
	text, people := l.read(e)
	a, err := ParseApproval(text)
	if err != nil {
		return
	}
	l.approvals[e.Index] = a
	for _, p := range people {
		key := statementKey{a.Proposal, a.Gate, a.Stage, p}
		if before, ok := l.statements[key]; !ok || a.SignedAt.After(before.approval.SignedAt) {
			l.statements[key] = statement{signatory{p, l.trust.rolesAt(p, e.At)}, a, e.Index}
		}
	}
	l.enter(a.Proposal, RegisterEntry{Index: e.Index, At: e.At, By: people, Approval: &a})
}

func (l *ledger) applyDischarge(e Entry) {
	text, people := l.read(e)
	d, err := ParseDischarge(text)
	if err != nil {
		return
	}
	key := dischargeKey{d.Approval, d.Condition}
	for _, p := range people {
		l.discharges[key] = append(l.discharges[key], signatory{p, l.trust.rolesAt(p, e.At)})
	}
	l.enter(d.Proposal, RegisterEntry{Index: e.Index, At: e.At, By: people, Discharge: &d})
}

func (l *ledger) applyHalt(e Entry) {
	text, people := l.read(e)
	h, err := ParseHalt(text)
	if err != nil {
		return
	}
	l.halts[h.Proposal] = append(l.halts[h.Proposal], halted{index: e.Index, by: people, reason: h.Reason, at: e.At})
	l.enter(h.Proposal, RegisterEntry{Index: e.Index, At: e.At, By: people, Halt: &h})
}

func (l *ledger) applyResume(e Entry) {
	text, people := l.read(e)
	r, err := ParseResume(text)
	if err != nil {
		return
	}
	if h := l.halt(r.Proposal, r.Halt); h != nil {
		h.resumedBy = append(h.resumedBy, people...)
		slices.Sort(h.resumedBy)
		h.resumedBy = slices.Compact(h.resumedBy)
	}
	l.enter(r.Proposal, RegisterEntry{Index: e.Index, At: e.At, By: people, Resume: &r})
}

// knows reports whether anybody has said anything about a proposal: nothing happens before.
func (l *ledger) knows(proposal string) bool { return len(l.register[proposal]) > 0 }

func (l *ledger) enter(proposal string, e RegisterEntry) {
	l.register[proposal] = append(l.register[proposal], e)
}

// applyBatch counts a batch once however often it is authorised. A stage that goes on is no longer
// accounted for.
func (l *ledger) applyBatch(e Entry) {
	if _, ok := l.batch(e.Proposal, e.Batch.Reference); ok {
		return
	}
	l.batches[e.Proposal] = append(l.batches[e.Proposal], batch{
		BatchEntry: *e.Batch, at: e.At, root: e.Root, manifest: e.Manifest, stage: e.Stage,
	})
	delete(l.outcomes, stageKey{e.Root, e.Stage})
}

func (l *ledger) halt(proposal string, index int64) *halted {
	list := l.halts[proposal]
	i := slices.IndexFunc(list, func(h halted) bool { return h.index == index })
	if i < 0 {
		return nil
	}
	return &list[i]
}

func (l *ledger) batch(proposal, reference string) (batch, bool) {
	list := l.batches[proposal]
	i := slices.IndexFunc(list, func(b batch) bool { return b.Reference == reference })
	if i < 0 {
		return batch{}, false
	}
	return list[i], true
}

// recipients adds up the recipients of a proposal's batches that match.
func (l *ledger) recipients(proposal string, match func(batch) bool) int {
	var n int
	for _, b := range l.batches[proposal] {
		if match(b) {
			n += b.Recipients
		}
	}
	return n
}

// about lists the latest statements about a gate, in the order of people.
func (l *ledger) about(proposal, gate string, stage Stage) []statement {
	var list []statement
	for key, s := range l.statements {
		if key.proposal == proposal && key.gate == gate && key.stage == stage {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(x, y statement) int { return strings.Compare(string(x.person), string(y.person)) })
	return list
}
