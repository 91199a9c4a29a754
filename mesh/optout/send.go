package optout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// Send sends a request that [Checker.Prepare] has prepared, and returns its receipt
// with the message id. It is called again, with the stored receipt and the same
// list, after a crash or an error: it looks first, by the local id, whether MESH has
// the request already, and sends it only if not, or the rest of it. So nothing is
// asked twice, but for one case: a request that was still on its way when MESH was
// asked about it. The service refuses the second for its name, which is [ErrRefused],
// and still replies to the first.
//
// A request that MESH may have accepted is an error for which [mesh.Uncertain]
// reports true. Errors of MESH are those of package mesh.
func (c *Checker) Send(ctx context.Context, r Receipt, list *List) (Receipt, error) {
	if err := c.check(r, list); err != nil || r.MessageID != "" {
		return r, err
	}
	before := c.now()
	id, err := c.find(ctx, r, list)
	switch {
	case err == nil:
		return r.sent(id, r.Prepared), nil
	case !errors.Is(err, errNeverSent):
		return r, err
	}
	id, err = c.box.Send(ctx, message(r, list))
	switch {
	case err == nil:
		return r.sent(id, before), nil
	case !mesh.Uncertain(err):
		return r, err
	}
	if id, lost := c.find(ctx, r, list); lost == nil {
		return r.sent(id, before), nil
	}
	return r, fmt.Errorf("optout: the request may have arrived: call Send again, with the same receipt: %w", err)
}

// errNeverSent means that MESH has no message with the local id.
var errNeverSent = errors.New("never sent")

// find returns the id of the request if MESH has it, complete.
func (c *Checker) find(ctx context.Context, r Receipt, list *List) (messageID string, err error) {
	t, err := c.box.TrackLocalID(ctx, r.LocalID)
	switch {
	case errors.Is(err, nhs.ErrNotFound):
		return "", errNeverSent
	case errors.Is(err, nhs.ErrConflict):
		return "", fmt.Errorf("optout: the local id was used for several messages: prepare the request with another: %w", err)
	case err != nil:
		return "", err
	case differs(t.FileName, r.FileName), differs(t.Recipient, r.Recipient), differs(t.Workflow, r.Workflow):
		return "", &nhs.ArgumentError{Name: "local id", Reason: "was used before for another message: prepare the request with another"}
	case t.Status == mesh.StatusUploading:
		err = c.box.Resume(ctx, message(r, list), t.MessageID, 2)
	}
	return t.MessageID, err
}

// differs reports whether MESH told something else; it may leave things out.
func differs(told, want string) bool { return told != "" && !strings.EqualFold(told, want) }

func (r Receipt) sent(messageID string, notLater time.Time) Receipt {
	r.MessageID, r.Sent = messageID, notLater
	return r
}

func message(r Receipt, list *List) mesh.SendRequest {
	file := list.file()
	return mesh.SendRequest{
		To: r.Recipient, Workflow: r.Workflow, LocalID: r.LocalID, Subject: r.Subject, FileName: r.FileName,
		Body: file, Size: file.Size(), ChunkSize: r.ChunkSize,
	}
}
