package nhs

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// Version is the version of this module, as sent in User-Agent.
const Version = "0.1.0"

// App is one application registered with the NHS API platform: an environment,
// credentials, and what its clients share (one access token, one pace for each
// service). It is immutable and safe for concurrent use.
type App struct {
	env      Environment
	settings Settings
	tokens   tokenSource

	mu       sync.Mutex
	limiters map[Service]*rate.Limiter
}

// NewApp returns an App. It validates everything and sends nothing; the error of
// a bad argument is an [*ArgumentError].
func NewApp(env Environment, credentials Credentials, opts ...Option) (*App, error) {
	if err := env.validate(); err != nil {
		return nil, err
	}
	if credentials == nil {
		return nil, &ArgumentError{Name: "credentials", Reason: "must not be nil; use Anonymous for the sandbox"}
	}
	s := defaults()
	for _, opt := range opts {
		if opt.apply == nil {
			return nil, &ArgumentError{Name: "option", Reason: "must not be the zero Option"}
		}
		if err := opt.apply(&s); err != nil {
			return nil, err
		}
	}
	s.Retry = s.Retry.withDefaults()
	client := *s.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.HTTPClient = &client
	tokens, err := credentials.source(env, s)
	if err != nil {
		return nil, err
	}
	return &App{env: env, settings: s, tokens: tokens, limiters: map[Service]*rate.Limiter{}}, nil
}

// Environment returns the environment the App talks to.
func (a *App) Environment() Environment { return a.env }

// Access returns the kind of access that the credentials give.
func (a *App) Access() Access { return a.tokens.access }

// Settings returns the values in force.
func (a *App) Settings() Settings { return a.settings }

// Token returns a valid access token. With [SignedJWT] it is fetched or renewed
// when needed, and many goroutines cause one request; with [UserToken] it is what
// the caller's function returns for ctx. It is "" for [Anonymous] credentials. The
// error is an [*AuthError] when no token can be had. The token is a secret.
func (a *App) Token(ctx context.Context) (string, error) {
	if a.tokens.token == nil {
		return "", nil
	}
	return a.tokens.token(ctx)
}

// Reject tells the App that a service refused token, so that the next [App.Token]
// fetches another. A token that has been replaced meanwhile stays.
func (a *App) Reject(token string) {
	if a.tokens.reject != nil {
		a.tokens.reject(token)
	}
}

// Wait blocks until the pace of service allows one more request, or ctx ends.
// The pace is the one set with [WithRate], or usual.
func (a *App) Wait(ctx context.Context, service Service, usual Rate) error {
	if err := a.limiter(service, usual).Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// The limiter knows already that the deadline comes before the turn.
		return fmt.Errorf("%w: the request's turn comes later", context.DeadlineExceeded)
	}
	return nil
}

func (a *App) limiter(service Service, usual Rate) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, ok := a.limiters[service]
	if !ok {
		r, set := a.settings.rates[service]
		if !set {
			r = usual
		}
		l = rate.NewLimiter(rate.Limit(r.PerSecond), max(r.Burst, 1))
		a.limiters[service] = l
	}
	return l
}
