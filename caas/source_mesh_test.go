package caas_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

	mu    sync.Mutex
	fault func(*http.Request) meshtest.Fault
}

// breakWith has a function say what goes wrong from now on, one request at a time;
// nil is nothing.
func (p *post) breakWith(fault func(*http.Request) meshtest.Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

func (p *post) intercept(r *http.Request) meshtest.Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil {
		return meshtest.Fault{}
	}
	return p.fault(r)
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{now: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return p.now }
	ours := mesh.Mailbox{ID: "X26OURS", Password: "p1", SharedKey: "k"}
	theirs := mesh.Mailbox{ID: "X26CAAS", Password: "p2", SharedKey: "k"}
	p.server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{{Mailbox: ours, Workflows: []string{workflow}}, {Mailbox: theirs, Workflows: []string{"SUBSCRIBE"}}},
		Now:       clock,
		Fault:     p.intercept,
	})
	web := httptest.NewServer(p.server)
	t.Cleanup(web.Close)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{}, nhs.WithClock(clock),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 10_000, Burst: 100}))
	if err != nil {
		t.Fatal(err)
	}
	p.box, err = mesh.New(app, ours)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *post) source() caas.MESH { return caas.MESH{Box: p.box, Workflow: workflow} }

// deliver puts a file into our mailbox, in chunks of at most 500 bytes.
func (p *post) deliver(name string, content []byte) string {
	m := meshtest.Message{From: "X26CAAS", Workflow: workflow, FileName: name, LocalID: "L", Gzip: true}
	for len(content) > 500 {
		m.Chunks, content = append(m.Chunks, content[:500]), content[500:]
	}
	m.Chunks = append(m.Chunks, content)
	return p.server.Deliver("X26OURS", m)
}

func TestMESH(t *testing.T) {
	t.Parallel()
	for name, spooled := range map[string]bool{"in memory": false, "spooled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			source := p.source()
			if spooled {
				source.Spool = filepath.Join(t.TempDir(), "made", "spool")
			}
			p.server.Deliver("X26OURS", meshtest.Message{Workflow: "ANOTHER", Chunks: [][]byte{[]byte("x")}})
			first := p.deliver("BSS_20260101121212_n2.parquet", file(t,
				caas.Record{Type: caas.Add, Number: number(0)}, caas.Record{Type: caas.Delete, Number: number(1)}))
			p.now = p.now.Add(time.Hour)
			second := p.deliver("", file(t, caas.Record{Type: caas.Amend, Number: number(0)}))
			var got []string
			found, err := receive(t, source, func(_ context.Context, d caas.Delivery) error {
				records, errs := read(d.File)
				got = append(got, fmt.Sprint(d.ID, d.From, d.LocalID, d.Workflow, d.Arrived.Hour(), len(records), len(errs)))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			diff(t, caas.Received{Deliveries: 2, Latest: p.now}, found)
			diff(t, []string{
				fmt.Sprint(first, "X26CAAS", "L", workflow, 9, 2, 0), fmt.Sprint(second, "X26CAAS", "L", workflow, 10, 1, 0),
			}, got)
			if left := p.server.Waiting("X26OURS"); len(left) != 1 {
				t.Errorf("%d messages left, want the one of the other workflow", len(left))
			}
			found, err = receive(t, source, stored)
			if found != (caas.Received{}) || err != nil {
				t.Errorf("again: %+v, %v", found, err)
			}
			if spooled {
				assertEmpty(t, source.Spool)
			}
		})
	}
}

// assertEmpty fails if something is left in a directory.
func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A file is acknowledged only once it is stored, and those after it wait: they
// are changes that follow upon it.
func TestMESH_stopsAtAFailure(t *testing.T) {
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
		"larger than max": {"", append(make([]byte, 10), good...), nil, int64(len(good)), caas.ErrFile},
	} {
		for _, spooled := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, spooled %v", name, spooled), func(t *testing.T) {
				t.Parallel()
				p := newPost(t)
				source := p.source()
				source.MaxSize = tt.max
				if spooled {
					source.Spool = t.TempDir()
				}
				p.deliver("", good)
				bad := p.deliver(tt.fileName, tt.content)
				last := p.deliver("", good)
				found, err := receive(t, source, func(_ context.Context, d caas.Delivery) error {
					if d.ID == bad {
						return tt.handler
					}
					return nil
				})
				failure, ok := errors.AsType[*caas.DeliveryError](err)
				if !ok || failure.ID != bad || !errors.Is(err, tt.want) || found.Deliveries != 1 {
					t.Fatalf("%+v, %v", found, err)
				}
				assertMasked(t, err.Error(), number(0))
				diff(t, []string{bad, last}, p.server.Waiting("X26OURS"))
				if spooled {
					assertEmpty(t, source.Spool)
				}
			})
		}
	}
}

