package cohort

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// masked is what every printing of a person's key gives.
const masked = "[person]"

// Key identifies one person, usually by NHS number, and hides the identifier: however a Key is printed,
// logged or marshalled, alone or inside another value, the identifier does not appear. Keys of the same
// identifier are equal under ==.
type Key struct {
	// The handle is a pointer, so that even printing through reflection shows no identifier.
	handle unique.Handle[string]
}

// NewKey hides an identifier in a Key.
func NewKey(identifier string) Key { return Key{unique.Make(identifier)} }

// Reveal returns the identifier. It is personal data: keep it out of logs, errors and URLs.
func (k Key) Reveal() string {
	if k == (Key{}) {
		return ""
	}
	return k.handle.Value()
}

// Format writes a fixed mask for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue gives a fixed mask to structured logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText writes a fixed mask, so that a Key inside a document stays hidden.
func (k Key) MarshalText() ([]byte, error) { return []byte(masked), nil }
