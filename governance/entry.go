package governance

import (
	"encoding/json"
	"fmt"
	"time"
)

// EntryKind says what a log entry records.
type EntryKind string

// The kinds of entry.
const (
	EntryApproval EntryKind = "approval" // a signed approval, rejection or revocation
	EntryHalt     EntryKind = "halt"
	EntryResume   EntryKind = "resume"
	EntryPermit   EntryKind = "permit"   // a permit was issued
	EntryManifest EntryKind = "manifest" // a list was built and sealed
	EntryBatch    EntryKind = "batch"    // a batch was authorised
	EntryOutcome  EntryKind = "outcome"  // a stage was accounted for
)

// Entry is one record of the log. It holds digests, counts and the names of staff; no recipient.
type Entry struct {
	Index    int64     `json:"index"`
	At       time.Time `json:"at"`
	Kind     EntryKind `json:"kind"`
	Proposal string    `json:"proposal"`
	// Root, Manifest and Stage say what content the entry is about, where it is about any.
	Root     Digest `json:"root,omitzero"`
	Manifest Digest `json:"manifest,omitzero"`
	Stage    Stage  `json:"stage,omitempty"`
	// Gates is the digest of the gate table a permit was issued under.
	Gates Digest `json:"gates,omitzero"`
	// Note is the signed note of an approval, a halt or a resume.
	Note string `json:"note,omitempty"`
	// Included is the size of a manifest's list.
	Included int           `json:"included,omitempty"`
	Batch    *BatchEntry   `json:"batch,omitempty"`
	Outcome  *OutcomeEntry `json:"outcome,omitempty"`
}

// BatchEntry fingerprints a batch.
type BatchEntry struct {
	Reference  string `json:"reference"`
	Recipients int    `json:"recipients"`
	// List is the [RecipientsDigest] of the batch.
	List Digest `json:"list"`
}

// OutcomeEntry is an [Outcome] as it was judged when it was recorded.
type OutcomeEntry struct {
	Outcome
	Healthy bool `json:"healthy"`
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

// complete reports whether the entry has what its kind needs.
func (e Entry) complete() bool {
	switch e.Kind {
	case EntryApproval, EntryHalt, EntryResume:
		return e.Note != ""
	case EntryPermit, EntryManifest:
		return !e.Root.IsZero()
	case EntryBatch:
		return e.Batch != nil
	case EntryOutcome:
		return e.Outcome != nil
	default:
		return false
	}
}