// A message that breaks off on its way is not handled, and comes again.
func TestMESH_lostInTheMiddle(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	source := p.source()
	source.Spool = t.TempDir()
	id := p.deliver("", file(t, caas.Record{Type: caas.Add, Number: number(0)}))
	p.breakWith(func(r *http.Request) meshtest.Fault { return meshtest.Fault{Lose: strings.HasSuffix(r.URL.Path, "/2")} })
	_, err := receive(t, source, func(context.Context, caas.Delivery) error { return errors.New("half a file") })
	if failure, ok := errors.AsType[*caas.DeliveryError](err); !ok || failure.ID != id || !errors.Is(err, nhs.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	assertEmpty(t, source.Spool)
	p.breakWith(nil)
	if found, err := receive(t, source, stored); found.Deliveries != 1 || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

// A file that was stored and could not be acknowledged comes again under the same id,
// unless MESH took the acknowledgement and only its answer was lost.
func TestMESH_notAcknowledged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault meshtest.Fault
		again int
	}{
		"refused":     {meshtest.Fault{Status: http.StatusServiceUnavailable}, 1},
		"answer lost": {meshtest.Fault{Lose: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			id := p.deliver("", file(t, caas.Record{Type: caas.Add, Number: number(0)}))
			p.breakWith(func(r *http.Request) meshtest.Fault {
				if r.Method == http.MethodPut {
					return tt.fault
				}
				return meshtest.Fault{}
			})
			var handled []string
			handler := func(_ context.Context, d caas.Delivery) error {
				handled = append(handled, d.ID)
				return nil
			}
			found, err := receive(t, p.source(), handler)
			if failure, ok := errors.AsType[*caas.DeliveryError](err); !ok || failure.ID != id || found != (caas.Received{}) {
				t.Errorf("%+v, %v", found, err)
			}
			p.breakWith(nil)
			found, err = receive(t, p.source(), handler)
			if err != nil || found.Deliveries != tt.again {
				t.Errorf("again: %+v, %v", found, err)
			}
			diff(t, slices.Repeat([]string{id}, 1+tt.again), handled)
		})
	}
}

// A file that somebody else has sent is not handled, however good it is.
func TestMESH_sender(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id := p.deliver("", file(t, caas.Record{Type: caas.Add, Number: number(0)}))
	source := p.source()
	source.From = "X26ELSE"
	found, err := receive(t, source, stored)
	if failure, ok := errors.AsType[*caas.DeliveryError](err); !ok || failure.ID != id || found.Deliveries != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	source.From = "x26caas"
	if found, err := receive(t, source, stored); found.Deliveries != 1 || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

// What a crash has left in the spool is written over.
func TestMESH_spool(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	source := p.source()
	source.Spool = t.TempDir()
	id := p.deliver("", file(t, caas.Record{Type: caas.Add, Number: number(0)}))
	if err := os.WriteFile(filepath.Join(source.Spool, id+".spool"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := receive(t, source, stored); found.Deliveries != 1 || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
	assertEmpty(t, source.Spool)

	p.deliver("", nil)
	source.Spool = filepath.Join(source.Spool, "file")
	if err := os.WriteFile(source.Spool, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := receive(t, source, stored); err == nil || !strings.Contains(err.Error(), "caas: spool: not a directory") {
		t.Errorf("a file for a spool: %v", err)
	}
}

func TestMESH_nilReturn(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.deliver("BSS_20260101121212_n0.parquet", file(t))
	if found, err := receive(t, p.source(), stored); err != nil || found.NilReturns != 0 || found.Deliveries != 1 {
		t.Errorf("a file without rows: %+v, %v", found, err)
	}
	p.deliver("", nilReturnFile(t))
	found, err := receive(t, p.source(), func(_ context.Context, d caas.Delivery) error {
		if records, errs := read(d.File); !d.NilReturn || len(records) != 1 || errs != nil {
			t.Errorf("a nil return %v, %v, %v", d.NilReturn, records, errs)
		}
		return nil
	})
	if err != nil || found.NilReturns != 1 || found.Deliveries != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestReportsAreSurfacedAndAcknowledged(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.server.Deliver("X26CAAS", meshtest.Message{From: "X26OURS", Workflow: workflow, Chunks: [][]byte{[]byte("x")}})
	undelivered := p.server.Waiting("X26CAAS")[0]
	p.now = p.now.Add(6 * 24 * time.Hour)
	noFile := func(context.Context, caas.Delivery) error { return errors.New("not a file") }

	if found, err := receive(t, p.source(), noFile); found != (caas.Received{}) || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if len(p.server.Waiting("X26OURS")) != 1 {
		t.Error("the report is gone though nobody saw it")
	}
	var reports []mesh.Report
	found, err := caas.Receive(t.Context(), p.source(), caas.Handlers{Delivery: noFile, Report: func(_ context.Context, r mesh.Report) error {
		reports = append(reports, r)
		return nil
	}})
	if found != (caas.Received{Reports: 1}) || err != nil || len(reports) != 1 || reports[0].MessageID != undelivered || reports[0].Code != "14" {
		t.Errorf("%+v, %v, %+v", found, err, reports)
	}
	if len(p.server.Waiting("X26OURS")) != 0 {
		t.Error("the report was not acknowledged")
	}
}

func TestMESH_cancelled(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := caas.Receive(ctx, p.source(), caas.Handlers{Delivery: stored}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
