package optout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// What public notes of those who use the service say its address is. NHS England
// confirms workflow and mailbox when a mailbox is set up for the check: choose them
// by what it says.
//
// Source: UK Renal Registry, National Opt-Out Processes; for the integration
// mailbox, FITFILE's notes on its MESH witness test.
const (
	Workflow           = "SPINE_NTT_UPHOLDING" // of requests and replies
	LiveMailbox        = "X26HC065"            // takes requests in production; X26HC036 before April 2021
	IntegrationMailbox = "X26OT154"            // takes requests in the integration environment
)

// MaxAge is how long a result may be used. It is an assumption: an implementer's
// public notes name 20 to 21 days as the limit, and the official page was not seen.
const MaxAge = 21 * 24 * time.Hour

// The largest files the service takes, in bytes; a person is a line of 12 bytes.
// Distinct NHS numbers stay below MaxSize: there are not enough of them.
//
// Source: NHS England, Check for National Data Opt-outs Service.
const (
	MaxSize   = 20_000_000_000 // through the API
	MaxSizeUI = 100_000_000    // through the MESH user interface
)

// Options say whom to ask and how. Fields are required unless they say otherwise.
type Options struct {
	Recipient string // the mailbox of the service, such as [LiveMailbox]
	Workflow  string // the workflow id of requests and replies, such as [Workflow]

	// Key is a secret of at least 32 random bytes, the same from a request to its
	// reply. The digests of files are made with it: plain ones would give short
	// lists away, as there are few enough NHS numbers to try them all. Destroying it
	// makes the digests that are kept meaningless.
	Key []byte

	// Now is the clock; time.Now outside tests. Days in file names are of the time
	// zone it returns.
	Now func() time.Time

	MaxAge  time.Duration // how long a result may be used; 0 for the longest, [MaxAge]
	MaxSize int64         // of a file, in bytes; 0 for the largest, [MaxSize]

	// ChunkSize is as in [mesh.SendRequest]: 0 sends files of up to 100 MB in one
	// request. Two chunks are held in memory.
	ChunkSize int64

	Every    time.Duration // between looks into the inbox: 5 minutes to 24 hours, 0 for 5 minutes
	Patience time.Duration // how long after the sending there is hope for a reply; 0 for 24 hours
}

// Format prints the recipient only, for every verb: options hold a key.
func (o Options) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "optout.Options("+o.Recipient+")")
}

// LogValue logs the recipient only.
func (o Options) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(o)) }

const (
	minEvery = 5 * time.Minute
	maxEvery = 24 * time.Hour

	defaultPatience = 24 * time.Hour
)

func (o Options) validate() error {
	refuse := func(name, reason string) error { return &nhs.ArgumentError{Name: name, Reason: reason} }
	switch {
	case !isName(o.Recipient, 100):
		return refuse("recipient", "must be a mailbox id, of letters, digits, - and _ only")
	case !isName(o.Workflow, 255):
		return refuse("workflow id", "must be one id, of letters, digits, - and _ only")
	case len(o.Key) < sha256.Size:
		return refuse("key", "must be at least 32 bytes")
	case o.Now == nil:
		return refuse("now", "must not be nil")
	case o.MaxAge < 0 || o.MaxAge > MaxAge:
		return refuse("maximum age", "must be 0 to 21 days")
	case o.MaxSize < 0 || o.MaxSize > MaxSize:
		return refuse("maximum size", "must be 0 to 20 GB")
	case o.ChunkSize < 0 || o.ChunkSize > mesh.MaxSend:
		return refuse("chunk size", "must be 0 to 100 MB")
	case o.Every != 0 && (o.Every < minEvery || o.Every > maxEvery):
		return refuse("every", "must be 5 minutes to 24 hours, or 0 for 5 minutes")
	case o.Patience < 0:
		return refuse("patience", "must not be negative")
	default:
		return nil
	}
}

// Checker asks the service from one mailbox. It is immutable and safe for
// concurrent use, but for one request in two places at a time.
type Checker struct {
	box *mesh.Client
	o   Options          // without the key, which would print
	mac func() hash.Hash // keyed
}

// New returns a checker that asks from box. It sends nothing. A bad argument gives
// an [*nhs.ArgumentError].
func New(box *mesh.Client, o Options) (*Checker, error) {
	if box == nil {
		return nil, &nhs.ArgumentError{Name: "mailbox", Reason: "must not be nil"}
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.MaxAge == 0 {
		o.MaxAge = MaxAge
	}
	if o.MaxSize == 0 {
		o.MaxSize = MaxSize
	}
	if o.Every == 0 {
		o.Every = minEvery
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	key := slices.Clone(o.Key)
	o.Key = nil
	return &Checker{box: box, o: o, mac: func() hash.Hash { return hmac.New(sha256.New, key) }}, nil
}

// now is the time by the wall clock only: that of the process stands still while the
// machine sleeps, and results would age too slowly.
func (c *Checker) now() time.Time { return c.o.Now().Round(0) }

// The purposes of digests, which keep the ones of requests and replies apart.
const (
	digestRequest = "nhs-optout/request/v1\x00"
	digestReply   = "nhs-optout/reply/v1\x00"
)

func (c *Checker) digest(purpose string) hash.Hash {
	mac := c.mac()
	_, _ = io.WriteString(mac, purpose)
	return mac
}

func digestText(mac hash.Hash) string { return "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil)) }

// isName reports whether s is letters, digits, - and _ only. The service accepts
// other subjects and local ids, and never replies.
func isName(s string, limit int) bool {
	odd := strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
	return s != "" && len(s) <= limit && !odd
}
