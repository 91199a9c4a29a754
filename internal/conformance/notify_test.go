package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const (
	planID      = "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a001"
	otherPlanID = "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a002"
	faultyPlan  = "4b9f1c52-6a53-4e4a-9a55-21f1b6b0a003"
	unlawful    = 8 // a person to whom the service refuses messages
)

// journeys are people who fare differently.
func journeys() map[nhs.Number]notifytest.Journey {
	return map[nhs.Number]notifytest.Journey{
		person(0):        {},
		person(1):        {NHSApp: notifytest.Ignored},
		person(2):        {NHSApp: notifytest.NoContact, Email: notifytest.Bounced},
		person(3):        {NHSApp: notifytest.Bounced, Email: notifytest.NoContact, SMS: notifytest.NoContact},
		person(4):        {NHSApp: notifytest.Bounced, Email: notifytest.Bounced, SMS: notifytest.Bounced, Letter: notifytest.Bounced},
		person(5):        {Unsendable: notifytest.FormallyDead},
		person(6):        {NHSApp: notifytest.NoContact, Email: notifytest.Retried, SMS: notifytest.Retried},
		person(unlawful): {Refused: "CM_INVALID_NHS_NUMBER"},
	}
}

// notifyOptions are a service with a plan of all channels and one that is faulty,
// a practice, and an account that may do everything.
func notifyOptions() notifytest.Options {
	return notifytest.Options{
		Plans: []notifytest.Plan{{
			ID: planID, Name: "Health check", Personalisation: []string{"practice"},
			Channels:  []notify.Channel{notify.NHSApp, notify.Email, notify.SMS, notify.Letter},
			Secondary: []notify.Channel{notify.SMS},
		}, {
			ID: faultyPlan, Name: "Faulty", Channels: []notify.Channel{notify.SMS}, DuplicateTemplates: []string{"reminder"},
		}},
		ContactDetails: true,
		Accounts: map[string][]notify.AppAccount{"A12345": {
			{Person: person(0), Notifications: true}, {Person: person(1)}, {Person: person(4), Notifications: true},
		}},
		AccountsPerPage: 2,
		Outcome:         func(n nhs.Number) notifytest.Journey { return journeys()[n] },
	}
}

func message(n int, reference string) notify.Message {
	return notify.Message{
		Reference: reference, To: person(n), BillingReference: "cost centre 1", Originator: "X26",
		Personalisation: map[string]any{"practice": "High Street", "visits": 2, "known": true, "dates": []string{"1 May", "8 May"}},
	}
}

