package meshtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// The published test vector, as a request that the server accepts.
const (
	vectorToken = "NHSMESH X26ABC1:8f1e2a34-5b6c-4d7e-8f90-123456789abc:0:202601021530:" +
		"4689065dbc19e927038a1a68a9812802f8d54de4a845fb676d58310298424e2f"
	mediaType = "application/vnd.mesh.v2+json"
)

func newServer(at time.Time) *meshtest.Server {
	return meshtest.New(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{{Mailbox: mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "TestKey"}}},
		Now:       func() time.Time { return at },
	})
}

func status(t *testing.T, s *meshtest.Server, method, path, token string, header map[string]string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("body"))
	r.Header.Set("Authorization", token)
	r.Header.Set("Accept", mediaType)
	for name, v := range header {
		r.Header.Set(name, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}

func handshake() map[string]string {
	return map[string]string{"Mex-Clientversion": "1", "Mex-Osname": "linux", "Mex-Osversion": "1"}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	issued := time.Date(2026, 1, 2, 15, 30, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		token string
		at    time.Time
		path  string
		want  int
	}{
		"the published vector": {vectorToken, issued, "X26ABC1", http.StatusOK},
		"at the edge":          {vectorToken, issued.Add(2 * time.Hour), "X26ABC1", http.StatusOK},
		"too old":              {vectorToken, issued.Add(2*time.Hour + time.Second), "X26ABC1", http.StatusForbidden},
		"from the future":      {vectorToken, issued.Add(-3 * time.Hour), "X26ABC1", http.StatusForbidden},
		"for another mailbox":  {vectorToken, issued, "X26ABC2", http.StatusForbidden},
		"wrong hash":           {vectorToken[:len(vectorToken)-1] + "0", issued, "X26ABC1", http.StatusForbidden},
		"hash in upper case":   {strings.Replace(vectorToken, "4689065dbc", "4689065DBC", 1), issued, "X26ABC1", http.StatusForbidden},
		"count is no number":   {strings.Replace(vectorToken, ":0:", ":x:", 1), issued, "X26ABC1", http.StatusForbidden},
		"time is no time":      {strings.Replace(vectorToken, ":202601021530:", ":20260102:", 1), issued, "X26ABC1", http.StatusForbidden},
		"another scheme":       {"Bearer x", issued, "X26ABC1", http.StatusForbidden},
		"none":                 {"", issued, "X26ABC1", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(tt.at)
			if got := status(t, s, http.MethodPost, "/messageexchange/"+tt.path, tt.token, handshake()); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
			if tt.want != http.StatusOK {
				return
			}
			if got := status(t, s, http.MethodPost, "/messageexchange/"+tt.path, tt.token, handshake()); got != http.StatusForbidden {
				t.Errorf("used again: status %d", got)
			}
		})
	}
}

func TestStrictness(t *testing.T) {
	t.Parallel()
	const box = "/messageexchange/X26ABC1"
	send := func(name, v string) map[string]string {
		h := map[string]string{"Mex-To": "X26ABC1", "Mex-Workflowid": "W"}
		h[name] = v
		return h
	}
	for name, tt := range map[string]struct {
		method, path string
		header       map[string]string
		want         int
	}{
		"handshake without client": {http.MethodPost, box, map[string]string{"Mex-Osname": "x", "Mex-Osversion": "1"}, http.StatusBadRequest},
		"version 1":                {http.MethodGet, box + "/inbox", map[string]string{"Accept": "application/json"}, http.StatusBadRequest},
		"page too small":           {http.MethodGet, box + "/inbox?max_results=9", nil, http.StatusBadRequest},
		"made-up continuation":     {http.MethodGet, box + "/inbox?continue_from=x", nil, http.StatusBadRequest},
		"no such message":          {http.MethodGet, box + "/inbox/NONE", nil, http.StatusNotFound},
		"send to nobody":           {http.MethodPost, box + "/outbox", send("Mex-To", ""), http.StatusBadRequest},
		"send without workflow":    {http.MethodPost, box + "/outbox", send("Mex-Workflowid", ""), http.StatusBadRequest},
		"send as another":          {http.MethodPost, box + "/outbox", send("Mex-From", "X26OTHER"), http.StatusExpectationFailed},
		"send with long subject":   {http.MethodPost, box + "/outbox", send("Mex-Subject", strings.Repeat("x", 501)), http.StatusBadRequest},
		"send compressed oddly":    {http.MethodPost, box + "/outbox", send("Content-Encoding", "br"), http.StatusUnprocessableEntity},
		"second chunk first":       {http.MethodPost, box + "/outbox", send("Mex-Chunk-Range", "2:2"), http.StatusExpectationFailed},
		"odd chunk range":          {http.MethodPost, box + "/outbox", send("Mex-Chunk-Range", "1:x"), http.StatusExpectationFailed},
		"send to an Address":       {http.MethodPost, box + "/outbox", send("Mex-To", "Https://x"), http.StatusBadRequest},
		"workflow is an address":   {http.MethodPost, box + "/outbox", send("Mex-Workflowid", "http://x"), http.StatusBadRequest},
		"odd checksum":             {http.MethodPost, box + "/outbox", send("Mex-Content-Checksum", "a=b"), http.StatusBadRequest},
		"long content type":        {http.MethodPost, box + "/outbox", send("Content-Type", strings.Repeat("x", 101)), http.StatusBadRequest},
		"long checksum":            {http.MethodPost, box + "/outbox", send("Mex-Content-Checksum", strings.Repeat("x", 101)), http.StatusBadRequest},
		"send to an address":       {http.MethodPost, box + "/outbox", send("Mex-To", "https://X26ABC1"), http.StatusBadRequest},
		"checksum an address":      {http.MethodPost, box + "/outbox", send("Mex-Content-Checksum", "http://x"), http.StatusBadRequest},
		"chunk of no message":      {http.MethodPost, box + "/outbox/NONE/2", send("Mex-Chunk-Range", "2:2"), http.StatusNotFound},
		"track nothing":            {http.MethodGet, box + "/outbox/tracking?messageID=NONE", nil, http.StatusNotFound},
		"track no local id":        {http.MethodGet, box + "/outbox/tracking/NONE", nil, http.StatusNotFound},
		"send for odd workflow":    {http.MethodPost, box + "/outbox", send("Mex-Localid", "L"), http.StatusExpectationFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(time.Date(2026, 1, 2, 15, 30, 0, 0, time.UTC))
			if got := status(t, s, tt.method, tt.path, vectorToken, tt.header); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

// Whoever does not take gzip gets a compressed message uncompressed, and the
// other way round.
func TestContentEncodingFollowsTheReader(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		for accept, want := range map[string]string{"gzip": "gzip", "": ""} {
			s := newServer(time.Date(2026, 1, 2, 15, 30, 0, 0, time.UTC))
			id := s.Deliver("X26ABC1", meshtest.Message{Workflow: "W", Gzip: stored, Chunks: [][]byte{[]byte("content")}})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/messageexchange/X26ABC1/inbox/"+id, nil)
			r.Header = http.Header{"Authorization": {vectorToken}, "Accept": {mediaType}, "Accept-Encoding": {accept}}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Encoding"); got != want {
				t.Errorf("stored %v, accept %q: encoding %q", stored, accept, got)
			}
			if want == "" && w.Body.String() != "content" {
				t.Errorf("stored %v: content %q", stored, w.Body)
			}
		}
	}
}
