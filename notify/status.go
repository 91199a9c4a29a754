package notify

import (
	"encoding/json"
	"time"

	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

// Status is where a message or one of its channels has got to. Values outside
// this list may arrive and are kept.
type Status string

// The known statuses. A message goes from created through pending_enrichment,
// enriched and sending to delivered or failed; a channel from created through
// sending to delivered, failed or skipped.
const (
	StatusCreated           Status = "created"
	StatusPendingEnrichment Status = "pending_enrichment"
	StatusEnriched          Status = "enriched"
	StatusSending           Status = "sending"
	StatusDelivered         Status = "delivered"
	StatusFailed            Status = "failed"
	StatusSkipped           Status = "skipped" // channels only
)

// Terminal reports whether nothing is expected to follow: delivered, failed, or
// skipped.
func (s Status) Terminal() bool {
	return s == StatusDelivered || s == StatusFailed || s == StatusSkipped
}

// Channel is a way to reach a person.
type Channel string

// The known channels.
const (
	NHSApp Channel = "nhsapp"
	Email  Channel = "email"
	SMS    Channel = "sms"
	Letter Channel = "letter"
)

// Cascade tells a plan's own sequence of channels from messages sent beside it.
type Cascade string

// The known cascades. A secondary cascade may send after, or independently of,
// the primary one.
const (
	Primary   Cascade = "primary"
	Secondary Cascade = "secondary"
)

// SupplierStatus is what the supplier behind a channel reports, in its own words.
// The same word may mean different things: "delivered" in the NHS App is not
// read, and "received" of a letter is printed and dispatched. [Receipt] says
// what they come to.
type SupplierStatus string

// The known supplier statuses that decide a [Receipt].
const (
	SupplierDelivered             SupplierStatus = "delivered"
	SupplierRead                  SupplierStatus = "read"
	SupplierNotified              SupplierStatus = "notified"
	SupplierNotificationAttempted SupplierStatus = "notification_attempted"
	SupplierReceived              SupplierStatus = "received"
)

// MessageStatus is all the service tells about one message. It holds no contact
// detail and no personalisation. Its JSON form is the service's own.
type MessageStatus struct {
	ID          string
	Reference   string
	Status      Status
	Description string // the service's words, usually about a failure
	FailureCode string // such as MFR_PDSV_0112, formally dead; an open set
	Created     time.Time
	Enriched    time.Time // zero until the person was looked up
	Delivered   time.Time // zero unless delivered
	Failed      time.Time // zero unless failed
	Plan        RoutingPlan
	Lookups     []Lookup        // where contact details came from
	Channels    []ChannelStatus // in order of attempt; none until enriched
	BatchID     string          // empty if sent on its own
	Self        string          // address of the message
}

// Lookup says when and where the service looked up contact details.
type Lookup struct {
	QueriedAt time.Time
	Source    string // "pds"
	Version   string // of the person's record
	Labels    []Channel
}

// ChannelStatus is where one channel of a message has got to. Channels of the
// plan that were not needed stay created for ever.
type ChannelStatus struct {
	Channel     Channel
	Cascade     Cascade
	Order       int // place in the cascade, from 1
	Retries     int
	Status      Status
	Description string
	FailureCode string // such as CFR_SUPE_0007, provider failure; an open set
	Supplier    SupplierStatus
	Created     time.Time
	Delivered   time.Time // zero unless delivered
	Failed      time.Time // zero unless failed
	Plan        ChannelPlan
	Contacts    []ContactSource
}

// ChannelPlan is the routing plan that put a channel into the cascade.
type ChannelPlan struct {
	ID      string
	Version string
	Type    string // "original", or "override" when a condition replaced it
}

// ContactSource says where a contact detail came from, without the detail.
type ContactSource struct {
	ID     string
	Source string // "pds"
	Label  string // "recipient_contact"
}

// MarshalJSON returns the answer the service gives to get-message.
func (m MessageStatus) MarshalJSON() ([]byte, error) { return json.Marshal(wireStatus(m)) }

// UnmarshalJSON reads the answer the service gives to get-message. A field that is
// not of its documented type is left out.
func (m *MessageStatus) UnmarshalJSON(data []byte) error {
	var wire gen.MessageResponse
	if err := readWhatFits(data, &wire, &wire.Data.ID); err != nil {
		return err
	}
	*m = messageStatus(wire.Data)
	return nil
}
