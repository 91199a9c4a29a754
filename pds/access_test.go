package pds_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// application are credentials of application-restricted access.
var application = sync.OnceValue(func() nhs.SignedJWT {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return nhs.SignedJWT{
		APIKey: "key-of-app", KeyID: "int-1",
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}
})

// every returns credentials for each kind of access.
func every() map[nhs.Access]nhs.Credentials {
	return map[nhs.Access]nhs.Credentials{
		nhs.OpenAccess: nhs.Anonymous{}, nhs.ApplicationAccess: application(),
		nhs.HealthcareWorkerAccess: as(nhs.HealthcareWorkerAccess), nhs.PatientAccess: as(nhs.PatientAccess),
	}
}

// tokens answers the token endpoint itself, and leaves the rest to next.
func tokens(next httpmock.Responder) httpmock.Responder {
	return func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/oauth2/token") {
			return httpmock.NewStringResponse(http.StatusOK, `{"access_token":"token","expires_in":"599"}`), nil
		}
		return next(req)
	}
}

func TestClient_access(t *testing.T) {
	t.Parallel()
	query := pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05-17"))}
	many := query
	many.MaxResults = 50
	number := nhs.MustNumber(secret)
	const found = `{"resourceType":"Bundle","type":"searchset","total":0}`
	for name, test := range map[string]struct {
		answer  string
		run     func(context.Context, *pds.Client) error
		refused []nhs.Access
		want    error
	}{
		"get":    {minimal, func(ctx context.Context, c *pds.Client) error { _, err := c.Get(ctx, number); return err }, nil, nil},
		"search": {found, func(ctx context.Context, c *pds.Client) error { _, err := c.Search(ctx, query); return err }, []nhs.Access{nhs.PatientAccess}, pds.ErrAccess},
		"search for many": {found, func(ctx context.Context, c *pds.Client) error {
			_, err := c.Search(ctx, many)
			if errors.Is(err, pds.ErrAccess) {
				err = nhs.ErrInvalid // the patient's refusal comes first
			}
			return err
		}, []nhs.Access{nhs.ApplicationAccess, nhs.PatientAccess}, nhs.ErrInvalid},
		"cascade": {found, func(ctx context.Context, c *pds.Client) error {
			_, err := c.Cascade(ctx, query.Alternates()...)
			return err
		}, []nhs.Access{nhs.PatientAccess}, pds.ErrAccess},
		"trace": {minimal, func(ctx context.Context, c *pds.Client) error {
			for _, err := range c.Trace(ctx, numbers(secret)) {
				return err
			}
			return nil
		}, []nhs.Access{nhs.PatientAccess}, pds.ErrAccess},
		"session": {minimal, func(_ context.Context, c *pds.Client) error { _, err := c.With(pds.Session("1")); return err }, []nhs.Access{nhs.ApplicationAccess, nhs.PatientAccess}, pds.ErrAccess},
	} {
		for access, credentials := range every() {
			t.Run(name+" "+string(access), func(t *testing.T) {
				t.Parallel()
				b := setupAs(t, nhs.Loopback(base), credentials, play(tokens(fhir(http.StatusOK, test.answer))), quick())
				err := test.run(t.Context(), b.client)
				refused := slices.Contains(test.refused, access)
				switch {
				case !refused && err != nil:
					t.Errorf("got %v", err)
				case refused && (!errors.Is(err, test.want) || len(b.requests()) != 0):
					t.Errorf("got %v after %d requests, want %v after none", err, len(b.requests()), test.want)
				case refused && errors.Is(err, pds.ErrAccess) && (!errors.Is(err, nhs.ErrForbidden) || !strings.Contains(err.Error(), string(access))):
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// The sandbox is open to all: nothing is refused here that it may allow.
func TestClient_access_sandbox(t *testing.T) {
	t.Parallel()
	b := setupAs(t, nhs.Sandbox, as(nhs.PatientAccess), play(fhir(http.StatusOK, noMatch)), quick())
	if _, err := b.client.Search(t.Context(), pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05-17")), MaxResults: 50}); err != nil {
		t.Error(err)
	}
}

func TestClient_With(t *testing.T) {
	t.Parallel()
	b := setupAs(t, nhs.Loopback(base), as(nhs.HealthcareWorkerAccess), play(fhir(http.StatusOK, minimal)), quick())
	one, err := b.client.With(pds.Session("555021935107"), pds.OnBehalfOf("A81001"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := one.With(pds.Session("555021935108"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*pds.Client{two, one, b.client} {
		if _, err := c.Get(t.Context(), nhs.MustNumber(secret)); err != nil {
			t.Fatal(err)
		}
	}
	var got [][]string
	for _, req := range b.requests() {
		got = append(got, []string{
			req.Header.Get("Nhsd-Session-Urid"), req.Header.Get("Nhsd-End-User-Organisation-Ods"),
			req.Header.Get("Accept"), req.Header.Get("Authorization"),
		})
	}
	const accept, bearer = "application/fhir+json", "Bearer token"
	want := [][]string{
		{"555021935108", "A81001", accept, bearer},
		{"555021935107", "A81001", accept, bearer},
		{"", "", accept, bearer},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestNew_options(t *testing.T) {
	t.Parallel()
	app, err := nhs.NewApp(nhs.Loopback(base), as(nhs.HealthcareWorkerAccess))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pds.New(app, pds.Session("1"), pds.OnBehalfOf("A81001"), pds.ApplicationUpdates()); err != nil {
		t.Error(err)
	}
	for name, option := range map[string]pds.Option{
		"zero": {}, "empty session": pds.Session(""), "no digits": pds.Session("55502193510\n"),
		"empty organisation": pds.OnBehalfOf(""), "small letters": pds.OnBehalfOf("a81001"), "two lines": pds.OnBehalfOf("A81001\r\nX: 1"),
	} {
		if _, err := pds.New(app, option); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A refused token is asked for again, once.
func TestClient_Get_userTokenRefused(t *testing.T) {
	t.Parallel()
	denied := fhir(http.StatusUnauthorized, `{"issue":[{"code":"forbidden","diagnostics":"Access token expired"}]}`)
	for name, test := range map[string]struct {
		answers []httpmock.Responder
		want    error
		sent    []string
	}{
		"renewed":      {play(denied, fhir(http.StatusOK, minimal)), nil, []string{"Bearer old", "Bearer new"}},
		"not accepted": {play(denied), nhs.ErrUnauthorized, []string{"Bearer old", "Bearer new"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := "old"
			b := setupAs(t, nhs.Loopback(base), nhs.UserToken{
				Access:  nhs.HealthcareWorkerAccess,
				Token:   func(context.Context) (string, error) { return token, nil },
				Refused: func(string) { token = "new" },
			}, test.answers, quick())
			_, err := b.client.Get(t.Context(), nhs.MustNumber(secret))
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			var sent []string
			for _, req := range b.requests() {
				sent = append(sent, req.Header.Get("Authorization"))
			}
			if diff := cmp.Diff(test.sent, sent); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
			silent(t, b.log.String())
			if strings.Contains(b.log.String(), "old") {
				t.Error("the log shows a token")
			}
		})
	}
}

func TestClient_Get_noUserToken(t *testing.T) {
	t.Parallel()
	ended := errors.New("the session of " + secret + " has ended")
	b := setupAs(t, nhs.Loopback(base), nhs.UserToken{
		Access: nhs.PatientAccess, Token: func(context.Context) (string, error) { return "", ended },
	}, play(fhir(http.StatusOK, minimal)), quick())
	_, err := b.client.Get(t.Context(), nhs.MustNumber(secret))
	if !errors.Is(err, ended) || !errors.Is(err, nhs.ErrUnauthorized) || len(b.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(b.requests()))
	}
	silent(t, err.Error())
	silent(t, b.log.String())
}
