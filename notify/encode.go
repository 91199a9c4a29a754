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
	b, err := appendFields(b, m, &fieldOrder{})
	return append(b, `}}}`...), err
}

func encodeBatch(batch Batch) ([]byte, error) {
	b := appendBatchStart(make([]byte, 0, 256*len(batch.Messages)), batch.Plan, batch.Reference)
	var order fieldOrder
	for i, m := range batch.Messages {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendItem(b, m, &order); err != nil {
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
func appendItem(b []byte, m Message, order *fieldOrder) ([]byte, error) {
	b, err := appendFields(append(b, '{'), m, order)
	return append(b, '}'), err
}

// appendFields appends what single messages and items of a batch have in common.
func appendFields(b []byte, m Message, order *fieldOrder) ([]byte, error) {
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
	b, err := order.append(b, m.Personalisation)
	return append(b, '}'), err
}

// fieldOrder remembers the fields of the last message in order. Those of the next
// are the same as a rule, and need not be sorted again.
type fieldOrder struct{ fields []string }

// append appends the fields of p in order.
func (o *fieldOrder) append(b []byte, p Personalisation) ([]byte, error) {
	if len(p) == len(o.fields) {
		if done, same, err := o.appendSame(b, p); same {
			return done, err
		}
	}
	o.fields = slices.Sorted(maps.Keys(p))
	b, _, err := o.appendSame(b, p)
	return b, err
}

// appendSame appends the fields of p, if p has those that are remembered.
func (o *fieldOrder) appendSame(b []byte, p Personalisation) (_ []byte, same bool, err error) {
	for i, field := range o.fields {
		value, ok := p[field]
		if !ok {
			return b, false, nil
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, field), ':')
		if b, err = appendValue(b, value); err != nil {
			return b, true, badValue(field, "must be a number that JSON can hold")
		}
	}
	return b, true, nil
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
	if needsNoEscape(s) {
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

// needsNoEscape reports whether s can stand in JSON as it is. It looks at eight
// bytes at a time, as long as they are plain ASCII.
func needsNoEscape[T string | []byte](s T) bool {
	i := 0
	for ; i+8 <= len(s) && plainASCII(s[i:i+8]); i += 8 {
	}
	ascii := true
	for ; i < len(s); i++ {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' {
			return false
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(string(s))
}

// plainASCII reports whether none of eight bytes is a control character, a quote, a
// backslash, or outside ASCII. In each byte of the word the highest bit is set by
// what is looked for.
func plainASCII[T string | []byte](s T) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash := w^(ones*'"'), w^(ones*'\\')
	return (w|(w-ones*' ')|(quote-ones)|(backslash-ones))&high == 0
}
