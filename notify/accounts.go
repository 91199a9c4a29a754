package notify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
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

// LogValue logs the account without the person.
func (a AppAccount) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("notifications", a.Notifications))
}

// AccountsPage is one page of a practice's accounts.
type AccountsPage struct {
	Practice string // ODS code, as the service writes it
	Accounts []AppAccount
	Next     int // number of the next page; 0 after the last

	// Unreadable has an error for each account without a valid NHS number. Those are
	// left out of Accounts. The errors are of kind [nhs.ErrUnexpected] and name the
	// place in the page.
	Unreadable []error
}

// LogValue logs whose page it is, and how many accounts are on it.
func (p AccountsPage) LogValue() slog.Value {
	return slog.GroupValue(slog.String("practice", p.Practice), slog.Int("accounts", len(p.Accounts)),
		slog.Int("unreadable", len(p.Unreadable)), slog.Int("next", p.Next))
}

// Accounts lists who of a GP practice's patients has the NHS App, fetching pages
// as the caller proceeds. The list is refreshed daily; it is large, it counts
// against the same rate as sending, and sending needs none of it: a plan that begins
// with the NHS App falls back by itself.
//
// An account without a valid NHS number is an error, see [AccountsPage], and the
// next accounts follow if the caller goes on. Every other error is the last.
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
			for _, err := range page.Unreadable {
				if !yield(AppAccount{}, err) {
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
	result := AccountsPage{Practice: wire.Data.ID, Accounts: make([]AppAccount, 0, len(wire.Data.Attributes.Accounts))}
	for i, a := range wire.Data.Attributes.Accounts {
		person, err := nhs.ParseNumber(a.NHSNumber)
		if err != nil {
			result.Unreadable = append(result.Unreadable, &nhs.Error{
				Op: "notify.Accounts", StatusCode: answer.StatusCode, RequestID: answer.RequestID,
				Attempts: answer.Attempts, Kind: nhs.ErrUnexpected, Cause: fmt.Errorf("page %d: accounts[%d]: %w", page, i, err),
			})
			continue
		}
		result.Accounts = append(result.Accounts, AppAccount{Person: person, Notifications: a.NotificationsEnabled})
	}
	if wire.Links != nil && text(wire.Links.Next) != "" {
		result.Next = page + 1
	}
	return result, nil
}

// practiceCode is what the service accepts, in either case.
var practiceCode = regexp.MustCompile(`^([A-Za-z][0-9]{5}|[A-Za-z][0-9][A-Za-z][0-9][A-Za-z]|[Xx]26)$`)
