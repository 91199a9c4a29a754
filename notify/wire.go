package notify

import (
	"encoding/json"
	"errors"
	"time"

	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

func sent(wire gen.MessageCreated) Sent {
	attributes := wire.Data.Attributes
	return Sent{
		ID:        wire.Data.ID,
		Reference: attributes.MessageReference,
		Status:    Status(attributes.MessageStatus),
		Created:   instant(attributes.Timestamps.Created),
		Plan:      routingPlan(attributes.RoutingPlan),
		Self:      selfLink(wire.Data.Links),
	}
}

func messageStatus(wire gen.MessageResource) MessageStatus {
	a := wire.Attributes
	m := MessageStatus{
		ID:          wire.ID,
		Reference:   a.MessageReference,
		Status:      Status(a.MessageStatus),
		Description: text(a.MessageStatusDescription),
		FailureCode: text(a.MessageFailureReasonCode),
		Created:     instant(a.Timestamps.Created),
		Enriched:    instant(text(a.Timestamps.Enriched)),
		Delivered:   instant(text(a.Timestamps.Delivered)),
		Failed:      instant(text(a.Timestamps.Failed)),
		Plan:        routingPlan(a.RoutingPlan),
		Lookups:     each(a.Metadata, lookup),
		Channels:    each(a.Channels, channelStatus),
		Self:        selfLink(wire.Links),
	}
	if r := wire.Relationships; r != nil && r.MessageBatch != nil && r.MessageBatch.Data != nil {
		m.BatchID = r.MessageBatch.Data.ID
	}
	return m
}

func wireStatus(m MessageStatus) gen.MessageResponse {
	wire := gen.MessageResource{
		Type: "Message",
		ID:   m.ID,
		Attributes: gen.MessageAttributes{
			MessageReference:         m.Reference,
			MessageStatus:            string(m.Status),
			MessageStatusDescription: optional(m.Description),
			MessageFailureReasonCode: optional(m.FailureCode),
			Timestamps: gen.MessageTimestamps{
				Created:   timestamp(m.Created),
				Enriched:  optional(timestamp(m.Enriched)),
				Delivered: optional(timestamp(m.Delivered)),
				Failed:    optional(timestamp(m.Failed)),
			},
			RoutingPlan: gen.RoutingPlan{
				ID: m.Plan.ID, Name: m.Plan.Name, Version: optional(m.Plan.Version), CreatedDate: timestamp(m.Plan.Created),
			},
			Metadata: each(m.Lookups, wireLookup),
			Channels: each(m.Channels, wireChannel),
		},
	}
	if m.Self != "" {
		wire.Links = &gen.SelfLink{Self: m.Self}
	}
	if m.BatchID != "" {
		batch := gen.BatchIdentifier{Type: "MessageBatch", ID: m.BatchID}
		wire.Relationships = &gen.MessageRelationships{MessageBatch: &gen.BatchRelationship{Data: &batch}}
	}
	return gen.MessageResponse{Data: wire}
}

func channelStatus(wire gen.Channel) ChannelStatus {
	return ChannelStatus{
		Channel:     Channel(wire.Type),
		Cascade:     Cascade(wire.CascadeType),
		Order:       wire.CascadeOrder,
		Retries:     number(wire.RetryCount),
		Status:      Status(wire.ChannelStatus),
		Description: text(wire.ChannelStatusDescription),
		FailureCode: text(wire.ChannelFailureReasonCode),
		Supplier:    SupplierStatus(text(wire.SupplierStatus)),
		Created:     instant(wire.Timestamps.Created),
		Delivered:   instant(text(wire.Timestamps.Delivered)),
		Failed:      instant(text(wire.Timestamps.Failed)),
		Plan: ChannelPlan{
			ID: wire.RoutingPlan.ID, Version: text(wire.RoutingPlan.Version), Type: wire.RoutingPlan.Type,
		},
		Contacts: each(wire.Metadata, contactSource),
	}
}

func wireChannel(c ChannelStatus) gen.Channel {
	return gen.Channel{
		Type:                     string(c.Channel),
		CascadeType:              string(c.Cascade),
		CascadeOrder:             c.Order,
		RetryCount:               optional(c.Retries),
		ChannelStatus:            string(c.Status),
		ChannelStatusDescription: optional(c.Description),
		ChannelFailureReasonCode: optional(c.FailureCode),
		SupplierStatus:           optional(string(c.Supplier)),
		Timestamps: gen.ChannelTimestamps{
			Created:   timestamp(c.Created),
			Delivered: optional(timestamp(c.Delivered)),
			Failed:    optional(timestamp(c.Failed)),
		},
		RoutingPlan: gen.ChannelRoutingPlan{ID: c.Plan.ID, Version: optional(c.Plan.Version), Type: c.Plan.Type},
		Metadata: each(c.Contacts, func(s ContactSource) gen.ChannelMetadata {
			return gen.ChannelMetadata{ID: optional(s.ID), Source: s.Source, Label: s.Label}
		}),
	}
}

func contactSource(wire gen.ChannelMetadata) ContactSource {
	return ContactSource{ID: text(wire.ID), Source: wire.Source, Label: wire.Label}
}

func lookup(wire gen.Metadata) Lookup {
	return Lookup{
		QueriedAt: instant(wire.QueriedAt),
		Source:    wire.Source,
		Version:   text(wire.Version),
		Labels:    each(wire.Labels, func(l string) Channel { return Channel(l) }),
	}
}

func wireLookup(l Lookup) gen.Metadata {
	return gen.Metadata{
		QueriedAt: timestamp(l.QueriedAt),
		Source:    l.Source,
		Version:   optional(l.Version),
		Labels:    each(l.Labels, func(c Channel) string { return string(c) }),
	}
}

func routingPlan(wire gen.RoutingPlan) RoutingPlan {
	return RoutingPlan{ID: wire.ID, Name: wire.Name, Version: text(wire.Version), Created: instant(wire.CreatedDate)}
}

func selfLink(wire *gen.SelfLink) string {
	if wire == nil {
		return ""
	}
	return wire.Self
}

// each maps a list, and keeps the difference between no list and an empty one.
func each[From, To any](list []From, convert func(From) To) []To {
	if list == nil {
		return nil
	}
	to := make([]To, len(list))
	for i, from := range list {
		to[i] = convert(from)
	}
	return to
}

// readWhatFits reads JSON about a message, whose id is a part of wire. It leaves out
// other fields of another type than documented: the message's status matters more
// than the rest. json.Unmarshal goes on after such a field, and returns the error at
// its end.
func readWhatFits(data []byte, wire any, id *string) error {
	err := json.Unmarshal(data, wire)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); odd && *id != "" {
		return nil
	}
	return err
}

// instant reads a timestamp, with or without fractions. An unreadable one is zero,
// because a message's status matters more than its time.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
