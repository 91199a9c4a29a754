package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs/notify"
)

// A body and its signature under "app-id.api-key", computed outside this module.
const (
	signedBody = `{"data":[{"type":"MessageStatus","attributes":{"messageId":"2WL3qFTEFM0qMY8xjRbt1LIKCzM","messageReference":"r1","messageStatus":"delivered","timestamp":"2023-11-17T14:27:51.413Z"},"links":{"message":"https://api.service.nhs.uk/comms/v1/messages/2WL3qFTEFM0qMY8xjRbt1LIKCzM"},"meta":{"idempotencyKey":"k1"}}]}`
	signature  = "daebf91f2f765a24a481716e1414d5f858d35e2f844b9b09e96878ba1395b150"
)

func secrets(tb testing.TB, previous ...notify.CallbackSecret) notify.Secrets {
	tb.Helper()
	s, err := notify.NewSecrets(notify.CallbackSecret{ApplicationID: "app-id", APIKey: "api-key"}, previous...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sign(body, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// deliver posts a callback and returns the answer's status and what reached the
// sink.
func deliver(handler func(notify.Sink) http.Handler, body io.Reader, key, signature string, change func(*http.Request)) (int, []notify.Callback) {
	var got []notify.Callback
	req := httptest.NewRequest(http.MethodPost, "/callbacks", body)
	if key != "" {
		req.Header.Set("X-Api-Key", key)
	}
	if signature != "" {
		req.Header.Set("X-Hmac-Sha256-Signature", signature)
	}
	if change != nil {
		change(req)
	}
	recorder := httptest.NewRecorder()
	handler(func(_ context.Context, c notify.Callback) error {
		got = append(got, c)
		if strings.Contains(string(c.Body), "full") {
			return errors.New("disk full")
		}
		return nil
	}).ServeHTTP(recorder, req)
	return recorder.Code, got
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	current := func(sink notify.Sink) http.Handler { return notify.Callbacks(secrets(t), sink) }
	rotating := func(sink notify.Sink) http.Handler {
		return notify.Callbacks(secrets(t, notify.CallbackSecret{ApplicationID: "old", APIKey: "old-key"}), sink)
	}
	renamed := func(sink notify.Sink) http.Handler {
		s, err := notify.NewSecrets(notify.CallbackSecret{ApplicationID: "app-id", APIKey: "api-key", Header: "x-notify-key"},
			notify.CallbackSecret{ApplicationID: "old", APIKey: "old-key"})
		if err != nil {
			t.Fatal(err)
		}
		return notify.Callbacks(s, sink)
	}
	inHeader := func(key string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Notify-Key", key) }
	}
	none := func(sink notify.Sink) http.Handler { return notify.Callbacks(notify.Secrets{}, sink) }
	large := strings.Repeat("x", 1<<20+1)
	cases := []struct {
		name      string
		handler   func(notify.Sink) http.Handler
		body      string
		key       string
		signature string
		change    func(*http.Request)
		want      int
		events    int // that reach the sink; -1 when nothing does
	}{
		{"authentic", current, signedBody, "api-key", signature, nil, 202, 1},
		{"capitals", current, signedBody, "api-key", strings.ToUpper(signature), nil, 202, 1},
		{"no key", current, signedBody, "", signature, nil, 401, -1},
		{"wrong key", current, signedBody, "api-kez", signature, nil, 401, -1},
		{"no signature", current, signedBody, "api-key", "", nil, 403, -1},
		{"half a signature", current, signedBody, "api-key", signature[:32], nil, 403, -1},
		{"not hexadecimal", current, signedBody, "api-key", "zz" + signature[2:], nil, 403, -1},
		{"altered body", current, signedBody + " ", "api-key", signature, nil, 403, -1},
		{"no secrets", none, signedBody, "", sign(signedBody, "."), nil, 401, -1},
		{"new key in rotation", rotating, signedBody, "api-key", signature, nil, 202, 1},
		{"old key in rotation", rotating, signedBody, "old-key", sign(signedBody, "old.old-key"), nil, 202, 1},
		{"keys mixed", rotating, signedBody, "old-key", signature, nil, 403, -1},
		{"other header", renamed, signedBody, "", signature, inHeader("api-key"), 202, 1},
		{"usual header where another was agreed", renamed, signedBody, "api-key", signature, nil, 401, -1},
		{"old key in the usual header", renamed, signedBody, "old-key", sign(signedBody, "old.old-key"), nil, 202, 1},
		{"old key in the other header", renamed, signedBody, "", sign(signedBody, "old.old-key"), inHeader("old-key"), 401, -1},
		{"GET", current, signedBody, "api-key", signature, func(r *http.Request) { r.Method = http.MethodGet }, 405, -1},
		{"large", current, large, "api-key", sign(large, "app-id.api-key"), nil, 503, -1},
		{"sink fails", current, "full", "api-key", sign("full", "app-id.api-key"), nil, 503, 0},
		{"unknown type", current, `{"data":[{"type":"New"}]}`, "api-key", sign(`{"data":[{"type":"New"}]}`, "app-id.api-key"), nil, 202, 0},
		{"no JSON", current, "\xff", "api-key", sign("\xff", "app-id.api-key"), nil, 202, 0},
	}
	for _, tc := range cases {
		status, got := deliver(tc.handler, strings.NewReader(tc.body), tc.key, tc.signature, tc.change)
		if status != tc.want {
			t.Errorf("%s: status %d, want %d", tc.name, status, tc.want)
		}
		switch {
		case tc.events < 0 && got != nil:
			t.Errorf("%s: reached the sink", tc.name)
		case tc.events >= 0 && (len(got) != 1 || len(got[0].Events) != tc.events || string(got[0].Body) != tc.body):
			t.Errorf("%s: the sink got %+v", tc.name, got)
		}
	}
	status, _ := deliver(current, io.MultiReader(strings.NewReader("x"), brokenReader{}), "api-key", "", nil)
	if status != http.StatusServiceUnavailable {
		t.Errorf("broken body: status %d", status)
	}
}

// TestBackPressure asks for waits that the service understands.
func TestBackPressure(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		0: "", -time.Minute: "", time.Nanosecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Hour: "3600",
	} {
		handler := notify.Callbacks(secrets(t), func(context.Context, notify.Callback) error {
			return fmt.Errorf("queue: %w", &notify.BusyError{RetryAfter: wait})
		})
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(signedBody))
		req.Header.Set("X-Api-Key", "api-key")
		req.Header.Set("X-Hmac-Sha256-Signature", signature)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, req)
		if got := recorder.Header().Get("Retry-After"); recorder.Code != http.StatusTooManyRequests || got != want {
			t.Errorf("%v: status %d, Retry-After %q, want %q", wait, recorder.Code, got, want)
		}
	}
	if got := (&notify.BusyError{RetryAfter: time.Minute}).Error(); got != "busy: retry after 1m0s" {
		t.Errorf("error is %q", got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestSecrets(t *testing.T) {
	t.Parallel()
	good := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "api-key"}
	_, err := notify.NewSecrets(notify.CallbackSecret{APIKey: "k"})
	checkArgument(t, "id", err, "application id must not be empty")
	_, err = notify.NewSecrets(good, notify.CallbackSecret{ApplicationID: "a"})
	checkArgument(t, "key", err, "API key must not be empty")
	_, err = notify.NewSecrets(notify.CallbackSecret{ApplicationID: "a", APIKey: "k", Header: "x api key"})
	checkArgument(t, "header", err, "header must be the name of an HTTP header")
	for _, v := range []any{good, &good, secrets(t)} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("secret", "value", v)
		if text := fmt.Sprintf("%v %+v %#v", v, v, v) + log.String(); strings.Contains(text, "api-key") {
			t.Errorf("the key is printed: %s", text)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a nil sink was accepted")
		}
	}()
	notify.Callbacks(secrets(t), nil)
}

func TestParseCallback(t *testing.T) {
	t.Parallel()
	body := `{"data":[
		{"type":"MessageStatus","attributes":{"messageId":"m","messageReference":"r","messageStatus":"failed","messageStatusDescription":"the recipient’s inbox",
			"messageFailureReasonCode":"MFR_SUPE_0007","channels":[{"type":"sms","channelStatus":"failed"}],"timestamp":"2026-01-05T09:00:00.123Z",
			"routingPlan":{"id":"p","name":"n","version":"1","createdDate":"2022-01-01T00:00:00Z"},"metadata":[{"queriedAt":"2026-01-05T09:00:00Z","source":"pds","version":"3"}]},
			"links":{"message":"https://l"},"meta":{"idempotencyKey":"k"}},
		{"type":"ChannelStatus","attributes":{"messageId":"m","messageReference":"r","cascadeType":"secondary","cascadeOrder":2,"channel":"letter","channelStatus":"sending",
			"channelStatusDescription":"d","channelFailureReasonCode":"c","supplierStatus":"pending_virus_check","timestamp":"yesterday","retryCount":1,
			"metadata":[{"id":"i","source":"pds","label":"recipient_contact"}]},"links":{"message":"https://l"},"meta":{"idempotencyKey":"k2"}},
		{"type":"ChannelStatus","attributes":{"messageReference":"no id"}},
		{"type":"MessageStatus","attributes":{"messageId":7}},
		{"type":"Other","attributes":{"messageId":"m"}}, null, 3]}`
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	want := []notify.Event{
		notify.MessageEvent{
			MessageID: "m", Reference: "r", Status: notify.StatusFailed, Description: "the recipient’s inbox", FailureCode: "MFR_SUPE_0007",
			Channels: []notify.ChannelSummary{{Channel: notify.SMS, Status: notify.StatusFailed}}, At: at.Add(123 * time.Millisecond),
			Plan:    notify.RoutingPlan{ID: "p", Name: "n", Version: "1", Created: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)},
			Lookups: []notify.Lookup{{QueriedAt: at, Source: "pds", Version: "3"}}, Link: "https://l", Key: "k",
		},
		notify.ChannelEvent{
			MessageID: "m", Reference: "r", Channel: notify.Letter, Cascade: notify.Secondary, Order: 2, Retries: 1, Status: notify.StatusSending,
			Description: "d", FailureCode: "c", Supplier: "pending_virus_check",
			Contacts: []notify.ContactSource{{ID: "i", Source: "pds", Label: "recipient_contact"}}, Link: "https://l", Key: "k2",
		},
	}
	if diff := cmp.Diff(want, notify.ParseCallback([]byte(body)).Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestOddFields leaves out what is not of its documented type, and keeps the rest.
func TestOddFields(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	body := `{"data":[
		{"type":"MessageStatus","attributes":{"messageStatusDescription":7,"routingPlan":"new shape","metadata":{},"channels":"none",
			"messageId":"m","messageReference":"r","messageStatus":"failed","timestamp":"2026-01-05T09:00:00Z"},"links":[],"meta":3},
		{"type":"ChannelStatus","attributes":{"retryCount":"3","metadata":[1],"messageId":"m","messageReference":"r","channel":"sms",
			"cascadeType":"primary","cascadeOrder":1,"channelStatus":"failed","timestamp":{}}}]}`
	want := []notify.Event{
		notify.MessageEvent{MessageID: "m", Reference: "r", Status: notify.StatusFailed, At: at},
		notify.ChannelEvent{
			MessageID: "m", Reference: "r", Channel: notify.SMS, Cascade: notify.Primary, Order: 1, Status: notify.StatusFailed,
			Contacts: []notify.ContactSource{{}},
		},
	}
	if diff := cmp.Diff(want, notify.ParseCallback([]byte(body)).Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	const id = "2WL3qFTEFM0qMY8xjRbt1LIKCzM"
	client, mock := mocked(t)
	mock.RegisterResponder("GET", api+"/messages/"+id, httpmock.NewStringResponder(200, `{"data":{"id":"`+id+`","attributes":{"metadata":{},"channels":[{"type":"sms","retryCount":"1","timestamps":{"created":5}}],
		"messageReference":"r","messageStatus":"delivered","timestamps":{"created":7,"delivered":"2026-01-05T09:00:00Z"},"routingPlan":[]}}}`))
	got, err := client.Status(t.Context(), id)
	status := notify.MessageStatus{
		ID: id, Reference: "r", Status: notify.StatusDelivered, Delivered: at, Channels: []notify.ChannelStatus{{Channel: notify.SMS}},
	}
	if diff := cmp.Diff(status, got); err != nil || diff != "" {
		t.Errorf("%v, status (-want +got):\n%s", err, diff)
	}
}

// FuzzCallbacks sends any body: with the right signature it reaches the sink as it
// is, with another it does not, and the book takes whatever was understood.
func FuzzCallbacks(f *testing.F) {
	f.Add([]byte(signedBody))
	f.Add([]byte(`{"data":[{"type":"ChannelStatus","attributes":{"messageId":"m","messageReference":"r","channel":"sms","timestamp":"0001-01-01T00:00:00Z"}}]}`))
	f.Add([]byte(`{"data":null}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		handler := func(sink notify.Sink) http.Handler { return notify.Callbacks(secrets(t), sink) }
		right := sign(string(body), "app-id.api-key")
		status, got := deliver(handler, strings.NewReader(string(body)), "api-key", right, nil)
		if (status != http.StatusAccepted && !strings.Contains(string(body), "full")) || len(got) != 1 || string(got[0].Body) != string(body) {
			t.Fatalf("status %d, got %v", status, got)
		}
		var book notify.StatusBook
		book.Apply(got[0].Events...)
		for state := range book.All() {
			if state.ID == "" {
				t.Error("a state without id")
			}
		}
		if status, got := deliver(handler, strings.NewReader(string(body)+"!"), "api-key", right, nil); status != http.StatusForbidden || got != nil {
			t.Errorf("altered: status %d", status)
		}
	})
}
