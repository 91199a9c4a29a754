package mesh_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// A file goes from one mailbox to another and is acknowledged.
func Example() {
	clinic := mesh.Mailbox{ID: "X26ABC1", Password: "password-1", SharedKey: "key"}
	service := mesh.Mailbox{ID: "X26ABC2", Password: "password-2", SharedKey: "key"}
	web := httptest.NewServer(meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: clinic},
		{Mailbox: service, Workflows: []string{"WEEKLY_RETURN"}},
	}}))
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	from, err := mesh.New(app, clinic)
	if err != nil {
		log.Fatal(err)
	}
	_, err = from.Send(ctx, mesh.SendRequest{
		To: "X26ABC2", Workflow: "WEEKLY_RETURN", FileName: "week-1.csv",
		Body: strings.NewReader("seen,12\n"), Gzip: true,
	})
	if err != nil {
		log.Fatal(err)
	}

	to, err := mesh.New(app, service)
	if err != nil {
		log.Fatal(err)
	}
	if err := to.Handshake(ctx); err != nil {
		log.Fatal(err)
	}
	for id, err := range to.Inbox(ctx, mesh.InboxQuery{Workflow: "WEEKLY_RETURN"}) {
		if err != nil {
			log.Fatal(err)
		}
		m, err := to.Download(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		content, err := io.ReadAll(m)
		if err != nil {
			log.Fatal(err)
		}
		if err := m.Close(); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s from %s: %s", m.FileName, m.From, content)
		if err := to.Acknowledge(ctx, id); err != nil {
			log.Fatal(err)
		}
	}
	page, err := to.InboxPage(ctx, mesh.InboxQuery{}, "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("waiting:", len(page.MessageIDs))
	web.Close()
	// Output:
	// week-1.csv from X26ABC1: seen,12
	// waiting: 0
}
