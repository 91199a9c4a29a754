package nhs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Access says on whose behalf requests are made. Services allow different
// operations to different kinds of access; clients refuse, before sending, what a
// service would.
//
// Source: NHS England API platform, security and authorisation.
type Access string

// The kinds of access on the API platform.
const (
	// OpenAccess is access without credentials, as in the sandbox. Clients leave
	// the decision to the service.
	OpenAccess Access = "open"

	// ApplicationAccess is application-restricted access: no user is present.
	ApplicationAccess Access = "application-restricted"

	// HealthcareWorkerAccess is user-restricted access for a healthcare worker who
	// has signed in with CIS2.
	HealthcareWorkerAccess Access = "healthcare worker"

	// PatientAccess is user-restricted access for a patient who has signed in with
	// NHS login.
	PatientAccess Access = "patient"
)

// UserToken are the credentials of user-restricted access. The program signs the
// user in, with CIS2 or NHS login, and keeps their session; the module asks it for
// the access token.
//
// One App serves many users: Token is called with the context of the request, for
// every attempt, and may read from it who the user is. The App keeps no user's
// token.
type UserToken struct {
	Access Access // HealthcareWorkerAccess or PatientAccess

	// Token returns a valid access token of the user. It is called by many
	// goroutines at once, and should renew a token that is about to expire. Its
	// error becomes the Cause of an [*AuthError] that is an [ErrUnauthorized],
	// unless it is an [*AuthError] already.
	Token func(ctx context.Context) (string, error)

	// Refused, if set, is told of a token that a service has refused. The request
	// is then sent once more, with what Token returns: a Token that renews can
	// mend an early expiry, another can not.
	Refused func(token string)
}

// Format prints the kind of access only.
func (c UserToken) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "UserToken("+string(c.Access)+")")
}

// LogValue logs the kind of access only.
func (c UserToken) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

func (c UserToken) source(Environment, Settings) (tokenSource, error) {
	if c.Access != HealthcareWorkerAccess && c.Access != PatientAccess {
		return tokenSource{}, &ArgumentError{Name: "user token", Reason: "must be for HealthcareWorkerAccess or PatientAccess"}
	}
	if c.Token == nil {
		return tokenSource{}, &ArgumentError{Name: "user token", Reason: "must have a Token function"}
	}
	return tokenSource{access: c.Access, token: c.token, reject: c.Refused}, nil
}

func (c UserToken) token(ctx context.Context) (string, error) {
	token, err := c.Token(ctx)
	if err == nil && token == "" {
		err = errNoUserToken
	}
	if err == nil {
		return token, nil
	}
	if auth, ok := errors.AsType[*AuthError](err); ok {
		return "", auth
	}
	return "", &AuthError{Code: "user token", Cause: err}
}

var errNoUserToken = errors.New("there is none")
