package caas_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

func exampleSubscription() caas.Subscription {
	return caas.Subscription{To: "X26CAAS", Workflow: "SUBSCRIBE", Name: "2026-w01", Key: []byte("a secret of the programme, 32 bytes")}
}

func (p *post) subscribe(t *testing.T, s caas.Subscription, people ...nhs.Number) (caas.Receipt, error) {
	t.Helper()
	return caas.Subscribe(t.Context(), p.box, s, slices.Values(people))
}

// watch notes what is sent to MESH, and breaks what fault says.
func (p *post) watch(fault func(*http.Request) meshtest.Fault) *[]*http.Request {
	var sent []*http.Request
	p.breakWith(func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodPost {
			sent = append(sent, r.Clone(r.Context()))
		}
		return fault(r)
	})
	return &sent
}

func noFault(*http.Request) meshtest.Fault { return meshtest.Fault{} }

// lose loses the answer to every send.
func lose(r *http.Request) meshtest.Fault { return meshtest.Fault{Lose: r.Method == http.MethodPost} }

func TestSubscribe(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sent := p.watch(noFault)
	receipt, err := p.subscribe(t, exampleSubscription(), number(0), number(1))
	if err != nil {
		t.Fatal(err)
	}
	waiting := p.server.Waiting("X26CAAS")
	if len(waiting) != 1 || receipt.MessageID != waiting[0] || receipt.People != 2 || receipt.Repeated {
		t.Errorf("receipt %+v, waiting %v", receipt, waiting)
	}
	if !strings.HasPrefix(receipt.LocalID, "2026-w01_") || len(receipt.LocalID) != len("2026-w01_")+32 {
		t.Errorf("local id %q", receipt.LocalID)
	}
	if len(*sent) != 1 {
		t.Fatalf("%d requests", len(*sent))
	}
	h := (*sent)[0].Header
	for name, want := range map[string]string{
		"Mex-To": "X26CAAS", "Mex-Workflowid": "SUBSCRIBE", "Mex-Filename": "CaaSSubscribe.parquet", "Mex-Localid": receipt.LocalID,
		"Content-Type": "application/octet-stream", "Content-Encoding": "", "Mex-Chunk-Range": "", "Mex-Subject": "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, values := range h {
		assertMasked(t, name+strings.Join(values, " "), number(0))
	}
}

// The same people under the same name are sent once, in whatever order they come;
// other people, another name and another key are another message.
func TestSubscribe_again(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	first, err := p.subscribe(t, exampleSubscription(), number(0), number(1))
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.subscribe(t, exampleSubscription(), number(1), number(0))
	want := first
	want.Repeated = true
	if err != nil || again != want {
		t.Errorf("again %+v, %v; want %+v", again, err, want)
	}
	renamed, rekeyed := exampleSubscription(), exampleSubscription()
	renamed.Name, rekeyed.Key = "2026-w02", []byte("another secret of the programme, too")
	for what, send := range map[string]func() (caas.Receipt, error){
		"one more": func() (caas.Receipt, error) {
			return p.subscribe(t, exampleSubscription(), number(0), number(1), number(2))
		},
		"one less":     func() (caas.Receipt, error) { return p.subscribe(t, exampleSubscription(), number(0)) },
		"another name": func() (caas.Receipt, error) { return p.subscribe(t, renamed, number(0), number(1)) },
		"another key":  func() (caas.Receipt, error) { return p.subscribe(t, rekeyed, number(0), number(1)) },
	} {
		if r, err := send(); err != nil || r.Repeated || r.MessageID == first.MessageID || r.LocalID == first.LocalID {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	if n := len(p.server.Waiting("X26CAAS")); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
}

// However the answer is lost, there is one message in the end.
func TestSubscribe_lostAnswer(t *testing.T) {
	t.Parallel()
	unavailable := func(method string) func(*http.Request) meshtest.Fault {
		return func(r *http.Request) meshtest.Fault {
			if r.Method == method {
				return meshtest.Fault{Status: http.StatusServiceUnavailable}
			}
			return meshtest.Fault{}
		}
	}
	afterSend := func(fault meshtest.Fault) func(*http.Request) meshtest.Fault {
		posted := false
		return func(r *http.Request) meshtest.Fault {
			if r.Method == http.MethodPost {
				posted = true
				return meshtest.Fault{Lose: true}
			}
			if posted {
				return fault
			}
			return meshtest.Fault{}
		}
	}
	for name, tt := range map[string]struct {
		fault    func(*http.Request) meshtest.Fault
		want     error // of the first call
		repeated bool  // says the second
	}{
		"found":                  {lose, nil, true},
		"found by the next call": {afterSend(meshtest.Fault{Status: http.StatusServiceUnavailable}), caas.ErrUncertain, true},
		"lost twice":             {afterSend(meshtest.Fault{Lose: true}), caas.ErrUncertain, true},
		"never arrived":          {unavailable(http.MethodPost), caas.ErrUncertain, false},
		"not even asked":         {unavailable(http.MethodGet), nhs.ErrUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			p.breakWith(tt.fault)
			_, err := p.subscribe(t, exampleSubscription(), number(0))
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if errors.Is(err, caas.ErrUncertain) && !errors.Is(err, nhs.ErrUnavailable) {
				t.Errorf("the cause is gone: %v", err)
			}
			p.breakWith(nil)
			receipt, err := p.subscribe(t, exampleSubscription(), number(0))
			waiting := p.server.Waiting("X26CAAS")
			if err != nil || receipt.Repeated != tt.repeated || len(waiting) != 1 || receipt.MessageID != waiting[0] {
				t.Errorf("%+v, %v, waiting %v", receipt, err, waiting)
			}
		})
	}
}

// A caller that gives up while the file is on its way may call again.
func TestSubscribe_cancelled(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.breakWith(func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodPost {
			cancel()
		}
		return meshtest.Fault{Lose: r.Method == http.MethodPost}
	})
	_, err := caas.Subscribe(ctx, p.box, exampleSubscription(), slices.Values([]nhs.Number{number(0)}))
	if !errors.Is(err, caas.ErrUncertain) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	ended, err := caas.Subscribe(ctx, p.box, exampleSubscription(), slices.Values([]nhs.Number{number(1)}))
	if !errors.Is(err, context.Canceled) || errors.Is(err, caas.ErrUncertain) {
		t.Errorf("before anything is sent: %+v, %v", ended, err)
	}
}

