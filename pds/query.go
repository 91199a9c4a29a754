package pds

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
)

// Query is what is known of the patient looked for. PDS needs at least a family
// name and a date of birth; with Fuzzy, a date of birth and two names, or one
// name, gender and postcode.
//
// In names and postcode, * stands for any characters after the first two,
// without Fuzzy only. A given name of several words keeps its spaces.
//
// Source: PDS FHIR API, operation search-patient.
type Query struct {
	Family   string    // at most 35 characters; case does not matter
	Given    []string  // first name first, each at most 35 characters
	Gender   Gender    // PDS advises to leave it out, unless Fuzzy needs it
	Born     DateRange // On, OnOrAfter, OnOrBefore or Between whole dates
	Died     DateRange // likewise
	Postcode string    // spaces do not matter
	GP       string    // ODS code of the general practice
	Email    string    // no wildcards
	Phone    string    // no wildcards

	Fuzzy   bool // also names that sound alike or are transposed; implies History
	Exact   bool // only matches with a score of 1
	History bool // also former names, addresses, contact details and gender

	// MaxResults is how many patients may match, 0 leaving it to PDS.
	// Application-restricted access allows 1, any other 50.
	MaxResults int
}

// Format prints a mask: a query is about a person.
func (q Query) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[PDS query]") }

// LogValue logs the mask.
func (q Query) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(q)) }

// DateRange is a date, or a range of dates that may be open at one end. The zero
// DateRange is any date, known or not.
type DateRange struct {
	lower, upper bool // which ends are closed, whatever dates they were given
	from, to     nhs.Date
}

// On is the given date.
func On(date nhs.Date) DateRange { return Between(date, date) }

// OnOrAfter is every date from the given one.
func OnOrAfter(date nhs.Date) DateRange { return DateRange{lower: true, from: date} }

// OnOrBefore is every date up to the given one.
func OnOrBefore(date nhs.Date) DateRange { return DateRange{upper: true, to: date} }

// Between is every date from first to last, both included.
func Between(first, last nhs.Date) DateRange {
	return DateRange{lower: true, upper: true, from: first, to: last}
}

func (r DateRange) isZero() bool { return r == DateRange{} }

// wire returns the values of the query parameter, one for each end.
func (r DateRange) wire() []string {
	switch {
	case r.isZero():
		return nil
	case r.from == r.to:
		return []string{"eq" + r.from.String()}
	case !r.upper:
		return []string{"ge" + r.from.String()}
	case !r.lower:
		return []string{"le" + r.to.String()}
	default:
		return []string{"ge" + r.from.String(), "le" + r.to.String()}
	}
}

func (r DateRange) validate(name string) error {
	switch {
	case r.lower && !r.from.Whole(), r.upper && !r.to.Whole():
		return refuse(name, "must be whole dates")
	case r.lower && r.upper && r.from.String() > r.to.String():
		return refuse(name, "must not end before it starts")
	default:
		return nil
	}
}

// validate refuses what PDS would refuse.
func (q Query) validate(maxResults int) error {
	if err := q.validateFields(maxResults); err != nil {
		return err
	}
	born, family, given := !q.Born.isZero(), q.Family != "", len(q.Given) > 0
	if !q.Fuzzy {
		if !born || !family {
			return refuse("Query", "needs Family and Born, or Fuzzy")
		}
		return nil
	}
	place := q.Gender != "" && q.Postcode != ""
	enough := (family && given) || ((family || given) && place)
	if !born || !enough {
		return refuse("Query", "with Fuzzy needs Born, and Family with Given, or either of them with Gender and Postcode")
	}
	return nil
}

func (q Query) validateFields(maxResults int) error {
	if err := q.validateText("Query.Family", q.Family); err != nil {
		return err
	}
	for _, given := range q.Given {
		if strings.TrimSpace(given) == "" {
			return refuse("Query.Given", "must not hold an empty name")
		}
		if err := q.validateText("Query.Given", given); err != nil {
			return err
		}
	}
	if err := q.validateText("Query.Postcode", q.Postcode); err != nil {
		return err
	}
	if err := validateValue("Query.Email", q.Email); err != nil {
		return err
	}
	if err := validateValue("Query.Phone", q.Phone); err != nil {
		return err
	}
	switch q.Gender {
	case "", Male, Female, Other, Unknown:
	default:
		return refuse("Query.Gender", "must be male, female, other or unknown")
	}
	if err := q.Born.validate("Query.Born"); err != nil {
		return err
	}
	if err := q.Died.validate("Query.Died"); err != nil {
		return err
	}
	switch {
	case !isODSCode(q.GP):
		return refuse("Query.GP", "must be an ODS code: digits and capital letters")
	case strings.Contains(q.Email, wildcard):
		return refuse("Query.Email", "must not hold a wildcard")
	case strings.Contains(q.Phone, wildcard):
		return refuse("Query.Phone", "must not hold a wildcard")
	case q.MaxResults < 0 || q.MaxResults > maxResults:
		return refuse("Query.MaxResults", fmt.Sprintf("must be 0 to %d in this access mode", maxResults))
	}
	return nil
}

const (
	wildcard   = "*"
	maxNameLen = 35
)

// validateText checks a field in which wildcards may stand.
func (q Query) validateText(name, text string) error {
	at := strings.Index(text, wildcard)
	switch {
	case utf8.RuneCountInString(text) > maxNameLen:
		return refuse(name, fmt.Sprintf("must have at most %d characters", maxNameLen))
	case at >= 0 && q.Fuzzy:
		return refuse(name, "must not hold a wildcard in a fuzzy search")
	case at >= 0 && utf8.RuneCountInString(text[:at]) < 2:
		return refuse(name, "must not hold a wildcard in its first two characters")
	}
	return validateValue(name, text)
}

// validateValue checks what no field may hold.
func validateValue(name, text string) error {
	switch {
	case text != "" && strings.TrimSpace(text) == "":
		return refuse(name, "must not be blank")
	case strings.ContainsFunc(text, unicode.IsControl):
		return refuse(name, "must not hold control characters")
	default:
		return nil
	}
}

func refuse(name, reason string) error {
	return &nhs.ArgumentError{Name: name, Reason: reason}
}
