package notify

import (
	"encoding/json"
	"time"

	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

// Callback is one authentic callback.
type Callback struct {
	Body   []byte  // as received; store this, and parse it again with [ParseCallback]
	Events []Event // what is understood of it
}

// Event is something learnt about a message: a [MessageEvent] or a [ChannelEvent]
// from a callback, or a [MessageStatus] that was asked for.
type Event interface{ isEvent() }

func (MessageEvent) isEvent()  {}
func (ChannelEvent) isEvent()  {}
func (MessageStatus) isEvent() {}

// MessageEvent says that a message has a new status.
type MessageEvent struct {
	MessageID   string
	Reference   string
	Status      Status
	Description string
	FailureCode string           // such as MFR_PDSV_0112
	Channels    []ChannelSummary // how its channels ended, where told
	At          time.Time
	Plan        RoutingPlan
	Lookups     []Lookup
	Link        string // address of the message
	Key         string // the same in every repeat of the event
}

// ChannelSummary is the status of a channel as a [MessageEvent] tells it.
type ChannelSummary struct {
	Channel Channel
	Status  Status
}

// ChannelEvent says that a channel of a message, or the supplier behind it, has a
// new status.
type ChannelEvent struct {
	MessageID   string
	Reference   string
	Channel     Channel
	Cascade     Cascade
	Order       int // place in the cascade, from 1
	Retries     int
	Status      Status
	Description string
	FailureCode string         // such as CFR_SUPE_0007
	Supplier    SupplierStatus // where subscribed to
	At          time.Time
	Contacts    []ContactSource
	Link        string // address of the message
	Key         string // the same in every repeat of the event
}

// ParseCallback reads the body of a callback whose signature has been checked.
// What it does not understand, an unknown type or no JSON at all, gives no event. A
// field that is not of its documented type is left out of its event.
func ParseCallback(body []byte) Callback {
	callback := Callback{Body: body}
	var envelope struct {
		Data []json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return callback
	}
	for _, data := range envelope.Data {
		if event := parseEvent(data); event != nil {
			callback.Events = append(callback.Events, event)
		}
	}
	return callback
}

// parseEvent returns nil for what is not an event of a known type about a message.
func parseEvent(data []byte) Event { //nolint:ireturn // one of the kinds of event
	var kind struct {
		Type       string `json:"type"`
		Attributes struct {
			MessageID string `json:"messageId"`
		} `json:"attributes"`
	}
	if readWhatFits(data, &kind, &kind.Attributes.MessageID) != nil || kind.Attributes.MessageID == "" {
		return nil
	}
	switch kind.Type {
	case "MessageStatus":
		var wire gen.MessageStatusItem
		if readWhatFits(data, &wire, &wire.Attributes.MessageID) == nil {
			return messageEvent(wire)
		}
	case "ChannelStatus":
		var wire gen.ChannelStatusItem
		if readWhatFits(data, &wire, &wire.Attributes.MessageID) == nil {
			return channelEvent(wire)
		}
	}
	return nil
}

func messageEvent(wire gen.MessageStatusItem) MessageEvent {
	a := wire.Attributes
	event := MessageEvent{
		MessageID:   a.MessageID,
		Reference:   a.MessageReference,
		Status:      Status(a.MessageStatus),
		Description: text(a.MessageStatusDescription),
		FailureCode: text(a.MessageFailureReasonCode),
		Channels: each(a.Channels, func(c gen.ChannelSummary) ChannelSummary {
			return ChannelSummary{Channel: Channel(text(c.Type)), Status: Status(text(c.ChannelStatus))}
		}),
		At:      instant(a.Timestamp),
		Lookups: each(a.Metadata, lookup),
		Link:    callbackLink(wire.Links),
		Key:     callbackKey(wire.Meta),
	}
	if a.RoutingPlan != nil {
		event.Plan = routingPlan(*a.RoutingPlan)
	}
	return event
}

func channelEvent(wire gen.ChannelStatusItem) ChannelEvent {
	a := wire.Attributes
	return ChannelEvent{
		MessageID:   a.MessageID,
		Reference:   a.MessageReference,
		Channel:     Channel(a.Channel),
		Cascade:     Cascade(a.CascadeType),
		Order:       a.CascadeOrder,
		Retries:     number(a.RetryCount),
		Status:      Status(a.ChannelStatus),
		Description: text(a.ChannelStatusDescription),
		FailureCode: text(a.ChannelFailureReasonCode),
		Supplier:    SupplierStatus(text(a.SupplierStatus)),
		At:          instant(a.Timestamp),
		Contacts:    each(a.Metadata, contactSource),
		Link:        callbackLink(wire.Links),
		Key:         callbackKey(wire.Meta),
	}
}

func callbackLink(links *gen.CallbackLinks) string {
	if links == nil {
		return ""
	}
	return text(links.Message)
}

func callbackKey(meta *gen.CallbackMeta) string {
	if meta == nil {
		return ""
	}
	return text(meta.IdempotencyKey)
}
