package notify

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"regexp"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// AppAccount is a person with an NHS App account whose identity has been proven
// to the highest level (P9).
type AppAccount struct {
	Person        nhs.Number
	Notifications bool // whether push notifications are on for at least one device
}

// AccountsPage is one page of a practice's accounts.
type AccountsPage struct {
	Practice string // ODS code, as the service writes it
	Accounts []AppAccount
	Next     int // number of the next page; 0 after the last
}

// Accounts lists who of a GP practice's patients has the NHS App, fetching pages
// as the caller proceeds. An error ends it. The list is refreshed daily; it is
// large, it counts against the same rate as sending, and sending needs none of
// it: a plan that begins with the NHS App falls back by itself.
//
// A practice without a list is [nhs.ErrNotFound]. A later page that is not found
// any more is the end: the list has become shorter since the page before it.
func (c *Client) Accounts(ctx context.Context, practice string) iter.Seq2[AppAccount, error] {
	return func(yield func(AppAccount, error) bool) {
		for number := 1; number > 0; {
			page, err := c.AccountsPage(ctx, practice, number)
			if number > 1 && errors.Is(err, nhs.ErrNotFound) {
				return
			}
			if err != nil {
				yield(AppAccount{}, err)
				return
			}
			for _, account := range page.Accounts {
				if !yield(account, nil) {
					return
				}
			}
			number = page.Next
		}
	}
}

// AccountsPage fetches one page of a practice's accounts, from page 1: GET
// /channels/nhsapp/accounts. The practice is the ODS code of a GP practice, in
// either case, or X26.
//
// [nhs.ErrNotFound] means on page 1 that there is no list for the practice. On a
// later page it may also mean that the list ends before it: the service gives
// both the same answer.
func (c *Client) AccountsPage(ctx context.Context, practice string, page int) (AccountsPage, error) {
	switch {
	case !practiceCode.MatchString(practice):
		return AccountsPage{}, &nhs.ArgumentError{Name: "practice", Reason: "must be the ODS code of a GP practice"}
	case page < 1:
		return AccountsPage{}, &nhs.ArgumentError{Name: "page", Reason: "must be 1 or more"}
	}
	params := &gen.GetNHSAppAccountsParams{ODSOrganisationCode: practice, Page: &page}
	wire, answer, err := transport.Do[gen.NHSAppAccounts](ctx, c.chain, transport.Call{Op: "notify.Accounts", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.GetNHSAppAccounts(ctx, params) })
	if err != nil {
		return AccountsPage{}, refine(err)
	}
	accounts, err := appAccounts(wire.Data.Attributes.Accounts)
	if err != nil {
		return AccountsPage{}, &nhs.Error{
			Op: "notify.Accounts", StatusCode: answer.StatusCode, RequestID: answer.RequestID,
			Attempts: answer.Attempts, Kind: nhs.ErrUnexpected, Cause: err,
		}
	}
	result := AccountsPage{Practice: wire.Data.ID, Accounts: accounts}
	if wire.Links != nil && text(wire.Links.Next) != "" {
		result.Next = page + 1
	}
	return result, nil
}

func appAccounts(wire []gen.NHSAppAccount) ([]AppAccount, error) {
	accounts := make([]AppAccount, len(wire))
	for i, a := range wire {
		person, err := nhs.ParseNumber(a.NHSNumber)
		if err != nil {
			return nil, err
		}
		accounts[i] = AppAccount{Person: person, Notifications: a.NotificationsEnabled}
	}
	return accounts, nil
}

// practiceCode is what the service accepts, in either case.
var practiceCode = regexp.MustCompile(`^([A-Za-z][0-9]{5}|[A-Za-z][0-9][A-Za-z][0-9][A-Za-z]|[Xx]26)$`)
