package synthetic

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/personalised-prevention/nhs/cohort"
)

// Person is what PDS shows about one person on [Config.On], and how the person can be reached. Days are ISO
// texts, empty when PDS has none, and a day of birth may be partial, such as 1932 or 1932-05. A Person
// prints as a mask, as real ones should.
type Person struct {
	// Number is the NHS number, and the key of the person's record.
	Number cohort.Key
	// SupersededBy is the number of the same human being elsewhere in the population, when Number turned
	// out to be a second one; otherwise zero. All else is equal for both.
	SupersededBy cohort.Key

	GivenName, FamilyName string
	Gender                string // 0 not known, 1 male, 2 female, 9 not specified
	DateOfBirth           string

	DateOfDeath string // may be empty for a death notified informally
	DeathStatus string // 1 informal, 2 formal; empty for the living

	Postcode string // empty without a fixed address
	LSOA     string // Z99999999 without a fixed address
	Practice string // ODS code; empty after a removal

	ReasonForRemoval string // NHAIS code such as DEA or EMB; empty while on a practice's list
	DateOfRemoval    string

	// Restricted says that PDS must show nobody where the person lives or is registered.
	Restricted bool

	ReadsApp  bool // has the NHS App and reads messages in it
	HasMobile bool // has a mobile number that receives text messages
	HasEmail  bool // has an email address
}

const masked = "[person]"

// Format writes a fixed mask for every verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue gives a fixed mask to structured logs.
func (p Person) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText writes a fixed mask, so that a Person inside a document stays hidden.
func (p Person) MarshalText() ([]byte, error) { return []byte(masked), nil }
