package mesh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// text is content of 26 bytes.
const text = "abcdefghijklmnopqrstuvwxyz"

func chunked(body io.Reader, size int64) mesh.SendRequest {
	return mesh.SendRequest{To: "X26ABC2", Workflow: workflow, LocalID: "L1", Body: body, Size: size, ChunkSize: 10}
}

// hide hides all that a reader can do but read.
func hide(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

func file(t *testing.T, content string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestChunksArrive(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body   func(file func(string) *os.File) io.Reader
		size   int64
		want   string
		chunks int
	}{
		"reader with a length":  {func(func(string) *os.File) io.Reader { return strings.NewReader(text) }, 0, text, 3},
		"file":                  {func(file func(string) *os.File) io.Reader { return file(text) }, 0, text, 3},
		"section of a file":     {func(file func(string) *os.File) io.Reader { return io.NewSectionReader(file(text), 5, 11) }, 0, text[5:16], 2},
		"size given":            {func(func(string) *os.File) io.Reader { return hide(strings.NewReader(text)) }, 26, text, 3},
		"byte by byte":          {func(func(string) *os.File) io.Reader { return iotest.OneByteReader(strings.NewReader(text)) }, 26, text, 3},
		"whole chunks":          {func(func(string) *os.File) io.Reader { return strings.NewReader(text[:20]) }, 0, text[:20], 2},
		"one chunk":             {func(func(string) *os.File) io.Reader { return strings.NewReader(text[:10]) }, 0, text[:10], 1},
		"one chunk, no size":    {func(func(string) *os.File) io.Reader { return hide(strings.NewReader(text[:10])) }, 0, text[:10], 1},
		"less than one, a file": {func(file func(string) *os.File) io.Reader { return file(text[:3]) }, 0, text[:3], 1},
	} {
		for _, zipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gzip %t", name, zipped), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				r := chunked(tt.body(func(content string) *os.File { return file(t, content) }), tt.size)
				r.Gzip, r.Checksum = zipped, "SHA-256: 12ab/f"
				m, err := b.receiver.Download(t.Context(), b.send(t, r))
				if err != nil {
					t.Fatal(err)
				}
				if got := readAll(t, m); got != tt.want || m.Chunks != tt.chunks || m.Checksum != r.Checksum || m.LocalID != "L1" {
					t.Errorf("got %q in %d chunks, %+v", got, m.Chunks, m.Envelope)
				}
			})
		}
	}
}

