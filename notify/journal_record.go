package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// encode returns the record as text: a line of JSON without the ids, and behind it
// the ids with a space between them. Ids are nearly all there is in a journal, and
// ten times as fast to read in this form.
func (r Record) encode() ([]byte, error) {
	ids := r.IDs
	if len(ids) > 0 && plainIDs(ids) {
		r.IDs = nil
	} else {
		ids = nil
	}
	b, err := json.Marshal(r)
	if err != nil || ids == nil {
		return b, err
	}
	size := len(b)
	for _, id := range ids {
		size += 1 + len(id)
	}
	b = append(make([]byte, 0, size), b...)
	separator := byte('\n')
	for _, id := range ids {
		b = append(append(b, separator), id...)
		separator = ' '
	}
	return b, nil
}

// plainIDs reports whether ids can be told apart by spaces, and are text that any
// database takes.
func plainIDs(ids []string) bool {
	for _, id := range ids {
		for i := range len(id) {
			if id[i] <= ' ' || id[i] > '~' {
				return false
			}
		}
	}
	return true
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
