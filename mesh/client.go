package mesh

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Client works with one mailbox. It is immutable and safe for concurrent use. It
// does not limit how long a call takes, because content may be large: contexts do.
type Client struct {
	chain   *transport.Client
	api     *gen.Client
	mailbox string
	now     func() time.Time
}

// pace is a courtesy of this module: MESH publishes no rate limit.
const pace = 10

// mediaType asks for version 2 messages.
const mediaType = "application/vnd.mesh.v2+json"

// New returns a client for mailbox in the App's environment. It sends nothing. A
// bad argument, or an environment without MESH, gives an [*nhs.ArgumentError].
func New(app *nhs.App, mailbox Mailbox) (*Client, error) {
	if app == nil {
		return nil, &nhs.ArgumentError{Name: "app", Reason: "must not be nil"}
	}
	base := app.Environment().MESH()
	if base == "" {
		return nil, &nhs.ArgumentError{Name: "environment", Reason: "has no MESH; use Integration, Production or Loopback"}
	}
	if err := mailbox.validate(); err != nil {
		return nil, err
	}
	mailbox.ID = strings.ToUpper(mailbox.ID)
	settings := app.Settings()
	chain, err := transport.New(transport.Config{
		App:       app,
		Service:   nhs.MESH,
		Rate:      nhs.Rate{PerSecond: pace, Burst: pace},
		Authorize: mailbox.authorizer(settings.Now, settings.Random),
		Errors:    issues,
	})
	if err != nil {
		return nil, err
	}
	api, err := gen.NewClient(base, gen.WithHTTPClient(chain), gen.WithRequestEditorFn(acceptVersion2))
	if err != nil {
		return nil, err
	}
	return &Client{chain: chain, api: api, mailbox: mailbox.ID, now: settings.Now}, nil
}

func acceptVersion2(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", mediaType)
	return nil
}

// Mailbox returns the id of the mailbox the client works with.
func (c *Client) Mailbox() string { return c.mailbox }

// Handshake shows the service that the mailbox is in use, and the caller that
// its credentials work. MESH wants one at least every 24 hours.
//
// The version of the operating system, which MESH requires, is sent as "unknown".
func (c *Client) Handshake(ctx context.Context) error {
	params := &gen.HandshakeParams{
		MexClientVersion:  "nhs-go/" + nhs.Version,
		MexOSName:         runtime.GOOS,
		MexOSVersion:      "unknown",
		MexOSArchitecture: new(runtime.GOARCH),
	}
	return c.run(ctx, "mesh.Handshake", func(ctx context.Context) (*http.Response, error) {
		return c.api.Handshake(ctx, c.mailbox, params)
	})
}

// Acknowledge takes a message out of the inbox for good. Call it when the
// message is safely stored. Acknowledging again is no error.
func (c *Client) Acknowledge(ctx context.Context, messageID string) error {
	if err := checkMessageID(messageID); err != nil {
		return err
	}
	return c.run(ctx, "mesh.Acknowledge", func(ctx context.Context) (*http.Response, error) {
		return c.api.AcknowledgeMessage(ctx, c.mailbox, messageID)
	})
}

// run sends a repeatable request whose answer holds nothing.
func (c *Client) run(ctx context.Context, op string, send func(context.Context) (*http.Response, error)) error {
	_, _, err := do[struct{}](ctx, c, transport.Call{Op: op, Repeatable: true}, send)
	return err
}

func checkMessageID(id string) error {
	if !isIdentifier(id) {
		return &nhs.ArgumentError{Name: "message id", Reason: "must be letters, digits, _ and - only"}
	}
	return nil
}
