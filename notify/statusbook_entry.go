package notify

import (
	"cmp"
	"slices"
	"time"
)

// entry is what the book holds of one message: for every aspect the greatest mark
// seen so far.
type entry struct {
	id       string
	message  messageMark
	channels []channelEntry
	next     *entry // another message with the same reference
}

type messageMark struct {
	status Status
	at     int64 // nanoseconds since 1970
	code   string
	by     Channel

	description string
}

type channelEntry struct {
	key      channelKey
	mark     channelMark
	supplier supplierMark
}

type channelKey struct {
	cascade Cascade
	order   int
	channel Channel
}

type channelMark struct {
	retries int
	status  Status
	at      int64
	code    string
}

type supplierMark struct {
	retries int
	at      int64
	status  SupplierStatus
}

func (m messageMark) compare(other messageMark) int {
	return cmp.Or(
		cmp.Compare(progress(m.status), progress(other.status)),
		cmp.Compare(m.at, other.at),
		preferDelivered(m.status, other.status),
		cmp.Compare(m.code, other.code),
		cmp.Compare(m.by, other.by),
		cmp.Compare(m.description, other.description),
	)
}

// compare puts a retry after all that went before it: its status starts again.
func (m channelMark) compare(other channelMark) int {
	return cmp.Or(
		cmp.Compare(m.retries, other.retries),
		cmp.Compare(progress(m.status), progress(other.status)),
		cmp.Compare(m.at, other.at),
		preferDelivered(m.status, other.status),
		cmp.Compare(m.code, other.code),
	)
}

func (m supplierMark) compare(other supplierMark) int {
	return cmp.Or(
		cmp.Compare(m.retries, other.retries),
		cmp.Compare(m.at, other.at),
		cmp.Compare(m.status, other.status),
	)
}

// compare puts the primary cascade first, then the order of attempts.
func (k channelKey) compare(other channelKey) int {
	return cmp.Or(
		cmp.Compare(k.cascade, other.cascade), // "primary" < "secondary"
		cmp.Compare(k.order, other.order),
		cmp.Compare(k.channel, other.channel),
	)
}

// channel returns the entry of a channel, new if need be, in order of keys.
func (e *entry) channel(key channelKey) *channelEntry {
	i, found := slices.BinarySearchFunc(e.channels, key, func(c channelEntry, k channelKey) int { return c.key.compare(k) })
	if !found {
		e.channels = slices.Insert(e.channels, i, channelEntry{key: key})
	}
	return &e.channels[i]
}

func (e *entry) state(reference string) MessageState {
	m := MessageState{
		ID: e.id, Reference: reference, Status: e.message.status, FailureCode: e.message.code,
		Description: e.message.description, Updated: moment(e.message.at), DeliveredBy: e.message.by,
	}
	told := false // a channel's own word is worth more than the message's summary
	for _, c := range e.channels {
		m.Channels = append(m.Channels, ChannelState{
			Channel: c.key.channel, Cascade: c.key.cascade, Order: c.key.order, Retries: c.mark.retries,
			Status: c.mark.status, FailureCode: c.mark.code, Supplier: c.supplier.status, Updated: moment(c.mark.at),
		})
		if c.mark.status == StatusDelivered && !told {
			m.DeliveredBy, told = c.key.channel, true
		}
	}
	return m
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
