package notify_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

func TestBulkQuarantine(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	var bodies []string
	refusals := []string{
		`{"errors":[{"code":"CM_INVALID_VALUE","source":{"pointer":"/data/attributes/messages/1/personalisation"}},
			{"code":"CM_NULL_VALUE","source":{"pointer":"/data/attributes/messages/1/recipient"}},
			{"code":"CM_INVALID_NHS_NUMBER","source":{"pointer":"/data/attributes/messages/3/recipient/nhsNumber"}}]}`,
		`{"errors":[{"code":"CM_INVALID_VALUE","source":{"pointer":"/data/attributes/messages/2/originator"}}]}`,
	}
	mock.RegisterResponder("POST", api+"/message-batches", func(r *http.Request) (*http.Response, error) {
		var body strings.Builder
		if err := r.Write(&body); err != nil {
			return nil, err
		}
		bodies = append(bodies, body.String())
		if len(bodies) <= len(refusals) {
			return httpmock.NewStringResponse(400, refusals[len(bodies)-1]), nil
		}
		return httpmock.NewStringResponse(201, `{"data":{"id":"b","attributes":{"messages":[{"messageReference":"ref-2","id":"i2"},{"messageReference":"ref-0","id":"i0"}]}}}`), nil
	})
	var journal notify.MemoryJournal
	var outcome notify.BatchOutcome
	all := []string{"ref-0", "ref-1", "ref-2", "ref-3", "ref-4"}
	bulk := newBulk(t, client, &journal, notify.BulkOptions{
		Before: func(_ context.Context, p notify.BatchPlan) error {
			if diff := cmp.Diff(all, p.References); diff != "" {
				t.Errorf("round %d, references (-want +got):\n%s", p.Round, diff)
			}
			return nil
		},
		Progress: func(o notify.BatchOutcome) { outcome = o },
	})
	want := notify.BulkResult{Batches: 1, Accepted: 2, Quarantined: []notify.QuarantinedMessage{
		{Index: 1, Reference: "ref-1", Code: "CM_INVALID_VALUE", Field: "personalisation"},
		{Index: 3, Reference: "ref-3", Code: "CM_INVALID_NHS_NUMBER", Field: "recipient/nhsNumber"},
		{Index: 4, Reference: "ref-4", Code: "CM_INVALID_VALUE", Field: "originator"},
	}}
	for range 2 { // the second time from the journal alone
		result, err := bulk.Send(t.Context(), input(5))
		if err != nil {
			t.Fatal(err)
		}
		want.Replayed = result.Replayed
		if diff := cmp.Diff(want, result); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]notify.SentMessage{{Reference: "ref-0", ID: "i0"}, {Reference: "ref-2", ID: "i2"}}, outcome.Sent); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if outcome.Round != 2 || !strings.HasSuffix(outcome.Reference, "-r2") {
			t.Errorf("plan is %+v", outcome.BatchPlan)
		}
	}
	if len(bodies) != 3 {
		t.Errorf("%d requests, want 3", len(bodies))
	}
}

