package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const accountsURL = "https://sandbox.api.service.nhs.uk/comms/channels/nhsapp/accounts"

// accountsPage is an answer with one account for each of the people, followed by
// another page or not.
func accountsPage(next bool, people ...int) string {
	var list []string
	for _, i := range people {
		list = append(list, fmt.Sprintf(`{"nhsNumber":%q,"notificationsEnabled":%t}`, number(i).Reveal(), i%2 == 0))
	}
	links := `"self":"https://x/1","last":"https://x/9"`
	if next {
		links += `,"next":"https://x/2"`
	}
	return `{"data":{"type":"NhsAppAccounts","id":"A12345","attributes":{"accounts":[` + strings.Join(list, ",") + `]}},"links":{` + links + `}}`
}

// pages answers with the pages given, and 404 for others.
func pages(mock *httpmock.MockTransport, bodies ...string) {
	mock.RegisterNoResponder(httpmock.NewStringResponder(404, `{"errors":[{"code":"CM_NOT_FOUND","title":"Report not found"}]}`))
	for i, body := range bodies {
		query := map[string]string{"ods-organisation-code": "A12345", "page": strconv.Itoa(i + 1)}
		mock.RegisterResponderWithQuery("GET", accountsURL, query, httpmock.NewStringResponder(200, body))
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		pages []string
		want  []int
		calls int
	}{
		{"one page", []string{accountsPage(false, 0, 1)}, []int{0, 1}, 1},
		{"three pages", []string{accountsPage(true, 0), accountsPage(true), accountsPage(false, 1, 2)}, []int{0, 1, 2}, 3},
		{"a page that has gone", []string{accountsPage(true, 0)}, []int{0}, 2},
		{"nobody", []string{accountsPage(false)}, nil, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, mock := mocked(t)
			pages(mock, tc.pages...)
			var got []int
			for account, err := range client.Accounts(t.Context(), "A12345") {
				if err != nil {
					t.Fatal(err)
				}
				want := tc.want[len(got)]
				if account.Person != number(want) || account.Notifications != (want%2 == 0) {
					t.Errorf("account %d is wrong", len(got))
				}
				got = append(got, want)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
			if n := mock.GetTotalCallCount(); n != tc.calls {
				t.Errorf("%d requests, want %d", n, tc.calls)
			}
		})
	}
}

func TestAccountsStopsWithItsReader(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	pages(mock, accountsPage(true, 0, 1), accountsPage(false, 2))
	for range client.Accounts(t.Context(), "A12345") {
		break
	}
	if n := mock.GetTotalCallCount(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAccountsPage(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	pages(mock, accountsPage(true, 0), accountsPage(false, 1))
	got, err := client.AccountsPage(t.Context(), "A12345", 1)
	want := notify.AccountsPage{Practice: "A12345", Accounts: []notify.AppAccount{{Person: number(0), Notifications: true}}, Next: 2}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b nhs.Number) bool { return a == b })); err != nil || diff != "" {
		t.Errorf("%v, page (-want +got):\n%s", err, diff)
	}
	if got, err = client.AccountsPage(t.Context(), "A12345", 2); err != nil || got.Next != 0 {
		t.Errorf("last page: %+v, %v", got, err)
	}
	if _, err = client.AccountsPage(t.Context(), "A12345", 3); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("past the end: %v", err)
	}
}

func TestAccountsErrors(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	collect := func(practice string) (n int, err error) {
		for _, err = range client.Accounts(t.Context(), practice) {
			n++
		}
		return n, err
	}
	for _, practice := range []string{"", "A1234", "A123456", "A 1234", "12345", "AB123", "X27", "A1A1", "A12345&x"} {
		_, err := collect(practice)
		checkArgument(t, practice, err, "practice must be the ODS code of a GP practice")
	}
	_, err := client.AccountsPage(t.Context(), "A12345", 0)
	checkArgument(t, "page", err, "page must be 1 or more")
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	pages(mock)
	for _, practice := range []string{"A12345", "a12345", "A1b2C", "X26"} {
		if n, err := collect(practice); n != 1 || !errors.Is(err, nhs.ErrNotFound) || notify.FaultOf(err) != notify.FaultNotFound {
			t.Errorf("%s: %d accounts, %v", practice, n, err)
		}
	}
	mock.RegisterNoResponder(httpmock.NewStringResponder(502, `{"errors":[{"code":"CM_BAD_GATEWAY"}]}`))
	if _, err := collect("B12345"); notify.FaultOf(err) != notify.FaultService {
		t.Errorf("bad gateway: %v", err)
	}
}

// TestAccountsGoOn has one account without a valid NHS number among others.
func TestAccountsGoOn(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	secret := "9990000019" // a wrong check digit
	pages(mock, strings.Replace(accountsPage(true, 0, 1, 2), number(1).Reveal(), secret, 1), accountsPage(false, 3))
	var people []nhs.Number
	var bad []error
	for account, err := range client.Accounts(t.Context(), "A12345") {
		if err != nil {
			bad = append(bad, err)
			continue
		}
		people = append(people, account.Person)
	}
	if want := []nhs.Number{number(0), number(2), number(3)}; !slices.Equal(want, people) {
		t.Errorf("%d people, want %d", len(people), len(want))
	}
	if len(bad) != 1 || !errors.Is(bad[0], nhs.ErrUnexpected) || !strings.Contains(bad[0].Error(), "page 1: accounts[1]: ") || strings.Contains(bad[0].Error(), secret) {
		t.Errorf("errors are %v", bad)
	}
	for _, err := range client.Accounts(t.Context(), "A12345") {
		if err != nil {
			break // a caller may stop at it
		}
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	const id = "2WL3qFTEFM0qMY8xjRbt1LIKCzM"
	for _, tc := range []struct {
		status int
		want   bool
		err    error
	}{
		{200, true, nil},
		{404, false, nil},
		{403, false, nhs.ErrForbidden},
		{503, false, nhs.ErrUnavailable},
	} {
		mock.RegisterResponder("HEAD", api+"/messages/"+id, func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Accept") != "application/vnd.api+json" {
				t.Errorf("headers are %v", r.Header)
			}
			return httpmock.NewStringResponse(tc.status, ""), nil
		})
		got, err := client.Exists(t.Context(), id)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%d: %v, %v", tc.status, got, err)
		}
	}
	_, err := client.Exists(t.Context(), "x")
	checkArgument(t, "Exists", err, "message id must be 27 letters and digits")
}

func ExampleClient_Accounts() {
	ctx := context.Background()
	service := httptest.NewServer(notifytest.New(notifytest.Options{
		Authorize: acceptAnyone,
		Accounts:  map[string][]notify.AppAccount{"A12345": {{Person: number(0), Notifications: true}, {Person: number(1)}}},
	}))
	defer service.Close()
	app, err := nhs.NewApp(nhs.Loopback(service.URL), nhs.Anonymous{})
	if err != nil {
		fmt.Println(err)
		return
	}
	messages, err := notify.New(app)
	if err != nil {
		fmt.Println(err)
		return
	}
	for account, err := range messages.Accounts(ctx, "A12345") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(account.Person, "notifications on:", account.Notifications)
	}
	_, err = messages.AccountsPage(ctx, "B12345", 1)
	fmt.Println("no list of that practice:", errors.Is(err, nhs.ErrNotFound))
	// Output:
	// [NHS number] notifications on: true
	// [NHS number] notifications on: false
	// no list of that practice: true
}