// A subscription that nobody collects is told of, in the inbox and to the next call.
func TestSubscribe_undelivered(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	if _, err := p.subscribe(t, exampleSubscription(), number(0)); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(5 * 24 * time.Hour)
	if _, err := p.subscribe(t, exampleSubscription(), number(0)); !errors.Is(err, caas.ErrUndelivered) {
		t.Errorf("got %v", err)
	}
	var reports []mesh.Report
	source := p.source()
	source.Workflow = "SUBSCRIBE"
	_, err := caas.Receive(t.Context(), source, caas.Handlers{Delivery: stored, Report: func(_ context.Context, r mesh.Report) error {
		reports = append(reports, r)
		return nil
	}})
	if err != nil || len(reports) != 1 || reports[0].Code != "14" {
		t.Errorf("%+v, %v", reports, err)
	}
}

func TestSubscribe_refused(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	s := exampleSubscription()
	s.Workflow = "NOT_REGISTERED"
	_, err := p.subscribe(t, s, number(0))
	if refused, ok := errors.AsType[*mesh.Error](err); !ok || refused.Code != "17" || errors.Is(err, caas.ErrUncertain) {
		t.Errorf("got %v", err)
	}
}

// Nothing is sent, and nothing is asked, for what cannot be right.
func TestSubscribe_refusesBadArguments(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	asked := 0
	p.breakWith(func(*http.Request) meshtest.Fault {
		asked++
		return meshtest.Fault{}
	})
	one := slices.Values([]nhs.Number{number(0)})
	change := func(f func(*caas.Subscription)) caas.Subscription {
		s := exampleSubscription()
		f(&s)
		return s
	}
	for name, tt := range map[string]struct {
		s      caas.Subscription
		people iter.Seq[nhs.Number]
		want   string
	}{
		"no recipient":  {change(func(s *caas.Subscription) { s.To = "" }), one, "recipient mailbox"},
		"no workflow":   {change(func(s *caas.Subscription) { s.Workflow = "" }), one, "workflow id"},
		"no name":       {change(func(s *caas.Subscription) { s.Name = "" }), one, "name"},
		"name in parts": {change(func(s *caas.Subscription) { s.Name = "2026/w01" }), one, "name"},
		"long name":     {change(func(s *caas.Subscription) { s.Name = strings.Repeat("x", 101) }), one, "name"},
		"number a name": {change(func(s *caas.Subscription) { s.Name = "for-" + number(0).Reveal() }), one, "name"},
		"short key":     {change(func(s *caas.Subscription) { s.Key = s.Key[:31] }), one, "key"},
		"nobody":        {exampleSubscription(), func(func(nhs.Number) bool) {}, "people"},
		"twice":         {exampleSubscription(), slices.Values([]nhs.Number{number(0), number(0)}), "people"},
		"no people":     {exampleSubscription(), nil, "people"},
	} {
		_, err := caas.Subscribe(t.Context(), p.box, tt.s, tt.people)
		assertArgument(t, name, err, tt.want)
		assertMasked(t, err.Error(), number(0))
	}
	_, err := caas.Subscribe(t.Context(), nil, exampleSubscription(), one)
	assertArgument(t, "no mailbox", err, "mailbox")
	if asked != 0 {
		t.Errorf("%d requests", asked)
	}
}

// A subscription holds a key, and a name of somebody's choosing.
func TestSubscription_masks(t *testing.T) {
	t.Parallel()
	s := exampleSubscription()
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s), s.LogValue().String()} {
		if !strings.Contains(text, "Subscription(2026-w01)") || strings.Contains(text, "secret") || strings.Contains(text, "X26") {
			t.Errorf("printed %q", text)
		}
	}
	s.Name = number(0).Reveal()
	assertMasked(t, fmt.Sprint(s), number(0))
	if text := fmt.Sprintf("%x", s); strings.Contains(text, hex.EncodeToString(s.Key)) {
		t.Errorf("printed %q", text)
	}
}
