package meshtest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs/internal/inturn"
	"github.com/personalised-prevention/nhs/mesh"
)

// Mailbox is a mailbox of the server.
type Mailbox struct {
	mesh.Mailbox

	Workflows []string // the workflows it may receive
	Name      string   // found by look-ups, as is ODSCode
	ODSCode   string   // of its organisation
}

// Options describe a server.
type Options struct {
	Mailboxes []Mailbox
	Now       func() time.Time // the server's clock; time.Now if nil

	// MaxRequest is how many bytes one request may hold; 0 means [mesh.MaxSend].
	MaxRequest int64

	// Fault, if set, is asked before each request is handled, about one at a time.
	Fault func(*http.Request) Fault
}

// Fault is something going wrong with a request. The zero Fault is nothing.
type Fault struct {
	Status int         // answer with this status and do nothing
	Header http.Header // headers of that answer
	Lose   bool        // handle the request, but cut the connection in place of an answer
}

// Server is MESH in process. It is safe for concurrent use.
type Server struct {
	boxed *http.ServeMux // operations of a mailbox
	open  *http.ServeMux // look-ups, which need no token; a mux of their own, as the patterns overlap
	now   func() time.Time
	limit int64
	fault func(*http.Request) Fault

	mu       sync.Mutex
	boxes    map[string]Mailbox
	messages []*message // in order of arrival
	seen     map[string]bool
	zipper   *gzip.Writer // of some 800 kB: one for all
}

// New returns a server with the given mailboxes.
func New(o Options) *Server {
	s := &Server{
		boxed: http.NewServeMux(),
		open:  http.NewServeMux(),
		now:   o.Now,
		fault: inturn.Func(o.Fault),
		limit: o.MaxRequest,
		boxes: map[string]Mailbox{},
		seen:  map[string]bool{},

		zipper: gzip.NewWriter(nil),
	}
	if s.limit == 0 {
		s.limit = mesh.MaxSend
	}
	if s.now == nil {
		s.now = time.Now //nolint:forbidigo // tokens are judged by the clock of their sender, which is the system's by default
	}
	for _, m := range o.Mailboxes {
		s.boxes[strings.ToUpper(m.ID)] = m
	}
	s.handle("POST /messageexchange/{mailbox}", s.handshake)
	s.handle("GET /messageexchange/{mailbox}/inbox", s.list)
	s.handle("GET /messageexchange/{mailbox}/inbox/{id}", s.download)
	s.handle("GET /messageexchange/{mailbox}/inbox/{id}/{chunk}", s.download)
	s.handle("PUT /messageexchange/{mailbox}/inbox/{id}/status/acknowledged", s.acknowledge)
	s.handle("POST /messageexchange/{mailbox}/outbox", s.send)
	s.handle("POST /messageexchange/{mailbox}/outbox/{id}/{chunk}", s.sendChunk)
	s.handle("GET /messageexchange/{mailbox}/outbox/tracking", s.track)
	s.handle("GET /messageexchange/{mailbox}/outbox/tracking/{local}", s.trackLocalID)
	s.open.HandleFunc("GET "+lookupRoot+"{ods}/{workflow}", s.serve(s.lookup))
	s.open.HandleFunc("GET "+searchRoot+"{workflow}", s.serve(s.lookup))
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.fault(r)
	mux := s.boxed
	if strings.HasPrefix(r.URL.Path, lookupRoot) || strings.HasPrefix(r.URL.Path, searchRoot) {
		mux = s.open
	}
	switch {
	case fault.Status != 0:
		maps.Copy(w.Header(), fault.Header)
		refusal(fault.Status, "", "", "injected fault").write(w)
	case fault.Lose:
		mux.ServeHTTP(&lost{header: http.Header{}}, r)
		panic(http.ErrAbortHandler)
	default:
		mux.ServeHTTP(w, r)
	}
}

const (
	lookupRoot = "/messageexchange/endpointlookup/"
	searchRoot = "/messageexchange/workflowsearch/"
)

// request is one authorised request.
type request struct {
	*http.Request

	box  string // the mailbox of path and token; empty for a look-up
	body []byte
}

// handle serves pattern with f, which sees authorised requests only.
func (s *Server) handle(pattern string, f func(request) reply) {
	s.boxed.HandleFunc(pattern, s.serve(func(r request) reply {
		r.box = strings.ToUpper(r.PathValue("mailbox"))
		if reason := s.authorise(r.box, r.Header.Get("Authorization")); reason != "" {
			return refusal(http.StatusForbidden, "", "", reason)
		}
		return f(r)
	}))
}

// serve runs f under the lock. The reply is written outside it: a reader may be
// slow.
func (s *Server) serve(f func(request) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limit))
		if err != nil {
			refusal(http.StatusRequestEntityTooLarge, "SEND", "", fmt.Sprintf("a request holds at most %d bytes", s.limit)).write(w)
			return
		}
		s.reply(request{Request: r, body: body}, f).write(w)
	}
}

func (s *Server) reply(r request, f func(request) reply) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if r.Header.Get("Accept") != mediaType {
		return refusal(http.StatusBadRequest, "", "", "this server speaks "+mediaType+" only")
	}
	return f(r)
}

const mediaType = "application/vnd.mesh.v2+json"

func (*Server) handshake(r request) reply {
	for _, name := range []string{"Mex-Clientversion", "Mex-Osname", "Mex-Osversion"} {
		if r.Header.Get(name) == "" {
			return document(http.StatusBadRequest, map[string]any{"detail": []any{map[string]any{
				"type": "missing", "loc": []string{"header", strings.ToLower(name)}, "msg": "field required",
			}}})
		}
	}
	return reply{status: http.StatusOK}
}

// newID returns a message id in the service's form.
func (s *Server) newID() string {
	stamp := strings.ReplaceAll(s.now().UTC().Format("20060102150405.000000"), ".", "")
	return fmt.Sprintf("%s_%06X", stamp, len(s.messages)+1)
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// document is a reply with a JSON body.
func document(status int, value any) reply {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only texts, numbers and lists of them come here
	}
	return reply{status: status, header: http.Header{"Content-Type": {mediaType}}, body: body}
}

// refusal is a reply with an error in the shape of version 2.
func refusal(status int, event, code, msg string) reply {
	return document(status, map[string]any{"detail": []any{map[string]string{"event": event, "code": code, "msg": msg}}})
}

// lost is where the answer to a [Fault] with Lose goes.
type lost struct{ header http.Header }

func (l *lost) Header() http.Header       { return l.header }
func (*lost) Write(p []byte) (int, error) { return len(p), nil }
func (*lost) WriteHeader(int)             {}
