package nhs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
)

// userKey is where a program keeps the user of a request.
type userKey struct{}

func userApp(t *testing.T, c nhs.UserToken) *nhs.App {
	t.Helper()
	app, err := nhs.NewApp(nhs.Loopback(base), c)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestUserToken_ofTheRequest(t *testing.T) {
	t.Parallel()
	app := userApp(t, nhs.UserToken{Access: nhs.HealthcareWorkerAccess, Token: func(ctx context.Context) (string, error) {
		return fmt.Sprint("token of ", ctx.Value(userKey{})), nil
	}})
	if app.Access() != nhs.HealthcareWorkerAccess {
		t.Errorf("access %q", app.Access())
	}
	for _, user := range []string{"ann", "bob", "ann"} {
		token, err := app.Token(context.WithValue(t.Context(), userKey{}, user))
		if err != nil || token != "token of "+user {
			t.Errorf("got %q, %v", token, err)
		}
	}
	app.Reject("token of ann") // nobody to tell
}

// A function that waits holds nobody else up.
func TestUserToken_together(t *testing.T) {
	t.Parallel()
	both := make(chan struct{})
	app := userApp(t, nhs.UserToken{Access: nhs.PatientAccess, Token: func(context.Context) (string, error) {
		select {
		case both <- struct{}{}:
		case <-both:
		}
		return "token", nil
	}})
	done := make(chan error)
	for range 2 {
		go func() {
			_, err := app.Token(t.Context())
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestUserToken_refused(t *testing.T) {
	t.Parallel()
	token := "old"
	app := userApp(t, nhs.UserToken{
		Access:  nhs.PatientAccess,
		Token:   func(context.Context) (string, error) { return token, nil },
		Refused: func(refused string) { token = "instead of " + refused },
	})
	app.Reject("old")
	if got, err := app.Token(t.Context()); err != nil || got != "instead of old" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestUserToken_errors(t *testing.T) {
	t.Parallel()
	gone := errors.New("session of 999 000 0018 ended")
	tests := map[string]struct {
		token string
		err   error
		want  []error
	}{
		"none":          {"", nil, []error{nhs.ErrUnauthorized}},
		"signed out":    {"", gone, []error{nhs.ErrUnauthorized, gone}},
		"cancelled":     {"", context.Canceled, []error{nhs.ErrUnauthorized, context.Canceled}},
		"unreachable":   {"", fmt.Errorf("refresh: %w", &nhs.AuthError{StatusCode: 503}), []error{nhs.ErrUnavailable}},
		"token ignored": {"t", gone, []error{nhs.ErrUnauthorized, gone}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := userApp(t, nhs.UserToken{Access: nhs.PatientAccess, Token: func(context.Context) (string, error) { return test.token, test.err }})
			token, err := app.Token(t.Context())
			if _, ok := errors.AsType[*nhs.AuthError](err); !ok || token != "" {
				t.Fatalf("got %q, %v", token, err)
			}
			for _, want := range test.want {
				if !errors.Is(err, want) {
					t.Errorf("%v is not %v", err, want)
				}
			}
			if errors.Is(err, nhs.ErrUnavailable) != (name == "unreachable") {
				t.Errorf("%v: unavailable or not", err)
			}
			if strings.Contains(err.Error(), "0018") || strings.Contains(err.Error(), "no answer") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUserToken_validated(t *testing.T) {
	t.Parallel()
	token := func(context.Context) (string, error) { return "t", nil }
	for name, c := range map[string]nhs.UserToken{
		"no access":   {Token: token},
		"application": {Access: nhs.ApplicationAccess, Token: token},
		"no function": {Access: nhs.PatientAccess},
	} {
		if _, err := nhs.NewApp(nhs.Integration, c); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestApp_Access(t *testing.T) {
	t.Parallel()
	for want, c := range map[nhs.Access]nhs.Credentials{nhs.OpenAccess: nhs.Anonymous{}, nhs.ApplicationAccess: credentials()} {
		app, err := nhs.NewApp(nhs.Integration, c)
		if err != nil || app.Access() != want {
			t.Errorf("got %v, %v; want %v", app.Access(), err, want)
		}
	}
}

func ExampleUserToken() {
	type session struct{ token string } // what the program knows of a user who is signed in

	app, err := nhs.NewApp(nhs.Integration, nhs.UserToken{
		Access: nhs.HealthcareWorkerAccess,
		Token: func(ctx context.Context) (string, error) {
			s, ok := ctx.Value(userKey{}).(session)
			if !ok {
				return "", errors.New("nobody is signed in")
			}
			return s.token, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	token, err := app.Token(context.WithValue(ctx, userKey{}, session{token: "token of the user"}))
	fmt.Println(app.Access(), "access:", token, err)

	_, err = app.Token(ctx)
	fmt.Println(err, errors.Is(err, nhs.ErrUnauthorized))
	// Output:
	// healthcare worker access: token of the user <nil>
	// access token: user token: nobody is signed in true
}
