package notify_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

var errKilled = errors.New("killed")

func runKey() []byte { return []byte("a run key of 32 bytes, kept safe") }

// input yields messages 0 to n-1.
func input(n int) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for i := range n {
			if !yield(message(i), nil) {
				return
			}
		}
	}
}

func newBulk(tb testing.TB, client *notify.Client, journal notify.Journal, options notify.BulkOptions) *notify.Bulk {
	tb.Helper()
	if options.Run == "" {
		options.Run = "wave 1"
	}
	if options.RunKey == nil {
		options.RunKey = runKey()
	}
	bulk, err := client.Bulk(journal, options)
	if err != nil {
		tb.Fatal(err)
	}
	return bulk
}

// everyoneOnce fails unless each of the first n people has exactly one message.
func everyoneOnce(tb testing.TB, service *notifytest.Server, n int) {
	tb.Helper()
	for i := range n {
		if got := service.Accepted(number(i)); got != 1 {
			tb.Fatalf("person %d has %d messages", i, got)
		}
	}
	if service.Messages() != n {
		tb.Fatalf("%d messages in all, want %d", service.Messages(), n)
	}
}

func TestBulk(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{})
	var journal notify.MemoryJournal
	var plans []notify.BatchPlan
	var outcomes []notify.BatchOutcome
	options := notify.BulkOptions{
		MaxMessages: 10,
		Before:      func(_ context.Context, p notify.BatchPlan) error { plans = append(plans, p); return nil },
		Progress:    func(o notify.BatchOutcome) { outcomes = append(outcomes, o) },
	}
	result, err := newBulk(t, client, &journal, options).Send(t.Context(), input(25))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notify.BulkResult{Batches: 3, Accepted: 25}, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	everyoneOnce(t, service, 25)
	if len(plans) != 3 || plans[2].First != 20 || plans[2].Messages != 5 || plans[2].Number != 2 || plans[0].Plan != planID || plans[0].Bytes < 1000 {
		t.Errorf("plans are %+v", plans)
	}
	for _, o := range outcomes {
		for i, m := range o.Sent {
			if m.ID == "" || m.Reference != message(o.First+i).Reference {
				t.Errorf("batch %d, message %d is %+v", o.Number, i, m)
			}
		}
	}
	first := outcomes
	plans, outcomes = nil, nil
	result, err = newBulk(t, client, &journal, options).Send(t.Context(), input(25))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notify.BulkResult{Batches: 3, Replayed: 3, Accepted: 25}, result); diff != "" || plans != nil {
		t.Errorf("second result, %d plans (-want +got):\n%s", len(plans), diff)
	}
	for i, o := range outcomes {
		if diff := cmp.Diff(first[i].Sent, o.Sent); diff != "" || !o.Replayed {
			t.Errorf("replayed batch %d (-want +got):\n%s", i, diff)
		}
	}
	everyoneOnce(t, service, 25)
}

func TestBulkPacksByBytesAndPlan(t *testing.T) {
	t.Parallel()
	client, service := setup(t, notifytest.Options{Plans: []notifytest.Plan{
		appThenSMS(), {ID: otherPlanID, Name: "other", Channels: []notify.Channel{notify.SMS}},
	}})
	var plans []notify.BatchPlan
	options := notify.BulkOptions{MaxBytes: 2000, Before: func(_ context.Context, p notify.BatchPlan) error {
		plans = append(plans, p)
		return nil
	}}
	seq := func(yield func(notify.Message, error) bool) {
		for i := range 60 {
			m := message(i)
			if i >= 30 {
				m.Plan = otherPlanID
			}
			if !yield(m, nil) {
				return
			}
		}
	}
	if _, err := newBulk(t, client, &notify.MemoryJournal{}, options).Send(t.Context(), seq); err != nil {
		t.Fatal(err)
	}
	everyoneOnce(t, service, 60)
	place := 0
	for i, p := range plans {
		if p.Bytes > 2000 || p.First != place || p.Number != i || (p.Plan == planID) != (place < 30) {
			t.Errorf("plan %d is %+v", i, p)
		}
		place += p.Messages
	}
}

// TestBulkRepeats goes through what the service may answer before it accepts.
func TestBulkRepeats(t *testing.T) {
	t.Parallel()
	fail := func(status int, code string) notifytest.Fault { return notifytest.Fault{Status: status, Code: code} }
	lost := notifytest.Fault{LoseAnswer: true}
	cases := []struct {
		name    string
		faults  []notifytest.Fault
		pending int
		plans   int   // records of plans in the journal
		err     error // of the first Send; the second then succeeds
		asked   int   // calls of Before in the first Send
	}{
		{"none", nil, 0, 1, nil, 1},
		{"unavailable", []notifytest.Fault{fail(503, ""), fail(504, "CM_TIMEOUT")}, 0, 1, nil, 3},
		{"lost answer", []notifytest.Fault{lost}, 3, 1, nil, 2},
		{"lost answer, then unavailable", []notifytest.Fault{lost, fail(500, "CM_INTERNAL_SERVER_ERROR")}, 3, 1, nil, 3},
		{"quota", []notifytest.Fault{fail(429, "CM_QUOTA"), fail(429, "CM_QUOTA")}, 0, 3, nil, 3},
		{"too early", []notifytest.Fault{lost, fail(425, "CM_RETRY_TOO_EARLY")}, 3, 1, nhs.ErrRateLimited, 2},
		{"ban", []notifytest.Fault{fail(403, "CM_SERVICE_BAN")}, 0, 2, nhs.ErrForbidden, 1},
		{"config fault", []notifytest.Fault{fail(500, "CM_MISSING_ROUTING_PLAN_TEMPLATE")}, 0, 1, nhs.ErrInvalid, 1},
		{"outage", []notifytest.Fault{fail(503, ""), fail(503, ""), lost, fail(503, ""), fail(503, "")}, 3, 1, nhs.ErrUnavailable, 4},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var request atomic.Int64
			client, service := setup(t, notifytest.Options{Fault: func(*http.Request) notifytest.Fault {
				if i := int(request.Add(1)) - 1; i < len(tc.faults) {
					return tc.faults[i]
				}
				return notifytest.Fault{}
			}})
			var journal notify.MemoryJournal
			asked := 0
			bulk := newBulk(t, client, &journal, notify.BulkOptions{Before: func(context.Context, notify.BatchPlan) error { asked++; return nil }})
			result, err := bulk.Send(t.Context(), input(3))
			if !errors.Is(err, tc.err) || asked != tc.asked {
				t.Fatalf("first error is %v after %d requests, want %v after %d", err, asked, tc.err, tc.asked)
			}
			if err != nil {
				if result, err = bulk.Send(t.Context(), input(3)); err != nil {
					t.Fatal(err)
				}
			}
			everyoneOnce(t, service, 3)
			if result.IDsPending != tc.pending || result.Accepted != 3 {
				t.Errorf("result is %+v, want %d pending", result, tc.pending)
			}
			plans := 0
			for record := range journal.Records(t.Context()) {
				if record.Kind == notify.RecordPlanned {
					plans++
				}
			}
			if plans != tc.plans {
				t.Errorf("%d plans in the journal, want %d", plans, tc.plans)
			}
		})
	}
}

