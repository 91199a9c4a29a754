package nhstest_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const plan = "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a001"

func number() nhs.Number { return nhs.MustNumber("9990000018") }

func mailbox() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26ABC1", Password: "password", SharedKey: "TestKey"}
}

func start(t *testing.T, o nhstest.Options) *nhstest.NHS {
	t.Helper()
	services, err := nhstest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	return services
}

// populated starts services that hold one of everything.
func populated(t *testing.T) *nhstest.NHS {
	t.Helper()
	services := start(t, nhstest.Options{
		Notify: notifytest.Options{Plans: []notifytest.Plan{{ID: plan, Channels: []notify.Channel{notify.NHSApp}}}},
		MESH:   meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: mailbox(), Workflows: []string{"TEST"}}}},
		CaaS:   caastest.Options{Cohorts: []caas.Cohort{{ID: "1", Slug: "flu"}}},
	})
	if err := services.PDS.Put(pdstest.Person{Number: number(), Family: "Capon"}); err != nil {
		t.Fatal(err)
	}
	return services
}

// counter counts the token requests of a client.
type counter struct{ tokens atomic.Int32 }

func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/oauth2/token" {
		c.tokens.Add(1)
	}
	return http.DefaultTransport.RoundTrip(req)
}

// options make an App quick to fail, without a pace, and count its tokens.
func (c *counter) options() []nhs.Option {
	return []nhs.Option{
		nhs.WithHTTPClient(&http.Client{Transport: c}),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}),
		nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}),
	}
}

// connect returns a PDS client of a new application.
func connect(t *testing.T, services *nhstest.NHS, apiKey string, opts ...nhs.Option) *pds.Client {
	t.Helper()
	app, err := services.App(apiKey, opts...)
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		t.Fatal(err)
	}
	return patients
}

func TestServices(t *testing.T) {
	t.Parallel()
	services := populated(t)
	app, err := services.App("my-app")
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := patients.Get(t.Context(), number()); err != nil || p.Number != number() {
		t.Errorf("PDS: %v, %v", p, err)
	}
	messages, err := notify.New(app)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := messages.Send(t.Context(), notify.Message{Plan: plan, Reference: "r-1", To: number()})
	if err != nil || sent.Status != notify.StatusCreated || services.Notify.Accepted(number()) != 1 {
		t.Errorf("NHS Notify: %+v, %v", sent, err)
	}
	definitions, err := caas.NewDefinitions(app)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := definitions.BySlug(t.Context(), "flu"); err != nil || c.ID != "1" {
		t.Errorf("CaaS: %+v, %v", c, err)
	}
}

