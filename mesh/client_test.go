package mesh_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

func TestNewRefusesBadArguments(t *testing.T) {
	t.Parallel()
	app := func(env nhs.Environment) *nhs.App {
		a, err := nhs.NewApp(env, nhs.Anonymous{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	good := sender()
	for name, tt := range map[string]struct {
		app  *nhs.App
		box  mesh.Mailbox
		want string
	}{
		"no app":      {nil, good, "app must not be nil"},
		"sandbox":     {app(nhs.Sandbox), good, "environment has no MESH; use Integration, Production or Loopback"},
		"no id":       {app(nhs.Integration), mesh.Mailbox{Password: "p", SharedKey: "k"}, "mailbox id must be letters, digits, _ and - only"},
		"id of path":  {app(nhs.Integration), mesh.Mailbox{ID: "../X", Password: "p", SharedKey: "k"}, "mailbox id must be letters, digits, _ and - only"},
		"no password": {app(nhs.Integration), mesh.Mailbox{ID: "X", SharedKey: "k"}, "mailbox password must not be empty"},
		"no key":      {app(nhs.Integration), mesh.Mailbox{ID: "X", Password: "p"}, "shared key must not be empty"},
		"password as a file ends": {
			app(nhs.Integration),
			mesh.Mailbox{ID: "X", Password: "p\n", SharedKey: "k"},
			"mailbox password must not hold a line break or other control character",
		},
		"key as a file ends": {
			app(nhs.Integration),
			mesh.Mailbox{ID: "X", Password: "p", SharedKey: "k\r\n"},
			"shared key must not hold a line break or other control character",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mesh.New(tt.app, tt.box)
			if err == nil || err.Error() != tt.want || !errors.Is(err, nhs.ErrInvalid) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestHandshakeSendsRequiredHeaders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.sender.Handshake(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.sender.Mailbox(); got != "X26ABC1" {
		t.Errorf("mailbox %q", got)
	}
}

func TestEveryAttemptHasItsOwnToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	failures := 2
	b.fault = func(*http.Request) meshtest.Fault {
		if failures == 0 {
			return meshtest.Fault{}
		}
		failures--
		return meshtest.Fault{Status: http.StatusServiceUnavailable}
	}
	if err := b.sender.Handshake(t.Context()); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]bool{}
	for _, r := range b.requests {
		tokens[r.Header.Get("Authorization")] = true
	}
	if len(b.requests) != 3 || len(tokens) != 3 {
		t.Errorf("%d requests with %d tokens, want 3 with 3", len(b.requests), len(tokens))
	}
}

// A lost answer to a request that took effect: the repeat needs a new token, and
// acknowledging twice is no error.
func TestAcknowledgeSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.send(t, mesh.SendRequest{Body: strings.NewReader("x")})
	b.breakOnce(meshtest.Fault{Lose: true})
	if err := b.receiver.Acknowledge(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{}, b.server.Waiting("X26ABC2")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A connection kept open breaks while an answer is awaited: the repeat has a token
// of its own, whatever the method.
func TestABrokenConnectionNeedsANewToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{[]byte("a"), []byte("b")}})
	for name, call := range map[string]func(context.Context, *mesh.Client) error{
		"handshake": func(ctx context.Context, c *mesh.Client) error { return c.Handshake(ctx) },
		"list": func(ctx context.Context, c *mesh.Client) error {
			_, err := c.InboxPage(ctx, mesh.InboxQuery{}, "")
			return err
		},
		"head": func(ctx context.Context, c *mesh.Client) error { _, err := c.Head(ctx, id); return err },
		"download": func(ctx context.Context, c *mesh.Client) error {
			m, err := c.Download(ctx, id)
			if err == nil {
				err = m.Close()
			}
			return err
		},
		"acknowledge": func(ctx context.Context, c *mesh.Client) error { return c.Acknowledge(ctx, id) },
	} {
		if err := b.receiver.Handshake(t.Context()); err != nil { // opens a connection
			t.Fatal(err)
		}
		b.breakOnce(meshtest.Fault{Lose: true})
		if err := call(t.Context(), b.receiver); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range b.requests {
		if len(r.TransferEncoding) > 0 {
			t.Errorf("%s %s has a body", r.Method, r.URL.Path)
		}
	}
}

func TestAReplayedTokenIsForbidden(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.sender.Handshake(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := b.requests[0]
	again, err := http.NewRequestWithContext(t.Context(), first.Method, b.url+first.URL.Path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	again.Header = first.Header.Clone()
	resp, err := http.DefaultTransport.RoundTrip(again)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", resp.StatusCode)
	}
}

func TestWrongSecretsAreForbidden(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, spoil := range map[string]func(*mesh.Mailbox){
		"password": func(m *mesh.Mailbox) { m.Password = "guess" },
		"key":      func(m *mesh.Mailbox) { m.SharedKey = "guess" },
		"mailbox":  func(m *mesh.Mailbox) { m.ID = "X26NONE" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := sender()
			spoil(&box)
			err := b.client(t, box).Handshake(t.Context())
			if !errors.Is(err, nhs.ErrForbidden) {
				t.Errorf("got %v, want forbidden", err)
			}
		})
	}
}

// MESH answers refusals in several shapes; all become issues.
func TestErrorShapes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want []nhs.Issue
	}{
		"version 2": {
			`{"message_id":"m","internal_id":"i","detail":[{"event":"SEND","code":"12","msg":"unregistered to address"}]}`,
			[]nhs.Issue{{Code: "12", Text: "SEND: unregistered to address"}},
		},
		"version 1": {
			`{"messageID":"m","errorEvent":"SEND","errorCode":"14","errorDescription":"not collected"}`,
			[]nhs.Issue{{Code: "14", Text: "SEND: not collected"}},
		},
		"version 1 without code": {`{"errorDescription":"no mailbox matches"}`, []nhs.Issue{{Text: "no mailbox matches"}}},
		"malformed request": {
			`{"detail":[{"type":"missing","loc":["header","mex-osname",0],"msg":"field required"}]}`,
			[]nhs.Issue{{Code: "missing", Pointer: "header/mex-osname/0", Text: "field required"}},
		},
		"word for a code": {
			`{"detail":[{"event":"SEND","code":"UnsupportedContentEncoding","msg":"gzip only"}]}`,
			[]nhs.Issue{{Code: "UnsupportedContentEncoding", Text: "SEND: gzip only"}},
		},
		"detail as text":   {`{"detail":"Not Found"}`, []nhs.Issue{{Text: "Not Found"}}},
		"message only":     {`{"message":"locked"}`, []nhs.Issue{{Text: "locked"}}},
		"nothing":          {`{}`, nil},
		"null detail":      {`{"detail":null}`, nil},
		"odd detail":       {`{"detail":[7,{"code":7}]}`, nil},
		"not JSON":         {`<html>gateway</html>`, nil},
		"no body whatever": {``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, mock, path := mocked(t)
			mock.RegisterResponder("POST", path, httpmock.NewStringResponder(http.StatusExpectationFailed, tt.body))
			failure, ok := errors.AsType[*nhs.Error](c.Handshake(t.Context()))
			if !ok {
				t.Fatal("no *nhs.Error")
			}
			if diff := cmp.Diff(tt.want, failure.Issues); diff != "" {
				t.Errorf("issues (-want +got)\n%s", diff)
			}
			if failure.StatusCode != http.StatusExpectationFailed || !errors.Is(failure, nhs.ErrInvalid) {
				t.Errorf("got %v", failure)
			}
			if len(tt.want) > 0 && failure.Code != tt.want[0].Code {
				t.Errorf("code %q", failure.Code)
			}
		})
	}
}

