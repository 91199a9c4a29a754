package caas

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/mesh"
)

// Subscription says where a subscription file goes, and under what name. Mailbox and
// workflow id are not public: CaaS tells them to a programme.
type Subscription struct {
	To       string // CaaS's mailbox; required
	Workflow string // the workflow id of subscriptions; required

	// Name is the sender's name for the file, such as "diabetic-eye-2026-w45": letters,
	// digits, - and _, at most 100. The same people under the same name are the same
	// subscription, and are sent once. Required.
	Name string

	// Key is a secret of at least 32 random bytes, one for a programme. It turns who is
	// in the file into a part of the message's local id, which many can see, without
	// telling them. Required.
	Key []byte
}

// Format prints the name only, for every verb: a subscription holds a key.
func (s Subscription) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "Subscription("+redact.Name(s.Name)+")")
}

// LogValue logs the name only.
func (s Subscription) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// Receipt says that a subscription file has been handed to MESH. There is no other
// receipt: CaaS is not known to answer. The people begin to appear in cohort files.
type Receipt struct {
	MessageID string // of MESH: keep it as the id of the subscription
	LocalID   string // under which MESH has the message: the name, and a keyed digest of the people
	People    int
	Repeated  bool // MESH had the message already, so nothing was sent this time
}

// Errors of [Subscribe], matched with [errors.Is].
var (
	// ErrUncertain says that a subscription may or may not have been sent. The same
	// call, some minutes later, finds out, and sends it if need be.
	ErrUncertain = errors.New("it is not known whether the subscription was sent: make the same call again later")

	// ErrUndelivered says that the subscription was sent earlier, and that MESH has
	// reported it as undelivered.
	ErrUndelivered = errors.New("the subscription was sent and not delivered: send it again under a new name")
)

// subscriptionName is the file name that subscriptions have.
//
// Source: the public consumer dtos-cohort-manager.
const subscriptionName = "CaaSSubscribe.parquet"

// Subscribe asks CaaS to put people into the cohort files from now on, and returns
// MESH's receipt. It refuses people as [WriteSubscription] does; nothing is sent then.
//
// It asks MESH first whether the same people have been sent under the same name, and
// sends the file only if not. So the same call can be made again after any failure,
// and after a crash: nobody is subscribed twice unknowingly, and nobody is taken for
// subscribed because a name was used twice. When the answer to sending is lost it
// asks MESH once more; if that does not settle it the error is [ErrUncertain].
//
// What CaaS does with people who are subscribed already is not known. There is no
// unsubscribing: nothing public shows a file or a workflow for it.
func Subscribe(ctx context.Context, box *mesh.Client, s Subscription, people iter.Seq[nhs.Number]) (Receipt, error) {
	if err := s.check(box); err != nil {
		return Receipt{}, err
	}
	var file bytes.Buffer
	written, err := writeSubscription(&file, people)
	if err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{LocalID: s.localID(written), People: len(written)}
	receipt.MessageID, err = track(ctx, box, receipt.LocalID)
	if err == nil {
		receipt.Repeated = true
		return receipt, nil
	}
	if errors.Is(err, nhs.ErrNotFound) {
		receipt.MessageID, err = s.send(ctx, box, receipt.LocalID, file.Bytes())
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("caas: subscribe: %w", err)
	}
	return receipt, nil
}

func (s Subscription) check(box *mesh.Client) error {
	switch {
	case box == nil:
		return &nhs.ArgumentError{Name: "mailbox", Reason: "must not be nil"}
	case s.To == "":
		return &nhs.ArgumentError{Name: "recipient mailbox", Reason: "must not be empty; ask CaaS for it"}
	case s.Workflow == "":
		return &nhs.ArgumentError{Name: "workflow id", Reason: "must not be empty; ask CaaS for it"}
	case s.Name == "" || len(s.Name) > 100 || strings.Trim(s.Name, nameCharacters) != "":
		return &nhs.ArgumentError{Name: "name", Reason: "must be 1 to 100 letters, digits, - and _"}
	case redact.Name(s.Name) != s.Name:
		return &nhs.ArgumentError{Name: "name", Reason: "must not hold what could be an NHS number"}
	case len(s.Key) < sha256.Size:
		return &nhs.ArgumentError{Name: "key", Reason: "must be at least 32 bytes"}
	default:
		return nil
	}
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// localID returns the name of a message with these people, whatever their order.
func (s Subscription) localID(people map[nhs.Number]struct{}) string {
	digest := hmac.New(sha256.New, s.Key)
	_, _ = io.WriteString(digest, "nhs-prevention/subscription/v1\x00")

	digits := make([]byte, 0, 10)
	for _, n := range slices.SortedFunc(maps.Keys(people), nhs.Number.Compare) {
		digits = n.AppendDigits(digits[:0])
		_, _ = digest.Write(digits)
	}
	return s.Name + "_" + hex.EncodeToString(digest.Sum(nil)[:16])
}

// send sends the file, and finds its message if the answer is lost.
func (s Subscription) send(ctx context.Context, box *mesh.Client, localID string, file []byte) (messageID string, err error) {
	messageID, err = box.Send(ctx, mesh.SendRequest{
		To: s.To, Workflow: s.Workflow, LocalID: localID, FileName: subscriptionName,
		ContentType: "application/octet-stream", Body: bytes.NewReader(file),
	})
	if !mesh.Uncertain(err) {
		return messageID, err
	}
	lost := err
	messageID, err = track(ctx, box, localID)
	if err == nil || errors.Is(err, ErrUndelivered) {
		return messageID, err
	}
	// That MESH does not know it yet proves nothing: the request may be on its way.
	return "", fmt.Errorf("%w: %w", ErrUncertain, lost)
}

// track returns the id of the message that was sent with a local id, or
// [nhs.ErrNotFound].
func track(ctx context.Context, box *mesh.Client, localID string) (messageID string, err error) {
	t, err := box.TrackLocalID(ctx, localID)
	switch {
	case err != nil:
		return "", err
	case t.Status == mesh.StatusUndeliverable || t.Status == mesh.StatusError:
		return "", ErrUndelivered
	default:
		return t.MessageID, nil
	}
}
