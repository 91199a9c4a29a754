package notify

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs"
)

// CallbackSecret is what the service signs its callbacks with: the id of the
// application on the API platform, and the API key agreed with the service.
type CallbackSecret struct {
	ApplicationID string
	APIKey        string

	// Header is the name of the header that brings the API key, where another has
	// been agreed; empty means x-api-key.
	Header string
}

// Format prints the application id only.
func (s CallbackSecret) Format(w fmt.State, _ rune) {
	_, _ = io.WriteString(w, "CallbackSecret("+s.ApplicationID+")")
}

// LogValue logs the application id only.
func (s CallbackSecret) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// MarshalJSON writes the application id only.
func (s CallbackSecret) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(s)) }

func (s CallbackSecret) header() string { return cmp.Or(s.Header, "X-Api-Key") }

// The names of headers.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// Secrets are the secrets accepted at one time. The zero Secrets accept nothing.
type Secrets struct{ list []CallbackSecret }

// NewSecrets returns Secrets that accept current and, while keys are being
// changed, also previous ones. An empty id or key and an impossible header are
// refused by an [*nhs.ArgumentError].
func NewSecrets(current CallbackSecret, previous ...CallbackSecret) (Secrets, error) {
	list := append([]CallbackSecret{current}, previous...)
	for _, s := range list {
		switch {
		case s.ApplicationID == "":
			return Secrets{}, &nhs.ArgumentError{Name: "application id", Reason: "must not be empty"}
		case s.APIKey == "":
			return Secrets{}, &nhs.ArgumentError{Name: "API key", Reason: "must not be empty"}
		case !headerName.MatchString(s.header()):
			return Secrets{}, &nhs.ArgumentError{Name: "header", Reason: "must be the name of an HTTP header"}
		}
	}
	return Secrets{list: list}, nil
}

// Format prints how many secrets there are.
func (s Secrets) Format(w fmt.State, _ rune) {
	_, _ = fmt.Fprintf(w, "notify.Secrets(%d)", len(s.list))
}

// LogValue logs how many secrets there are.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// withKey returns the secrets whose API key a request brings. Digests are
// compared, so that neither length nor content shows in the time taken.
func (s Secrets) withKey(h http.Header) []CallbackSecret {
	var found []CallbackSecret
	for _, secret := range s.list {
		given := sha256.Sum256([]byte(h.Get(secret.header())))
		own := sha256.Sum256([]byte(secret.APIKey))
		if hmac.Equal(given[:], own[:]) {
			found = append(found, secret)
		}
	}
	return found
}

// signs reports whether signature, in hexadecimal, is the secret's own for body.
func (s CallbackSecret) signs(body []byte, signature string) bool {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(s.ApplicationID+"."+s.APIKey))
	_, _ = mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// Sink stores a callback. It returns when the callback is safe, and an error when
// it could not be kept: the service then sends it again, for two hours. A sink
// that has more than it can take returns a [*BusyError]. It is called by many
// goroutines, and may get a callback more than once and in any order; [StatusBook]
// makes sense of them.
type Sink func(ctx context.Context, callback Callback) error

// BusyError is a [Sink]'s wish that the service slow down.
type BusyError struct {
	// RetryAfter is how long the service is to wait before it sends this callback
	// again. Rounded up to whole seconds; with zero or less the service decides. It
	// gives up after two hours, so a long wait loses the callback.
	RetryAfter time.Duration
}

// Error implements the error interface.
func (e *BusyError) Error() string { return fmt.Sprintf("busy: retry after %v", e.RetryAfter) }

// maxCallback bounds the body of a callback; real ones are about a kilobyte.
const maxCallback = 1 << 20

// Callbacks returns the handler of the service's callbacks. It answers
//
//	202  the sink has it
//	401  the API key is missing or wrong
//	403  the signature is missing or wrong
//	405  not a POST, so not the service
//	429  the sink is busy: send it again, later
//	503  the sink failed, or the body could not be read or is above a megabyte:
//	     send it again
//
// The signature is checked over the bytes received. An authentic body that holds
// nothing known goes to the sink as it is: the service adds types and fields
// without notice, and takes a 4xx as "do not send again". Callbacks panics when
// sink is nil.
func Callbacks(secrets Secrets, sink Sink) http.Handler {
	if sink == nil {
		panic("notify: nil sink")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		candidates := secrets.withKey(r.Header)
		if len(candidates) == 0 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		signature := r.Header.Get("X-Hmac-Sha256-Signature")
		authentic := false
		for _, secret := range candidates {
			authentic = secret.signs(body, signature) || authentic
		}
		if !authentic {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.WriteHeader(outcome(w.Header(), sink(r.Context(), ParseCallback(body))))
	})
}

// outcome returns the status that says what the sink did.
func outcome(h http.Header, err error) int {
	if err == nil {
		return http.StatusAccepted
	}
	busy, ok := errors.AsType[*BusyError](err)
	if !ok {
		return http.StatusServiceUnavailable
	}
	// The service takes a negative wait as "never again", so none is passed on.
	if seconds := math.Ceil(busy.RetryAfter.Seconds()); seconds > 0 {
		h.Set("Retry-After", strconv.FormatFloat(seconds, 'f', 0, 64))
	}
	return http.StatusTooManyRequests
}