func TestBulkErrors(t *testing.T) {
	t.Parallel()
	refuse := func(context.Context, notify.BatchPlan) error { return errKilled }
	bad := func(yield func(notify.Message, error) bool) {
		_ = yield(message(0), nil) && yield(notify.Message{Plan: planID}, nil)
	}
	broken := func(yield func(notify.Message, error) bool) {
		_ = yield(message(0), nil) && yield(notify.Message{}, errKilled)
	}
	repeated := func(yield func(notify.Message, error) bool) {
		for yield(message(0), nil) {
		}
	}
	huge := func(yield func(notify.Message, error) bool) {
		m := message(0)
		m.Personalisation["sms_body"] = strings.Repeat("x", 5_000_000)
		yield(m, nil)
	}
	cases := []struct {
		name    string
		options notify.BulkOptions
		input   iter.Seq2[notify.Message, error]
		want    error
		text    string
	}{
		{"no consent", notify.BulkOptions{Before: refuse}, input(3), errKilled, "notify.Bulk: batch 0: not sent: killed"},
		{"bad message", notify.BulkOptions{}, bad, nhs.ErrInvalid, "notify.Bulk: messages[1].reference must not be blank"},
		{"broken input", notify.BulkOptions{}, broken, errKilled, "notify.Bulk: message 1 of the input: killed"},
		{"repeated", notify.BulkOptions{}, repeated, nhs.ErrInvalid, "notify.Bulk: messages[1].reference must not repeat that of an earlier message in the batch"},
		{"huge", notify.BulkOptions{}, huge, nhs.ErrInvalid, "notify.Bulk: messages[0].personalisation makes the message too large for a batch"},
	}
	for _, tc := range cases {
		client, service := setup(t, notifytest.Options{})
		_, err := newBulk(t, client, &notify.MemoryJournal{}, tc.options).Send(t.Context(), tc.input)
		if !errors.Is(err, tc.want) || err.Error() != tc.text {
			t.Errorf("%s: error is %v", tc.name, err)
		}
		if service.Messages() != 0 {
			t.Errorf("%s: something was sent", tc.name)
		}
	}
	client, _ := setup(t, notifytest.Options{})
	for name, options := range map[string]notify.BulkOptions{
		"run key must be at least 16 bytes":               {Run: "r", RunKey: []byte("short")},
		"run must be 1 to 100 bytes and not blank":        {Run: " ", RunKey: runKey()},
		"run must be 1 to 100 bytes and not blank (long)": {Run: strings.Repeat("r", 101), RunKey: runKey()},
		"max messages must be 1 to 45,000":                {Run: "r", RunKey: runKey(), MaxMessages: 45_001},
		"max bytes must be 1,000 to 5,000,000":            {Run: "r", RunKey: runKey(), MaxBytes: 999},
		"max messages must be 1 to 45,000 (neg.)":         {Run: "r", RunKey: runKey(), MaxMessages: -1},
	} {
		_, err := client.Bulk(&notify.MemoryJournal{}, options)
		checkArgument(t, name, err, strings.TrimSuffix(strings.TrimSuffix(name, " (neg.)"), " (long)"))
	}
	bulk := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{})
	_, err := bulk.Send(t.Context(), nil)
	checkArgument(t, "Send", err, "messages must not be nil")
	_, err = bulk.DryRun(t.Context(), nil, notify.DryRunOptions{})
	checkArgument(t, "DryRun", err, "messages must not be nil")
	_, err = notify.SendFile{Plan: planID, Reference: "f"}.Write(io.Discard, nil)
	checkArgument(t, "Write", err, "messages must not be nil")
	_, err = client.Bulk(nil, notify.BulkOptions{RunKey: runKey()})
	checkArgument(t, "journal", err, "journal must not be nil")
}

func TestBulkStopsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, service := setup(t, notifytest.Options{Fault: func(*http.Request) notifytest.Fault {
		cancel()
		return notifytest.Fault{Status: 503, Code: "CM_SERVICE_UNAVAILABLE"}
	}})
	_, err := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{}).Send(ctx, input(3))
	if !errors.Is(err, context.Canceled) || service.Messages() != 0 {
		t.Errorf("error is %v", err)
	}
}
