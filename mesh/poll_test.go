package mesh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// polled is a MESH without sockets, whose clock is that of the bubble, and a log
// of what is asked of it.
type polled struct {
	server *meshtest.Server
	fault  func(*http.Request) meshtest.Fault
	log    []string
	start  time.Time
}

func newPolled(t *testing.T, opts ...nhs.Option) (*polled, *mesh.Client) {
	t.Helper()
	p := &polled{start: time.Now()}
	p.server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{{Mailbox: sender(), Workflows: []string{workflow}}, {Mailbox: receiver(), Workflows: []string{workflow}}},
		Fault: func(r *http.Request) meshtest.Fault {
			if p.fault == nil {
				return meshtest.Fault{}
			}
			return p.fault(r)
		},
	})
	opts = append(opts, nhs.WithHTTPClient(&http.Client{Transport: p}), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
		nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e9, Burst: 1e6}))
	app, err := nhs.NewApp(nhs.Loopback("http://127.0.0.1"), nhs.Anonymous{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	box, err := mesh.New(app, receiver())
	if err != nil {
		t.Fatal(err)
	}
	return p, box
}

// RoundTrip implements [http.RoundTripper]. It logs handshakes and lists with the
// time they come at.
func (p *polled) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.Method == http.MethodPost:
		p.log = append(p.log, fmt.Sprint("handshake ", time.Since(p.start)))
	case strings.HasSuffix(r.URL.Path, "/inbox"):
		p.log = append(p.log, fmt.Sprint("list ", time.Since(p.start)))
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	return w.Result(), nil
}

func (p *polled) deliver(n int) {
	for i := range n {
		p.server.Deliver("X26ABC2", meshtest.Message{From: "X26ABC1", Workflow: workflow, Chunks: [][]byte{fmt.Append(nil, "content ", i)}})
	}
}

func accept(context.Context, *mesh.Message) error { return nil }

func note(context.Context, *mesh.Envelope) error { return nil }

// Every five minutes, with a handshake at the start and before a day has passed.
func TestPollPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Hour-time.Minute)
		defer cancel()
		if err := box.Poll(ctx, mesh.Poller{Message: accept, Report: note}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		lists := len(p.log) - len(p.handshakes())
		if diff := cmp.Diff([]string{"0s", "23h0m0s"}, p.handshakes()); diff != "" || lists != 300 {
			t.Errorf("%d lists, want 300, and handshakes (-want +got)\n%s", lists, diff)
		}
	})
}

// handshakes returns when there were handshakes.
func (p *polled) handshakes() []string {
	var found []string
	for _, line := range p.log {
		if at, ok := strings.CutPrefix(line, "handshake "); ok {
			found = append(found, at)
		}
	}
	return found
}

// A day does not pass without a handshake, however rare the looks, and however many
// messages there are.
func TestPollHandshakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		every    time.Duration
		messages int // each of which takes an hour
		fail     time.Duration
		want     []string
	}{
		"often":             {every: 0, want: []string{"0s", "23h0m0s", "46h0m0s"}},
		"once a day":        {every: 24 * time.Hour, want: []string{"0s", "23h0m0s", "46h0m0s"}},
		"every seven hours": {every: 7 * time.Hour, want: []string{"0s", "23h0m0s", "46h0m0s"}},
		"busy":              {every: 24 * time.Hour, messages: 30, want: []string{"0s", "23h0m0s", "46h0m0s"}},
		"busy for less":     {every: 12 * time.Hour, messages: 20, want: []string{"0s", "23h0m0s", "46h0m0s"}},
		"one fails":         {every: 12 * time.Hour, fail: 23 * time.Hour, want: []string{"0s", "23h0m0s", "23h5m0s", "46h5m0s"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, box := newPolled(t)
			p.deliver(tt.messages)
			p.fault = func(r *http.Request) meshtest.Fault {
				if r.Method == http.MethodPost && tt.fail > 0 && time.Since(p.start) == tt.fail {
					return meshtest.Fault{Status: http.StatusBadGateway}
				}
				return meshtest.Fault{}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 49*time.Hour)
			defer cancel()
			err := box.Poll(ctx, mesh.Poller{
				Every: tt.every, Report: note,
				Message: func(context.Context, *mesh.Message) error { time.Sleep(time.Hour); return nil },
				Failure: func(context.Context, string, error) error { return nil },
			})
			if diff := cmp.Diff(tt.want, p.handshakes()); diff != "" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
			}
		})
	}
}

