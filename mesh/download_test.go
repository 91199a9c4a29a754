package mesh_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

func TestDownloadFollowsChunks(t *testing.T) {
	t.Parallel()
	parts := [][]byte{[]byte("one,"), []byte("two,"), {}, []byte("three")}
	for name, zipped := range map[string]bool{"plain": false, "each chunk compressed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.server.Deliver("X26ABC2", meshtest.Message{
				From: "X26ABC1", Workflow: workflow, LocalID: "L1", Subject: "S", FileName: "f.txt",
				ContentType: "text/plain", Gzip: zipped, Chunks: parts,
			})
			m, err := b.receiver.Download(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(iotest.OneByteReader(m))
			if err != nil || string(content) != "one,two,three" {
				t.Errorf("content %q, %v", content, err)
			}
			if _, err := m.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
			got := []any{m.ID, m.Type, m.From, m.To, m.Workflow, m.LocalID, m.Subject, m.FileName, m.ContentType, m.Chunks, m.Report}
			want := []any{id, mesh.TypeData, "X26ABC1", "X26ABC2", workflow, "L1", "S", "f.txt", "text/plain", 4, (*mesh.Report)(nil)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("metadata (-want +got)\n%s", diff)
			}
			if m.Header.Get("Mex-Version") != "1.0" {
				t.Error("headers are missing")
			}
		})
	}
}

func TestDownloadIsRepeatedAtEveryChunk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{[]byte("a"), []byte("b")}})
	attempts := 0
	b.fault = func(*http.Request) meshtest.Fault {
		attempts++
		if attempts%2 == 1 {
			return meshtest.Fault{Status: http.StatusBadGateway}
		}
		return meshtest.Fault{}
	}
	m, err := b.receiver.Download(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, m); got != "ab" {
		t.Errorf("content %q", got)
	}
}

func TestDownloadErrors(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{[]byte("a")}})
	for id, want := range map[string]error{"NO_SUCH": nhs.ErrNotFound, mine: nhs.ErrForbidden, "../inbox": nhs.ErrInvalid, "": nhs.ErrInvalid} {
		if _, err := b.sender.Download(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", id, err, want)
		}
	}
}

