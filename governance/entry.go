package governance

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// EntryKind says what a log entry records.
type EntryKind string

// The kinds of entry.
const (
	EntryTrust     EntryKind = "trust"     // the signed trust file in force from here on
	EntryGates     EntryKind = "gates"     // the gate table in force from here on
	EntryProposal  EntryKind = "proposal"  // the content of a proposal, before its first permit
	EntryApproval  EntryKind = "approval"  // a signed approval, rejection or revocation
	EntryDischarge EntryKind = "discharge" // a condition of an approval was seen to
	EntryHalt      EntryKind = "halt"
	EntryResume    EntryKind = "resume"
	EntryPermit    EntryKind = "permit"   // a permit was issued
	EntryBuild     EntryKind = "build"    // the reading of records was authorised
	EntryManifest  EntryKind = "manifest" // a list was built and sealed
	EntryBatch     EntryKind = "batch"    // a batch was authorised
	EntryOutcome   EntryKind = "outcome"  // a stage was accounted for
	EntryFiles     EntryKind = "files"    // which files are beside the log
)

// Entry is one record of the log. It holds digests, counts, content that was approved and the names of
// staff; no recipient.
type Entry struct {
	Index int64     `json:"index"`
	At    time.Time `json:"at"`
	Kind  EntryKind `json:"kind"`
	// Proposal is the id of the proposal, and Root, Manifest and Stage say what content the entry is
	// about, where it is about any.
	Proposal string `json:"proposal,omitempty"`
	Root     Digest `json:"root,omitzero"`
	Manifest Digest `json:"manifest,omitzero"`
	Stage    Stage  `json:"stage,omitempty"`
	// Note is a signed note as it was submitted, or the signed trust file.
	Note string `json:"note,omitempty"`
	// Content is what the digests stand for, so that the log can be audited without other files.
	Content *Content      `json:"content,omitempty"`
	Batch   *BatchEntry   `json:"batch,omitempty"`
	Outcome *OutcomeEntry `json:"outcome,omitempty"`
	Files   *FilesEntry   `json:"files,omitempty"`
}

// Content is what a digest stands for. Exactly one is set.
type Content struct {
	Gates    []Gate    `json:"gates,omitempty"`
	Proposal *Proposal `json:"proposal,omitempty"`
	Manifest *Manifest `json:"manifest,omitempty"`
}

// BatchEntry fingerprints a batch.
type BatchEntry struct {
	Reference  string `json:"reference"`
	Recipients int    `json:"recipients"`
	// List is the [List.Digest] of the batch.
	List Digest `json:"list"`
	// Checked says how everybody in the batch was checked.
	Checked []Checked `json:"checked"`
}

// same reports whether two entries are of one batch: it may be checked again and remains the same.
func (b BatchEntry) same(other BatchEntry) bool {
	return b.Reference == other.Reference && b.Recipients == other.Recipients && b.List == other.List
}

// OutcomeEntry is an [Outcome] as it was judged when it was recorded.
type OutcomeEntry struct {
	Outcome
	Healthy bool `json:"healthy"`
}

// clone copies an entry with everything it points to.
func (e Entry) clone() Entry {
	if e.Content != nil {
		content := Content{Gates: cloneGates(e.Content.Gates)}
		if p := e.Content.Proposal; p != nil {
			content.Proposal = new(p.copied())
		}
		if m := e.Content.Manifest; m != nil {
			content.Manifest = new(m.clone())
		}
		e.Content = &content
	}
	if e.Batch != nil {
		e.Batch = new(*e.Batch)
		e.Batch.Checked = slices.Clone(e.Batch.Checked)
	}
	if e.Outcome != nil {
		e.Outcome = new(*e.Outcome)
	}
	if e.Files != nil {
		e.Files = new(*e.Files)
		e.Files.Files, e.Files.Checkpoints = slices.Clone(e.Files.Files), slices.Clone(e.Files.Checkpoints)
	}
	return e
}

// decodeEntry reads a record and refuses one that the package would not have written.
func decodeEntry(data []byte, index int64) (Entry, error) {
	var e Entry
	if err := decodeStrict(data, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: record %d: %w", ErrTampered, index, err)
	}
	again, err := json.Marshal(e)
	if err != nil || string(again) != string(data) || e.Index != index || !e.complete() {
		return Entry{}, fmt.Errorf("%w: record %d is not an entry", ErrTampered, index)
	}
	return e, nil
}

// complete reports whether the entry has what its kind needs, and the content its digests stand for.
func (e Entry) complete() bool {
	if !e.legible() {
		return false
	}
	about := e.Proposal != "" && !e.Root.IsZero()
	switch e.Kind {
	case EntryTrust:
		return e.Note != ""
	case EntryGates:
		return e.Content != nil && len(e.Content.Gates) > 0
	case EntryProposal:
		return about && e.Content.isProposal(e.Root)
	case EntryApproval, EntryDischarge, EntryHalt, EntryResume:
		return e.Proposal != "" && e.Note != ""
	case EntryPermit, EntryBuild:
		return about
	case EntryManifest:
		return about && e.Content.isManifest(e.Manifest, e.Root)
	case EntryBatch:
		return about && e.Batch != nil && e.Batch.Recipients > 0 // fewer than none would make room under a cap
	case EntryOutcome:
		return about && e.Outcome != nil
	case EntryFiles:
		return e.Files != nil && e.Files.check() == nil
	default:
		return false
	}
}

// legible reports whether what is printed of an entry is what it looks like.
func (e Entry) legible() bool {
	var c checker
	if e.Proposal != "" {
		c.text("proposal", e.Proposal)
	}
	if e.Batch != nil {
		c.text("batch.reference", e.Batch.Reference)
	}
	return c.err() == nil && (e.Stage == "" || e.Stage.rank() >= 0)
}

func (c *Content) isProposal(root Digest) bool {
	return c != nil && c.Proposal != nil && c.Proposal.Root() == root
}

func (c *Content) isManifest(digest, root Digest) bool {
	return c != nil && c.Manifest != nil && c.Manifest.Digest() == digest && c.Manifest.Proposal == root
}
