package mesh_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

func TestSendArrives(t *testing.T) {
	t.Parallel()
	for name, zipped := range map[string]bool{"plain": false, "gzip": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.send(t, mesh.SendRequest{
				To: "X26ABC2", Workflow: workflow, Body: strings.NewReader("content"), Gzip: zipped,
				LocalID: "L1", Subject: "S", FileName: "f.csv", ContentType: "text/csv",
			})
			m, err := b.receiver.Download(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{readAll(t, m), m.From, m.LocalID, m.Subject, m.FileName, m.ContentType}
			if diff := cmp.Diff([]string{"content", "X26ABC1", "L1", "S", "f.csv", "text/csv"}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A lost answer to a send is an error, not a second message.
func TestSendIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]meshtest.Fault{
		"answer lost":      {Lose: true},
		"timeout":          {Status: http.StatusRequestTimeout},
		"too early":        {Status: http.StatusTooEarly},
		"too many at once": {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
		"bad gateway":      {Status: http.StatusBadGateway},
		"unavailable":      {Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}},
		"gateway timeout":  {Status: http.StatusGatewayTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.breakOnce(fault)
			_, err := b.sender.Send(t.Context(), mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: strings.NewReader("x")})
			failure, ok := errors.AsType[*nhs.Error](err)
			if !ok || failure.Attempts != 1 || !failure.Retryable() || failure.StatusCode != fault.Status {
				t.Errorf("got %v", err)
			}
			arrived := 0
			if fault.Lose {
				arrived = 1
			}
			if got := len(b.server.Waiting("X26ABC2")); got != arrived || len(b.requests) != 1 {
				t.Errorf("%d messages from %d requests", got, len(b.requests))
			}
		})
	}
}

func TestSendRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tt := range map[string]struct{ to, workflow, code string }{
		"unknown mailbox":  {"X26NONE", workflow, "12"},
		"unknown workflow": {"X26ABC2", "NONE", "17"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.sender.Send(t.Context(), mesh.SendRequest{To: tt.to, Workflow: tt.workflow, Body: strings.NewReader("x")})
			failure, ok := errors.AsType[*nhs.Error](err)
			if !ok || failure.StatusCode != http.StatusExpectationFailed || failure.Code != tt.code || !errors.Is(err, nhs.ErrInvalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSendRefusesBadInputLocally(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	long := strings.Repeat("x", 501)
	for want, spoil := range map[string]func(*mesh.SendRequest){
		"recipient mailbox must not be empty":                func(r *mesh.SendRequest) { r.To = "" },
		"recipient mailbox must have at most 100 characters": func(r *mesh.SendRequest) { r.To = long },
		"recipient mailbox must not be an address":           func(r *mesh.SendRequest) { r.To = "https://x" },
		"workflow id must not be empty":                      func(r *mesh.SendRequest) { r.Workflow = "" },
		"workflow id must not be an address":                 func(r *mesh.SendRequest) { r.Workflow = "HTTP://x" },
		"checksum must not be an address":                    func(r *mesh.SendRequest) { r.Checksum = "http://x" },
		"local id must have at most 300 characters":          func(r *mesh.SendRequest) { r.LocalID = long },
		"local id must not hold slashes or only dots: TrackLocalID could not find it": func(r *mesh.SendRequest) {
			r.LocalID = "2026/week-1"
		},
		"subject must have at most 500 characters":                         func(r *mesh.SendRequest) { r.Subject = long },
		"subject must be printable ASCII, without spaces at the ends":      func(r *mesh.SendRequest) { r.Subject = "a\r\nmex-To: X" },
		"file name must be printable ASCII, without spaces at the ends":    func(r *mesh.SendRequest) { r.FileName = " a" },
		"content type must be printable ASCII, without spaces at the ends": func(r *mesh.SendRequest) { r.ContentType = "é" },
		"checksum must have at most 100 characters":                        func(r *mesh.SendRequest) { r.Checksum = long },
		"checksum must be letters, digits, space, : - and / only":          func(r *mesh.SendRequest) { r.Checksum = "a=b" },
		"size must be 0 to 100000000000":                                   func(r *mesh.SendRequest) { r.Size = mesh.MaxMessage + 1 },
		"chunk size must be 0 to 100000000":                                func(r *mesh.SendRequest) { r.ChunkSize = mesh.MaxSend + 1 },
		"chunk size must be 0 to 99900000":                                 func(r *mesh.SendRequest) { r.ChunkSize, r.Gzip = mesh.MaxSend, true },
		"body must be at most 100000000000 bytes": func(r *mesh.SendRequest) {
			r.Body = io.NewSectionReader(strings.NewReader("x"), 0, mesh.MaxMessage+1)
		},
		"body must not be nil":   func(r *mesh.SendRequest) { r.Body = nil },
		"body must not be empty": func(r *mesh.SendRequest) { r.Body = strings.NewReader("") },
		"size must be given: the body has more than 100000000 bytes and cannot tell how many": func(r *mesh.SendRequest) { r.Body = io.LimitReader(zeros{}, mesh.MaxSend+1) },
	} {
		r := mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: strings.NewReader("x")}
		spoil(&r)
		_, err := c.Send(t.Context(), r)
		if err == nil || err.Error() != want || !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	failing := iotest.ErrReader(io.ErrNoProgress)
	for _, body := range []io.Reader{failing, io.MultiReader(strings.NewReader("x"), failing), endless{failing}} {
		_, err := c.Send(t.Context(), mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: body})
		if !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("got %v", err)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// endless cannot tell where it ends.
type endless struct{ io.Reader }

func (endless) Seek(_ int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return 0, io.ErrNoProgress
	}
	return 0, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A version 1 answer has another name for the id. Its message was accepted, so
// silence would be worse than an error.
func TestSendWithoutAReceiptIsAnError(t *testing.T) {
	t.Parallel()
	c, mock, path := mocked(t)
	mock.RegisterResponder("POST", path+"/outbox", httpmock.NewStringResponder(http.StatusAccepted, `{"messageID":"M1"}`))
	_, err := c.Send(t.Context(), mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: strings.NewReader("x")})
	if !errors.Is(err, nhs.ErrUnexpected) {
		t.Errorf("got %v", err)
	}
}