func TestAnUncollectedMessageComesBackAsAReport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	lost := b.send(t, mesh.SendRequest{LocalID: "L7", Subject: "weekly", Body: strings.NewReader("x")})
	b.clock.advance(5 * 24 * time.Hour)
	failure, ok := errors.AsType[*nhs.Error](b.receiver.Acknowledge(t.Context(), lost))
	if !ok || failure.StatusCode != http.StatusGone || !errors.Is(failure, nhs.ErrNotFound) {
		t.Errorf("acknowledge: %v", failure)
	}
	waiting := b.server.Waiting("X26ABC1")
	if len(waiting) != 1 {
		t.Fatalf("the sender has %d messages", len(waiting))
	}
	m, err := b.sender.Download(t.Context(), waiting[0])
	if err != nil {
		t.Fatal(err)
	}
	if content := readAll(t, m); content != "" || m.Type != mesh.TypeReport || m.LocalID != "L7" {
		t.Errorf("%+v with content %q", m, content)
	}
	want := &mesh.Report{
		MessageID: lost, Code: "14", Event: "SEND",
		Description: "Message not collected by recipient after 5 days", Timestamp: "20260107153000",
	}
	if diff := cmp.Diff(want, m.Report); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func zip(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// A message must never end early or come together wrongly without an error.
func TestBrokenContentIsAnError(t *testing.T) {
	t.Parallel()
	type part struct {
		status             int
		chunks, code, body string
	}
	for name, tt := range map[string]struct {
		parts []part
		want  error
	}{
		"whole, but one of two":    {[]part{{200, "1:2", "", "a"}}, nhs.ErrUnexpected},
		"partial, but one of one":  {[]part{{206, "1:1", "", "a"}}, nhs.ErrUnexpected},
		"not the first":            {[]part{{206, "2:3", "", "a"}}, nhs.ErrUnexpected},
		"range without meaning":    {[]part{{200, "a:b", "", "a"}}, nhs.ErrUnexpected},
		"out of order":             {[]part{{206, "1:3", "", "a"}, {200, "3:3", "", "b"}}, nhs.ErrUnexpected},
		"total changes":            {[]part{{206, "1:2", "", "a"}, {206, "2:3", "", "b"}}, nhs.ErrUnexpected},
		"second chunk gone":        {[]part{{206, "1:2", "", "a"}, {410, "", "", ""}}, nhs.ErrNotFound},
		"unknown encoding":         {[]part{{200, "1:1", "br", "a"}}, nhs.ErrUnexpected},
		"not gzip":                 {[]part{{200, "1:1", "gzip", "not gzip at all"}}, nhs.ErrUnexpected},
		"gzip of nothing":          {[]part{{200, "1:1", "gzip", ""}}, io.ErrUnexpectedEOF},
		"gzip cut short":           {[]part{{200, "1:1", "gzip", zip("content")[:20]}}, io.ErrUnexpectedEOF},
		"gzip with wrong checksum": {[]part{{200, "1:1", "gzip", zip("content")[:23] + "\x00\x00\x00\x00\x07\x00\x00\x00"}}, nhs.ErrUnexpected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, mock, _ := mocked(t)
			served := 0
			mock.RegisterRegexpResponder("GET", anyPath(), func(*http.Request) (*http.Response, error) {
				p := tt.parts[min(served, len(tt.parts)-1)]
				served++
				resp := httpmock.NewStringResponse(p.status, p.body)
				resp.Header = http.Header{"Mex-Messagetype": {"DATA"}, "Mex-Chunk-Range": {p.chunks}, "Content-Encoding": {p.code}}
				return resp, nil
			})
			m, err := c.Download(t.Context(), "M1")
			if err == nil {
				_, err = io.ReadAll(m)
			}
			if _, ok := errors.AsType[*nhs.Error](err); !ok || !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// Nor may it be another one, or end before the chunks that its headers tell of.
func TestHeadersThatDisagree(t *testing.T) {
	t.Parallel()
	header := func(pairs ...string) http.Header {
		h := http.Header{"Mex-Messagetype": {"DATA"}}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	const of, in, id = "Mex-Total-Chunks", "Mex-Chunk-Range", "Mex-Messageid"
	for name, tt := range map[string]struct {
		status int
		header http.Header
		fail   bool
	}{
		"whole":                    {200, header(id, "m1", of, "1", in, "1:1"), false},
		"no headers":               {200, header(), false},
		"report":                   {200, header(id, "M1", of, "0", in, "1:0"), false},
		"no content":               {204, header(), true},
		"accepted":                 {202, header(of, "1", in, "1:1"), true},
		"another message":          {200, header(id, "M2", of, "1", in, "1:1"), true},
		"whole, one of three":      {200, header(of, "3"), true},
		"partial, one of one":      {206, header(of, "1"), true},
		"partial, one of some":     {206, header(), true},
		"total is not the range's": {200, header(of, "3", in, "1:1"), true},
		"total without meaning":    {200, header(of, "x"), true},
		"total below nothing":      {200, header(of, "-1"), true},
	} {
		c, mock, _ := mocked(t)
		mock.RegisterRegexpResponder("GET", anyPath(), func(*http.Request) (*http.Response, error) {
			resp := httpmock.NewStringResponse(tt.status, "content")
			resp.Header = tt.header
			return resp, nil
		})
		_, err := c.Download(t.Context(), "M1")
		if errors.Is(err, nhs.ErrUnexpected) != tt.fail || (err != nil) != tt.fail {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The total alone holds chunks together too.
func TestTotalOfChunks(t *testing.T) {
	t.Parallel()
	for last, want := range map[string]error{"3": nil, "2": nhs.ErrUnexpected} {
		c, mock, path := mocked(t)
		for chunk, answer := range map[string]struct {
			status int
			total  string
		}{"": {206, "3"}, "/2": {206, "3"}, "/3": {200, last}} {
			mock.RegisterResponder("GET", path+"/inbox/M1"+chunk, func(*http.Request) (*http.Response, error) {
				resp := httpmock.NewStringResponse(answer.status, "x")
				resp.Header.Set("Mex-Total-Chunks", answer.total)
				return resp, nil
			})
		}
		m, err := c.Download(t.Context(), "M1")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(m); !errors.Is(err, want) || (want == nil && (err != nil || string(got) != "xxx")) {
			t.Errorf("%s: read %q, %v", last, got, err)
		}
	}
}

func TestReadingEndsWithTheContextAndWithClose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{[]byte("a"), []byte("b")}})
	ctx, cancel := context.WithCancel(t.Context())
	m, err := b.receiver.Download(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(m); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
	_ = m.Close()

	m, err = b.receiver.Download(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after close: %v", err)
	}
}

// A connection that stays open and brings nothing more is given up; one that is
// slow is not.
func TestReadingLosesPatience(t *testing.T) {
	t.Parallel()
	for stall, want := range map[time.Duration]error{4 * time.Minute: nil, time.Hour: nhs.ErrUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			c, mock, _ := mocked(t)
			mock.RegisterRegexpResponder("GET", anyPath(), func(r *http.Request) (*http.Response, error) {
				read, write := io.Pipe()
				context.AfterFunc(r.Context(), func() { _ = write.CloseWithError(r.Context().Err()) })
				go func() {
					defer write.Close()
					for range 3 {
						time.Sleep(stall)
						_, _ = io.WriteString(write, "x")
					}
				}()
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: read}, nil
			})
			m, err := c.Download(t.Context(), "M1")
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = io.ReadAll(m)
			wait := 3 * stall
			if want != nil {
				wait = 5 * time.Minute
			}
			if took := time.Since(start); !errors.Is(err, want) || (err == nil) != (want == nil) || took != wait {
				t.Errorf("%s: got %v after %v", stall, err, took)
			}
			_ = m.Close()
			time.Sleep(4 * time.Hour) // what still writes ends
		})
	}
}

// Whatever comes, a message that reads to its end is whole.
func FuzzDownload(f *testing.F) {
	f.Add(200, "1:1", "1", "gzip", []byte(zip("content")), "DATA")
	f.Add(206, "1:2", "2", "", []byte("a"), "DATA")
	f.Add(206, "", "", "", []byte{}, "DATA")
	f.Add(200, "1:0", "0", "", []byte{}, "REPORT")
	f.Add(417, "", "", "", []byte(`{"detail":[{"event":"SEND","code":"12","msg":"m"}]}`), "")
	f.Add(400, "", "", "", []byte(`{"detail":[{"loc":["header",1],"type":"t"}]}`), "")
	f.Fuzz(func(t *testing.T, status int, chunks, total, encoding string, body []byte, kind string) {
		c, mock, _ := mocked(t)
		mock.RegisterRegexpResponder("GET", anyPath(), func(*http.Request) (*http.Response, error) {
			resp := httpmock.NewBytesResponse(status, body)
			resp.Header = http.Header{
				"Mex-Messagetype": {kind}, "Mex-Chunk-Range": {chunks}, "Mex-Total-Chunks": {total}, "Content-Encoding": {encoding},
			}
			return resp, nil
		})
		m, err := c.Download(t.Context(), "M1")
		if err != nil {
			return
		}
		defer m.Close()
		const most = 1 << 20
		n, err := io.Copy(io.Discard, io.LimitReader(m, most))
		if err == nil && n < most && (status != http.StatusOK || m.Chunks > 1) {
			t.Errorf("one answer of status %d and range %q was a whole message of %d chunks", status, chunks, m.Chunks)
		}
	})
}
