package notify

import (
	"fmt"

	"github.com/personalised-prevention/nhs"
)

// chunk is a batch being packed: its messages encoded one after the other, so
// that some can be taken out again without encoding the rest anew.
type chunk struct {
	number     int
	plan       string
	items      []byte   // each followed by a comma
	ends       []int    // where each ends in items, comma included
	references []string // of each
	indexes    []int    // of each in the input
	seen       map[string]struct{}
	order      fieldOrder
}

// envelope is room for all of a batch body but its messages.
const envelope = 256

// add appends a message unless the chunk is full or of another plan.
func (c *chunk) add(m Message, index int, limits BulkOptions) (added bool, err error) {
	if m.Plan != c.plan || c.plan == "" {
		if err := checkPlan("plan", m.Plan); err != nil {
			return false, at(index, err)
		}
	}
	if err := m.check(); err != nil {
		return false, at(index, err)
	}
	if len(c.ends) > 0 && (m.Plan != c.plan || len(c.ends) == limits.MaxMessages) {
		return false, nil
	}
	before := len(c.items)
	items, err := appendItem(c.items, m, &c.order)
	if err != nil {
		return false, at(index, err)
	}
	if len(items)+1+envelope > limits.MaxBytes {
		if len(c.ends) == 0 {
			return false, at(index, &nhs.ArgumentError{Name: "personalisation", Reason: "makes the message too large for a batch"})
		}
		c.items = items[:before]
		return false, nil
	}
	if _, again := c.seen[m.Reference]; again {
		return false, at(index, errRepeated())
	}
	if c.seen == nil {
		c.seen = map[string]struct{}{}
	}
	c.seen[m.Reference] = struct{}{}
	items = append(items, ',')
	c.plan, c.items = m.Plan, items
	c.ends = append(c.ends, len(c.items))
	c.references = append(c.references, m.Reference)
	c.indexes = append(c.indexes, index)
	return true, nil
}

// following returns an empty chunk for the next batch. Its bytes and references
// are new: a request that was given up may still be reading the old, and the
// caller may have kept the others.
func (c *chunk) following() *chunk {
	clear(c.seen)
	n := len(c.ends)
	return &chunk{
		number: c.number + 1, items: make([]byte, 0, cap(c.items)), ends: c.ends[:0],
		references: make([]string, 0, n), indexes: make([]int, 0, n), seen: c.seen, order: c.order,
	}
}

func (c *chunk) len() int { return len(c.ends) }

// body returns the request body under a batch reference.
func (c *chunk) body(reference string) []byte {
	b := appendBatchStart(make([]byte, 0, len(c.items)+envelope), c.plan, reference)
	b = append(b, c.items[:len(c.items)-1]...)
	return append(b, batchEnd...)
}

// remove returns a chunk without the messages at the given places, or an error
// when there is no such place.
func (c *chunk) remove(rejected []RejectedMessage) (*chunk, error) {
	out := make(map[int]bool, len(rejected))
	for _, m := range rejected {
		if m.Index < 0 || m.Index >= c.len() {
			return nil, fmt.Errorf("%w: there is no message %d in batch %d", ErrJournalMismatch, m.Index, c.number)
		}
		out[m.Index] = true
	}
	rest := &chunk{number: c.number, plan: c.plan}
	start := 0
	for i, end := range c.ends {
		if !out[i] {
			rest.items = append(rest.items, c.items[start:end]...)
			rest.ends = append(rest.ends, len(rest.items))
			rest.references = append(rest.references, c.references[i])
			rest.indexes = append(rest.indexes, c.indexes[i])
		}
		start = end
	}
	return rest, nil
}
