package notify_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/personalised-prevention/nhs/notify"
)

func ExampleBulk_DryRun() {
	messages, service, stop := exampleService()
	defer stop()
	sender, err := messages.Bulk(&notify.MemoryJournal{}, notify.BulkOptions{
		Run: "bp-2026 wave 1", RunKey: []byte("a secret of the campaign"), MaxMessages: 1000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	templates := notify.Templates{
		{Channel: notify.NHSApp, Text: "((nhsapp_body))"},
		{Channel: notify.SMS, Text: "((sms_body))"},
	}
	preview, err := sender.DryRun(context.Background(), input(2500), notify.DryRunOptions{
		Estimate: func(m notify.Message) notify.Estimate { return templates.Estimate(m, notify.PublishedPrices()) },
		Show: func(b notify.BatchPlan, list []notify.Message) {
			fmt.Println("batch", b.Number, "of", len(list), "from", list[0].Reference)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("at most", preview.Cost.Most, "for", preview.Messages, "messages; the service has", service.Messages())
	// Output:
	// batch 0 of 1000 from ref-0
	// batch 1 of 1000 from ref-1000
	// batch 2 of 500 from ref-2000
	// at most £60.00 for 2500 messages; the service has 0
}

// A log of callbacks makes the status book again after a restart.
func ExampleCallbackLog() {
	dir, err := os.MkdirTemp("", "notify")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	log, err := notify.OpenCallbackLog(filepath.Join(dir, "callbacks"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()

	// In a server: http.Handle("/notify", notify.Callbacks(secrets, log.Append)).
	ctx := context.Background()
	for range 2 { // the service repeats what was not answered in time
		if err := log.Append(ctx, notify.ParseCallback([]byte(signedBody))); err != nil {
			fmt.Println(err)
			return
		}
	}
	var book notify.StatusBook
	for callback, err := range log.All(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		book.Apply(callback.Events...)
	}
	for state := range book.All() {
		fmt.Println(state.Reference, state.Status)
	}
	// Output: r1 delivered
}
