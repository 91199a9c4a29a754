package optout

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Request names a request. The service matches nothing but names, and answers
// nothing to names it does not like: see the package documentation.
type Request struct {
	// Sequence is the number of the file in its month, 1 to 9999, above that of the
	// file before. The caller keeps count; the service refuses a file out of order.
	Sequence int

	// Subject and LocalID are letters, digits, - and _ only, and hold no NHS number.
	// The reply is known by its LocalID. A hyphen and a mark of the file are added to
	// it, so that a name used again for other people is another name.
	Subject string // 1 to 500 characters
	LocalID string // 1 to 280 characters
}

func (r Request) validate() error {
	if r.Sequence < 1 || r.Sequence > 9999 {
		return &nhs.ArgumentError{Name: "sequence", Reason: "must be 1 to 9999"}
	}
	if err := checkName("subject", r.Subject, 500); err != nil {
		return err
	}
	return checkName("local id", r.LocalID, 280)
}

func checkName(name, value string, limit int) error {
	switch {
	case value == "":
		return &nhs.ArgumentError{Name: name, Reason: "must not be empty: the service would not reply"}
	case !isName(value, limit):
		return &nhs.ArgumentError{Name: name, Reason: fmt.Sprintf(
			"must be at most %d letters, digits, - and _: the service would not reply to others", limit)}
	case redact.HasNumber(value):
		return &nhs.ArgumentError{Name: name, Reason: "must not hold an NHS number"}
	default:
		return nil
	}
}

// Receipt is a request from its preparation to its reply: what a program must keep
// to go on after a crash. It holds nothing about persons and may be stored as JSON.
type Receipt struct {
	Recipient string `json:"recipient"`
	Workflow  string `json:"workflow"`
	FileName  string `json:"fileName"`
	Subject   string `json:"subject"`
	LocalID   string `json:"localId"` // as sent

	People    int    `json:"people"`    // asked about
	Sentinels int    `json:"sentinels"` // planted
	Digest    string `json:"digest"`    // of the file, keyed

	ChunkSize int64     `json:"chunkSize,omitzero"` // as in [Options]
	Prepared  time.Time `json:"prepared"`

	// Sent is when the request was about to be sent, or, where a crash lost that, when
	// it was prepared. The service looked later.
	Sent      time.Time `json:"sent,omitzero"`
	MessageID string    `json:"messageId,omitempty"` // as MESH gave it; empty until it is known
}

// Prepare names the file that asks about list: the id of the mailbox, the day as
// ddmmyy, and the sequence number. Nothing is sent. Store the receipt before
// [Checker.Send], which goes on with it after a crash; send soon, because the age
// of a result may count from here.
func (c *Checker) Prepare(list *List, r Request) (Receipt, error) {
	if list == nil {
		return Receipt{}, &nhs.ArgumentError{Name: "list", Reason: "must not be nil"}
	}
	if err := r.validate(); err != nil {
		return Receipt{}, err
	}
	if list.file().Size() > c.o.MaxSize {
		return Receipt{}, &nhs.ArgumentError{Name: "list", Reason: fmt.Sprintf(
			"must have at most %d people and sentinels, which is %d bytes", c.o.MaxSize/lineSize, c.o.MaxSize)}
	}
	now, digest := c.now(), c.requestDigest(list)
	return Receipt{
		Recipient: c.o.Recipient, Workflow: c.o.Workflow, Subject: r.Subject, LocalID: r.LocalID + "-" + mark(digest),
		FileName: fmt.Sprintf("%s-%s-%04d.dat", c.box.Mailbox(), now.Format("020106"), r.Sequence),
		People:   list.People(), Sentinels: len(list.sentinels.OptedOut) + len(list.sentinels.NotOptedOut),
		Digest: digest, ChunkSize: c.o.ChunkSize, Prepared: now,
	}, nil
}

// mark returns the end of a digest in letters: digits could look like an NHS number.
func mark(digest string) string {
	tail := []byte(digest[len(digest)-12:])
	for i, c := range tail {
		if c <= '9' {
			tail[i] = c - '0' + 'g'
		}
	}
	return string(tail)
}

func (c *Checker) requestDigest(list *List) string {
	mac := c.digest(digestRequest)
	_, _ = io.Copy(mac, list.file()) // memory to memory
	return digestText(mac)
}

// check refuses a receipt that is not of this checker and list.
func (c *Checker) check(r Receipt, list *List) error {
	switch {
	case list == nil:
		return &nhs.ArgumentError{Name: "list", Reason: "must not be nil"}
	case r.Recipient != c.o.Recipient || r.Workflow != c.o.Workflow:
		return &nhs.ArgumentError{Name: "receipt", Reason: "is for another recipient or workflow"}
	case !strings.HasPrefix(r.FileName, c.box.Mailbox()+"-"):
		return &nhs.ArgumentError{Name: "receipt", Reason: "is from another mailbox"}
	case r.Prepared.IsZero():
		return &nhs.ArgumentError{Name: "receipt", Reason: "must come from Prepare"}
	}
	if err := checkName("receipt's subject", r.Subject, 500); err != nil {
		return err
	}
	if err := checkName("receipt's local id", r.LocalID, 300); err != nil {
		return err
	}
	if r.Digest != c.requestDigest(list) {
		return &nhs.ArgumentError{Name: "list", Reason: "is not the one of the receipt: other people, other sentinels or another key"}
	}
	return nil
}
