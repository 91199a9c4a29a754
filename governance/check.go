package governance

import (
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs/internal/redact"
)

const maxText = 4096 // bytes of one text field: enough for a purpose, small enough to read

// FieldError says which field of a value is wrong and why. It never repeats the value.
type FieldError struct {
	// Field is the path of the field in the value's JSON form, such as "purpose.basis.expires".
	Field string
	// Reason completes the sentence that starts with the field's name.
	Reason string
}

// Error returns the field and the reason.
func (e *FieldError) Error() string { return "governance: " + e.Field + " " + e.Reason }

// checker collects everything wrong with a value, so that its author sees it all at once.
type checker struct{ errs []error }

func (c *checker) fail(field, format string, args ...any) {
	c.errs = append(c.errs, &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)})
}

func (c *checker) require(ok bool, field, format string, args ...any) {
	if !ok {
		c.fail(field, format, args...)
	}
}

func (c *checker) err() error { return errors.Join(c.errs...) }

// text requires one line of text that looks to a reader exactly as it is: no control, zero-width or
// direction-changing characters. It refuses NHS numbers because everything checked here may be logged.
func (c *checker) text(field, s string) {
	switch {
	case s == "":
		c.fail(field, "is required")
	case len(s) > maxText:
		c.fail(field, "must be at most %d bytes", maxText)
	case !utf8.ValidString(s):
		c.fail(field, "must be valid UTF-8")
	case s[0] == ' ' || s[len(s)-1] == ' ':
		c.fail(field, "must not start or end with a space")
	case !printable(s):
		c.fail(field, "must be one line of printable characters")
	case redact.HasNumber(s):
		c.fail(field, "must not hold an NHS number")
	}
}

// word is a text without spaces, for names that share a line with others.
func (c *checker) word(field, s string) {
	c.text(field, s)
	for _, r := range s {
		if r == ' ' || r == '+' {
			c.fail(field, "must not hold a space or a plus sign")
			return
		}
	}
}

// texts requires at least one text and no repeats.
func (c *checker) texts(field string, list []string) {
	c.require(len(list) > 0, field, "must not be empty")
	for i, s := range list {
		c.text(fmt.Sprintf("%s[%d]", field, i), s)
	}
	unique(c, field, list)
}

func (c *checker) digest(field string, d Digest) { c.require(!d.IsZero(), field, "is required") }

func (c *checker) positive(field string, n int) {
	c.require(n > 0 && n <= maxCount, field, "must be between 1 and %d", maxCount)
}

func (c *checker) count(field string, n int) {
	c.require(n >= 0 && n <= maxCount, field, "must be between 0 and %d", maxCount)
}

// time requires an instant that RFC 3339 can write.
func (c *checker) time(field string, t time.Time) {
	switch {
	case t.IsZero():
		c.fail(field, "is required")
	case t.UTC().Year() < 2000 || t.UTC().Year() > 9998:
		c.fail(field, "must be a year from 2000 to 9998")
	}
}

// maxCount bounds every count: above any population, and small enough that products of a count, a
// price and a number of channels fit in 64 bits.
const maxCount = 1_000_000_000

// unique refuses repeats in a list that is a set.
func unique[T comparable](c *checker, field string, list []T) {
	seen := make(map[T]bool, len(list))
	for _, v := range list {
		if seen[v] {
			c.fail(field, "must not repeat an entry")
			return
		}
		seen[v] = true
	}
}

func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
