package optout_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

func ours() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26OURS", Password: "our-secret", SharedKey: "environment-secret"}
}

func theirs() mesh.Mailbox {
	return mesh.Mailbox{ID: optout.IntegrationMailbox, Password: "their-secret", SharedKey: "environment-secret"}
}

func key() []byte { return []byte("a secret of thirty-two bytes, or more") }

// crowd returns as many NHS numbers of test people as asked, ascending.
func crowd(people int) []nhs.Number {
	var numbers []nhs.Number
	for value := int64(9_990_000_000); len(numbers) < people; value++ {
		if n, err := nhs.NumberFromInt(value); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func each(numbers []nhs.Number) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		for _, n := range numbers {
			if !yield(n, nil) {
				return
			}
		}
	}
}

// world is a MESH without sockets, with our mailbox and that of the service.
type world struct {
	*testing.T

	server  *meshtest.Server
	service *optouttest.Service
	peer    *mesh.Client // the service's mailbox
	box     *mesh.Client // ours
	checker *optout.Checker

	mu       sync.Mutex
	now      func() time.Time
	fault    func(*http.Request) meshtest.Fault // of our requests
	requests []string                           // of ours: method and last part of the path
}

type setting struct {
	check   func(*optout.Options)
	service optouttest.Options
	now     func() time.Time
}

func day() time.Time { return time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC) }

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	if s.now == nil {
		s.now = day
	}
	w := &world{T: t, now: s.now}
	w.server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{
			{Mailbox: ours(), Workflows: []string{optout.Workflow, "OTHER"}},
			{Mailbox: theirs(), Workflows: []string{optout.Workflow}},
		},
		Now: w.clock,
		Fault: func(r *http.Request) meshtest.Fault {
			if w.fault == nil || !strings.Contains(r.URL.Path, ours().ID) {
				return meshtest.Fault{}
			}
			return w.fault(r)
		},
	})
	w.box, w.peer = w.client(ours()), w.client(theirs())
	s.service.Now = w.clock
	service, err := optouttest.New(w.peer, s.service)
	if err != nil {
		t.Fatal(err)
	}
	w.service = service
	w.checker = w.newChecker(s.check)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now()
}

func (w *world) setNow(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = func() time.Time { return now }
}

func (w *world) client(box mesh.Mailbox) *mesh.Client {
	w.Helper()
	app, err := nhs.NewApp(nhs.Loopback("http://127.0.0.1"), nhs.Anonymous{}, nhs.WithClock(w.clock),
		nhs.WithHTTPClient(&http.Client{Transport: w}), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
		nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e9, Burst: 1e6}))
	if err != nil {
		w.Fatal(err)
	}
	client, err := mesh.New(app, box)
	if err != nil {
		w.Fatal(err)
	}
	return client
}

func options(now func() time.Time) optout.Options {
	return optout.Options{Recipient: optout.IntegrationMailbox, Workflow: optout.Workflow, Key: key(), Now: now}
}

func (w *world) newChecker(change func(*optout.Options)) *optout.Checker {
	w.Helper()
	o := options(w.clock)
	if change != nil {
		change(&o)
	}
	c, err := optout.New(w.box, o)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

var errCut = errors.New("connection cut")

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if strings.Contains(r.URL.Path, ours().ID) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+path.Base(r.URL.Path))
		w.mu.Unlock()
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	defer func() {
		if recover() != nil { // the server cuts the connection by a panic
			resp, err = nil, errCut
		}
	}()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// count returns how many of our requests began so.
func (w *world) count(prefix string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := 0
	for _, r := range w.requests {
		if strings.HasPrefix(r, prefix) {
			found++
		}
	}
	return found
}

func list(t *testing.T, people []nhs.Number, sentinels optout.Sentinels) *optout.List {
	t.Helper()
	l, err := optout.NewList(each(people), sentinels)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func request() optout.Request {
	return optout.Request{Sequence: 1, Subject: "kidney-1", LocalID: "kidney_1"}
}

func (w *world) prepare(l *optout.List) optout.Receipt {
	w.Helper()
	r, err := w.checker.Prepare(l, request())
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// ask sends a request.
func (w *world) ask(l *optout.List) optout.Receipt {
	w.Helper()
	r, err := w.checker.Send(w.Context(), w.prepare(l), l)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// process has the service work.
func (w *world) process() {
	w.Helper()
	if _, err := w.service.Process(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// collect collects a reply that must be there.
func (w *world) collect(r optout.Receipt, l *optout.List) *optout.Result {
	w.Helper()
	var result *optout.Result
	err := w.checker.Collect(w.Context(), r, l, func(_ context.Context, r *optout.Result) error {
		result = r
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return result
}

// fails collects what must be an error.
func (w *world) fails(r optout.Receipt, l *optout.List) error {
	w.Helper()
	err := w.checker.Collect(w.Context(), r, l, func(context.Context, *optout.Result) error {
		w.Error("a result was given to use")
		return nil
	})
	if err == nil {
		w.Fatal("no error")
	}
	return err
}

// deliver puts a message for a request into our inbox, as the service sends it.
func (w *world) deliver(r optout.Receipt, content string) string {
	return w.server.Deliver(ours().ID, meshtest.Message{
		From: r.Recipient, Workflow: r.Workflow, LocalID: r.LocalID, Subject: r.Subject, Chunks: [][]byte{[]byte(content)},
	})
}

// file returns the file that asks about people, or the reply that leaves them in.
func file(people ...nhs.Number) string {
	var b bytes.Buffer
	for _, n := range people {
		b.WriteString(n.Reveal() + ",\n")
	}
	return b.String()
}

// filtered returns who may be used.
func filtered(t *testing.T, r *optout.Result, people []nhs.Number) []nhs.Number {
	t.Helper()
	var left []nhs.Number
	for n, err := range r.Filter(day, each(people)) {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, n)
	}
	return left
}