// A clock that is set back does not put the next handshake off.
func TestPollClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64
		p, box := newPolled(t, nhs.WithClock(func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }))
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		err := box.Poll(ctx, mesh.Poller{Message: accept, Report: note, Looked: func(mesh.Look) { back.Store(int64(time.Hour)) }})
		if diff := cmp.Diff([]string{"0s", "5m0s", "23h5m0s"}, p.handshakes()); diff != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}

// A message that arrives while there is a full page is found at once; the next
// look waits.
func TestPollFullPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		p.deliver(500)
		seen := 0
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
		defer cancel()
		var looks []mesh.Look
		err := box.Poll(ctx, mesh.Poller{
			Workflow: workflow, Report: note, Looked: func(l mesh.Look) { looks = append(looks, l) },
			Message: func(_ context.Context, m *mesh.Message) error {
				if seen++; seen == 500 {
					p.deliver(501)
				}
				_, err := io.Copy(io.Discard, m)
				return err
			},
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff([]string{"handshake 0s", "list 0s", "list 0s", "list 0s", "list 5m0s"}, p.log); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		want := []mesh.Look{{Messages: 1001, Waiting: 500}, {}}
		if diff := cmp.Diff(want, looks); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// What fails stays; the rest is handled, and the lag tells how long messages waited.
func TestPollFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		p.deliver(3)
		stuck := p.server.Waiting("X26ABC2")[1]
		time.Sleep(2 * time.Hour)
		p.start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 16*time.Minute)
		defer cancel()
		p.fault = func(r *http.Request) meshtest.Fault {
			if at := time.Since(p.start); at >= 5*time.Minute && at < 10*time.Minute && strings.HasSuffix(r.URL.Path, "/inbox") {
				return meshtest.Fault{Status: http.StatusServiceUnavailable}
			}
			return meshtest.Fault{}
		}
		bad := errors.New("disk full")
		var failures []string
		var looks []mesh.Look
		err := box.Poll(ctx, mesh.Poller{
			Message: func(_ context.Context, m *mesh.Message) error {
				if m.ID == stuck && time.Since(p.start) < 15*time.Minute {
					return bad
				}
				return nil
			},
			Report: note,
			Failure: func(_ context.Context, id string, err error) error {
				failures = append(failures, fmt.Sprint(id == stuck, ": ", errors.Is(err, bad), ", ", errors.Is(err, nhs.ErrUnavailable)))
				return nil
			},
			Looked: func(l mesh.Look) { looks = append(looks, l) },
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff([]string{"true: true, false", "false: false, true", "true: true, false"}, failures); diff != "" {
			t.Errorf("failures (-want +got)\n%s", diff)
		}
		want := []mesh.Look{
			{Messages: 2, Failures: 1, Waiting: 3, Lag: 2 * time.Hour},
			{Failures: 1},
			{Failures: 1, Waiting: 1, Lag: 2*time.Hour + 10*time.Minute},
			{Messages: 1, Waiting: 1, Lag: 2*time.Hour + 15*time.Minute},
		}
		if diff := cmp.Diff(want, looks); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// A page full of messages that fail is not listed again at once.
func TestPollWithoutProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		p.deliver(500)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := box.Poll(ctx, mesh.Poller{
			Message: func(context.Context, *mesh.Message) error { return io.ErrShortWrite }, Report: note,
			Failure: func(context.Context, string, error) error { return nil },
		})
		if diff := cmp.Diff([]string{"handshake 0s", "list 0s"}, p.log); diff != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}

// Reports go their own way, and out of the inbox.
func TestPollReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		id := p.server.Deliver("X26ABC1", meshtest.Message{From: "X26ABC2", Workflow: workflow, LocalID: "L7", Chunks: [][]byte{{'x'}}})
		if !p.server.Fail(id, meshtest.Failure{Code: "14", Event: "SEND", Description: "not collected"}) || p.server.Fail(id, meshtest.Failure{}) {
			t.Error("failed not once")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var looks []mesh.Look
		err := box.Poll(ctx, mesh.Poller{
			Message: accept,
			Report: func(_ context.Context, e *mesh.Envelope) error {
				if e.LocalID != "L7" || e.Report.MessageID != id || e.Report.Code != "14" || e.Report.Event != "SEND" {
					t.Errorf("report %+v", e)
				}
				return nil
			},
			Looked: func(l mesh.Look) { looks = append(looks, l); cancel() },
		})
		if diff := cmp.Diff([]mesh.Look{{Reports: 1, Waiting: 1}}, looks); diff != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
		if left := p.server.Waiting("X26ABC2"); len(left) > 0 {
			t.Errorf("left %q", left)
		}
	})
}

