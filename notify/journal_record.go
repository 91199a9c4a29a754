package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// encode returns the record as text: a line of JSON without the ids, and behind it
// the ids with a space between them. Ids are nearly all there is in a journal, and
// several times as fast to read in this form. Ids that could not be told apart in
// it, or that a database might not take as text, stay in the JSON.
func (r Record) encode() ([]byte, error) {
	head := r
	head.IDs = nil
	b, err := json.Marshal(head)
	if err != nil || len(r.IDs) == 0 {
		return b, err
	}
	const usual = 27 // bytes of an id
	b = append(slices.Grow(b, 1+len(r.IDs)*(usual+1)), '\n')
	start := len(b)
	for _, id := range r.IDs {
		b = append(append(b, id...), ' ')
	}
	b = b[:len(b)-1]
	if ids := b[start:]; bytes.Count(ids, []byte(" ")) != len(r.IDs)-1 || !needsNoEscape(ids) {
		return json.Marshal(r)
	}
	return b, nil
}

// decodeRecord is the inverse of encode.
func decodeRecord(text []byte) (Record, error) {
	head, ids, found := bytes.Cut(text, []byte("\n"))
	var record Record
	if json.Unmarshal(head, &record) != nil {
		return Record{}, fmt.Errorf("%w: a record cannot be read", ErrJournalCorrupt)
	}
	if found {
		record.IDs = strings.Split(string(ids), " ")
	}
	return record, nil
}
