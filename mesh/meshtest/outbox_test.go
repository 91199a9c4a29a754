package meshtest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// raw speaks to a server without the client, each request with its own token.
type raw struct {
	*meshtest.Server

	now   time.Time
	count int
}

func newRaw(limit int64) *raw {
	r := &raw{now: time.Date(2026, 1, 2, 15, 30, 0, 0, time.UTC)}
	box := func(id string, workflows ...string) meshtest.Mailbox {
		return meshtest.Mailbox{Mailbox: mesh.Mailbox{ID: id, Password: "password", SharedKey: "TestKey"}, Workflows: workflows}
	}
	r.Server = meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{box("X26ABC1", "W"), box("X26ABC2", "W")}, MaxRequest: limit, Now: func() time.Time { return r.now },
	})
	return r
}

// post sends content for a mailbox, and returns status, error code and message id.
func (s *raw) post(t *testing.T, box, path, body string, header map[string]string) (status int, code, id string) {
	t.Helper()
	s.count++
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/messageexchange/"+box+"/outbox"+path, strings.NewReader(body))
	req.Header.Set("Accept", mediaType)
	nonce := "8f1e2a34-5b6c-4d7e-8f90-123456789abc"
	mac := hmac.New(sha256.New, []byte("TestKey"))
	stamp := s.now.Format("200601021504")
	fmt.Fprintf(mac, "%s:%s:%d:password:%s", box, nonce, s.count, stamp)
	req.Header.Set("Authorization", fmt.Sprintf("NHSMESH %s:%s:%d:%s:%s", box, nonce, s.count, stamp, hex.EncodeToString(mac.Sum(nil))))
	for name, v := range header {
		req.Header.Set(name, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	var answer struct {
		MessageID string `json:"message_id"`
		Detail    []struct {
			Code string `json:"code"`
		} `json:"detail"`
	}
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if len(answer.Detail) > 0 {
		code = answer.Detail[0].Code
	}
	return w.Code, code, answer.MessageID
}

func TestChunkRules(t *testing.T) {
	t.Parallel()
	const odd = "InvalidHeaderChunks"
	for name, tt := range map[string]struct {
		box, chunk, body string
		header           map[string]string
		status           int
		code             string
	}{
		"in order":              {"X26ABC1", "2", "b", map[string]string{"Mex-Chunk-Range": "2:3"}, http.StatusAccepted, ""},
		"out of order":          {"X26ABC1", "3", "c", map[string]string{"Mex-Chunk-Range": "3:3"}, http.StatusExpectationFailed, odd},
		"too many":              {"X26ABC1", "4", "d", map[string]string{"Mex-Chunk-Range": "4:4"}, http.StatusNotAcceptable, ""},
		"first again":           {"X26ABC1", "1", "a", map[string]string{"Mex-Chunk-Range": "1:3"}, http.StatusNotAcceptable, ""},
		"another number":        {"X26ABC1", "2", "b", map[string]string{"Mex-Chunk-Range": "2:4"}, http.StatusExpectationFailed, odd},
		"path and range":        {"X26ABC1", "2", "b", map[string]string{"Mex-Chunk-Range": "3:3"}, http.StatusExpectationFailed, odd},
		"no range":              {"X26ABC1", "2", "b", nil, http.StatusExpectationFailed, odd},
		"range without sense":   {"X26ABC1", "2", "b", map[string]string{"Mex-Chunk-Range": "2"}, http.StatusExpectationFailed, odd},
		"empty":                 {"X26ABC1", "2", "", map[string]string{"Mex-Chunk-Range": "2:3"}, http.StatusExpectationFailed, "02"},
		"another encoding":      {"X26ABC1", "2", "b", map[string]string{"Mex-Chunk-Range": "2:3", "Content-Encoding": "gzip"}, http.StatusExpectationFailed, ""},
		"another's message":     {"X26ABC2", "2", "b", map[string]string{"Mex-Chunk-Range": "2:3"}, http.StatusForbidden, ""},
		"larger than a request": {"X26ABC1", "2", "0123456789", map[string]string{"Mex-Chunk-Range": "2:3"}, http.StatusRequestEntityTooLarge, ""},
		"no number":             {"X26ABC1", "x", "b", map[string]string{"Mex-Chunk-Range": "2:3"}, http.StatusNotFound, "20"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRaw(8)
			_, _, id := s.post(t, "X26ABC1", "", "a", map[string]string{"Mex-To": "X26ABC2", "Mex-Workflowid": "W", "Mex-Chunk-Range": "1:3"})
			status, code, about := s.post(t, tt.box, "/"+id+"/"+tt.chunk, tt.body, tt.header)
			if status != tt.status || code != tt.code || (about != "" && about != id) {
				t.Errorf("got %d %q about %q", status, code, about)
			}
		})
	}
}

// A message is there when its last chunk is, and then takes no more.
func TestChunksComplete(t *testing.T) {
	t.Parallel()
	s := newRaw(0)
	_, _, id := s.post(t, "X26ABC1", "", "a", map[string]string{"Mex-To": "X26ABC2", "Mex-Workflowid": "W", "Mex-Chunk-Range": "1:3"})
	for i, chunk := range []string{"2", "2", "3", "3"} {
		if got := len(s.Waiting("X26ABC2")); got != i/3 {
			t.Errorf("before %d: %d messages", i, got)
		}
		status, code, about := s.post(t, "X26ABC1", "/"+id+"/"+chunk, "x", map[string]string{"Mex-Chunk-Range": chunk + ":3"})
		want := http.StatusAccepted
		if i == 3 {
			want = http.StatusLocked
		}
		if status != want || (i == 3 && (about != id || code == "")) {
			t.Errorf("%d: status %d %q about %q", i, status, code, about)
		}
	}
	// It has its five days from the last chunk on.
	s.now = s.now.Add(5 * 24 * time.Hour)
	if len(s.Waiting("X26ABC2")) != 0 || len(s.Waiting("X26ABC1")) != 1 {
		t.Error("the message has not expired, or its sender was not told")
	}
}

// A message that fails is reported once; what does not wait cannot fail.
func TestFail(t *testing.T) {
	t.Parallel()
	s := newRaw(0)
	_, _, id := s.post(t, "X26ABC1", "", "a", map[string]string{"Mex-To": "X26ABC2", "Mex-Workflowid": "W"})
	why := meshtest.Failure{Code: "12", Event: "SEND", Description: "unregistered"}
	if s.Fail("NONE", why) || !s.Fail(id, why) || s.Fail(id, why) {
		t.Error("wrong about what failed")
	}
	if len(s.Waiting("X26ABC2")) != 0 || len(s.Waiting("X26ABC1")) != 1 {
		t.Error("the message still waits, or its sender was not told")
	}
	if !s.Fail(s.Deliver("x26abc2", meshtest.Message{From: "x26abc1", Chunks: [][]byte{{'a'}}}), why) || len(s.Waiting("X26ABC1")) != 2 {
		t.Error("a sender in lower case was not told")
	}
}
