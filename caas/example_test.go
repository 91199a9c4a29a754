package caas_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// exampleFile is a cohort file with one person to add and one who leaves.
func exampleFile() []byte {
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	for _, r := range []caas.Record{
		{Type: caas.Add, Number: nhs.MustNumber("9990000018"), GivenName: "Ann", Gender: caas.GenderFemale},
		{Type: caas.Delete, Number: nhs.MustNumber("9990000026")},
	} {
		if err := w.Write(r); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return out.Bytes()
}

// exampleNilReturn is a cohort file that says that nothing has changed.
func exampleNilReturn() []byte {
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	if err := errors.Join(w.WriteNilReturn(), w.Close()); err != nil {
		log.Fatal(err)
	}
	return out.Bytes()
}

// Reading goes on after a row that is not usable, which is reported.
func ExampleFile_Records() {
	content := exampleFile()
	f, err := caas.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		log.Fatal(err)
	}
	for r, err := range f.Records() {
		if err != nil {
			fmt.Println("not usable:", err)
			continue
		}
		fmt.Println(r.Row, r.Type, r.Number)
	}
	// Output:
	// 1 ADD [NHS number]
	// 2 DEL [NHS number]
}

// exampleMESH is a MESH with a mailbox of ours, in which cohort files wait.
func exampleMESH(files ...[]byte) (box *mesh.Client, stop func()) {
	ours := mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "key"}
	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: ours}}})
	for _, content := range files {
		server.Deliver(ours.ID, meshtest.Message{From: "X26CAAS", Workflow: "EXAMPLE_COHORT", Chunks: [][]byte{content}})
	}
	web := httptest.NewServer(server)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	if box, err = mesh.New(app, ours); err != nil {
		log.Fatal(err)
	}
	return box, web.Close
}

// Cohort files come through MESH, are stored and then acknowledged.
func ExampleReceive() {
	box, stop := exampleMESH(exampleFile())
	source := caas.MESH{Box: box, Workflow: "EXAMPLE_COHORT"}
	handlers := caas.Handlers{Delivery: func(_ context.Context, d caas.Delivery) error {
		for r, err := range d.Records {
			if err != nil {
				return err
			}
			fmt.Println(r.Type)
		}
		return nil // stored: the message may go
	}}
	for range 2 {
		found, err := caas.Receive(context.Background(), source, handlers)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("files:", found.Deliveries)
	}
	stop()
	// Output:
	// ADD
	// DEL
	// files: 1
	// files: 0
}

