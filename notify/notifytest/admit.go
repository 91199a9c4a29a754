package notifytest

import (
	"errors"
	"net/http"
	"time"
)

// admit checks what the gateway checks before it looks at the body.
func (s *Server) admit(r *http.Request) []complaint {
	if s.authorize(r) != nil {
		return one("CM_DENIED", http.StatusUnauthorized)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	switch {
	case !s.minute.take(now):
		return []complaint{{
			code: "CM_QUOTA", status: http.StatusTooManyRequests, retryAfter: time.Minute,
			detail: "The application has used its quota.",
		}}
	case !s.second.take(now):
		return []complaint{{
			code: "CM_QUOTA", status: http.StatusTooManyRequests, retryAfter: time.Second,
			detail: "The application has sent too many requests at once.",
		}}
	case s.banned:
		return one("CM_SERVICE_BAN", http.StatusForbidden)
	}
	switch r.Header.Get("Accept") {
	case "", "*/*", "application/json", "application/vnd.api+json":
	default:
		return one("CM_NOT_ACCEPTABLE", http.StatusNotAcceptable)
	}
	if r.Method == http.MethodPost {
		switch r.Header.Get("Content-Type") {
		case "application/json", "application/vnd.api+json":
		default:
			return one("CM_UNSUPPORTED_MEDIA", http.StatusUnsupportedMediaType)
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

// allowance is how many requests a period may have.
type allowance struct {
	limit  int // 0 means any number
	period time.Duration
	began  time.Time
	used   int
}

// take counts a request, and reports whether it was within the limit.
func (a *allowance) take(now time.Time) bool {
	if now.Sub(a.began) >= a.period {
		a.began, a.used = now, 0
	}
	a.used++
	return a.limit == 0 || a.used <= a.limit
}
