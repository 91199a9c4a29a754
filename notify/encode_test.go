package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
	"github.com/personalised-prevention/nhs/notify"
)

// FuzzBody sends a batch with any text and wants the body to decode, with the
// generated types, to the same.
func FuzzBody(f *testing.F) {
	f.Add("ref", "field", "value", "billing", "X26", 1.5)
	f.Add("\"\\\n", "\u2028", "</script>\x7f", "é’😀", "\t", -1.0)
	f.Fuzz(func(t *testing.T, reference, key, value, billing, originator string, n float64) {
		valid := func(s string) string { return strings.ToValidUTF8(s, "?") }
		alphanumeric := func(r rune) rune {
			if strings.ContainsRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", r) {
				return r
			}
			return -1
		}
		m := notify.Message{
			Plan: planID, Reference: "x" + valid(reference), To: number(3), BillingReference: valid(billing),
			Originator: strings.Map(alphanumeric, originator),
			Contact: &notify.ContactDetails{
				Email: "a.person@example.com", SMS: "+44 7700 900123",
				Address: notify.Address{Lines: []string{valid(value), valid(key)}, Postcode: "LS1 6AE"},
				Name:    notify.Name{First: valid(value), Last: "x" + valid(key)},
			},
			Personalisation: map[string]any{valid(key): valid(value), "n": n, "list": []string{valid(value)}},
		}
		if strings.Contains(m.Reference, m.To.Reveal()) {
			t.Skip()
		}
		var got gen.CreateMessageBatch
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Errorf("body is not JSON: %v", err)
			}
			return httpmock.NewStringResponse(201, `{"data":{"id":"b"}}`), nil
		})
		client := newClient(t, nhs.Sandbox, nhs.WithHTTPClient(&http.Client{Transport: mock}))
		if _, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: valid(reference) + "b", Messages: []notify.Message{m}}); err != nil {
			t.Fatal(err)
		}
		var want gen.CreateMessageBatch
		want.Data.Type = "MessageBatch"
		want.Data.Attributes.RoutingPlanID = planID
		want.Data.Attributes.MessageBatchReference = valid(reference) + "b"
		item := gen.BatchMessage{MessageReference: m.Reference, Recipient: gen.Recipient{
			NHSNumber: new(m.To.Reveal()),
			ContactDetails: &gen.ContactDetails{
				Email: &m.Contact.Email, Sms: &m.Contact.SMS,
				Address: &gen.Address{Lines: m.Contact.Address.Lines, Postcode: m.Contact.Address.Postcode},
				Name:    &gen.Name{LastName: m.Contact.Name.Last},
			},
		}}
		if first := m.Contact.Name.First; first != "" {
			item.Recipient.ContactDetails.Name.FirstName = &first
		}
		if m.BillingReference != "" {
			item.BillingReference = &m.BillingReference
		}
		if m.Originator != "" {
			item.Originator = &gen.Originator{ODSCode: &m.Originator}
		}
		item.Personalisation = &gen.Personalisation{}
		text, err := json.Marshal(m.Personalisation)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, item.Personalisation); err != nil {
			t.Fatal(err)
		}
		want.Data.Attributes.Messages = []gen.BatchMessage{item}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	})
}

func TestReference(t *testing.T) {
	t.Parallel()
	key := []byte("a key of at least 16 bytes")
	seen := map[string]bool{}
	for _, parts := range [][]string{{}, {""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {number(1).Reveal()}, {number(2).Reveal()}} {
		reference := notify.Reference(key, parts...)
		if len(reference) != 26 || seen[reference] || reference != notify.Reference(key, parts...) {
			t.Errorf("reference of %d parts is %q", len(parts), reference)
		}
		seen[reference] = true
	}
	if seen[notify.Reference([]byte("another key of 16 bytes"), "abc")] {
		t.Error("the key does not matter")
	}
	// A fixed value: references must never change between versions.
	if got, want := notify.Reference([]byte("0123456789abcdef"), "campaign", "wave-1", "person"), "E7MEBIUSJ2LLUJNRPMCENEO42E"; got != want {
		t.Errorf("reference is %s, want %s", got, want)
	}
}
