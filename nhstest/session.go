package nhstest

import (
	"context"
	"fmt"
	"sync"

	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// session is that of a user who has signed in.
type session struct {
	tokens *tokens
	user   pdstest.Token

	mu      sync.Mutex
	current string // access token, or "" if there is none
}

// token returns the access token of the session, which begins with the first.
func (s *session) token(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != "" {
		return s.current, nil
	}
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	token, err := s.tokens.issue(s.user)
	if err != nil {
		return "", fmt.Errorf("nhstest: %w", err)
	}
	s.current = token
	return token, nil
}

// refused ends a token that a service does not accept any more.
func (s *session) refused(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == token {
		s.current = ""
	}
}
