package nhstest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/nhstest"
)

// CaaS is a peer on MESH, too, for the programme that it serves.
func TestServices_cohorts(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{
		MESH:    meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: mailbox(), Workflows: []string{"COHORT"}}}},
		Cohorts: caastest.PeerOptions{Programme: mailbox().ID, Subscribe: "SUBSCRIBE", Cohort: "COHORT"},
	})
	app, err := nhs.NewApp(services.Environment(), nhs.Anonymous{})
	if err != nil {
		t.Fatal(err)
	}
	box, err := mesh.New(app, mailbox())
	if err != nil {
		t.Fatal(err)
	}
	_, err = caas.Subscribe(t.Context(), box, caas.Subscription{
		To: caastest.MailboxID, Workflow: "SUBSCRIBE", Name: "test", Key: make([]byte, 32),
	}, slices.Values([]nhs.Number{number()}))
	if err != nil {
		t.Fatal(err)
	}
	if sent, err := services.Cohorts.Deliver(t.Context()); sent.Rows != 1 || err != nil {
		t.Fatalf("%+v, %v", sent, err)
	}
	found, err := caas.Receive(t.Context(), caas.MESH{Box: box, Workflow: "COHORT"}, caas.Handlers{
		Delivery: func(_ context.Context, d caas.Delivery) error {
			for r, err := range d.Records {
				if err != nil || r.Number != number() || r.Type != caas.Add {
					t.Errorf("%v, %v", r, err)
				}
			}
			return nil
		},
	})
	if found.Deliveries != 1 || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if none := start(t, nhstest.Options{}); none.Cohorts != nil {
		t.Error("there is a CaaS for nobody")
	}
}

// The opt-out check is a peer on MESH, for whoever may receive its workflow.
func TestServices_optOuts(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{
		MESH: meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: mailbox(), Workflows: []string{optout.Workflow}}}},
	})
	services.OptOuts.OptOut(number())
	app, err := nhs.NewApp(services.Environment(), nhs.Anonymous{})
	if err != nil {
		t.Fatal(err)
	}
	box, err := mesh.New(app, mailbox())
	if err != nil {
		t.Fatal(err)
	}
	checker, err := optout.New(box, optout.Options{
		Recipient: optout.IntegrationMailbox, Workflow: optout.Workflow, Key: make([]byte, 32), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := optout.NewList(func(yield func(nhs.Number, error) bool) { yield(number(), nil) }, optout.Sentinels{})
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "test", LocalID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if receipt, err = checker.Send(t.Context(), receipt, list); err != nil {
		t.Fatal(err)
	}
	if n, err := services.OptOuts.Process(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d requests, %v", n, err)
	}
	err = checker.Wait(t.Context(), receipt, list, func(_ context.Context, r *optout.Result) error {
		if s := r.Summary(); s.OptedOut != 1 {
			t.Errorf("summary %+v", s)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
