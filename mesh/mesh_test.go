package mesh_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

const workflow = "SCREENING_COHORT"

func sender() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26ABC1", Password: "sender-secret", SharedKey: "environment-secret"}
}

func receiver() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26ABC2", Password: "receiver-secret", SharedKey: "environment-secret"}
}

// clock is a clock that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 15, 30, 0, 0, time.UTC)} }

// bench is a MESH with two mailboxes on a loopback port.
type bench struct {
	server   *meshtest.Server
	url      string
	clock    *clock
	log      *slog.Logger
	sender   *mesh.Client
	receiver *mesh.Client

	mu       sync.Mutex
	requests []*http.Request
	fault    func(*http.Request) meshtest.Fault
}

func newBench(t *testing.T) *bench {
	t.Helper()
	var log bytes.Buffer
	b := &bench{clock: newClock(), log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	t.Cleanup(func() { contains(t, log.String(), sender().Password, receiver().Password, sender().SharedKey) })
	b.server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{
			{Mailbox: sender()},
			{Mailbox: receiver(), Workflows: []string{workflow, "OTHER_FLOW"}},
		},
		Now:   b.clock.Now,
		Fault: b.intercept,
	})
	web := httptest.NewServer(b.server)
	t.Cleanup(web.Close)
	b.url = web.URL
	b.sender = b.client(t, sender())
	b.receiver = b.client(t, receiver())
	return b
}

func (b *bench) client(t *testing.T, m mesh.Mailbox) *mesh.Client {
	t.Helper()
	app, err := nhs.NewApp(nhs.Loopback(b.url), nhs.Anonymous{},
		nhs.WithClock(b.clock.Now),
		nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 10_000, Burst: 100}),
		nhs.WithRetry(nhs.RetryPolicy{MinWait: 1, MaxWait: 1}),
		nhs.WithLogger(b.log))
	if err != nil {
		t.Fatal(err)
	}
	c, err := mesh.New(app, m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bench) intercept(r *http.Request) meshtest.Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, r.Clone(r.Context()))
	if b.fault == nil {
		return meshtest.Fault{}
	}
	return b.fault(r)
}

// breakOnce makes the next request fail.
func (b *bench) breakOnce(f meshtest.Fault) {
	b.fault = func(*http.Request) meshtest.Fault {
		b.fault = nil
		return f
	}
}

func (b *bench) send(t *testing.T, r mesh.SendRequest) string {
	t.Helper()
	if r.To == "" {
		r.To, r.Workflow = receiver().ID, workflow
	}
	id, err := b.sender.Send(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// mocked returns a client whose requests go to a mock transport, and the path of
// its mailbox.
func mocked(t *testing.T, opts ...nhs.Option) (*mesh.Client, *httpmock.MockTransport, string) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	opts = append([]nhs.Option{
		nhs.WithHTTPClient(&http.Client{Transport: mock}),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
		nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 10_000, Burst: 100}),
	}, opts...)
	app, err := nhs.NewApp(nhs.Integration, nhs.Anonymous{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := mesh.New(app, sender())
	if err != nil {
		t.Fatal(err)
	}
	return c, mock, nhs.Integration.MESH() + "/messageexchange/X26ABC1"
}

// The published test vector for the Authorization header.
func TestTokenMatchesThePublishedVector(t *testing.T) {
	t.Parallel()
	nonce, err := hex.DecodeString("8f1e2a345b6c4d7e8f90123456789abc")
	if err != nil {
		t.Fatal(err)
	}
	mock := httpmock.NewMockTransport()
	app, err := nhs.NewApp(nhs.Integration, nhs.Anonymous{},
		nhs.WithHTTPClient(&http.Client{Transport: mock}),
		nhs.WithClock(func() time.Time { return time.Date(2026, 1, 2, 20, 30, 59, 0, time.FixedZone("elsewhere", 5*60*60)) }),
		nhs.WithRandom(bytes.NewReader(bytes.Repeat(nonce, 4))))
	if err != nil {
		t.Fatal(err)
	}
	c, err := mesh.New(app, mesh.Mailbox{ID: "x26abc1", Password: "password", SharedKey: "TestKey"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	mock.RegisterResponder("POST", nhs.Integration.MESH()+"/messageexchange/X26ABC1", func(r *http.Request) (*http.Response, error) {
		got = r.Header.Get("Authorization")
		return httpmock.NewStringResponse(200, ""), nil
	})
	if err := c.Handshake(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "NHSMESH X26ABC1:8f1e2a34-5b6c-4d7e-8f90-123456789abc:0:202601021530:" +
		"4689065dbc19e927038a1a68a9812802f8d54de4a845fb676d58310298424e2f"
	if got != want {
		t.Errorf("Authorization\n got %s\nwant %s", got, want)
	}
}

// readAll reads a message to its end and closes it.
func readAll(t *testing.T, m *mesh.Message) string {
	t.Helper()
	content, err := io.ReadAll(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func contains(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%q shows %q", text, s)
		}
	}
}

// serve returns a client of a server's sender.
func serve(t *testing.T, server *meshtest.Server) *mesh.Client {
	t.Helper()
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{}, nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		t.Fatal(err)
	}
	c, err := mesh.New(app, sender())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
