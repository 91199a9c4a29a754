package conformance_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/nhstest"
)

func senderBox() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26SENDER", Password: "password", SharedKey: "TestKey"}
}

func readerBox() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26READER", Password: "another", SharedKey: "TestKey"}
}

// meshOptions are two mailboxes, one of which may receive a workflow.
func meshOptions() meshtest.Options {
	return meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: senderBox()}, {Mailbox: readerBox(), Workflows: []string{"TEST"}},
	}}
}

// clock is a clock that is moved by hand.
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

// meshWorld is MESH with a client for each mailbox, and one that has the wrong
// password.
type meshWorld struct {
	services                 *nhstest.NHS
	clock                    *clock
	contract                 *contract
	sender, reader, intruder *mesh.Client
}

func newMeshWorld(t *testing.T) *meshWorld {
	t.Helper()
	w := &meshWorld{clock: &clock{now: started()}}
	w.services = start(t, nhstest.Options{Now: w.clock.Now, MESH: meshOptions()})
	w.contract = newContract(t, nhs.MESH, w.services.Environment())
	w.contract.now = w.clock.Now
	app, err := nhs.NewApp(w.services.Environment(), nhs.Anonymous{}, w.contract.options(t)...)
	if err != nil {
		t.Fatal(err)
	}
	open := func(box mesh.Mailbox) *mesh.Client {
		client, err := mesh.New(app, box)
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	wrong := readerBox()
	wrong.Password = "guessed"
	w.sender, w.reader, w.intruder = open(senderBox()), open(readerBox()), open(wrong)
	return w
}

func TestMESH(t *testing.T) {
	t.Parallel()
	w := newMeshWorld(t)
	for _, box := range []*mesh.Client{w.sender, w.reader} {
		if err := box.Handshake(t.Context()); err != nil {
			t.Error(err)
		}
	}
	want(t, "handshake of an intruder", w.intruder.Handshake(t.Context()), nhs.ErrForbidden, http.StatusForbidden)
	w.sends(t)
	w.lists(t)
	w.downloads(t)
	w.reports(t)
	w.contract.complete(t)
}

// sends has messages sent, which the reader takes out of its inbox.
func (w *meshWorld) sends(t *testing.T) {
	t.Helper()
	for name, r := range map[string]mesh.SendRequest{
		"plain": {},
		"everything": {
			LocalID: "local-1", Subject: "a file", FileName: "cohort.parquet", ContentType: "application/vnd.apache.parquet", Gzip: true,
		},
	} {
		r.To, r.Workflow, r.Body = "X26READER", "TEST", strings.NewReader("content")
		id, err := w.sender.Send(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.read(t, id); got != "content" || err != nil {
			t.Errorf("%s: read %q, %v", name, got, err)
		}
		if err := w.reader.Acknowledge(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	for _, r := range []mesh.SendRequest{{To: "X26NOBODY", Workflow: "TEST"}, {To: "X26READER", Workflow: "OTHER"}} {
		r.Body = strings.NewReader("content")
		_, err := w.sender.Send(t.Context(), r)
		want(t, r.To+" "+r.Workflow, err, nhs.ErrInvalid, http.StatusExpectationFailed)
	}
	want(t, "acknowledge nothing", w.reader.Acknowledge(t.Context(), "NONE"), nhs.ErrNotFound, http.StatusNotFound)
}

// read downloads a message of the reader to its end.
func (w *meshWorld) read(t *testing.T, id string) (string, error) {
	t.Helper()
	m, err := w.reader.Download(t.Context(), id)
	if err != nil {
		return "", err
	}
	defer m.Close()
	content, err := io.ReadAll(m)
	return string(content), err
}

// lists reads the list of an inbox of three pages, which it leaves empty.
func (w *meshWorld) lists(t *testing.T) {
	t.Helper()
	var ids []string
	for n := range 25 {
		workflow := "TEST"
		if n%5 == 0 {
			workflow = "TEST_ACK"
		}
		ids = append(ids, w.services.MESH.Deliver("X26READER", meshtest.Message{
			From: "X26SENDER", Workflow: workflow, Chunks: [][]byte{[]byte("content")},
		}))
	}
	for name, tt := range map[string]struct {
		query mesh.InboxQuery
		want  int
	}{
		"all":       {mesh.InboxQuery{}, 25},
		"pages":     {mesh.InboxQuery{PageSize: 10}, 25},
		"one kind":  {mesh.InboxQuery{Workflow: "TEST"}, 20},
		"all kinds": {mesh.InboxQuery{Workflow: "TEST*", PageSize: 12}, 25},
		"others":    {mesh.InboxQuery{Workflow: "!*ACK*"}, 20},
	} {
		count := 0
		for _, err := range w.reader.Inbox(t.Context(), tt.query) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			count++
		}
		if count != tt.want {
			t.Errorf("%s: %d messages, want %d", name, count, tt.want)
		}
	}
	for _, id := range ids {
		if err := w.reader.Acknowledge(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	_, err := w.intruder.InboxPage(t.Context(), mesh.InboxQuery{}, "")
	want(t, "inbox of an intruder", err, nhs.ErrForbidden, http.StatusForbidden)
	_, err = w.reader.InboxPage(t.Context(), mesh.InboxQuery{}, strings.Repeat("?", 24))
	want(t, "made-up page", err, nhs.ErrInvalid, http.StatusBadRequest)
}

// downloads fetches messages of one chunk and of several, compressed or not.
func (w *meshWorld) downloads(t *testing.T) {
	t.Helper()
	chunks := [][]byte{[]byte("first "), []byte("second "), []byte("third")}
	for _, compressed := range []bool{false, true} {
		id := w.services.MESH.Deliver("X26READER", meshtest.Message{
			From: "X26SENDER", Workflow: "TEST", ContentType: "text/csv", Gzip: compressed, Chunks: chunks,
		})
		if got, err := w.read(t, id); got != "first second third" || err != nil {
			t.Errorf("compressed %t: read %q, %v", compressed, got, err)
		}
	}
	_, err := w.read(t, "NONE")
	want(t, "download nothing", err, nhs.ErrNotFound, http.StatusNotFound)

	id := w.services.MESH.Deliver("X26READER", meshtest.Message{From: "X26SENDER", Workflow: "TEST", Chunks: chunks})
	m, err := w.reader.Download(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	w.clock.advance(5 * 24 * time.Hour)
	_, err = io.ReadAll(m)
	want(t, "chunk of a message that has expired", err, nhs.ErrNotFound, http.StatusGone)
}

// reports collects the reports of the messages that have expired.
func (w *meshWorld) reports(t *testing.T) {
	t.Helper()
	page, err := w.sender.InboxPage(t.Context(), mesh.InboxQuery{}, "")
	if err != nil || len(page.MessageIDs) == 0 {
		t.Fatalf("no report: %v", err)
	}
	for id := range slices.Values(page.MessageIDs) {
		m, err := w.sender.Download(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if m.Type != mesh.TypeReport || m.Report == nil || m.Report.Code != "14" {
			t.Errorf("message %+v", m)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
