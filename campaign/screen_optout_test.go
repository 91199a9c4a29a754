package campaign_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// screenOf hands the result of a check for national data opt-outs to a campaign: who may be messaged, as of
// when it was asked, and the digest of the reply.
func screenOf(result *optout.Result, now func() time.Time) campaign.Screen {
	return func(_ context.Context, people []nhs.Number) (campaign.Screened, error) {
		summary := result.Summary()
		answer, err := governance.ParseDigest("sha256:" + strings.TrimPrefix(summary.Reply, "hmac-sha256:"))
		if err != nil {
			return campaign.Screened{}, err
		}
		screened := campaign.Screened{At: summary.Sent, Answer: answer}
		for person, err := range result.Filter(now, each(people)) {
			if err != nil {
				return campaign.Screened{}, err
			}
			screened.Allowed = append(screened.Allowed, person)
		}
		return screened, nil
	}
}

// checked asks a service on a MESH of the test's own about some people, of whom some have opted out.
func checked(t *testing.T, now func() time.Time, people, optedOut []nhs.Number) *optout.Result {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	team := mesh.Mailbox{ID: "X26TEAM", Password: "password-1", SharedKey: "key"}
	check := mesh.Mailbox{ID: optout.IntegrationMailbox, Password: "password-2", SharedKey: "key"}
	server, err := meshtest.StartTLS(meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: team, Workflows: []string{optout.Workflow}}, {Mailbox: check, Workflows: []string{optout.Workflow}},
	}})
	must(err)
	t.Cleanup(func() { must(server.Close()) })
	client, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, server.AuthorityPEM)
	must(err)
	app, err := nhs.NewApp(server.Environment(), nhs.Anonymous{}, nhs.WithHTTPClient(client), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1000}))
	must(err)
	box, err := mesh.New(app, team)
	must(err)
	peer, err := mesh.New(app, check)
	must(err)
	service, err := optouttest.New(peer, optouttest.Options{OptedOut: optedOut})
	must(err)
	checker, err := optout.New(box, optout.Options{Recipient: optout.IntegrationMailbox, Workflow: optout.Workflow, Key: make([]byte, 32), Now: now})
	must(err)
	list, err := optout.NewList(each(people), optout.Sentinels{})
	must(err)
	receipt, err := checker.Prepare(list, optout.Request{Sequence: 1, Subject: "test", LocalID: "test"})
	must(err)
	receipt, err = checker.Send(t.Context(), receipt, list)
	must(err)
	_, err = service.Process(t.Context())
	must(err)
	var result *optout.Result
	must(checker.Collect(t.Context(), receipt, list, func(_ context.Context, r *optout.Result) error {
		result = r
		return nil
	}))
	return result
}

// TestOptOutsOverMESH builds with the answer of the service, and sends until it is too old.
func TestOptOutsOverMESH(t *testing.T) {
	t.Parallel()
	planted := number(9100)
	var screen campaign.Screen
	w := newWorld(t.Context(), t.TempDir(), t.Fatal, options{proposal: func(p *governance.Proposal) {
		optedOut(p)
		p.Window.Hours.To = "24:00"
	}, config: func(w *world, c *campaign.Config) {
		if screen == nil { // one check for the rehearsal and the list
			asked := append(people(24), append(testPeople(), planted)...)
			screen = screenOf(checked(t, w.clock, asked, []nhs.Number{planted, w.members[3]}), w.clock)
		}
		c.Sentinels[governance.SuppressNationalOptOut] = []nhs.Number{planted}
		c.Screens[campaign.NationalOptOut] = screen
	}})
	t.Cleanup(w.close)
	c, m := w.built()
	if got := c.Outcome().Excluded[campaign.NationalOptOut]; got != 1 || m.Included != 23 {
		t.Fatalf("%d were left out and %d are on the list", got, m.Included)
	}
	w.stage(c, m, governance.DryRun)
	w.advance(21 * day)
	w.release(m, governance.Pilot)
	if err := c.Send(t.Context(), governance.Pilot); !errors.Is(err, governance.ErrStale) {
		t.Errorf("with an answer of over 21 days ago: %v", err)
	}
	if _, err := c.Build(t.Context()); err == nil {
		t.Error("built again with an answer that is too old")
	}
}