// TestBulkUncertain refuses a message of a batch that the service has accepted:
// the run ends, nobody is messaged twice, and an operator can settle it.
func TestBulkUncertain(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{true, false} { // the answer, or the request
		var requests, refuse atomic.Int64
		client, service := setup(t, notifytest.Options{
			Outcome: func(n nhs.Number) notifytest.Journey {
				if refuse.Load() == 1 && n == number(1) {
					return notifytest.Journey{Refused: notify.CodeInvalidValue}
				}
				return notifytest.Journey{}
			},
			Fault: func(*http.Request) notifytest.Fault {
				if requests.Add(1) > 1 {
					refuse.Store(1)
					return notifytest.Fault{}
				}
				if lost {
					return notifytest.Fault{LoseAnswer: true}
				}
				return notifytest.Fault{Status: http.StatusServiceUnavailable}
			},
		})
		var journal notify.MemoryJournal
		bulk := newBulk(t, client, &journal, notify.BulkOptions{})
		var uncertain *notify.UncertainError
		for range 2 { // the second time from the journal
			result, err := bulk.Send(t.Context(), input(3))
			refused, named := errors.AsType[*notify.BatchError](err)
			if !errors.As(err, &uncertain) || !named || refused.Refused[0].Index != 1 || result.Accepted != 0 || result.Quarantined != nil {
				t.Fatalf("result is %+v, error %v", result, err)
			}
		}
		if err := journal.Append(t.Context(), uncertain.Settle(lost)); err != nil {
			t.Fatal(err)
		}
		result, err := bulk.Send(t.Context(), input(3))
		want := notify.BulkResult{Batches: 1, Replayed: 1, Accepted: 3, IDsPending: 3}
		if !lost {
			want = notify.BulkResult{Batches: 1, Accepted: 2, Quarantined: []notify.QuarantinedMessage{
				{Index: 1, Reference: "ref-1", Code: notify.CodeInvalidValue, Field: "recipient/nhsNumber"},
			}}
		}
		if diff := cmp.Diff(want, result); err != nil || diff != "" {
			t.Errorf("error is %v, result (-want +got):\n%s", err, diff)
		}
		for i := range 3 {
			if got := service.Accepted(number(i)); got > 1 {
				t.Errorf("person %d has %d messages", i, got)
			}
		}
	}
}

// TestBulkFaultNamesMessage wants no quarantine for a message that an error about
// the service or the application points at.
func TestBulkFaultNamesMessage(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404, 408, 429, 500, 503, 504} {
		client, mock := mocked(t)
		bodies := map[string]bool{}
		mock.RegisterResponder("POST", api+"/message-batches", func(r *http.Request) (*http.Response, error) {
			text, err := io.ReadAll(r.Body)
			if bodies[string(text)] || err != nil {
				return acceptedAnswer(), err
			}
			bodies[string(text)] = true
			return httpmock.NewStringResponse(status, `{"errors":[{"code":"CM_OTHER","source":{"pointer":"/data/attributes/messages/0"}}]}`), nil
		})
		bulk := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{})
		result, err := bulk.Send(t.Context(), input(3))
		if stops := status == 403 || status == 404; (err != nil) != stops {
			t.Errorf("%d: error is %v", status, err)
		}
		if err != nil {
			result, err = bulk.Send(t.Context(), input(3))
		}
		if err != nil || result.Accepted != 3 || result.Quarantined != nil || len(bodies) != 1 {
			t.Errorf("%d: %d references, result is %+v, error %v", status, len(bodies), result, err)
		}
	}
}

// TestBulkCollision wants a 422 on a first request to be an error, also when the
// run is started again.
func TestBulkCollision(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{})
	if _, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{}).Send(t.Context(), input(3)); err != nil {
		t.Fatal(err)
	}
	var lost notify.MemoryJournal // another journal under the same key
	bulk := newBulk(t, client, &lost, notify.BulkOptions{})
	for range 2 {
		_, err := bulk.Send(t.Context(), input(3))
		if !errors.Is(err, notify.ErrReferenceTaken) || !errors.Is(err, nhs.ErrDuplicate) {
			t.Errorf("error is %v", err)
		}
	}
	everyoneOnce(t, service, 3)
}

// TestBulkSameKey runs two waves under one key. The first request of the second
// fails; the answer to its repeat must be about its own batch.
func TestBulkSameKey(t *testing.T) {
	t.Parallel()
	var outage atomic.Bool
	client, service := setup(t, notifytest.Options{Fault: func(*http.Request) notifytest.Fault {
		if outage.CompareAndSwap(true, false) {
			return notifytest.Fault{Status: http.StatusBadGateway}
		}
		return notifytest.Fault{}
	}})
	if _, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{}).Send(t.Context(), input(3)); err != nil {
		t.Fatal(err)
	}
	outage.Store(true)
	second := func(yield func(notify.Message, error) bool) {
		for i := 3; i < 6 && yield(message(i), nil); i++ {
		}
	}
	result, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{Run: "wave 2"}).Send(t.Context(), second)
	if err != nil || result.Accepted != 3 || result.IDsPending != 0 {
		t.Errorf("result is %+v, error %v", result, err)
	}
	everyoneOnce(t, service, 6)
}

