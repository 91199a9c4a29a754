package conformance_test

import (
	"errors"
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

// broken is what MESH cannot look up.
const broken = "BROKEN"

// meshOptions are two mailboxes, one of which may receive a workflow.
func meshOptions() meshtest.Options {
	return meshtest.Options{
		Mailboxes: []meshtest.Mailbox{
			{Mailbox: senderBox()}, {Mailbox: readerBox(), Workflows: []string{"TEST"}, Name: "reader", ODSCode: "X26"},
		},
		Fault: func(r *http.Request) meshtest.Fault {
			if strings.Contains(r.URL.Path, broken) {
				return meshtest.Fault{Status: http.StatusInternalServerError}
			}
			return meshtest.Fault{}
		},
	}
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
	w.sendsChunks(t)
	w.looksUp(t)
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
			LocalID: "local-1", Subject: "a file", Checksum: "MD5: ab/12", FileName: "cohort.parquet", ContentType: "application/vnd.apache.parquet", Gzip: true,
		},
	} {
		r.To, r.Workflow, r.Body = "X26READER", "TEST", strings.NewReader("content")
		id, err := w.sender.Send(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		w.tracks(t, id, mesh.StatusAccepted)
		if e, err := w.reader.Head(t.Context(), id); err != nil || e.Type != mesh.TypeData || e.Checksum != r.Checksum {
			t.Errorf("%s: envelope %+v, %v", name, e, err)
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
	_, err := w.reader.Head(t.Context(), "NONE")
	want(t, "head of nothing", err, nhs.ErrNotFound, http.StatusNotFound)
	want(t, "acknowledge nothing", w.reader.Acknowledge(t.Context(), "NONE"), nhs.ErrNotFound, http.StatusNotFound)
}

// sendsChunks has a message sent in chunks, and others go wrong.
func (w *meshWorld) sendsChunks(t *testing.T) {
	t.Helper()
	request := func(content string, size int64) mesh.SendRequest {
		return mesh.SendRequest{
			To: "X26READER", Workflow: "TEST", LocalID: "local-" + content, Gzip: len(content)%2 == 0,
			Body: strings.NewReader(content), Size: size, ChunkSize: 4,
		}
	}
	for _, content := range []string{"three chunks", "odd chunk"} {
		id, err := w.sender.Send(t.Context(), request(content, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.read(t, id); got != content || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		if err := w.reader.Acknowledge(t.Context(), id); err != nil {
			t.Error(err)
		}
		w.tracks(t, id, mesh.StatusAcknowledged)
		if err := w.sender.Resume(t.Context(), request(content, 0), id, 2); err != nil {
			t.Errorf("to resume what is complete: %v", err)
		}
	}
	const short = "too short"
	_, err := w.sender.Send(t.Context(), request(short, 20))
	half, ok := errors.AsType[*mesh.SendError](err)
	if !ok || !errors.Is(err, nhs.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	w.tracks(t, half.MessageID, mesh.StatusUploading)
	if found, err := w.sender.TrackLocalID(t.Context(), "local-"+short); err != nil || found.MessageID != half.MessageID {
		t.Errorf("found %+v, %v", found, err)
	}
	_, err = w.read(t, half.MessageID)
	want(t, "download of half a message", err, nhs.ErrNotFound, http.StatusGone)
	want(t, "more chunks", w.sender.Resume(t.Context(), request(short+strings.Repeat(" more", 4), 0), half.MessageID, 6),
		nhs.ErrInvalid, http.StatusNotAcceptable)
	want(t, "chunks of nothing", w.sender.Resume(t.Context(), request("other content", 0), "NONE", 2), nhs.ErrNotFound, http.StatusNotFound)
}

// tracks looks a message of the sender up.
func (w *meshWorld) tracks(t *testing.T, id string, status mesh.Status) {
	t.Helper()
	found, err := w.sender.Track(t.Context(), id)
	if err != nil || found.MessageID != id || found.Status != status || found.RecipientODSCode != "X26" || len(found.Other) > 0 {
		t.Errorf("tracking %+v, %v", found, err)
	}
}

// looksUp looks for mailboxes, and for messages that are not there.
func (w *meshWorld) looksUp(t *testing.T) {
	t.Helper()
	boxes := []mesh.Endpoint{{MailboxID: "X26READER", Name: "reader"}}
	if got, err := w.sender.Lookup(t.Context(), "X26", "TEST"); err != nil || !slices.Equal(got, boxes) {
		t.Errorf("mailboxes %+v, %v", got, err)
	}
	if got, err := w.sender.LookupWorkflow(t.Context(), "TEST"); err != nil || !slices.Equal(got, boxes) {
		t.Errorf("mailboxes %+v, %v", got, err)
	}
	if got, err := w.sender.Lookup(t.Context(), "X27", "TEST"); err != nil || len(got) > 0 {
		t.Errorf("mailboxes %+v, %v", got, err)
	}
	_, err := w.sender.Lookup(t.Context(), broken, "TEST")
	want(t, "look-up that fails", err, nhs.ErrUnavailable, http.StatusInternalServerError)
	_, err = w.sender.LookupWorkflow(t.Context(), broken)
	want(t, "search that fails", err, nhs.ErrUnavailable, http.StatusInternalServerError)
	_, err = w.sender.Track(t.Context(), "NONE")
	want(t, "track nothing", err, nhs.ErrNotFound, http.StatusNotFound)
	_, err = w.sender.TrackLocalID(t.Context(), "NONE")
	want(t, "track no local id", err, nhs.ErrNotFound, http.StatusNotFound)
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
