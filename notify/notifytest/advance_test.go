package notifytest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// world is a fake, a client of it and a book that its callbacks fill.
type world struct {
	service  *notifytest.Server
	messages *notify.Client
	book     notify.StatusBook
	events   atomic.Int64
}

func newWorld(t *testing.T, outcome func(nhs.Number) notifytest.Journey, subscriber notifytest.Subscriber) *world {
	t.Helper()
	w := &world{service: newServer(func(o *notifytest.Options) {
		o.Authorize = func(*http.Request) error { return nil }
		o.Outcome = outcome
		o.Plans[0].Channels = []notify.Channel{notify.NHSApp, notify.Email, notify.SMS, notify.Letter}
	})}
	server := httptest.NewServer(w.service)
	t.Cleanup(server.Close)
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{}, nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		t.Fatal(err)
	}
	if w.messages, err = notify.New(app); err != nil {
		t.Fatal(err)
	}
	secret := notify.CallbackSecret{ApplicationID: "a", APIKey: "k"}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		w.events.Add(1)
		w.book.Apply(c.Events...)
		return nil
	}))
	t.Cleanup(receiver.Close)
	subscriber.URL, subscriber.Secret = receiver.URL, secret
	w.service.Subscribe(subscriber)
	return w
}

func (w *world) send(t *testing.T, reference string, to nhs.Number, values map[string]any) notify.Sent {
	t.Helper()
	sent, err := w.messages.Send(t.Context(), notify.Message{Plan: planID, Reference: reference, To: to, Personalisation: values})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func (w *world) advance(t *testing.T, d time.Duration) {
	t.Helper()
	if err := w.service.Advance(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// TestJourneys wants callbacks and polling to tell the same story.
func TestJourneys(t *testing.T) {
	t.Parallel()
	const none, bounced = notifytest.NoContact, notifytest.Bounced
	cases := []struct {
		name     string
		journey  notifytest.Journey
		values   map[string]any
		status   notify.Status
		code     string
		by       notify.Channel
		receipts []notify.Receipt
	}{
		{"reads", notifytest.Journey{}, nil, "delivered", "", notify.NHSApp, []notify.Receipt{"read"}},
		{"never reads", notifytest.Journey{NHSApp: notifytest.Ignored}, nil, "delivered", "", notify.Email, []notify.Receipt{"failed", "delivered"}},
		{"no app, no email", notifytest.Journey{NHSApp: none, Email: none}, nil, "delivered", "", notify.SMS, []notify.Receipt{"failed", "failed", "delivered"}},
		{"letter", notifytest.Journey{NHSApp: bounced, Email: bounced, SMS: none}, nil, "delivered", "", notify.Letter, []notify.Receipt{"failed", "failed", "failed", "dispatched"}},
		{"second attempt", notifytest.Journey{NHSApp: none, Email: notifytest.Retried}, nil, "delivered", "", notify.Email, []notify.Receipt{"failed", "delivered"}},
		{"second letter", notifytest.Journey{NHSApp: none, Email: none, SMS: none, Letter: notifytest.Retried}, nil, "delivered", "", notify.Letter, []notify.Receipt{"failed", "failed", "failed", "dispatched"}},
		{"unreachable", notifytest.Journey{NHSApp: none, Email: none, SMS: bounced, Letter: none}, nil, "failed", "MFR_PDSV_0002", "", []notify.Receipt{"failed", "failed", "failed", "failed"}},
		{"dead", notifytest.Journey{Unsendable: notifytest.FormallyDead}, nil, "failed", "MFR_PDSV_0112", "", nil},
		{"no personalisation", notifytest.Journey{}, map[string]any{}, "failed", "MFR_CLIV_0001", "", []notify.Receipt{"failed", "failed", "failed", "failed"}},
	}
	person := nhs.MustNumber("9990000018")
	for _, tc := range cases {
		for _, disorder := range []bool{false, true} {
			t.Run(tc.name+" "+strconv.FormatBool(disorder), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(nhs.Number) notifytest.Journey { return tc.journey }, notifytest.Subscriber{Disorder: disorder, Seed: 7})
				values := tc.values
				if values == nil {
					values = map[string]any{"body": "x"}
				}
				sent := w.send(t, "r", person, values)
				w.advance(t, 7*24*time.Hour)
				polled, err := w.messages.Status(t.Context(), sent.ID)
				if err != nil {
					t.Fatal(err)
				}
				var other notify.StatusBook
				other.Apply(polled)
				for name, book := range map[string]*notify.StatusBook{"called back": &w.book, "polled": &other} {
					m := book.Reference("r")[0]
					if m.Status != tc.status || m.FailureCode != tc.code || m.DeliveredBy != tc.by || m.ID != sent.ID {
						t.Errorf("%s: state is %+v", name, m)
					}
					var receipts []notify.Receipt
					for _, c := range m.Channels {
						if c.Status != notify.StatusCreated { // not needed, and polled only
							receipts = append(receipts, c.Receipt())
						}
					}
					if diff := cmp.Diff(tc.receipts, receipts); diff != "" {
						t.Errorf("%s: receipts (-want +got):\n%s", name, diff)
					}
				}
				delivered := 0
				if tc.status == notify.StatusDelivered {
					delivered = 1
				}
				if got := w.service.Delivered(person); got != delivered {
					t.Errorf("%d messages delivered, want %d", got, delivered)
				}
			})
		}
	}
}

func TestAdvanceStopsWithTheContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, notifytest.Subscriber{})
	w.send(t, "r", nhs.MustNumber("9990000018"), map[string]any{"body": "x"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.service.Advance(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	w.advance(t, time.Minute) // events were kept
	if w.book.Len() != 1 {
		t.Error("events were lost")
	}
}

// TestMixed wants the documented shares.
func TestMixed(t *testing.T) {
	t.Parallel()
	var dead, ignored, none, bounced, people int
	for value := int64(9_990_000_000); people < 10_000; value++ {
		person, err := nhs.NumberFromInt(value)
		if err != nil {
			continue
		}
		people++
		j := notifytest.Mixed(person)
		switch {
		case j.Unsendable != "":
			dead++
		case j.NHSApp == notifytest.Ignored:
			ignored++
		case j.NHSApp == notifytest.NoContact:
			none++
		}
		if j.SMS == notifytest.Bounced {
			bounced++
		}
	}
	for name, share := range map[string][2]int{"dead": {dead, 2}, "ignored": {ignored, 15}, "no app": {none, 38}, "bounced": {bounced, 10}} {
		if per := share[0] * 100 / people; per < share[1]-1 || per > share[1]+1 {
			t.Errorf("%s: %d in a hundred, want %d", name, per, share[1])
		}
	}
}