func TestBulkRefusesAnotherRun(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{})
	var journal notify.MemoryJournal
	ten := notify.BulkOptions{MaxMessages: 10}
	if _, err := newBulk(t, client, &journal, ten).Send(t.Context(), input(25)); err != nil {
		t.Fatal(err)
	}
	changed := func(yield func(notify.Message, error) bool) {
		for i := range 25 {
			m := message(i)
			if i == 17 {
				m.Personalisation["sms_body"] = "Other words."
			}
			if !yield(m, nil) {
				return
			}
		}
	}
	cases := []struct {
		name    string
		options notify.BulkOptions
		input   iter.Seq2[notify.Message, error]
		want    string
	}{
		{"key", notify.BulkOptions{MaxMessages: 10, RunKey: []byte("another key of 32 bytes or so...")}, input(25), "it was started with another run key"},
		{"name", notify.BulkOptions{MaxMessages: 10, Run: "wave 2"}, input(25), `it was started with the name "wave 1"`},
		{"limits", notify.BulkOptions{MaxMessages: 5}, input(25), "it was started with 10 messages and 5000000 bytes a batch"},
		{"shorter", ten, input(20), "the input is shorter"},
		{"a little shorter", ten, input(24), "the messages have changed"},
		{"longer", ten, input(31), "the messages have changed"},
		{"empty", ten, input(0), "the input is shorter"},
		{"changed", ten, changed, "the messages have changed"},
	}
	for _, tc := range cases {
		_, err := newBulk(t, client, &journal, tc.options).Send(t.Context(), tc.input)
		if !errors.Is(err, notify.ErrJournalMismatch) || !strings.HasSuffix(err.Error(), tc.want) {
			t.Errorf("%s: error is %v", tc.name, err)
		}
	}
	whole := notify.BulkOptions{MaxMessages: 5}
	var full notify.MemoryJournal
	other, service2 := setup(t, notifytest.Options{})
	if _, err := newBulk(t, other, &full, whole).Send(t.Context(), input(10)); err != nil {
		t.Fatal(err)
	}
	_, err := newBulk(t, other, &full, whole).Send(t.Context(), input(11))
	if !errors.Is(err, notify.ErrJournalMismatch) || !strings.HasSuffix(err.Error(), "the input is longer") {
		t.Errorf("longer by a batch: error is %v", err)
	}
	everyoneOnce(t, service, 25)
	everyoneOnce(t, service2, 10)
}

// strangeSuccesses are answers that do not say that anything was accepted.
func strangeSuccesses() map[string]func() *http.Response {
	answer := func(status int, body string) func() *http.Response {
		return func() *http.Response { return httpmock.NewStringResponse(status, body) }
	}
	return map[string]func() *http.Response{
		"a page":        answer(200, "<html>down for maintenance</html>"),
		"nothing":       answer(200, ""),
		"no content":    answer(204, ""),
		"other JSON":    answer(200, `{"message":"ok"}`),
		"created page":  answer(201, "<html>"),
		"another shape": answer(201, `{"data":7}`),
		"no id":         answer(201, `{"data":{"type":"MessageBatch","id":""}}`),
	}
}

