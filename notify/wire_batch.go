package notify

import (
	"bytes"
	"encoding/json"

	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

// batchCreated is [gen.MessageBatchCreated], but for the type of its messages, of
// which there are up to 45,000: reading them is most of what a sender does.
type batchCreated struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			MessageBatchReference string          `json:"messageBatchReference"`
			RoutingPlan           gen.RoutingPlan `json:"routingPlan"`
			Messages              sentMessages    `json:"messages"`
		} `json:"attributes"`
	} `json:"data"`
}

func (b batchCreated) sent() BatchSent {
	return BatchSent{
		ID:        b.Data.ID,
		Reference: b.Data.Attributes.MessageBatchReference,
		Plan:      routingPlan(b.Data.Attributes.RoutingPlan),
		Messages:  b.Data.Attributes.Messages,
	}
}

type sentMessages []SentMessage

// UnmarshalJSON implements [json.Unmarshaler]. It reads what the service writes
// today by hand, which halves a sender's work on an answer, and anything else as
// usual.
func (s *sentMessages) UnmarshalJSON(text []byte) error {
	scanner := sentScanner{rest: text}
	if list, ok := scanner.list(); ok {
		*s = list
		return nil
	}
	var wire []gen.CreatedMessage
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	*s = each(wire, func(m gen.CreatedMessage) SentMessage {
		return SentMessage{Reference: m.MessageReference, ID: m.ID}
	})
	return nil
}

// sentScanner reads a list of objects that hold a reference and an id, in text
// that is known to be JSON. It gives up at anything else.
type sentScanner struct{ rest []byte }

func (s *sentScanner) list() (list []SentMessage, ok bool) {
	list = make([]SentMessage, 0, bytes.Count(s.rest, []byte("}")))
	if !s.take('[') || s.take(']') {
		return nil, false
	}
	for {
		m, ok := s.message()
		if !ok {
			return nil, false
		}
		list = append(list, m)
		if !s.take(',') {
			return list, s.take(']')
		}
	}
}

func (s *sentScanner) message() (m SentMessage, ok bool) {
	if !s.take('{') {
		return m, false
	}
	for {
		key, ok := s.text()
		if !ok || !s.take(':') {
			return m, false
		}
		value, ok := s.text()
		switch {
		case ok && string(key) == "messageReference":
			m.Reference = string(value)
		case ok && string(key) == "id":
			m.ID = string(value)
		default:
			return m, false
		}
		if !s.take(',') {
			return m, s.take('}')
		}
	}
}

// take skips space and then c, if it is next.
func (s *sentScanner) take(c byte) bool {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\n' || s.rest[0] == '\r' || s.rest[0] == '\t') {
		s.rest = s.rest[1:]
	}
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text reads a string of plain ASCII.
func (s *sentScanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	for i, c := range s.rest {
		switch {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text, true
		case c < ' ' || c == '\\' || c > '~':
			return nil, false
		}
	}
	return nil, false
}
