package notify

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Client talks to NHS Notify for one application. It is immutable and safe for
// concurrent use.
type Client struct {
	app   *nhs.App
	api   *gen.Client
	chain *transport.Client
}

// mediaType is sent bare: the service compares the whole header and refuses
// parameters and lists.
const mediaType = "application/vnd.api+json"

// attemptTimeout is above the 29 seconds in which the service gives up itself,
// with time to upload a full batch.
const attemptTimeout = 60 * time.Second

// New returns a Client for app. It sends nothing. Its pace is 18 requests a
// second, below the 1,200 a minute that the service allows an application unless
// agreed otherwise; [nhs.WithRate] changes it.
func New(app *nhs.App) (*Client, error) {
	chain, err := transport.New(transport.Config{
		App:             app,
		Service:         nhs.Notify,
		Rate:            nhs.Rate{PerSecond: 18, Burst: 1},
		Timeout:         attemptTimeout,
		RequestIDHeader: "X-Correlation-ID",
		Errors:          readIssues,
		Retry:           worthRetrying,
		MinRetryAfter:   minRetryAfter,
	})
	if err != nil {
		return nil, err
	}
	api, err := gen.NewClient(app.Environment().API()+"/comms",
		gen.WithHTTPClient(chain), gen.WithRequestEditorFn(acceptMediaType))
	if err != nil {
		return nil, err
	}
	return &Client{app: app, api: api, chain: chain}, nil
}

// Send asks the service to send one message: POST /v1/messages.
//
// A bad message is refused before anything is sent, by an [*nhs.ArgumentError]
// that names the field. Failures that may pass are retried with the same
// reference, which the service recognises.
//
// [nhs.ErrDuplicate] means that the service has this reference already and will
// not send again: from an earlier call or, if the error's Attempts is above 1,
// perhaps from an attempt of this call whose answer was lost. Only callbacks will
// tell the message's id then. [nhs.ErrUnexpected] is an answer without an id,
// which leaves it open whether the service has the message.
func (c *Client) Send(ctx context.Context, message Message) (Sent, error) {
	if err := checkSingle(message); err != nil {
		return Sent{}, err
	}
	body, err := encodeSingle(message)
	if err != nil {
		return Sent{}, err
	}
	wire, answer, err := transport.Do[gen.MessageCreated](ctx, c.chain, transport.Call{Op: "notify.Send", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.CreateMessageWithBody(ctx, mediaType, bytes.NewReader(body))
		})
	if err != nil {
		return Sent{}, refine(err)
	}
	if wire.Data.ID == "" {
		return Sent{}, errNoID("notify.Send", answer)
	}
	return sent(wire), nil
}

// SendBatch asks the service to send up to 45,000 messages, together at most
// 5,000,000 bytes: POST /v1/message-batches. For more, and for a record of what
// was sent, use [Client.Bulk].
//
// Checks and retries are those of [Client.Send]. When the service names messages
// it refuses, the error is a [*BatchError]; none of the batch was accepted then.
func (c *Client) SendBatch(ctx context.Context, batch Batch) (BatchSent, error) {
	if err := checkBatch(batch); err != nil {
		return BatchSent{}, err
	}
	body, err := encodeBatch(batch)
	if err != nil {
		return BatchSent{}, err
	}
	answer, err := c.postBatch(ctx, transport.Call{Op: "notify.SendBatch", Repeatable: true}, body)
	if err != nil {
		return BatchSent{}, withReferences(err, each(batch.Messages, func(m Message) string { return m.Reference }))
	}
	return answer, nil
}

// Status reads the status of the message with the given id: GET
// /v1/messages/{messageId}. An unknown id is [nhs.ErrNotFound]. Polling is for
// stragglers: [Callbacks] is how to follow many messages.
func (c *Client) Status(ctx context.Context, id string) (MessageStatus, error) {
	if err := checkID(id); err != nil {
		return MessageStatus{}, err
	}
	status, answer, err := transport.Do[MessageStatus](ctx, c.chain, transport.Call{Op: "notify.Status", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.GetMessage(ctx, id) })
	if err != nil {
		return MessageStatus{}, refine(err)
	}
	if status.ID == "" {
		return MessageStatus{}, errNoID("notify.Status", answer)
	}
	return status, nil
}

// Exists reports whether the service has a message with the given id: HEAD
// /v1/messages/{messageId}.
func (c *Client) Exists(ctx context.Context, id string) (bool, error) {
	if err := checkID(id); err != nil {
		return false, err
	}
	_, _, err := transport.Do[gen.MessageResponse](ctx, c.chain, transport.Call{Op: "notify.Exists", Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.HeadMessage(ctx, id) })
	if errors.Is(err, nhs.ErrNotFound) {
		return false, nil
	}
	return err == nil, refine(err)
}

// postBatch takes nothing but a 201 with an id for an acceptance: a page of
// something between here and the service may come with any other success.
func (c *Client) postBatch(ctx context.Context, call transport.Call, body []byte) (BatchSent, error) {
	wire, answer, err := transport.Do[batchCreated](ctx, c.chain, call,
		func(ctx context.Context) (*http.Response, error) {
			return c.api.CreateMessageBatchWithBody(ctx, mediaType, bytes.NewReader(body))
		})
	if err != nil {
		return BatchSent{}, refine(err)
	}
	if answer.StatusCode != http.StatusCreated || wire.Data.ID == "" {
		return BatchSent{}, errNoID(call.Op, answer)
	}
	return wire.sent(), nil
}

// errNoID is the error of a success that does not name what it is about.
func errNoID(op string, answer transport.Answer) error {
	return &nhs.Error{
		Op: op, StatusCode: answer.StatusCode, RequestID: answer.RequestID, Attempts: answer.Attempts,
		Kind: nhs.ErrUnexpected,
	}
}

func acceptMediaType(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", mediaType)
	return nil
}