// Content that broke off is not acknowledged, even if the handler did not care.
func TestPollKeepsBrokenContent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		p.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{{'a'}, {'b'}}})
		p.fault = func(r *http.Request) meshtest.Fault {
			if strings.HasSuffix(r.URL.Path, "/2") {
				return meshtest.Fault{Status: http.StatusBadGateway}
			}
			return meshtest.Fault{}
		}
		err := box.Poll(t.Context(), mesh.Poller{Report: note, Message: func(_ context.Context, m *mesh.Message) error {
			_, _ = io.Copy(io.Discard, m)
			return nil
		}})
		if !errors.Is(err, nhs.ErrUnavailable) || len(p.server.Waiting("X26ABC2")) != 1 {
			t.Errorf("got %v", err)
		}
	})
}

// Without Failure, the first one ends it: of the handshake, list, or a message.
func TestPollEnds(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/X26ABC2", "/inbox", "/acknowledged"} {
		synctest.Test(t, func(t *testing.T) {
			p, box := newPolled(t)
			p.deliver(1)
			p.fault = func(r *http.Request) meshtest.Fault {
				if strings.HasSuffix(r.URL.Path, path) {
					return meshtest.Fault{Status: http.StatusForbidden}
				}
				return meshtest.Fault{}
			}
			if err := box.Poll(t.Context(), mesh.Poller{Message: accept, Report: note}); !errors.Is(err, nhs.ErrForbidden) {
				t.Errorf("%s: got %v", path, err)
			}
			stop := errors.New("stop")
			err := box.Poll(t.Context(), mesh.Poller{
				Message: accept, Report: note, Failure: func(context.Context, string, error) error { return stop },
			})
			if !errors.Is(err, stop) {
				t.Errorf("%s: got %v", path, err)
			}
		})
	}
}

// The end of ctx is no failure to decide about; what was stored meanwhile is
// acknowledged.
func TestPollEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, box := newPolled(t)
		p.deliver(2)
		ctx, cancel := context.WithCancel(t.Context())
		err := box.Poll(ctx, mesh.Poller{
			Report:  note,
			Message: func(context.Context, *mesh.Message) error { cancel(); return nil },
			Failure: func(_ context.Context, _ string, err error) error { t.Errorf("told of %v", err); return nil },
		})
		if !errors.Is(err, context.Canceled) || len(p.server.Waiting("X26ABC2")) != 1 {
			t.Errorf("got %v", err)
		}
	})
}

func TestPollRefusesBadInput(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	for want, p := range map[string]mesh.Poller{
		"message handler must not be nil":                             {Report: note},
		"report handler must not be nil":                              {Message: accept},
		"every must be 5 minutes to 24 hours, or 0 for 5 minutes":     {Message: accept, Report: note, Every: 5*time.Minute - 1},
		"every must be 5 minutes to 24 hours, or 0 for 5 minutes ":    {Message: accept, Report: note, Every: 25 * time.Hour},
		"workflow filter must be 2 to 255 printable ASCII characters": {Message: accept, Report: note, Workflow: "W"},
	} {
		if err := c.Poll(t.Context(), p); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}
