package caastest_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

const (
	subscribe = "TEST_SUBSCRIBE"
	cohort    = "TEST_COHORT"
)

func number(i int) nhs.Number {
	return nhs.MustNumber([]string{"9990000018", "9990000026", "9990000034", "9990000042"}[i])
}

func ours() mesh.Mailbox { return mesh.Mailbox{ID: "X26OURS", Password: "p1", SharedKey: "k"} }

func stranger() mesh.Mailbox { return mesh.Mailbox{ID: "X26ELSE", Password: "p2", SharedKey: "k"} }

// bench is a programme, and CaaS, on a MESH behind TLS.
type bench struct {
	*testing.T
	*caastest.Exchange

	box *mesh.Client
	now time.Time
}

func newBench(t *testing.T, change func(*caastest.PeerOptions)) *bench {
	t.Helper()
	b := &bench{T: t, now: time.Date(2026, time.November, 2, 6, 0, 0, 0, time.UTC)}
	o := caastest.PeerOptions{Programme: ours().ID, Subscribe: subscribe, Cohort: cohort, Now: func() time.Time { return b.now }}
	if change != nil {
		change(&o)
	}
	var err error
	b.Exchange, err = caastest.StartTLS(o, meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: ours(), Workflows: []string{cohort}}, {Mailbox: stranger()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	b.box = b.client(ours())
	return b
}

func (b *bench) client(m mesh.Mailbox) *mesh.Client {
	b.Helper()
	c, err := b.Client(m, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func (b *bench) subscribe(name string, people ...nhs.Number) caas.Receipt {
	b.Helper()
	receipt, err := caas.Subscribe(b.Context(), b.box, caas.Subscription{
		To: caastest.MailboxID, Workflow: subscribe, Name: name, Key: make([]byte, 32),
	}, slices.Values(people))
	if err != nil {
		b.Fatal(err)
	}
	return receipt
}

func (b *bench) deliver(changes ...caas.Record) caastest.Sent {
	b.Helper()
	sent, err := b.Peer.Deliver(b.Context(), changes...)
	if err != nil {
		b.Fatal(err)
	}
	return sent
}

// row is what a test looks at in a record.
type row struct {
	Type   caas.RecordType
	Number nhs.Number
	Serial int64
}

// receive returns what the programme finds.
func (b *bench) receive(workflow string) (rows []row, reports []mesh.Report, found caas.Received) {
	b.Helper()
	found, err := caas.Receive(b.Context(), caas.MESH{Box: b.box, Workflow: workflow}, caas.Handlers{
		Delivery: func(_ context.Context, d caas.Delivery) error {
			for r, err := range d.Records {
				if err != nil {
					return err
				}
				rows = append(rows, row{r.Type, r.Number, r.SerialChangeNumber})
			}
			return nil
		},
		Report: func(_ context.Context, r mesh.Report) error {
			reports = append(reports, r)
			return nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return rows, reports, found
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(nhs.Number{}, row{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Who is subscribed comes in the next file, changes as told, and a day without either
// is a nil return.
func TestPeer(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.subscribe("one", number(0), number(1))
	b.subscribe("two", number(1), number(2)) // one of them again
	if sent := b.deliver(); sent.FileName != "TEST_20261102060000_n3.parquet" || sent.Rows != 3 || sent.NilReturn {
		t.Errorf("sent %+v", sent)
	}
	rows, _, found := b.receive(cohort)
	diff(t, []row{{caas.Add, number(0), 1}, {caas.Add, number(1), 2}, {caas.Add, number(2), 3}}, rows)
	diff(t, caas.Received{Deliveries: 1, Latest: b.now}, found)

	b.now = b.now.Add(24 * time.Hour)
	b.subscribe("three", number(3), number(0))
	b.deliver(caas.Record{Type: caas.Delete, Number: number(1)}, caas.Record{Type: caas.Amend, Number: number(2), SerialChangeNumber: 99})
	rows, _, _ = b.receive(cohort)
	diff(t, []row{{caas.Add, number(3), 4}, {caas.Delete, number(1), 5}, {caas.Amend, number(2), 99}}, rows)
	diff(t, []nhs.Number{number(0), number(2), number(3)}, b.Peer.Members())

	b.now = b.now.Add(24 * time.Hour)
	if sent := b.deliver(); sent.FileName != "TEST_20261104060000_n1.parquet" || !sent.NilReturn {
		t.Errorf("sent %+v", sent)
	}
	rows, _, found = b.receive(cohort)
	diff(t, []row{{}}, rows)
	diff(t, caas.Received{Deliveries: 1, NilReturns: 1, Latest: b.now}, found)
	if refused := b.Peer.Refused(); len(refused) != 0 {
		t.Errorf("refused %+v", refused)
	}
}

// Whom CaaS does not know never comes; of the others it knows what it is told.
func TestPeer_person(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *caastest.PeerOptions) {
		o.Acronym = "DES"
		o.Person = func(n nhs.Number) (caas.Record, bool) { return caas.Record{GivenName: "Ann"}, n == number(0) }
	})
	b.subscribe("one", number(0), number(1))
	if sent := b.deliver(); sent.Rows != 1 || !strings.HasPrefix(sent.FileName, "DES_") {
		t.Errorf("sent %+v", sent)
	}
	if sent := b.deliver(); !sent.NilReturn {
		t.Errorf("sent %+v", sent)
	}
	diff(t, []nhs.Number{number(0)}, b.Peer.Members())
}

func TestPeer_changesFitTheCohort(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.subscribe("one", number(0))
	b.deliver(caas.Record{Type: caas.Add, Number: number(1)})
	b.subscribe("two", number(2))
	for want, r := range map[string]caas.Record{
		"change 1 adds a member":                          {Type: caas.Add, Number: number(0)},
		"change 1 adds a member ":                         {Type: caas.Add, Number: number(2)}, // about to come
		"change 1 is about somebody who is not a member":  {Type: caas.Amend, Number: number(3)},
		"change 1 is about somebody who is not a member ": {Type: caas.Delete, Number: number(3)},
		"change 1 has no NHS number":                      {Type: caas.Delete},
		"change 1 is of no known type":                    {Type: "CHANGED", Number: number(0)},
	} {
		_, err := b.Peer.Deliver(t.Context(), r)
		bad, ok := errors.AsType[*nhs.ArgumentError](err)
		if !ok || !strings.HasSuffix(bad.Reason, strings.TrimSpace(want)) || strings.Contains(err.Error(), r.Number.Reveal()) && !r.Number.IsZero() {
			t.Errorf("%s: %v", want, err)
		}
	}
	if waiting := b.Waiting(ours().ID); len(waiting) != 1 {
		t.Errorf("%d files sent", len(waiting))
	}
	if sent := b.deliver(); sent.Rows != 1 {
		t.Errorf("after the mistakes: %+v", sent)
	}
}

// What is no subscription of the programme's subscribes nobody, and nobody is told.
func TestPeer_refuses(t *testing.T) {
	t.Parallel()
	var good bytes.Buffer
	if _, err := caas.WriteSubscription(&good, slices.Values([]nhs.Number{number(0)})); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*mesh.SendRequest){
		"its file name is not CaaSSubscribe.parquet":              func(r *mesh.SendRequest) { r.FileName = "Subscribe.parquet" },
		"its content type is not application/octet-stream":        func(r *mesh.SendRequest) { r.ContentType = "application/parquet" },
		"not a readable subscription file: the file is too short": func(r *mesh.SendRequest) { r.Body = strings.NewReader("x") },
		"not a readable subscription file: the file is not Parquet, or is encrypted": func(r *mesh.SendRequest) {
			r.Body = strings.NewReader(number(0).Reveal() + "," + number(1).Reveal())
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			request := mesh.SendRequest{
				To: caastest.MailboxID, Workflow: subscribe, FileName: "CaaSSubscribe.parquet", Body: bytes.NewReader(good.Bytes()),
			}
			change(&request)
			id, err := b.box.Send(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := b.Peer.Process(t.Context()); n != 0 || err != nil {
				t.Errorf("%d subscribed, %v", n, err)
			}
			diff(t, []caastest.Refusal{{MessageID: id, Reason: want}}, b.Peer.Refused())
			if waiting := b.Waiting(caastest.MailboxID); len(waiting) != 0 {
				t.Errorf("left in the inbox: %v", waiting)
			}
		})
	}
}

// Only the programme subscribes, and only under the workflow id that CaaS's mailbox is
// registered for.
func TestPeer_whoMaySubscribe(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	s := caas.Subscription{To: caastest.MailboxID, Workflow: subscribe, Name: "one", Key: make([]byte, 32)}
	receipt, err := caas.Subscribe(t.Context(), b.client(stranger()), s, slices.Values([]nhs.Number{number(0)}))
	if err != nil {
		t.Fatal(err)
	}
	if sent := b.deliver(); !sent.NilReturn {
		t.Errorf("sent %+v", sent)
	}
	diff(t, []caastest.Refusal{{MessageID: receipt.MessageID, Reason: "it comes from another mailbox than the programme's"}}, b.Peer.Refused())

	s.Workflow = cohort
	_, err = caas.Subscribe(t.Context(), b.box, s, slices.Values([]nhs.Number{number(0)}))
	if refused, ok := errors.AsType[*mesh.Error](err); !ok || refused.Code != "17" {
		t.Errorf("under another workflow id: %v", err)
	}
}

// A refused subscription that is left in the inbox comes back as a report.
func TestPeer_leavesRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *caastest.PeerOptions) { o.LeaveRefused = true })
	id, err := b.box.Send(t.Context(), mesh.SendRequest{To: caastest.MailboxID, Workflow: subscribe, Body: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := b.Peer.Process(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if refused := b.Peer.Refused(); len(refused) != 1 || refused[0].MessageID != id {
		t.Errorf("refused %+v", refused)
	}
	b.now = b.now.Add(5 * 24 * time.Hour)
	_, reports, _ := b.receive(subscribe)
	if len(reports) != 1 || reports[0].MessageID != id || reports[0].Code != "14" {
		t.Errorf("reports %+v", reports)
	}
}

// A cohort file that nobody collects is gone after five days, and CaaS is told.
func TestPeer_undelivered(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	sent := b.deliver()
	b.now = b.now.Add(5 * 24 * time.Hour)
	if rows, _, _ := b.receive(cohort); rows != nil {
		t.Errorf("received %v", rows)
	}
	if n, err := b.Peer.Process(t.Context()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	undelivered := b.Peer.Undelivered()
	if len(undelivered) != 1 || undelivered[0].MessageID != sent.MessageID || undelivered[0].Code != "14" {
		t.Errorf("undelivered %+v", undelivered)
	}
}

// A programme that may not receive the workflow gets nothing, and the cohort stays as
// it was.
func TestPeer_workflowNotRegistered(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *caastest.PeerOptions) { o.Cohort = "ANOTHER_COHORT" })
	b.subscribe("one", number(0))
	for range 2 {
		_, err := b.Peer.Deliver(t.Context())
		if refused, ok := errors.AsType[*mesh.Error](err); !ok || refused.Code != "17" {
			t.Errorf("got %v", err)
		}
	}
	if members := b.Peer.Members(); len(members) != 0 {
		t.Errorf("%d members", len(members))
	}
}

// Without a certificate of the exchange's authority there is no connection.
func TestStartTLS_certificate(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	other := newBench(t, nil)
	bad, err := mesh.TLS(other.CertificatePEM, other.KeyPEM, b.AuthorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*http.Client{"another authority's": bad, "none": http.DefaultClient} {
		app, err := nhs.NewApp(b.Environment(), nhs.Anonymous{}, nhs.WithHTTPClient(client), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
			nhs.WithClock(func() time.Time { return b.now }))
		if err != nil {
			t.Fatal(err)
		}
		box, err := mesh.New(app, ours())
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Handshake(t.Context()); !errors.Is(err, nhs.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.box.Handshake(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewPeer_refusesBadArguments(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	good := caastest.PeerOptions{Programme: ours().ID, Cohort: cohort, Now: time.Now}
	for want, change := range map[string]func(*caastest.PeerOptions) *mesh.Client{
		"mailbox":            func(*caastest.PeerOptions) *mesh.Client { return nil },
		"programme":          func(o *caastest.PeerOptions) *mesh.Client { o.Programme = ""; return b.box },
		"cohort workflow id": func(o *caastest.PeerOptions) *mesh.Client { o.Cohort = ""; return b.box },
		"clock":              func(o *caastest.PeerOptions) *mesh.Client { o.Now = nil; return b.box },
	} {
		o := good
		box := change(&o)
		_, err := caastest.NewPeer(box, o)
		if bad, ok := errors.AsType[*nhs.ArgumentError](err); !ok || bad.Name != want {
			t.Errorf("%s: %v", want, err)
		}
		if want == "mailbox" {
			continue
		}
		if x, err := caastest.StartTLS(o, meshtest.Options{}); err == nil || x != nil {
			t.Errorf("%s: started, %v", want, err)
		}
	}
}
