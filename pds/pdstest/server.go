package pdstest

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
)

// Options describe a server. The zero Options are a PDS that accepts any bearer
// token.
type Options struct {
	// Authorize decides whether a request may be answered. Nil accepts any bearer
	// token, and no request without one.
	Authorize func(*http.Request) error

	// Now is the clock of timestamps and of PerMinute. Nil is a clock that stands
	// still.
	Now func() time.Time

	// PerMinute is how many requests are answered in a minute; more are refused
	// with status 429. 0 means no limit.
	PerMinute int

	// Fault, if set, is asked before each request is handled.
	Fault func(*http.Request) Fault
}

// Fault is something going wrong with a request. The zero Fault is nothing.
type Fault struct {
	Status int         // answer with this status, in PDS's words, and do nothing
	Header http.Header // headers of that answer, in addition to PDS's own or in their place
	Body   string      // body of that answer, in place of PDS's words
	Lose   bool        // handle the request, but cut the connection in place of an answer
}

// Server is PDS in process. It is safe for concurrent use.
type Server struct {
	options Options

	mu       sync.RWMutex
	records  map[nhs.Number]*record
	replaced map[nhs.Number]nhs.Number // superseded numbers, and what supersedes each
	requests int
	minute   time.Time // when the current minute of the rate limit began
	spent    int       // requests that arrived in it
}

// New returns a server without people.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	}
	return &Server{options: o, records: map[nhs.Number]*record{}, replaced: map[nhs.Number]nhs.Number{}}
}

// Requests returns how many requests have arrived, refused ones included.
func (s *Server) Requests() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.requests
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	overspent := s.count()
	var fault Fault
	if s.options.Fault != nil {
		fault = s.options.Fault(r)
	}
	switch {
	case fault.Status != 0:
		fault.reply().write(w, r)
	case overspent:
		tooManyRequests(s.options.PerMinute).write(w, r)
	case fault.Lose:
		s.answer(r)
		panic(http.ErrAbortHandler)
	default:
		s.answer(r).write(w, r)
	}
}

func (f Fault) reply() reply {
	a := failure(f.Status)
	if f.Body != "" {
		a.body, a.media = []byte(f.Body), http.DetectContentType([]byte(f.Body))
	}
	for name, values := range f.Header {
		if a.header == nil {
			a.header = http.Header{}
		}
		a.header[name] = values
	}
	return a
}

// count counts a request and reports whether it exceeds the rate limit.
func (s *Server) count() bool {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if now.Sub(s.minute) >= time.Minute {
		s.minute, s.spent = now, 0
	}
	s.spent++
	return s.options.PerMinute > 0 && s.spent > s.options.PerMinute
}

// root is where the service lives.
const root = "/personal-demographics/FHIR/R4"

// answer checks headers and finds the operation.
func (s *Server) answer(r *http.Request) reply {
	if why := s.unauthorised(r); why != "" {
		return accessDenied(why)
	}
	switch id := r.Header.Get("X-Request-ID"); {
	case id == "":
		return missingValue("Invalid request with error - X-Request-ID header must be supplied to access this resource")
	case !uuid.MatchString(id):
		return invalidValue(id, "header", "X-Request-ID")
	}
	path, ours := strings.CutPrefix(r.URL.Path, root)
	id, single := strings.CutPrefix(path, "/Patient/")
	switch {
	case !ours, single && strings.Contains(id, "/"), !single && path != "/Patient":
		return unsupportedPath(path)
	case r.Method == http.MethodGet && single:
		return s.get(id)
	case r.Method == http.MethodGet:
		return s.search(r.URL.Query())
	case r.Method == http.MethodPatch && single:
		return invalidMethod("update")
	case r.Method == http.MethodPost && !single:
		return invalidMethod("create")
	default:
		return unsupportedService()
	}
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// unauthorised returns why r may not be answered, or "".
func (s *Server) unauthorised(r *http.Request) string {
	if s.options.Authorize != nil && s.options.Authorize(r) == nil {
		return ""
	}
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return "Missing Authorization header"
	}
	kind, token, _ := strings.Cut(header[0], " ")
	switch {
	case header[0] == "":
		return "Empty Authorization header"
	case kind != "Bearer":
		return "Invalid token type '" + kind + "', must be 'Bearer'"
	case token == "":
		return "Missing access token"
	case s.options.Authorize != nil:
		return "Invalid Access Token"
	default:
		return ""
	}
}
