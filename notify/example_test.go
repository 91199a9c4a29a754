package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// exampleService starts a stand-in for the service, with one routing plan: NHS App,
// then SMS. A real program has nhs.NewApp(nhs.Production, nhs.SignedJWT{...}).
func exampleService() (messages *notify.Client, service *notifytest.Server, stop func()) {
	service = notifytest.New(notifytest.Options{
		Plans:     []notifytest.Plan{appThenSMS()},
		Authorize: acceptAnyone,
		Outcome: func(n nhs.Number) notifytest.Journey {
			if n == nhs.MustNumber("9990000026") {
				return notifytest.Journey{NHSApp: notifytest.Ignored}
			}
			return notifytest.Journey{}
		},
	})
	server := httptest.NewServer(service)
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	if messages, err = notify.New(app); err != nil {
		log.Fatal(err)
	}
	return messages, service, server.Close
}

func ExampleClient_Send() {
	ctx := context.Background()
	messages, _, stop := exampleService()
	defer stop()

	number := nhs.MustNumber("9990000018")
	key := []byte("a secret of the campaign")
	m := notify.Message{
		Plan:      planID,
		Reference: notify.Reference(key, "bp-2026", number.Reveal()),
		To:        number,
		Personalisation: map[string]any{
			"nhsapp_body": "Please book a blood pressure check.",
			"sms_body":    "Please book a blood pressure check.",
		},
	}
	sent, err := messages.Send(ctx, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Status, "by plan", sent.Plan.Name)

	_, err = messages.Send(ctx, m) // by mistake, or after a crash
	fmt.Println("sent before:", errors.Is(err, nhs.ErrDuplicate))

	status, err := messages.Status(ctx, sent.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("now", status.Status)
	// Output:
	// created by plan app-then-sms
	// sent before: true
	// now created
}

func ExampleClient_SendBatch() {
	ctx := context.Background()
	messages, _, stop := exampleService()
	defer stop()

	sent, err := messages.SendBatch(ctx, notify.Batch{
		Plan:      planID,
		Reference: "bp-2026-pilot",
		Messages: []notify.Message{
			{Reference: "first", To: nhs.MustNumber("9990000018")},
			{Reference: "second", To: nhs.MustNumber("9990000026")},
		},
	})
	if refused, ok := errors.AsType[*notify.BatchError](err); ok {
		for _, m := range refused.Refused {
			fmt.Println("leave out message", m.Index, "because of", m.Code)
		}
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range sent.Messages {
		fmt.Println(m.Reference, "has an id:", m.ID != "")
	}
	// Output:
	// first has an id: true
	// second has an id: true
}

func ExampleClient_Bulk() {
	ctx := context.Background()
	messages, service, stop := exampleService()
	defer stop()
	dir, err := os.MkdirTemp("", "notify")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	journal, err := notify.OpenJournal(filepath.Join(dir, "bp-2026.journal"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer journal.Close()
	sender, err := messages.Bulk(journal, notify.BulkOptions{
		Run:         "bp-2026 wave 1",
		RunKey:      []byte("a secret of the campaign"),
		MaxMessages: 1000,
		Before: func(context.Context, notify.BatchPlan) error {
			return nil // is the approval still in force?
		},
		Progress: func(b notify.BatchOutcome) {
			fmt.Println("batch", b.Number, "of", b.Messages, "accepted; so far", b.Total.Accepted)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	people := func(yield func(notify.Message, error) bool) { // from a file or a query
		for i := range 2500 {
			if !yield(message(i), nil) {
				return
			}
		}
	}
	if _, err := sender.Send(ctx, people); err != nil {
		fmt.Println(err)
		return
	}
	// Started again, after a crash or by mistake, it goes on where it was.
	result, err := sender.Send(ctx, people)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("replayed", result.Replayed, "batches; the service has", service.Messages(), "messages")
	// Output:
	// batch 0 of 1000 accepted; so far 1000
	// batch 1 of 1000 accepted; so far 2000
	// batch 2 of 500 accepted; so far 2500
	// batch 0 of 1000 accepted; so far 1000
	// batch 1 of 1000 accepted; so far 2000
	// batch 2 of 500 accepted; so far 2500
	// replayed 3 batches; the service has 2500 messages
}

func ExampleCallbacks() {
	ctx := context.Background()
	messages, service, stop := exampleService()
	defer stop()

	secret := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "agreed key"}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	var book notify.StatusBook
	receiver := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		book.Apply(c.Events...) // a real sink stores c.Body durably before anything else
		return nil
	}))
	defer receiver.Close()
	service.Subscribe(notifytest.Subscriber{URL: receiver.URL, Secret: secret, Disorder: true, Seed: 1})

	for reference, number := range map[string]string{"reads": "9990000018", "does not read": "9990000026"} {
		_, err := messages.Send(ctx, notify.Message{
			Plan: planID, Reference: reference, To: nhs.MustNumber(number),
			Personalisation: map[string]any{"nhsapp_body": "Please book.", "sms_body": "Please book."},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, wait := range []time.Duration{time.Hour, 48 * time.Hour} {
		if err := service.Advance(ctx, wait); err != nil {
			fmt.Println(err)
			return
		}
		for _, reference := range []string{"reads", "does not read"} {
			m := book.Reference(reference)[0]
			fmt.Printf("%s: %s", reference, m.Status)
			for _, c := range m.Channels {
				fmt.Printf(", %s %s", c.Channel, c.Receipt())
			}
			fmt.Println()
		}
	}
	// Output:
	// reads: sending, nhsapp in_app
	// does not read: sending, nhsapp in_app
	// reads: delivered, nhsapp read
	// does not read: delivered, nhsapp failed, sms delivered
}
