package notify_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs/notify"
)

// TestPublishedSamples reads the service's own examples of get-message and wants
// every field of them back.
func TestPublishedSamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../shared/data/notify/*.json")
	if err != nil || len(paths) == 0 {
		t.Skip("no published samples here")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			sample, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			client, mock := mocked(t)
			mock.RegisterNoResponder(httpmock.NewBytesResponder(200, sample))
			status, err := client.Status(t.Context(), "2WL3qFTEFM0qMY8xjRbt1LIKCzM")
			if err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(status)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(values(t, sample), values(t, again)); diff != "" {
				t.Errorf("fields (-sample +ours):\n%s", diff)
			}
			var read notify.MessageStatus
			if err := json.Unmarshal(again, &read); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(status, read); diff != "" {
				t.Errorf("read again (-want +got):\n%s", diff)
			}
			checkBook(t, status)
		})
	}
}

// checkBook wants a status book to tell the same as the answer, with the channels
// by cascade.
func checkBook(t *testing.T, status notify.MessageStatus) {
	t.Helper()
	var book notify.StatusBook
	book.Apply(status)
	want := notify.MessageState{ID: status.ID, Reference: status.Reference, Status: status.Status, FailureCode: status.FailureCode, Description: status.Description}
	for _, c := range status.Channels {
		want.Channels = append(want.Channels, notify.ChannelState{
			Channel: c.Channel, Cascade: c.Cascade, Order: c.Order, Retries: c.Retries,
			Status: c.Status, FailureCode: c.FailureCode, Supplier: c.Supplier,
		})
		if c.Status == notify.StatusDelivered {
			want.DeliveredBy = c.Channel
		}
	}
	got := book.Reference(status.Reference)
	for i := range got {
		got[i].Updated = time.Time{}
		for j := range got[i].Channels {
			got[i].Channels[j].Updated = time.Time{}
		}
	}
	if diff := cmp.Diff([]notify.MessageState{want}, got); diff != "" {
		t.Errorf("status book (-want +got):\n%s", diff)
	}
}

// values decodes JSON with timestamps in one form: samples have them with and
// without milliseconds.
func values(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return normal(v)
}

func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = normal(v[key])
		}
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// TestFullStatus keeps every field there is, also those that no sample has.
func TestFullStatus(t *testing.T) {
	t.Parallel()
	const full = `{"data":{"type":"Message","id":"m","attributes":{"messageReference":"r","messageStatus":"held","messageStatusDescription":"d",
		"messageFailureReasonCode":"c","timestamps":{"created":"2026-01-05T09:00:00.123Z","enriched":"2026-01-05T09:00:01Z","delivered":"2026-01-05T09:00:02Z","failed":"2026-01-05T09:00:03Z"},
		"routingPlan":{"id":"p","name":"n","version":"1","createdDate":"2026-01-05T09:00:00Z"},
		"metadata":[{"queriedAt":"2026-01-05T09:00:00Z","source":"pds","version":"1","labels":["nhsapp","pigeon"]},{"queriedAt":"2026-01-05T09:00:00Z","source":"s"}],
		"channels":[{"type":"pigeon","retryCount":2,"cascadeType":"secondary","cascadeOrder":3,"channelStatus":"circling","channelStatusDescription":"d","channelFailureReasonCode":"c",
			"supplierStatus":"fed","timestamps":{"created":"2026-01-05T09:00:00Z","delivered":"2026-01-05T09:00:01Z","failed":"2026-01-05T09:00:02Z"},
			"routingPlan":{"id":"p","version":"1","type":"override"},"metadata":[{"id":"i","source":"pds","label":"recipient_contact"}]}]},
		"relationships":{"messageBatch":{"data":{"type":"MessageBatch","id":"b"}}},"links":{"self":"https://s"}}}`
	var status notify.MessageStatus
	if err := json.Unmarshal([]byte(full), &status); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(values(t, []byte(full)), values(t, again)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"data":[]}`), &status); err == nil {
		t.Error("a list was read")
	}
}
