package pds_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// What the client refuses is what the service refuses, and nothing else: the same
// operations by a client that knows its kind of access and by one that does not.
func TestClient_access_asTheService(t *testing.T) {
	t.Parallel()
	number, born := nhs.MustNumber(secret), date(t, "1990-05-17")
	query := pds.Query{Family: "Smith", Born: pds.On(born)}
	many := query
	many.MaxResults = 50
	operations := map[string]func(context.Context, *pds.Client) error{
		"get":             func(ctx context.Context, c *pds.Client) error { _, err := c.Get(ctx, number); return err },
		"search":          func(ctx context.Context, c *pds.Client) error { _, err := c.Search(ctx, query); return err },
		"search for many": func(ctx context.Context, c *pds.Client) error { _, err := c.Search(ctx, many); return err },
		"related people":  func(ctx context.Context, c *pds.Client) error { _, err := c.RelatedPeople(ctx, number); return err },
		"coverage":        func(ctx context.Context, c *pds.Client) error { _, err := c.Coverage(ctx, number); return err },
		"create":          func(ctx context.Context, c *pds.Client) error { _, err := c.Create(ctx, newborn(t)); return err },
		"update": func(ctx context.Context, c *pds.Client) error {
			p, err := c.Get(ctx, number)
			if err != nil {
				return err
			}
			edit := p.Edit()
			edit.Address(pds.Home).SetPostcode("LS1 6AE")
			_, err = c.Update(ctx, edit)
			return err
		},
	}
	for access, credentials := range every() {
		if access == nhs.OpenAccess {
			continue
		}
		for name, operate := range operations {
			t.Run(fmt.Sprint(access, " ", name), func(t *testing.T) {
				t.Parallel()
				requests := func(c nhs.Credentials) (int, error) {
					fake := pdstest.New(pdstest.Options{
						Authorize: func(*http.Request) error { return nil },
						Token:     pdstest.Always(pdstest.Token{Access: access, Patient: number}),
					})
					err := fake.Put(pdstest.Person{
						Number: number, Family: "Smith", Born: born,
						Lines: []string{"1", "High Street", "", "Leeds", ""}, Postcode: "LS1 4AP",
					})
					if err != nil {
						t.Fatal(err)
					}
					server := httptest.NewServer(tokenEndpoint(fake))
					defer server.Close()
					app, err := nhs.NewApp(nhs.Loopback(server.URL), c, quick())
					if err != nil {
						t.Fatal(err)
					}
					patients, err := pds.New(app)
					if err != nil {
						t.Fatal(err)
					}
					err = operate(t.Context(), patients)
					return fake.Requests(), err
				}
				_, remote := requests(nhs.Anonymous{})
				sent, local := requests(credentials)
				_, bad := errors.AsType[*nhs.ArgumentError](local)
				refused := bad || errors.Is(local, pds.ErrAccess)
				if errors.Is(remote, nhs.ErrForbidden) != refused || (refused && name != "update" && sent > 0) {
					t.Errorf("the service says %v, the client %v after %d requests", remote, local, sent)
				}
				if !refused && (local != nil || remote != nil) {
					t.Errorf("got %v and %v", local, remote)
				}
			})
		}
	}
}

// tokenEndpoint gives an access token to any application, and leaves the rest to
// next.
func tokenEndpoint(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"access_token":"token","expires_in":"599"}`)
	})
	mux.Handle("/", next)
	return mux
}

// NHS England may enable updates for an application, and nothing else with them.
func TestApplicationUpdates(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber(secret)
	fake := pdstest.New(pdstest.Options{Token: pdstest.Always(pdstest.Token{Updates: true})})
	if err := fake.Put(pdstest.Person{Number: number, Family: "Smith", Gender: pds.Male}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(tokenEndpoint(fake))
	defer server.Close()
	app, err := nhs.NewApp(nhs.Loopback(server.URL), application(), quick())
	if err != nil {
		t.Fatal(err)
	}
	usual, err := pds.New(app)
	if err != nil {
		t.Fatal(err)
	}
	p, err := usual.Get(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	edit := p.Edit()
	edit.SetGender(pds.Female)
	if _, err := usual.Update(t.Context(), edit); !errors.Is(err, pds.ErrAccess) {
		t.Errorf("got %v", err)
	}
	enabled, err := usual.With(pds.ApplicationUpdates())
	if err != nil {
		t.Fatal(err)
	}
	if p, err := enabled.Update(t.Context(), edit); err != nil || p.Gender != pds.Female {
		t.Errorf("got %v, %v", p, err)
	}
	if _, err := enabled.Create(t.Context(), newborn(t)); !errors.Is(err, pds.ErrAccess) {
		t.Errorf("got %v", err)
	}
	if _, err := usual.Update(t.Context(), edit); !errors.Is(err, pds.ErrAccess) {
		t.Errorf("the view has changed the client: %v", err)
	}
}
