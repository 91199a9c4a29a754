package notify

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// StatusBook merges what is learnt about messages into one state for each. Events
// may come in any order, any number of times, before or after the answer to the
// request that sent the message: the states are the same. It holds some 400 bytes
// a message. The zero StatusBook is empty and ready; it is safe for concurrent
// use.
type StatusBook struct {
	mu      sync.RWMutex
	entries map[string]*entry // by reference
	count   int               // of messages
	words   map[string]string // statuses, codes and descriptions, each kept once
}

// MessageState is what the events about one message come to.
type MessageState struct {
	ID          string
	Reference   string
	Status      Status // empty while only channel events have come
	FailureCode string // of a failed message, such as MFR_PDSV_0112
	Description string // the service's words, usually about a failure: all that a report has
	Updated     time.Time
	DeliveredBy Channel        // the channel that reached the person; empty if none has or it is not known
	Channels    []ChannelState // primary cascade first, then in order of attempt
}

// ChannelState is what the events about one channel of a message come to.
type ChannelState struct {
	Channel     Channel
	Cascade     Cascade
	Order       int
	Retries     int
	Status      Status
	FailureCode string
	Supplier    SupplierStatus
	Updated     time.Time
}

// Terminal reports whether the message has been delivered or has failed. Channels
// that were not needed stay created, and those of a secondary cascade may go on.
func (m MessageState) Terminal() bool { return m.Status.Terminal() }

// Receipt says how far a channel has really got.
type Receipt string

// The receipts.
const (
	ReceiptNone       Receipt = ""           // nothing yet, or not attempted
	ReceiptInApp      Receipt = "in_app"     // in the person's NHS App, not read
	ReceiptRead       Receipt = "read"       // read in the NHS App
	ReceiptDelivered  Receipt = "delivered"  // by email or SMS
	ReceiptDispatched Receipt = "dispatched" // letter printed and handed over, days from the doormat
	ReceiptFailed     Receipt = "failed"
)

// Receipt translates the channel's and its supplier's words, which mean different
// things on different channels.
//
// Source: NHS Notify, message, channel and supplier statuses.
func (c ChannelState) Receipt() Receipt {
	reached, receipt := success(c.Channel)
	supplier := SupplierStatus(strings.ReplaceAll(strings.ToLower(string(c.Supplier)), " ", "_"))
	switch {
	case c.Status == StatusFailed:
		return ReceiptFailed
	case c.Status == StatusSkipped:
		return ReceiptNone
	case c.Status == StatusDelivered, supplier == reached:
		return receipt
	case c.Channel == NHSApp && slices.Contains([]SupplierStatus{
		SupplierDelivered, SupplierNotified, SupplierNotificationAttempted,
	}, supplier):
		return ReceiptInApp
	default:
		return ReceiptNone
	}
}

// success is the supplier's word by which a channel counts as delivered, and what
// it means.
func success(c Channel) (SupplierStatus, Receipt) {
	switch c {
	case NHSApp:
		return SupplierRead, ReceiptRead
	case Letter:
		return SupplierReceived, ReceiptDispatched
	case Email, SMS:
		return SupplierDelivered, ReceiptDelivered
	default:
		return SupplierDelivered, ReceiptDelivered
	}
}

// Apply merges events. Those without a message id are ignored.
func (b *StatusBook) Apply(events ...Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range events {
		switch e := event.(type) {
		case MessageEvent:
			b.message(e.Reference, e.MessageID, messageMark{
				status: e.Status, at: nanoseconds(e.At), code: e.FailureCode, by: deliveredBy(e.Channels), description: e.Description,
			})
		case ChannelEvent:
			b.channel(e.Reference, e.MessageID, channelKey{e.Cascade, e.Order, e.Channel}, channelMark{
				retries: e.Retries, status: e.Status, at: nanoseconds(e.At), code: e.FailureCode,
			}, e.Supplier)
		case MessageStatus:
			b.polled(e)
		}
	}
}

// Len returns the number of messages.
func (b *StatusBook) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.count
}

// Reference returns the states of the messages with the given reference: none
// while nothing has been heard, one as a rule, and more when the reference was
// used for several messages, in order of their ids.
func (b *StatusBook) Reference(reference string) []MessageState {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var states []MessageState
	for e := b.entries[reference]; e != nil; e = e.next {
		states = append(states, e.state(reference))
	}
	return states
}