// A service looks for files every five minutes, which is as often as MESH allows,
// and shows at each look that its mailbox is in use. When no file has come for 26
// hours it raises an alarm; a file that says that nothing has changed is one, too.
func ExampleReceive_polling() {
	box, stop := exampleMESH(exampleNilReturn())
	source := caas.MESH{Box: box, Workflow: "EXAMPLE_COHORT"}
	handlers := caas.Handlers{Delivery: func(_ context.Context, d caas.Delivery) error {
		fmt.Println("nothing has changed:", d.NilReturn)
		return nil
	}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // in a service: signal.NotifyContext

	all := caas.Received{Latest: time.Now()} // in a service: as it was when the last process ended
	every := time.NewTicker(5 * time.Minute)
	defer every.Stop()
	for ctx.Err() == nil {
		if err := box.Handshake(ctx); err != nil {
			log.Print(err)
		}
		found, err := caas.Receive(ctx, source, handlers)
		if err != nil {
			log.Print(err) // what could not be handled comes again next time
		}
		all = all.Plus(found)
		fmt.Println("files:", all.Deliveries, "overdue:", all.Overdue(time.Now(), caas.Daily))
		cancel() // not in a service
		select {
		case <-ctx.Done():
		case <-every.C:
		}
	}
	stop()
	// Output:
	// nothing has changed: true
	// files: 1 overdue: false
}

// Files that something else fetched wait in a directory, and are moved when they
// are handled.
func ExampleDirectory() {
	dir, err := os.MkdirTemp("", "cohort")
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"EX_20260102090000_n1.parquet": exampleNilReturn(),
		"EX_20260101090000_n2.parquet": exampleFile(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			log.Fatal(err)
		}
	}
	found, err := caas.Receive(context.Background(), caas.Directory{Path: dir}, caas.Handlers{
		Delivery: func(_ context.Context, d caas.Delivery) error {
			fmt.Println(d.Arrived.Format(time.DateOnly), d.File.Rows(), "rows")
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("files:", found.Deliveries, "nil returns:", found.NilReturns)
	handled, err := os.ReadDir(filepath.Join(dir, "done"))
	fmt.Println(len(handled), "moved", err)
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2026-01-01 2 rows
	// 2026-01-02 1 rows
	// files: 2 nil returns: 1
	// 2 moved <nil>
}

// Records that came in another way are handled as files are.
func ExampleIterator() {
	person := caas.Record{Type: caas.Add, Number: nhs.MustNumber("9990000018")}
	source := &caas.Iterator{ID: "page-1", Records: func(yield func(caas.Record, error) bool) { yield(person, nil) }}
	found, err := caas.Receive(context.Background(), source, caas.Handlers{
		Delivery: func(_ context.Context, d caas.Delivery) error {
			for r, err := range d.Records {
				fmt.Println(d.ID, r.Type, err)
			}
			return nil
		},
	})
	fmt.Println(found.Deliveries, err)
	// Output:
	// page-1 ADD <nil>
	// 1 <nil>
}

// People are subscribed by a file to CaaS. Its only receipt is the id of the message;
// the same call again finds that and sends nothing.
func ExampleSubscribe() {
	ours := mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "key"}
	theirs := mesh.Mailbox{ID: "X26CAAS", Password: "password", SharedKey: "key"}
	web := httptest.NewServer(meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: ours}, {Mailbox: theirs, Workflows: []string{"EXAMPLE_SUBSCRIBE"}},
	}}))
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	box, err := mesh.New(app, ours)
	if err != nil {
		log.Fatal(err)
	}
	people := slices.Values([]nhs.Number{nhs.MustNumber("9990000018"), nhs.MustNumber("9990000026")})
	subscription := caas.Subscription{
		To: theirs.ID, Workflow: "EXAMPLE_SUBSCRIBE", // CaaS tells you these
		Name: "example-2026-11", Key: []byte("32 random bytes from your vault.."),
	}
	for range 2 {
		receipt, err := caas.Subscribe(context.Background(), box, subscription, people)
		if errors.Is(err, caas.ErrUncertain) {
			fmt.Println("call again in some minutes")
		}
		fmt.Println(receipt.People, "people, message id:", receipt.MessageID != "", "sent before:", receipt.Repeated, err)
	}
	web.Close()
	// Output:
	// 2 people, message id: true sent before: false <nil>
	// 2 people, message id: true sent before: true <nil>
}

// Published definitions are found by their slug.
func ExampleDefinitions_BySlug() {
	web := httptest.NewServer(caastest.New(caastest.Options{Cohorts: []caas.Cohort{{
		Slug: "flu-22-to-23", Name: "Flu vaccination 2022 to 2023",
		ConditionGroups: []caas.ConditionGroup{{Name: "Asthma"}, {Name: "Chronic kidney disease"}},
	}}}))
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	definitions, err := caas.NewDefinitions(app)
	if err != nil {
		log.Fatal(err)
	}
	cohort, err := definitions.BySlug(context.Background(), "flu-22-to-23")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cohort.Name)
	for _, g := range cohort.ConditionGroups {
		fmt.Println("-", g.Name)
	}
	web.Close()
	// Output:
	// Flu vaccination 2022 to 2023
	// - Asthma
	// - Chronic kidney disease
}
