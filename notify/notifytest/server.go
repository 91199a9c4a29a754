package notifytest

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/inturn"
	"github.com/personalised-prevention/nhs/internal/wait"
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

	// Originator says whether messages may or must name their sender.
	Originator Originator

	// ContactDetails lets the account send to contact details of its own, and to
	// people without an NHS number.
	ContactDetails bool

	// Accounts are the NHS App accounts at each GP practice, by its ODS code.
	// Other practices have no report.
	Accounts map[string][]notify.AppAccount

	// AccountsPerPage is how many accounts a page lists. Zero means 100; the real
	// number is not public.
	AccountsPerPage int

	// Processing is how long after a request its repeat is answered with 425
	// rather than 422, in simulated time. Zero means not at all.
	Processing time.Duration

	// QuotaPerMinute and SpikePerSecond limit the requests in a minute and in a
	// second of simulated time, which [Server.Advance] alone moves on: a client that
	// only waits is refused for ever. Zero means no limit.
	QuotaPerMinute int
	SpikePerSecond int

	// Fault is asked about every request before it is looked at, about one at a time.
	// Nil means no faults.
	Fault func(*http.Request) Fault
}

// Fault is what goes wrong with one request. The zero Fault is nothing.
type Fault struct {
	Status     int           // answer this, without doing the work
	Code       string        // with this code; empty leaves the body empty
	Header     http.Header   // and these headers
	LoseAnswer bool          // do the work, then cut the connection
	Delay      time.Duration // do the work, then wait as long, in real time, before the answer
}

// Originator says whether messages of an account may or must name their sender,
// the organisation shown in the NHS App.
type Originator int

// The rules about originators.
const (
	OriginatorOptional Originator = iota // the account has an ODS code and may use others
	OriginatorFixed                      // the account has an ODS code and may not
	OriginatorRequired                   // the account has none
)

// Plan is a routing plan.
type Plan struct {
	ID              string // UUID
	Name            string
	Channels        []notify.Channel // the primary cascade, in order of attempt
	Secondary       []notify.Channel // the secondary cascade, begun when the first channel has failed
	Window          time.Duration    // how long the NHS App waits to be read; default 24 hours
	Personalisation []string         // fields its templates need

	// A plan whose set-up is faulty answers every request with status 500.
	MissingTemplates   bool
	DuplicateTemplates []string // names
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	options Options
	plans   map[string]Plan
	turn    sync.Mutex // held by the one Advance under way

	mu         sync.Mutex
	advanced   time.Duration
	started    time.Time
	messages   []*message
	byID       map[string]*message
	byPerson   map[nhs.Number][]*message
	batches    map[string]string    // id to reference
	references map[string]time.Time // idempotency key to when it was first accepted
	banned     bool
	minute     allowance
	second     allowance
	subscriber *Subscriber
	random     *rand.Rand // of the subscriber
	events     queue
	lost       int // callbacks given up
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
	options.Fault = inturn.Func(options.Fault)
	if options.AccountsPerPage == 0 {
		options.AccountsPerPage = 100
	}
	s := &Server{
		options:    options,
		plans:      map[string]Plan{},
		started:    options.Now(),
		byID:       map[string]*message{},
		byPerson:   map[nhs.Number][]*message{},
		batches:    map[string]string{},
		references: map[string]time.Time{},
		minute:     allowance{limit: options.QuotaPerMinute, period: time.Minute},
		second:     allowance{limit: options.SpikePerSecond, period: time.Second},
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

// Ban puts the account under a service ban, or lifts it.
func (s *Server) Ban(banned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.banned = banned
}

// ServeHTTP implements [http.Handler]. The service lives below /comms.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.options.Fault(r)
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
	s.early(r.Context(), done.added)
	if fault.Delay > 0 {
		_ = wait.For(r.Context(), fault.Delay) // ends early when the client has gone
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
	added    []*message
}

func (s *Server) route(r *http.Request) (handler, []complaint) {
	path, ok := strings.CutPrefix(r.URL.Path, "/comms")
	methods := []string{http.MethodPost}
	var h handler
	switch {
	case !ok:
	case path == "/v1/messages":
		h = s.createMessage
	case path == "/v1/message-batches":
		h = s.createBatch
	case strings.HasPrefix(path, "/v1/messages/") && strings.Count(path, "/") == 3:
		methods, h = []string{http.MethodGet, http.MethodHead}, s.getMessage
	case path == "/channels/nhsapp/accounts":
		methods, h = []string{http.MethodGet}, s.listAccounts
	}
	switch {
	case h == nil:
		return nil, one("CM_NOT_FOUND", http.StatusNotFound)
	case !slices.Contains(methods, r.Method):
		return nil, one("CM_NOT_ALLOWED", http.StatusMethodNotAllowed)
	}
	return h, nil
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
	if r.Method != http.MethodHead {
		_, _ = w.Write(text)
	}
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
