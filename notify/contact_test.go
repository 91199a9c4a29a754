package notify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

func TestContactDetailsAreSent(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	body := recordBody(t, mock, "POST", api+"/messages", httpmock.NewStringResponder(201, `{"data":{"id":"m"}}`))
	m := message(0)
	m.Personalisation = nil
	m.Contact = &notify.ContactDetails{
		Email: "zoe@example.com", SMS: "07700 900123",
		Address: notify.Address{Lines: []string{"1 High Street", "Leeds"}, Postcode: "ls1 6ae"},
		Name:    notify.Name{Prefix: "Ms", First: "Zoë", Middle: "A B", Last: "Smith", Suffix: "PhD"},
	}
	if _, err := client.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"nhsNumber": m.To.Reveal(),
		"contactDetails": map[string]any{
			"email": "zoe@example.com", "sms": "07700 900123",
			"address": map[string]any{"lines": []any{"1 High Street", "Leeds"}, "postcode": "ls1 6ae"},
			"name":    map[string]any{"prefix": "Ms", "firstName": "Zoë", "middleNames": "A B", "lastName": "Smith", "suffix": "PhD"},
		},
	}
	if diff := cmp.Diff(want, recipient(t, *body)); diff != "" {
		t.Errorf("recipient (-want +got):\n%s", diff)
	}
	m.Contact = &notify.ContactDetails{SMS: "+44 (0)7700-900123"}
	if _, err := client.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want["contactDetails"] = map[string]any{"sms": "+44 (0)7700-900123"}
	if diff := cmp.Diff(want, recipient(t, *body)); diff != "" {
		t.Errorf("recipient with one detail (-want +got):\n%s", diff)
	}
	m.To = nhs.Number{}
	if _, err := client.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	delete(want, "nhsNumber")
	if diff := cmp.Diff(want, recipient(t, *body)); diff != "" {
		t.Errorf("recipient without a number (-want +got):\n%s", diff)
	}
}

func recipient(t *testing.T, body []byte) any {
	t.Helper()
	var sent struct {
		Data struct {
			Attributes struct {
				Recipient any `json:"recipient"`
			} `json:"attributes"`
		} `json:"data"`
	}
	decode(t, body, &sent)
	return sent.Data.Attributes.Recipient
}

func TestBadContactDetailsAreNotSent(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	address := func(postcode string, lines ...string) notify.ContactDetails {
		return notify.ContactDetails{Address: notify.Address{Lines: lines, Postcode: postcode}}
	}
	const (
		badEmail    = "contact.email must be an email address of 6 to 90 characters"
		badSMS      = "contact.sms must be a UK phone number, or an international one with its country code"
		badLines    = "contact.address.lines must be 2 to 5"
		badPostcode = "contact.address.postcode must be a UK postcode"
	)
	for _, tc := range []struct {
		contact notify.ContactDetails
		want    string
	}{
		{notify.ContactDetails{}, "contact must not be empty; nil has the service look the details up"},
		{notify.ContactDetails{Email: "a@b.c"}, badEmail},
		{notify.ContactDetails{Email: "a person"}, badEmail},
		{notify.ContactDetails{Email: strings.Repeat("a", 85) + "@b.com"}, badEmail},
		{notify.ContactDetails{SMS: "my phone"}, badSMS},
		{notify.ContactDetails{SMS: "123456"}, badSMS},
		{notify.ContactDetails{SMS: "+44 7700 900123 900123"}, badSMS},
		{notify.ContactDetails{Name: notify.Name{First: "Zoë"}}, "contact.name.last must not be blank when there is a name"},
		{address("", "1 High Street", "Leeds"), badPostcode},
		{address("LS1 6A", "1 High Street", "Leeds"), badPostcode},
		{address("LS1 6AE"), badLines},
		{address("LS1 6AE", "1 High Street"), badLines},
		{address("LS1 6AE", "1", "2", "3", "4", "5", "6"), badLines},
	} {
		m := message(0)
		m.Contact = &tc.contact
		_, err := client.Send(t.Context(), m)
		checkArgument(t, "Send", err, tc.want)
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestContactDetailsHide prints them in every way.
func TestContactDetailsHide(t *testing.T) {
	t.Parallel()
	contact := notify.ContactDetails{Email: "a.person@example.com", SMS: "07700900123", Name: notify.Name{Last: "Person"}}
	m := message(0)
	m.Contact = &contact
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "contact", contact, "message", m)
	for _, text := range []string{
		fmt.Sprint(contact), fmt.Sprintf("%+v %#v %s", contact, &contact, m), logged.String(),
	} {
		if strings.Contains(strings.ToLower(text), "person") || strings.Contains(text, "900123") {
			t.Errorf("printed: %s", text)
		}
	}
}

func TestPersonalisationValues(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	mock.RegisterResponder("POST", api+"/messages", httpmock.NewStringResponder(201, `{"data":{"id":"m"}}`))
	type word string
	for _, good := range []any{
		"", "text", word("text"), 1, int8(1), uint64(1), 1.5, float32(1.5), true,
		[]string{"a"},
		[]word{"a"},
		[]int{1},
		[]any{"a", 1, 1.5, false},
		[2]int{1, 2},
		[]any{},
	} {
		m := message(0)
		m.Personalisation = notify.Personalisation{"a": good}
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Errorf("%T: %v", good, err)
		}
	}
	for _, bad := range []any{
		struct{}{}, map[string]string{}, new("text"), []byte("text"), json.RawMessage("1"), []any{nil}, []any{[]string{"a"}}, number(0), func() {},
	} {
		m := message(0)
		m.Personalisation = notify.Personalisation{"b": bad, "c": bad, "a": "good"}
		_, err := client.Send(t.Context(), m)
		checkArgument(t, fmt.Sprintf("%T", bad), err, "personalisation.b must be a string, number, boolean or list of these")
	}
	m := message(0)
	m.Personalisation = notify.Personalisation{number(0).Reveal(): nil}
	if _, err := client.Send(t.Context(), m); !errors.Is(err, nhs.ErrInvalid) || strings.Contains(err.Error(), number(0).Reveal()) {
		t.Errorf("error is %v", err)
	}
}
