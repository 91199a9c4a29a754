package mesh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// A service that receives files until it is stopped.
func ExampleClient_Poll() {
	server, clinic, service, stop := world(nil)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := clinic.Send(ctx, mesh.SendRequest{
		To: "X26ABC2", Workflow: "WEEKLY_RETURN", FileName: "week-1.csv", Body: strings.NewReader("seen,12\n"),
	})
	if err != nil {
		log.Fatal(err)
	}
	server.Fail(server.Deliver("X26ABC1", meshtest.Message{
		From: "X26ABC2", Workflow: "WEEKLY_RETURN_ACK", LocalID: "ack-1", Chunks: [][]byte{[]byte("ok")},
	}), meshtest.Failure{Code: "14", Event: "SEND", Description: "Message not collected by recipient after 5 days"})

	err = service.Poll(ctx, mesh.Poller{
		Message: func(_ context.Context, m *mesh.Message) error {
			content, err := io.ReadAll(m)
			fmt.Printf("%s from %s: %s", m.FileName, m.From, content)
			return err // nil acknowledges the message
		},
		Report: func(_ context.Context, e *mesh.Envelope) error {
			fmt.Println("undelivered:", e.LocalID, e.Report.Code, e.Report.Description)
			return nil
		},
		Looked: func(l mesh.Look) {
			fmt.Println(l.Messages, "message,", l.Reports, "report,", l.Failures, "failures")
			cancel()
		},
	})
	fmt.Println(errors.Is(err, context.Canceled))
	stop()
	// Output:
	// week-1.csv from X26ABC1: seen,12
	// undelivered: ack-1 14 Message not collected by recipient after 5 days
	// 1 message, 1 report, 0 failures
	// true
}

// The envelope of a message says whether it is worth downloading.
func ExampleClient_Head() {
	server, _, service, stop := world(nil)
	id := server.Deliver("X26ABC2", meshtest.Message{
		From: "X26ABC1", Workflow: "WEEKLY_RETURN", FileName: "week-1.csv", Chunks: [][]byte{[]byte("seen,"), []byte("12\n")},
	})
	e, err := service.Head(context.Background(), id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Type, e.FileName, e.Chunks)
	stop()
	// Output: DATA week-1.csv 2
}

// The connection to MESH: a client certificate, and the authorities to trust.
func ExampleTLS() {
	box := mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "key"}
	server, err := meshtest.StartTLS(meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: box}}})
	if err != nil {
		log.Fatal(err)
	}
	client, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, server.AuthorityPEM)
	if err != nil {
		log.Fatal(err)
	}
	app, err := nhs.NewApp(server.Environment(), nhs.Anonymous{}, nhs.WithHTTPClient(client))
	if err != nil {
		log.Fatal(err)
	}
	clinic, err := mesh.New(app, box)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clinic.Handshake(context.Background()), server.Close())
	// Output: <nil> <nil>
}
