package mesh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// world is a MESH with two mailboxes; close it when done.
func world(fault func(*http.Request) meshtest.Fault) (server *meshtest.Server, clinic, service *mesh.Client, stop func()) {
	boxes := []meshtest.Mailbox{
		{Mailbox: mesh.Mailbox{ID: "X26ABC1", Password: "password-1", SharedKey: "key"}, Workflows: []string{"WEEKLY_RETURN_ACK"}},
		{
			Mailbox:   mesh.Mailbox{ID: "X26ABC2", Password: "password-2", SharedKey: "key"},
			Workflows: []string{"WEEKLY_RETURN"}, Name: "Returns service", ODSCode: "X26",
		},
	}
	server = meshtest.New(meshtest.Options{Mailboxes: boxes, Fault: fault})
	web := httptest.NewServer(server)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{}, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		log.Fatal(err)
	}
	if clinic, err = mesh.New(app, boxes[0].Mailbox); err != nil {
		log.Fatal(err)
	}
	if service, err = mesh.New(app, boxes[1].Mailbox); err != nil {
		log.Fatal(err)
	}
	return server, clinic, service, web.Close
}

// A large file goes in chunks. When one of them fails, the rest is sent later.
func ExampleClient_Resume() {
	broken := true
	_, clinic, service, stop := world(func(r *http.Request) meshtest.Fault {
		if broken && strings.HasSuffix(r.URL.Path, "/3") {
			return meshtest.Fault{Status: http.StatusServiceUnavailable}
		}
		return meshtest.Fault{}
	})
	ctx := context.Background()
	content := strings.NewReader("a file of three parts")
	request := mesh.SendRequest{To: "X26ABC2", Workflow: "WEEKLY_RETURN", LocalID: "week-1", Body: content, ChunkSize: 8}

	_, err := clinic.Send(ctx, request)
	fmt.Println(err)
	half, ok := errors.AsType[*mesh.SendError](err)
	if !ok {
		log.Fatal(err)
	}
	broken = false
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		log.Fatal(err)
	}
	if err := clinic.Resume(ctx, request, half.MessageID, half.Chunk); err != nil {
		log.Fatal(err)
	}
	m, err := service.Download(ctx, half.MessageID)
	if err != nil {
		log.Fatal(err)
	}
	all, err := io.ReadAll(m)
	fmt.Printf("%s, in %d chunks, %v\n", all, m.Chunks, err)
	stop()
	// Output:
	// chunk 3 of 3: mesh.Send: 503 Service Unavailable
	// a file of three parts, in 3 chunks, <nil>
}

// The answer to a send was lost: its local id tells that the message arrived.
func ExampleUncertain() {
	lost := true
	_, clinic, _, stop := world(func(*http.Request) meshtest.Fault {
		defer func() { lost = false }()
		return meshtest.Fault{Lose: lost}
	})
	ctx := context.Background()

	_, err := clinic.Send(ctx, mesh.SendRequest{
		To: "X26ABC2", Workflow: "WEEKLY_RETURN", LocalID: "week-1", Body: strings.NewReader("seen,12\n"),
	})
	if mesh.Uncertain(err) {
		sent, err := clinic.TrackLocalID(ctx, "week-1")
		switch {
		case errors.Is(err, nhs.ErrNotFound):
			fmt.Println("not there: send again")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("there, and", sent.Status)
		}
	}
	stop()
	// Output: there, and accepted
}

// What has become of a message, from its sending on.
func ExampleClient_Track() {
	server, clinic, service, stop := world(nil)
	ctx := context.Background()
	for _, week := range []string{"week-1", "week-2"} {
		id, err := clinic.Send(ctx, mesh.SendRequest{
			To: "X26ABC2", Workflow: "WEEKLY_RETURN", LocalID: week, Body: strings.NewReader("seen,12\n"),
		})
		if err != nil {
			log.Fatal(err)
		}
		if week == "week-1" {
			err = service.Acknowledge(ctx, id)
		} else {
			server.Fail(id, meshtest.Failure{Code: "14", Event: "SEND", Description: "Message not collected by recipient after 5 days"})
		}
		if err != nil {
			log.Fatal(err)
		}
		t, err := clinic.Track(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.LocalID, t.Status, t.StatusCode, *t.StatusSuccess)
	}
	stop()
	// Output:
	// week-1 acknowledged 00 true
	// week-2 undeliverable 14 false
}

// Who may be sent a workflow to.
func ExampleClient_Lookup() {
	_, clinic, _, stop := world(nil)
	boxes, err := clinic.Lookup(context.Background(), "X26", "WEEKLY_RETURN")
	if err != nil {
		log.Fatal(err)
	}
	for _, box := range boxes {
		fmt.Println(box.MailboxID, box.Name)
	}
	stop()
	// Output: X26ABC2 Returns service
}

// A refusal tells step and code.
func ExampleError() {
	_, clinic, _, stop := world(nil)
	_, err := clinic.Send(context.Background(), mesh.SendRequest{
		To: "X26ABC2", Workflow: "MONTHLY_RETURN", Body: strings.NewReader("seen,48\n"),
	})
	if refused, ok := errors.AsType[*mesh.Error](err); ok {
		fmt.Println(refused.Event, refused.Code)
	}
	fmt.Println(err)
	stop()
	// Output:
	// SEND 17
	// mesh.Send: 417 Expectation Failed (17), event SEND
}
