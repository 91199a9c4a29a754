package notifytest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// Options say how a [Server] behaves. The zero value of a field takes its default.
type Options struct {
	// Plans are the routing plans of the account; others are unknown to it.
	Plans []Plan

	// Authorize checks a request's bearer token. Nil accepts any token.
	Authorize func(*http.Request) error

	// Now is when simulated time starts; [Server.Advance] adds to it. Nil means
	// nine o'clock on 5 January 2026.
	Now func() time.Time

	// Outcome says what will happen to messages to a person. Nil means [Mixed].
	Outcome func(nhs.Number) Journey

	// Processing is how long after a request its repeat is answered with 425
	// rather than 422, in simulated time. Zero means not at all.
	Processing time.Duration

	// QuotaPerMinute limits the requests in a minute of simulated time. Zero means
	// no limit.
	QuotaPerMinute int

	// Fault is asked about every request before it is looked at. Nil means no
	// faults.
	Fault func(*http.Request) Fault
}

// Fault is what goes wrong with one request. The zero Fault is nothing.
type Fault struct {
	Status     int         // answer this, without doing the work
	Code       string      // with this code; empty leaves the body empty
	Header     http.Header // and these headers
	LoseAnswer bool        // do the work, then cut the connection
}

// Plan is a routing plan.
type Plan struct {
	ID              string // UUID
	Name            string
	Channels        []notify.Channel // in order of attempt
	Window          time.Duration    // how long the NHS App waits to be read; default 24 hours
	Personalisation []string         // fields its templates need
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	options Options
	plans   map[string]Plan

	mu         sync.Mutex
	advanced   time.Duration
	started    time.Time
	messages   []*message
	byID       map[string]*message
	byPerson   map[nhs.Number][]*message
	references map[string]time.Time // idempotency key to when it was first accepted
	subscriber *Subscriber
	pending    []callback // not yet acknowledged
	requests   int        // in the quota's minute
	minute     time.Time
	serial     int
}

// New returns a Server.
func New(options Options) *Server {
	if options.Outcome == nil {
		options.Outcome = Mixed
	}
	started := time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	if options.Now == nil {
		options.Now = func() time.Time { return started }
	}
	s := &Server{
		options:    options,
		plans:      map[string]Plan{},
		started:    options.Now(),
		byID:       map[string]*message{},
		byPerson:   map[nhs.Number][]*message{},
		references: map[string]time.Time{},
	}
	for _, p := range options.Plans {
		if p.Window == 0 {
			p.Window = 24 * time.Hour
		}
		s.plans[strings.ToLower(p.ID)] = p
	}
	return s
}

// Accepted returns how many messages to a person the service has accepted. In a
// campaign it is one for everybody, whatever was lost or repeated on the way.
func (s *Server) Accepted(person nhs.Number) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byPerson[person])
}

// Delivered returns how many messages to a person have been delivered by now.
func (s *Server) Delivered(person nhs.Number) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, m := range s.byPerson[person] {
		if m.at(s.now()).status == notify.StatusDelivered {
			count++
		}
	}
	return count
}

// Messages returns how many messages the service has accepted in all.
func (s *Server) Messages() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages)
}

// ServeHTTP implements [http.Handler]. The service lives below /comms.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := Fault{}
	if s.options.Fault != nil {
		fault = s.options.Fault(r)
	}
	w.Header().Set("X-Correlation-ID", s.correlation(r))
	for name, values := range fault.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if fault.Status != 0 {
		if fault.Code == "" {
			w.WriteHeader(fault.Status)
			return
		}
		refuse(w, r, one(fault.Code, fault.Status))
		return
	}
	handler, wrong := s.route(r)
	if wrong == nil {
		wrong = s.admit(r)
	}
	var done answer
	if wrong == nil {
		done, wrong = handler(r)
	}
	if fault.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if wrong != nil {
		refuse(w, r, wrong)
		return
	}
	if done.location != "" {
		w.Header().Set("Location", done.location)
	}
	write(w, r, done.status, done.body)
}

// handler does the work of an operation.
type handler func(*http.Request) (answer, []complaint)

// answer is what a successful operation answers.
type answer struct {
	status   int
	location string
	body     object
}

func (s *Server) route(r *http.Request) (handler, []complaint) {
	path, ok := strings.CutPrefix(r.URL.Path, "/comms/v1/")
	method := http.MethodPost
	var h handler
	switch {
	case !ok:
	case path == "messages":
		h = s.createMessage
	case path == "message-batches":
		h = s.createBatch
	case strings.HasPrefix(path, "messages/") && strings.Count(path, "/") == 1:
		method, h = http.MethodGet, s.getMessage
	}
	switch {
	case h == nil:
		return nil, one("CM_NOT_FOUND", http.StatusNotFound)
	case r.Method != method:
		return nil, one("CM_NOT_ALLOWED", http.StatusMethodNotAllowed)
	}
	return h, nil
}

// admit checks what the gateway checks before it looks at the body.
func (s *Server) admit(r *http.Request) []complaint {
	if s.authorize(r) != nil {
		return []complaint{{code: "CM_DENIED", status: http.StatusUnauthorized, header: "Authorization"}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.Sub(s.minute) >= time.Minute {
		s.minute, s.requests = now, 0
	}
	s.requests++
	if s.options.QuotaPerMinute > 0 && s.requests > s.options.QuotaPerMinute {
		return []complaint{{code: "CM_QUOTA", status: http.StatusTooManyRequests, retryAfter: time.Minute}}
	}
	switch r.Header.Get("Accept") {
	case "", "*/*", "application/json", "application/vnd.api+json":
	default:
		return []complaint{{code: "CM_NOT_ACCEPTABLE", status: http.StatusNotAcceptable, header: "Accept"}}
	}
	if r.Method == http.MethodPost {
		switch r.Header.Get("Content-Type") {
		case "application/json", "application/vnd.api+json":
		default:
			return []complaint{{code: "CM_UNSUPPORTED_MEDIA", status: http.StatusUnsupportedMediaType, header: "Content-Type"}}
		}
	}
	return nil
}

func (s *Server) authorize(r *http.Request) error {
	switch {
	case s.options.Authorize != nil:
		return s.options.Authorize(r)
	case len(r.Header.Get("Authorization")) <= len("Bearer "):
		return errors.New("no bearer token")
	default:
		return nil
	}
}

func write(w http.ResponseWriter, r *http.Request, status int, body object) {
	media := "application/vnd.api+json"
	if r.Header.Get("Accept") == "application/json" {
		media = "application/json"
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("X-Content-Type-Options", "nosniff")
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // objects of strings and numbers have a JSON form
	}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (s *Server) correlation(r *http.Request) string {
	if id := r.Header.Get("X-Correlation-ID"); id != "" {
		return id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return "rrt-" + strconv.Itoa(s.serial)
}

// object is a JSON object under construction.
type object map[string]any

// now is the simulated time. The lock must be held.
func (s *Server) now() time.Time { return s.options.Now().Add(s.advanced) }
