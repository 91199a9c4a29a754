package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// TestReconcile loses all callbacks of a batch and asks for what they would have
// said.
func TestReconcile(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	client, service := setup(t, notifytest.Options{
		Outcome: func(n nhs.Number) notifytest.Journey {
			if n == number(1) {
				return notifytest.Journey{Unsendable: notifytest.FormallyDead}
			}
			return notifytest.Journey{}
		},
	}, nhs.WithClock(func() time.Time { return clock }))
	sent, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b-1", Messages: messages(3)})
	if err != nil {
		t.Fatal(err)
	}
	strange := []string{"aaaaaaaaaaaaaaaaaaaaaaaaaaa"}
	book := &notify.StatusBook{}
	book.Apply(notify.AcceptedEvents(clock, append(sent.Messages, notify.SentMessage{Reference: "pending"})...)...)
	// One is on its way, by its channel's word, and one the service has never seen.
	book.Apply(
		notify.ChannelEvent{MessageID: sent.Messages[2].ID, Reference: "ref-2", Channel: notify.NHSApp, Status: notify.StatusSending, At: clock.Add(90 * time.Hour)},
		notify.MessageEvent{MessageID: strange[0], Reference: "strange", Status: notify.StatusSending, At: clock},
	)
	if book.Len() != 4 {
		t.Fatalf("%d messages in the book", book.Len())
	}
	options := notify.ReconcileOptions{Quiet: 96 * time.Hour, PerSecond: 1e6}
	if got, err := client.Reconcile(t.Context(), book, options); err != nil || got.Asked != 0 {
		t.Errorf("too early: %+v, %v", got, err)
	}
	clock = clock.Add(100 * time.Hour)
	if got, err := client.Reconcile(t.Context(), book, options); err != nil || !cmp.Equal(got, notify.Reconciled{Asked: 3, Waiting: 2, Unknown: strange}) {
		t.Errorf("nothing has happened: %+v, %v", got, err)
	}
	if err := service.Advance(t.Context(), 100*time.Hour); err != nil {
		t.Fatal(err)
	}
	var answers []notify.Status
	options.Answer = func(status notify.MessageStatus) error {
		if states := book.Reference(status.Reference); len(states) != 1 || states[0].Status != status.Status {
			t.Errorf("the book has %+v", states)
		}
		answers = append(answers, status.Status)
		return nil
	}
	got, err := client.Reconcile(t.Context(), book, options)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notify.Reconciled{Asked: 3, Finished: 2, Unknown: strange}, got); diff != "" || len(answers) != 2 {
		t.Errorf("%v, result (-want +got):\n%s", answers, diff)
	}
	for reference, want := range map[string]notify.Status{
		"ref-0": notify.StatusDelivered, "ref-1": notify.StatusFailed, "ref-2": notify.StatusCreated,
	} {
		if states := book.Reference(reference); len(states) != 1 || states[0].Status != want {
			t.Errorf("%s is %+v", reference, states)
		}
	}
}

func TestReconcileErrors(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	book := &notify.StatusBook{}
	for _, tc := range []struct {
		book    *notify.StatusBook
		options notify.ReconcileOptions
		want    string
	}{
		{nil, notify.ReconcileOptions{Quiet: time.Hour}, "book must not be nil"},
		{book, notify.ReconcileOptions{}, "quiet must be more than nothing"},
		{book, notify.ReconcileOptions{Quiet: time.Hour, PerSecond: -1}, "per second must not be negative"},
	} {
		_, err := client.Reconcile(t.Context(), tc.book, tc.options)
		checkArgument(t, "Reconcile", err, tc.want)
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	client, _ = setup(t, notifytest.Options{})
	sent, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b-1", Messages: messages(2)})
	if err != nil {
		t.Fatal(err)
	}
	book.Apply(notify.AcceptedEvents(time.Time{}, sent.Messages...)...)
	full := errors.New("disk full")
	got, err := client.Reconcile(t.Context(), book, notify.ReconcileOptions{
		Quiet: time.Hour, Answer: func(notify.MessageStatus) error { return full },
	})
	// The book has heard of it today, by the answer.
	if !errors.Is(err, full) || got.Asked != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := client.Reconcile(ctx, book, notify.ReconcileOptions{Quiet: time.Hour}); !errors.Is(err, context.Canceled) || got.Asked != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	broken, _ := setup(t, notifytest.Options{Fault: func(*http.Request) notifytest.Fault {
		return notifytest.Fault{Status: 403, Code: notify.CodeServiceBan}
	}})
	if _, err := broken.Reconcile(t.Context(), book, notify.ReconcileOptions{Quiet: time.Hour}); !notify.IsBan(err) {
		t.Errorf("error is %v", err)
	}
}

func ExampleClient_Reconcile() {
	ctx := context.Background()
	messages, service, stop := exampleService()
	defer stop()

	person := nhs.MustNumber("9990000018")
	sent, err := messages.Send(ctx, notify.Message{
		Plan: planID, Reference: "first", To: person,
		Personalisation: notify.Personalisation{"nhsapp_body": "Hello", "sms_body": "Hello"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	book := &notify.StatusBook{}
	book.Apply(notify.AcceptedEvents(sent.Created, notify.SentMessage{Reference: sent.Reference, ID: sent.ID})...)
	if err := service.Advance(ctx, 100*time.Hour); err != nil { // and nobody receives callbacks
		fmt.Println(err)
		return
	}
	found, err := messages.Reconcile(ctx, book, notify.ReconcileOptions{Quiet: 24 * time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.Finished, "finished,", book.Reference("first")[0].Status)
	// Output: 1 finished, delivered
}
