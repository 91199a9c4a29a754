package mesh

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// InboxQuery says which messages to list. The zero InboxQuery lists all.
type InboxQuery struct {
	// Workflow filters by workflow id, exactly, or with * at the end ("ABC*") or at
	// both ends ("*ABC*"); a leading ! inverts the filter. Empty means every workflow.
	Workflow string

	// PageSize is how many ids one request fetches: 10 to 5000, or 0 for 500.
	PageSize int
}

// InboxPage is one page of message ids, oldest first.
type InboxPage struct {
	MessageIDs []string
	Next       string // where the next page starts; "" after the last
	Count      int    // approximate number of messages in the inbox, 0 if not told
}

// Inbox lists the ids of the messages waiting, fetching pages as the caller
// proceeds. An error ends it. Messages may be acknowledged on the way; one that
// is not may be listed again.
func (c *Client) Inbox(ctx context.Context, q InboxQuery) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for from := ""; ; {
			page, err := c.InboxPage(ctx, q, from)
			if err != nil {
				yield("", err)
				return
			}
			for _, id := range page.MessageIDs {
				if !yield(id, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			from = page.Next
		}
	}
}

// InboxPage fetches one page: the first when from is "", or the one that starts
// at the Next of the page before.
func (c *Client) InboxPage(ctx context.Context, q InboxQuery, from string) (InboxPage, error) {
	if err := q.validate(from); err != nil {
		return InboxPage{}, err
	}
	params := &gen.ListInboxParams{WorkflowFilter: optional(q.Workflow), ContinueFrom: optional(from)}
	if q.PageSize != 0 {
		params.MaxResults = &q.PageSize
	}
	list, answer, err := do[gen.Inbox](ctx, c, transport.Call{Op: "mesh.Inbox", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.ListInbox(ctx, c.mailbox, params) })
	if err != nil {
		return InboxPage{}, err
	}
	if list.Messages == nil {
		return InboxPage{}, unexpected("mesh.Inbox", answer, errNoList)
	}
	page := InboxPage{MessageIDs: list.Messages}
	if list.ApproxInboxCount != nil {
		page.Count = *list.ApproxInboxCount
	}
	if list.Links != nil && list.Links.Next != nil {
		page.Next = continuation(*list.Links.Next)
		if page.Next == from || !isPosition(page.Next) {
			return InboxPage{}, unexpected("mesh.Inbox", answer, errNoProgress)
		}
	}
	return page, nil
}

var (
	errNoList     = errors.New("the answer has no list of messages") // which is not an empty inbox
	errNoProgress = errors.New("the link to the next page leads nowhere")
)

func (q InboxQuery) validate(from string) error {
	switch {
	case q.PageSize != 0 && (q.PageSize < 10 || q.PageSize > 5000):
		return &nhs.ArgumentError{Name: "page size", Reason: "must be 10 to 5000, or 0 for 500"}
	case q.Workflow != "" && (len(q.Workflow) < 2 || len(q.Workflow) > 255 || !isPrintable(q.Workflow)):
		return &nhs.ArgumentError{Name: "workflow filter", Reason: "must be 2 to 255 printable ASCII characters"}
	case from != "" && !isPosition(from):
		return &nhs.ArgumentError{Name: "from", Reason: "must be the Next of a page, or empty"}
	default:
		return nil
	}
}

// continuation takes the position out of a link. The link itself is not
// followed: a server does not choose where credentials go.
func continuation(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("continue_from")
}

// isPosition reports whether MESH would take s for a place in an inbox.
func isPosition(s string) bool { return len(s) >= 24 && len(s) <= 1000 }

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
