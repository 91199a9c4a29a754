package governance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// Log is an append-only Merkle log (RFC 6962) of typed entries. It is safe for concurrent use.
//
// Each stored line is the root of the tree up to and including the entry, in base64, a space, and the
// entry in JSON. An accidental edit is found at its own line; a deliberate one has to rewrite every
// line after it, and then disagrees with any [Checkpoint] taken since.
type Log struct {
	origin  string
	storage Storage

	mu      sync.Mutex
	tree    tree
	entries []Entry
}

// OpenLog reads the whole storage and checks it against itself. The origin names the log in its
// checkpoints, such as "prevention.example.nhs.uk/log". It fails with [ErrTampered] or a
// [*TornTailError] rather than open part of a log.
func OpenLog(ctx context.Context, storage Storage, origin string) (*Log, error) {
	var c checker
	c.require(storage != nil, "storage", "is required")
	c.text("origin", origin)
	if err := c.err(); err != nil {
		return nil, err
	}
	l := &Log{origin: origin, storage: storage}
	for line, err := range storage.Records(ctx) {
		if err != nil {
			return nil, err
		}
		data, err := l.tree.readLine(line)
		if err != nil {
			return nil, err
		}
		e, err := decodeEntry(data, l.tree.size()-1)
		if err != nil {
			return nil, err
		}
		if n := len(l.entries); n > 0 && e.At.Before(l.entries[n-1].At) {
			return nil, fmt.Errorf("%w: record %d is earlier than the one before it", ErrTampered, e.Index)
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// Size returns the number of entries.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.size()
}

// Entries iterates over the entries there are now, from the first. What it yields are copies.
func (l *Log) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range l.since(0) {
			if !yield(e.clone()) {
				return
			}
		}
	}
}

// Checkpoint returns the size and root of the log, to sign and keep elsewhere.
func (l *Log) Checkpoint() Checkpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Checkpoint{Origin: l.origin, Size: l.tree.size(), Root: l.tree.root()}
}

// Prove returns a proof that the entry at index is in the log as [Log.Checkpoint] describes it now. It
// shows no other entry.
func (l *Log) Prove(index int64) (Proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < 0 || index >= l.tree.size() {
		return Proof{}, &FieldError{Field: "index", Reason: "must be the index of an entry"}
	}
	hashes, err := tlog.ProveRecord(l.tree.size(), index, &l.tree)
	if err != nil {
		return Proof{}, fmt.Errorf("governance: prove: %w", err)
	}
	record, err := json.Marshal(l.entries[index])
	if err != nil {
		return Proof{}, fmt.Errorf("governance: prove: %w", err)
	}
	return Proof{Index: index, Record: record, Hashes: digests(hashes)}, nil
}

// ProveConsistency returns a proof that the log, as [Log.Checkpoint] describes it now, has everything it
// had when it was so many entries long.
func (l *Log) ProveConsistency(size int64) (ConsistencyProof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.proveConsistency(size)
}

// append stores an entry durably as number index, or changes nothing. A caller that decided on the
// strength of the entries it had seen passes their number, so nothing can slip in between.
func (l *Log) append(ctx context.Context, index int64, e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index != l.tree.size() {
		return ErrConflict
	}
	e.Index = index
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("governance: log entry: %w", err)
	}
	grown := l.tree.grow(data)
	if err := l.storage.Append(ctx, index, grown.line(data)); err != nil {
		return err
	}
	l.tree = grown
	l.entries = append(l.entries, e.clone()) // the caller may go on to change what it points to
	return nil
}

// since returns the entries from a number on.
func (l *Log) since(index int64) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.entries[index:len(l.entries):len(l.entries)]
}

// tree holds the hashes of a Merkle tree in the order tlog stores them.
type tree struct {
	records int64
	hashes  []tlog.Hash
}

func (t *tree) size() int64 { return t.records }

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = t.hashes[x]
	}
	return hashes, nil
}

// grow returns the tree with one more record. The receiver remains valid: what is shared is only
// written beyond its end.
func (t *tree) grow(record []byte) tree {
	hashes, err := tlog.StoredHashes(t.records, record, t)
	if err != nil {
		panic("governance: " + err.Error()) // only ReadHashes fails, and ours does not
	}
	return tree{records: t.records + 1, hashes: append(t.hashes, hashes...)}
}

func (t *tree) root() Digest {
	root, err := tlog.TreeHash(t.records, t)
	if err != nil {
		panic("governance: " + err.Error())
	}
	return Digest(root)
}

func (t *tree) proveConsistency(size int64) (ConsistencyProof, error) {
	if size < 0 || size > t.records {
		return ConsistencyProof{}, &FieldError{Field: "size", Reason: "must be at most the size of the log"}
	}
	if size == 0 {
		return ConsistencyProof{}, nil
	}
	hashes, err := tlog.ProveTree(t.records, size, t)
	if err != nil {
		return ConsistencyProof{}, fmt.Errorf("governance: prove: %w", err)
	}
	return ConsistencyProof{Hashes: digests(hashes)}, nil
}

// line is how the newest record is stored.
func (t *tree) line(record []byte) []byte {
	root := t.root()
	line := base64.StdEncoding.AppendEncode(nil, root[:])
	line = append(line, ' ')
	return append(line, record...)
}

// readLine adds a stored line to the tree and returns its record.
func (t *tree) readLine(line []byte) ([]byte, error) {
	_, record, _ := bytes.Cut(line, []byte(" "))
	grown := t.grow(record)
	if !bytes.Equal(grown.line(record), line) {
		return nil, fmt.Errorf("%w: record %d does not follow from those before it", ErrTampered, t.records)
	}
	*t = grown
	return record, nil
}
