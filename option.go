package nhs

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Option changes how an [App] talks to services. Options validate: a bad one
// makes [NewApp] fail.
type Option struct {
	apply func(*Settings) error
}

// Settings are the values in force in an [App], defaults included. Client
// packages build their transport from them.
type Settings struct {
	HTTPClient *http.Client     // a copy of the caller's; redirects are never followed
	Logger     *slog.Logger     // never nil; discards by default
	UserAgent  string           // sent with every request
	Retry      RetryPolicy      // for calls that may be repeated
	Now        func() time.Time // the clock for tokens and signatures
	Random     io.Reader        // for identifiers, assertions and jitter; safe for concurrent use
	rates      map[Service]Rate // overrides of the services' own defaults
}

// Service names one of the services an App talks to, for pacing and logs.
type Service string

// The services of this module.
const (
	PDS    Service = "pds"
	Notify Service = "notify"
	MESH   Service = "mesh"
	CaaS   Service = "caas"
)

// Rate is an even pace of requests.
type Rate struct {
	PerSecond float64 // requests a second; greater than 0
	Burst     int     // requests that may go at once; 0 means 1, which paces evenly
}

// RetryPolicy says how a call that may be repeated is repeated. The zero value of
// a field takes its default.
type RetryPolicy struct {
	MaxAttempts   int           // requests in all, 1 for no retries; default 4
	MinWait       time.Duration // upper bound of the first wait; doubled each time; default 500 ms
	MaxWait       time.Duration // upper bound of any computed wait; default 30 s
	MaxRetryAfter time.Duration // longest Retry-After obeyed; a longer one ends the call at once; default 60 s
}

// Wait returns a random wait before the given retry, the first being 1: between
// zero and MinWait doubled retry-1 times, at most MaxWait ("full jitter").
func (p RetryPolicy) Wait(retry int, random io.Reader) time.Duration {
	limit := p.MaxWait
	if shift := retry - 1; shift < 32 {
		limit = min(limit, p.MinWait<<shift)
	}
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil || limit <= 0 {
		return max(limit, 0) // without randomness, the longest wait is the safe one
	}
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(limit+1)) //nolint:gosec // limit is positive
}

// WithHTTPClient sets the HTTP client, for a proxy, a custom TLS configuration or
// a test transport. It is copied.
func WithHTTPClient(c *http.Client) Option {
	return Option{func(s *Settings) error {
		if c == nil {
			return &ArgumentError{Name: "HTTP client", Reason: "must not be nil"}
		}
		s.HTTPClient = c
		return nil
	}}
}

// WithLogger logs every request at debug level, and retries at info level:
// operation, method, masked path, status and duration. Never a body, a header
// value or an NHS number.
func WithLogger(l *slog.Logger) Option {
	return Option{func(s *Settings) error {
		if l == nil {
			return &ArgumentError{Name: "logger", Reason: "must not be nil"}
		}
		s.Logger = l
		return nil
	}}
}

// WithUserAgent puts name before the module's own User-Agent: "screening/1.4".
func WithUserAgent(name string) Option {
	return Option{func(s *Settings) error {
		if name == "" {
			return &ArgumentError{Name: "user agent", Reason: "must not be empty"}
		}
		s.UserAgent = name + " " + s.UserAgent
		return nil
	}}
}

// WithRetry sets the retry policy; its zero fields keep their defaults.
func WithRetry(p RetryPolicy) Option {
	return Option{func(s *Settings) error {
		if p.MaxAttempts < 0 || p.MinWait < 0 || p.MaxWait < 0 || p.MaxRetryAfter < 0 {
			return &ArgumentError{Name: "retry policy", Reason: "must not hold negative values"}
		}
		s.Retry = p
		return nil
	}}
}

// WithRate sets the pace of one service, in place of that service's default. The
// pace is shared by all clients of the service in this App.
func WithRate(service Service, r Rate) Option {
	return Option{func(s *Settings) error {
		if !slices.Contains([]Service{PDS, Notify, MESH, CaaS}, service) {
			return &ArgumentError{Name: "service", Reason: "must be PDS, Notify, MESH or CaaS"}
		}
		if r.PerSecond <= 0 || r.Burst < 0 {
			return &ArgumentError{Name: "rate", Reason: "must be more than 0 a second, with a burst of 0 or more"}
		}
		s.rates[service] = r
		return nil
	}}
}

// WithClock sets the clock that tokens and signatures are made by.
func WithClock(now func() time.Time) Option {
	return Option{func(s *Settings) error {
		if now == nil {
			return &ArgumentError{Name: "clock", Reason: "must not be nil"}
		}
		s.Now = now
		return nil
	}}
}

// WithRandom sets the source of randomness for identifiers, assertions and
// jitter. Outside tests it must be cryptographically secure.
func WithRandom(r io.Reader) Option {
	return Option{func(s *Settings) error {
		if r == nil {
			return &ArgumentError{Name: "random source", Reason: "must not be nil"}
		}
		s.Random = &lockedReader{r: r}
		return nil
	}}
}

// defaults is the one place in the module that names the system's clock and
// randomness.
func defaults() Settings {
	return Settings{
		HTTPClient: &http.Client{},
		Logger:     slog.New(slog.DiscardHandler),
		UserAgent:  "nhs-go/" + Version,
		Now:        time.Now,
		Random:     rand.Reader,
		rates:      map[Service]Rate{},
	}
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.MinWait == 0 {
		p.MinWait = 500 * time.Millisecond
	}
	if p.MaxWait == 0 {
		p.MaxWait = 30 * time.Second
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = time.Minute
	}
	return p
}

// lockedReader makes a caller's reader safe for concurrent use.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
