package caastest_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// A programme subscribes two people, and gets a file each day: on the second one of
// them has left, on the third nothing has changed.
func ExampleStartTLS() {
	ctx := context.Background()
	ours := mesh.Mailbox{ID: "X26OURS", Password: "password", SharedKey: "key"}
	day := time.Date(2026, time.November, 2, 6, 0, 0, 0, time.UTC)
	exchange, err := caastest.StartTLS(caastest.PeerOptions{
		Programme: ours.ID, Subscribe: "MY_SUBSCRIBE", Cohort: "MY_COHORT", Now: func() time.Time { return day },
	}, meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: ours, Workflows: []string{"MY_COHORT"}}}})
	if err != nil {
		log.Fatal(err)
	}
	box, err := exchange.Client(ours)
	if err != nil {
		log.Fatal(err)
	}
	ann, ben := nhs.MustNumber("9990000018"), nhs.MustNumber("9990000026")
	_, err = caas.Subscribe(ctx, box, caas.Subscription{
		To: caastest.MailboxID, Workflow: "MY_SUBSCRIBE", Name: "example", Key: make([]byte, 32),
	}, slices.Values([]nhs.Number{ann, ben}))
	if err != nil {
		log.Fatal(err)
	}
	for _, changes := range [][]caas.Record{nil, {{Type: caas.Delete, Number: ben}}, nil} {
		sent, err := exchange.Peer.Deliver(ctx, changes...)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sent.FileName, "nil return:", sent.NilReturn)
		day = day.Add(24 * time.Hour)
	}
	found, err := caas.Receive(ctx, caas.MESH{Box: box, Workflow: "MY_COHORT"}, caas.Handlers{
		Delivery: func(_ context.Context, d caas.Delivery) error {
			for r, err := range d.Records {
				if err != nil {
					return err
				}
				fmt.Println(d.Arrived.Format(time.DateOnly), r.Type, r.NilReturn())
			}
			return nil
		},
	})
	fmt.Println(found.Deliveries, err)
	fmt.Println(len(exchange.Peer.Members()), exchange.Close())
	// Output:
	// TEST_20261102060000_n2.parquet nil return: false
	// TEST_20261103060000_n1.parquet nil return: false
	// TEST_20261104060000_n1.parquet nil return: true
	// 2026-11-02 ADD false
	// 2026-11-02 ADD false
	// 2026-11-03 DEL false
	// 2026-11-04  true
	// 3 <nil>
	// 1 <nil>
}
