package pds

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Option says something about the requests of a [Client]. Options validate: a bad
// one makes [New] or [Client.With] fail.
type Option struct {
	apply func(*Client) error
}

// Session names the role session of the healthcare worker who is signed in, as the
// header NHSD-Session-URID: digits only. It must belong to the user of the access
// token. It needs healthcare worker access; PDS would ignore it in any other.
func Session(urid string) Option {
	return Option{func(c *Client) error {
		if urid == "" || strings.ContainsFunc(urid, func(r rune) bool { return r < '0' || r > '9' }) {
			return refuse("session URID", "must be digits")
		}
		c.session = urid
		return c.permit("pds.With", nhs.HealthcareWorkerAccess)
	}}
}

// OnBehalfOf names the organisation that uses the program, as the header
// NHSD-End-User-Organisation-ODS: an ODS code. It is mandatory for suppliers whose
// programs serve more than one organisation.
func OnBehalfOf(ods string) Option {
	return Option{func(c *Client) error {
		if ods == "" || !isODSCode(ods) {
			return refuse("organisation", "must be an ODS code: digits and capital letters")
		}
		c.organisation = ods
		return nil
	}}
}

// ApplicationUpdates says that NHS England has enabled updates for this
// application with application-restricted access, which usually has none.
func ApplicationUpdates() Option {
	return Option{func(c *Client) error {
		c.updaters = append(slices.Clip(c.updaters), nhs.ApplicationAccess)
		return nil
	}}
}

// With returns a client that is c but for the given options. It costs next to
// nothing: make one for every user's session, or for a single call.
//
//	session, err := patients.With(pds.Session(urid), pds.OnBehalfOf("A81001"))
//	p, err := session.Get(ctx, number)
func (c *Client) With(opts ...Option) (*Client, error) {
	view, api := *c, *c.api
	view.api = &api
	for _, opt := range opts {
		if opt.apply == nil {
			return nil, refuse("option", "must not be the zero Option")
		}
		if err := opt.apply(&view); err != nil {
			return nil, err
		}
	}
	view.api.RequestEditors = []gen.RequestEditorFn{view.dress}
	return &view, nil
}

// permit refuses an operation that PDS does not offer to the client's access,
// given the kinds that it does offer it to. Open access is PDS's to judge.
func (c *Client) permit(op string, offered ...nhs.Access) error {
	if c.access == nhs.OpenAccess || slices.Contains(offered, c.access) {
		return nil
	}
	names := make([]string, len(offered))
	for i, access := range offered {
		names[i] = string(access)
	}
	return fmt.Errorf("%s: %w: %s, where PDS wants %s", op, ErrAccess, c.access, strings.Join(names, " or "))
}

// maxResults is the largest number of matches that a search may ask for.
func (c *Client) maxResults() int {
	if c.access == nhs.ApplicationAccess {
		return 1
	}
	return 50
}

// dress gives a request the headers that are the same for all operations.
func (c *Client) dress(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", "application/fhir+json")
	if c.session != "" {
		req.Header.Set("Nhsd-Session-Urid", c.session)
	}
	if c.organisation != "" {
		req.Header.Set("Nhsd-End-User-Organisation-Ods", c.organisation)
	}
	return nil
}

func isODSCode(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}