func TestNotify(t *testing.T) {
	t.Parallel()
	options := notifyOptions()
	options.Processing = time.Minute
	services := start(t, nhstest.Options{Notify: options})
	c := newContract(t, nhs.Notify, services.Environment())
	messages := connect(t, services, c, notify.New)
	seen := subscribe(t, c, services)

	single := message(0, "single-1")
	single.Plan = planID
	sent, err := messages.Send(t.Context(), single)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{sent.ID}
	batch := notify.Batch{Plan: planID, Reference: "batch-1"}
	for n := range 7 {
		batch.Messages = append(batch.Messages, message(n, fmt.Sprint("item-", n)))
	}
	batch.Messages[0].Personalisation = nil // accepted, but cannot be sent
	batch.Messages[3].Contact = &notify.ContactDetails{
		Email: "anna@example.nhs.uk", SMS: "07700 900000",
		Address: notify.Address{Lines: []string{"1 High Street", "Leeds"}, Postcode: "LS1 6AE"},
		Name:    notify.Name{Prefix: "Dr", First: "Anna", Middle: "Jane", Last: "Capon", Suffix: "MBE"},
	}
	accepted, err := messages.SendBatch(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range accepted.Messages {
		ids = append(ids, m.ID)
	}
	for _, d := range []time.Duration{
		0, time.Minute, time.Minute, 2 * time.Minute, 10 * time.Minute, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour,
	} {
		if err := services.Notify.Advance(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if status, err := messages.Status(t.Context(), id); err != nil || status.ID != id {
				t.Errorf("status of %s: %+v, %v", id, status, err)
			}
			if exists, err := messages.Exists(t.Context(), id); err != nil || !exists {
				t.Errorf("%s exists: %v, %v", id, exists, err)
			}
		}
	}
	if kinds := seen(); !slices.Equal(kinds, []string{"ChannelStatus", "MessageStatus"}) {
		t.Errorf("callbacks of the kinds %q", kinds)
	}
	practice(t, messages)
	notifyRefusals(t, services, messages, single, batch)
	c.complete(t)
}

// practice lists the accounts of one practice, and of one that has no list.
func practice(t *testing.T, messages *notify.Client) {
	t.Helper()
	found := 0
	for account, err := range messages.Accounts(t.Context(), "a12345") {
		if err != nil {
			t.Fatal(err)
		}
		if !account.Person.IsZero() {
			found++
		}
	}
	if found != 3 {
		t.Errorf("%d accounts", found)
	}
	_, err := messages.AccountsPage(t.Context(), "A12345", 3)
	want(t, "past the last page", err, nhs.ErrNotFound, http.StatusNotFound)
	_, err = messages.AccountsPage(t.Context(), "B12345", 1)
	want(t, "another practice", err, nhs.ErrNotFound, http.StatusNotFound)
}

// notifyRefusals repeats accepted requests, and makes bad ones.
func notifyRefusals(t *testing.T, services *nhstest.NHS, messages *notify.Client, single notify.Message, batch notify.Batch) {
	t.Helper()
	_, err := messages.Send(t.Context(), single)
	want(t, "repeat", err, nhs.ErrDuplicate, http.StatusUnprocessableEntity)
	_, err = messages.SendBatch(t.Context(), batch)
	want(t, "repeated batch", err, nhs.ErrDuplicate, http.StatusUnprocessableEntity)

	single.Reference = "single-2"
	if _, err := messages.Send(t.Context(), single); err != nil {
		t.Error(err)
	}
	_, err = messages.Send(t.Context(), single)
	want(t, "early repeat", err, nhs.ErrRateLimited, http.StatusTooEarly)

	single.Reference, single.Plan = "single-3", otherPlanID
	_, err = messages.Send(t.Context(), single)
	want(t, "unknown plan", err, nhs.ErrNotFound, http.StatusNotFound)
	_, err = messages.Status(t.Context(), "2WL3qFTEFM0qMY8xjRbt1LIKCzM")
	want(t, "unknown message", err, nhs.ErrNotFound, http.StatusNotFound)

	single.Plan, single.To = planID, person(unlawful)
	_, err = messages.Send(t.Context(), single)
	want(t, "refused person", err, nhs.ErrInvalid, http.StatusBadRequest)
	batch.Reference, batch.Messages = "batch-2", append(batch.Messages, message(unlawful, "item-9"))
	_, err = messages.SendBatch(t.Context(), batch)
	want(t, "refused person in a batch", err, nhs.ErrInvalid, http.StatusBadRequest)
	if refused, ok := errors.AsType[*notify.BatchError](err); !ok || len(refused.Refused) != 1 {
		t.Errorf("refused person in a batch: %v", err)
	}

	single.To, single.Plan = person(0), faultyPlan
	_, err = messages.Send(t.Context(), single)
	want(t, "faulty plan", err, nhs.ErrInvalid, http.StatusInternalServerError)

	services.RevokeTokens() // the refusal is traffic like any other
	const unknown = "2WL3qFTEFM0qMY8xjRbt1LIKCzM"
	_, err = messages.Status(t.Context(), unknown)
	want(t, "unknown message", err, nhs.ErrNotFound, http.StatusNotFound)
	if exists, err := messages.Exists(t.Context(), unknown); err != nil || exists {
		t.Errorf("unknown message exists: %v, %v", exists, err)
	}

	services.Notify.Ban(true)
	_, err = messages.Status(t.Context(), unknown)
	want(t, "ban", err, nhs.ErrForbidden, http.StatusForbidden)
	services.Notify.Ban(false)
}

// subscribe receives callbacks, which have to keep to the document. The function
// it returns tells the kinds of events that came.
func subscribe(t *testing.T, c *contract, services *nhstest.NHS) (kinds func() []string) {
	t.Helper()
	secret := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "callback-key"}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, callback notify.Callback) error {
		if len(callback.Events) != 1 {
			t.Errorf("callback not understood: %s", callback.Body)
		}
		return nil
	}))
	t.Cleanup(receiver.Close)
	var mu sync.Mutex
	seen := map[string]bool{}
	check := roundTripper(func(req *http.Request) (*http.Response, error) {
		x, err := send(http.DefaultTransport, req)
		if err != nil {
			return nil, err
		}
		kind, err := c.checkCallback(x)
		if err != nil {
			t.Errorf("callback %s: %v", x.requestBody, err)
		}
		mu.Lock()
		defer mu.Unlock()
		seen[kind] = true
		return x.response, nil
	})
	services.Notify.Subscribe(notifytest.Subscriber{URL: receiver.URL, Secret: secret, Client: &http.Client{Transport: check}})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		var found []string
		for kind := range seen {
			found = append(found, kind)
		}
		slices.Sort(found)
		return found
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// checkCallback holds a callback and its answer against the document, and
// returns the kind of its event.
func (c *contract) checkCallback(x *exchange) (kind string, err error) {
	var envelope struct {
		Data []struct {
			Type string `json:"type"`
		} `json:"data"`
	}
	if err := json.Unmarshal(x.requestBody, &envelope); err != nil {
		return "", err
	}
	if len(envelope.Data) != 1 {
		return "", fmt.Errorf("%d events", len(envelope.Data))
	}
	kind = envelope.Data[0].Type
	schema := c.doc.Components.Schemas[kind+"Callback"]
	if schema == nil {
		return "", fmt.Errorf("the kind %q is not described", kind)
	}
	problems := []error{visit(schema, x.requestBody)}
	for name, pattern := range map[string]string{
		"Content-Type": `^application/(vnd\.api\+)?json$`, "X-Api-Key": `^callback-key$`, "X-Hmac-Sha256-Signature": `^[0-9a-f]{64}$`,
	} {
		if got := x.request.Header.Get(name); !regexp.MustCompile(pattern).MatchString(got) {
			problems = append(problems, fmt.Errorf("the header %q is %q", name, got))
		}
	}
	if x.response.StatusCode != http.StatusAccepted {
		problems = append(problems, fmt.Errorf("answered with status %d", x.response.StatusCode))
	}
	return kind, errors.Join(problems...)
}

// visit holds JSON text against a schema.
func visit(schema *openapi3.SchemaRef, text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	return schema.Value.VisitJSON(value, openapi3.MultiErrors())
}

// The document has room for the published samples.
func TestNotify_samples(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "notify", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("the published samples are not here")
	}
	doc := load(t, "notify")
	shut(doc)
	for _, name := range names {
		if err := visit(doc.Components.Schemas["MessageResponse"], sample(t, "notify", filepath.Base(name))); err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}