// MESH needs no application: a mailbox has credentials of its own.
func TestServices_meshWithoutAnApplication(t *testing.T) {
	t.Parallel()
	services := populated(t)
	app, err := nhs.NewApp(services.Environment(), nhs.Anonymous{})
	if err != nil {
		t.Fatal(err)
	}
	box, err := mesh.New(app, mailbox())
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Handshake(t.Context()); err != nil {
		t.Fatal(err)
	}
	id, err := box.Send(t.Context(), mesh.SendRequest{To: "X26ABC1", Workflow: "TEST", Body: strings.NewReader("content")})
	if err != nil {
		t.Fatal(err)
	}
	message, err := box.Download(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer message.Close()
	if content, err := io.ReadAll(message); err != nil || string(content) != "content" {
		t.Errorf("content %q, %v", content, err)
	}
}

// PDS and NHS Notify want a token of the endpoint.
func TestServices_refuseOtherTokens(t *testing.T) {
	t.Parallel()
	services := populated(t)
	for name, path := range map[string]string{
		"PDS": "/personal-demographics/FHIR/R4/Patient/9990000018", "NHS Notify": "/comms/v1/messages/x",
	} {
		for _, header := range []string{"", "Bearer", "Bearer ", "Bearer made-up", "Basic abc"} {
			if got := get(t, services, path, header); got != http.StatusUnauthorized {
				t.Errorf("%s with %q: status %d", name, header, got)
			}
		}
	}
}

func TestServices_unknownPaths(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{})
	for path, want := range map[string]int{
		"/":                  http.StatusNotFound,
		"/oauth2/authorize":  http.StatusNotFound,
		"/another-api/thing": http.StatusNotFound,
		"/oauth2/token":      http.StatusMethodNotAllowed,
	} {
		if got := get(t, services, path, ""); got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
}

// get returns the status of a request.
func get(t *testing.T, services *nhstest.NHS, path, authorization string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, services.Environment().API()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	req.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestNHS_RevokeTokens(t *testing.T) {
	t.Parallel()
	services := populated(t)
	var c counter
	patients := connect(t, services, "my-app", c.options()...)
	for round := range int32(3) {
		for range 2 {
			if _, err := patients.Get(t.Context(), number()); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.tokens.Load(); got != round+1 {
			t.Errorf("round %d: %d token requests", round, got)
		}
		services.RevokeTokens()
	}
}

func TestServices_tokensExpire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	services := start(t, nhstest.Options{Now: clock})
	app, err := services.App("my-app", nhs.WithClock(clock))
	if err != nil {
		t.Fatal(err)
	}
	token, err := app.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const path = "/comms/v1/messages/x"
	now = now.Add(599*time.Second - 1)
	if got := get(t, services, path, "Bearer "+token); got != http.StatusNotFound {
		t.Errorf("just before it expires: status %d", got)
	}
	now = now.Add(1)
	if got := get(t, services, path, "Bearer "+token); got != http.StatusUnauthorized {
		t.Errorf("expired: status %d", got)
	}
}

func TestServices_concurrentUse(t *testing.T) {
	t.Parallel()
	services := populated(t)
	var wg sync.WaitGroup
	for _, apiKey := range []string{"app-1", "app-1", "app-2"} {
		var c counter
		patients := connect(t, services, apiKey, c.options()...)
		for range 8 {
			wg.Go(func() {
				if _, err := patients.Get(t.Context(), number()); err != nil {
					t.Error(err)
				}
			})
		}
		defer func() {
			if got := c.tokens.Load(); got != 1 {
				t.Errorf("%s: %d token requests", apiKey, got)
			}
		}()
	}
	wg.Go(func() {
		if _, err := services.Register("app-3"); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
}

// An application that registers again has two keys, like one that is changing them.
func TestNHS_Register_again(t *testing.T) {
	t.Parallel()
	services := populated(t)
	first, err := services.Register("my-app")
	if err != nil {
		t.Fatal(err)
	}
	second, err := services.Register("my-app")
	if err != nil {
		t.Fatal(err)
	}
	if first.KeyID == second.KeyID || bytes.Equal(first.PrivateKey, second.PrivateKey) {
		t.Errorf("key ids %q and %q, or the keys, are the same", first.KeyID, second.KeyID)
	}
	crossed := nhs.SignedJWT{APIKey: "my-app", KeyID: first.KeyID, PrivateKey: second.PrivateKey}
	for name, tt := range map[string]struct {
		credentials nhs.SignedJWT
		want        error
	}{"first": {first, nil}, "second": {second, nil}, "crossed": {crossed, nhs.ErrUnauthorized}} {
		var c counter
		app, err := nhs.NewApp(services.Environment(), tt.credentials, c.options()...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.Token(t.Context()); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNHS_Register_needsAnAPIKey(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{})
	if _, err := services.App(""); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestNHS_Close(t *testing.T) {
	t.Parallel()
	services, err := nhstest.Start(nhstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c counter
	patients := connect(t, services, "my-app", c.options()...)
	if _, err := patients.Get(t.Context(), number()); !errors.Is(err, nhs.ErrNotFound) {
		t.Fatalf("open: %v", err)
	}
	for range 2 {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := patients.Get(t.Context(), number()); !errors.Is(err, nhs.ErrUnavailable) {
		t.Errorf("closed: %v", err)
	}
}

// The services keep what their own options say.
func TestStart_ownOptions(t *testing.T) {
	t.Parallel()
	open := func(*http.Request) error { return nil }
	services := start(t, nhstest.Options{
		PDS:    pdstest.Options{Authorize: open},
		Notify: notifytest.Options{Authorize: open},
	})
	for _, path := range []string{"/personal-demographics/FHIR/R4/Patient/9990000018", "/comms/v1/messages/x"} {
		if got := get(t, services, path, ""); got != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got)
		}
	}
}

func TestStart_brokenRandomness(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{Random: iotest.ErrReader(io.ErrUnexpectedEOF)})
	var c counter
	app, err := services.App("my-app", c.options()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Token(t.Context()); !errors.Is(err, nhs.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
