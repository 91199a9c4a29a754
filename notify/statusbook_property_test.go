package notify_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/notify"
)

// anyEvent draws events that are about few messages, channels and times, so that
// they meet, and includes nonsense.
func anyEvent() *rapid.Generator[notify.Event] {
	statuses := []notify.Status{"", "created", "pending_enrichment", "enriched", "sending", "delivered", "failed", "skipped", "new_status"}
	return rapid.Custom(func(t *rapid.T) notify.Event {
		id := rapid.SampledFrom([]string{"", "m1", "m2"}).Draw(t, "id")
		reference := rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "reference")
		at := time.Time{}
		if seconds := rapid.IntRange(-2, 4).Draw(t, "at"); seconds != 0 {
			at = time.Unix(int64(seconds), 0)
		}
		status := rapid.SampledFrom(statuses).Draw(t, "status")
		code := rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "code")
		channel := rapid.SampledFrom([]notify.Channel{notify.NHSApp, notify.SMS}).Draw(t, "channel")
		cascade := rapid.SampledFrom([]notify.Cascade{notify.Primary, notify.Secondary, "third"}).Draw(t, "cascade")
		order, retries := rapid.IntRange(1, 2).Draw(t, "order"), rapid.IntRange(0, 2).Draw(t, "retries")
		supplier := rapid.SampledFrom([]notify.SupplierStatus{"", "delivered", "read"}).Draw(t, "supplier")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return notify.MessageEvent{
				MessageID: id, Reference: reference, Status: status, At: at, FailureCode: code,
				Description: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "description"),
				Channels:    []notify.ChannelSummary{{Channel: channel, Status: status}},
			}
		case 1:
			return notify.ChannelEvent{
				MessageID: id, Reference: reference, Channel: channel, Cascade: cascade, Order: order,
				Retries: retries, Status: status, At: at, FailureCode: code, Supplier: supplier,
			}
		default:
			return notify.MessageStatus{
				ID: id, Reference: reference, Status: status, FailureCode: code, Created: time.Unix(1, 0), Delivered: at,
				Channels: []notify.ChannelStatus{{
					Channel: channel, Cascade: cascade, Order: order, Retries: retries, Status: status, Created: at, Supplier: supplier,
				}},
			}
		}
	})
}

// TestStatusBookOrder: any permutation with any repeats gives the same book.
func TestStatusBookOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 1, 12).Draw(t, "events")
		shuffled := rapid.Permutation(append(slices.Clone(events), rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "repeats")...)).Draw(t, "shuffled")
		var one, other notify.StatusBook
		one.Apply(events...)
		for _, event := range shuffled {
			other.Apply(event)
		}
		if diff := cmp.Diff(states(&one), states(&other)); diff != "" {
			t.Errorf("in order, in disorder (-want +got):\n%s", diff)
		}
		if one.Len() != len(states(&one)) {
			t.Errorf("Len is %d", one.Len())
		}
	})
}

// TestStatusBookGoesForward: whatever comes, a message that has ended stays ended,
// what has been delivered is attributed to a channel that has, and no channel is
// forgotten.
func TestStatusBookGoesForward(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var book notify.StatusBook
		before := map[string]notify.MessageState{}
		for _, event := range rapid.SliceOfN(anyEvent(), 1, 12).Draw(t, "events") {
			book.Apply(event)
			for _, m := range states(&book) {
				old := before[m.Reference+m.ID]
				if old.Terminal() && !m.Terminal() {
					t.Fatalf("ended as %q, then %q", old.Status, m.Status)
				}
				if len(m.Channels) < len(old.Channels) {
					t.Fatalf("channels were forgotten: %+v, then %+v", old, m)
				}
				delivered := slices.IndexFunc(m.Channels, func(c notify.ChannelState) bool { return c.Status == notify.StatusDelivered })
				if delivered >= 0 && m.DeliveredBy != m.Channels[delivered].Channel {
					t.Fatalf("delivered by %q: %+v", m.DeliveredBy, m)
				}
				before[m.Reference+m.ID] = m
			}
		}
	})
}

// TestStatusBookPrimaryFirst: channels are in one order, whenever their events came.
func TestStatusBookPrimaryFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var book notify.StatusBook
		book.Apply(rapid.SliceOfN(anyEvent(), 1, 20).Draw(t, "events")...)
		rank := func(c notify.ChannelState) int {
			return 10*slices.Index([]notify.Cascade{notify.Primary, notify.Secondary, "third"}, c.Cascade) + c.Order
		}
		for m := range book.All() {
			if !slices.IsSortedFunc(m.Channels, func(a, b notify.ChannelState) int { return rank(a) - rank(b) }) {
				t.Fatalf("channels are %+v", m.Channels)
			}
		}
	})
}

// TestStatusBookTogether: callbacks handled at the same time make the same book.
func TestStatusBookTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 2, 40).Draw(t, "events")
		var one, other notify.StatusBook
		one.Apply(events...)
		var handlers sync.WaitGroup
		for part := range slices.Chunk(events, (len(events)+3)/4) {
			handlers.Go(func() {
				for _, event := range part {
					other.Apply(event)
					_ = other.Len()
				}
			})
		}
		handlers.Wait()
		if diff := cmp.Diff(states(&one), states(&other)); diff != "" {
			t.Errorf("one by one, together (-want +got):\n%s", diff)
		}
	})
}
