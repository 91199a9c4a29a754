package pdstest

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/inturn"
)

// Options describe a server. The zero Options are a PDS that gives any bearer
// token application-restricted access.
type Options struct {
	// Authorize decides whether a request may be answered. Nil accepts any bearer
	// token, and no request without one.
	Authorize func(*http.Request) error

	// Token says what the token of an authorised request stands for. Nil is an
	// application-restricted application for all; see [Always].
	Token func(*http.Request) Token

	// Now is the clock of timestamps, of periods and of rate limits. Nil is a clock
	// that stands still.
	Now func() time.Time

	// PerMinute is how many requests are answered in a minute; more are refused
	// with status 429. 0 means no limit.
	PerMinute int

	// SpikePerSecond spreads requests evenly: one that follows another by less than
	// its share of a second is refused with status 429. 0 means no limit.
	SpikePerSecond int

	// CreatesPerSecond is how many new patients may be asked for in any second; PDS
	// allows 3. More are refused with status 429, before the token is looked at. 0
	// means no limit.
	CreatesPerSecond int

	// RepeatsMakeNoChange answers the repeat of a successful update, under the same
	// X-Request-ID, with status 400, as the patch makes no changes, rather than 409,
	// as the version has moved on. PDS has been seen to do either.
	RepeatsMakeNoChange bool

	// Fault, if set, is asked before each request is handled, about one at a time.
	Fault func(*http.Request) Fault
}

// Server is PDS in process. It is safe for concurrent use.
type Server struct {
	options Options

	mu       sync.RWMutex
	records  map[nhs.Number]*record
	replaced map[nhs.Number]nhs.Number // superseded numbers, and what supersedes each
	updates  map[string]nhs.Number     // successful updates: X-Request-ID to patient
	issued   int64                     // the last number allocated
	serial   uint32                    // of the ids of names, addresses and the like
	requests int
	limits   limits
}

// New returns a server without people.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	}
	o.Fault = inturn.Func(o.Fault)
	return &Server{
		options: o, records: map[nhs.Number]*record{}, replaced: map[nhs.Number]nhs.Number{}, updates: map[string]nhs.Number{},
		issued: firstAllocated - 1,
	}
}

// Requests returns how many requests have arrived, refused ones included.
func (s *Server) Requests() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.requests
}

// today is the date on which periods begin.
func (s *Server) today() string { return nhs.DateIn(s.options.Now()).String() }

// root is where the service lives.
const root = "/personal-demographics/FHIR/R4"

// kind is what a path leads to.
type kind int

const (
	nothing kind = iota
	patients
	patient
	relatedPeople
	coverages
)

// call is where a request goes.
type call struct {
	kind kind
	id   string // NHS number in the path, for patient and relatedPeople
	path string // below the root
}

func callOf(r *http.Request) call {
	path, ours := strings.CutPrefix(r.URL.Path, root)
	c := call{path: path}
	parts := strings.Split(path, "/")
	switch {
	case !ours:
	case path == "/Patient":
		c.kind = patients
	case path == "/Coverage":
		c.kind = coverages
	case len(parts) == 3 && parts[1] == "Patient":
		c.kind, c.id = patient, parts[2]
	case len(parts) == 4 && parts[1] == "Patient" && parts[3] == "RelatedPerson":
		c.kind, c.id = relatedPeople, parts[2]
	}
	return c
}

// answer checks headers and access, and finds the operation.
func (s *Server) answer(r *http.Request) *reply {
	if why := s.unauthorised(r); why != "" {
		return refuse("ACCESS_DENIED", why)
	}
	switch id := r.Header.Get("X-Request-ID"); {
	case id == "":
		return refuse("MISSING_VALUE", "Invalid request with error - X-Request-ID header must be supplied to access this resource")
	case !uuid.MatchString(id):
		return invalidValue(id, "header", "X-Request-ID")
	}
	c, t := callOf(r), s.token(r)
	if c.kind == nothing {
		return refuse("UNSUPPORTED_REQUEST", "Unsupported path - '"+c.path+"'")
	}
	if refused := t.checkRole(r); refused != nil {
		return refused
	}
	if refused := t.checkCall(c, r); refused != nil {
		return refused
	}
	switch c.kind {
	case patients:
		return s.answerPatients(r, t)
	case patient:
		return s.answerPatient(r, c.id, t)
	case relatedPeople:
		if r.Method == http.MethodGet {
			return s.relatedPeople(c.id)
		}
	case coverages:
		return s.answerCoverages(r, t)
	case nothing:
	}
	return refuse("UNSUPPORTED_SERVICE", "")
}

func (s *Server) answerPatients(r *http.Request, t Token) *reply {
	switch r.Method {
	case http.MethodGet:
		return s.search(r.URL.Query(), t)
	case http.MethodPost:
		return s.create(r)
	default:
		return refuse("UNSUPPORTED_SERVICE", "")
	}
}

func (s *Server) answerPatient(r *http.Request, id string, t Token) *reply {
	switch r.Method {
	case http.MethodGet:
		return s.get(id)
	case http.MethodPatch:
		return s.update(r, id, t)
	default:
		return refuse("UNSUPPORTED_SERVICE", "")
	}
}

func (s *Server) answerCoverages(r *http.Request, t Token) *reply {
	switch r.Method {
	case http.MethodGet:
		return s.coverage(t.Patient)
	case http.MethodPost:
		return s.cover(r, t)
	default:
		return refuse("UNSUPPORTED_SERVICE", "")
	}
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// body reads the body of a request, which a patient does not fill.
func body(r *http.Request) ([]byte, bool) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return data, err == nil && len(data) <= maxBody
}

const maxBody = 1 << 20
