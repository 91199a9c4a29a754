package mesh

import (
	"context"
	"errors"
	"net/http"

	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Endpoint is a mailbox that may receive a workflow.
type Endpoint struct {
	MailboxID string
	Name      string
}

// Lookup finds the mailboxes of an organisation, by its ODS code, that may receive
// a workflow. None is no error.
func (c *Client) Lookup(ctx context.Context, odsCode, workflow string) ([]Endpoint, error) {
	if err := checkSegment("ODS code", odsCode, maxIdentifier); err != nil {
		return nil, err
	}
	if err := checkSegment("workflow id", workflow, 300); err != nil {
		return nil, err
	}
	return c.endpoints(ctx, "mesh.Lookup", func(ctx context.Context) (*http.Response, error) {
		return c.api.LookupEndpoint(ctx, odsCode, workflow)
	})
}

// LookupWorkflow finds the mailboxes of all organisations that may receive a
// workflow. None is no error.
func (c *Client) LookupWorkflow(ctx context.Context, workflow string) ([]Endpoint, error) {
	if err := checkSegment("workflow id", workflow, 300); err != nil {
		return nil, err
	}
	return c.endpoints(ctx, "mesh.LookupWorkflow", func(ctx context.Context) (*http.Response, error) {
		return c.api.SearchWorkflow(ctx, workflow)
	})
}

func (c *Client) endpoints(ctx context.Context, op string, send sender) ([]Endpoint, error) {
	found, answer, err := do[gen.Endpoints](ctx, c, transport.Call{Op: op, Repeatable: true}, send)
	if err != nil {
		return nil, err
	}
	if found.Results == nil {
		return nil, unexpected(op, answer, errNoMailboxes)
	}
	endpoints := make([]Endpoint, len(found.Results))
	for i, r := range found.Results {
		if r.MailboxID == "" { // as in version 1, which has another name for it
			return nil, unexpected(op, answer, errNoMailboxes)
		}
		endpoints[i] = Endpoint{MailboxID: r.MailboxID, Name: r.MailboxName}
	}
	return endpoints, nil
}

var errNoMailboxes = errors.New("the answer is no list of mailboxes in version 2")