func TestSecretsAndPatientDataStayOut(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber("9990000018")
	secrets := []string{number.Reveal(), number.Display(), "sender-secret", "environment-secret"}

	log := &bytes.Buffer{}
	c, mock, _ := mocked(t, nhs.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	refusal := `{"message_id":"` + number.Reveal() + `","detail":[{"event":"` + number.Reveal() + `","code":"` + number.Reveal() + `","msg":"patient ` + number.Reveal() + `"}]}`
	for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
		mock.RegisterRegexpResponder(method, anyPath(), httpmock.NewStringResponder(http.StatusBadRequest, refusal))
	}
	id := "20260102_" + number.Reveal()
	errs := []error{c.Handshake(t.Context()), c.Acknowledge(t.Context(), id), c.Acknowledge(t.Context(), number.Display())}
	_, err := c.Download(t.Context(), id)
	errs = append(errs, err)
	_, err = c.InboxPage(t.Context(), mesh.InboxQuery{Workflow: number.Reveal()}, "")
	errs = append(errs, err)
	_, err = c.Send(t.Context(), mesh.SendRequest{
		To: "X26ABC2", Workflow: workflow, Subject: number.Reveal(), Body: strings.NewReader(number.Reveal()),
	})
	errs = append(errs, err)
	_, err = c.Send(t.Context(), mesh.SendRequest{To: "X\n" + number.Reveal(), Workflow: workflow})
	errs = append(errs, err)
	_, err = c.Head(t.Context(), id)
	errs = append(errs, err)
	_, err = c.Track(t.Context(), id)
	errs = append(errs, err)
	_, err = c.TrackLocalID(t.Context(), number.Reveal())
	errs = append(errs, err)
	_, err = c.Lookup(t.Context(), number.Reveal(), number.Display())
	errs = append(errs, err)
	_, err = c.LookupWorkflow(t.Context(), number.Reveal())
	errs = append(errs, err, c.Resume(t.Context(), chunked(strings.NewReader(text), 0), id, 2), c.Poll(t.Context(), mesh.Poller{Message: accept, Report: note}))
	for _, err := range errs {
		if err == nil {
			t.Fatal("no error")
		}
		contains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secrets...)
		slog.New(slog.NewTextHandler(log, nil)).Info("failed", "error", err)
	}
	contains(t, log.String(), secrets...)
	contains(t, fmt.Sprintf("%v %+v %#v %s", sender(), sender(), sender(), struct{ M mesh.Mailbox }{sender()}), secrets...)
	contains(t, fmt.Sprintf("%v %+v %#v", c, c, c), secrets...)

	logged := &bytes.Buffer{}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(logged, nil), slog.NewTextHandler(logged, nil)} {
		slog.New(handler).Info("box", "mailbox", sender(), "config", struct{ MESH []mesh.Mailbox }{[]mesh.Mailbox{sender()}})
	}
	contains(t, logged.String(), secrets...)
	if n := strings.Count(logged.String(), sender().ID); n != 4 {
		t.Errorf("the log tells the mailbox %d times: %s", n, logged)
	}
}
