package mesh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/uuid"
)

// Mailbox is a MESH mailbox with the secrets that open it.
type Mailbox struct {
	ID        string // such as "X26ABC1"; upper case is implied
	Password  string // of this mailbox
	SharedKey string // of the environment, the same for all its mailboxes
}

// Format prints the mailbox id only.
func (m Mailbox) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "Mailbox("+m.ID+")") }

// LogValue logs the mailbox id only.
func (m Mailbox) LogValue() slog.Value { return slog.StringValue(m.ID) }

// MarshalJSON returns the mailbox id only: secrets are not stored by accident.
func (m Mailbox) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(m)) }

func (m Mailbox) validate() error {
	switch {
	case !isIdentifier(m.ID):
		return &nhs.ArgumentError{Name: "mailbox id", Reason: "must be letters, digits, _ and - only"}
	case m.Password == "":
		return &nhs.ArgumentError{Name: "mailbox password", Reason: "must not be empty"}
	case m.SharedKey == "":
		return &nhs.ArgumentError{Name: "shared key", Reason: "must not be empty"}
	case strings.ContainsFunc(m.Password, unicode.IsControl):
		return &nhs.ArgumentError{Name: "mailbox password", Reason: "must not hold a line break or other control character"}
	case strings.ContainsFunc(m.SharedKey, unicode.IsControl):
		return &nhs.ArgumentError{Name: "shared key", Reason: "must not hold a line break or other control character"}
	default:
		return nil
	}
}

// authorizer returns a function that gives each request a token of its own: the
// service accepts a token once, and only within two hours of its timestamp.
func (m Mailbox) authorizer(now func() time.Time, random io.Reader) func(*http.Request) error {
	return func(req *http.Request) error {
		nonce, err := uuid.New(random)
		if err != nil {
			return fmt.Errorf("nonce: %w", err)
		}
		req.Header.Set("Authorization", m.token(nonce, 0, now()))
		if req.Method == http.MethodGet || req.Method == http.MethodHead {
			req.Body, req.GetBody = onceOnly{}, nil
		}
		return nil
	}
}

// onceOnly is an empty body that cannot be had again. Without it net/http repeats
// a GET by itself when a connection kept open breaks, with the token that it may
// have used up. Repeats are for the retry policy, which gives each a new token.
type onceOnly struct{}

func (onceOnly) Read([]byte) (int, error) { return 0, io.EOF }
func (onceOnly) Close() error             { return nil }

// token returns the Authorization value for one request. The password is part of
// what is hashed, before the timestamp, and not of the value.
func (m Mailbox) token(nonce string, count int, at time.Time) string {
	timestamp := at.UTC().Format("200601021504")
	use := strconv.Itoa(count)
	mac := hmac.New(sha256.New, []byte(m.SharedKey))
	_, _ = io.WriteString(mac, strings.Join([]string{m.ID, nonce, use, m.Password, timestamp}, ":"))
	hash := hex.EncodeToString(mac.Sum(nil))
	return "NHSMESH " + strings.Join([]string{m.ID, nonce, use, timestamp, hash}, ":")
}

// isIdentifier reports whether s may be part of a path: a mailbox or message id.
func isIdentifier(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxIdentifier
}

const maxIdentifier = 100