// All yields the state of every message, in no order. Events wait while it runs.
func (b *StatusBook) All() iter.Seq[MessageState] {
	return func(yield func(MessageState) bool) {
		b.mu.RLock()
		defer b.mu.RUnlock()
		for reference, e := range b.entries {
			for ; e != nil; e = e.next {
				if !yield(e.state(reference)) {
					return
				}
			}
		}
	}
}

func (b *StatusBook) message(reference, id string, mark messageMark) {
	if e := b.entry(reference, id); e != nil {
		mark.status, mark.code, mark.by = keep(b, mark.status), keep(b, mark.code), keep(b, mark.by)
		mark.description = keep(b, mark.description)
		e.message = latest(e.message, mark, messageMark.compare)
	}
}

func (b *StatusBook) channel(reference, id string, key channelKey, mark channelMark, supplier SupplierStatus) {
	if e := b.entry(reference, id); e != nil {
		key.cascade, key.channel = keep(b, key.cascade), keep(b, key.channel)
		mark.status, mark.code = keep(b, mark.status), keep(b, mark.code)
		c := e.channel(key)
		c.mark = latest(c.mark, mark, channelMark.compare)
		if supplier != "" {
			told := supplierMark{retries: mark.retries, at: mark.at, status: keep(b, supplier)}
			c.supplier = latest(c.supplier, told, supplierMark.compare)
		}
	}
}

// polled takes each part of an answer as an event at the time it names.
func (b *StatusBook) polled(m MessageStatus) {
	at := latestTime(m.Created, m.Enriched, m.Delivered, m.Failed)
	b.message(m.Reference, m.ID, messageMark{status: m.Status, at: at, code: m.FailureCode, description: m.Description})
	for _, c := range m.Channels {
		at := latestTime(c.Created, c.Delivered, c.Failed)
		b.channel(m.Reference, m.ID, channelKey{c.Cascade, c.Order, c.Channel}, channelMark{
			retries: c.Retries, status: c.Status, at: at, code: c.FailureCode,
		}, c.Supplier)
	}
}

// entry returns the entry of a message, new if need be. The messages of one
// reference are chained in order of their ids.
func (b *StatusBook) entry(reference, id string) *entry {
	if id == "" {
		return nil
	}
	if b.entries == nil {
		b.entries, b.words = map[string]*entry{}, map[string]string{}
	}
	var before *entry
	e := b.entries[reference]
	for e != nil && e.id < id {
		before, e = e, e.next
	}
	if e != nil && e.id == id {
		return e
	}
	b.count++
	added := &entry{id: strings.Clone(id), next: e}
	if before != nil {
		before.next = added
	} else {
		b.entries[strings.Clone(reference)] = added
	}
	return added
}

// keep returns the one copy of a word that millions of messages share.
func keep[T ~string](b *StatusBook, word T) T {
	kept, ok := b.words[string(word)]
	if !ok {
		kept = strings.Clone(string(word))
		b.words[kept] = kept
	}
	return T(kept)
}

func latestTime(times ...time.Time) int64 {
	return nanoseconds(slices.MaxFunc(times, time.Time.Compare))
}

// nanoseconds are those since 1970. No time at all is the least.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.UnixNano(), 0)
}

func deliveredBy(channels []ChannelSummary) Channel {
	for _, c := range channels {
		if c.Status == StatusDelivered {
			return c.Channel
		}
	}
	return ""
}

// latest returns the greater of two marks. Each compare function is a total order
// over everything a mark holds: that makes merging free of order and repeats.
func latest[T any](a, b T, compare func(T, T) int) T {
	if compare(a, b) < 0 {
		return b
	}
	return a
}

// progress orders statuses as they follow each other; an unknown one counts as
// being on the way.
func progress(s Status) int {
	switch s {
	case "":
		return 0
	case StatusCreated:
		return 1
	case StatusPendingEnrichment:
		return 2
	case StatusEnriched:
		return 3
	case StatusSending:
		return 4
	case StatusDelivered, StatusFailed, StatusSkipped:
		return 5
	default:
		return 4
	}
}

// preferDelivered breaks the tie of two terminal statuses at one time.
func preferDelivered(a, b Status) int {
	switch {
	case a == b:
		return 0
	case a == StatusDelivered:
		return 1
	case b == StatusDelivered:
		return -1
	default:
		return cmp.Compare(a, b)
	}
}
