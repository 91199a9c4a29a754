package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Message is one message to one person.
//
// A Message prints as its reference only: neither the NHS number nor the
// personalisation appears in fmt, slog or JSON output. It cannot be stored as JSON.
type Message struct {
	// Plan is the id of the routing plan, a UUID issued when the sender was set
	// up. In a [Batch] it is empty or the batch's own.
	Plan string

	// Reference names the message for ever: the service recognises a repeat by
	// it, and callbacks carry it. It must not be blank or hold the NHS number;
	// [Reference] makes a suitable one.
	Reference string

	// To is the person. The service finds the contact details itself. Accounts
	// that have agreed it may leave To out of a message with Contact.
	To nhs.Number

	// Contact takes the place of the contact details that the service would find.
	// Nil has it find them, which is what accounts without a special approval can do.
	Contact *ContactDetails

	// Personalisation holds the values of the template's fields.
	Personalisation Personalisation

	// BillingReference is any text the sender's accounts need; may be empty.
	BillingReference string

	// Originator is the ODS code of the organisation shown as the sender in the
	// NHS App, for accounts that may choose it; empty for the account's own, if it
	// has one.
	Originator string
}

// Format prints the reference for every verb and flag.
func (m Message) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "notify.Message("+redact.Text(m.Reference)+")")
}

// LogValue logs the reference.
func (m Message) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }

// MarshalJSON writes the reference, as fmt does: log handlers that write JSON do
// not ask the items of a list for their LogValue.
func (m Message) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(m)) }

// Batch is up to 45,000 messages of one routing plan, accepted or refused as a
// whole. It prints as its reference and the number of its messages.
type Batch struct {
	// Plan is the id of the routing plan of all its messages, a UUID.
	Plan string

	// Reference names the batch for ever: the service recognises a repeat by it
	// alone, whatever the messages. It must not be blank.
	Reference string

	// Messages have references that are unique within the batch.
	Messages []Message
}

// Format prints the reference and the number of messages for every verb and flag.
func (b Batch) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "notify.Batch(%s, %d messages)", redact.Text(b.Reference), len(b.Messages))
}

// LogValue logs the reference and the number of messages.
func (b Batch) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(b)) }

// MarshalJSON writes the reference and the number of messages.
func (b Batch) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(b)) }

// Sent says that the service has accepted a message. It has not been delivered
// yet: see [Client.Status] and [Callbacks].
type Sent struct {
	ID        string // the service's id of the message, a KSUID
	Reference string // the sender's reference, as sent
	Status    Status // created
	Created   time.Time
	Plan      RoutingPlan
	Self      string // address of the message
}

// BatchSent says that the service has accepted a batch.
type BatchSent struct {
	ID        string // the service's id of the batch, a KSUID
	Reference string // the sender's batch reference, as sent
	Plan      RoutingPlan
	Messages  []SentMessage // in the service's order
}

// SentMessage links a message's reference to the id the service gave it.
type SentMessage struct {
	Reference string
	ID        string // a KSUID; empty while only callbacks can tell (see [BatchOutcome])
}

// RoutingPlan is the plan a message was sent by, as the service knows it. A plan
// can change version between two requests.
type RoutingPlan struct {
	ID      string
	Name    string
	Version string
	Created time.Time
}
