package caas_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http/httptest"

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

// A cohort file comes through MESH, is stored and then acknowledged.
func ExampleReceive() {
	box := mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "key"}
	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: box}}})
	server.Deliver(box.ID, meshtest.Message{
		From: "X26CAAS", Workflow: "EXAMPLE_COHORT", FileName: "EX_20260101090000_n2.parquet", Chunks: [][]byte{exampleFile()},
	})
	web := httptest.NewServer(server)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
	if err != nil {
		log.Fatal(err)
	}
	mailbox, err := mesh.New(app, box)
	if err != nil {
		log.Fatal(err)
	}

	files, err := caas.Receive(context.Background(), mailbox, "EXAMPLE_COHORT", caas.Handlers{
		File: func(_ context.Context, d caas.Delivery) error {
			for r, err := range d.File.Records() {
				if err != nil {
					return err
				}
				fmt.Println(r.Type)
			}
			return nil // stored: the message may go
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("files:", files, "waiting:", len(server.Waiting(box.ID)))
	web.Close()
	// Output:
	// ADD
	// DEL
	// files: 1 waiting: 0
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
