package optout_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// neighbourhood is a MESH behind TLS with a team's mailbox and the service, for whom
// the second of five people has opted out, and the fourth, who is known for it.
func neighbourhood(fault func(*http.Request) meshtest.Fault) (checker *optout.Checker, service *optouttest.Service, stop func()) {
	team := mesh.Mailbox{ID: "X26TEAM", Password: "password-1", SharedKey: "key"}
	check := mesh.Mailbox{ID: optout.IntegrationMailbox, Password: "password-2", SharedKey: "key"}
	server, err := meshtest.StartTLS(meshtest.Options{Fault: fault, Mailboxes: []meshtest.Mailbox{
		{Mailbox: team, Workflows: []string{optout.Workflow}},
		{Mailbox: check, Workflows: []string{optout.Workflow}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	client, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, server.AuthorityPEM)
	if err != nil {
		log.Fatal(err)
	}
	app, err := nhs.NewApp(server.Environment(), nhs.Anonymous{}, nhs.WithHTTPClient(client),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1000}))
	if err != nil {
		log.Fatal(err)
	}
	box, err := mesh.New(app, team)
	if err != nil {
		log.Fatal(err)
	}
	peer, err := mesh.New(app, check)
	if err != nil {
		log.Fatal(err)
	}
	five := crowd(5)
	service, err = optouttest.New(peer, optouttest.Options{OptedOut: []nhs.Number{five[1], five[3]}})
	if err != nil {
		log.Fatal(err)
	}
	checker, err = optout.New(box, optout.Options{
		Recipient: optout.IntegrationMailbox, Workflow: optout.Workflow, Key: key(), // 32 random bytes
		Now: func() time.Time { return time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC) }, // time.Now
	})
	if err != nil {
		log.Fatal(err)
	}
	return checker, service, func() { _ = server.Close() }
}

// A list is checked, with two people mixed in about whom the answer is known.
func Example() {
	checker, service, stop := neighbourhood(nil)
	ctx := context.Background()
	people, sentinels := crowd(3), optout.Sentinels{OptedOut: crowd(5)[3:4], NotOptedOut: crowd(5)[4:]}

	list, err := optout.NewList(each(people), sentinels)
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "kidney-audit", LocalID: "kidney-audit"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.FileName) // store the receipt now
	if receipt, err = checker.Send(ctx, receipt, list); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Process(ctx); err != nil { // in life this takes an hour
		log.Fatal(err)
	}
	err = checker.Wait(ctx, receipt, list, func(_ context.Context, r *optout.Result) error {
		for person, err := range r.Filter(day, each(people)) {
			if err != nil {
				return err
			}
			fmt.Println("use", person)
		}
		s := r.Summary()
		fmt.Println(s.Asked, "asked,", s.OptedOut, "opted out, sentinels:", s.SentinelsRemoved, "removed,", s.SentinelsLeft, "left in")
		return nil // acknowledges the reply
	})
	fmt.Println(err)
	stop()
	// Output:
	// X26TEAM-020326-0001.dat
	// use [NHS number]
	// use [NHS number]
	// 3 asked, 1 opted out, sentinels: 1 removed, 1 left in
	// <nil>
}

// A program loses its connection while it sends, and dies. The next one goes on from
// the stored receipt, and sends nothing twice.
func ExampleChecker_Send() {
	down, sent := true, false
	checker, service, stop := neighbourhood(func(r *http.Request) meshtest.Fault {
		switch {
		case down && r.Method == http.MethodPost:
			sent = true
			return meshtest.Fault{Lose: true} // the request arrives, its answer does not
		case down && sent:
			return meshtest.Fault{Status: http.StatusServiceUnavailable}
		}
		return meshtest.Fault{}
	})
	ctx := context.Background()
	list, err := optout.NewList(each(crowd(3)), optout.Sentinels{})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "kidney-audit", LocalID: "kidney-audit"})
	if err != nil {
		log.Fatal(err)
	}
	stored, err := json.Marshal(receipt)
	if err != nil {
		log.Fatal(err)
	}
	_, err = checker.Send(ctx, receipt, list)
	fmt.Println("perhaps sent:", mesh.Uncertain(err))

	down = false
	var again optout.Receipt
	if err := json.Unmarshal(stored, &again); err != nil {
		log.Fatal(err)
	}
	if again, err = checker.Send(ctx, again, list); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Process(ctx); err != nil {
		log.Fatal(err)
	}
	err = checker.Collect(ctx, again, list, func(_ context.Context, r *optout.Result) error {
		fmt.Println(r.Summary().Allowed, "may be used, from", service.Files(), "file")
		return nil
	})
	fmt.Println(err)
	stop()
	// Output:
	// perhaps sent: true
	// 2 may be used, from 1 file
	// <nil>
}

// A service that no longer removes anybody is found out.
func ExampleSentinels() {
	checker, service, stop := neighbourhood(nil)
	ctx := context.Background()
	service.OptIn(crowd(5)...) // it has lost its opt-outs

	list, err := optout.NewList(each(crowd(3)), optout.Sentinels{OptedOut: crowd(5)[3:4]})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "kidney-audit", LocalID: "kidney-audit"})
	if err != nil {
		log.Fatal(err)
	}
	if receipt, err = checker.Send(ctx, receipt, list); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Process(ctx); err != nil {
		log.Fatal(err)
	}
	err = checker.Wait(ctx, receipt, list, func(context.Context, *optout.Result) error {
		fmt.Println("everybody may be used") // is not reached
		return nil
	})
	if errors.Is(err, optout.ErrSentinel) {
		fmt.Println(errors.Unwrap(err)) // put it on record, then
		messages, err := checker.Discard(ctx, receipt)
		fmt.Println(messages, "message discarded,", err)
	}
	stop()
	// Output:
	// the service is wrong about a sentinel: of 1 known to have opted out 0 were removed, of 0 known not to have 0 were left in
	// 1 message discarded, <nil>
}

// A result must not be used for longer than 21 days.
func ExampleResult_Fresh() {
	checker, service, stop := neighbourhood(nil)
	ctx := context.Background()
	people := crowd(3)
	list, err := optout.NewList(each(people), optout.Sentinels{})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "kidney-audit", LocalID: "kidney-audit"})
	if err != nil {
		log.Fatal(err)
	}
	if receipt, err = checker.Send(ctx, receipt, list); err != nil {
		log.Fatal(err)
	}
	if _, err := service.Process(ctx); err != nil {
		log.Fatal(err)
	}
	err = checker.Wait(ctx, receipt, list, func(_ context.Context, r *optout.Result) error {
		for _, days := range []int{0, 20, 21} {
			now := receipt.Sent.AddDate(0, 0, days)
			allowed, err := r.Allows(now, people[0])
			fmt.Println(days, "days:", r.Fresh(now), allowed, err)
		}
		return nil
	})
	fmt.Println(err)
	stop()
	// Output:
	// 0 days: true true <nil>
	// 20 days: true true <nil>
	// 21 days: false false optout: the result is too old: ask again
	// <nil>
}
