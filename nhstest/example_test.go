package nhstest_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// Look a patient up, send a message, and learn by callback that it was delivered.
func Example() {
	ctx := context.Background()
	person := nhs.MustNumber("9990000018")
	services, err := nhstest.Start(nhstest.Options{Notify: notifytest.Options{
		Plans: []notifytest.Plan{{
			ID: "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a001", Name: "Health check", Channels: []notify.Channel{notify.SMS},
		}},
		Outcome: func(nhs.Number) notifytest.Journey { return notifytest.Journey{} }, // everybody is reached
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer services.Close()
	err = services.PDS.Put(pdstest.Person{Number: person, Given: []string{"Anna"}, Family: "Capon"})
	fmt.Println("registered:", err == nil)

	secret := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "callback-key"}
	secrets, _ := notify.NewSecrets(secret)
	callbacks := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		for _, event := range c.Events {
			if e, ok := event.(notify.MessageEvent); ok {
				fmt.Println(e.Reference, e.Status)
			}
		}
		return nil
	}))
	defer callbacks.Close()
	services.Notify.Subscribe(notifytest.Subscriber{URL: callbacks.URL, Secret: secret})

	app, err := services.App("my-app")
	if err != nil {
		fmt.Println(err)
		return
	}
	patients, _ := pds.New(app)
	messages, _ := notify.New(app)

	patient, err := patients.Get(ctx, person)
	if err != nil {
		fmt.Println(err)
		return
	}
	name, _ := patient.UsualName()
	sent, err := messages.Send(ctx, notify.Message{
		Plan: "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a001", Reference: "check-2026-1", To: patient.Number,
		Personalisation: map[string]any{"name": name.Given[0]},
	})
	fmt.Println(sent.Status, err)
	err = services.Notify.Advance(ctx, time.Hour)
	fmt.Println("an hour later:", err)

	// Output:
	// registered: true
	// created <nil>
	// check-2026-1 pending_enrichment
	// check-2026-1 enriched
	// check-2026-1 sending
	// check-2026-1 delivered
	// an hour later: <nil>
}