// Repeats of chunks are safe, and after a lost answer to the last one the message
// is complete.
func TestChunksAreRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]meshtest.Fault{
		"answer lost": {Lose: true}, "unavailable": {Status: http.StatusServiceUnavailable},
	} {
		for _, number := range []string{"2", "3"} {
			t.Run(name+" "+number, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.fault = func(r *http.Request) meshtest.Fault {
					if strings.HasSuffix(r.URL.Path, "/"+number) && r.Method == http.MethodPost {
						b.fault = nil
						return fault
					}
					return meshtest.Fault{}
				}
				m, err := b.receiver.Download(t.Context(), b.send(t, chunked(strings.NewReader(text), 0)))
				if err != nil {
					t.Fatal(err)
				}
				if got := readAll(t, m); got != text {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// A message that broke off is not there for its receiver; Resume completes it.
func TestResume(t *testing.T) {
	t.Parallel()
	for failing := 2; failing <= 3; failing++ {
		b := newBench(t)
		b.fault = func(r *http.Request) meshtest.Fault {
			if strings.HasSuffix(r.URL.Path, fmt.Sprint("/", failing)) {
				return meshtest.Fault{Status: http.StatusServiceUnavailable}
			}
			return meshtest.Fault{}
		}
		_, err := b.sender.Send(t.Context(), chunked(strings.NewReader(text), 0))
		broken, ok := errors.AsType[*mesh.SendError](err)
		if !ok || broken.Chunk != failing || broken.Chunks != 3 || !errors.Is(err, nhs.ErrUnavailable) || mesh.Uncertain(err) {
			t.Fatalf("got %v", err)
		}
		if want := fmt.Sprintf("chunk %d of 3: mesh.Send: 503 Service Unavailable (4 attempts)", failing); err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
		b.fault = nil
		if got := b.server.Waiting("X26ABC2"); len(got) != 0 {
			t.Errorf("waiting: %q", got)
		}
		if _, err := b.receiver.Download(t.Context(), broken.MessageID); !errors.Is(err, nhs.ErrNotFound) {
			t.Errorf("incomplete: %v", err)
		}
		for range 2 { // to resume a complete message is no error
			if err := b.sender.Resume(t.Context(), chunked(hide(strings.NewReader(text)), 26), broken.MessageID, broken.Chunk); err != nil {
				t.Fatal(err)
			}
		}
		m, err := b.receiver.Download(t.Context(), broken.MessageID)
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, m); got != text {
			t.Errorf("got %q", got)
		}
	}
}

func TestResumeRefusesBadInput(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	for want, err := range map[string]error{
		"message id must be letters, digits, _ and - only":                      c.Resume(t.Context(), chunked(strings.NewReader(text), 0), "../x", 2),
		"chunk must be 2 to 3, the number of chunks":                            c.Resume(t.Context(), chunked(strings.NewReader(text), 0), "M", 4),
		"body must need several requests: a message of one is never incomplete": c.Resume(t.Context(), chunked(strings.NewReader("x"), 0), "M", 2),
		"recipient mailbox must not be empty":                                   c.Resume(t.Context(), mesh.SendRequest{}, "M", 2),
		"size is more than the body holds":                                      c.Resume(t.Context(), chunked(hide(strings.NewReader("x")), 26), "M", 2),
		"chunk 3 of 3: size is more than the body holds":                        c.Resume(t.Context(), chunked(strings.NewReader(text[:20]), 26), "M", 3),
		"chunk 2 of 2: size is less than the body holds":                        c.Resume(t.Context(), chunked(strings.NewReader(text), 20), "M", 2),
		"chunk 2 of 2: mesh.Resume: read body: multiple Read calls return no data or error": c.Resume(t.Context(),
			chunked(io.MultiReader(strings.NewReader(text[:12]), iotest.ErrReader(io.ErrNoProgress)), 20), "M", 2),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A body that cannot be read sends nothing, or nothing more, and what its error
// says is shown without numbers: it may name a file that is named after a patient.
func TestBodyThatFails(t *testing.T) {
	t.Parallel()
	broken := &fs.PathError{Op: "read", Path: "9990000018.csv", Err: io.ErrNoProgress}
	for at, want := range map[int]string{
		0:  "mesh.Send: read body: read [redacted].csv: multiple Read calls return no data or error",
		9:  "mesh.Send: read body: read [redacted].csv: multiple Read calls return no data or error",
		10: "chunk 2 of 3: mesh.Send: read body: read [redacted].csv: multiple Read calls return no data or error",
		26: "chunk 3 of 3: mesh.Send: read body: read [redacted].csv: multiple Read calls return no data or error",
	} {
		b := newBench(t)
		_, err := b.sender.Send(t.Context(), chunked(io.MultiReader(strings.NewReader(text[:at]), iotest.ErrReader(broken)), 26))
		if got := fmt.Sprintf("%+v", err); got != want || !errors.Is(err, broken) || mesh.Uncertain(err) {
			t.Errorf("after %d bytes: %s", at, got)
		}
		if sent := at / 10; len(b.requests) != sent || len(b.server.Waiting("X26ABC2")) != 0 {
			t.Errorf("after %d bytes: %d requests", at, len(b.requests))
		}
	}
}

// The end of the context ends the reading of a body that has much to say yet.
func TestBodyIsReadUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	for name, send := range map[string]func(context.Context, mesh.SendRequest) error{
		"send":   func(ctx context.Context, r mesh.SendRequest) error { _, err := c.Send(ctx, r); return err },
		"resume": func(ctx context.Context, r mesh.SendRequest) error { return c.Resume(ctx, r, "M1", 2) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		r := chunked(io.MultiReader(strings.NewReader(text), cancelling{cancel}), 2_000_000)
		r.ChunkSize = 1_000_000
		if err := send(ctx, r); !errors.Is(err, context.Canceled) || mesh.Uncertain(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// cancelling reads little by little, without end, and ends a context.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return copy(p, "x"), nil
}

// A size that is wrong leaves nothing the receiver could take for the message.
func TestSizeMustBeRight(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]mesh.SendRequest{
		"chunk 3 of 3: size is more than the body holds":                               chunked(strings.NewReader(text), 30),
		"chunk 2 of 2: size is less than the body holds":                               chunked(strings.NewReader(text), 19),
		"size is more than the body holds":                                             chunked(strings.NewReader(text[:4]), 5),
		"size is less than the body holds":                                             chunked(strings.NewReader(text[:5]), 4),
		"size must be given: the body has more than 10 bytes and cannot tell how many": chunked(hide(strings.NewReader(text)), 0),
	} {
		b := newBench(t)
		_, err := b.sender.Send(t.Context(), r)
		if err == nil || err.Error() != want || !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("got %v, want %s", err, want)
		}
		if got := b.server.Waiting("X26ABC2"); len(got) != 0 {
			t.Errorf("%s: waiting %q", want, got)
		}
	}
}

// The answer to the first request was lost: tracking by local id says that it
// arrived, and how far.
func TestUncertainSend(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.breakOnce(meshtest.Fault{Lose: true})
	_, err := b.sender.Send(t.Context(), chunked(strings.NewReader(text), 0))
	if !mesh.Uncertain(err) {
		t.Fatalf("got %v", err)
	}
	found, err := b.sender.TrackLocalID(t.Context(), "L1")
	if err != nil || found.Status != mesh.StatusUploading {
		t.Fatalf("found %+v, %v", found, err)
	}
	if err := b.sender.Resume(t.Context(), chunked(strings.NewReader(text), 0), found.MessageID, 2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{found.MessageID}, b.server.Waiting("X26ABC2")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUncertain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"none":             {nil, false},
		"no answer":        {&nhs.Error{Attempts: 1}, true},
		"not sent":         {&nhs.Error{}, false},
		"gateway":          {&mesh.Error{Err: &nhs.Error{StatusCode: http.StatusBadGateway, Attempts: 1}}, true},
		"no receipt":       {&nhs.Error{StatusCode: http.StatusAccepted, Attempts: 1, Kind: nhs.ErrUnexpected}, true},
		"refused":          {&mesh.Error{Err: &nhs.Error{StatusCode: http.StatusExpectationFailed, Attempts: 1}}, false},
		"argument":         {&nhs.ArgumentError{}, false},
		"a later chunk":    {&mesh.SendError{Err: &nhs.Error{Attempts: 1}}, false},
		"too many at once": {&nhs.Error{StatusCode: http.StatusTooManyRequests, Attempts: 1}, false},
	} {
		if got := mesh.Uncertain(tt.err); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Content beyond one request goes in chunks of 75 MiB, without being asked for.
func TestDefaultChunks(t *testing.T) {
	t.Parallel()
	c, mock, path := mocked(t)
	var ranges []string
	var sizes []int64
	answer := func(r *http.Request) (*http.Response, error) {
		n, err := io.Copy(io.Discard, r.Body)
		ranges, sizes = append(ranges, r.Header.Get("Mex-Chunk-Range")), append(sizes, n)
		return httpmock.NewStringResponse(http.StatusAccepted, `{"message_id":"M1"}`), err
	}
	mock.RegisterResponder("POST", path+"/outbox", answer)
	mock.RegisterResponder("POST", path+"/outbox/M1/2", answer)
	r := mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: io.LimitReader(zeros{}, mesh.MaxSend+1), Size: mesh.MaxSend + 1}
	if _, err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{75 << 20, mesh.MaxSend + 1 - 75<<20}, sizes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1:2", "2:2"}, ranges); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
