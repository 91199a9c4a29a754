package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
)

// ContactDetails take the place of those that the service would look up. Parts
// left empty are looked up all the same. Only accounts approved for it may set
// them; for others the service refuses the message, see [CodeCannotSetContact].
//
// ContactDetails print as a mask, in fmt as in slog and JSON.
type ContactDetails struct {
	Email   string  // 6 to 90 characters
	SMS     string  // a UK number, or an international one with its country code
	Address Address // for letters
	Name    Name    // for letters
}

// Address is where a letter goes. Both parts are needed, or neither.
type Address struct {
	Lines    []string // 2 to 5
	Postcode string   // of the UK
}

// Name is how a letter names its recipient. Last is needed when any part is given.
type Name struct {
	Prefix, First, Middle, Last, Suffix string
}

// Format prints a mask for every verb and flag.
func (ContactDetails) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[contact details]") }

// LogValue logs a mask.
func (c ContactDetails) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// MarshalJSON writes a mask.
func (c ContactDetails) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(c)) }

func (a Address) isZero() bool { return len(a.Lines) == 0 && a.Postcode == "" }

var (
	// emailPattern is the service's own, which looks for an address anywhere.
	emailPattern = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z|]{2,}`)

	// phonePattern accepts every way of writing a number. Whether it can receive
	// text messages is for the service to say.
	phonePattern = regexp.MustCompile(`^\+?[0-9 ().-]+$`)

	postcodePattern = regexp.MustCompile(`^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}$`)
)

// check looks for what the service would refuse. The gateway lets contact details
// pass; what stands behind it reads them.
func (c ContactDetails) check() error {
	bad := func(name, reason string) error { return &nhs.ArgumentError{Name: "contact." + name, Reason: reason} }
	switch {
	case c.Email == "" && c.SMS == "" && c.Address.isZero() && c.Name == Name{}:
		return &nhs.ArgumentError{Name: "contact", Reason: "must not be empty; nil has the service look the details up"}
	case c.Email != "" && !isEmail(c.Email):
		return bad("email", "must be an email address of 6 to 90 characters")
	case c.SMS != "" && !isPhone(c.SMS):
		return bad("sms", "must be a UK phone number, or an international one with its country code")
	case c.Name != Name{} && isBlank(c.Name.Last):
		return bad("name.last", "must not be blank when there is a name")
	case c.Address.isZero():
		return nil
	case len(c.Address.Lines) < 2 || len(c.Address.Lines) > 5:
		return bad("address.lines", "must be 2 to 5")
	case !postcodePattern.MatchString(c.Address.Postcode):
		return bad("address.postcode", "must be a UK postcode")
	}
	return nil
}

func isEmail(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 6 && n <= 90 && emailPattern.MatchString(s)
}

// isPhone accepts 7 to 15 digits, the most that an international number has,
// after the 00 that may stand for the plus sign.
func isPhone(s string) bool {
	if !phonePattern.MatchString(s) {
		return false
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	digits = strings.TrimPrefix(digits, "00")
	return len(digits) >= 7 && len(digits) <= 15
}

// wire is c as the service reads it.
func (c ContactDetails) wire() gen.ContactDetails {
	w := gen.ContactDetails{Email: optional(c.Email), Sms: optional(c.SMS)}
	if !c.Address.isZero() {
		w.Address = &gen.Address{Lines: c.Address.Lines, Postcode: c.Address.Postcode}
	}
	if n := c.Name; n != (Name{}) {
		w.Name = &gen.Name{
			Prefix: optional(n.Prefix), FirstName: optional(n.First), MiddleNames: optional(n.Middle),
			LastName: n.Last, Suffix: optional(n.Suffix),
		}
	}
	return w
}
