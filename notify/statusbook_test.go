package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/notify"
)

func states(book *notify.StatusBook) []notify.MessageState {
	return slices.SortedFunc(book.All(), func(a, b notify.MessageState) int { return strings.Compare(a.Reference+" "+a.ID, b.Reference+" "+b.ID) })
}

func TestStatusBook(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time { return time.Date(2026, 1, 5, 9, minutes, 0, 0, time.UTC) }
	message := func(status notify.Status, minutes int, code string) notify.Event {
		return notify.MessageEvent{MessageID: "m", Reference: "r", Status: status, At: at(minutes), FailureCode: code}
	}
	channel := func(c notify.Channel, cascade notify.Cascade, order int, status notify.Status, supplier notify.SupplierStatus, minutes int) notify.Event {
		return notify.ChannelEvent{MessageID: "m", Reference: "r", Channel: c, Cascade: cascade, Order: order, Status: status, Supplier: supplier, At: at(minutes)}
	}
	summary := message(notify.StatusDelivered, 9, "").(notify.MessageEvent) //nolint:forcetypeassert // made above
	summary.Channels = []notify.ChannelSummary{{Channel: notify.NHSApp, Status: notify.StatusFailed}, {Channel: notify.Email, Status: notify.StatusDelivered}}
	retried := channel(notify.SMS, notify.Primary, 1, notify.StatusSending, "", 3).(notify.ChannelEvent) //nolint:forcetypeassert // made above
	retried.Retries = 1
	cases := []struct {
		name     string
		events   []notify.Event
		status   notify.Status
		code     string
		by       notify.Channel
		terminal bool
		receipts []notify.Receipt
	}{
		{"a late sending does not undo delivered", []notify.Event{message("delivered", 5, ""), message("sending", 7, "")}, "delivered", "", "", true, nil},
		{"failed at lookup", []notify.Event{message("pending_enrichment", 1, ""), message("failed", 2, "MFR_PDSV_0112")}, "failed", "MFR_PDSV_0112", "", true, nil},
		{"an unknown status is on the way", []notify.Event{message("held", 5, ""), message("enriched", 7, "")}, "held", "", "", false, nil},
		{"delivered by the summary's channel", []notify.Event{summary}, "delivered", "", notify.Email, true, nil},
		{"in the app is not read", []notify.Event{message("sending", 1, ""), channel("nhsapp", "primary", 1, "sending", "delivered", 2)}, "sending", "", "", false, []notify.Receipt{notify.ReceiptInApp}},
		{"notified, with a space", []notify.Event{channel("nhsapp", "primary", 1, "sending", "Notification attempted", 2)}, "", "", "", false, []notify.Receipt{notify.ReceiptInApp}},
		{"received by the app is nothing yet", []notify.Event{channel("nhsapp", "primary", 1, "sending", "received", 2)}, "", "", "", false, []notify.Receipt{notify.ReceiptNone}},
		{"read", []notify.Event{channel("nhsapp", "primary", 1, "delivered", "read", 3), channel("nhsapp", "primary", 1, "sending", "delivered", 2)}, "", "", notify.NHSApp, false, []notify.Receipt{notify.ReceiptRead}},
		{"read, by the channel's word only", []notify.Event{channel("nhsapp", "primary", 1, "delivered", "", 3)}, "", "", notify.NHSApp, false, []notify.Receipt{notify.ReceiptRead}},
		{"fallback", []notify.Event{
			message("delivered", 30, ""), channel("sms", "primary", 2, "delivered", "delivered", 30), channel("nhsapp", "primary", 1, "failed", "delivered", 25), channel("letter", "primary", 3, "created", "", 2),
		}, "delivered", "", notify.SMS, true, []notify.Receipt{notify.ReceiptFailed, notify.ReceiptDelivered, notify.ReceiptNone}},
		{"a letter received is dispatched", []notify.Event{channel("letter", "primary", 1, "delivered", "received", 3)}, "", "", notify.Letter, false, []notify.Receipt{notify.ReceiptDispatched}},
		{"a letter accepted is nothing yet", []notify.Event{channel("letter", "primary", 1, "sending", "accepted", 3)}, "", "", "", false, []notify.Receipt{notify.ReceiptNone}},
		{"skipped", []notify.Event{channel("sms", "primary", 1, "skipped", "", 3)}, "", "", "", false, []notify.Receipt{notify.ReceiptNone}},
		{"secondary beside primary", []notify.Event{
			channel("sms", "secondary", 1, "delivered", "delivered", 5), channel("nhsapp", "primary", 1, "failed", "unnotified", 4), channel("letter", "primary", 2, "delivered", "received", 60), message("delivered", 60, ""),
		}, "delivered", "", notify.Letter, true, []notify.Receipt{notify.ReceiptFailed, notify.ReceiptDispatched, notify.ReceiptDelivered}},
		{"a retry starts again", []notify.Event{retried, channel("sms", "primary", 1, "failed", "temporary_failure", 9)}, "", "", "", false, []notify.Receipt{notify.ReceiptNone}},
	}
	for _, tc := range cases {
		var book notify.StatusBook
		book.Apply(tc.events...)
		got := book.Reference("r")
		if len(got) != 1 {
			t.Errorf("%s: %d states", tc.name, len(got))
			continue
		}
		m := got[0]
		if m.Status != tc.status || m.FailureCode != tc.code || m.DeliveredBy != tc.by || m.Terminal() != tc.terminal {
			t.Errorf("%s: state is %+v", tc.name, m)
		}
		var receipts []notify.Receipt
		for _, c := range m.Channels {
			receipts = append(receipts, c.Receipt())
		}
		if diff := cmp.Diff(tc.receipts, receipts); diff != "" {
			t.Errorf("%s: receipts (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestStatusBookReferences(t *testing.T) {
	t.Parallel()
	var book notify.StatusBook
	if book.Len() != 0 || book.Reference("r") != nil {
		t.Error("the zero book is not empty")
	}
	for _, id := range []string{"b", "a", "b"} {
		book.Apply(notify.MessageEvent{MessageID: id, Reference: "r", Status: notify.StatusSending})
	}
	var ids []string
	for _, m := range book.Reference("r") {
		ids = append(ids, m.ID)
	}
	if diff := cmp.Diff([]string{"a", "b"}, ids); diff != "" {
		t.Errorf("two messages of one reference (-want +got):\n%s", diff)
	}
	for range book.All() {
		break // may be left early
	}
}

// BenchmarkStatusBook applies a message's usual five events, beside a map that
// keeps the last status to arrive, which duplicates and disorder would spoil.
func BenchmarkStatusBook(b *testing.B) {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	var references []string
	for i := range 100_000 {
		references = append(references, message(i).Reference)
	}
	events := func(reference string) []notify.Event {
		return []notify.Event{
			notify.MessageEvent{MessageID: "m", Reference: reference, Status: notify.StatusEnriched, At: at},
			notify.MessageEvent{MessageID: "m", Reference: reference, Status: notify.StatusSending, At: at},
			notify.ChannelEvent{MessageID: "m", Reference: reference, Channel: notify.NHSApp, Cascade: notify.Primary, Order: 1, Status: notify.StatusSending, Supplier: "delivered", At: at},
			notify.ChannelEvent{MessageID: "m", Reference: reference, Channel: notify.NHSApp, Cascade: notify.Primary, Order: 1, Status: notify.StatusDelivered, Supplier: "read", At: at},
			notify.MessageEvent{MessageID: "m", Reference: reference, Status: notify.StatusDelivered, At: at},
		}
	}
	b.Run("book", func(b *testing.B) {
		b.ReportAllocs()
		var book notify.StatusBook
		for i := 0; b.Loop(); i++ {
			if i%len(references) == 0 {
				book = notify.StatusBook{}
			}
			book.Apply(events(references[i%len(references)])...)
		}
	})
	b.Run("last status in a map", func(b *testing.B) {
		b.ReportAllocs()
		last := map[string]notify.Status{}
		for i := 0; b.Loop(); i++ {
			if i%len(references) == 0 {
				last = map[string]notify.Status{}
			}
			for _, e := range events(references[i%len(references)]) {
				if m, ok := e.(notify.MessageEvent); ok {
					last[m.Reference] = m.Status
				}
			}
		}
	})
}
