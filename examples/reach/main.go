// Reach asks who of two GP practices' patients has the NHS App, messages everyone
// with the NHS App first and other channels after it, and shows by which channel
// people were reached, and how far: read in the app or only lying there, delivered
// to a phone, or printed and on its way. People and services are invented and run
// in this process.
//
//	go run ./examples/reach -people 1000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

func main() {
	people := flag.Int("people", 1000, "how many people to invent, 10 to 20,000")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *people, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reach:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

const planID = "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a001"

// templates are what was agreed when the routing plan was set up: the NHS App
// first, a text message for those who do not read it within a day, and a letter
// for the rest.
func templates() notify.Templates {
	return notify.Templates{
		{Channel: notify.NHSApp, Text: "Dear ((fullName)), please book a blood pressure check at ((practice))."},
		{Channel: notify.SMS, Text: "Please book a blood pressure check at ((practice))."},
		{Channel: notify.Letter, Text: "Please book a blood pressure check at {d.practice}."},
	}
}

// practice is a GP practice with its patients.
type practice struct {
	code, name string
	patients   []nhs.Number
}

// run is the whole story, one chapter after the other.
func run(ctx context.Context, people int, out io.Writer) error {
	if people < 10 || people > 20_000 {
		return fmt.Errorf("-people is %d, not 10 to 20,000", people)
	}
	if !templates().AppFirst() {
		return errors.New("the plan does not begin with the NHS App, or has no channel after it")
	}
	all := invent(people)
	practices := []practice{
		{"A12345", "High Street Surgery", all[:people/2]},
		{"B54321", "Station Road Practice", all[people/2:]},
	}
	services, err := nhstest.Start(nhstest.Options{Notify: service(practices)})
	if err != nil {
		return err
	}
	defer func() { _ = services.Close() }()
	app, err := services.App("reach", nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1000, Burst: 1}))
	if err != nil {
		return err
	}
	messages, err := notify.New(app)
	if err != nil {
		return err
	}
	if err := whoHasTheApp(ctx, messages, practices, out); err != nil {
		return err
	}
	book, stop, err := listen(services)
	if err != nil {
		return err
	}
	defer stop()
	if err := send(ctx, messages, practices, out); err != nil {
		return err
	}
	if err := services.Notify.Advance(ctx, 10*24*time.Hour); err != nil {
		return err
	}
	report(book, out)
	return nil
}

// invent returns valid NHS numbers of the range for test people.
func invent(n int) []nhs.Number {
	numbers := make([]nhs.Number, 0, n)
	for stem := 999_000_001; len(numbers) < n; stem++ {
		for check := range 10 {
			if number, err := nhs.ParseNumber(strconv.Itoa(stem*10 + check)); err == nil {
				numbers = append(numbers, number)
			}
		}
	}
	return numbers
}

// service has the routing plan, and the list of who has the app at each practice.
func service(practices []practice) notifytest.Options {
	accounts := map[string][]notify.AppAccount{}
	for _, p := range practices {
		accounts[p.code] = []notify.AppAccount{}
		for i, person := range p.patients {
			if notifytest.Mixed(person).NHSApp != notifytest.NoContact {
				accounts[p.code] = append(accounts[p.code], notify.AppAccount{Person: person, Notifications: i%3 != 0})
			}
		}
	}
	return notifytest.Options{
		Plans: []notifytest.Plan{{
			ID: planID, Name: "Blood pressure check", Personalisation: templates().Fields(),
			Channels: []notify.Channel{notify.NHSApp, notify.SMS, notify.Letter},
		}},
		Accounts: accounts,
	}
}

// whoHasTheApp reads the lists of accounts. Sending needs none of this: the plan
// falls back by itself for those without the app.
func whoHasTheApp(ctx context.Context, messages *notify.Client, practices []practice, out io.Writer) error {
	for _, p := range practices {
		accounts, notified := 0, 0
		for account, err := range messages.Accounts(ctx, p.code) {
			if err != nil {
				return err
			}
			accounts++
			if account.Notifications {
				notified++
			}
		}
		fmt.Fprintf(out, "%s: %d patients, %d with the NHS App, %d of them with notifications on\n",
			p.name, len(p.patients), accounts, notified)
	}
	return nil
}

// listen receives the service's callbacks into a book. A real program stores each
// callback first.
func listen(services *nhstest.NHS) (book *notify.StatusBook, stop func(), err error) {
	const key = "a key of this example"
	secret := notify.CallbackSecret{ApplicationID: "reach", APIKey: key}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		return nil, nil, err
	}
	book = &notify.StatusBook{}
	server := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		book.Apply(c.Events...)
		return nil
	}))
	services.Notify.Subscribe(notifytest.Subscriber{URL: server.URL, Secret: secret})
	return book, server.Close, nil
}

// send checks and prices all messages, then sends them.
func send(ctx context.Context, messages *notify.Client, practices []practice, out io.Writer) error {
	key := []byte("a secret of this example")
	each := func(yield func(notify.Message, error) bool) {
		for _, p := range practices {
			for _, person := range p.patients {
				m := notify.Message{
					Plan: planID, To: person, Reference: notify.Reference(key, "bp-2026", person.Reveal()),
					Personalisation: notify.Personalisation{"practice": p.name},
				}
				if !yield(m, nil) {
					return
				}
			}
		}
	}
	var cost notify.Estimate
	for m, err := range each {
		if err != nil {
			return err
		}
		if findings := notify.Lint(m, templates()); len(findings) > 0 {
			return fmt.Errorf("a message is not fit to be sent: %v", findings[0])
		}
		cost = cost.Plus(templates().Estimate(m, notify.PublishedPrices()))
	}
	fmt.Fprintf(out, "\n%d messages, %v if everyone reads the app, %v if nothing reaches anyone but a letter\n",
		cost.Messages, cost.Least, cost.Most)
	bulk, err := messages.Bulk(&notify.MemoryJournal{}, notify.BulkOptions{Run: "reach", RunKey: key})
	if err != nil {
		return err
	}
	result, err := bulk.Send(ctx, each)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d accepted, %d left out\n\n", result.Accepted, len(result.Quarantined))
	return nil
}

// report counts, for every message, how far the channel has got that reached the
// person, or says why there is none.
func report(book *notify.StatusBook, out io.Writer) {
	receipts := map[notify.Receipt]int{}
	unread, waiting := 0, 0
	for m := range book.All() {
		switch {
		case m.Status == notify.StatusDelivered:
			for _, c := range m.Channels {
				if c.Channel == m.DeliveredBy {
					receipts[c.Receipt()]++
				}
			}
		case m.Terminal():
			receipts[notify.ReceiptFailed]++
		default:
			waiting++
		}
		for _, c := range m.Channels {
			// The channel has failed; by its supplier's word the message lies in the app.
			if c.Channel == notify.NHSApp && c.Status == notify.StatusFailed && c.Supplier == notify.SupplierDelivered {
				unread++
			}
		}
	}
	row := func(n int, text string) { fmt.Fprintf(out, "%5.1f%%  %s\n", 100*float64(n)/float64(book.Len()), text) }
	row(receipts[notify.ReceiptRead], "have read it in the NHS App")
	row(receipts[notify.ReceiptDelivered], "have a text message on their phone")
	row(receipts[notify.ReceiptDispatched], "have a letter printed and on its way")
	row(receipts[notify.ReceiptFailed], "could not be messaged")
	row(waiting, "are still being tried")
	fmt.Fprintf(out, "\n%d of %d have it in the app as well and did not read it in time\n", unread, book.Len())
}