// TestBulkStrangeSuccess wants a batch to stay open until the service says that it
// has it: by a 201 with an id, or by a 422 to the same request.
func TestBulkStrangeSuccess(t *testing.T) {
	t.Parallel()
	for name, strange := range strangeSuccesses() {
		for status, body := range map[int]string{201: `{"data":{"id":"b"}}`, 422: `{"errors":[{"code":"CM_DUPLICATE_REQUEST"}]}`} {
			client, mock := mocked(t, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 2, MinWait: time.Microsecond}))
			requests := map[string]int{} // by body
			outage := true
			mock.RegisterResponder("POST", api+"/message-batches", func(r *http.Request) (*http.Response, error) {
				text, err := io.ReadAll(r.Body)
				if requests[string(text)]++; err != nil || outage {
					return strange(), err
				}
				return httpmock.NewStringResponse(status, body), nil
			})
			bulk := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{})
			result, err := bulk.Send(t.Context(), input(3))
			if !errors.Is(err, nhs.ErrUnexpected) || result.Accepted != 0 {
				t.Errorf("%s: result is %+v, error %v", name, result, err)
			}
			outage = false
			if result, err = bulk.Send(t.Context(), input(3)); err != nil || result.Accepted != 3 || result.IDsPending != 3 {
				t.Errorf("%s, then %d: result is %+v, error %v", name, status, result, err)
			}
			if diff := cmp.Diff([]int{3}, slices.Collect(maps.Values(requests))); diff != "" {
				t.Errorf("%s: repeats of each request (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestStrangeSuccess wants an error in place of an empty answer.
func TestStrangeSuccess(t *testing.T) {
	t.Parallel()
	for name, strange := range strangeSuccesses() {
		client, mock := mocked(t)
		mock.RegisterNoResponder(func(*http.Request) (*http.Response, error) { return strange(), nil })
		_, sendErr := client.Send(t.Context(), message(0))
		_, batchErr := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b", Messages: messages(2)})
		_, statusErr := client.Status(t.Context(), "2WL3qFTEFM0qMY8xjRbt1LIKCzM")
		for _, err := range []error{sendErr, batchErr, statusErr} {
			if e, ok := errors.AsType[*nhs.Error](err); !ok || !errors.Is(e, nhs.ErrUnexpected) || e.Attempts != 1 {
				t.Errorf("%s: error is %v", name, err)
			}
		}
	}
}

// altered returns a journal with the records of another, each changed.
func altered(t *testing.T, journal notify.Journal, change func(*notify.Record)) *notify.MemoryJournal {
	t.Helper()
	var copied notify.MemoryJournal
	for _, record := range collect(t, journal.Records(t.Context())) {
		change(&record)
		if err := copied.Append(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
	return &copied
}

// TestBulkRefusesStrangeRecords gives a run journals that no run has written.
func TestBulkRefusesStrangeRecords(t *testing.T) {
	t.Parallel()
	client, _ := setup(t, notifytest.Options{Outcome: func(n nhs.Number) notifytest.Journey {
		if n == number(1) {
			return notifytest.Journey{Refused: "CM_INVALID_VALUE"}
		}
		return notifytest.Journey{}
	}})
	var journal notify.MemoryJournal
	if _, err := newBulk(t, client, &journal, notify.BulkOptions{}).Send(t.Context(), input(3)); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*notify.Record){
		"there is no message 9 in batch 0": func(r *notify.Record) {
			if r.Kind == notify.RecordRejected {
				r.Rejected[0].Index = 9
			}
		},
		`unexpected record "new"`: func(r *notify.Record) {
			if r.Kind == notify.RecordPlanned {
				r.Kind = "new"
			}
		},
		"it goes on with batch 7": func(r *notify.Record) { r.Batch = 7 },
	}
	for want, change := range cases {
		_, err := newBulk(t, client, altered(t, &journal, change), notify.BulkOptions{}).Send(t.Context(), input(3))
		if !errors.Is(err, notify.ErrJournalMismatch) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error is %v", want, err)
		}
	}
}

// failingJournal cannot write.
type failingJournal struct{ notify.MemoryJournal }

func (*failingJournal) Append(context.Context, notify.Record) error { return errKilled }

func TestBulkNeedsItsJournal(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{})
	_, err := newBulk(t, client, &failingJournal{}, notify.BulkOptions{}).Send(t.Context(), input(3))
	if !errors.Is(err, errKilled) || err.Error() != "notify.Bulk: journal: killed" || service.Messages() != 0 {
		t.Errorf("error is %v", err)
	}
}
