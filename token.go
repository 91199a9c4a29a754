package nhs

import (
	"context"
	"sync/atomic"
	"time"
)

// tokenSource is where access tokens come from, and what kind of access they give.
type tokenSource struct {
	access Access
	token  func(ctx context.Context) (string, error) // nil when none are needed
	reject func(token string)                        // told of a token that a service refused; may be nil
}

// accessToken is a bearer token and when to stop using it.
type accessToken struct {
	value   string
	renewAt time.Time
}

// fetchToken asks for a new access token.
type fetchToken func(ctx context.Context) (accessToken, error)

// tokenCache holds one token for all goroutines. A reader of a valid token takes
// no lock; of many that find none, one fetches and the others wait for it.
type tokenCache struct {
	fetch   fetchToken
	now     func() time.Time
	current atomic.Pointer[accessToken]
	turn    chan struct{} // holds one value while somebody fetches
}

func newTokenCache(fetch fetchToken, now func() time.Time) *tokenCache {
	return &tokenCache{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

func (c *tokenCache) token(ctx context.Context) (string, error) {
	if t := c.valid(); t != nil {
		return t.value, nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return "", &AuthError{Cause: ctx.Err()}
	}
	defer func() { <-c.turn }()
	if t := c.valid(); t != nil { // fetched by another while this one waited
		return t.value, nil
	}
	t, err := c.fetch(ctx)
	if err != nil {
		return "", err
	}
	c.current.Store(&t)
	return t.value, nil
}

func (c *tokenCache) valid() *accessToken {
	if t := c.current.Load(); t != nil && c.now().Before(t.renewAt) {
		return t
	}
	return nil
}

func (c *tokenCache) reject(value string) {
	if t := c.current.Load(); t != nil && t.value == value {
		c.current.CompareAndSwap(t, nil)
	}
}
