package caas_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

const workflow = "SOME_COHORT"

// post is a MESH with a mailbox for CaaS and one for us.
type post struct {
	server *meshtest.Server
	box    *mesh.Client
	now    time.Time
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{now: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return p.now }
	ours := mesh.Mailbox{ID: "X26OURS", Password: "p1", SharedKey: "k"}
	theirs := mesh.Mailbox{ID: "X26CAAS", Password: "p2", SharedKey: "k"}
	p.server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{{Mailbox: ours, Workflows: []string{workflow}}, {Mailbox: theirs}},
		Now:       clock,
	})
	web := httptest.NewServer(p.server)
	t.Cleanup(web.Close)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{}, nhs.WithClock(clock), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 10_000, Burst: 100}))
	if err != nil {
		t.Fatal(err)
	}
	p.box, err = mesh.New(app, ours)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// deliver puts a file into our mailbox, in chunks of at most 500 bytes.
func (p *post) deliver(name string, content []byte) string {
	m := meshtest.Message{From: "X26CAAS", Workflow: workflow, FileName: name, LocalID: "L", Gzip: true}
	for len(content) > 500 {
		m.Chunks, content = append(m.Chunks, content[:500]), content[500:]
	}
	m.Chunks = append(m.Chunks, content)
	return p.server.Deliver("X26OURS", m)
}

func TestReceive(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.server.Deliver("X26OURS", meshtest.Message{Workflow: "ANOTHER", Chunks: [][]byte{[]byte("x")}})
	first := p.deliver("BSS_20260101121212_n2.parquet", file(t,
		caas.Record{Type: caas.Add, Number: number(0)}, caas.Record{Type: caas.Delete, Number: number(1)}))
	second := p.deliver("", file(t, caas.Record{Type: caas.Amend, Number: number(0)}))
	var got []string
	files, err := caas.Receive(t.Context(), p.box, workflow, caas.Handlers{
		File: func(_ context.Context, d caas.Delivery) error {
			records, errs := read(d.File)
			got = append(got, fmt.Sprint(d.MessageID, " ", d.From, " ", d.LocalID, " ", len(records), " ", len(errs)))
			return nil
		},
	})
	if err != nil || files != 2 {
		t.Fatalf("%d files, %v", files, err)
	}
	diff(t, []string{first + " X26CAAS L 2 0", second + " X26CAAS L 1 0"}, got)
	if left := p.server.Waiting("X26OURS"); len(left) != 1 {
		t.Errorf("%d messages left, want the one of the other workflow", len(left))
	}
	files, err = caas.Receive(t.Context(), p.box, workflow, caas.Handlers{File: func(context.Context, caas.Delivery) error { return nil }})
	if files != 0 || err != nil {
		t.Errorf("again: %d, %v", files, err)
	}
}

// A file is acknowledged only once it is stored, and those after it wait: they
// are changes that follow upon it.
func TestReceiveStopsAtAFailure(t *testing.T) {
	t.Parallel()
	good := file(t, caas.Record{Type: caas.Add, Number: number(0)})
	errStore := errors.New("the store is closed")
	for name, tt := range map[string]struct {
		fileName string
		content  []byte
		handler  error
		max      int64
		want     error
	}{
		"handler fails":   {"", good, errStore, 0, errStore},
		"no cohort file":  {"", []byte(number(0).Reveal()), nil, 0, caas.ErrFile},
		"count is wrong":  {"BSS_20260101121212_n7.parquet", good, nil, 0, caas.ErrFile},
		"larger than max": {"", good, nil, 100, caas.ErrFile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			p.deliver("", good)
			bad := p.deliver(tt.fileName, tt.content)
			last := p.deliver("", good)
			calls := 0
			handlers := caas.Handlers{MaxSize: tt.max, File: func(_ context.Context, d caas.Delivery) error {
				calls++
				if d.MessageID == bad {
					return tt.handler
				}
				return nil
			}}
			if tt.max > 0 {
				p.acknowledge(t) // the first is as large
			}
			files, err := caas.Receive(t.Context(), p.box, workflow, handlers)
			failure, ok := errors.AsType[*caas.DeliveryError](err)
			if !ok || failure.MessageID != bad || !errors.Is(err, tt.want) {
				t.Fatalf("%d files, %v", files, err)
			}
			assertMasked(t, err.Error(), number(0))
			diff(t, []string{bad, last}, p.server.Waiting("X26OURS"))
		})
	}
}

// acknowledge takes the oldest message out of our mailbox.
func (p *post) acknowledge(t *testing.T) {
	t.Helper()
	if err := p.box.Acknowledge(t.Context(), p.server.Waiting("X26OURS")[0]); err != nil {
		t.Fatal(err)
	}
}

func TestReportsAreSurfacedAndAcknowledged(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.server.Deliver("X26CAAS", meshtest.Message{From: "X26OURS", Workflow: workflow, Chunks: [][]byte{[]byte("x")}})
	undelivered := p.server.Waiting("X26CAAS")[0]
	p.now = p.now.Add(6 * 24 * time.Hour)
	noFile := func(context.Context, caas.Delivery) error { return errors.New("not a file") }

	if files, err := caas.Receive(t.Context(), p.box, workflow, caas.Handlers{File: noFile}); files != 0 || err != nil {
		t.Errorf("%d, %v", files, err)
	}
	if len(p.server.Waiting("X26OURS")) != 1 {
		t.Error("the report is gone though nobody saw it")
	}
	var reports []mesh.Report
	files, err := caas.Receive(t.Context(), p.box, workflow, caas.Handlers{File: noFile, Report: func(_ context.Context, r mesh.Report) error {
		reports = append(reports, r)
		return nil
	}})
	if files != 0 || err != nil || len(reports) != 1 || reports[0].MessageID != undelivered || reports[0].Code != "14" {
		t.Errorf("%d, %v, %+v", files, err, reports)
	}
	if len(p.server.Waiting("X26OURS")) != 0 {
		t.Error("the report was not acknowledged")
	}
}

func TestReceiveRefusesBadArguments(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	ok := caas.Handlers{File: func(context.Context, caas.Delivery) error { return nil }}
	for want, call := range map[string]func() (int, error){
		"mailbox":      func() (int, error) { return caas.Receive(t.Context(), nil, workflow, ok) },
		"workflow id":  func() (int, error) { return caas.Receive(t.Context(), p.box, "", ok) },
		"workflow":     func() (int, error) { return caas.Receive(t.Context(), p.box, "CAAS*", ok) },
		"file handler": func() (int, error) { return caas.Receive(t.Context(), p.box, workflow, caas.Handlers{}) },
		"maximum size": func() (int, error) {
			return caas.Receive(t.Context(), p.box, workflow, caas.Handlers{File: ok.File, MaxSize: -1})
		},
	} {
		_, err := call()
		if bad, isArg := errors.AsType[*nhs.ArgumentError](err); !isArg || !strings.HasPrefix(bad.Name, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestReceiveEndsWithTheContext(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := caas.Receive(ctx, p.box, workflow, caas.Handlers{File: func(context.Context, caas.Delivery) error { return nil }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
