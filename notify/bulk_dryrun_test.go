package notify_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// TestDryRun looks ahead before a run, in the middle of it, and after it.
func TestDryRun(t *testing.T) {
	t.Parallel()
	var lose atomic.Bool
	client, service := setup(t, notifytest.Options{
		Outcome: func(n nhs.Number) notifytest.Journey {
			if n == number(4) {
				return notifytest.Journey{Refused: notify.CodeInvalidValue}
			}
			return notifytest.Journey{}
		},
		Fault: func(*http.Request) notifytest.Fault { return notifytest.Fault{LoseAnswer: lose.Load()} },
	}, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
	var journal notify.MemoryJournal
	sent := 0
	bulk := newBulk(t, client, &journal, notify.BulkOptions{
		MaxMessages: 10,
		Before: func(context.Context, notify.BatchPlan) error {
			sent++
			lose.Store(sent == 3) // the second request of the first batch leaves the quarantined out
			return nil
		},
		Progress: func(notify.BatchOutcome) {},
	})
	var shown []string
	options := notify.DryRunOptions{
		Estimate: func(notify.Message) notify.Estimate { return notify.Estimate{Messages: 1, Fragments: 2, Most: 48} },
		Show: func(p notify.BatchPlan, messages []notify.Message) {
			if len(messages) != p.Messages || messages[0].Reference != p.References[0] {
				t.Errorf("batch %d was shown with the messages of another", p.Number)
			}
			shown = append(shown, messages[0].Reference)
		},
	}
	want := func(when string, preview notify.Preview) {
		t.Helper()
		records, before := len(collect(t, journal.Records(t.Context()))), sent
		shown = nil
		got, err := bulk.DryRun(t.Context(), input(25), options)
		if err != nil {
			t.Fatal(err)
		}
		if preview.Bytes = got.Bytes; (got.Bytes > 1000) != (got.Batches > 0) {
			t.Errorf("%s: %d bytes", when, got.Bytes)
		}
		if diff := cmp.Diff(preview, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		if len(shown) != got.Batches || sent != before || len(collect(t, journal.Records(t.Context()))) != records {
			t.Errorf("%s: %d batches shown, something was sent or journalled", when, len(shown))
		}
	}
	want("before", notify.Preview{
		Batches: 3, Messages: 25, Plans: map[string]int{planID: 25},
		Cost: notify.Estimate{Messages: 25, Fragments: 50, Most: 1200},
	})
	if service.Messages() != 0 {
		t.Error("a dry run has sent")
	}
	if _, err := bulk.Send(t.Context(), input(25)); err == nil {
		t.Fatal("the lost answer was not noticed")
	}
	refused := []notify.QuarantinedMessage{{Index: 4, Reference: "ref-4", Code: notify.CodeInvalidValue, Field: "recipient/nhsNumber"}}
	want("in the middle", notify.Preview{
		Done:    notify.BulkResult{Batches: 1, Replayed: 1, Accepted: 9, Quarantined: refused},
		Batches: 2, Repeats: 1, Messages: 15, Plans: map[string]int{planID: 15},
		Cost: notify.Estimate{Messages: 15, Fragments: 30, Most: 720},
	})
	if diff := cmp.Diff([]string{"ref-10", "ref-20"}, shown); diff != "" {
		t.Error(diff)
	}
	if _, err := bulk.Send(t.Context(), input(25)); err != nil {
		t.Fatal(err)
	}
	want("after", notify.Preview{
		Done:  notify.BulkResult{Batches: 3, Replayed: 3, Accepted: 24, IDsPending: 10, Quarantined: refused},
		Plans: map[string]int{},
	})
}

func TestDryRunErrors(t *testing.T) {
	t.Parallel()
	client, _ := setup(t, notifytest.Options{})
	var journal notify.MemoryJournal
	bulk := newBulk(t, client, &journal, notify.BulkOptions{MaxMessages: 10})
	bad := func(yield func(notify.Message, error) bool) { yield(notify.Message{Plan: planID}, nil) }
	if _, err := bulk.DryRun(t.Context(), bad, notify.DryRunOptions{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("error is %v", err)
	}
	if _, err := bulk.Send(t.Context(), input(20)); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{5: "batch 0: the run is not the one in the journal: the messages have changed", 10: "the input is shorter", 30: "the input is longer"} {
		_, err := bulk.DryRun(t.Context(), input(n), notify.DryRunOptions{})
		if !errors.Is(err, notify.ErrJournalMismatch) || !strings.HasPrefix(err.Error(), "notify.Bulk: dry run: ") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d messages: error is %v", n, err)
		}
	}
	other := newBulk(t, client, &journal, notify.BulkOptions{MaxMessages: 11})
	if _, err := other.DryRun(t.Context(), input(20), notify.DryRunOptions{}); !errors.Is(err, notify.ErrJournalMismatch) {
		t.Errorf("error is %v", err)
	}
}

// TestCompactedRun goes on from a journal that has been compacted in the middle.
func TestCompactedRun(t *testing.T) {
	t.Parallel()
	requests := 0
	client, service := setup(t, notifytest.Options{Fault: func(*http.Request) notifytest.Fault {
		requests++
		switch {
		case requests == 12:
			return notifytest.Fault{LoseAnswer: true}
		case requests%4 != 0:
			return notifytest.Fault{Status: 429, Code: notify.CodeQuota}
		}
		return notifytest.Fault{}
	}}, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
	journal := openJournal(t, filepath.Join(t.TempDir(), "journal"))
	bulk := newBulk(t, client, journal, notify.BulkOptions{MaxMessages: 3})
	var result notify.BulkResult
	for starts := 0; ; starts++ {
		var err error
		if result, err = bulk.Send(t.Context(), input(12)); err == nil {
			break
		}
		before := len(collect(t, journal.Records(t.Context())))
		if err := journal.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := len(collect(t, journal.Records(t.Context()))); after >= before || starts > 3 {
			t.Errorf("start %d: %d records became %d", starts, before, after)
		}
	}
	everyoneOnce(t, service, 12)
	if diff := cmp.Diff(notify.BulkResult{Batches: 4, Replayed: 2, Accepted: 12, IDsPending: 3}, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
