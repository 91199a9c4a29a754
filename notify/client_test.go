package notify_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const api = "https://sandbox.api.service.nhs.uk/comms/v1"

// mocked returns a client whose requests go to the mock.
func mocked(t *testing.T, more ...nhs.Option) (*notify.Client, *httpmock.MockTransport) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	return newClient(t, nhs.Sandbox, append(more, nhs.WithHTTPClient(&http.Client{Transport: mock}))...), mock
}

func TestSendRequest(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	var header http.Header
	var body map[string]any
	mock.RegisterResponder("POST", api+"/messages", func(r *http.Request) (*http.Response, error) {
		header = r.Header
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		return httpmock.NewStringResponse(201, `{"data":{"type":"Message","id":"2WL3qFTEFM0qMY8xjRbt1LIKCzM",
			"attributes":{"messageReference":"r \"1\"","messageStatus":"created","timestamps":{"created":"2026-01-05T09:00:00.000Z"},
			"routingPlan":{"id":"`+planID+`","name":"n","version":"2","createdDate":"2022-01-01T00:00:00Z"}},
			"links":{"self":"https://api/1"},"added":{"later":true}}}`), nil
	})
	got, err := client.Send(t.Context(), notify.Message{
		Plan: planID, Reference: `r "1"`, To: number(0), BillingReference: "cost 1", Originator: "X26",
		Personalisation: map[string]any{"name": "Zoë <b>", "n": 3, "list": []string{"a", "b"}, "yes": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := notify.Sent{
		ID: "2WL3qFTEFM0qMY8xjRbt1LIKCzM", Reference: `r "1"`, Status: notify.StatusCreated,
		Created: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), Self: "https://api/1",
		Plan: notify.RoutingPlan{ID: planID, Name: "n", Version: "2", Created: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	wantBody := map[string]any{"data": map[string]any{"type": "Message", "attributes": map[string]any{
		"routingPlanId": planID, "messageReference": `r "1"`, "billingReference": "cost 1",
		"recipient":       map[string]any{"nhsNumber": number(0).Reveal()},
		"originator":      map[string]any{"odsCode": "X26"},
		"personalisation": map[string]any{"name": "Zoë <b>", "n": 3.0, "list": []any{"a", "b"}, "yes": true},
	}}}
	if diff := cmp.Diff(wantBody, body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"Accept": "application/vnd.api+json", "Content-Type": "application/vnd.api+json"} {
		if diff := cmp.Diff([]string{want}, header[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if len(header.Get("X-Correlation-ID")) != 36 {
		t.Errorf("X-Correlation-ID is %q", header.Get("X-Correlation-ID"))
	}
}

func TestBadInputIsNotSent(t *testing.T) {
	t.Parallel()
	alter := func(change func(*notify.Message)) notify.Message {
		m := message(0)
		change(&m)
		return m
	}
	single := []struct {
		name    string
		message notify.Message
		want    string
	}{
		{"plan", alter(func(m *notify.Message) { m.Plan = "b838b13c" }), "plan must be a routing plan id, a UUID"},
		{"plan digits", alter(func(m *notify.Message) { m.Plan = "x838b13c-f98c-4def-93f0-515d4e4f4ee1" }), "plan must be a routing plan id, a UUID"},
		{"reference", alter(func(m *notify.Message) { m.Reference = " \t" }), "reference must not be blank"},
		{"no person", alter(func(m *notify.Message) { m.To = nhs.Number{} }), "to must be an NHS number"},
		{"number in reference", alter(func(m *notify.Message) { m.Reference = "x" + m.To.Reveal() }), "reference must not hold the NHS number"},
		{"spaced number in reference", alter(func(m *notify.Message) { m.Reference = "99-9 " + spaced(m.To, ' ') + "x" }), "reference must not hold the NHS number"},
		{"number with dots in reference", alter(func(m *notify.Message) { m.Reference = spaced(m.To, '.') }), "reference must not hold the NHS number"},
		{"number with hyphens in reference", alter(func(m *notify.Message) { m.Reference = spaced(m.To, '-') }), "reference must not hold the NHS number"},
		{"nil value", alter(func(m *notify.Message) { m.Personalisation["a"] = nil }), "personalisation.a must not be nil"},
		{"no JSON", alter(func(m *notify.Message) { m.Personalisation["a"] = func() {} }), "personalisation.a must be a string, number, boolean or list of these"},
	}
	client, mock := mocked(t)
	for _, tc := range single {
		_, err := client.Send(t.Context(), tc.message)
		checkArgument(t, "Send "+tc.name, err, tc.want)
	}
	batch := func(change func(*notify.Batch)) notify.Batch {
		b := notify.Batch{Plan: planID, Reference: "b", Messages: messages(3)}
		change(&b)
		return b
	}
	batches := []struct {
		name  string
		batch notify.Batch
		want  string
	}{
		{"plan", batch(func(b *notify.Batch) { b.Plan = "" }), "plan must be a routing plan id, a UUID"},
		{"reference", batch(func(b *notify.Batch) { b.Reference = "" }), "batch reference must not be blank"},
		{"number as reference", batch(func(b *notify.Batch) { b.Reference = number(7).Reveal() }), "batch reference must not be an NHS number"},
		{"spaced number as reference", batch(func(b *notify.Batch) { b.Reference = spaced(number(7), ' ') }), "batch reference must not be an NHS number"},
		{"none", batch(func(b *notify.Batch) { b.Messages = nil }), "messages must not be empty"},
		{"many", batch(func(b *notify.Batch) { b.Messages = make([]notify.Message, 45_001) }), "messages must be at most 45,000"},
		{"item", batch(func(b *notify.Batch) { b.Messages[1].Reference = "" }), "messages[1].reference must not be blank"},
		{"twice", batch(func(b *notify.Batch) { b.Messages[2].Reference = "ref-0" }), "messages[2].reference must not repeat that of an earlier message in the batch"},
		{"other plan", batch(func(b *notify.Batch) { b.Messages[1].Plan = otherPlanID }), "messages[1].plan must be empty or the batch's own"},
		{"value", batch(func(b *notify.Batch) { b.Messages[2].Personalisation["f"] = make(chan int) }), "messages[2].personalisation.f must be a string, number, boolean or list of these"},
		{"large", batch(func(b *notify.Batch) { b.Messages[2].Personalisation["f"] = string(make([]byte, 5_000_000)) }), "messages must be at most 5,000,000 bytes as JSON"},
	}
	for _, tc := range batches {
		_, err := client.SendBatch(t.Context(), tc.batch)
		checkArgument(t, "SendBatch "+tc.name, err, tc.want)
	}
	for _, id := range []string{"", "2WL3qFTEFM0qMY8xjRbt1LIKCz", "2WL3qFTEFM0qMY8xjRbt1LIKC/M"} {
		_, err := client.Status(t.Context(), id)
		checkArgument(t, "Status", err, "message id must be 27 letters and digits")
	}
	if _, err := notify.New(nil); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("New(nil): %v", err)
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// spaced returns a number as people write it.
func spaced(n nhs.Number, gap byte) string {
	digits := n.Reveal()
	return digits[:3] + string(gap) + digits[3:6] + string(gap) + digits[6:]
}

// TestReferenceWithoutTheNumber accepts references that are close to holding it.
func TestReferenceWithoutTheNumber(t *testing.T) {
	t.Parallel()
	client, _ := setup(t, notifytest.Options{})
	digits := number(0).Reveal()
	for _, reference := range []string{digits[:9], digits[1:], digits[:5] + "x" + digits[5:], spaced(number(1), '-'), "-", "9"} {
		m := message(0)
		m.Reference = reference
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", reference, err)
		}
	}
}

func checkArgument(t *testing.T, name string, err error, want string) {
	t.Helper()
	if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || err.Error() != want {
		t.Errorf("%s: got error %v, want %s", name, err, want)
	}
}

func TestSendBatchAndStatus(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{})
	sent, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b-1", Messages: messages(3)})
	if err != nil {
		t.Fatal(err)
	}
	if sent.ID == "" || sent.Reference != "b-1" || sent.Plan.ID != planID || len(sent.Messages) != 3 {
		t.Fatalf("answer is %+v", sent)
	}
	for i, m := range sent.Messages {
		status, err := client.Status(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if status.Reference != message(i).Reference || status.Status != notify.StatusCreated || status.BatchID != sent.ID {
			t.Errorf("status is %+v", status)
		}
	}
	_, err = client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b-1", Messages: messages(3)})
	if !errors.Is(err, nhs.ErrDuplicate) {
		t.Errorf("repeat: %v", err)
	}
	if got := service.Accepted(number(1)); got != 1 {
		t.Errorf("%d messages accepted", got)
	}
	_, err = client.Status(t.Context(), "aaaaaaaaaaaaaaaaaaaaaaaaaaa")
	if !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
	other := message(0)
	other.Plan = otherPlanID
	if _, err = client.Send(t.Context(), other); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("unknown plan: %v", err)
	}
}

// TestRepeatsAreIdentical loses every other answer and wants the bytes of each
// attempt to be the same.
func TestRepeatsAreIdentical(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	var bodies []string
	mock.RegisterResponder("POST", api+"/messages", func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, string(body)+r.Header.Get("X-Correlation-ID"))
		if len(bodies) < 3 {
			return nil, io.ErrUnexpectedEOF
		}
		return httpmock.NewStringResponse(422, `{"errors":[{"code":"CM_DUPLICATE_REQUEST","status":"422"}]}`), nil
	})
	_, err := client.Send(t.Context(), message(1))
	e, ok := errors.AsType[*nhs.Error](err)
	if !ok || !errors.Is(err, nhs.ErrDuplicate) || e.Attempts != 3 {
		t.Errorf("error is %v", err)
	}
	if len(bodies) != 3 || bodies[0] != bodies[1] || bodies[1] != bodies[2] {
		t.Errorf("attempts differ: %d", len(bodies))
	}
}
