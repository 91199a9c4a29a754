package notifytest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// A message that is not read in the NHS App is followed by a text message and, in
// the secondary cascade, a letter. The receiver is busy at first.
func Example() {
	ctx := context.Background()
	person := nhs.MustNumber("9990000018")
	service := notifytest.New(notifytest.Options{
		Plans: []notifytest.Plan{{
			ID: "b838b13c-f98c-4def-93f0-515d4e4f4ee1", Name: "screening", Window: 24 * time.Hour,
			Channels: []notify.Channel{notify.NHSApp, notify.SMS}, Secondary: []notify.Channel{notify.Letter},
		}},
		Authorize: func(*http.Request) error { return nil },
		Outcome:   func(nhs.Number) notifytest.Journey { return notifytest.Journey{NHSApp: notifytest.Ignored} },
	})
	server := httptest.NewServer(service)
	defer server.Close()

	secret := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "agreed key", Header: "x-notify-key"}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	var book notify.StatusBook
	busy := 3
	receiver := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		if busy > 0 {
			busy--
			return &notify.BusyError{RetryAfter: time.Minute}
		}
		book.Apply(c.Events...)
		return nil
	}))
	defer receiver.Close()
	service.Subscribe(notifytest.Subscriber{URL: receiver.URL, Secret: secret, Disorder: true, Seed: 1})

	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{})
	if err != nil {
		fmt.Println(err)
		return
	}
	messages, err := notify.New(app)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = messages.Send(ctx, notify.Message{Plan: "b838b13c-f98c-4def-93f0-515d4e4f4ee1", Reference: "r", To: person})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := service.Advance(ctx, 7*24*time.Hour); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range book.Reference("r") {
		fmt.Println(m.Status, "by", m.DeliveredBy)
		for _, c := range m.Channels {
			fmt.Println(c.Cascade, c.Order, c.Channel, c.Receipt())
		}
	}
	fmt.Println("messages:", service.Accepted(person), "callbacks lost:", service.Lost())
	// Output:
	// delivered by sms
	// primary 1 nhsapp failed
	// primary 2 sms delivered
	// secondary 1 letter dispatched
	// messages: 1 callbacks lost: 0
}
