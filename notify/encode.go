package notify

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
)

// The request bodies are appended rather than marshalled: a batch may hold 45,000
// messages, its bytes have to be counted while it is packed, and a repeat has to
// be identical to the byte. Keys of personalisation are therefore in order.

func encodeSingle(m Message) ([]byte, error) {
	b := append([]byte(nil), `{"data":{"type":"Message","attributes":{"routingPlanId":`...)
	b = appendString(b, m.Plan)
	b = append(b, ',')
	b, err := appendFields(b, m)
	return append(b, `}}}`...), err
}

func encodeBatch(batch Batch) ([]byte, error) {
	b := appendBatchStart(make([]byte, 0, 256*len(batch.Messages)), batch.Plan, batch.Reference)
	for i, m := range batch.Messages {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendItem(b, m); err != nil {
			return nil, at(i, err)
		}
	}
	b = append(b, batchEnd...)
	if len(b) > maxBatchBytes {
		return nil, &nhs.ArgumentError{Name: "messages", Reason: "must be at most 5,000,000 bytes as JSON"}
	}
	return b, nil
}

func appendBatchStart(b []byte, plan, reference string) []byte {
	b = append(b, `{"data":{"type":"MessageBatch","attributes":{"routingPlanId":`...)
	b = appendString(b, plan)
	b = append(b, `,"messageBatchReference":`...)
	b = appendString(b, reference)
	return append(b, `,"messages":[`...)
}

const batchEnd = `]}}}`

// appendItem appends a message as an item of a batch.
func appendItem(b []byte, m Message) ([]byte, error) {
	b, err := appendFields(append(b, '{'), m)
	return append(b, '}'), err
}

// appendFields appends what single messages and items of a batch have in common.
func appendFields(b []byte, m Message) ([]byte, error) {
	b = append(b, `"messageReference":`...)
	b = appendString(b, m.Reference)
	if m.BillingReference != "" {
		b = append(b, `,"billingReference":`...)
		b = appendString(b, m.BillingReference)
	}
	b = append(b, `,"recipient":{`...)
	if !m.To.IsZero() {
		b = append(b, `"nhsNumber":"`...)
		b = append(m.To.AppendDigits(b), '"')
	}
	if m.Contact != nil {
		if !m.To.IsZero() {
			b = append(b, ',')
		}
		contact, err := json.Marshal(m.Contact.wire())
		if err != nil {
			return b, err
		}
		b = append(append(b, `"contactDetails":`...), contact...)
	}
	b = append(b, '}')
	if m.Originator != "" {
		b = append(b, `,"originator":{"odsCode":`...)
		b = appendString(b, m.Originator)
		b = append(b, '}')
	}
	if len(m.Personalisation) == 0 {
		return b, nil
	}
	b = append(b, `,"personalisation":{`...)
	keys := slices.AppendSeq(make([]string, 0, 16), maps.Keys(m.Personalisation))
	slices.Sort(keys)
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, key), ':')
		var err error
		if b, err = appendValue(b, m.Personalisation[key]); err != nil {
			return b, badValue(key, "must be a number that JSON can hold")
		}
	}
	return append(b, '}'), nil
}

func appendValue(b []byte, value any) ([]byte, error) {
	if s, ok := value.(string); ok {
		return appendString(b, s), nil
	}
	text, err := json.Marshal(value)
	return append(b, text...), err
}

// appendString appends s as a JSON string. Text that needs no escape, which is
// nearly all there is, is copied.
func appendString(b []byte, s string) []byte {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic("notify: a string has no JSON form: " + err.Error()) // cannot happen
	}
	return append(b, text...)
}
